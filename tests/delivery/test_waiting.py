"""A European order whose enforcing authority may have a say waits for the end of day 10."""

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from lea_service.demands.changes import hold, release_hold
from lea_service.demands.demand import Channel, DemandContent
from lea_service.demands.queries import current_holds, get_demand
from lea_service.demands.service import Withdrawal
from lea_service.kernel.actors import worker_actor
from lea_service.kernel.errors import InvalidInput, NotPermitted, WrongState
from lea_service.kernel.jobs import Postponed
from lea_service.legal.annex.form import Statement
from lea_service.legal.annex.service import AnnexService
from lea_service.legal.catalogue import group_editions, load_catalogue
from lea_service.legal.confirmations.rules import HOLDS, MISSING
from lea_service.legal.deadlines import Clock, Status
from lea_service.legal.moments import Enforcing
from lea_service.legal.service import LegalService
from lea_service.legal.working_days import load_working_days
from tests.demands.test_emergency import CLAIM
from tests.support.call_backs import call_back
from tests.support.engines import ANY_ENGINE
from tests.support.log import check_log
from tests.support.orders import make_orders

RECEIVED = "2026-11-23T10:00:00+01:00"  # a Monday: day 10 is Thursday 3 December
END = datetime(2026, 12, 3, 23, tzinfo=UTC)
WORKER = worker_actor()
KIND = "legal.enforcing_answer"
REASON = "Called back by the number of the register."


@pytest.fixture
def legal(handover):
    log = handover.log
    return LegalService(log.transactions, log.looks, load_working_days(), make_orders())


def european(handover):
    """Record a European order for traffic data; returns its id."""
    demand = handover.office.new_demand(
        legal_basis="EU-EPO-TRAFFIC", received_at=RECEIVED, receivers=[handover.person]
    )
    with handover.log.transactions.begin(handover.house.actor("handler1")) as tx:
        release_hold(tx, demand, "basis_unknown")  # the office of the tests knows one basis
    return demand


def correct(handover, demand, by="handler1", **changes):
    with handover.log.transactions.read() as session:
        old = get_demand(session, handover.log.keys, demand)
    said = {one.name: getattr(old, one.name) for one in fields(DemandContent)}
    handler, new = handover.house.actor(by), DemandContent(**{**said, **changes})
    handover.office.demands.correct(handler, demand, new, old.version)


def withdraw(handover, demand):
    handler = handover.house.actor("handler1")
    handover.office.demands.withdraw(handler, demand, Withdrawal("the clerk", Channel.PHONE))


@pytest.fixture
def sealed(handover):
    """A sealed package of a European order for traffic data: (demand, package)."""
    return handover.seal(demand=european(handover))


def answer(legal, handover, demand, said):
    """Record a refusal, or have two people agree to what lets the order go; returns the clocks."""
    handler = handover.house.actor("handler1")
    if said is Enforcing.REFUSED:
        return legal.record_enforcing_refusal(handler, demand, REASON)
    handover.house.approve(KIND, request(demand, said))
    return legal.get_deadlines(handler, demand)


def request(demand, said):
    return {"demand": demand, "answer": said.value, "reason": REASON}


def waits(handover, sealed):
    with pytest.raises(Postponed) as caught:
        handover.release(*sealed)
    return caught.value.detail


def test_nothing_leaves_before_the_end_of_day_ten(handover, sealed):
    clock = handover.log.transactions.clock
    assert "enforcing authority" in waits(handover, sealed)
    clock.advance(seconds=(END - clock.now()).total_seconds() - 1)
    assert "enforcing authority" in waits(handover, sealed)
    clock.advance(seconds=1)
    assert handover.release(*sealed) == "made_available"
    check_log(handover.log)


