"""What takes one more person: nobody counts twice, and everywhere it is verified how many did."""

import copy
from dataclasses import replace

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from lea_service.kernel.database import append_only_ddl
from lea_service.kernel.errors import (
    IntegrityFailure,
    NotPermitted,
    VerificationFailed,
    WrongState,
)
from lea_service.staff.approvals import verify_decision
from lea_service.staff.audit import check_staff
from lea_service.staff.exported import verify_exported
from lea_service.staff.models import Approval, ApprovalDecision, ApprovalEndorsement
from lea_service.staff.queries import load_case, load_history
from lea_service.staff.statement import needed_deciders
from tests.staff.attacker import PLAN
from tests.staff.test_chain import RULE, differences, export
from tests.staff.test_decisions import PLAN_ID, sign
from tests.support.log import check_log
from tests.support.race import race
from tests.support.staff import new_key, person_form

FEWER = "fewer people agreed"


def propose(house, deciders=2):
    return house.propose(PLAN, {"plan": PLAN_ID, "deciders": deciders})


def count(log, model, approval_id):
    query = select(func.count()).where(model.approval_id == approval_id)
    with log.transactions.read() as session:
        return session.scalar(query)


@pytest.fixture
def decided(house):
    """An approval that two people agreed to, beside who proposed it."""
    approval_id = propose(house)
    house.decide(approval_id, by="approver1")
    house.decide(approval_id, by="approver2")
    return approval_id


@pytest.mark.parametrize("wrong", [0, 4, "2", 2.0, True, None])
def test_number_of_people_is_one_to_three(wrong):
    assert needed_deciders({}) == 1
    assert needed_deciders({"deciders": 3}) == 3
    with pytest.raises(VerificationFailed):
        needed_deciders({"deciders": wrong})


def test_only_who_can_decide_is_offered_it(house):
    """A plan waits for approvers; who made it, handles beside them or agreed is not asked."""
    approval_id = propose(house)
    house.decide(approval_id, by="approver1")

    def offered(who, **how):
        found = house.approvals.list_pending(house.actor(who), None, 10, **how)
        return [one.id for one in found] == [approval_id]

    assert {who: offered(who) for who in ("handler1", "handler2", "approver1", "approver2")} == {
        "handler1": False,
        "handler2": False,
        "approver1": False,
        "approver2": True,
    }
    assert all(offered(who, everything=True) for who in ("handler1", "handler2", "approver1"))
    house.decide(approval_id, by="approver2")
    assert not offered("approver2", everything=True)


def test_nobody_is_offered_what_is_about_them(house):
    def offered(account):
        house.propose("staff.roles", {"account": house.id(account), "roles": []}, by="admin1")
        return len(house.approvals.list_pending(house.actor("overseer1"), None, 10))

    assert (offered("overseer1"), offered("handler1")) == (0, 1)


def test_first_who_agrees_decides_nothing(house, log):
    approval_id = propose(house)
    first = house.decide(approval_id, by="approver1")
    assert (first.outcome, first.needs_deciders) == (None, 2)
    assert first.endorsed_by == (house.id("approver1"),)
    (pending,) = house.approvals.list_pending(house.actor("approver2"), None, 10)
    assert pending.endorsed_by == first.endorsed_by
    with pytest.raises(NotPermitted, match="twice"):
        house.decide(approval_id, by="approver1")
    with log.transactions.read() as session, pytest.raises(VerificationFailed) as caught:
        verify_decision(session, approval_id, root=house.load_root())
    told = "the log does not hold an approval of this kind and decision"
    assert caught.value.detail == told
    second = house.decide(approval_id, by="approver2")
    assert (second.outcome, second.decided_by) == ("approved", house.id("approver2"))
    with log.transactions.read() as session:
        found = verify_decision(session, approval_id, root=house.load_root())
        assert check_staff(session, house.load_root(), log.transactions.clock.now()) == []
    assert (found.endorsed_by, found.deciders) == (first.endorsed_by, 2)
    check_log(log)


def test_any_of_them_ends_it(house, log):
    for by, before in (
        ("approver1", ()),
        ("approver2", ("approver1",)),
        ("approver1", ("approver1",)),
    ):
        approval_id = propose(house)
        for name in before:
            house.decide(approval_id, by=name)
        ended = house.decide(approval_id, by=by, outcome="refused", reasons=["too_much"])
        assert (ended.outcome, ended.decided_by) == ("refused", house.id(by))
        with pytest.raises(WrongState):
            house.decide(approval_id, by="approver2")
    check_log(log)


def test_two_deciders_at_once_are_two(house, log):
    approval_id = propose(house)
    signed = {name: sign(house, approval_id, name) for name in ("approver1", "approver2")}
    actors = {name: house.actor(name) for name in signed}
    results = race(
        *(
            lambda name=name: house.approvals.decide(actors[name], approval_id, **signed[name])
            for name in ("approver1", "approver2", "approver1", "approver2")
        )
    )
    views = [one for one in results if not isinstance(one, Exception)]
    assert sorted(str(one.outcome) for one in views) == ["None", "approved"]
    assert {type(one) for one in results if one not in views} <= {NotPermitted, WrongState}
    assert count(log, ApprovalDecision, approval_id) == 1
    assert count(log, ApprovalEndorsement, approval_id) == 1
    with log.transactions.read() as session:
        assert verify_decision(session, approval_id, root=house.load_root()).deciders == 2
    check_log(log)


