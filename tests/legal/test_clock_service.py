"""The clocks of open demands are watched: counted, moved by a new holiday, and told in steps."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from lea_service.custody.queries import list_stream
from lea_service.demands.demand import Channel
from lea_service.demands.service import Withdrawal
from lea_service.kernel.actors import worker_actor
from lea_service.kernel.errors import NotPermitted
from lea_service.kernel.jobs import Job
from lea_service.legal.annex.form import Statement
from lea_service.legal.catalogue import load_catalogue
from lea_service.legal.clock_service import ClockService
from lea_service.legal.counted import Cause
from lea_service.legal.working_days import load_working_days
from tests.demands.test_emergency import CLAIM
from tests.support.letters import send_form
from tests.support.log import check_log

ORAL = {"form": "oral", "legal_basis": "NL-SV-126na-1", "issuing_role": "nl.opsporingsambtenaar"}
NEW_HOLIDAY = date(2026, 11, 24)


@pytest.fixture
def oral(authority, clock):
    """An oral order of Friday 20 November 2026: in writing by the end of Tuesday the 24th."""
    clock.set(datetime(2026, 11, 20, 12, tzinfo=UTC))
    return authority.send(
        order=None, order_date="2026-11-20", received_at="2026-11-20T12:00:00Z",
        called_back=False, by=authority.officer, **ORAL,
    )  # fmt: skip


@pytest.fixture
def watch(log, clocks):
    def work(clocks=clocks):
        return clocks.watch(lambda: log.transactions.begin(worker_actor()))

    return work


def events(log, demand):
    with log.transactions.read() as session:
        return [one.event for one in list_stream(session, demand) if "deadline" in one.event]


def told(log):
    """Return the kinds of the notices to our own people."""
    with log.transactions.read() as session:
        found = [job.args["template"] for job in session.query(Job).order_by(Job.run_after)]
    return [one for one in found if one.startswith("deadline")]


def with_holiday(log):
    days = replace(load_working_days(), decree_days=frozenset({NEW_HOLIDAY}))
    return ClockService(log.transactions, log.looks, load_catalogue(), days)


def test_clocks_are_counted_once(log, oral, watch, legal, handler):
    assert watch() == 1
    assert watch() == 0
    assert events(log, oral) == ["deadline.counted"]
    (counted,) = legal.get_deadlines(handler, oral).counted
    (clock,) = counted.standing.clocks
    assert (clock.clock, clock.due) == ("confirmation", datetime(2026, 11, 24, 23, tzinfo=UTC))
    assert counted.cause is None
    check_log(log)


def test_clock_of_a_held_demand_runs(log, oral, authority, watch, legal, handler):
    authority.register.service.suspend(handler, authority.agency, "doubt")
    assert watch() == 1
    (counted,) = legal.get_deadlines(handler, oral).counted
    (clock,) = counted.standing.clocks
    assert (clock.clock, clock.due) == ("confirmation", datetime(2026, 11, 24, 23, tzinfo=UTC))
    log.transactions.clock.set(datetime(2026, 11, 24, 22, tzinfo=UTC))
    watch()
    assert told(log) == ["deadline.near"]


def test_new_holiday_moves_open_clocks(log, oral, watch, legal, handler):
    watch()
    assert watch(with_holiday(log)) == 1
    assert watch(with_holiday(log)) == 0
    moved = legal.get_deadlines(handler, oral).counted[-1]
    (move,) = moved.moves
    assert moved.cause is Cause.HOLIDAYS
    assert (move.added, move.left_out) == ((NEW_HOLIDAY,), ())
    assert move.after.due == datetime(2026, 11, 25, 23, tzinfo=UTC)
    assert told(log) == ["deadline.moved"]
    assert events(log, oral) == ["deadline.counted", "deadline.moved"]
    check_log(log)


def test_holiday_elsewhere_moves_nothing(log, oral, watch):
    watch()
    days = replace(load_working_days(), decree_days=frozenset({date(2026, 12, 1)}))
    assert watch(ClockService(log.transactions, log.looks, load_catalogue(), days)) == 0
    assert events(log, oral) == ["deadline.counted"]


def test_each_step_is_told_once(log, oral, watch, clock, legal, handler):
    steps = []
    for day, hour in ((20, 13), (23, 13), (24, 1), (24, 22), (24, 23), (25, 12)):
        clock.set(datetime(2026, 11, day, hour, tzinfo=UTC))
        watch()
        watch()
        steps.append([one.step for one in legal.get_deadlines(handler, oral).escalations])
    alarm, left, late = ["alarm"], ["alarm", "one_day_left"], ["alarm", "one_day_left", "late"]
    assert steps == [[], alarm, left, left, late, [*late, "alarm"]]
    near, pressing = "deadline.near", "deadline.pressing"
    assert told(log) == [near, near, pressing, near]  # the last of an answer that has no end
    check_log(log)


@pytest.mark.parametrize("basis", ["EU-EPO-SUBSCRIBER", "EU-EPO-TRAFFIC"])
def test_eight_hours_of_a_claimed_emergency_are_watched(
    log, authority, watch, clock, clocks, legal, handler, basis
):
    """Whoever claims it is enough to be reminded; nobody has to record anything before."""
    clock.set(datetime(2026, 11, 24, 8, tzinfo=UTC))
    demand = authority.send(
        legal_basis=basis, emergency=CLAIM, called_back=False, received_at="2026-11-24T08:00:00Z"
    )
    for hours in (1, 4, 2, 1, 1):
        clock.advance(hours=hours)
        watch()
    found = legal.get_deadlines(handler, demand)
    told_of = [(one.clock, one.step) for one in found.escalations]
    steps = ["begun", "half_left", "two_hours_left", "one_hour_left", "late"]
    assert told_of == [("emergency_answer", one) for one in steps]
    assert "emergency_answer" in {one.clock for one in found.counted[-1].standing.clocks}
    ends = {one.clock: one.due for one in clocks.list_open(handler, None, 9)}
    assert ends["emergency_answer"] == datetime(2026, 11, 24, 17, tzinfo=UTC)  # 9:00 and 8 hours
    check_log(log)


def test_answer_without_an_end_is_looked_at_again(log, authority, watch, clock, legal, handler):
    """Most Dutch orders have no term: a desk is reminded, then whoever oversees it."""
    clock.set(datetime(2026, 11, 24, 8, tzinfo=UTC))
    demand = authority.send(called_back=False, received_at="2026-11-24T08:00:00Z")
    found = []
    for day in (28, 29, 30):
        clock.set(datetime(2026, 11, day, 8, tzinfo=UTC))
        watch()
        found.append([one.step for one in legal.get_deadlines(handler, demand).escalations])
    assert found == [[], ["alarm"], ["alarm"]]
    clock.set(datetime(2026, 12, 4, 8, tzinfo=UTC))
    watch()
    watch()
    steps = [(one.step, one.told) for one in legal.get_deadlines(handler, demand).escalations]
    assert steps == [("alarm", "desk"), ("alarm_again", "overseer")]


def test_question_that_is_not_answered_is_told(log, authority, watch, clock, legal, annex, handler):
    """It halts the term of a European order; within five days the authority answers."""
    clock.set(datetime(2026, 11, 24, 8, tzinfo=UTC))
    demand = authority.send(
        legal_basis="EU-EPO-SUBSCRIBER", called_back=False, received_at="2026-11-24T08:00:00Z"
    )
    legal.assess(handler, demand)
    said = Statement("It names two.", is_preserved=True, question="Which subscriber is meant?")
    annex.file(handler, demand, ["incomplete"], said)
    send_form(log, handler, demand)
    (answer,) = (
        one for one in legal.get_deadlines(handler, demand).deadlines if one.clock == "answer"
    )
    assert answer.alarm == datetime(2026, 11, 30, 23, tzinfo=UTC)  # the fifth day is a Sunday
    clock.set(datetime(2026, 11, 30, 22, tzinfo=UTC))
    watch()
    assert legal.get_deadlines(handler, demand).escalations == ()
    clock.set(datetime(2026, 11, 30, 23, tzinfo=UTC))
    watch()
    clock.set(datetime(2026, 12, 24, tzinfo=UTC))
    watch()
    found = legal.get_deadlines(handler, demand).escalations
    assert [one.step for one in found] == ["alarm", "alarm_again"]


def test_worker_that_was_away_tells_the_last_step_only(log, oral, watch, clock):
    clock.set(datetime(2026, 12, 24, tzinfo=UTC))
    watch()
    assert events(log, oral) == ["deadline.counted", *["deadline.escalated"] * 2]
    assert told(log) == ["deadline.pressing"] * 2


def test_demand_that_is_over_is_not_watched(log, oral, demands, handler, watch):
    demands.withdraw(handler, oral, Withdrawal("Anna de Vries", Channel.PHONE))
    assert watch() == 0


def test_correction_is_counted_and_told_nobody(log, authority, watch, demands, handler):
    demand = authority.send(called_back=False, due_at="2026-12-08T12:00:00Z")
    watch()
    changed = authority.form(due_at="2026-12-09T12:00:00Z")
    demands.correct(handler, demand, changed, demands.get(handler, demand).version)
    assert watch() == 1
    assert events(log, demand) == ["deadline.counted", "deadline.counted"]
    assert told(log) == []


def test_open_clocks_are_listed_by_their_end(log, oral, authority, clocks, watch, handler):
    day = {"order_date": "2026-11-20", "received_at": "2026-11-20T12:00:00Z"}
    later = authority.send(called_back=False, due_at="2026-12-08T12:00:00Z", **day)
    watch()
    found = clocks.list_open(handler, None, 10)
    assert [(one.demand, one.clock) for one in found] == [
        (oral, "confirmation"), (later, "answer"),
    ]  # fmt: skip
    assert found[0].seconds_left == (4 * 24 + 11) * 3600
    (rest,) = clocks.list_open(handler, ("2026-11-24T23:00:00.000000Z", oral, "confirmation"), 10)
    assert rest.demand == later


def test_sealed_demand_is_listed_to_nobody_and_pressing_to_no_overseer(
    log, authority, watch, clocks, handler
):
    """Where a notice about it goes is looked up when it leaves: to those who are cleared."""
    authority.send(called_back=False, due_at="2026-11-24T20:00:00Z", lane="sealed")
    log_clock = log.transactions.clock
    log_clock.advance(hours=10)
    assert watch() == 1
    assert told(log) == ["deadline.near"]
    assert clocks.list_open(handler, None, 10) == []


def test_only_who_lists_demands_lists_clocks(clocks, house):
    with pytest.raises(NotPermitted):
        clocks.list_open(house.actor("engineer1"), None, 10)
