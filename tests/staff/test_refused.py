"""In which words each step of a decision is refused: whoever reads them has to know what to do."""

from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import update

from lea_service.kernel.errors import (
    FieldError,
    IntegrityFailure,
    InvalidInput,
    NotPermitted,
    WrongState,
)
from lea_service.staff.approvals import SIGNING_TIME
from lea_service.staff.models import Approval
from tests.staff.attacker import PLAN, Attacker
from tests.staff.test_decisions import PLAN_ID, propose, send, sign
from tests.support.engines import ANY_ENGINE
from tests.support.log import check_log
from tests.support.staff import new_key, person_form

pytestmark = ANY_ENGINE
EXACTLY = FieldError("/statement", "expected the statement exactly as it was prepared")
IN_TIME = FieldError("/statement", "expected a statement prepared within 15 minutes")
OWN_ID = FieldError("/statement", "expected the approval id that was prepared")


@contextmanager
def refused(kind, told):
    """Expect one refusal, in these very words or at these places."""
    with pytest.raises(kind) as caught:
        yield caught
    assert (caught.value.errors if kind is InvalidInput else caught.value.detail) == told


def roles(house, name, *given):
    house.approve(
        "staff.roles", {"account": house.id(name), "roles": [*given]}, "admin1", "overseer1"
    )


def test_who_stands_on_both_sides(house):
    roles(house, "handler1", "approver", "handler")
    approval_id = propose(house)
    own = "nobody decides on a proposal of their own or about themselves"
    with refused(NotPermitted, own):
        house.decide(approval_id, by="handler1")
    request = {"account": house.id("overseer1"), "roles": ["auditor", "overseer"]}
    about = house.propose("staff.roles", request, by="admin1")
    with refused(NotPermitted, own):
        house.decide(about, by="overseer1")
    with refused(NotPermitted, "nobody proposes a change of their own rights"):
        house.propose("staff.roles", request, by="overseer1")


def test_who_agreed_before(house, clock):
    approval_id = propose_for_two(house)
    early = sign(house, approval_id, "approver2")
    clock.advance(seconds=5)
    house.decide(approval_id, by="approver1")
    with refused(NotPermitted, "nobody counts twice for one approval"):
        house.decide(approval_id, by="approver1")
    told = "somebody agreed since this was prepared; prepare it anew"
    with refused(WrongState, told):
        house.approvals.decide(house.actor("approver2"), approval_id, **early)


def propose_for_two(house):
    return house.propose(PLAN, {"plan": PLAN_ID, "deciders": 2})


def test_what_was_decided_before(house):
    approval_id = propose(house)
    signed = sign(house, approval_id, "approver2")
    house.decide(approval_id, by="approver1")
    with refused(WrongState, "this approval was decided before"):
        house.approvals.decide(house.actor("approver2"), approval_id, **signed)


@pytest.mark.parametrize(
    ("name", "did", "more"), [("handler1", "proposed", 1), ("approver1", "agreed to", 2)]
)
@pytest.mark.parametrize("change", ["role", "key"])
def test_who_lost_the_right_or_the_key(house, clock, name, did, more, change):
    approval_id = house.propose(PLAN, {"plan": PLAN_ID, "deciders": more})
    if more == 2:
        house.decide(approval_id, by="approver1")
    clock.advance(seconds=10)
    if change == "role":
        roles(house, name)
        told = f"whoever {did} this no longer has the right to"
    else:
        key = person_form("any", new_key("another"))["key"]
        request = {"account": house.id(name), "key": key}
        house.approve("staff.key", request, "admin1", "overseer1")
        told = f"whoever {did} this has another key now"
    clock.advance(seconds=10)
    with refused(WrongState, told):
        house.decide(approval_id, by="approver2")


