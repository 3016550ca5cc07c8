"""What a package says of itself must be what its rows and the signed plan say."""

import io
import json
import zipfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from lea_service.demands.demand import Target, TargetKind
from lea_service.demands.narrowing import Cut, CutGround
from lea_service.extraction.document import read_plan
from lea_service.extraction.outcome import ItemOutcome, Outcome
from lea_service.extraction.plan import Narrowed
from lea_service.extraction.soundness import said_of
from lea_service.kernel.canonical import dump_canonical, load_strict
from lea_service.kernel.errors import InvalidInput, VerificationFailed
from lea_service.kernel.phrases import LANGUAGES
from lea_service.packaging import sealing
from lea_service.packaging.cms import CmsWriter
from lea_service.packaging.container import ContainerWriter
from lea_service.packaging.contents import PastTerm
from lea_service.packaging.report import GOOD, UNKNOWN
from lea_service.packaging.signature import PackageSigner
from lea_service.packaging.verify import load_trust
from lea_service.packaging.verify_beside import NOT_NAMED
from lea_service.packaging.verify_scope import Scope
from lea_service.records.clocks import NOT_MEASURED, SERVER_ASKED, Deviation, SourceClock
from lea_service.records.gaps import UnreadGap
from lea_service.records.kinds import CALL
from lea_service.records.rows import dump_row
from tests.packaging.judge import beside, check, found, reseal
from tests.support import package
from tests.support.certificates import certificate, write_pair
from tests.support.package import (
    DEMAND,
    NOW,
    PACKAGE,
    RULE,
    RUN,
    cover,
    enter,
    make_case,
    make_items,
    make_plan,
    spool_rows,
)
from tests.support.rows import PHONE, call_rows

PHONE_RAW = PHONE.replace("+31", "0")
"""As the exchange writes who calls in every row."""


@pytest.fixture(scope="module")
def case(tmp_path_factory):
    return make_case(tmp_path_factory.mktemp("case"))


def item(case, **changes):
    one, *rest = case.contents.items
    return (replace(one, **changes), *rest)


def covered(case, **changes):
    return (replace(case.contents.coverage[0], **changes),)


LIES = {
    "fewer rows of an item": (
        lambda case: {"items": item(case, rows=49)},
        "manifest.json: item 1 counts other rows than there are of it",
    ),
    "more rows of an item": (
        lambda case: {"items": item(case, rows=51)},
        "manifest.json: item 1 counts other rows than there are of it",
    ),
    "nothing found": (
        lambda case: {"items": item(case, outcome=Outcome.NOTHING_FOUND)},
        "manifest.json: item 1 has an outcome that does not fit its rows",
    ),
    "not held": (
        lambda case: {"items": (case.contents.items[0], *not_held(case))},
        "manifest.json: item 2 has an outcome that does not fit the plan",
    ),
    "item left out": (
        lambda case: {"items": case.contents.items[:2]},
        "manifest.json: the manifest answers other items than the plan has",
    ),
    "rows delivered": (
        lambda case: {"coverage": covered(case, rows_delivered=49)},
        "coverage.json: pbx1 (call): counts other rows than there are",
    ),
    "rows read": (
        lambda case: {"coverage": covered(case, rows_read=60)},
        "coverage.json: pbx1 (call): rows read are not accounted for",
    ),
    "rule": (
        lambda case: {"coverage": covered(case, withheld={"OTHER": 2})},
        "coverage.json: pbx1 (call): withheld under a rule not its own",
    ),
    "source left out": (
        lambda case: {"coverage": ()},
        "coverage.json: is of other sources than the plan's",
    ),
    "receiver": (
        lambda case: {"receivers": (replace(case.contents.receivers[0], id=f"p_{9:032x}"),)},
        "plan.json: the plan is for other receivers than the manifest names",
    ),
    "kinds": (
        lambda case: {"records": ()},
        "plan.json: the manifest has other kinds of records than the plan",
    ),
}


def not_held(case):
    return [replace(one, outcome=Outcome.NOT_HELD) for one in case.contents.items[1:]]


@pytest.mark.parametrize("lie", LIES)
def test_word_of_the_provider_is_not_enough(case, tmp_path, lie):
    change, expected = LIES[lie]
    report = check(case, reseal(case, tmp_path, **change(case)))
    assert expected in found(report)


