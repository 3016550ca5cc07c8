"""What could not be compared with the demand is counted, never passed over in silence."""

from datetime import timedelta

import pytest
from sqlalchemy import insert

from lea_service.demands.demand import Item, Period, Target, TargetKind
from lea_service.extraction.doubts import (
    AMBIGUOUS_CHANGE,
    AMBIGUOUS_GIVEN,
    AMBIGUOUS_HOLDER,
    CAME_LATE,
    CHANGED,
    LOST,
    NEAR,
    NO_HOST,
    ODD,
    ODD_PORT,
    OTHER_EXTENSION,
    OTHER_PORT,
    SET_ASIDE,
    UNMARKED,
    UNREAD,
)
from lea_service.extraction.instant_queries import (
    EDGE_SECOND,
    OPEN_BEYOND,
    OTHER_SINCE,
    PORT_NOT_KEPT,
    SEVERAL,
)
from lea_service.extraction.outcome import PAST_TERM, Outcome
from lea_service.extraction.phrases import DOUBTS
from lea_service.extraction.queries import find_preview
from lea_service.records.flags import AMBIGUOUS, END_FIRST
from lea_service.records.gaps import UnreadGap
from lea_service.records.import_service import COUNTS
from lea_service.records.kinds import CALL, USAGE
from lea_service.records.store import ImportLedger, LiveStanding, Reject, SourceGap
from tests.extraction import worlds
from tests.extraction.test_scope import run
from tests.support.extraction import PHONE, START, make_item

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def filled(office):
    office.source()
    office.calls(START)
    return office


def set_aside(office, source, lines):
    with office.databases.records.write() as session:
        nothing = dict.fromkeys(COUNTS, 0)
        row = {"id": f"im_{source}", "source": source, "state": "done", "bytes_read": 9, **nothing}
        session.execute(insert(ImportLedger).values(row))
        kept = {"import_id": row["id"], "reason": "time", "size": 3, "raw": b"a,b"}
        session.execute(insert(Reject), [kept | {"line": n} for n in range(1, lines + 1)])


def leave_gap(office, source):
    """Have a live source not have gone on from where it was read to, once."""
    gap = {"source": source, "batch": 1, "read_until": START, "found_at": START + DAY}
    with office.databases.records.write() as session:
        session.execute(insert(SourceGap).values(gap))


def leave_unmarked(office, source, count):
    """Have a live source have rows that no pull reads."""
    nothing = {"anchors": "", "columns": "{}", "lines": "[]", "changed": 0}
    row = {"source": source, "batch": 1, "read_at": START, **nothing, "unmarked": count}
    with office.databases.records.write() as session:
        session.execute(insert(LiveStanding).values(row))


def doubts(office, items=None):
    """Return the doubts of the preview and of the coverage, which are the same."""
    plan = office.planned(office.new_demand(items or [make_item()]))
    with office.transactions.read() as session:
        (seen,) = find_preview(session, office.transactions.keys, plan.id).counts["sources"]
    office.approve(plan)
    run = office.current_run(plan.demand_id)
    assert office.work(run) == "done"
    (coverage,) = office.result(run).coverage
    assert coverage.doubts == seen["doubts"]
    return coverage.doubts


def test_nothing_in_doubt_says_nothing(filled):
    assert doubts(filled) == {}


def test_lines_of_the_source_that_were_set_aside_count(filled):
    set_aside(filled, "pbx1", 3)
    set_aside(filled, "pbx2", 2)
    leave_gap(filled, "pbx1")
    leave_gap(filled, "pbx2")
    leave_unmarked(filled, "pbx1", 2)
    leave_unmarked(filled, "pbx2", 4)
    assert doubts(filled) == {SET_ASIDE: 3, UNREAD: 1, UNMARKED: 2}


def test_coverage_tells_between_which_instants_a_source_was_not_read(filled):
    leave_gap(filled, "pbx1")
    plan = filled.planned(filled.new_demand([make_item()]))
    filled.approve(plan)
    run = filled.current_run(plan.demand_id)
    assert filled.work(run) == "done"
    (coverage,) = filled.result(run).coverage
    assert coverage.gaps == (UnreadGap(START, START + DAY),)