def test_one_person_holds_it_back_and_two_have_it_reviewed_anew(handover, sealed):
    """What came up in the ten days is put to the authority; nothing leaves meanwhile."""
    (demand, package), log = sealed, handover.log
    handler, service = handover.house.actor("handler1"), handover.office.service
    annex = AnnexService(log.transactions, log.looks, load_working_days())
    said = Statement("Een kennelijke fout.", is_preserved=True, question="Welk nummer is bedoeld?")
    with pytest.raises(WrongState, match="lea plan stop"):
        annex.file(handler, demand, ["manifest_errors"], said)
    with pytest.raises(NotPermitted):
        service.stop(WORKER, demand, "question")
    with pytest.raises(InvalidInput, match="question, doubt"):
        service.stop(handler, demand, "because")
    assert service.stop(handler, demand, "question").halt == "stopped"
    assert handover.release(demand, package) in {None, "ended"}
    with pytest.raises(WrongState, match="new decision"):
        service.resume(handler, demand)
    wanted = {"demand": demand, "ground": "review_mistaken", "reason": "Een vraag kwam op."}
    handover.house.approve("extraction.reopening", wanted)
    assert handover.state(demand) == "under_review"  # where questions and forms go out
    log.transactions.clock.advance(days=12)
    assert handover.release(demand, package) in {None, "ended"}
    with pytest.raises(WrongState):
        service.stop(handler, demand, "question")
    check_log(log)


@pytest.mark.parametrize("said", [Enforcing.CONFIRMED, Enforcing.NOT_NOTIFIED])
def test_answer_lets_it_go_at_once(handover, legal, sealed, said):
    found = answer(legal, handover, sealed[0], said)
    assert (found.enforcing, found.deadlines[0].earliest) == (said, None)
    assert handover.release(*sealed) == "made_available"
    check_log(handover.log)


def test_refusal_holds_it_for_good(handover, legal, sealed):
    found = answer(legal, handover, sealed[0], Enforcing.REFUSED)
    assert found.deadlines[0].status is Status.HALTED
    handover.log.transactions.clock.advance(days=30)
    assert "hold" in waits(handover, sealed)
    answer(legal, handover, sealed[0], Enforcing.CONFIRMED)
    assert handover.release(*sealed) == "made_available"


def test_hold_ended_by_hand_lets_nothing_out(handover, legal, sealed):
    answer(legal, handover, sealed[0], Enforcing.REFUSED)
    with handover.log.transactions.database.write() as session:
        session.execute(text("UPDATE demand_holds SET released_at = since"))
    handover.log.transactions.clock.advance(days=30)
    assert handover.release(*sealed) != "made_available"


def test_other_orders_wait_for_nobody(handover, legal):
    demand, package = handover.seal()
    with pytest.raises(WrongState):
        answer(legal, handover, demand, Enforcing.CONFIRMED)
    assert handover.release(demand, package) == "made_available"


def test_objection_after_the_hand_over_stops_the_fetch(handover, legal, sealed):
    answer(legal, handover, sealed[0], Enforcing.NOT_NOTIFIED)
    handover.release(*sealed)
    _, receiver = handover.sign_in()
    assert handover.collect(receiver, sealed[1])
    answer(legal, handover, sealed[0], Enforcing.REFUSED)
    with pytest.raises(WrongState, match="objects"):
        handover.collect(receiver, sealed[1])
    answer(legal, handover, sealed[0], Enforcing.CONFIRMED)
    assert handover.collect(receiver, sealed[1])


def test_answer_comes_too_late_once_it_is_over(handover, legal, sealed):
    answer(legal, handover, sealed[0], Enforcing.CONFIRMED)
    withdraw(handover, sealed[0])
    with pytest.raises(WrongState):
        answer(legal, handover, sealed[0], Enforcing.REFUSED)


def test_answer_is_about_the_order_as_it_was(handover, legal):
    demand = european(handover)
    answer(legal, handover, demand, Enforcing.CONFIRMED)
    correct(handover, demand, received_at=datetime(2026, 11, 24, 8, tzinfo=UTC))
    found = legal.get_deadlines(handover.house.actor("handler1"), demand)
    assert found.enforcing is None
    assert found.deadlines[0].earliest is not None


