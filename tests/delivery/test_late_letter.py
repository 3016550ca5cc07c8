"""The letter that our answer may be late: ready while too few approvers can be reached."""

from datetime import timedelta
from types import SimpleNamespace

import pytest

from lea_service.delivery.letters.late_queries import PREPARED, is_near, is_prepared
from lea_service.delivery.letters.text import About
from lea_service.kernel.actors import worker_actor
from lea_service.kernel.clock import format_instant
from lea_service.kernel.errors import NotFound, WrongState
from lea_service.legal.catalogue import load_catalogue
from lea_service.legal.clock_service import ClockService
from lea_service.legal.deadlines import Clock, Status
from lea_service.legal.working_days import load_working_days
from lea_service.staff.reach.queries import find_open_alarm
from lea_service.staff.reach.rules import Timing
from lea_service.staff.reach.service import ReachService
from tests.support.clock import START as NOW
from tests.support.letters import make_letters
from tests.support.log import check_log

DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("clock", "hours", "status", "expected"),
    [
        ("answer", 72, "running", True),
        ("answer", 72.1, "running", False),
        ("emergency_answer", -1, "over", True),
        ("answer", None, "no_end", True),
        ("answer", None, "halted", False),
        ("answer", 1, "met", False),
        ("confirmation", 1, "running", False),
        ("confirmation", None, "no_end", False),
        ("preservation", 1, "running", False),
    ],
)
def test_end_of_a_term_of_ours_is_near(clock, hours, status, expected):
    due = None if hours is None else NOW + timedelta(hours=hours)
    found = SimpleNamespace(clock=Clock(clock), due=due, status=Status(status))
    assert is_near([found], NOW) == expected


def test_letter_is_ready_for_an_answer_without_an_end(handover, letters, watch):
    handler, demand = handover.house.actor("handler1"), handover.office.new_demand()
    watch()
    watch()
    shown = letters.draft(handler, demand, About.LATE, "nl")
    assert "of dan u verwacht" in " ".join(shown.text.split())


@pytest.fixture
def letters(handover):
    return make_letters(handover.log, handover.folder)


@pytest.fixture
def watch(handover, letters):
    """A function that does what the worker does, letters before approvers."""
    log, working = handover.log, load_working_days()
    clocks = ClockService(log.transactions, log.looks, load_catalogue(), working)
    reach = ReachService(log.transactions, log.looks, Timing(30 * DAY, 5 * DAY))

    def run():
        def begin():
            return log.transactions.begin(worker_actor())

        clocks.watch(begin)
        letters.prepare_late(begin)
        reach.watch(begin)

    return run


def near(handover, days):
    """Record a demand whose term ends in so many days."""
    now = handover.log.transactions.clock.now()
    return handover.office.new_demand(due_at=format_instant(now + days * DAY))


def test_letter_is_ready_once_and_sent_by_a_person(handover, letters, watch, clock):
    handler, demand = handover.house.actor("handler1"), near(handover, 4)
    watch()
    watch()  # by now there is an alarm: the office has one approver
    with pytest.raises(NotFound):
        letters.draft(handler, demand, About.LATE, "nl")
    clock.advance(days=1)
    watch()
    watch()
    assert handover.office.events(demand).count(PREPARED) == 1
    shown = {one: letters.draft(handler, demand, About.LATE, one) for one in ("nl", "en")}
    assert "kan later komen dan de termijn" in " ".join(shown["nl"].text.split())
    assert "may come later than its term" in " ".join(shown["en"].text.split())
    assert "approver" not in shown["en"].text
    assert letters.list(handler, demand) == ()
    sent = letters.send(handler, demand, About.LATE, "nl", shown["nl"].digest)
    assert letters.list(handler, demand) == (sent,)
    check_log(handover.log)


def test_letter_is_ready_once_a_day(handover, watch, clock):
    demand = near(handover, 1)
    watch()
    watch()
    with handover.log.transactions.read() as session:
        alarm = find_open_alarm(session).id
        prepared = [
            is_prepared(session, demand, one, clock.now() + after * DAY)
            for one, after in ((alarm, 2), ("ra_2", 0.99), ("ra_2", 1))
        ]
    assert prepared == [True, True, False]


def test_no_late_answer_to_what_is_settled(handover, letters, watch):
    handler, demand = handover.house.actor("handler1"), near(handover, 1)
    watch()
    watch()
    shown = letters.draft(handler, demand, About.LATE, "en")
    handover.office.withdraw(demand)
    check_log(handover.log)
    for state in ("withdrawn", "delivered", "preserved", "refused"):
        handover.office.force(demand, state)
        with pytest.raises(WrongState, match="does not wait"):
            letters.send(handler, demand, About.LATE, "en", shown.digest)