@pytest.mark.parametrize(
    ("old", "new"), [(PHONE, "+31687654321"), ("2026-11-01T", "2026-10-01T"), ("pbx1", "pbx2")]
)
def test_row_outside_the_signed_plan_is_named(case, tmp_path, old, new):
    rows = list(call_rows(50))
    rows[0] = rows[0].replace(old.encode(), new.encode())
    if new == "pbx2":
        rows.append(rows.pop(0))
    report = check(case, reseal(case, tmp_path, records=(spool_rows(tmp_path / "rows", rows),)))
    assert any(one.startswith("records/call-1.jsonl: a row ") for one in found(report))


@pytest.mark.parametrize(
    ("column", "text"),
    [
        ("started_at", "2026-11-01T09:00:00.000000+09:00"),
        ("started_at", "2026-11-01T99:99:99.000000Z"),
        ("started_at", "2026-11-31T00:00:00.000000Z"),
        ("answered_at", ""),
        ("ended_at", "whenever"),
    ],
)
def test_instant_of_another_form_is_named(case, tmp_path, column, text):
    rows = list(call_rows(50))
    rows[-1] = dump_row(CALL, json.loads(rows[-1]) | {column: text})
    report = check(case, reseal(case, tmp_path, records=(spool_rows(tmp_path / "rows", rows),)))
    told = [one.detail for one in report.problems]
    assert f"{column} is not an instant" in told
    assert f"a row has no instant in its column {column}, at line 50 or before" in told


@pytest.fixture(scope="module")
def exchanges(tmp_path_factory):
    """A package for an extension of one exchange, and a number of any."""
    own = make_items(50)[0]
    extension = replace(own, target_kind="phone_id", target=PHONE_RAW, source="pbx1")
    number = replace(own, n=2, target="+31101234567", rows=0, outcome=Outcome.NOTHING_FOUND)
    folder = tmp_path_factory.mktemp("exchanges")
    return make_case(folder, items=(extension, number), sources=("pbx1", "pbx2"))


def test_extension_is_judged_within_its_own_exchange(exchanges, tmp_path):
    report = check(exchanges, reseal(exchanges, tmp_path))
    assert (report.problems, report.rows) == ([], 50)
    rows = list(call_rows(50))
    rows.append(rows.pop(0).replace(b'"pbx1"', b'"pbx2"'))
    spool = spool_rows(tmp_path / "rows", rows)
    coverage = (cover("pbx1", 49), cover("pbx2", 1))
    (tmp_path / "foreign").mkdir()
    path = reseal(exchanges, tmp_path / "foreign", records=(spool,), coverage=coverage)
    problem = "records/call-1.jsonl: a row lies outside the plan"
    assert any(one.startswith(problem) for one in found(check(exchanges, path)))


def test_item_has_no_more_rows_than_its_own_exchange(exchanges, tmp_path):
    extension, number = exchanges.contents.items
    rows = [row.replace(PHONE.encode(), number.target.encode()) for row in call_rows(50)]
    rows = [*rows[1:], rows[0].replace(b'"pbx1"', b'"pbx2"')]
    report = check(
        exchanges,
        reseal(
            exchanges,
            tmp_path,
            records=(spool_rows(tmp_path / "rows", rows),),
            coverage=(cover("pbx1", 49), cover("pbx2", 1)),
            items=(extension, replace(number, rows=50, outcome=Outcome.DELIVERED)),
        ),
    )
    assert "manifest.json: item 1 counts other rows than there are of it" in found(report)


def test_column_outside_its_category_is_named(case, tmp_path):
    rows = [row.replace(b'"cell":null', b'"cell":"A1"') for row in call_rows(50)]
    report = check(case, reseal(case, tmp_path, records=(spool_rows(tmp_path / "rows", rows),)))
    assert any("shows a column outside its categories" in one for one in found(report))


def test_more_rows_than_was_decided_are_named(tmp_path):
    case = make_case(tmp_path, previewed=39)
    report = check(case, reseal(case, tmp_path))
    assert found(report) == ["decision.json: holds more rows than was decided on"]


LETTERS = {
    "less than is given": lambda text: text + b"\nASKED AND NOT GIVEN\n  Item 1\n",
    "another count": lambda text: text.replace(b"Delivered: 50 records", b"Delivered: 49 records"),
    "a second answer": lambda text: text.replace(
        b"ASKED AND ANSWERED", b"ASKED AND ANSWERED\n  Nothing found.\n\nASKED AND ANSWERED"
    ),
}


