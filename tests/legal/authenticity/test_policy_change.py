"""A policy changes by two people; demands that wait are judged by the new one."""

import pytest
from sqlalchemy import delete, text

from lea_service.agencies.models import VerifiedContact
from lea_service.agencies.queries import contact_label
from lea_service.custody.replay import read_stream
from lea_service.kernel.database import append_only_ddl
from lea_service.kernel.errors import (
    IntegrityFailure,
    InvalidInput,
    NotPermitted,
    VerificationFailed,
)
from lea_service.legal.authenticity.approval import KIND
from lea_service.legal.authenticity.audit import check_authentic
from lea_service.legal.authenticity.models import AuthenticityPolicy, CallBack
from lea_service.legal.authenticity.policy import shipped_document
from lea_service.legal.authenticity.queries import get_policy
from lea_service.legal.queries import is_settled
from lea_service.staff.decisions import Decisions
from lea_service.staff.models import Approval
from tests.support.call_backs import call_back
from tests.support.log import check_log

LETTER = "+31201112233"
STRICT = {
    **shipped_document(),
    "any_of": [["call_back_confirmed", "signature_by_issuer"]],
    "note": "Both.",
}


def change(house, document, by="handler1", decided_by="overseer1"):
    return house.approve(KIND, {"policy": document}, by, decided_by)


def settled(log, demand):
    with log.transactions.read() as session:
        return is_settled(session, demand)


def relied_on(log, house, demand):
    with log.transactions.read() as session:
        decisions = Decisions(session, house.load_root())
        check_authentic(session, decisions, demand, read_stream(session, demand))


def test_stricter_policy_holds_what_waited(log, house, authority, legal, handler):
    demand = authority.send()
    assert legal.assess(handler, demand).is_settled
    change(house, STRICT)
    assert not settled(log, demand)
    assert legal.assess(handler, demand).open == ("authenticity.not_proven",)
    change(house, shipped_document())
    with log.transactions.read() as session:
        assert get_policy(session).version == 2
    assert legal.assess(handler, demand).is_settled
    relied_on(log, house, demand)
    check_log(log)


def test_mail_is_no_proof_by_any_policy(house):
    for wrong in (
        {"any_of": [["mail_dkim_passed"]]},
        {"require": ["agency_known"]},
        {"hold_on": ["mail_look_alike"]},
        {"score": 80},
    ):
        with pytest.raises(InvalidInput, match="/policy"):
            change(house, {**shipped_document(), **wrong})


def test_policy_takes_a_handler_and_the_overseer(house):
    with pytest.raises(NotPermitted):
        change(house, STRICT, decided_by="approver1")
    with pytest.raises(NotPermitted):
        change(house, STRICT, by="overseer1")


def test_policy_put_in_the_table_is_relied_on_by_nobody(
    log, house, authority, legal, handler, databases, clock
):
    demand = authority.send()
    legal.assess(handler, demand)
    approval = change(house, STRICT)
    with databases.cases.write() as session:
        session.add(
            AuthenticityPolicy(
                version=2, document=shipped_document(), digest="x" * 43,
                approval_id=_another(session, approval), set_at=clock.now(),
            )
        )  # fmt: skip
    with pytest.raises((VerificationFailed, IntegrityFailure)):
        relied_on(log, house, demand)


def test_policy_gone_from_the_table_is_missed(log, house, authority, legal, handler, databases):
    demand = authority.send()
    legal.assess(handler, demand)
    change(house, STRICT)
    table = AuthenticityPolicy.__tablename__
    with databases.cases.write() as session:
        for drop in append_only_ddl(table, session.get_bind().dialect.name)[1]:
            session.execute(text(drop))
        session.execute(delete(AuthenticityPolicy))
    with pytest.raises(IntegrityFailure, match="authenticity_policies"):
        relied_on(log, house, demand)


def test_policy_gone_with_its_approval_is_missed(log, house, authority, legal, handler, databases):
    """The tables agree with each other; only the log knows of the policy."""
    demand = authority.send()
    legal.assess(handler, demand)
    approval = change(house, STRICT)
    with databases.cases.write() as session:
        for table in ("authenticity_policies", "approval_decisions", "approvals"):
            for drop in append_only_ddl(table, session.get_bind().dialect.name)[1]:
                session.execute(text(drop))
        session.execute(text("DELETE FROM authenticity_policies"))
        for table, column in (("approval_decisions", "approval_id"), ("approvals", "id")):
            session.execute(text(f"DELETE FROM {table} WHERE {column} = :id"), {"id": approval})
    assert settled(log, demand)
    with pytest.raises(IntegrityFailure, match="not the one that was set last"):
        relied_on(log, house, demand)


def test_call_put_in_the_table_is_relied_on_by_nobody(
    log, house, authority, legal, handler, databases, clock
):
    demand = authority.send()
    legal.assess(handler, demand)
    relied_on(log, house, demand)
    with databases.cases.write() as session:
        row = session.query(CallBack).one()
        session.add(
            CallBack(
                id="cb_forged", demand_id=demand, n=2, record_version=1,
                contact_id=row.contact_id, subject=row.subject, outcome="confirmed", sealed=b"x",
                called_by="s_x", called_at=clock.now(), recorded_at=clock.now(),
            )
        )  # fmt: skip
    with pytest.raises(IntegrityFailure):
        relied_on(log, house, demand)


def test_number_put_in_the_table_is_relied_on_by_nobody(
    log, house, authority, legal, handler, clock
):
    demand = authority.send(called_back=False)
    clock.advance(seconds=1)
    forged = "cn_" + "f" * 32
    with log.transactions.begin(handler) as tx:
        row = tx.session.query(VerifiedContact).filter_by(kind="phone").one()
        private = {"value": LETTER, "found_by_way": "the letter"}
        tx.session.add(
            VerifiedContact(
                id=forged, agency_id=row.agency_id, subject=row.subject, kind="phone",
                sealed=tx.seal(row.agency_id, private, contact_label(forged)), found_by=row.found_by, approved_by=row.approved_by,
                approval_id=row.approval_id, recorded_at=clock.now(),
            )
        )  # fmt: skip
    call_back(log.transactions, handler, demand, contact=forged)
    assert legal.assess(handler, demand).is_settled
    with pytest.raises(IntegrityFailure, match="verified_contacts"):
        relied_on(log, house, demand)


def _another(session, approval):
    return next(one.id for one in session.query(Approval) if one.id != approval)
