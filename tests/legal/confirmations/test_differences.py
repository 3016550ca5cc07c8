"""A writing about something else than what was acted on pays nothing."""

from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256

import pytest
from sqlalchemy import update

from lea_service.custody.entries import load_entry
from lea_service.custody.queries import list_stream
from lea_service.demands.models import Demand
from lea_service.demonstration.order import write_order
from lea_service.kernel.errors import IntegrityFailure, InvalidInput, NotPermitted, WrongState
from lea_service.legal.confirmations.differences import Accepted
from lea_service.legal.confirmations.models import WrittenConfirmation
from tests.demands.samples import item
from tests.demands.test_admission import clear
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
DIFFERED, RECEIVED = "confirmation.differed", "confirmation.received"


@pytest.fixture
def acted_on(log, oral):
    move(log, oral, "under_review", "approved", "extracting", "sealing", "ready", "delivered")
    return oral


@pytest.fixture
def colleague(house):
    return house.actor("handler2")


def entered(log, demand, *events):
    """Return what the entries of some events say openly."""
    with log.transactions.read() as session:
        found = [load_entry(one.data) for one in list_stream(session, demand)]
    return [(one["ev"], one.get("facts", {})) for one in found if one["ev"] in events]


def differences(confirmations, actor, demand, order, accepted=None):
    """Return the references that the refusal of a paper names."""
    with pytest.raises(InvalidInput) as refused:
        confirmations.confirm(actor, demand, order, accepted=accepted or Accepted())
    assert {one.pointer for one in refused.value.errors} == {"/order"}
    return [one.detail.partition(": ")[0] for one in refused.value.errors]


def test_paper_about_another_week_pays_nothing(
    log, authority, acted_on, confirmations, handler, watch
):
    other = paper(authority, items=OTHER_WEEK)
    assert differences(confirmations, handler, acted_on, other) == ["order.period_differs/1"]
    assert entered(log, acted_on, DIFFERED, RECEIVED) == [
        (DIFFERED, {"findings": {"order.period_differs": 1}})
    ]
    with log.transactions.read() as session:
        assert session.query(WrittenConfirmation).all() == []
    assert [one.demand for one in confirmations.list_open(handler, None, 10)] == [acted_on]
    watch(LATE)
    assert holds(log, acted_on) == ["confirmation_overdue"]
    # the right one still pays
    assert confirmations.confirm(handler, acted_on, paper(authority)).is_late
    assert confirmations.list_open(handler, None, 10) == []
    check_log(log)


@pytest.mark.parametrize(
    ("changes", "wanted"),
    [
        ({"items": [item(value="+31687654321")]}, "order.target_differs/1"),
        ({"order_date": "2026-11-19"}, "order.date_differs"),
        ({"legal_basis": "NL-SV-126n"}, "order.basis_differs"),
        (
            {"judicial_authorisation": {"reference": "RC-2026/99", "given_on": "2026-11-19"}},
            "order.authorisation_differs",
        ),
    ],
)
def test_each_part_is_compared(authority, acted_on, confirmations, handler, changes, wanted):
    found = differences(confirmations, handler, acted_on, paper(authority, **changes))
    assert wanted in found


def test_refusal_names_no_value(authority, acted_on, confirmations, handler):
    other = paper(authority, items=[item(value="+31687654321")])
    with pytest.raises(InvalidInput) as refused:
        confirmations.confirm(handler, acted_on, other)
    said = str([one.detail for one in refused.value.errors])
    assert "page 1 line" in said
    assert not any(one in said for one in ("687654321", "612345678"))


def test_paper_that_cannot_be_read_differs(acted_on, confirmations, handler):
    blank = write_order([""])
    assert differences(confirmations, handler, acted_on, blank) == ["order.not_readable"]


def test_colleague_lets_each_difference_pass_on_a_ground(
    log, authority, acted_on, confirmations, handler, colleague
):
    other = paper(authority, items=[item(value="+31687654321", period=OTHER_PERIOD)])
    found = differences(confirmations, handler, acted_on, other)
    assert len(found) == 3
    some = Accepted(found[:1], "asked_authority", sha256(other).hexdigest())
    assert differences(confirmations, colleague, acted_on, other, some) == found[1:]
    digest = sha256(other).hexdigest()
    whole = Accepted(found, "asked_authority", digest)
    with pytest.raises(NotPermitted, match="did not record"):
        confirmations.confirm(handler, acted_on, other, accepted=whole)
    for wrong, place in (
        (Accepted(found), "/ground"),
        (Accepted(found, "because"), "/ground"),
        (Accepted((), "asked_authority"), "/ground"),
        (Accepted((), None, digest), "/paper"),
        (Accepted(found, "asked_authority"), "/paper"),
        (Accepted([*found, "order.date_differs"], "asked_authority", digest), "/accepted"),
    ):
        with pytest.raises(InvalidInput) as refused:
            confirmations.confirm(colleague, acted_on, other, accepted=wrong)
        assert [one.pointer for one in refused.value.errors] == [place]
    assert not confirmations.confirm(colleague, acted_on, other, accepted=whole).is_late
    assert confirmations.list_open(handler, None, 10) == []
    ((_, facts),) = entered(log, acted_on, RECEIVED)
    assert facts == {
        "is_late": False,
        "findings": {
            "order.period_differs": 1,
            "order.target_differs": 1,
            "order.target_not_asked": 1,
        },
        "ground": "asked_authority",
        "pays": "confirmation",
    }
    check_log(log)


