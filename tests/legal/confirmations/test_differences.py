"""A writing about something else than what was acted on pays nothing."""

from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256

import pytest
from sqlalchemy import update

from lea_service.custody.entries import load_entry
from lea_service.custody.queries import list_stream
from lea_service.custody.replay import read_stream
from lea_service.demands.models import Demand
from lea_service.demands.queries import get_demand
from lea_service.demonstration.order import write_order
from lea_service.kernel.errors import (
    Duplicate,
    IntegrityFailure,
    InvalidInput,
    NotFound,
    NotPermitted,
    WrongState,
)
from lea_service.legal.times import collect_times
from tests.demands.samples import item
from tests.demands.test_admission import clear
from tests.legal.confirmations.paying import ACCEPTANCE, ask
from tests.legal.confirmations.test_service import (
    DAY,
    LATE,
    confirmations,
    holds,
    move,
    oral,
    paper,
    send,
    service,
    watch,
)
from tests.legal.preservation.test_freezing import sql
from tests.support.log import check_log
from tests.support.orders import make_orders, read_here

__all__ = ["confirmations", "oral", "watch"]
OTHER_PERIOD = {"start": "2026-11-01T00:00:00+01:00", "end": "2026-11-07T00:00:00+01:00"}
OTHER_WEEK = [item(period=OTHER_PERIOD)]
BROUGHT, RECEIVED = "confirmation.brought", "confirmation.received"


@pytest.fixture
def acted_on(log, oral):
    move(log, oral, "under_review", "approved", "extracting", "sealing", "ready", "delivered")
    return oral


def entered(log, demand, *events):
    """Return what the entries of some events say openly."""
    with log.transactions.read() as session:
        found = [load_entry(one.data) for one in list_stream(session, demand)]
    return [(one["ev"], one.get("facts", {})) for one in found if one["ev"] in events]


def differences(paper):
    """Return the references of how a paper differs."""
    return [one.ref for one in paper.findings]


def test_paper_that_came_pays_nothing_by_itself(
    log, authority, acted_on, confirmations, handler, watch, house
):
    """Also where it says what was acted on: who brings it may have made it."""
    same = confirmations.bring(handler, acted_on, paper(authority))
    assert (differences(same), same.brought_by) == ([], handler.id)
    assert [one.demand for one in confirmations.list_open(handler, None, 10)] == [acted_on]
    watch(LATE)
    assert holds(log, acted_on) == ["confirmation_overdue"]
    house.approve(ACCEPTANCE, ask(same))
    assert (holds(log, acted_on), confirmations.list_open(handler, None, 10)) == ([], [])
    (((_, brought)), (_, paid)) = entered(log, acted_on, BROUGHT, RECEIVED)
    assert brought == {"paper": same.id, "findings": {}}
    assert (paid["paper"], paid["pays"]) == (same.id, "confirmation")
    check_log(log)


def test_paper_counts_from_when_it_came(log, authority, acted_on, confirmations, watch, house):
    """The authority is not late where we are: it came within the term and we agreed after it."""
    confirmations.bring(house.actor("handler1"), acted_on, paper(authority))
    (found,) = confirmations.list_papers(house.actor("handler1"), acted_on)
    watch(LATE)
    house.approve(ACCEPTANCE, ask(found))
    with log.transactions.read() as session:
        demand = get_demand(session, log.keys, acted_on)
        times = collect_times(demand, read_stream(session, acted_on))
    assert times.confirmed_at == found.brought_at < LATE


def test_nobody_agrees_who_brought_it_or_typed_the_demand(
    log, authority, acted_on, confirmations, house
):
    for name in ("both1", "both2", "both3"):
        house.hire(name, "handler", "approver")
    brought = confirmations.bring(house.actor("both1"), acted_on, paper(authority))
    proposed = house.propose(ACCEPTANCE, ask(brought), by="both2")
    with pytest.raises(NotPermitted, match="neither brought this"):
        house.decide(proposed, by="both1")
    with pytest.raises(NotPermitted):
        house.decide(proposed, by="both2")
    typed = f"UPDATE demand_records SET recorded_by = '{house.id('both3')}'"
    sql(log, typed, "demand_records")
    with pytest.raises(NotPermitted, match="recorded or corrected"):
        house.decide(proposed, by="both3")
    house.decide(proposed)
    assert confirmations.list_open(house.actor("handler1"), None, 10) == []