@pytest.mark.parametrize("step", ["propose", "decide"])
def test_right_that_ended_since_the_call_began(house, clock, step):
    approval_id = propose(house)
    name = "handler1" if step == "propose" else "approver1"
    stale = house.actor(name)
    prepared = house.approvals.prepare(house.actor("handler1"), PLAN, {"plan": PLAN_ID})
    signed = sign(house, approval_id, "approver1")
    clock.advance(seconds=10)
    roles(house, name)
    permission = f"plan.{step}"
    with refused(NotPermitted, f"needs the permission {permission}") as caught:
        if step == "decide":
            house.approvals.decide(stale, approval_id, **signed)
        else:
            house.actor = lambda _: stale
            send(house, prepared)
    assert caught.value.facts == {"permission": permission}


@pytest.mark.parametrize(
    ("waits", "is_in_time"),
    [
        (timedelta(), True),
        (SIGNING_TIME, True),
        (SIGNING_TIME + timedelta(seconds=1), False),
        (timedelta(seconds=-1), False),
    ],
)
def test_statement_counts_for_a_quarter_of_an_hour(house, clock, waits, is_in_time):
    approval_id = propose(house)
    signed = sign(house, approval_id, "approver1")
    clock.advance(seconds=waits.total_seconds())
    actor = house.actor("approver1")
    if is_in_time:
        assert house.approvals.decide(actor, approval_id, **signed).outcome == "approved"
        return
    with refused(InvalidInput, (IN_TIME,)):
        house.approvals.decide(actor, approval_id, **signed)


def test_another_statement_and_an_id_that_was_not_prepared(house):
    approval_id = propose(house)
    signed = sign(house, approval_id, "approver1")
    other = signed | {"statement": signed["statement"] + b"\n"}
    with pytest.raises(InvalidInput):
        house.approvals.decide(house.actor("approver1"), approval_id, **other)
    with refused(InvalidInput, (EXACTLY,)):
        house.approvals.decide(
            house.actor("approver2"), approval_id, **sign(house, approval_id, "approver1")
        )
    prepared = house.approvals.prepare(house.actor("handler1"), PLAN, {"plan": PLAN_ID})
    with refused(InvalidInput, (OWN_ID,)):
        send(house, prepared, approval="ap_1")
    with refused(InvalidInput, (EXACTLY,)):
        send(house, prepared, subject="pl_2")


def test_change_of_the_staff_that_another_overtook(house, clock):
    ids = [
        house.propose("staff.roles", {"account": house.id("handler1"), "roles": given}, by="admin1")
        for given in (["approver"], ["handler", "approver"])
    ]
    clock.advance(seconds=10)
    house.decide(ids[0], by="overseer1")
    clock.advance(seconds=10)
    with refused(WrongState, "the staff changed since this was proposed; propose it anew"):
        house.decide(ids[1], by="overseer1")


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "staff.roles"},
        {"subject": "pl_2"},
        {"digest": "d" * 43},
        {"needs_deciders": 2},
        {"beneficiary": "s_" + "1" * 32},
    ],
    ids=lambda one: next(iter(one)),
)
def test_row_that_says_else_than_was_signed_is_not_decided_on(house, log, change):
    approval_id = propose(house)
    signed = sign(house, approval_id, "approver1")
    with log.transactions.database.write() as session:
        Attacker(house).drop_fences(session, "approvals")
        session.execute(update(Approval).where(Approval.id == approval_id).values(**change))
    if "kind" in change:  # another kind needs another permission
        with pytest.raises(NotPermitted):
            house.approvals.decide(house.actor("approver1"), approval_id, **signed)
        return
    with refused(IntegrityFailure, "an approval's row says something else than was signed"):
        house.approvals.decide(house.actor("approver1"), approval_id, **signed)


def test_what_is_kept_is_what_was_signed(house, log):
    approval_id = propose(house)
    with log.transactions.read() as session:
        row = session.get(Approval, approval_id)
        assert (row.kind, row.subject, row.stream) == (PLAN, PLAN_ID, "x_system")
        assert (row.proposed_by, row.beneficiary) == (house.id("handler1"), None)
        assert row.proposed_at == log.transactions.clock.now()
        assert row.needs_deciders == 1
    check_log(log)
