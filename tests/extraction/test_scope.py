"""Generated demands against generated stores: never a row outside, never one missing."""

import itertools
import json
import random
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import event as note
from hypothesis import strategies as st

from lea_service.demands.demand import Item, Period, Target, TargetKind
from lea_service.extraction.document import dump_plan, load_plan
from lea_service.extraction.halts import HaltCode, MustHalt, ScopeViolation
from lea_service.extraction.matched import MATCHED
from lea_service.extraction.outcome import Outcome
from lea_service.extraction.run import SpoolFolder, extract
from lea_service.extraction.scope_proof import ScopeProof
from lea_service.records.flags import FLAG_COLUMNS
from lea_service.records.kinds import CALL, CATEGORIES, KINDS, USAGE
from lea_service.records.reader import RecordReader
from lea_service.records.rows import dump_row
from tests.extraction import worlds
from tests.support.databases import record_store
from tests.support.depth import examples
from tests.support.rows import as_blocks, read_rows

KEY = bytes(range(32))
DAY = Period(worlds.T0, worlds.T0 + timedelta(days=1), "UTC")
ATTEMPTS = itertools.count()
MANY = settings(
    max_examples=examples(100, full=1000),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """A record store on SQLite that the examples share, and a folder for their spools."""
    folder = tmp_path_factory.mktemp("worlds")
    with record_store(folder) as database:
        yield database, folder


def run(store, plan, folder_type=SpoolFolder, fault=lambda rows: rows):
    database, top = store
    folder = folder_type(top, KEY, "c_1", "e_1", f"a{next(ATTEMPTS)}")
    with RecordReader(database).snapshot() as snapshot:
        seen = FaultySnapshot(snapshot, fault)
        found = extract(seen, plan, folder, lambda done, total: None)
    lines = {}
    for spool in found.spools:
        with folder.reader(spool.kind) as reader:
            if text := reader.read().decode():
                lines[spool.kind] = text.removesuffix("\n").split("\n")
        (Path(top) / spool.path).unlink()
    return found, lines


def check_against_oracle(store, seed):
    rng = random.Random(seed)
    rows, asked, cutoffs = worlds.draw_store(rng), worlds.draw_demand(rng), worlds.draw_cutoffs(rng)
    ground = rng.choice((None, "kept_for_billing"))
    worlds.fill(store[0], rows)
    plan = load_plan(dump_plan(worlds.make_plan(asked, cutoffs, ground)))
    late = [one for one in worlds.taken(rows, asked) if worlds.is_past_term(*one, cutoffs)]
    if late and ground is None:
        with pytest.raises(MustHalt) as halted:
            run(store, plan)
        assert halted.value.halt is HaltCode.PAST_TERM_HELD
        return {}
    found, lines = run(store, plan)
    wanted, counts = worlds.expected(rows, asked)
    assert lines == wanted
    assert {item.n: item.rows for item in found.items} == counts
    assert found.past_term == len(late)
    delivered = sum(one.rows_delivered for one in found.coverage)
    assert delivered == found.rows == sum(map(len, wanted.values()))
    assert all((one.rows > 0) == (one.outcome is Outcome.DELIVERED) for one in found.items)
    return wanted


@MANY
@given(st.integers(0, 2**64))
def test_result_is_exactly_what_an_oracle_filters(store, seed):
    note("rows" if check_against_oracle(store, seed) else "no rows")


def test_worlds_hold_every_kind_of_target():
    """Each kind is asked for, found and missed somewhere, so that the oracle says something."""
    searched = {kind for kind, places in MATCHED.items() if places}
    assert set(worlds.TARGETS) == searched
    seen = Counter()
    for seed in range(400):
        rng = random.Random(seed)
        rows, asked = worlds.draw_store(rng), worlds.draw_demand(rng)
        _, counts = worlds.expected(rows, asked)
        seen.update((item.target.kind, counts[item.n] > 0) for item in asked)
    assert all(seen[kind, found] > 2 for kind in searched for found in (True, False)), seen


def test_largest_demand_is_selected_at_once(databases, tmp_path):
    """As many items as a demand can have, of the kind that compares with most values."""
    addresses = [f"2001:db8:{n:x}::1" for n in range(200)]
    row = dict.fromkeys(USAGE.names) | {"source": "radius", "started_at": worlds.T0, "flags": ""}
    held = [row | {"row_id": "1", "delegated6": "2001:db8:c7::/48"}]
    worlds.fill(databases.records, [("usage", one) for one in held])
    targets = [Target(TargetKind.IP_ADDRESS, one) for one in addresses]
    items = [Item(n, one, DAY, ("usage_sessions",)) for n, one in enumerate(targets, 1)]
    found, _ = run((databases.records, tmp_path), worlds.make_plan(items))
    assert [item.rows for item in found.items] == [0] * 199 + [1]


def test_both_engines_agree_with_the_oracle(databases, tmp_path):
    results = [check_against_oracle((databases.records, tmp_path), seed) for seed in range(25)]
    assert sum(map(bool, results)) > 5


class FaultySnapshot:
    """Changes what the first pass reads of the store; the second reading has its own way."""

    def __init__(self, snapshot, fault):
        self._snapshot = snapshot
        self._fault = fault

    def iter_blocks(self, selections, columns):
        rows = list(read_rows(self._snapshot, selections, columns))
        return iter(as_blocks(self._fault(rows), columns))

    def __getattr__(self, name):
        return getattr(self._snapshot, name)


class FaultyFolder(SpoolFolder):
    """Changes lines on their way into the spool."""

    fault = None

    def writer(self, kind):
        sink = super().writer(kind)
        write = sink.write
        sink.write = lambda data: write(b"".join(self.fault(data.splitlines(keepends=True))))
        return sink


def damage(how, rows, rng):
    """Return rows of which one is missing, there twice, elsewhere or different."""
    if not rows:
        return rows
    at = rng.randrange(len(rows))
    if how == "drop":
        return rows[:at] + rows[at + 1 :]
    if how == "double":
        return rows[: at + 1] + rows[at:]
    if how == "swap":
        return rows[:at] + rows[at:][::-1]
    return [*rows[:at], alter(how, rows[at]), *rows[at + 1 :]]


def alter(how, row):
    if isinstance(row, bytes):
        old, new = ALTERED_BYTES[how]
        return row.replace(old, new, 1)
    if how == "flag":
        return row | {"flags": f"{row['flags']} skipped-time".strip()}
    begin = "valid_from" if "valid_from" in row else "started_at"
    return row | {begin: row[begin].replace(":00:00.", ":00:01.")}


ALTERED_BYTES = {
    "flag": (b'"flags":""', b'"flags":"x"'),
    "second": (b":00:00.", b":00:01."),
    "space": (b",", b", "),
}
FAULTS = [
    *(("rows", how) for how in ("drop", "double", "swap", "flag", "second")),
    *(("lines", how) for how in ("drop", "double", "swap", "flag", "second", "space")),
]


@MANY
@given(st.sampled_from(FAULTS), st.integers(0, 2**64))
def test_one_damaged_row_is_always_caught(store, where, seed):
    (place, how), rng = where, random.Random(seed)
    rows, asked, changed = worlds.draw_store(rng), worlds.draw_demand(rng), []
    worlds.fill(store[0], rows)

    def fault(given_rows):
        damaged = damage(how, given_rows, rng)
        changed.append(damaged != given_rows)
        return damaged

    folder = type("Folder", (FaultyFolder,), {"fault": staticmethod(fault)})
    faults = {"fault": fault} if place == "rows" else {"folder_type": folder}
    try:
        run(store, worlds.make_plan(asked), **faults)
    except ScopeViolation:
        assert any(changed)
        note(f"caught {place}")
    else:
        assert not any(changed)


def check_line(line):
    """Let the second pass judge one line of a plan for one number."""
    target = Target(TargetKind.PHONE_NUMBER, worlds.NUMBERS[0])
    plan = worlds.make_plan([Item(1, target, DAY, ("location",))])
    return ScopeProof(plan, "call").check_spooled([line])


def plan_for_extension():
    """Return a plan for 200 of one exchange, and for a number of any."""
    extension = Target(TargetKind.PHONE_ID, "200", source="PBX-a")
    targets = [extension, Target(TargetKind.PHONE_NUMBER, worlds.NUMBERS[0])]
    return worlds.make_plan(
        [Item(n, one, DAY, ("traffic_call_records",)) for n, one in enumerate(targets, 1)]
    )


def test_row_of_another_exchange_is_caught():
    own, foreign = (
        whole_line(source=name, caller=None, caller_raw="200") for name in ("PBX-a", "pbx-b")
    )
    proof = ScopeProof(plan_for_extension(), "call")
    assert proof.check_spooled([own, whole_line(source="pbx-b")]).rows == 2
    with pytest.raises(ScopeViolation, match="outside the plan"):
        proof.check_spooled([own, foreign])


def test_second_reading_leaves_another_exchange_out(store):
    row = dict.fromkeys(CALL.names) | {"started_at": worlds.T0, "flags": "", "row_id": "1"}
    held = [row | {"source": name, "caller_raw": "200"} for name in ("PBX-a", "pbx-b")]
    worlds.fill(store[0], [("call", one) for one in held])
    found, lines = run(store, plan_for_extension())
    assert [json.loads(line)["source"] for line in lines["call"]] == ["PBX-a"]
    assert {one.source: one.rows_read for one in found.coverage} == {"PBX-a": 1, "pbx-b": 0}
    foreign = json.loads(lines["call"][0]) | {"source": "pbx-b"}
    with pytest.raises(ScopeViolation):
        run(store, plan_for_extension(), fault=lambda rows: rows or [foreign])


def test_each_subscriber_shows_the_number_that_was_asked_for(store):
    row = dict.fromkeys(KINDS["subscriber"].names) | {"source": "crm", "valid_from": worlds.T0}
    row |= {"flags": "", "number_raw": "x", "sip_uri": "sip:a@b", "email": "a@b.example"}
    held = [
        row | {"row_id": f"{n}", "name": f"P{n}", "number": number}
        for n, number in enumerate(worlds.NUMBERS)
    ]
    worlds.fill(store[0], [("subscriber", one) for one in held])
    targets = [Target(TargetKind.PHONE_NUMBER, one) for one in worlds.NUMBERS[:2]]
    asked = [Item(n, one, DAY, ("subscriber_identity",)) for n, one in enumerate(targets, 1)]
    _, lines = run(store, worlds.make_plan(asked))
    shown = [json.loads(one) for one in lines["subscriber"]]
    assert [(one["name"], one["number"]) for one in shown] == [
        (f"P{n}", number) for n, number in enumerate(worlds.NUMBERS[:2])
    ]
    assert {one[name] for one in shown for name in ("number_raw", "sip_uri", "email")} == {None}


def only_line(store, kind, row, **asked):
    """Return what is handed over of one row for one number or customer."""
    begin = "valid_from" if kind == "subscriber" else "started_at"
    whole = dict.fromkeys(KINDS[kind].names) | {"row_id": "1", begin: worlds.T0} | row
    worlds.fill(store[0], [(kind, whole)])
    ((target, value),) = asked["target"].items()
    items = [Item(1, Target(target, value), DAY, asked["categories"])]
    _, lines = run(store, worlds.make_plan(items))
    return json.loads(lines[kind][0])


@pytest.mark.parametrize(
    ("category", "flags"),
    [
        ("location", "ambiguous-time not-e164"),
        ("traffic_call_records", "ambiguous-time not-e164 talk-longer-than-call zero-duration"),
    ],
)
def test_flag_stays_only_beside_what_it_tells_of(store, category, flags):
    odd = "ambiguous-time not-e164 talk-longer-than-call unheard-of zero-duration"
    row = {
        "source": "pbx-b",
        "caller": worlds.NUMBERS[0],
        "duration_s": 0,
        "talk_s": 5,
        "cell": "A1",
    }
    target = {TargetKind.PHONE_NUMBER: worlds.NUMBERS[0]}
    row |= {"flags": odd}
    assert only_line(store, "call", row, target=target, categories=(category,))["flags"] == flags


def test_name_alone_tells_nothing_of_email(store):
    row = {"source": "crm", "customer_number": "K1", "email": "x", "flags": "not-e164 odd-email"}
    options = {"target": {TargetKind.CUSTOMER_NUMBER: "K1"}}
    name, both = ("subscriber_identity",), ("subscriber_identity", "number_and_service")
    assert only_line(store, "subscriber", row, **options, categories=name)["flags"] == ""
    shown = only_line(store, "subscriber", row, **options, categories=both)
    assert shown["flags"] == "not-e164 odd-email"


def test_spooled_flag_on_withheld_column_is_caught():
    assert check_line(placed_line(flags="not-e164 skipped-time")).rows == 1
    for flags in ("zero-duration", "not-e164 zero-duration", "unheard-of", " not-e164"):
        with pytest.raises(ScopeViolation, match="a flag on a column outside"):
            check_line(placed_line(flags=flags))


def test_every_flag_of_an_import_is_known_with_columns_of_its_kind():
    known = {
        kind: {**dict.fromkeys(worlds.TIME_WORDS), **told} for kind, told in worlds.TELLS.items()
    }
    assert {kind: set(told) for kind, told in FLAG_COLUMNS.items()} == {
        kind: set(told) for kind, told in known.items()
    }
    for kind, told in FLAG_COLUMNS.items():
        assert set().union(*told.values()) <= set(KINDS[kind].names)


def without_parties():
    """Return a plan for calls of a number of whose parties nobody may see any but that one."""
    target = Target(TargetKind.PHONE_NUMBER, worlds.NUMBERS[0])
    plan = worlds.make_plan([Item(1, target, DAY, ("location",))])
    (item,) = plan.items
    ask = replace(item.asks[0], columns=("source", "row_id", "started_at", "cell", "flags"))
    return replace(plan, items=(replace(item, asks=(ask,)),))


def test_party_that_was_asked_for_never_shows_the_other(store):
    row = dict.fromkeys(CALL.names) | {"source": "pbx-b", "started_at": worlds.T0, "flags": ""}
    pairs = [*itertools.permutations(worlds.NUMBERS[:2]), (worlds.NUMBERS[0],) * 2]
    held = [
        row | {"row_id": f"{n}", "caller": one, "callee": other, "cell": "A1"}
        for n, (one, other) in enumerate(pairs)
    ]
    worlds.fill(store[0], [("call", one) for one in held])
    _, lines = run(store, without_parties())
    shown = [json.loads(line) for line in lines["call"]]
    asked = worlds.NUMBERS[0]
    assert [(one["caller"], one["callee"]) for one in shown] == [
        (asked, None),
        (None, asked),
        (asked, asked),
    ]


@pytest.mark.parametrize(
    ("caller", "callee", "said"),
    [
        (None, None, "lies outside the plan"),
        (worlds.NUMBERS[1], None, "lies outside the plan"),
        (*worlds.NUMBERS[:2], "shows a column outside"),
    ],
)
def test_row_shows_what_it_was_found_by_and_no_more(caller, callee, said):
    proof = ScopeProof(without_parties(), "call")
    assert proof.check_spooled([placed_line()]).items == {1: 1}
    with pytest.raises(ScopeViolation, match=said):
        proof.check_spooled([placed_line(caller=caller, callee=callee)])


def whole_line(**changes):
    row = dict.fromkeys(CALL.names) | {"source": "pbx-b", "row_id": "é1", "flags": ""}
    row |= {"started_at": "2026-11-01T00:00:00.000000Z", "caller": worlds.NUMBERS[0]} | changes
    return json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def placed_line(**changes):
    """Return a call with a cell, without which ``location`` gives none."""
    return whole_line(**{"cell": "A1", **changes})


def test_canonical_row_of_the_plan_is_let_through():
    assert check_line(placed_line()).rows == 1
    assert check_line(placed_line(caller=None, callee=worlds.NUMBERS[0])).rows == 1


@pytest.mark.parametrize(
    "line",
    [
        *(b"{}\n", b"[]\n", b"{}", b"\xff\n", b"{},{}\n", b'{"source":"\\ud800"}\n', b"1\n", b"\n"),
        placed_line()[:-1],
        placed_line().replace(b":null", b": null", 1),
        placed_line().replace("é".encode(), b"\\u00e9"),
        placed_line().replace(b'"flags"', b'"flags":"","flags"'),
        placed_line() + placed_line(),
        placed_line(extra=None),
        placed_line(flags=None),
        placed_line(row_id=1),
        placed_line(duration_s="60"),
        placed_line(duration_s=60),  # not one of the category's columns
        placed_line(source="pbx-c"),
        placed_line(caller=worlds.NUMBERS[1], callee=worlds.NUMBERS[1], forwarded_to="+3197"),
        placed_line(started_at="2026-10-31T23:59:59.999999Z"),
        placed_line(started_at="2026-11-02T00:00:00.000000Z"),
        placed_line(started_at="2026-11-01T09:00:00.000000+09:00"),
        placed_line(started_at="2026-11-01T24:00:00.000000Z"),
        placed_line(started_at="2026-11-01T00:00:00Z"),
        placed_line(ended_at="whenever"),
        placed_line(ended_at="2026-11-31T00:00:00.000000Z"),
        placed_line(ended_at=""),
        placed_line(cell=None),  # who called whom is of another category
    ],
)
def test_line_that_is_no_row_of_the_plan_is_caught(line):
    with pytest.raises(ScopeViolation):
        check_line(line)


@pytest.mark.parametrize(
    ("kind", "moments", "is_past"),
    [
        ("call", {"started_at": "03", "ended_at": "05"}, True),
        ("call", {"started_at": "04", "ended_at": None}, False),
        ("usage", {"started_at": "03", "ended_at": "05"}, False),
        ("usage", {"started_at": "02", "ended_at": "03"}, True),
        ("usage", {"started_at": "03", "ended_at": None}, True),
        ("subscriber", {"valid_from": "02", "valid_to": "03"}, True),
        ("subscriber", {"valid_from": "02", "valid_to": None}, False),
    ],
)
def test_spooled_row_past_its_term_is_caught(kind, moments, is_past):
    """The term ended for what is from before four o'clock."""
    categories = [one for one, fields in CATEGORIES.items() if fields.kind == kind]
    item = Item(1, Target(TargetKind.CUSTOMER_NUMBER, "K1"), DAY, tuple(categories))
    ids = [id for id, _, of_kind in worlds.SOURCES if of_kind == kind]
    plan = worlds.make_plan([item], dict.fromkeys(ids, DAY.start + timedelta(hours=4)))
    told = {name: hour and f"2026-11-01T{hour}:00:00.000000Z" for name, hour in moments.items()}
    found_by = {"customer_number" if kind == "subscriber" else "account": "K1"}
    row = {"source": plan.sources_of(kind)[0].name, "row_id": "1", "flags": ""} | told | found_by
    lines = dump_row(KINDS[kind], row)
    judge = ScopeProof(plan, kind).check_spooled
    if is_past:
        with pytest.raises(ScopeViolation, match="past its term"):
            judge([lines])
    else:
        assert judge([lines]).rows == 1