def test_refusal_of_what_became_a_dutch_order_can_be_ended(handover, legal):
    demand = european(handover)
    answer(legal, handover, demand, Enforcing.REFUSED)
    correct(handover, demand, legal_basis="NL-SV-126n")
    found = legal.get_deadlines(handover.house.actor("handler1"), demand)
    assert found.deadlines[0].status is not Status.HALTED
    answer(legal, handover, demand, Enforcing.NOT_NOTIFIED)
    with handover.log.transactions.read() as session:
        holds = {one.code for one in current_holds(session, handover.log.keys, demand)}
    assert "enforcing_authority_refused" not in holds


def change_catalogue(monkeypatch, changes):
    """Let the catalogue say something else of traffic orders, or nothing any more."""
    known = load_catalogue()
    kept = [one for one in known.bases if one.id != "EU-EPO-TRAFFIC"]
    if changes is not None:
        (edition,) = known.get_editions("EU-EPO-TRAFFIC")
        kept.append(replace(edition, **changes))
    other = replace(known, bases=tuple(kept), _editions=group_editions(kept))
    monkeypatch.setattr("lea_service.delivery.release.catalogue_of", lambda session: other)


@pytest.mark.parametrize("changes", [None, {"response": None}])
def test_what_the_catalogue_no_longer_says_lets_nothing_out(handover, sealed, monkeypatch, changes):
    change_catalogue(monkeypatch, changes)
    handover.log.transactions.clock.advance(days=30)
    assert "the catalogue does not know" in waits(handover, sealed)


@pytest.mark.parametrize("jurisdiction", ["NL", "EU"])
def test_unknown_term_waits_where_an_enforcing_authority_can_have_a_say(
    handover, sealed, monkeypatch, jurisdiction
):
    change_catalogue(monkeypatch, {"response": None, "jurisdiction": jurisdiction})
    if jurisdiction == "EU":
        assert "enforcing authority" in waits(handover, sealed)
    else:
        assert handover.release(*sealed) == "made_available"


def test_wait_without_a_known_end_ends_when_a_person_says(handover, legal, sealed, monkeypatch):
    response = load_catalogue().get_editions("EU-EPO-TRAFFIC")[0].response
    change_catalogue(monkeypatch, {"response": replace(response, counting=None)})
    handover.log.transactions.clock.advance(days=30)
    assert "until two of us agree" in waits(handover, sealed)
    answer(legal, handover, sealed[0], Enforcing.NOT_NOTIFIED)
    assert handover.release(*sealed) == "made_available"


def test_only_who_judges_demands_says_it(handover, legal, sealed):
    said = request(sealed[0], Enforcing.CONFIRMED)
    with pytest.raises(NotPermitted):
        legal.record_enforcing_refusal(handover.house.actor("approver1"), sealed[0], REASON)
    with pytest.raises(NotPermitted):
        handover.house.propose(KIND, said, by="approver1")
    proposed = handover.house.propose(KIND, said)
    with pytest.raises(NotPermitted):
        handover.house.decide(proposed, by="handler2")
    assert "enforcing authority" in waits(handover, sealed)


@ANY_ENGINE
def test_nobody_lets_go_what_they_typed_themselves(handover, legal):
    house, demand = handover.house, european(handover)
    house.hire("both", "handler", "approver")
    correct(handover, demand, by="both", note="Read again.")
    proposed = house.propose(KIND, request(demand, Enforcing.CONFIRMED))
    with pytest.raises(NotPermitted, match="neither brought"):
        house.decide(proposed, by="both")
    house.decide(proposed)
    found = legal.get_deadlines(house.actor("handler1"), demand)
    assert found.enforcing is Enforcing.CONFIRMED


@ANY_ENGINE
def test_refusal_alone_is_recorded_by_one(handover, sealed):
    with pytest.raises(InvalidInput) as refused:
        handover.house.propose(KIND, request(sealed[0], Enforcing.REFUSED))
    assert [one.pointer for one in refused.value.errors] == ["/request/answer"]


