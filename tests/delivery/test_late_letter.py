"""The letter that our answer may be late: ready while too few approvers can be reached."""

from datetime import timedelta

import pytest

from lea_service.delivery.letters.late_queries import PREPARED, is_near
from lea_service.delivery.letters.service import LetterService
from lea_service.delivery.letters.text import About
from lea_service.kernel.actors import worker_actor
from lea_service.kernel.clock import format_instant
from lea_service.kernel.errors import NotFound
from lea_service.legal.catalogue import load_catalogue
from lea_service.legal.clock_service import ClockService
from lea_service.legal.counted import CountedClock
from lea_service.legal.working_days import load_working_days
from lea_service.packaging.assembly import Assembly
from lea_service.staff.reach.rules import Timing
from lea_service.staff.reach.service import ReachService
from tests.support.clock import START as NOW
from tests.support.log import check_log

DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("clock", "hours", "expected"),
    [
        ("answer", 72, True),
        ("answer", 72.1, False),
        ("emergency_answer", -1, True),
        ("answer", None, False),
        ("confirmation", 1, False),
        ("preservation", 1, False),
    ],
)
def test_end_of_a_term_of_ours_is_near(clock, hours, expected):
    due = None if hours is None else NOW + timedelta(hours=hours)
    assert is_near([CountedClock(clock, due, None)], NOW) == expected


def test_letter_is_ready_once_and_sent_by_a_person(handover):
    log, handler = handover.log, handover.house.actor("handler1")
    transactions, clock = log.transactions, log.transactions.clock
    contents = Assembly(transactions, log.service, "Voorbeeld Telecom B.V.", handover.folder)
    working = load_working_days()
    letters = LetterService(transactions, log.looks, contents.correspond, working)
    demand = handover.office.new_demand(due_at=format_instant(clock.now() + 4 * DAY))

    def watch():
        def begin():
            return transactions.begin(worker_actor())

        ClockService(transactions, log.looks, load_catalogue(), working).watch(begin)
        letters.prepare_late(begin)
        ReachService(transactions, log.looks, Timing(30 * DAY, 5 * DAY)).watch(begin)

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
    check_log(log)
