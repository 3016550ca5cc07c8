"""Reads of questions to the authority and of what it answered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from lea_service.kernel.datakeys import DataKeys, open_text
from lea_service.legal.models import Clarification, ClarificationAnswer
from lea_service.staff.people_queries import find_name


@dataclass(frozen=True, slots=True)
class ClarificationView:
    """A question to the authority and its answer, opened; ``reasons`` are codes of why."""

    id: str
    n: int
    findings: tuple[str, ...]
    reasons: tuple[str, ...]
    question: str
    asked_by: str
    asked_by_name: str | None
    asked_at: datetime
    answer: str | None
    recorded_by: str | None
    recorded_by_name: str | None
    recorded_at: datetime | None


def list_clarifications(
    session: Session, keys: DataKeys, demand_id: str
) -> tuple[ClarificationView, ...]:
    """Return the questions about a demand with their answers, the first asked first."""
    query = (
        select(Clarification, ClarificationAnswer)
        .outerjoin(ClarificationAnswer)
        .where(Clarification.demand_id == demand_id)
        .order_by(Clarification.n)
    )
    rows = session.execute(query).all()
    return tuple(_view_clarification(session, keys, row, answer) for row, answer in rows)


def find_open_clarification(session: Session, demand_id: str) -> Clarification | None:
    """Return the question that waits for its answer."""
    query = (
        select(Clarification)
        .outerjoin(ClarificationAnswer)
        .where(
            Clarification.demand_id == demand_id,
            ClarificationAnswer.clarification_id.is_(None),
        )
    )
    return session.scalars(query.order_by(Clarification.n.desc()).limit(1)).first()


def question_label(clarification_id: str) -> str:
    """Return what a question is bound to."""
    return f"question/{clarification_id}"


def answer_label(clarification_id: str) -> str:
    """Return what an answer is bound to."""
    return f"answer/{clarification_id}"


def _view_clarification(
    session: Session, keys: DataKeys, row: Clarification, answer: ClarificationAnswer | None
) -> ClarificationView:
    question = open_text(session, keys, row.demand_id, row.question_sealed, question_label(row.id))
    answered = None
    if answer is not None:
        answered = open_text(
            session, keys, row.demand_id, answer.answer_sealed, answer_label(row.id)
        )
    return ClarificationView(
        id=row.id,
        n=row.n,
        findings=tuple(row.findings),
        reasons=tuple(row.reasons),
        question=question,
        asked_by=row.asked_by,
        asked_by_name=find_name(session, keys, row.asked_by),
        asked_at=row.asked_at,
        answer=answered,
        recorded_by=answer.recorded_by if answer else None,
        recorded_by_name=find_name(session, keys, answer.recorded_by) if answer else None,
        recorded_at=answer.recorded_at if answer else None,
    )
