"""What the sources that tell who held what could not tell is said, whatever the plan asks of them."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event, insert, update

from lea_service.extraction.doubts import (
    AMBIGUOUS_CHANGE,
    AMBIGUOUS_HOLDER,
    LOST,
    SET_ASIDE,
    UNREAD,
)
from lea_service.extraction.instant_queries import OPEN_BEYOND
from lea_service.extraction.outcome import PAST_TERM, HolderSource
from lea_service.extraction.queries import find_halt
from lea_service.kernel.errors import WrongState
from lea_service.records.flags import AMBIGUOUS, END_FIRST, NOT_E164, ODD_EMAIL, ODD_SIP
from lea_service.records.gaps import UnreadGap
from lea_service.records.import_service import COUNTS
from lea_service.records.store import TABLES, ImportLedger, PurgeLedger
from tests.extraction.test_doubts import leave_gap, set_aside
from tests.extraction.test_holders import DAY, HOUR, decide, hold, preview_of, spans_of
from tests.support.engines import ANY_ENGINE
from tests.support.extraction import PHONE, START, make_item
from tests.support.retention import ground_request, rule_request

pytestmark = ANY_ENGINE
SUBSCRIBERS = TABLES["subscriber"]


@pytest.fixture
def filled(office):
    """A number with a call, and a source of subscribers."""
    office.source()
    office.source("crm", "subscriber")
    office.calls(START)
    return office


def write(office, *statements):
    with office.databases.records.write() as session:
        for one in statements:
            session.execute(one)


def ledger(office, state, lines=0, at=START, source="crm"):
    counts = dict.fromkeys(COUNTS, 0) | {"bytes_read": 0, "lines": lines}
    row = {"id": "im_9", "source": source, "state": state, "finished_at": at, "told_until": at}
    write(office, insert(ImportLedger).values(row | counts))


def told(office, items=None):
    """Return what the preview says of each source of holders, which is what the answer says."""
    plan = office.planned(office.new_demand(items or [make_item()]))
    preview = preview_of(office, plan)
    if preview.counts["holders"]:
        run = decide(office, plan)
    else:
        office.approve(plan)
        run = office.current_run(plan.demand_id)
    assert office.work(run) == "done"
    found = office.result(run).holding
    assert [one.dump() for one in found] == preview.counts["holding"]
    return found


def doubts(office, items=None):
    (found,) = told(office, items)
    return found.doubts


def test_each_source_that_tells_holders_is_named_and_how_far_it_goes(filled):
    hold(filled, ("K1", -9, None), ("K1", 2, None))
    filled.source("crm2", "subscriber")
    (one, other) = told(filled, [make_item(), make_item("201", "phone_id", source="pbx1")])
    assert one == HolderSource("crm", (1,), START - 9 * DAY, START + 2 * DAY, {})
    assert (other.source, other.covers_from, other.doubts) == ("crm2", None, {})


def test_nothing_is_said_where_nothing_is_held(filled):
    assert told(filled, [make_item("201", "phone_id", source="pbx1")]) == ()


def test_lines_that_were_set_aside_or_lost_count(filled):
    hold(filled, ("K1", -9, None))
    set_aside(filled, "crm", 2)
    ledger(filled, "lost", 500, at=START + 99 * DAY)
    leave_gap(filled, "crm")
    (found,) = told(filled)
    assert found.doubts == {SET_ASIDE: 2, LOST: 500, UNREAD: 1}
    assert found.gaps == (UnreadGap(START, START + DAY),)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (make_item(), {NOT_E164: 1, ODD_SIP: 1}),
        (make_item(f"sip:{PHONE}@voice.example", "sip_uri"), {NOT_E164: 1, ODD_SIP: 1}),
        (make_item("sip:alice@voice.example", "sip_uri"), {ODD_SIP: 1}),
        (make_item("a@voice.example", "email", categories=["subscriber_identity"]), {ODD_EMAIL: 1}),
    ],
)
def test_records_that_could_not_be_compared_count(filled, asked, expected):
    flags = (NOT_E164, ODD_SIP, ODD_EMAIL)
    hold(filled, *((flag, 3, None) for flag in flags), ("K9", 40, None), value="+31699999999")
    every = zip((*flags, NOT_E164), range(4), strict=True)
    write(
        filled,
        *(
            update(SUBSCRIBERS).values(flags=flag).where(SUBSCRIBERS.c.row_id == f"crm-{n}")
            for flag, n in every
        ),
    )
    assert doubts(filled, [asked]) == expected


def test_holder_whose_record_ends_before_it_begins_is_none_that_is_left_out(filled):
    hold(filled, ("K1", -9, None), ("K2", 3, -300))
    assert spans_of(filled, filled.planned()) == [(1, [("01", [1]), ("04", [1, 2])])]
    assert doubts(filled) == {END_FIRST: 1}


@pytest.mark.parametrize(("days", "expected"), [(22, {OPEN_BEYOND: 1}), (24, {})])
def test_record_that_was_open_when_the_source_was_last_read_is_in_doubt(filled, days, expected):
    hold(filled, ("K1", -9, None), ("K0", -20, -9))
    ledger(filled, "done", at=START + days * DAY)
    assert doubts(filled) == expected


@pytest.mark.parametrize(("days", "losses"), [(30, 1), (-1, 0)])
def test_what_was_purged_of_holders_is_told_with_rule_and_date(filled, days, losses):
    cutoff = START + days * DAY
    row = {"id": "pu_1", "source": "crm", "kind": "subscriber", "rule": "SUB-1M", "rows": 2}
    row |= {"cutoff": cutoff, "is_done": True, "reach": cutoff, "finished_at": START + 40 * DAY}
    write(filled, insert(PurgeLedger).values(row))
    (found,) = told(filled)
    assert [(one.rule, one.until) for one in found.destroyed] == [("SUB-1M", cutoff)] * losses


@pytest.mark.parametrize(
    ("name", "is_told"),
    [("Somebody else", True), ("  name of  k1 ", False), (None, True)],
)
def test_contract_that_another_took_over_is_a_change_of_hands(filled, name, is_told):
    hold(filled, ("K1", -9, 3), ("K1", 3, None))
    write(filled, update(SUBSCRIBERS).values(name=name).where(SUBSCRIBERS.c.row_id == "crm-1"))
    changed = [(1, [("01", [1]), ("04", [2])])]
    assert spans_of(filled, filled.planned()) == (changed if is_told else [])


CHANGE = datetime(2026, 10, 25, 1, tzinfo=UTC)
"""When the clock had shown the hour from two until three for the first time."""


@pytest.mark.parametrize(
    ("before", "flags", "expected"),
    [
        (timedelta(minutes=30), AMBIGUOUS, {AMBIGUOUS_HOLDER: 1}),
        (timedelta(minutes=30), "", {}),
        (timedelta(minutes=90), AMBIGUOUS, {}),
        (timedelta(0), AMBIGUOUS, {}),
    ],
)
def test_call_that_may_be_of_the_next_holder_is_in_doubt(office, before, flags, expected):
    office.source()
    office.source("crm", "subscriber")
    office.calls(CHANGE - before, flags=flags)
    day = (CHANGE - START) / DAY
    hold(office, ("K1", -60, day), ("K2", day, None))
    plan = office.planned(office.new_demand([make_item(start=CHANGE - 5 * DAY)]))
    (seen,) = preview_of(office, plan).counts["sources"]
    run = decide(office, plan)
    assert office.work(run) == "done"
    (coverage,) = (one for one in office.result(run).coverage if one.source == "pbx1")
    assert coverage.doubts == seen["doubts"] == expected


@pytest.mark.parametrize(("begin", "expected"), [(0, 1), (-2 * HOUR / DAY, 0), (31, 0)])
def test_change_that_may_have_been_an_hour_later_is_in_doubt(filled, begin, expected):
    hold(filled, ("K1", begin, None))
    write(filled, update(SUBSCRIBERS).values(flags=f"x {AMBIGUOUS}"))
    assert doubts(filled).get(AMBIGUOUS_CHANGE, 0) == expected


def test_identifier_of_a_telephone_is_told_of_by_its_own_source_alone(filled):
    filled.source("pbx-users", "subscriber")
    hold(filled, ("K1", 3, None), source="pbx-users", column="number_raw", value="201")
    hold(filled, ("K2", 3, None), column="number_raw", value="201")
    own = make_item("201", "phone_id", source="pbx-users", categories=["subscriber_identity"])
    (found,) = told(filled, [own])
    assert (found.source, found.doubts) == ("pbx-users", {})


def test_records_of_who_held_a_target_are_read_once(filled):
    """Spans and doubts are of the same rows; those of a line are looked for among all addresses."""
    hold(filled, ("K1", -9, 3), ("K2", 3, None), column="sip_uri", value=f"sip:{PHONE}@a.example")
    plan, said = filled.plan(filled.new_demand()), []
    watched = (
        filled.databases.records.engine,
        "before_cursor_execute",
        lambda *given: said.append(given[2]),
    )
    event.listen(*watched)
    filled.preview(plan.demand_id)
    event.remove(*watched)
    assert len([one for one in said if "replace(" in one.lower() and "sip_uri" in one]) == 1


@pytest.fixture
def late(filled):
    """What tells of the first holder is past its term since days, and was not purged yet."""
    hold(filled, ("K1", -9, 3), ("K1", 3, None))
    request = rule_request("SUB-10D", kind="subscriber", term=10, unit="days")
    filled.house.approve("retention.rule", request)
    filled.house.approve("retention.ground", ground_request())
    return filled


@pytest.mark.parametrize("categories", [["traffic_call_records"], ["subscriber_identity"]])
def test_record_past_its_term_tells_who_held_on_a_named_ground_only(late, categories):
    demand = late.new_demand([make_item(categories=categories)])
    plan = late.planned(demand)
    seen = preview_of(late, plan)
    assert seen.past_term == 1
    assert seen.counts["holding"][0]["doubts"] == {PAST_TERM: 1}
    with pytest.raises(WrongState, match="past their term"):
        late.propose(plan)
    plan = late.planned(demand, past_term="kept_for_dispute")
    late.approve(plan)
    run = late.current_run(demand)
    assert late.work(run) == "done"
    assert [one.doubts for one in late.result(run).holding] == [{PAST_TERM: 1}]
    assert late.result(run).past_term == (categories == ["subscriber_identity"])


def test_record_past_its_term_that_was_not_decided_on_halts(late):
    write(late, SUBSCRIBERS.delete().where(SUBSCRIBERS.c.row_id == "crm-0"))
    write(late, update(SUBSCRIBERS).values(valid_from=START - 9 * DAY))
    _, run = late.decided()
    hold(late, ("K1", -9, 3))
    assert late.work(run) == "halted"
    with late.transactions.read() as session:
        assert find_halt(session, run).code == "past_term_held"


def test_record_whose_term_ends_after_the_plan_was_made_is_none_past_it(late, clock):
    ends = clock.now() - 10 * DAY + HOUR
    write(late, SUBSCRIBERS.delete().where(SUBSCRIBERS.c.row_id == "crm-0"))
    write(late, update(SUBSCRIBERS).values(valid_to=ends))
    run = decide(late, late.planned())
    clock.advance(hours=2)
    assert late.work(run) == "done"
    assert [one.doubts for one in late.result(run).holding] == [{}]


@pytest.mark.parametrize(("flags", "count"), [("", 0), (AMBIGUOUS, 1)])
def test_record_past_its_term_that_ended_before_the_period_tells_nothing(late, flags, count):
    write(late, SUBSCRIBERS.delete().where(SUBSCRIBERS.c.row_id == "crm-0"))
    hold(late, ("K0", -20, -HOUR / DAY / 2))
    write(late, update(SUBSCRIBERS).values(flags=flags))
    assert preview_of(late, late.planned()).past_term == count