@pytest.mark.parametrize("lie", LETTERS)
def test_letter_that_says_something_else_is_named(case, tmp_path, lie):
    path = reseal(case, tmp_path)
    changed = tmp_path / "changed.asice"
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(changed, "w") as new:
        for info in old.infolist():
            data = old.read(info)
            if info.filename == "LETTER.en.txt":
                data = LETTERS[lie](data)
            new.writestr(info, data)
    assert "LETTER.en.txt: says something else than plan, rows and coverage do" in found(
        check(case, changed)
    )


MEASURED = SourceClock().after(Deviation(-1500, 3, NOW)).after(Deviation(20, 2, NOW))


def test_clock_of_each_source_is_told_as_it_was_measured(case, tmp_path):
    (one,) = case.contents.coverage
    path = reseal(case, tmp_path, coverage=(replace(one, clock=MEASURED),))
    report = check(case, path)
    assert (found(report), report.verdict) == ([], GOOD)
    with zipfile.ZipFile(path) as package_file:
        english = package_file.read("LETTER.en.txt").decode()
        (told,) = json.loads(package_file.read("coverage.json"))
    assert told["clock"] == MEASURED.dump()
    assert (
        "  clock of the database's server: 20 ms ahead (negative: behind), to 2 ms, at" in english
    )
    assert "  largest deviation: -1500 ms, to 3 ms, at" in english


@pytest.mark.parametrize(
    "clock",
    [
        SourceClock("guessed"),
        SourceClock(SERVER_ASKED),
        replace(MEASURED, how=NOT_MEASURED),
        SourceClock().after(Deviation(True, 0, NOW)),
        SourceClock().after(Deviation(0, -1, NOW)),
    ],
)
def test_clock_that_was_measured_in_no_way_known_is_named(case, tmp_path, clock):
    (one,) = case.contents.coverage
    path = reseal(case, tmp_path, coverage=(replace(one, clock=clock),))
    assert any(said.startswith("coverage.json") for said in found(check(case, path)))


def test_log_that_accounts_for_other_rows_of_a_source_is_named(case, tmp_path):
    """Two more that were read and withheld: the sums of the coverage are right, and are no truth."""
    told = covered(case, rows_read=54, withheld={RULE: 4})
    report = check(case, reseal(case, tmp_path, coverage=told))
    assert found(report) == ["coverage.json: the log accounts for other rows of the sources"]


GAP = UnreadGap(NOW - timedelta(days=3), NOW - timedelta(days=2))


def test_where_a_source_was_not_read_is_told_with_its_instants(case, tmp_path):
    path = reseal(case, tmp_path, coverage=covered(case, doubts={"unread-gap": 1}, gaps=(GAP,)))
    report = check(case, path)
    assert (found(report), report.verdict) == ([], GOOD)
    with zipfile.ZipFile(path) as package_file:
        english = package_file.read("LETTER.en.txt").decode()
        (told,) = json.loads(package_file.read("coverage.json"))
    assert told["gaps"] == [GAP.dump()]
    assert "  what was written between 2026-11-21 10:00:00" in english


@pytest.mark.parametrize(
    ("count", "gaps"),
    [(1, ()), (2, (GAP,)), (0, (GAP,)), (1, (UnreadGap(NOW, NOW - timedelta(days=1)),))],
)
def test_other_gaps_than_are_counted_are_named(case, tmp_path, count, gaps):
    doubts = {"unread-gap": count} if count else {}
    report = check(case, reseal(case, tmp_path, coverage=covered(case, doubts=doubts, gaps=gaps)))
    assert "coverage.json: pbx1 (call): counts other gaps than it tells of" in found(report)


LATE = PastTerm("court_order", 10, ("op last van de rechter", "by order of the court"))
OTHERWISE = "says something else than plan, rows and coverage do"
SAYS = "says something else of rows past their term than there are"


@pytest.fixture(scope="module")
def late(tmp_path_factory):
    """A package of 50 rows of which ten are past their term."""
    cutoff = datetime(2026, 11, 1, 0, 0, 10, tzinfo=UTC)

    def termed(*args):
        plan = make_plan(*args)
        sources = tuple(replace(one, cutoff=cutoff) for one in plan.sources)
        return replace(plan, sources=sources, past_term=LATE.ground)

    def decide_on_ground(_log, team):
        team.ground = {"ground": LATE.ground}

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(package, "make_plan", termed)
        case = make_case(
            tmp_path_factory.mktemp("late"), extracted={"past_term": 10}, before=decide_on_ground
        )
    return replace(
        case,
        contents=replace(case.contents, coverage=covered(case, kept_from=cutoff), past_term=LATE),
    )