@ANY_ENGINE
def test_refusal_that_came_after_the_proposal_is_not_lifted_by_it(handover, legal, sealed):
    proposed = handover.house.propose(KIND, request(sealed[0], Enforcing.CONFIRMED))
    answer(legal, handover, sealed[0], Enforcing.REFUSED)
    with pytest.raises(WrongState, match="propose it anew"):
        handover.house.decide(proposed)
    assert "hold" in waits(handover, sealed)


@ANY_ENGINE
def test_correction_after_the_proposal_makes_it_of_another_order(handover):
    demand = european(handover)
    proposed = handover.house.propose(KIND, request(demand, Enforcing.CONFIRMED))
    correct(handover, demand, received_at=datetime(2026, 11, 24, 8, tzinfo=UTC))
    with pytest.raises(WrongState, match="propose it anew"):
        handover.house.decide(proposed)


@ANY_ENGINE
def test_emergency_that_nobody_claimed_waits_as_others_do(handover, sealed):
    with pytest.raises(WrongState, match="claims no emergency"):
        handover.house.propose(KIND, request(sealed[0], Enforcing.EMERGENCY))


@ANY_ENGINE
def test_emergency_lifts_no_ground_that_was_raised(handover, legal):
    """It waits for nobody, but what the enforcing authority refused stays here."""
    demand = handover.office.new_demand(
        legal_basis="EU-EPO-TRAFFIC", received_at=RECEIVED, emergency=CLAIM
    )
    for name in ("handler1", "handler2"):
        call_back(handover.log.transactions, handover.house.actor(name), demand)
    answer(legal, handover, demand, Enforcing.EMERGENCY)
    answer(legal, handover, demand, Enforcing.REFUSED)
    with pytest.raises(WrongState, match="raised a ground"):
        handover.house.propose(KIND, request(demand, Enforcing.EMERGENCY))
    answer(legal, handover, demand, Enforcing.CONFIRMED)


def test_changed_arrival_lets_nothing_out(handover, sealed):
    """When it was received stands in the sealed record, which the log vouches for."""
    handover.log.transactions.clock.advance(seconds=timedelta(days=1).total_seconds())
    with handover.log.transactions.database.write() as session:
        session.execute(text("UPDATE demands SET received_at = '2026-01-01 00:00:00'"))
    assert "enforcing authority" in waits(handover, sealed)


def oral(handover):
    """Record an oral order of Monday 23 November: in writing by the end of Thursday the 26th."""
    demand = handover.office.new_demand(
        legal_basis="NL-SV-126n",
        form="oral",
        order_date="2026-11-23",
        received_at=RECEIVED,
        receivers=[handover.person],
    )
    with handover.log.transactions.begin(handover.house.actor("handler1")) as tx:
        release_hold(tx, demand, "basis_unknown")
    return demand


def test_oral_order_that_ran_out_hands_over_nothing(handover):
    demand, package = handover.seal(demand=oral(handover))
    clock = handover.log.transactions.clock
    clock.advance(seconds=(datetime(2026, 11, 26, 23, tzinfo=UTC) - clock.now()).total_seconds())
    assert "confirmed in writing" in waits(handover, (demand, package))  # before the worker held it
    clock.advance(seconds=-1)
    assert handover.release(demand, package) == "made_available"
    check_log(handover.log)


@pytest.mark.parametrize("owed", [Clock.CONFIRMATION, Clock.VALIDATION])
def test_order_that_owes_what_ran_out_is_fetched_no_more(handover, owed):
    demand, package = handover.seal(demand=oral(handover))
    handover.release(demand, package)
    _, receiver = handover.sign_in()
    with handover.log.transactions.begin(WORKER) as tx:
        hold(tx, demand, HOLDS[owed])
    with pytest.raises(WrongState, match=MISSING[owed]):
        handover.collect(receiver, package)
    with handover.log.transactions.begin(WORKER) as tx:
        release_hold(tx, demand, HOLDS[owed])
    assert handover.collect(receiver, package)
