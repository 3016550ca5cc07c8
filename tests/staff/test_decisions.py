"""Deciding: by whom, once, on what stands now, and what becomes of it elsewhere."""

import copy
from dataclasses import replace
from functools import partial

import pytest
from sqlalchemy import func, select, update

from lea_service.kernel.actors import Permission, worker_actor
from lea_service.kernel.canonical import encode_b64url
from lea_service.kernel.datakeys import FILE
from lea_service.kernel.errors import (
    Duplicate,
    IntegrityFailure,
    InvalidInput,
    LeaError,
    NotFound,
    NotPermitted,
    VerificationFailed,
    WrongState,
)
from lea_service.staff.approvals import (
    check_payload,
    label,
    new_approval_id,
    open_text_of,
    read_payload,
    text_label,
    verify_decision,
)
from lea_service.staff.audit import check_staff
from lea_service.staff.decisions import Decisions
from lea_service.staff.exported import export_decision, verify_exported
from lea_service.staff.kinds import get_kind, register_kind
from lea_service.staff.models import Account, Approval, ApprovalDecision
from lea_service.staff.queries import find_decision, get_approval
from lea_service.staff.reasons import Answer
from lea_service.staff.statement import (
    Act,
    Outcome,
    dump_statement,
    load_statement,
    sign_statement,
)
from tests.custody.test_log import tamper
from tests.staff.attacker import PLAN, Attacker
from tests.support.log import check_log
from tests.support.race import race
from tests.support.staff import SALT, WHY, clearances, new_key, person_form

PLAN_ID = "pl_" + "1" * 32
REFUSED = Answer(Outcome.REFUSED, ("too_much",))
reply = partial(Answer, Outcome.APPROVED)


def propose(house, **changes):
    return house.propose(PLAN, {"plan": PLAN_ID}, **changes)


def sign(house, approval_id, by, outcome="approved", *reasons):
    actor, answer = house.actor(by), house.answer(approval_id, outcome, reasons)
    statement = house.approvals.prepare_decision(actor, approval_id, answer)
    return {
        "answer": answer,
        "statement": statement,
        "proof": sign_statement(house.key(by), statement),
    }


def test_same_person_does_not_decide(house, log):
    house.approve(
        "staff.roles",
        {"account": house.id("handler1"), "roles": ["approver", "handler"]},
        "admin1",
        "overseer1",
    )
    approval_id = propose(house)
    with pytest.raises(NotPermitted):
        house.decide(approval_id, by="handler1")
    house.decide(approval_id, by="approver1")
    check_log(log)


def test_nobody_takes_part_in_their_own_change(house):
    request = {"account": house.id("overseer1"), "roles": ["auditor", "overseer"]}
    approval_id = house.propose("staff.roles", request, by="admin1")
    with pytest.raises(NotPermitted):
        house.decide(approval_id, by="overseer1")
    with pytest.raises(NotPermitted):
        house.propose("staff.roles", request, by="overseer1")


def test_decided_once(house, log):
    approval_id = propose(house)
    house.decide(approval_id, by="approver1")
    with pytest.raises(WrongState):
        house.decide(approval_id, by="approver2", outcome="refused", reasons=["too_much"])
    check_log(log)


def test_two_deciders_at_once_are_one(house, log):
    approval_id = propose(house)
    signed = {name: sign(house, approval_id, name) for name in ("approver1", "approver2")}
    results = race(
        lambda: house.approvals.decide(
            house.actor("approver1"), approval_id, **signed["approver1"]
        ),
        lambda: house.approvals.decide(
            house.actor("approver2"), approval_id, **signed["approver2"]
        ),
    )
    assert sorted(type(item).__name__ for item in results) == ["ApprovalView", "WrongState"]
    with log.transactions.read() as session:
        assert (
            session.scalar(select(func.count()).where(ApprovalDecision.approval_id == approval_id))
            == 1
        )
        verify_decision(session, approval_id, root=house.load_root())
    check_log(log)


def test_suspension_and_decision_at_once_agree(house, staff, log):
    """Whichever comes first, a decision of somebody suspended never stands."""
    approval_id = propose(house)
    signed = sign(house, approval_id, "approver1")
    actor, overseer = house.actor("approver1"), house.actor("overseer1")
    log.transactions.clock.advance(seconds=1)
    results = race(
        lambda: house.approvals.decide(actor, approval_id, **signed),
        lambda: staff.suspend(overseer, actor.id, "key_lost"),
    )
    assert not isinstance(results[1], Exception)
    with log.transactions.read() as session:
        is_decided = session.get(ApprovalDecision, approval_id) is not None
    assert is_decided != isinstance(results[0], NotPermitted)
    check_log(log)