def test_rows_past_their_term_are_counted_again(late, tmp_path):
    report = check(late, reseal(late, tmp_path))
    assert (found(report), report.verdict) == ([], GOOD)


@pytest.mark.parametrize(
    "told",
    [
        replace(LATE, rows=9),
        replace(LATE, rows=110),
        replace(LATE, ground="another"),
        None,
    ],
)
def test_letter_that_tells_of_other_rows_past_their_term_is_named(late, tmp_path, told):
    said = found(check(late, reseal(late, tmp_path, past_term=told)))
    assert said == [f"LETTER.{one}.txt: {SAYS}" for one in LANGUAGES]


def test_letter_that_tells_of_rows_past_their_term_without_any_is_named(case, tmp_path):
    said = found(check(case, reseal(case, tmp_path, past_term=LATE)))
    assert said == [f"LETTER.{one}.txt: {SAYS}" for one in LANGUAGES]


@pytest.mark.parametrize("told", [{"rows": 49}, {"past_term": 1}])
def test_log_that_counts_other_rows_is_named(tmp_path, told):
    case = make_case(tmp_path, extracted=told)
    said = found(check(case, reseal(case, tmp_path)))
    assert said == ["custody/: the log counts other rows than there are"]


class Backdating(PackageSigner):
    """Signs with another time than it seals."""

    def sign(self, content, now):
        return super().sign(content, now + timedelta(days=1))


def test_two_moments_of_sealing_are_named(case, tmp_path):
    signer = Backdating(case.signer.key, case.signer.certificate)
    report = check(case, reseal(case, tmp_path, signer=signer))
    assert found(report) == ["manifest.json: names another moment than the signature"]


def test_certificate_of_no_named_receiver_leaves_a_doubt(tmp_path):
    case = make_case(tmp_path)
    container = beside(case, tmp_path)
    assert check(case, container).verdict == GOOD
    write_pair(tmp_path, "p256", "somebody", "receiver")
    report = check(case, container)
    assert (report.verdict, found(report)) == (UNKNOWN, [])
    assert report.doubts == [f"receiver.cert.pem: {NOT_NAMED}"]
    assert "encrypted file: to the receivers of the manifest and nobody else" not in report.checked


ELSEWHERE = {
    "another number": lambda ask: replace(
        ask, matches=(replace(ask.matches[0], values=("+31687654321",)),)
    ),
    "more columns": lambda ask: replace(ask, columns=CALL.names),
    "an earlier period": lambda ask: replace(ask, start=ask.start - timedelta(days=1)),
}


@pytest.mark.parametrize("change", ELSEWHERE)
def test_plan_that_asks_for_more_than_its_items_is_named(monkeypatch, tmp_path, change):
    """Signed by two people and carried out to the letter, all the same."""

    def crooked(*args):
        plan = make_plan(*args)
        one, *rest = plan.items
        asks = tuple(ELSEWHERE[change](ask) for ask in one.asks)
        return replace(plan, items=(replace(one, asks=asks), *rest))

    monkeypatch.setattr(package, "make_plan", crooked)
    case = make_case(tmp_path)
    assert "/items/0/asks" in " ".join(found(check(case, reseal(case, tmp_path))))


def test_number_asked_about_for_a_moment_is_named(monkeypatch, tmp_path):
    """No demand can ask that, and the letter would say nothing was found in a month."""

    def at_its_start(*args):
        plan = make_plan(*args)
        (one,) = plan.items
        target = replace(one.target, at=one.start)
        end = one.start + timedelta(microseconds=1)
        asks = tuple(replace(ask, end=end) for ask in one.asks)
        return replace(plan, items=(replace(one, target=target, asks=asks),))

    monkeypatch.setattr(package, "make_plan", at_its_start)
    item = replace(make_items(0)[0], outcome=Outcome.NOTHING_FOUND, rows=0)
    case = make_case(tmp_path, rows=0, items=(item,))
    assert "with an IP address or a time and place only" in " ".join(
        found(check(case, reseal(case, tmp_path)))
    )


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"withheld": {RULE: -50}, "rows_read": 0}, "has a count that is none"),
        ({"doubts": {"not-e164": -3}}, "has a count that is none"),
        ({"doubts": {"not-e164": "no"}}, "has a count that is none"),
        ({"doubts": {"everything was delivered": 1}}, "has a doubt that is not known"),
        ({"not_held": ("location",)}, "lacks other categories than the plan"),
    ],
)
def test_impossible_coverage_is_named(case, tmp_path, change, said):
    report = check(case, reseal(case, tmp_path, coverage=covered(case, **change)))
    assert f"coverage.json: pbx1 (call): {said}" in found(report)