def test_acceptance_of_one_paper_lets_no_other_pass(
    log, authority, acted_on, confirmations, handler, colleague
):
    """Both papers are about another number than was asked, each about its own."""
    ours, other = (
        paper(authority, items=[item(value=value)]) for value in ("+31687654321", "+31611111111")
    )
    found = differences(confirmations, handler, acted_on, ours)
    accepted = Accepted(found, "asked_authority", sha256(ours).hexdigest())
    with pytest.raises(InvalidInput, match="SHA-256 of this paper"):
        confirmations.confirm(colleague, acted_on, other, accepted=accepted)
    unseen = replace(accepted, paper=sha256(other).hexdigest())
    with pytest.raises(InvalidInput, match="did not come before"):
        confirmations.confirm(colleague, acted_on, other, accepted=unseen)
    assert entered(log, acted_on, RECEIVED) == []
    assert differences(confirmations, colleague, acted_on, other) == found
    with pytest.raises(NotPermitted, match="did not bring"):
        confirmations.confirm(colleague, acted_on, other, accepted=unseen)
    confirmations.confirm(colleague, acted_on, ours, accepted=accepted)


def test_log_of_a_sealed_demand_does_not_say_what_differed(
    log, authority, clock, confirmations, handler, colleague, house
):
    clear(house, "handler1")
    clear(house, "handler2")
    clock.set(datetime(2026, 11, 20, 12, tzinfo=UTC))
    sealed = send(authority, lane="sealed")
    move(log, sealed, "under_review", "approved")
    other = paper(authority, items=OTHER_WEEK)
    found = differences(confirmations, handler, sealed, other)
    accepted = Accepted(found, "read_by_person", sha256(other).hexdigest())
    confirmations.confirm(colleague, sealed, other, accepted=accepted)
    assert entered(log, sealed, DIFFERED, RECEIVED) == [
        (DIFFERED, {}), (RECEIVED, {"is_late": False, "pays": "confirmation"}),
    ]  # fmt: skip


def reader(act):
    """Return how papers are read where something else happens meanwhile."""

    def read(data):
        act()
        return read_here(data)

    return make_orders(read=read)


def test_correction_while_the_paper_is_read_is_not_paid_by_it(
    log, authority, acted_on, demands, handler
):
    """The paper was held against what the demand said before.

    No demand that was decided on goes back to review today; whatever way there is once, this holds.
    """

    def correct():
        with log.transactions.begin(handler) as tx:
            tx.session.execute(update(Demand).values(state="under_review"))
        found = demands.get(handler, acted_on)
        (asked,) = found.content.items
        ends = {name: datetime.fromisoformat(value) for name, value in OTHER_PERIOD.items()}
        asked = replace(asked, period=replace(asked.period, **ends))
        wanted = replace(found.content, items=(asked,))
        demands.correct(handler, acted_on, wanted, found.version, None)
        move(log, acted_on, "approved")

    with pytest.raises(WrongState, match="corrected while"):
        service(log, reader(correct)).confirm(handler, acted_on, paper(authority))
    assert entered(log, acted_on, RECEIVED, DIFFERED) == []
    other = paper(authority, items=OTHER_WEEK)
    service(log, make_orders()).confirm(handler, acted_on, other)


def test_paper_is_not_read_where_nothing_is_owed(log, authority, oral, handler):
    def fail():
        pytest.fail("the paper was read")

    confirmations = service(log, reader(fail))
    with pytest.raises(WrongState, match="correction"):
        confirmations.confirm(handler, oral, paper(authority))
    written = authority.send(called_back=False, **DAY)
    move(log, written, "under_review", "approved")
    with pytest.raises(WrongState, match="owes no"):
        confirmations.confirm(handler, written, paper(authority))


def test_paper_whose_coming_is_not_disclosed_any_more_lets_nothing_pass(
    log, authority, acted_on, confirmations, handler, colleague
):
    """Whoever owns the database takes away that one colleague brought it; then another did."""
    other = paper(authority, items=OTHER_WEEK)
    differences(confirmations, handler, acted_on, other)
    sql(log, "DELETE FROM log_disclosures", "log_disclosures")
    accepted = Accepted(["order.period_differs/1"], "read_by_person", sha256(other).hexdigest())
    with pytest.raises(IntegrityFailure, match="not disclosed any more"):
        confirmations.confirm(colleague, acted_on, other, accepted=accepted)