def test_only_rows_of_the_period_that_are_not_handed_over_count(filled):
    flagged = {"flags": "not-e164 zero-duration", "callee": None, "callee_raw": "201"}
    filled.calls(START, caller=PHONE, **flagged)
    filled.calls(START, START + DAY, START - DAY, caller=None, **flagged)
    filled.calls(START, caller=None, callee=None, flags="zero-duration not-e1640")
    assert doubts(filled) == {"not-e164": 2}


def test_an_extension_is_no_doubt_where_extensions_are_asked(filled):
    filled.calls(START, caller=None, caller_raw="202", callee=None, flags="not-e164")
    assert doubts(filled, [make_item("201", "phone_id", source="pbx1")]) == {}


def test_the_hour_before_the_period_may_have_been_the_later_one(filled):
    late = START - timedelta(minutes=30)
    filled.calls(late, flags=AMBIGUOUS)
    filled.calls(late, START - 2 * HOUR, flags="")
    filled.calls(late, caller="+31699999999", flags=AMBIGUOUS)
    assert doubts(filled) == {AMBIGUOUS: 1}


ALICE = "sip:a_e@pbx.example"


@pytest.mark.parametrize(
    ("asked", "stored", "expected"),
    [
        (ALICE, f"{ALICE}:5080", 1),
        (ALICE, "sips:a_e@pbx.example:5080", 1),
        (f"{ALICE}:5080", ALICE, 1),
        (f"{ALICE}:5080", "sips:a_e@pbx.example:5090", 1),
        (ALICE, ALICE, 0),
        (f"{ALICE}:5080", f"{ALICE}:5080", 0),
        (ALICE, "sip:A_e@pbx.example:5080", 0),
        (ALICE, "sip:a-e@pbx.example:5080", 0),
        (ALICE, f"{ALICE}.org:5080", 0),
        ("sip:a%25@pbx.example", "sip:a%25b@pbx.example:5080", 0),
        ("sip:a@[2001:db8::1]", "sip:a@[2001:db8::1]:5080", 1),
        ("sip:a@[2001:db8::1]", "sip:a@[2001:db8::1:5080]", 0),
    ],
)
def test_the_same_party_on_another_port_is_in_doubt(office, asked, stored, expected):
    office.source()
    office.calls(START, caller_uri=stored)
    office.calls(START - HOUR, START + 30 * DAY, caller_uri=stored)
    found = doubts(office, [make_item(asked, "sip_uri")])
    assert found == ({OTHER_PORT: expected} if expected else {})


LINE = "sip:+31201234567"


@pytest.mark.parametrize(
    ("asked", "stored", "expected"),
    [
        ("", ";ext=101", 1),
        ("", ";isub=5", 1),
        (";ext=101", "", 1),
        (";ext=101", ";ext=101;isub=5", 1),
        (";ext=101", ";ext=102", 0),
        (";ext=101", ";ext=101", 0),
        ("", "", 0),
    ],
)
def test_an_extension_more_or_less_is_in_doubt(office, asked, stored, expected):
    office.source()
    for scheme in (LINE, LINE.replace("sip:", "sips:")):
        office.calls(START, callee_uri=f"{scheme}{stored}@pbx.example")
    office.calls(START - HOUR, START + 30 * DAY, callee_uri=f"{LINE}{stored}@pbx.example")
    office.calls(START, callee_uri=f"{LINE}0{stored}@pbx.example")
    found = doubts(office, [make_item(f"{LINE}{asked}@pbx.example", "sip_uri")])
    assert found == ({OTHER_EXTENSION: 2} if expected else {})


@pytest.mark.parametrize(
    ("port", "outcome", "expected"),
    [
        (0, Outcome.NOTHING_FOUND, {ODD_PORT: 1}),
        (70_000, Outcome.NOTHING_FOUND, {ODD_PORT: 1}),
        (-1, Outcome.NOTHING_FOUND, {ODD_PORT: 1}),
        (80, Outcome.NOTHING_FOUND, {}),
        (443, Outcome.DELIVERED, {}),
        (None, Outcome.DELIVERED, {}),
    ],
)
def test_a_port_that_is_none_is_in_doubt(databases, tmp_path, port, outcome, expected):
    found = sessions_on((databases.records, tmp_path), port, asked=443)
    assert (found.items[0].outcome, found.coverage[0].doubts) == (outcome, expected)


