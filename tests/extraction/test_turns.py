"""The turn of an instalment is read from the log: a table that says otherwise lets nothing run."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from lea_service.custody.replay import Entered, Stream
from lea_service.demands.demand import Channel, Item, Period, Target, TargetKind
from lea_service.extraction import decided
from lea_service.extraction.document import dump_plan
from lea_service.extraction.halts import HaltCode
from lea_service.extraction.instalment_service import Shortening
from lea_service.extraction.instalments import (
    HANDED_OVER,
    Instalment,
    Instalments,
    Rhythm,
    Wanted,
)
from lea_service.extraction.models import ExtractionRun
from lea_service.extraction.turns import check_turn, get_until, list_given, part_of
from lea_service.kernel.canonical import dump_canonical
from lea_service.kernel.clock import format_instant
from lea_service.kernel.errors import IntegrityFailure, VerificationFailed, WrongState
from lea_service.kernel.jobs import Postponed
from lea_service.packaging.contents import GivenPart
from lea_service.packaging.verify_scope import read_scope
from tests.extraction.worlds import NUMBERS, T0, make_plan
from tests.support.extraction import START, WORKER, make_item

TODAY = datetime(2026, 11, 23, 23, tzinfo=UTC)
"""Where the first instalment ends: at midnight in Amsterdam."""


@pytest.fixture
def engine_name():
    """Nothing here goes by an engine."""
    return "sqlite"


@pytest.fixture
def ahead(office):
    """A demand whose plan is decided on, in instalments; returns (demand, run of the first)."""
    office.source()
    office.calls(START + timedelta(minutes=1), TODAY - timedelta(seconds=1), TODAY)
    return office.decided(office.new_demand([make_item(days=30)]))


def test_first_instalment_is_what_is_past(office, ahead):
    _, run = ahead
    assert office.work(run) == "done"
    assert len(office.lines(run)["call"]) == 2
    assert office.result(run).until == TODAY


@pytest.mark.parametrize(
    "changes",
    [{"until": TODAY + timedelta(hours=1)}, {"instalment": 2}, {"until": None}, {"cut": 1}],
    ids=["longer", "another", "whole", "cut"],
)
def test_run_that_the_log_does_not_vouch_for_halts(office, ahead, changes):
    _, run = ahead
    office.forge(ExtractionRun, run, **changes)
    office.begin(run)
    result = office.service.execute(WORKER, run)
    assert result == {"outcome": "halted", "code": str(HaltCode.DECISION_INVALID)}


def test_nothing_runs_before_its_time(office, ahead):
    _, run = ahead
    office.forge(ExtractionRun, run, until=datetime(2026, 11, 25, tzinfo=UTC))
    with pytest.raises(Postponed):
        office.begin(run)


def test_run_that_was_cut_off_does_not_stop_the_one_after_it(office, ahead):
    """A worker comes back with what it found wrong, when another is at work on what is left."""
    demand, run = ahead
    office.begin(run)
    told = Shortening("Anna", Channel.PHONE, TODAY - timedelta(hours=1))
    office.service.instalments.shorten(office.actor("handler1"), demand, told)
    office.begin(office.current_run(demand))
    assert office.finish(run, {"outcome": "halted", "code": "decision_invalid"}) == "ended"
    assert office.state(demand) == "extracting"


def test_bounds_that_are_passed_by_now_are_not_proposed(office):
    office.source()
    office.calls(*(START + timedelta(minutes=n) for n in range(3)))
    wanted = Wanted(Rhythm.WEEKLY, rows_each=2)
    plan = office.planned(office.new_demand([make_item(days=30)]), wanted=wanted)
    with pytest.raises(WrongState, match="more rows by now"):
        office.propose(plan)


def test_one_instalment_has_no_more_rows_than_was_decided_for_each(office):
    office.source()
    office.calls(START + timedelta(minutes=1))
    wanted = Wanted(Rhythm.WEEKLY, rows_each=2, rows_together=10)
    demand, run = office.decided(office.new_demand([make_item(days=30)]), wanted=wanted)
    office.calls(START + timedelta(minutes=2), START + timedelta(minutes=3))
    assert office.work(run) == "halted"
    assert office.service.get_progress(office.actor("handler1"), demand).halt == "over_bounds"


def test_plan_that_reaches_beyond_the_end_is_not_decided_on(office, ahead):
    """It was made before the authority ended its order earlier."""
    demand, run = ahead
    office.begin(run)
    with office.transactions.begin(WORKER) as tx:
        office.service.halt(tx, run)
    plan = office.planned(demand)
    told = Shortening("Anna", Channel.PHONE, TODAY + timedelta(days=1))
    office.service.instalments.shorten(office.actor("handler1"), demand, told)
    with pytest.raises(WrongState, match="the order was shortened, since"):
        office.propose(plan)
    office.approve(office.planned(demand))
    assert office.work(office.current_run(demand)) == "done"


def test_order_that_ended_earlier_is_answered_when_all_of_it_is_past(office, ahead, clock):
    """Nothing was given yet, and nothing is to come by now: it ends where its authority said."""
    demand, run = ahead
    office.begin(run)
    with office.transactions.begin(WORKER) as tx:
        office.service.halt(tx, run)
    told = Shortening("Anna", Channel.PHONE, TODAY - timedelta(hours=1))
    office.service.instalments.shorten(office.actor("handler1"), demand, told)
    clock.advance(days=20)
    office.approve(office.planned(demand))
    assert office.work(office.current_run(demand)) == "done"
    assert len(office.lines(office.current_run(demand))["call"]) == 1


HOUR = timedelta(hours=1)
PARTS = (
    Instalment(3, T0, T0 + HOUR, T0 + HOUR),
    Instalment(4, T0 + HOUR, T0 + 3 * HOUR, T0 + 4 * HOUR),
)


@pytest.fixture
def plan():
    target = Target(TargetKind.PHONE_NUMBER, NUMBERS[0])
    period = Period(T0, T0 + 3 * HOUR, "Europe/Amsterdam")
    found = make_plan([Item(1, target, period, ("traffic_call_records",))])
    return replace(found, instalments=Instalments(Rhythm.DAILY, 5, 10, PARTS))


def stated(part, **changes):
    """Return what a manifest says of an instalment."""
    found = GivenPart(part.number, 4, part.start, part.until)
    return {"instalment": replace(found, **changes).dump()}


def test_package_of_an_instalment_is_judged_by_its_span(plan):
    assert [one.start for one in read(plan, stated(PARTS[1])).items[0].asks] == [T0 + HOUR] * 2
    short = read(plan, stated(PARTS[1], until=T0 + 2 * HOUR))
    assert {one.end for one in short.items[0].asks} == {T0 + 2 * HOUR}


@pytest.mark.parametrize(
    "lie",
    [
        {},
        stated(PARTS[1], number=5),
        stated(PARTS[1], of=5),
        stated(PARTS[1], start=T0),
        stated(PARTS[1], until=T0 + 4 * HOUR),
        stated(PARTS[1], until=T0 + HOUR),
    ],
    ids=["none", "number", "of", "start", "longer", "empty"],
)
def test_package_of_no_instalment_of_its_plan_is_refused(plan, lie):
    with pytest.raises(VerificationFailed):
        read(plan, lie)


def test_package_of_a_whole_plan_is_no_instalment(plan):
    whole = replace(plan, instalments=None)
    assert read(whole, {}).items == plan.items
    with pytest.raises(VerificationFailed):
        read(whole, stated(PARTS[1]))


def read(plan, manifest):
    return read_scope(dump_canonical(dump_plan(plan)), manifest, []).plan


def test_run_is_of_an_instalment_of_its_plan(plan):
    assert part_of(plan, 4, T0 + 2 * HOUR) == replace(PARTS[1], until=T0 + 2 * HOUR)
    assert part_of(replace(plan, instalments=None), 1, None) is None
    for instalment, until in ((5, T0 + 2 * HOUR), (4, None), (4, T0 + HOUR), (4, T0 + 4 * HOUR)):
        with pytest.raises(IntegrityFailure):
            part_of(plan, instalment, until)


def given(run, instalment):
    """Return the entries of a demand of which an instalment was handed over."""
    facts = {"run": run, "instalment": instalment}
    return Stream("c_1", (Entered(1, HANDED_OVER, "s_1", format_instant(TODAY), facts, ()),))


def test_run_of_another_instalment_than_the_log_gave_is_damage(office, ahead):
    _, run = ahead
    with office.transactions.read() as session:
        assert [one.id for one in list_given(session, given(run, 1))] == [run]
        with pytest.raises(IntegrityFailure, match="of another instalment than was given"):
            list_given(session, given(run, 2))


def test_run_without_an_end_is_of_no_instalment():
    assert get_until(ExtractionRun(id="x_1", until=TODAY)) == TODAY
    with pytest.raises(IntegrityFailure, match="x_1 is of no instalment"):
        get_until(ExtractionRun(id="x_1", until=None))


def test_turn_is_by_the_log_and_comes_when_its_time_is_past(office, ahead):
    demand, run = ahead
    with office.transactions.read() as session:
        row, found = session.get(ExtractionRun, run), office.view_plan(session, demand).read()
        nothing = Stream(demand, ())
        assert check_turn(session, nothing, row, found, TODAY).until == TODAY
        with pytest.raises(IntegrityFailure, match="not past yet"):
            check_turn(session, nothing, row, found, TODAY - timedelta(microseconds=1))
        with pytest.raises(IntegrityFailure, match="another instalment than that of the run"):
            check_turn(session, given(run, 1), row, found, TODAY)


def test_instalment_that_was_given_and_never_extracted_is_damage(office, ahead, plan):
    _, run = ahead
    with office.transactions.read() as session:
        assert decided._find_earlier(session, Stream("c_1", ()), plan, PARTS[1]) is None
        with pytest.raises(IntegrityFailure, match="never extracted"):
            decided._find_earlier(session, given(run, 1), plan, PARTS[1])
