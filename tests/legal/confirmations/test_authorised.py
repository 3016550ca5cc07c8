"""What a judge authorised orally: it is listed, stops the demand when late, and takes two people."""

from datetime import UTC, datetime, timedelta

import pytest

from lea_service.custody.entries import load_entry
from lea_service.custody.queries import list_stream
from lea_service.custody.replay import read_stream
from lea_service.demands.admission import shut_out
from lea_service.demands.queries import get_demand
from lea_service.kernel.actors import worker_actor
from lea_service.kernel.canonical import salted_digest
from lea_service.kernel.errors import InvalidInput, NotFound, NotPermitted, WrongState
from lea_service.legal.confirmations.approval import AUTHORISATION
from lea_service.legal.deadlines import Clock, Status
from lea_service.legal.times import collect_times
from lea_service.staff.statement import Act, Statement, dump_statement, sign_statement
from tests.demands.samples import item
from tests.demands.test_admission import clear
from tests.legal.confirmations.test_differences import correct_week
from tests.legal.confirmations.test_service import (
    confirmations,
    events,
    holds,
    move,
    notices,
    watch,
)
from tests.legal.preservation.test_freezing import sql
from tests.legal.test_service import REASON, correct
from tests.support.engines import ANY_ENGINE
from tests.support.log import check_log
from tests.support.race import race

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
WRITTEN = "demand.authorisation_written"


@pytest.fixture
def demand(authority, clock):
    clock.set(GIVEN + timedelta(hours=2))
    return authority.send(**SPOKEN)


@pytest.fixture
def decided(log, demand):
    move(log, demand, "under_review", "approved")
    return demand


def word(demand, **changes):
    """Return the request that what a judge said of a demand is in writing."""
    told = {"demand": demand, "reference": PAPER, "written_on": "2026-11-27", "reason": REASON}
    return told | changes


def late_of(confirmations, handler):
    (one,) = confirmations.list_open(handler, None, 10)
    return one.late


def is_owed(confirmations, handler):
    return [one.clock for one in confirmations.list_open(handler, None, 10)] != []


@ANY_ENGINE
def test_it_is_asked_about_listed_and_ends_with_a_correction(
    log, authority, demand, legal, confirmations, handler, house
):
    found = legal.assess(handler, demand)
    assert "judicial.oral_unwritten" in {one.partition("/")[0] for one in found.open}
    (one,) = confirmations.list_open(handler, None, 10)
    assert (one.demand, one.clock, one.status) == (demand, Clock.AUTHORISATION, Status.RUNNING)
    assert one.law == "Wetboek van Strafvordering art. 126l lid 7"
    with pytest.raises(WrongState, match="correction"):
        house.propose(AUTHORISATION, word(demand))
    written = {"reference": PAPER, "oral": {**ORAL, "written_on": "2026-11-27"}}
    correct(authority, log, demand, **SPOKEN | {"judicial_authorisation": written})
    found = legal.assess(handler, demand)
    assert "judicial.oral_unwritten" not in {one.partition("/")[0] for one in found.open}
    assert confirmations.list_open(handler, None, 10) == []
    check_log(log)


@ANY_ENGINE
def test_late_writing_stops_the_demand_and_is_no_breach(
    log, decided, watch, confirmations, house, handler, clock
):
    late = late_of(confirmations, handler)
    assert late == LATE
    watch(late - timedelta(minutes=1))
    assert holds(log, decided) == []
    watch(late)
    assert holds(log, decided) == ["authorisation_unwritten"]
    assert notices(log) == []
    assert confirmations.list_breaches(house.actor("overseer1"), None, None, 10) == []
    proposed = house.propose(AUTHORISATION, word(decided, written_on="2026-11-30"))
    watch(clock.now())
    assert holds(log, decided) == ["authorisation_unwritten"]
    assert is_owed(confirmations, handler)
    house.decide(proposed)
    assert holds(log, decided) == []
    assert not is_owed(confirmations, handler)
    assert events(log, decided, "breach.opened", WRITTEN) == [WRITTEN]
    with pytest.raises(WrongState, match="before"):
        house.propose(AUTHORISATION, word(decided))
    watch(clock.now())
    assert holds(log, decided) == []
    check_log(log)