def test_same_account_twice_at_once_is_one(house, log):
    key = new_key("newcomer")
    request = person_form("newcomer", key, roles=["handler"])
    ids = [house.propose("staff.account", request, by=by) for by in ("admin1", "overseer1")]
    signed = [sign(house, ids[0], "overseer1"), sign(house, ids[1], "admin1")]
    results = race(
        lambda: house.approvals.decide(house.actor("overseer1"), ids[0], **signed[0]),
        lambda: house.approvals.decide(house.actor("admin1"), ids[1], **signed[1]),
    )
    refused = [item for item in results if isinstance(item, LeaError)]
    assert [type(item) for item in refused] in ([WrongState], [Duplicate])
    with log.transactions.read() as session:
        assert session.scalar(select(func.count()).select_from(Account)) == 9
    check_log(log)


def test_withdrawn_role_ends_the_proposal(house, clock, log):
    approval_id = propose(house)
    clock.advance(seconds=10)
    house.approve(
        "staff.roles", {"account": house.id("handler1"), "roles": []}, "admin1", "overseer1"
    )
    clock.advance(seconds=10)
    with pytest.raises(WrongState):
        house.decide(approval_id)
    assert house.decide(approval_id, outcome="refused", reasons=["overtaken"]).outcome == "refused"
    check_log(log)


def test_decider_without_role_decides_nothing(house, clock):
    approval_id = propose(house)
    signed = sign(house, approval_id, "approver1")
    stale = house.actor("approver1")
    clock.advance(seconds=10)
    house.approve(
        "staff.roles", {"account": house.id("approver1"), "roles": []}, "admin1", "overseer1"
    )
    with pytest.raises(NotPermitted):
        house.approvals.decide(stale, approval_id, **signed)


def test_replaced_key_ends_what_it_signed(house, clock):
    approval_id = propose(house)
    clock.advance(seconds=10)
    from_then = new_key("second key")
    request = {"account": house.id("handler1"), "key": request_of(from_then)}
    house.approve("staff.key", request, "admin1", "overseer1")
    clock.advance(seconds=10)
    with pytest.raises(WrongState):
        house.decide(approval_id)
    with pytest.raises(VerificationFailed):
        propose(house)
    house.keys["handler1"] = from_then
    house.decide(propose(house))


def request_of(key):
    return person_form("any", key)["key"]


def test_key_is_enrolled_once_for_one_person(house, clock):
    request = {"account": house.id("handler1"), "key": request_of(house.key("handler2"))}
    with pytest.raises(Duplicate):
        house.propose("staff.key", request, by="admin1")
    newcomer = person_form("newcomer", house.key("handler1"), roles=["approver"])
    with pytest.raises(Duplicate):
        house.propose("staff.account", newcomer, by="admin1")


def test_person_has_one_account(house):
    for change in ({"personnel_number": "n-handler1"}, {"login": "handler1"}):
        request = person_form("newcomer", new_key("newcomer"), roles=["approver"]) | change
        with pytest.raises(Duplicate):
            house.propose("staff.account", request, by="admin1")


def test_lapsed_clearance_ends_and_renewal_restores(house, clock):
    approval_id = propose(house)
    clock.set(clock.now().replace(year=2027, month=12, day=31, hour=22))
    assert house.actor("approver1").roles == {"approver"}
    clock.advance(hours=1)
    assert house.actor("approver1").roles == frozenset()
    with pytest.raises(NotPermitted):
        house.decide(approval_id)
    with pytest.raises(NotPermitted):
        propose(house)


def test_renewal_in_time_keeps_the_roles(house, clock, log):
    request = {
        "account": house.id("handler1"),
        "clearances": clearances("2028-01-01", "2028-12-31"),
    }
    house.approve("staff.clearance", request, "admin1", "overseer1")
    clock.set(clock.now().replace(year=2028, month=2))
    assert house.actor("handler1").roles == {"handler"}
    assert house.actor("handler2").roles == frozenset()
    check_log(log)


def test_suspended_proposer_ends_the_proposal(house, staff, clock):
    approval_id = propose(house)
    clock.advance(seconds=10)
    staff.suspend(house.actor("overseer1"), house.id("handler1"), "key_lost")
    clock.advance(seconds=10)
    with pytest.raises(WrongState):
        house.decide(approval_id)
    house.approve("staff.lift", {"account": house.id("handler1")}, "overseer1", "admin1")
    clock.advance(seconds=10)
    house.decide(propose(house))