class Adding(ContainerWriter):
    """Puts a file more into the package, as a provider could that seals what it likes."""

    NAME = "records/call-1-part2.jsonl"

    def add_stream(self, name, media_type, blocks):
        if name.endswith(".csv"):
            super().add_stream(self.NAME, media_type, [b"".join(call_rows(2))])
        return super().add_stream(name, media_type, blocks)


def test_file_that_no_package_has_is_named(case, tmp_path, monkeypatch):
    monkeypatch.setattr(sealing, "ContainerWriter", Adding)
    report = check(case, reseal(case, tmp_path))
    assert found(report) == [f"{Adding.NAME}: does not belong in a package"]
    assert "files as the manifest lists them" not in report.checked


def test_rows_under_another_name_are_named(case, tmp_path, monkeypatch):
    """Else the file of the expected name would hold rows that nothing reads."""
    build = sealing.build_manifest

    def renamed(contents, members, **rest):
        value = load_strict(build(contents, members, **rest))
        value["records"][0]["csv"] = "records/call-2.csv"
        return dump_canonical(value)

    monkeypatch.setattr(sealing, "build_manifest", renamed)
    said = found(check(case, reseal(case, tmp_path)))
    assert "manifest.json: does not name records/call-1.jsonl and records/call-1.csv" in said[0]


def test_key_of_somebody_else_on_the_file_is_named(tmp_path):
    case = make_case(tmp_path)
    container = beside(case, tmp_path)
    assert "encrypted file: to the receivers of the manifest and nobody else" in (
        check(case, container).checked
    )
    sink = io.BytesIO()
    keys = [case.contents.receivers[0].certificate, certificate("p256", "somebody")]
    with_more = CmsWriter(sink, keys, NOW)
    with_more.write(container.read_bytes())
    with_more.close()
    (tmp_path / f"{PACKAGE}.p7m").write_bytes(sink.getvalue())
    said = found(check(case, container))
    assert f"{PACKAGE}.p7m: can be opened by 2 keys, the manifest names 1 receivers" in said
    (tmp_path / f"{PACKAGE}.p7m").write_bytes(b"0\x80" + sink.getvalue())
    assert any(
        "is not an encrypted message of the form" in one for one in found(check(case, container))
    )


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"run": f"e_{9:032x}"}, "another demand or run"),
        ({"receivers": ["0" * 64]}, "other receivers"),
        ({"manifest": "x" * 43}, "another manifest"),
        ({"sha256": "0" * 64}, "encrypted file is not the one"),
    ],
)
def test_other_entry_beside_is_named(tmp_path, told, said):
    case = make_case(tmp_path)
    (problem,) = found(check(case, beside(case, tmp_path, told)))
    assert said in problem


def test_other_ground_than_the_plan_has_is_named(tmp_path):
    def give_ground(_, team):
        team.ground = {"ground": "court_order"}

    report = check(case := make_case(tmp_path, before=give_ground), reseal(case, tmp_path))
    assert found(report) == [
        "decision.json: the decision names another ground for rows past their term"
    ]


@pytest.mark.parametrize("stated", [(), ("ground", "preview", "receivers", "requester")])
def test_approver_who_did_not_look_is_named(tmp_path, stated):
    def look_away(_, team):
        team.looked_at = stated

    report = check(case := make_case(tmp_path, before=look_away), reseal(case, tmp_path))
    (problem,) = found(report)
    assert problem.endswith("whoever approved did not state all that has to be looked at")


def test_package_older_than_its_rows_is_named(tmp_path):
    def stall(log, _):
        log.transactions.clock.set(NOW + timedelta(hours=1))
        enter(log, "extraction.started", DEMAND, {"run": RUN})

    report = check(case := make_case(tmp_path, after=stall), reseal(case, tmp_path))
    assert found(report) == ["custody/: the package is older than the extraction in the log"]