@ANY_ENGINE
def test_it_counts_from_when_word_of_it_came(
    log, decided, watch, house, handler, clock, confirmations
):
    """The authority is not late where we are: it told us within the term, we agreed after it."""
    came = LATE - timedelta(hours=1)
    clock.set(came + timedelta(minutes=5))
    at = came.isoformat()
    proposed = house.propose(AUTHORISATION, word(decided, written_on="2026-11-30", came=at))
    watch(LATE)
    assert holds(log, decided) == ["authorisation_unwritten"]
    house.decide(proposed)
    with log.transactions.read() as session:
        entries = read_stream(session, decided)
        times = collect_times(get_demand(session, log.keys, decided), entries)
    assert (times.authorised.given_at, times.authorised.written_at) == (GIVEN, came)
    assert holds(log, decided) == []


@ANY_ENGINE
def test_demand_that_every_handler_typed_gets_its_writing(
    log, decided, house, handler, confirmations
):
    """Whoever typed the demand may be told of it; an approver who did not decides."""
    for name in ("both1", "both2"):
        house.hire(name, "handler", "approver")
    typed = f"UPDATE demand_records SET recorded_by = '{house.id('both1')}'"
    sql(log, typed, "demand_records")
    for by, refused in (("both1", "both1"), ("both2", "both2"), ("handler1", "both1")):
        proposed = house.propose(AUTHORISATION, word(decided), by=by)
        with pytest.raises(NotPermitted):
            house.decide(proposed, by=refused)
    assert is_owed(confirmations, handler)
    house.decide(house.propose(AUTHORISATION, word(decided), by="both1"), by="both2")
    assert not is_owed(confirmations, handler)


@ANY_ENGINE
def test_only_a_handler_proposes_and_an_approver_decides(decided, house, confirmations, handler):
    with pytest.raises(NotPermitted):
        house.propose(AUTHORISATION, word(decided), by="approver1")
    proposed = house.propose(AUTHORISATION, word(decided))
    with pytest.raises(NotPermitted):
        house.decide(proposed, by="handler2")
    assert is_owed(confirmations, handler)
    house.decide(proposed, outcome="refused", reasons=["not_verified"])
    assert is_owed(confirmations, handler)


@ANY_ENGINE
def test_no_order_pays_it_and_it_pays_no_order(
    log, authority, decided, confirmations, handler, house
):
    with pytest.raises(WrongState, match="owes no confirmation"):
        confirmations.bring(handler, decided, authority.paper("anders", **SPOKEN))
    other = authority.send(note="written", received_at=SPOKEN["received_at"])
    move(log, other, "under_review", "approved")
    with pytest.raises(WrongState, match="owes no confirmation"):
        house.propose(AUTHORISATION, word(other))


@ANY_ENGINE
@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"written_on": "2026-11-26"}, "written_on"),
        ({"written_on": "2026-11-28"}, "written_on"),
        ({"written_on": "2026-11-28", "came": "2026-11-27T23:30:00Z"}, "came"),
        ({"came": "2026-11-27T11:59:59Z"}, "came"),
        ({"came": "2026-11-27T14:00:01Z"}, "came"),
        ({"reason": "x"}, "reason"),
    ],
)
def test_days_are_such_as_can_be(decided, house, changes, place):
    with pytest.raises(InvalidInput) as refused:
        house.propose(AUTHORISATION, word(decided, **changes))
    assert [one.pointer for one in refused.value.errors] == [f"/request/{place}"]


@ANY_ENGINE
def test_word_that_came_after_its_proposal_was_signed_counts_for_nothing(
    log, decided, house, handler, clock, confirmations
):
    """A client of one's own states an earlier instant than the one at which it asks."""
    signer, stated_at = house.actor("handler1"), clock.now()
    clock.advance(seconds=300)
    prepared = house.approvals.prepare(signer, AUTHORISATION, word(decided))
    statement = dump_statement(
        Statement(
            act=Act.PROPOSE,
            approval="ap_" + "7" * 32,
            by=signer.id,
            kind=AUTHORISATION,
            subject=decided,
            digest=salted_digest(prepared.salt, prepared.payload),
            facts={},
            stated_at=stated_at,
        )
    )
    proof = sign_statement(house.keys["handler1"], statement)
    signed = {"salt": prepared.salt, "statement": statement, "proof": proof}
    made = house.approvals.propose(signer, AUTHORISATION, prepared.request, **signed)
    with pytest.raises(InvalidInput) as refused:
        house.decide(made.id)
    assert [one.pointer for one in refused.value.errors] == ["/came"]
    assert is_owed(confirmations, handler)


@ANY_ENGINE
def test_whoever_decides_sees_how_it_is_known(decided, house, clock):
    proposed = house.propose(AUTHORISATION, word(decided))
    shown = house.approvals.open(house.actor("approver1"), proposed)
    wanted = word(decided, came="2026-11-27T14:00:00.000000Z", record_version=1)
    assert (shown.payload, shown.facts) == (wanted, {})


