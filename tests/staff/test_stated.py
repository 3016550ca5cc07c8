"""What somebody signs states all that it is about, and whoever takes part is locked together."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from lea_service.extraction.reasons import PLAN_REASONS
from lea_service.kernel.canonical import salted_digest
from lea_service.kernel.errors import IntegrityFailure
from lea_service.staff import approvals, kinds
from lea_service.staff.approvals import open_text_of, state_decision, state_proposal, text_label
from lea_service.staff.kinds import get_kind
from lea_service.staff.models import Approval, ApprovalDecision
from lea_service.staff.queries import find_decision, get_approval
from lea_service.staff.reasons import Answer
from lea_service.staff.statement import Act, Outcome, Statement, load_statement
from tests.staff.attacker import PLAN
from tests.staff.test_decisions import PLAN_ID, propose
from tests.staff.test_refused import refused
from tests.support.engines import ANY_ENGINE
from tests.support.staff import SALT, WHY

AT = datetime(2026, 11, 24, 9, tzinfo=UTC)
KIND, ID, SUBJECT = "test.looked", "ap_" + "1" * 32, "x_subject"
PAYLOAD, FACTS = {"plan": PLAN_ID}, {"rows": 3, "deciders": 2}
LOOKED_AT = tuple(one.code for one in PLAN_REASONS.looked_at)
ABOUT = {
    "approval": ID,
    "kind": KIND,
    "subject": SUBJECT,
    "digest": salted_digest(SALT, PAYLOAD),
    "facts": FACTS,
    "beneficiary": "s_other",
}


@pytest.fixture
def proposal(monkeypatch):
    """The bytes of a proposal of a kind that is looked at part by part."""
    rule = replace(get_kind(PLAN), kind=KIND, reasons=PLAN_REASONS)
    monkeypatch.setitem(kinds._KINDS, KIND, rule)
    return state_proposal(
        ID, by="s_one", kind=KIND, subject=SUBJECT, payload=PAYLOAD, salt=SALT, facts=FACTS, now=AT,
        beneficiary="s_other",
    )  # fmt: skip


def test_proposal_states_what_it_is_about(proposal):
    wanted = Statement(act=Act.PROPOSE, by="s_one", stated_at=AT, **ABOUT)
    assert load_statement(proposal) == wanted


def test_decision_states_what_was_proposed_and_how_it_was_decided(proposal):
    approval, later = Approval(id=ID, kind=KIND, statement=proposal), AT + timedelta(minutes=5)
    decided = {"act": Act.DECIDE, "by": "s_two", "stated_at": later, **ABOUT}
    assert len(LOOKED_AT) > 1
    answer = Answer(Outcome.APPROVED, looked_at=tuple(sorted(LOOKED_AT, reverse=True)))
    stated = state_decision(approval, by="s_two", answer=answer, now=later)
    assert load_statement(stated) == Statement(
        outcome=Outcome.APPROVED, looked_at=tuple(sorted(LOOKED_AT)), **decided
    )
    codes = sorted(one.code for one in PLAN_REASONS.declined)[:2]
    answer = Answer(Outcome.REFUSED, (codes[1], codes[0]), text=WHY, salt=SALT)
    stated = state_decision(approval, by="s_two", answer=answer, now=later)
    assert load_statement(stated) == Statement(
        outcome=Outcome.REFUSED, reasons=tuple(codes), text=answer.text_digest, **decided
    )


@ANY_ENGINE
def test_everybody_who_takes_part_is_locked(house, monkeypatch):
    """A suspension of any of them waits, or is seen."""
    locked = []

    def lock(session, accounts):
        locked.append(set(accounts))
        return lock_accounts(session, accounts)

    lock_accounts = approvals.lock_accounts
    monkeypatch.setattr(approvals, "lock_accounts", lock)
    approval_id = house.propose(PLAN, {"plan": PLAN_ID, "deciders": 2})
    house.decide(approval_id, by="approver1")
    house.decide(approval_id, by="approver2")
    one, two, three = (house.id(name) for name in ("handler1", "approver1", "approver2"))
    assert locked == [{one}, {one, two}, {one, two, three}]
    locked.clear()
    request = {"account": house.id("handler2"), "roles": []}
    house.decide(house.propose("staff.roles", request, by="admin1"), by="overseer1")
    two_of_them = {house.id("admin1"), house.id("overseer1")}
    assert locked == [{house.id("admin1")}, two_of_them | {house.id("handler2")}]


@ANY_ENGINE
def test_text_that_is_another_is_told_as_that(house, log):
    approval_id = propose(house)
    house.decide(approval_id, outcome="refused", reasons=["other"])
    with log.transactions.begin(house.actor("approver1")) as tx:
        approval = get_approval(tx.session, approval_id)
        signed = find_decision(tx.session, approval_id)
        opened = tx.open(approval.stream, signed.text_sealed, text_label(approval_id))
        assert opened["text"] == WHY
        sealed = tx.seal(approval.stream, opened | {"text": "x"}, text_label(approval_id))
        other = ApprovalDecision(text_sealed=sealed, statement=signed.statement)
        told = "the text of a decision is not the one that was signed"
        with refused(IntegrityFailure, told):
            open_text_of(tx, approval, other)
