"""What a judge authorised orally: it is listed, stops the demand when late, and is recorded."""

from datetime import UTC, date, datetime, timedelta

import pytest

from lea_service.custody.entries import load_entry
from lea_service.custody.queries import list_stream
from lea_service.kernel.errors import InvalidInput, NotPermitted, WrongState
from lea_service.legal.deadlines import Clock, Status
from tests.demands.samples import item
from tests.legal.confirmations.test_service import confirmations, holds, move, notices, watch
from tests.legal.test_service import REASON, correct
from tests.support.log import check_log

__all__ = ["confirmations", "watch"]
GIVEN = datetime(2026, 11, 27, 12, tzinfo=UTC)
LATE = datetime(2026, 12, 1, 23, tzinfo=UTC)
"""Given on a Friday: in writing by the end of Tuesday 1 December, as an oral order is."""
ORAL = {"given_by": "mr. A. Rechter", "given_at": "2026-11-27T12:00:00Z"}
SPOKEN = {
    "legal_basis": "NL-SV-126nd-6",
    "judicial_authorisation": {"oral": ORAL},
    "items": [item(categories=["identifying_admin"])],
    "order_date": "2026-11-27",
    "received_at": "2026-11-27T13:00:00Z",
}
PAPER = "RC 26/1"


@pytest.fixture
def colleague(house):
    """Somebody who neither recorded nor corrected the demand."""
    return house.actor("handler2")


@pytest.fixture
def demand(authority, clock):
    clock.set(GIVEN + timedelta(hours=2))
    return authority.send(**SPOKEN)


def late_of(confirmations, handler):
    (one,) = confirmations.list_open(handler, None, 10)
    return one.late


def test_it_is_asked_about_listed_and_ends_with_a_correction(
    log, authority, demand, legal, confirmations, handler, colleague
):
    found = legal.assess(handler, demand)
    assert "judicial.oral_unwritten" in {one.partition("/")[0] for one in found.open}
    (one,) = confirmations.list_open(handler, None, 10)
    assert (one.demand, one.clock, one.status) == (demand, Clock.AUTHORISATION, Status.RUNNING)
    assert one.law == "Wetboek van Strafvordering art. 126l lid 7"
    with pytest.raises(WrongState, match="correction"):
        confirmations.record_writing(colleague, demand, PAPER, date(2026, 11, 27), REASON)
    written = {"reference": PAPER, "oral": {**ORAL, "written_on": "2026-11-27"}}
    correct(authority, log, demand, **SPOKEN | {"judicial_authorisation": written})
    found = legal.assess(handler, demand)
    assert "judicial.oral_unwritten" not in {one.partition("/")[0] for one in found.open}
    assert confirmations.list_open(handler, None, 10) == []
    check_log(log)


def test_late_writing_stops_the_demand_and_is_no_breach(
    log, demand, watch, confirmations, house, handler, colleague, clock
):
    move(log, demand, "under_review", "approved")
    late = late_of(confirmations, handler)
    assert late == LATE
    watch(late - timedelta(minutes=1))
    assert holds(log, demand) == []
    watch(late)
    assert holds(log, demand) == ["authorisation_unwritten"]
    assert notices(log) == []
    assert confirmations.list_breaches(house.actor("overseer1"), None, None, 10) == []
    with pytest.raises(NotPermitted, match="somebody else"):
        confirmations.record_writing(handler, demand, PAPER, date(2026, 11, 30), REASON)
    assert holds(log, demand) == ["authorisation_unwritten"]
    done = confirmations.record_writing(colleague, demand, PAPER, date(2026, 11, 30), REASON)
    assert (done.late, done.is_late) == (late, True)
    assert holds(log, demand) == []
    assert confirmations.list_open(handler, None, 10) == []
    with pytest.raises(WrongState, match="before"):
        confirmations.record_writing(colleague, demand, PAPER, date(2026, 11, 30), REASON)
    watch(clock.now())
    assert holds(log, demand) == []
    check_log(log)


def test_no_order_pays_it_and_it_pays_no_order(
    log, authority, demand, confirmations, handler, colleague
):
    move(log, demand, "under_review", "approved")
    with pytest.raises(WrongState, match="owes no confirmation"):
        confirmations.bring(handler, demand, authority.paper("anders", **SPOKEN))
    other = authority.send(note="written", received_at=SPOKEN["received_at"])
    move(log, other, "under_review", "approved")
    with pytest.raises(WrongState, match="owes no confirmation"):
        confirmations.record_writing(colleague, other, PAPER, date(2026, 11, 27), REASON)


@pytest.mark.parametrize("day", [date(2026, 11, 26), date(2026, 11, 28)])
def test_day_is_one_from_when_it_was_given_until_today(log, demand, confirmations, colleague, day):
    move(log, demand, "under_review", "approved")
    with pytest.raises(InvalidInput) as refused:
        confirmations.record_writing(colleague, demand, PAPER, day, REASON)
    assert [one.pointer for one in refused.value.errors] == ["/written_on"]


def test_leaf_tells_neither_the_judge_nor_the_reference(
    log, demand, confirmations, house, colleague
):
    move(log, demand, "under_review", "approved")
    with pytest.raises(NotPermitted):
        confirmations.record_writing(
            house.actor("approver1"), demand, PAPER, date(2026, 11, 27), REASON
        )
    confirmations.record_writing(colleague, demand, PAPER, date(2026, 11, 27), REASON)
    with log.transactions.read() as session:
        last = [load_entry(one.data) for one in list_stream(session, demand)][-1]
    assert last["ev"] == "demand.authorisation_written"
    assert PAPER not in str(last)
    assert "2026-11-27" not in str(last.get("facts"))
    check_log(log)
