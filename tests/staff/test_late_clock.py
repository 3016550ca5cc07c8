"""A clock that is behind the log: what people sign counts, or is not taken in."""

import pytest

from lea_service.kernel.errors import Unavailable
from lea_service.staff.approvals import verify_decision
from lea_service.staff.queries import find_decision, list_endorsements
from lea_service.staff.reasons import Answer
from lea_service.staff.statement import Outcome, sign_statement
from tests.staff.attacker import PLAN
from tests.support.log import check_log, run_ahead

PLAN_ID = "pl_" + "1" * 32
BEHIND = "30 minutes behind the custody log"


def prepare(house):
    """Return what hands in a proposal that was signed before."""
    actor = house.actor("handler1")
    made = house.approvals.prepare(actor, PLAN, {"plan": PLAN_ID})
    proof = sign_statement(house.key("handler1"), made.statement)
    signed = {"salt": made.salt, "statement": made.statement, "proof": proof}
    return lambda: house.approvals.propose(actor, PLAN, made.request, **signed)


def prepare_decision(house, approval_id):
    """Return what hands in a decision that was signed before."""
    actor, asked = house.actor("approver1"), {"answer": Answer(Outcome.APPROVED)}
    statement = house.approvals.prepare_decision(actor, approval_id, **asked)
    signed = {"statement": statement, "proof": sign_statement(house.key("approver1"), statement)}
    return lambda: house.approvals.decide(actor, approval_id, **asked, **signed)


def test_nothing_is_prepared_while_the_log_is_ahead(house, log, clock):
    waiting = house.propose(PLAN, {"plan": PLAN_ID})
    run_ahead(log, 30)
    with pytest.raises(Unavailable, match=BEHIND):
        house.propose(PLAN, {"plan": PLAN_ID})
    with pytest.raises(Unavailable, match=BEHIND):
        house.decide(waiting)
    clock.advance(seconds=29 * 60)
    house.decide(waiting)
    with log.transactions.read() as session:
        verify_decision(session, waiting, root=house.load_root())
    check_log(log)


def test_nothing_signed_before_is_taken_in_either(house, log, clock):
    waiting = house.propose(PLAN, {"plan": PLAN_ID})
    propose, decide = prepare(house), prepare_decision(house, waiting)
    run_ahead(log, 30)
    with pytest.raises(Unavailable, match=BEHIND):
        propose()
    with pytest.raises(Unavailable, match=BEHIND):
        decide()
    with log.transactions.read() as session:
        assert find_decision(session, waiting) is None
    clock.advance(seconds=29 * 60)
    house.decide(waiting)
    check_log(log)


def test_who_agrees_beside_others_is_not_taken_in_either(house, log, clock):
    waiting = house.propose(PLAN, {"plan": PLAN_ID, "deciders": 2})
    agree = prepare_decision(house, waiting)
    run_ahead(log, 30)
    with pytest.raises(Unavailable, match=BEHIND):
        agree()
    with log.transactions.read() as session:
        assert list_endorsements(session, waiting) == []
    clock.advance(seconds=29 * 60)
    assert house.decide(waiting).endorsed_by == (house.id("approver1"),)
    check_log(log)


def test_clocks_may_differ_a_little(house, log):
    run_ahead(log, 1)
    approval_id = house.approve(PLAN, {"plan": PLAN_ID})
    with log.transactions.read() as session:
        verify_decision(session, approval_id, root=house.load_root())
    check_log(log)


def test_people_are_suspended_by_any_clock(house, log, staff):
    run_ahead(log, 30)
    staff.suspend(house.actor("overseer1"), house.id("approver1"), "key_lost")
    assert not house.actor("approver1").roles
    check_log(log)