def test_paper_about_another_week_differs(log, authority, acted_on, confirmations, handler, house):
    other = confirmations.bring(handler, acted_on, paper(authority, items=OTHER_WEEK))
    assert differences(other) == ["order.period_differs/1", "order.period_not_typed"]
    ((_, facts),) = entered(log, acted_on, BROUGHT, RECEIVED)
    assert facts == {
        "paper": other.id,
        "findings": {"order.period_differs": 1, "order.period_not_typed": 1},
    }
    right = confirmations.bring(handler, acted_on, paper(authority))  # the right one still pays
    house.approve(ACCEPTANCE, ask(right))
    assert confirmations.list_open(handler, None, 10) == []
    with pytest.raises(WrongState, match="before"):
        house.propose(ACCEPTANCE, ask(other))


@pytest.mark.parametrize(
    ("changes", "wanted"),
    [
        ({"items": [item(value="+31687654321")]}, "order.target_differs/1"),
        ({"order_date": "2026-11-26"}, "order.date_differs"),
        ({"legal_basis": "NL-SV-126n"}, "order.basis_differs"),
        (
            {"judicial_authorisation": {"reference": "RC-2026/99", "given_on": "2026-11-26"}},
            "order.authorisation_differs",
        ),
    ],
)
def test_each_part_is_compared(authority, acted_on, confirmations, handler, changes, wanted):
    found = confirmations.bring(handler, acted_on, paper(authority, **changes))
    assert wanted in differences(found)


def test_differences_name_no_value(authority, acted_on, confirmations, handler):
    other = paper(authority, items=[item(value="+31687654321")])
    said = str(confirmations.bring(handler, acted_on, other).differences)
    assert "page 1 line" in said
    assert not any(one in said for one in ("687654321", "612345678"))


def test_paper_that_cannot_be_read_differs(acted_on, confirmations, handler):
    blank = confirmations.bring(handler, acted_on, write_order([""]))
    assert differences(blank) == ["order.not_readable"]


def test_each_difference_is_named_on_a_ground(
    log, authority, acted_on, confirmations, handler, house
):
    other = paper(authority, items=[item(value="+31687654321", period=OTHER_PERIOD)])
    brought = confirmations.bring(handler, acted_on, other)
    found = differences(brought)
    assert len(found) == 4
    whole = ask(brought)
    for wrong, place in (
        ({"accepted": found[:1]}, "/request/accepted"),
        ({"accepted": []}, "/request/accepted"),
        ({"accepted": [*found, "order.date_differs"]}, "/request/accepted"),
        ({"ground": None}, "/request/ground"),
        ({"ground": "because"}, "/request/ground"),
    ):
        with pytest.raises(InvalidInput) as refused:
            house.propose(ACCEPTANCE, {**whole, **wrong})
        assert [one.pointer for one in refused.value.errors] == [place]
    house.approve(ACCEPTANCE, whole)
    assert confirmations.list_open(handler, None, 10) == []
    ((_, facts),) = entered(log, acted_on, RECEIVED)
    assert facts["findings"] == {
        "order.period_differs": 1,
        "order.period_not_typed": 1,
        "order.target_differs": 1,
        "order.target_not_asked": 1,
    }
    assert facts["ground"] == "asked_authority"
    check_log(log)


def test_whoever_decides_sees_what_is_signed(authority, acted_on, confirmations, handler, house):
    other = paper(authority, items=OTHER_WEEK)
    brought = confirmations.bring(handler, acted_on, other)
    shown = house.approvals.open(house.actor("approver1"), house.propose(ACCEPTANCE, ask(brought)))
    assert shown.payload["sha256"] == sha256(other).hexdigest()
    assert [one["ref"] for one in shown.payload["differences"]] == differences(brought)
    assert (shown.payload["demand"], shown.payload["pays"]) == (acted_on, ["confirmation"])
    file = confirmations.get_paper(house.actor("approver1"), acted_on, brought.id)
    assert file.content == other
    with pytest.raises(NotFound):
        confirmations.get_paper(handler, acted_on, "wp_" + "0" * 32)