def test_same_person_at_once_is_one(house, log):
    approval_id = propose(house)
    actor, signed = house.actor("approver1"), sign(house, approval_id, "approver1")
    results = race(*[lambda: house.approvals.decide(actor, approval_id, **signed)] * 4)
    assert sum(isinstance(one, NotPermitted) for one in results) == 3
    assert count(log, ApprovalDecision, approval_id) == 0


@pytest.mark.parametrize("change", ["role", "key"])
def test_right_of_the_first_has_to_last(house, log, clock, change):
    approval_id = propose(house)
    house.decide(approval_id, by="approver1")
    clock.advance(seconds=10)
    if change == "role":
        request = {"account": house.id("approver1"), "roles": []}
        house.approve("staff.roles", request, "admin1", "overseer1")
    else:
        key = person_form("any", new_key("another"))["key"]
        request = {"account": house.id("approver1"), "key": key}
        house.approve("staff.key", request, "admin1", "overseer1")
    clock.advance(seconds=10)
    with pytest.raises(WrongState, match="agreed to"):
        house.decide(approval_id, by="approver2")
    check_log(log)


def test_statement_from_before_the_first_is_prepared_anew(house, clock):
    approval_id = propose(house)
    early = sign(house, approval_id, "approver2")
    clock.advance(seconds=5)
    house.decide(approval_id, by="approver1")
    with pytest.raises(WrongState, match="anew"):
        house.approvals.decide(house.actor("approver2"), approval_id, **early)
    house.decide(approval_id, by="approver2")


def test_tables_refuse_a_decision_by_too_few(house, log):
    """Whoever writes past the code needs as many rows, by as many people."""
    approval_id = propose(house)
    signer = house.id("handler1")

    def insert(table, by, **more):
        row = {"approval_id": approval_id, "proposed_by": signer, "statement": b"x", "proof": "{}"}
        with log.transactions.database.write() as session:
            session.add(table(**row, **by, **more))

    now = log.transactions.clock.now()
    approved = {"outcome": "approved", "decided_at": now}
    first, second = ({"decided_by": house.id(f"approver{n}")} for n in (1, 2))
    endorsed = {"endorsed_by": first["decided_by"], "endorsed_at": now}
    with pytest.raises(DBAPIError, match="more people have to agree"):
        insert(ApprovalDecision, first, **approved)
    insert(ApprovalEndorsement, endorsed)
    with pytest.raises(DBAPIError):
        insert(ApprovalEndorsement, endorsed)
    with pytest.raises(DBAPIError, match="more people have to agree"):
        insert(ApprovalDecision, first, **approved)
    insert(ApprovalDecision, second, **approved)
    with pytest.raises(DBAPIError, match="decided before"):
        insert(ApprovalEndorsement, {"endorsed_by": house.id("overseer1"), "endorsed_at": now})


def test_lower_number_in_the_table_counts_for_nothing(house, log):
    approval_id = propose(house)
    with log.transactions.database.write() as session:
        for drop in append_only_ddl("approvals", session.get_bind().dialect.name)[1]:
            session.connection().exec_driver_sql(drop)
        session.get(Approval, approval_id).needs_deciders = 1
    with pytest.raises(IntegrityFailure):
        house.decide(approval_id, by="approver1")


def test_case_with_one_left_out_does_not_verify(house, log, decided):
    with log.transactions.read() as session:
        case = load_case(session, decided)
        history = load_history(session, house.load_root())
    assert history.verify(case, RULE).deciders == 2
    twice = (case.decision,)
    for agreed, says in (((), FEWER), (twice, "twice"), ((case.proposal,), "proposal and")):
        with pytest.raises(VerificationFailed, match=says):
            history.verify(replace(case, endorsements=agreed), RULE)


def test_export_is_verified_elsewhere_with_all_of_them(house, log, decided):
    exported, root, now = export(house, decided), house.load_root(), log.transactions.clock.now()
    found = verify_exported(exported, root, entered=now)
    assert found.endorsed_by == (house.id("approver1"),)
    assert house.id("approver1") in str(exported["chain"])
    assert differences(house, exported) == []
    fewer = copy.deepcopy(exported)
    del fewer["approval"]["endorsements"]
    with pytest.raises(VerificationFailed, match=FEWER):
        verify_exported(fewer, root)
    forged = copy.deepcopy(exported)
    forged["approval"]["endorsements"][0]["proof"] = exported["approval"]["decision"]["proof"]
    with pytest.raises(VerificationFailed):
        verify_exported(forged, root)


def test_log_tells_who_agreed_that_is_left_out(house, decided):
    exported = export(house, decided)
    more = export(house, house.approve(PLAN, {"plan": PLAN_ID}))
    assert differences(house, more) == []
    third = propose(house, 3)
    for name in ("approver1", "approver2"):
        house.decide(third, by=name)
    house.hire("approver3", "approver")
    house.decide(third, by="approver3")
    exported = export(house, third)
    assert differences(house, exported) == []
    exported["approval"]["endorsements"][0] = exported["approval"]["endorsements"][1]
    assert any("agreed" in one for one in differences(house, exported))
