"""Compares what a demand is taken for genuine on with the log, and with what two people signed."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from lea_service.agencies.approval import CONTACT
from lea_service.agencies.models import VerifiedContact
from lea_service.custody.replay import Stream, read_setting, read_stream
from lea_service.kernel.database import CaseBase
from lea_service.kernel.errors import IntegrityFailure, VerificationFailed
from lea_service.legal.authenticity.approval import KIND, POLICY_SET, SUBJECT
from lea_service.legal.authenticity.call_back import PHONE
from lea_service.legal.authenticity.models import AuthenticityReport, CallBack
from lea_service.legal.authenticity.policy import read_policy
from lea_service.legal.authenticity.queries import find_policy_row
from lea_service.legal.authenticity.register import list_phone_contacts
from lea_service.legal.authenticity.service import CALLED_BACK
from lea_service.legal.models import Acceptance, Assessment
from lea_service.legal.narrowing.audit import list_vouched
from lea_service.legal.queries import find_assessment_row
from lea_service.staff.decisions import Decisions

ASSESSED = "demand.assessed"
CONTACT_RECORDED = "agency.contact_recorded"


def check_authentic(
    session: Session, decisions: Decisions, demand_id: str, entries: Stream
) -> None:
    """Let somebody rely on assessment, narrowings, calls, numbers and policy as the tables say.

    Raises IntegrityFailure where the log has others, VerificationFailed for a number or a policy
    that no two people decided on.
    """
    assessment = find_assessment_row(session, demand_id)
    calls = session.scalars(select(CallBack).where(CallBack.demand_id == demand_id)).all()
    rows: list[CaseBase] = [*calls, *_of_assessment(session, assessment)]
    for row in rows:
        if entries.find_vouching(session, row) is None:
            raise IntegrityFailure(f"{row.__tablename__}: a row is not as it was recorded")
    if assessment:
        list_vouched(session, demand_id, assessment.id, entries)
    if assessment and entries.find_vouching(session, assessment) != entries.last(ASSESSED):
        raise IntegrityFailure("assessments: the last one is gone")
    entered = {str(one.facts.get("call_back")) for one in entries.of(CALLED_BACK)}
    if entered != {one.id for one in calls}:
        raise IntegrityFailure("call_backs: a call is gone")
    report = session.get(AuthenticityReport, assessment.id) if assessment else None
    if report is not None and report.agency_id is not None:
        _check_numbers(session, decisions, report.agency_id, report.person_id)
    _check_policy(session, decisions)


def _check_numbers(
    session: Session, decisions: Decisions, agency_id: str, person_id: str | None
) -> None:
    """Compare the numbers that may be called with the newest that the log has of each."""
    entered = read_stream(session, agency_id)
    numbers = {one.subject: one for one in list_phone_contacts(session, agency_id, person_id)}
    for subject in filter(None, (agency_id, person_id)):
        row = numbers.get(subject)
        last = entered.last(CONTACT_RECORDED, kind=PHONE, subject=subject)
        if (row and row.id) != (last and last.facts.get("contact")):
            raise IntegrityFailure("verified_contacts: a number is not the newest of the log")
        if row is not None:
            _check_number(session, decisions, entered, row)


def _check_number(
    session: Session, decisions: Decisions, entered: Stream, row: VerifiedContact
) -> None:
    if entered.find_vouching(session, row) is None:
        raise IntegrityFailure("verified_contacts: a row is not as it was recorded")
    decision = decisions.verify(row.approval_id)
    signed = (decision.kind, decision.subject, decision.facts.get("contact"))
    if signed != (CONTACT, row.subject, row.id):
        raise VerificationFailed("a telephone number is not what two people decided on")


def _of_assessment(session: Session, assessment: Assessment | None) -> list[CaseBase]:
    if assessment is None:
        return []
    report = session.get(AuthenticityReport, assessment.id)
    accepted = session.scalars(select(Acceptance).where(Acceptance.assessment_id == assessment.id))
    return [assessment, *accepted, *([] if report is None else [report])]


def _check_policy(session: Session, decisions: Decisions) -> None:
    """Compare the policy that counts with the one that was set last, as the log has it."""
    row, entered = find_policy_row(session), read_setting(session, POLICY_SET)
    if row is None and not entered:
        return
    last = entered[-1].facts if entered else {}
    if row is None or (row.version, row.approval_id) != (last.get("version"), last.get("approval")):
        raise IntegrityFailure("authenticity_policies: the policy is not the one that was set last")
    decision = decisions.verify(row.approval_id)
    digest = read_policy(row.document, row.version).digest
    signed = (decision.kind, decision.subject, decision.facts.get("digest"))
    if signed != (KIND, SUBJECT, digest) or row.version != decision.facts.get("version"):
        raise VerificationFailed("the authenticity policy is not what two people decided on")