def test_same_paper_is_brought_once(authority, acted_on, confirmations, handler, house):
    brought = confirmations.bring(handler, acted_on, paper(authority))
    with pytest.raises(Duplicate, match=brought.id):
        confirmations.bring(house.actor("handler2"), acted_on, paper(authority))


def test_log_of_a_sealed_demand_does_not_say_what_differed(
    log, authority, clock, confirmations, handler, house
):
    clear(house, "handler1")
    clear(house, "approver1")
    clock.set(datetime(2026, 11, 27, 12, tzinfo=UTC))
    sealed = send(authority, lane="sealed")
    move(log, sealed, "under_review", "approved")
    other = confirmations.bring(handler, sealed, paper(authority, items=OTHER_WEEK))
    house.approve(ACCEPTANCE, ask(other))
    ((_, brought), (_, paid)) = entered(log, sealed, BROUGHT, RECEIVED)
    assert (brought.keys(), paid.keys()) == (
        {"paper"}, {"paper", "approval", "came", "pays"},
    )  # fmt: skip


def test_paper_that_was_changed_in_the_table_pays_nothing(
    log, authority, acted_on, confirmations, handler, house
):
    """Whoever owns the database writes that another brought it, who may not agree then."""
    brought = confirmations.bring(handler, acted_on, paper(authority))
    proposed = house.propose(ACCEPTANCE, ask(brought), by="handler2")
    sql(log, "UPDATE confirmation_papers SET brought_by = 's_x'", "confirmation_papers")
    with pytest.raises(IntegrityFailure, match="not the one that was entered"):
        house.decide(proposed)


def reader(act):
    """Return how papers are read where something else happens meanwhile."""

    def read(data):
        act()
        return read_here(data)

    return make_orders(read=read)


def correct_week(log, demands, handler, demand):
    """Correct a demand that was decided on, as none can be today, to another week."""
    with log.transactions.begin(handler) as tx:
        tx.session.execute(update(Demand).values(state="under_review"))
    found = demands.get(handler, demand)
    (asked,) = found.content.items
    ends = {name: datetime.fromisoformat(value) for name, value in OTHER_PERIOD.items()}
    asked = replace(asked, period=replace(asked.period, **ends))
    wanted = replace(found.content, items=(asked,))
    demands.correct(handler, demand, wanted, found.version, None)
    move(log, demand, "approved")


def test_paper_is_brought_again_once_the_demand_was_corrected(
    log, authority, acted_on, confirmations, demands, handler
):
    """What it says is compared anew: the one of before the correction pays nothing any more."""
    before = confirmations.bring(handler, acted_on, paper(authority))
    correct_week(log, demands, handler, acted_on)
    again = confirmations.bring(handler, acted_on, paper(authority))
    assert (again.sha256, differences(before)) == (before.sha256, [])
    assert again.record_version > before.record_version
    assert "order.period_differs" in [one.code for one in again.findings]
    with pytest.raises(Duplicate, match=again.id):
        confirmations.bring(handler, acted_on, paper(authority))


def test_correction_while_the_paper_is_read_is_not_paid_by_it(
    log, authority, acted_on, demands, handler
):
    """The paper was held against what the demand said before.

    No demand that was decided on goes back to review today; whatever way there is once, this holds.
    """

    def correct():
        correct_week(log, demands, handler, acted_on)

    with pytest.raises(WrongState, match="corrected while"):
        service(log, reader(correct)).bring(handler, acted_on, paper(authority))
    assert entered(log, acted_on, RECEIVED, BROUGHT) == []
    other = paper(authority, items=OTHER_WEEK)
    service(log, make_orders()).bring(handler, acted_on, other)


def test_paper_is_not_read_where_nothing_is_owed(log, authority, oral, handler):
    def fail():
        pytest.fail("the paper was read")

    confirmations = service(log, reader(fail))
    with pytest.raises(WrongState, match="correction"):
        confirmations.bring(handler, oral, paper(authority))
    written = authority.send(called_back=False, **DAY)
    move(log, written, "under_review", "approved")
    with pytest.raises(WrongState, match="owes no"):
        confirmations.bring(handler, written, paper(authority))
