"""Compares what a demand is taken for genuine on with the log, and with what two people signed."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from lea_service.custody.replay import Stream
from lea_service.kernel.database import CaseBase
from lea_service.kernel.errors import IntegrityFailure, VerificationFailed
from lea_service.legal.authenticity.approval import KIND, SUBJECT
from lea_service.legal.authenticity.models import AuthenticityReport, CallBack
from lea_service.legal.authenticity.policy import read_policy
from lea_service.legal.authenticity.queries import find_policy_row
from lea_service.legal.authenticity.service import CALLED_BACK
from lea_service.legal.models import Assessment
from lea_service.legal.queries import find_assessment_row
from lea_service.staff.decisions import Decisions


def check_authentic(
    session: Session, decisions: Decisions, demand_id: str, entries: Stream
) -> None:
    """Let somebody rely on assessment, calls and policy as the tables have them.

    Raises IntegrityFailure where the log has others, VerificationFailed for a policy that no two
    people decided on.
    """
    assessment = find_assessment_row(session, demand_id)
    calls = session.scalars(select(CallBack).where(CallBack.demand_id == demand_id)).all()
    rows: list[CaseBase] = [*calls, *_of_assessment(session, assessment)]
    for row in rows:
        if entries.find_vouching(session, row) is None:
            raise IntegrityFailure(f"{row.__tablename__}: a row is not as it was recorded")
    entered = {str(one.facts.get("call_back")) for one in entries.of(CALLED_BACK)}
    if entered != {one.id for one in calls}:
        raise IntegrityFailure("call_backs: a call is gone")
    _check_policy(session, decisions)


def _of_assessment(session: Session, assessment: Assessment | None) -> list[CaseBase]:
    if assessment is None:
        return []
    report = session.get(AuthenticityReport, assessment.id)
    return [assessment] if report is None else [assessment, report]


def _check_policy(session: Session, decisions: Decisions) -> None:
    row = find_policy_row(session)
    if row is None:
        return
    decision = decisions.verify(row.approval_id)
    digest = read_policy(row.document, row.version).digest
    signed = (decision.kind, decision.subject, decision.facts.get("digest"))
    if signed != (KIND, SUBJECT, digest) or row.version != decision.facts.get("version"):
        raise VerificationFailed("the authenticity policy is not what two people decided on")