@pytest.mark.parametrize(
    ("asked", "odd"),
    [(None, {}), (443, {"address": "192.0.2.2"}), (443, {"started_at": worlds.T0 + 3 * DAY})],
)
def test_no_port_is_in_doubt_where_none_is_asked(databases, tmp_path, asked, odd):
    found = sessions_on((databases.records, tmp_path), 0, asked, **odd)
    assert found.coverage[0].doubts == {}


def sessions_on(store, port, asked, **odd):
    """Ask for an address, perhaps with a port, of which there is a session on ``port``."""
    row = dict.fromkeys(USAGE.names) | {"source": "radius", "row_id": "1", "flags": "odd-counter"}
    row |= {"started_at": worlds.T0, "address": worlds.ADDRESSES[0], "port": port, **odd}
    worlds.fill(store[0], [("usage", row)])
    at = None if asked is None else worlds.T0
    target = Target(TargetKind.IP_ADDRESS, worlds.ADDRESSES[0], asked, at)
    period = Period(worlds.T0, worlds.T0 + DAY, "UTC")
    found, _ = run(store, worlds.make_plan([Item(1, target, period, ("usage_sessions",))]))
    return found


@pytest.mark.parametrize(
    ("target", "filled", "expected"),
    [
        (Target(TargetKind.SIP_URI, ALICE), ("caller_uri", "caller_raw", "callee_raw"), 2),
        (Target(TargetKind.SIP_URI, ALICE), CALL.names, 0),
        (Target(TargetKind.PHONE_NUMBER, PHONE), ("caller", "caller_raw", "callee_raw"), 0),
    ],
)
def test_a_party_without_a_host_is_in_doubt(databases, tmp_path, target, filled, expected):
    begin = {"source": "PBX-a", "started_at": worlds.T0, "flags": ""}
    rows = [
        dict.fromkeys(CALL.names) | begin | one | {"row_id": str(n)}
        for n, one in enumerate(
            [
                {"caller": PHONE, "caller_uri": ALICE, "callee_raw": "a_e"},
                {"caller_uri": f"{ALICE}.org", "callee_raw": "a_e"},
                {"caller_raw": "b", "callee_raw": "a_e"},
                {"caller_raw": "b"},
                {"callee_raw": "a_e", "started_at": worlds.T0 - DAY},
            ]
        )
    ]
    worlds.fill(databases.records, [("call", one) for one in rows])
    item = Item(1, target, Period(worlds.T0, worlds.T0 + DAY, "UTC"), ("traffic_call_records",))
    columns = {"PBX-a": {*filled}}
    plan = worlds.make_plan([item], sources=worlds.SOURCES[1:2], columns=columns)
    found, _ = run((databases.records, tmp_path), plan)
    assert found.items[0].rows == 1
    assert found.coverage[0].doubts == ({NO_HOST: expected} if expected else {})


def test_a_call_that_is_handed_over_is_in_no_doubt(office):
    office.source()
    office.calls(START, caller_uri=ALICE, callee_uri=f"{ALICE}:5080")
    office.calls(START, callee_uri=f"{ALICE}:5080", forwarded_to_uri=f"{ALICE}:5090")
    asked = [make_item(one, "sip_uri") for one in (ALICE, f"{ALICE}:5070")]
    assert doubts(office, asked) == {OTHER_PORT: 1}


def test_the_letter_has_words_for_every_doubt():
    assert set(DOUBTS) == {
        SET_ASIDE,
        LOST,
        CAME_LATE,
        UNREAD,
        CHANGED,
        UNMARKED,
        NO_HOST,
        ODD_PORT,
        *NEAR,
        AMBIGUOUS,
        AMBIGUOUS_GIVEN,
        AMBIGUOUS_HOLDER,
        AMBIGUOUS_CHANGE,
        END_FIRST,
        OPEN_BEYOND,
        PAST_TERM,
        OTHER_SINCE,
        SEVERAL,
        EDGE_SECOND,
        PORT_NOT_KEPT,
        *ODD.values(),
    }