def test_what_came_with_the_package_is_not_trusted(case, tmp_path):
    with zipfile.ZipFile(reseal(case, tmp_path)) as archive:
        archive.extractall(tmp_path / "opened")
    with pytest.raises(InvalidInput, match="another way"):
        load_trust(tmp_path / "opened")
    (case.trust / "receiver.cert.pem").write_bytes((case.trust / "provider.cert.pem").read_bytes())
    assert len(load_trust(case.trust).certificates) == 1
    (case.trust / "receiver.cert.pem").unlink()


def test_check_that_was_not_done_is_not_listed(case, tmp_path):
    path = reseal(case, tmp_path)
    trust = tmp_path / "nothing"
    trust.mkdir()
    report = check(replace(case, trust=trust), path)
    assert len(report.doubts) == 3
    assert not any("decision" in one or "signature" in one for one in report.checked)
    assert json.dumps(report.dump())


def test_row_is_judged_by_its_target_where_its_category_hides_it():
    plan = make_plan(make_items(1), [], ["pbx1"])
    (first, *_) = plan.items
    blind = replace(first.asks[0], columns=("source", "row_id", "started_at", "cell", "flags"))
    scope = Scope(replace(plan, items=(replace(first, asks=(blind,)),)), {})
    shown = {"source": "pbx1", "row_id": "1", "started_at": "2026-11-01T00:00:00.000000Z"}
    row = dict.fromkeys(CALL.names) | shown | {"cell": "A1", "flags": ""}
    scope.check_rows("call", [dump_row(CALL, row | {"caller": PHONE})])
    assert scope.tallies["call"].items == {1: 1}
    for caller in (None, "+31687654321"):
        with pytest.raises(VerificationFailed, match="outside the plan, at line 1 or before"):
            scope.check_rows("call", [dump_row(CALL, row | {"caller": caller})])


@pytest.mark.parametrize("kind", ["call", "usage", "subscriber"])
def test_rows_that_overlap_are_never_called_destroyed(kind):
    answer = make_items(50)[1]
    plan = make_plan([answer], [], ["pbx1"])
    (item,) = plan.items
    asks = tuple(replace(one, kind=kind) for one in item.asks)
    plan = replace(plan, items=(replace(item, asks=asks),))
    said = ItemOutcome(answer.n, answer.outcome, 0, answer.destroyed)
    assert said.outcome is Outcome.DESTROYED
    if kind == "call":
        Scope(plan, {"items": [said.dump()]}).check_items()
        return
    with pytest.raises(VerificationFailed, match="does not fit what was destroyed"):
        Scope(plan, {"items": [said.dump()]}).check_items()
    fitting = replace(said, outcome=Outcome.NOTHING_FOUND)
    Scope(plan, {"items": [fitting.dump()]}).check_items()


UNTRUE = {
    "a source left out": ({}, ["pbx1"], "has an outcome that does not fit what was destroyed"),
    "a part left": (
        {"until": NOW - timedelta(seconds=1)}, ["pbx1", "pbx2"],
        "has an outcome that does not fit what was destroyed",
    ),
    "a source twice": ({}, ["pbx1", "pbx1"], "names a source that it does not ask, or one twice"),
    "another source": (
        {}, ["pbx1", "pbx2", "crm"], "names a source that it does not ask, or one twice"
    ),
    "another period": (
        {"until": NOW - timedelta(days=30)}, ["pbx1"],
        "names what was destroyed outside its period",
    ),
}  # fmt: skip


@pytest.mark.parametrize("lie", UNTRUE)
def test_what_was_destroyed_is_judged_source_by_source(lie):
    answer = make_items(50)[1]
    plan = make_plan([answer], [], ["pbx1", "pbx2"])
    (own,) = answer.destroyed
    whole = tuple(replace(own, source=name) for name in ("pbx1", "pbx2"))
    Scope(plan, {"items": [ItemOutcome(2, Outcome.DESTROYED, 0, whole).dump()]}).check_items()
    changes, sources, problem = UNTRUE[lie]
    lost = tuple(replace(own, source=name) for name in sources)
    lost = (*lost[:-1], replace(lost[-1], **changes))
    said = ItemOutcome(2, Outcome.DESTROYED, 0, lost)
    with pytest.raises(VerificationFailed, match=problem):
        Scope(plan, {"items": [said.dump()]}).check_items()