HIDDEN = (
    "UPDATE log_entries SET event = 'account.viewed' WHERE event = 'staff.suspended'",
    "UPDATE accounts SET suspended_at = NULL, suspension_id = NULL WHERE suspended_at IS NOT NULL",
)


def test_suspension_stands_under_another_event(house, staff, clock, log):
    approval_id = propose(house)
    clock.advance(seconds=10)
    staff.suspend(house.actor("overseer1"), house.id("approver1"), "key_lost")
    log.checkpointer.publish(worker_actor())
    clock.advance(seconds=10)
    tamper(log, *HIDDEN)
    with pytest.raises(IntegrityFailure, match="not what was appended"):
        house.decide(approval_id, by="approver1")
    with log.transactions.read() as session:
        assert session.get(ApprovalDecision, approval_id) is None
        found = check_staff(session, house.load_root(), clock.now())
    assert [line for line in found if "not what was appended" in line]


def test_lift_needs_an_open_suspension(house, staff):
    account = house.id("handler1")
    with pytest.raises(WrongState):
        house.propose("staff.lift", {"account": account}, by="admin1")
    staff.suspend(house.actor("overseer1"), account, "key_lost")
    other = {"account": account, "suspension": "su_" + "0" * 32}
    with pytest.raises(WrongState):
        house.propose("staff.lift", other, by="admin1")


def test_change_of_an_older_state_is_refused(house, clock, log):
    account = house.id("handler1")
    ids = [
        house.propose("staff.roles", {"account": account, "roles": roles}, by="admin1")
        for roles in (["approver"], ["handler", "approver"])
    ]
    clock.advance(seconds=10)
    house.decide(ids[0], by="overseer1")
    clock.advance(seconds=10)
    with pytest.raises(WrongState):
        house.decide(ids[1], by="overseer1")
    assert house.actor("handler1").roles == {"approver"}
    check_log(log)


@pytest.mark.parametrize("minutes", [-1, 16])
def test_statement_is_signed_within_minutes(house, clock, minutes):
    approval_id = propose(house)
    signed = sign(house, approval_id, "approver1")
    clock.advance(seconds=60 * minutes)
    with pytest.raises(InvalidInput):
        house.approvals.decide(house.actor("approver1"), approval_id, **signed)