@ANY_ENGINE
def test_proposal_of_before_a_correction_is_stale(
    log, decided, house, demands, handler, confirmations
):
    """No demand that was decided on goes back to review today; whatever way there is once."""
    signer = house.actor("handler2")
    prepared = house.approvals.prepare(signer, AUTHORISATION, word(decided))
    proposed = house.propose(AUTHORISATION, word(decided), by="handler2")
    correct_week(log, demands, handler, decided)
    with pytest.raises(WrongState, match="propose it anew"):
        house.decide(proposed)
    with pytest.raises(WrongState, match="propose it anew"):
        house.approvals.prepare(signer, AUTHORISATION, prepared.request)
    assert is_owed(confirmations, handler)
    house.approve(AUTHORISATION, word(decided))
    assert not is_owed(confirmations, handler)


@ANY_ENGINE
def test_proposal_about_a_demand_that_is_over_ends_nothing(log, decided, house):
    proposed = house.propose(AUTHORISATION, word(decided))
    move(log, decided, "withdrawn")
    with pytest.raises(WrongState, match="owes no confirmation"):
        house.decide(proposed)
    assert events(log, decided, WRITTEN) == []


def test_two_proposals_at_once_are_one(log, decided, house):
    proposed = [
        house.propose(AUTHORISATION, word(decided, reference=f"RC 26/{n}"), by=f"handler{n}")
        for n in (1, 2)
    ]
    found = race(
        lambda: house.decide(proposed[0], by="approver1"),
        lambda: house.decide(proposed[1], by="approver2"),
    )
    assert sorted(type(one).__name__ for one in found) == ["ApprovalView", "WrongState"]
    assert events(log, decided, WRITTEN) == [WRITTEN]
    check_log(log)


@ANY_ENGINE
def test_leaf_tells_neither_the_judge_nor_the_reference(log, decided, house):
    approval = house.approve(AUTHORISATION, word(decided))
    with log.transactions.read() as session:
        leaves = [load_entry(one.data) for one in list_stream(session, decided)]
    (last,) = [one for one in leaves if one["ev"] == WRITTEN]
    assert last["facts"] == {"approval": approval, "came": "2026-11-27T14:00:00.000000Z"}
    assert not any(one in str(leaves) for one in (PAPER, REASON, ORAL["given_by"]))
    check_log(log)


@ANY_ENGINE
def test_sealed_demand_takes_two_cleared_people(log, authority, clock, house):
    clock.set(GIVEN + timedelta(hours=2))
    for name in ("handler1", "approver1"):
        clear(house, name)
    sealed = authority.send(**SPOKEN, lane="sealed")
    move(log, sealed, "under_review", "approved")
    with pytest.raises(NotFound):
        house.propose(AUTHORISATION, word(sealed), by="handler2")
    proposed = house.propose(AUTHORISATION, word(sealed))
    others = house.actor("approver2")
    assert house.approvals.list_pending(others, None, 10) == []
    for act in (house.decide, lambda one, by: house.approvals.open(house.actor(by), one)):
        with pytest.raises(NotFound):
            act(proposed, by="approver2")
    house.decide(proposed)
    assert events(log, sealed, WRITTEN) == [WRITTEN]


@ANY_ENGINE
def test_whoever_is_shut_out_has_no_part_in_it(log, decided, house):
    proposed = house.propose(AUTHORISATION, word(decided))
    with log.transactions.begin(worker_actor()) as tx:
        shut_out(tx, decided, [house.id("handler2"), house.id("approver1")])
    with pytest.raises(NotFound):
        house.propose(AUTHORISATION, word(decided), by="handler2")
    with pytest.raises(NotFound):
        house.decide(proposed, by="approver1")
    assert events(log, decided, WRITTEN) == []
    house.decide(proposed, by="approver2")
    assert events(log, decided, WRITTEN) == [WRITTEN]


@ANY_ENGINE
def test_what_somebody_proposed_who_is_shut_out_since_is_not_agreed_to(
    log, decided, house, handler, confirmations
):
    proposed = house.propose(AUTHORISATION, word(decided), by="handler2")
    with log.transactions.begin(worker_actor()) as tx:
        shut_out(tx, decided, [house.id("handler2")])
    with pytest.raises(WrongState, match="no longer has the right"):
        house.decide(proposed)
    assert is_owed(confirmations, handler)
    house.decide(proposed, outcome="refused", reasons=["not_verified"])
    house.approve(AUTHORISATION, word(decided))
    assert not is_owed(confirmations, handler)