CUTS = (
    Cut(1, CutGround.CATEGORY, category="location"),
    Cut(2, CutGround.AGREED, keep_from=NOW - timedelta(days=30), agreement=f"cl_{8:032x}"),
    Cut(4, CutGround.NOT_OURS),
)


def widen(plan):
    """Return a plan as if more had been asked than it gives: both scopes, and why."""
    one, two, three = (said_of(item) for item in plan.items)
    longer = replace(two.period, start=two.period.start - timedelta(days=9))
    asked = (
        replace(one, categories=(*one.categories, "location")),
        replace(two, period=longer),
        three,
        replace(one, n=4, target=Target(TargetKind.PHONE_NUMBER, "+31887654321")),
    )
    return replace(plan, narrowed=Narrowed(asked, CUTS))


@pytest.fixture(scope="module")
def narrowed(tmp_path_factory):
    """A package that gives less than was asked, and says so."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(package, "make_plan", lambda *args: widen(make_plan(*args)))
        case = make_case(tmp_path_factory.mktemp("narrowed"))
    plan = read_plan(load_strict(case.contents.plan))
    return replace(case, contents=replace(case.contents, narrowed=plan.narrowed))


def test_what_is_not_given_is_said_and_verified(narrowed, tmp_path):
    path = reseal(narrowed, tmp_path)
    assert (found(check(narrowed, path)), check(narrowed, path).verdict) == ([], GOOD)
    with zipfile.ZipFile(path) as file:
        dutch = " ".join(file.read("LETTER.nl.txt").decode().split())
        english = " ".join(file.read("LETTER.en.txt").decode().split())
        said = json.loads(file.read("manifest.json"))["not_given"]
    assert "GEVRAAGD EN NIET VERSTREKT Onderdeel 1: telefoonnummer" in dutch
    assert "Niet verstrekt: locatie (cel). De grondslag van de vordering strekt zich niet" in dutch
    assert "Not given: what lies before 2026-10-25 10:00:00+01:00." in english
    assert f"The authority agreed to this (our question cl_{8:032x})." in english
    assert "Item 4: telephone number +31887654321 Not given: this item." in english
    assert [(one["n"], one["ground"]) for one in said] == [
        (1, "category_outside_basis"), (2, "agreed"), (4, "wrong_addressee"),
    ]  # fmt: skip
    assert all(one["nl"] and one["en"] for one in said)


@pytest.mark.parametrize(
    "told",
    [
        CUTS[:2],
        (replace(CUTS[0], category="traffic_call_records"), *CUTS[1:]),
        (Cut(1, CutGround.NOT_HELD, category="location"), *CUTS[1:]),
        (CUTS[0], replace(CUTS[1], keep_from=NOW - timedelta(days=31)), CUTS[2]),
        (CUTS[0], replace(CUTS[1], agreement=f"cl_{9:032x}"), CUTS[2]),
    ],
)
def test_package_that_says_otherwise_what_is_not_given_is_named(narrowed, tmp_path, told):
    lie = replace(narrowed.contents.narrowed, cuts=told)
    said = found(check(narrowed, reseal(narrowed, tmp_path, narrowed=lie)))
    assert said == [
        "manifest.json: says of something else than the plan that it is not given",
        *(f"LETTER.{one}.txt: {OTHERWISE}" for one in LANGUAGES),
    ]


def test_package_that_keeps_still_about_what_is_not_given_is_named(narrowed, tmp_path):
    said = found(check(narrowed, reseal(narrowed, tmp_path, narrowed=None)))
    assert len(said) == 3


def test_package_that_gives_all_and_says_less_is_named(case, narrowed, tmp_path):
    lie = replace(narrowed.contents.narrowed, cuts=CUTS[:1])
    said = found(check(case, reseal(case, tmp_path, narrowed=lie)))
    assert len(said) == 3


def test_plan_of_which_the_scopes_do_not_fit_is_named(monkeypatch, tmp_path):
    """Two people signed that location was never asked."""

    def crooked(*args):
        plan = widen(make_plan(*args))
        first, *rest = plan.narrowed.asked
        asked = (replace(first, categories=first.categories[:1]), *rest)
        return replace(plan, narrowed=replace(plan.narrowed, asked=asked))

    monkeypatch.setattr(package, "make_plan", crooked)
    case = make_case(tmp_path)
    said = found(check(case, reseal(case, tmp_path)))
    assert any("/narrowed/cuts/0/category" in one for one in said), said
