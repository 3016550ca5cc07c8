"""A paper that came with the record of an oral order is its writing once it says the same."""

from datetime import UTC, datetime

import pytest

from lea_service.demands.demand import Form
from lea_service.demands.queries import get_demand
from lea_service.kernel.errors import WrongState
from lea_service.legal.deadlines import Clock, Status
from lea_service.legal.queries import check_settled
from lea_service.legal.times import collect_times, list_paid, was_oral
from tests.legal.confirmations.paying import pay
from tests.legal.confirmations.test_service import DAY, ORAL, confirmations, move, oral, paper
from tests.legal.test_service import REASON
from tests.legal.test_times import asked, at, stream
from tests.support.engines import ANY_ENGINE
from tests.support.log import check_log
from tests.support.orders import retyped

__all__ = ["confirmations", "oral"]
NOTE = b"Notitie van het gesprek"
READABLE = "order.not_readable"


def entry(event, **facts):
    return f"demand.{event}", facts


BARE = entry("recorded", form="oral", has_order=False)
WITH = entry("recorded", form="oral", has_order=True)
PAPER = entry("corrected", form="oral", has_order=True, fields=["order"])
AGAIN = entry("corrected", form="oral", has_order=True, fields=["note"])
NOTHING = entry("corrected", form="oral", has_order=False, fields=["note"])
SEALED = entry("corrected", has_order=True)
SAME, DIFFERS = entry("assessed", paper="same"), entry("assessed", paper="differs")
UNSEEN = entry("assessed")
ALONE, OTHERS = entry("finding_accepted"), entry("finding_accepted", paper_read=True)
PAID = ("confirmation.received", {})


@pytest.mark.parametrize(
    ("events", "came"),
    [
        ((WITH,), None),
        ((WITH, SAME), 1),
        ((WITH, DIFFERS), None),
        ((WITH, DIFFERS, ALONE), None),
        ((WITH, DIFFERS, OTHERS), 1),
        ((WITH, DIFFERS, OTHERS, DIFFERS), None),
        ((WITH, SAME, DIFFERS), None),
        ((WITH, SAME, NOTHING), None),
        ((WITH, SAME, NOTHING, SAME), 1),
        ((WITH, SAME, AGAIN, SAME), 1),
        ((BARE, UNSEEN), None),
        ((BARE, UNSEEN, PAPER), None),
        ((BARE, UNSEEN, PAPER, SAME), 3),
        ((WITH, DIFFERS, PAPER, SAME), 3),
        ((BARE, SEALED, SAME), 2),
        ((WITH, DIFFERS, PAID), 3),
        ((BARE, PAID), 2),
        ((), None),
    ],
)
def test_paper_pays_once_it_was_read(events, came):
    demand, entries = asked(form=Form.ORAL), stream(*events)
    assert collect_times(demand, entries).confirmed_at == (came and at(came))
    assert (Clock.CONFIRMATION in list_paid(demand, entries)) == (came is not None)


@pytest.mark.parametrize(
    ("events", "form", "expected"),
    [
        ((), Form.ORAL, True),
        ((), Form.WRITTEN, False),
        ((entry("recorded", form="written"),), Form.WRITTEN, False),
        ((entry("recorded", form="oral"), entry("corrected", form="written")), Form.WRITTEN, True),
        ((entry("recorded", form="written"), entry("corrected", form="written")), Form.WRITTEN, False),
        ((entry("recorded"),), Form.WRITTEN, False),
        ((entry("recorded"), entry("corrected")), Form.WRITTEN, True),
    ],
)  # fmt: skip
def test_what_once_was_oral_stays_so(events, form, expected):
    assert was_oral(asked(form=form), stream(*events)) is expected


def confirmation(legal, handler, demand):
    found = legal.get_deadlines(handler, demand).deadlines
    return next(one for one in found if one.clock is Clock.CONFIRMATION)


def noted(authority, clock):
    """Record an oral order with a note of the call beside it."""
    clock.set(datetime(2026, 11, 27, 12, tzinfo=UTC))
    return authority.send(order=NOTE, by=authority.officer, **{**DAY, **ORAL})


@ANY_ENGINE
def test_any_paper_pays_nothing_until_somebody_else_read_it(
    log, authority, legal, handler, house, clock
):
    demand = noted(authority, clock)
    found = legal.assess(handler, demand)
    values = retyped(log.transactions, found, READABLE)
    legal.accept_finding(handler, demand, READABLE, REASON, retyped=values)
    assert confirmation(legal, handler, demand).status is Status.RUNNING
    legal.assess(handler, demand)
    legal.accept_finding(house.actor("handler2"), demand, READABLE, REASON, retyped=values)
    assert confirmation(legal, handler, demand).status is Status.MET
    check_log(log)


@ANY_ENGINE
def test_oral_order_becomes_written_by_its_paper_alone(
    log, authority, legal, handler, oral, demands, confirmations, clock
):
    def correct(order=None, **changes):
        form = authority.form(by=authority.officer, **{**DAY, **ORAL, "form": "written"} | changes)
        with log.transactions.read() as session:
            version = get_demand(session, log.keys, oral).version
        demands.correct(handler, oral, form, version, order)
        return legal.assess(handler, oral)

    assert "form.order_missing" in correct().open
    with pytest.raises(WrongState, match="has to change first"):
        legal.accept_finding(handler, oral, "form.order_missing", REASON)
    assert confirmation(legal, handler, oral).status is Status.RUNNING
    assert [one.demand for one in confirmations.list_open(handler, None, 10)] == [oral]
    clock.advance(seconds=1)
    correct(NOTE)
    assert confirmation(legal, handler, oral).status is Status.RUNNING
    correct(paper(authority))
    assert confirmation(legal, handler, oral).status is Status.MET


@ANY_ENGINE
def test_written_order_without_its_paper_goes_nowhere(log, authority, legal, handler):
    demand = authority.send(order=None)
    legal.assess(handler, demand)
    with pytest.raises(WrongState, match="has to change first"):
        legal.accept_finding(handler, demand, "form.order_missing", REASON)
    with log.transactions.read() as session, pytest.raises(WrongState, match="order_missing"):
        check_settled(session, demand)


@ANY_ENGINE
def test_paper_that_nobody_else_read_is_brought_again_after_the_decision(
    log, authority, legal, handler, house, confirmations, clock
):
    demand = noted(authority, clock)
    move(log, demand, "under_review", "approved")
    clock.advance(hours=1)
    pay(house, confirmations, demand, NOTE)
    assert confirmation(legal, handler, demand).status is Status.MET
    check_log(log)