FORGERIES = {
    "another's key": lambda house, signed: {
        "proof": sign_statement(house.key("approver2"), signed["statement"])
    },
    "another statement": lambda house, signed: {
        "proof": sign_statement(house.key("approver1"), signed["statement"] + b" ")
    },
    "no signature": lambda house, signed: {"proof": signed["proof"] | {"signature": "AAAA"}},
    "own key named wrongly": lambda house, signed: {"proof": signed["proof"] | {"key": "0" * 16}},
    "unknown kind": lambda house, signed: {"proof": signed["proof"] | {"kind": "none"}},
    "webauthn": lambda house, signed: {"proof": signed["proof"] | {"kind": "webauthn"}},
    "more than asked": lambda house, signed: {"proof": signed["proof"] | {"note": "x"}},
    "token alone": lambda house, signed: {"proof": None},
    "a list": lambda house, signed: {"proof": [signed["proof"]]},
    "another outcome": lambda house, signed: {"answer": REFUSED},
    "reason with approval": lambda house, signed: {"answer": reply(reasons=("too_much",))},
    "text with approval": lambda house, signed: {"answer": reply(text=WHY, salt=SALT)},
    "looked at what nobody asks": lambda house, signed: {"answer": reply(looked_at=("scope",))},
    "not canonical": lambda house, signed: {"statement": signed["statement"] + b"\n"},
    "no statement": lambda house, signed: {"statement": b"{}"},
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_forged_decision_is_refused(house, log, forgery):
    approval_id = propose(house)
    signed = sign(house, approval_id, "approver1")
    forged = signed | FORGERIES[forgery](house, signed)
    with pytest.raises((VerificationFailed, InvalidInput)):
        house.approvals.decide(house.actor("approver1"), approval_id, **forged)
    with log.transactions.read() as session:
        assert session.get(ApprovalDecision, approval_id) is None
    check_log(log)


def test_refusal_needs_the_own_key_too(house, log):
    approval_id = propose(house)
    signed = sign(house, approval_id, "approver1", "refused", "too_much")
    forged = signed | {"proof": sign_statement(house.key("admin1"), signed["statement"])}
    with pytest.raises(VerificationFailed):
        house.approvals.decide(house.actor("approver1"), approval_id, **forged)
    named = forged["proof"] | {"key": signed["proof"]["key"]}
    with pytest.raises(VerificationFailed):
        house.approvals.decide(house.actor("approver1"), approval_id, **forged | {"proof": named})


def test_text_of_a_refusal_is_the_one_that_was_signed(house, log):
    approval_id = propose(house)
    house.decide(approval_id, outcome="refused", reasons=["other"])
    opened = house.approvals.open(house.actor("handler1"), approval_id)
    assert (opened.text, opened.view.reasons) == (WHY, ("other",))
    with log.transactions.begin(house.actor("approver1")) as tx:
        approval, decision = (
            get_approval(tx.session, approval_id),
            find_decision(tx.session, approval_id),
        )
        assert WHY.encode() not in decision.statement + decision.text_sealed
        told = {"salt": encode_b64url(SALT), "text": f"{WHY} And more."}
        sealed = tx.seal(approval.stream, told, text_label(approval_id))
        other = ApprovalDecision(text_sealed=sealed, statement=decision.statement)
        with pytest.raises(IntegrityFailure, match="not the one that was signed"):
            open_text_of(tx, approval, other)
    check_log(log)


def send(house, prepared, **changes):
    """Hand in a proposal that was prepared, with another statement under the own key."""
    statement = dump_statement(replace(load_statement(prepared.statement), **changes))
    return house.approvals.propose(
        house.actor("handler1"),
        PLAN,
        prepared.request,
        salt=prepared.salt,
        statement=statement,
        proof=sign_statement(house.key("handler1"), statement),
    )


@pytest.mark.parametrize("made_up", ["ap_1", "ap_" + "A" * 32, "xap_" + "1" * 32])
def test_proposal_is_made_under_an_id_of_ours_and_once(house, made_up):
    prepared = house.approvals.prepare(house.actor("handler1"), PLAN, {"plan": PLAN_ID})
    with pytest.raises(InvalidInput, match="/statement"):
        send(house, prepared, approval=made_up)
    made = send(house, prepared)
    with pytest.raises(Duplicate, match="made before"):
        send(house, prepared)
    assert made.kind == PLAN


PAYLOADS = {
    "does not hold its payload": {"payload": {"plan": PLAN_ID}},
    "does not hold": [encode_b64url(SALT), {"plan": PLAN_ID}],
    "not the one that was signed": {"salt": encode_b64url(SALT), "payload": {"plan": "pl_2"}},
}


@pytest.mark.parametrize("message", PAYLOADS)
def test_payload_exchanged_takes_no_effect(house, log, message):
    approval_id = propose(house)
    with log.transactions.begin(worker_actor()) as tx:
        approval = get_approval(tx.session, approval_id)
        assert check_payload(
            approval, tx.open(approval.stream, approval.payload_sealed, label(approval))
        )
        data = tx.seal(approval.stream, PAYLOADS[message], label(approval))
    with log.transactions.database.write() as session:
        Attacker(house).drop_fences(session, "approvals")
        session.execute(
            update(Approval).where(Approval.id == approval_id).values(payload_sealed=data)
        )
    with pytest.raises(IntegrityFailure, match=message):
        house.decide(approval_id)
    with log.transactions.read() as session:
        assert find_decision(session, approval_id) is None
        with pytest.raises(IntegrityFailure, match=message):
            read_payload(session, log.transactions.keys, approval_id)


def test_payload_is_read_as_it_was_signed(house, log):
    first, second = propose(house), house.propose(PLAN, {"plan": "pl_" + "2" * 32})
    with log.transactions.read() as session:
        keys = log.transactions.keys
        assert read_payload(session, keys, first) == {"plan": PLAN_ID}
        assert read_payload(session, keys, second) == {"plan": "pl_" + "2" * 32}
        with pytest.raises(NotFound):
            read_payload(session, keys, "ap_" + "0" * 32)


@pytest.mark.parametrize("change", [{"subject": "pl_2"}, {"digest": "d" * 43}], ids=str)
def test_row_that_says_else_than_was_signed_proves_nothing(house, log, change):
    approval_id = house.approve(PLAN, {"plan": PLAN_ID})
    with log.transactions.read() as session:
        assert verify_decision(session, approval_id, root=house.load_root())
    with log.transactions.database.write() as session:
        Attacker(house).drop_fences(session, "approvals")
        session.execute(update(Approval).where(Approval.id == approval_id).values(**change))
    with log.transactions.read() as session, pytest.raises(VerificationFailed):
        verify_decision(session, approval_id, root=house.load_root())


def test_row_entered_beside_another_statement_proves_nothing(house, log):
    """Somebody writes row and entry alike, over what two people really signed of something else."""
    attacker = Attacker(house)
    signers = [(house.id(name), house.key(name)) for name in ("handler1", "approver1")]
    with log.transactions.begin(worker_actor()) as tx:
        tx.new_key(PLAN_ID, FILE)
        fields = {
            "approval": new_approval_id(tx.ids),
            "kind": PLAN,
            "subject": PLAN_ID,
            "digest": "d" * 43,
            "facts": {"rows": 3},
            "stated_at": tx.now,
            "beneficiary": None,
        }
        signed = [
            attacker.state(act, signer, **fields)
            for act, signer in zip((Act.PROPOSE, Act.DECIDE), signers, strict=True)
        ]
        attacker._write(tx, {**fields, "digest": "e" * 43}, *(one[0] for one in signers), *signed)
    with log.transactions.read() as session, pytest.raises(VerificationFailed) as caught:
        verify_decision(session, fields["approval"], root=house.load_root())
    assert caught.value.detail == "the approval's row says something else than was signed"


def test_decision_is_verified_once_for_many_who_rely_on_it(house, log):
    approval_id = house.approve(PLAN, {"plan": PLAN_ID})
    with log.transactions.read() as session:
        decisions = Decisions(session, house.load_root())
        assert decisions.verify(approval_id) is decisions.verify(approval_id)
        assert decisions.verify(approval_id).subject == PLAN_ID


def test_kind_is_declared_by_one_rule(house):
    rule = get_kind(PLAN)
    register_kind(rule)
    with pytest.raises(Duplicate, match=PLAN):
        register_kind(replace(rule, decide=Permission.STAFF_DECIDE))
    assert get_kind(PLAN) == rule


def test_decision_of_another_proposal_does_not_fit(house):
    first, second = propose(house), propose(house)
    signed = sign(house, first, "approver1")
    with pytest.raises(InvalidInput):
        house.approvals.decide(house.actor("approver1"), second, **signed)


def exported(house):
    house.log.transactions.clock.advance(seconds=10)
    approval_id = house.approve(PLAN, {"plan": PLAN_ID})
    with house.log.transactions.read() as session:
        return export_decision(session, approval_id)


def test_exported_decision_verifies_elsewhere(house):
    found = verify_exported(exported(house), house.load_root())
    assert (found.kind, found.subject) == (PLAN, PLAN_ID)
    assert (found.proposed_by, found.decided_by) == (house.id("handler1"), house.id("approver1"))


def test_every_altered_export_is_refused(house):
    """One character of any text in it, anywhere, or any part of the chain left out."""
    whole, root = exported(house), house.load_root()
    damaged = list(alterations(whole))
    assert len(damaged) > 30
    for change in damaged:
        with pytest.raises(VerificationFailed):
            verify_exported(change, root)


def alterations(whole):
    for path in texts(whole):
        changed = copy.deepcopy(whole)
        place = changed
        for step in path[:-1]:
            place = place[step]
        text = place[path[-1]]
        middle = len(text) // 2
        other = "b" if text[middle] != "b" else "c"
        place[path[-1]] = text[:middle] + other + text[middle + 1 :]
        yield changed
    for number in range(len(whole["chain"])):
        yield whole | {"chain": [item for n, item in enumerate(whole["chain"]) if n != number]}
    for name in whole:
        yield {key: value for key, value in whole.items() if key != name}
    yield whole | {"approval": whole["chain"][0] | {"id": whole["approval"]["id"]}}


def texts(value, path=()):
    if isinstance(value, str):
        yield path
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from texts(inner, (*path, key))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from texts(inner, (*path, number))


def test_export_under_another_root_is_refused(house, tmp_path):
    whole = exported(house)
    root = house.load_root()
    with pytest.raises(VerificationFailed):
        verify_exported(whole, swap_founders(root))


def swap_founders(root):
    first, second = root.founders
    return replace(
        root,
        founders=(
            replace(first, public_key=new_key("x").public_key().public_bytes_raw()),
            second,
        ),
    )
