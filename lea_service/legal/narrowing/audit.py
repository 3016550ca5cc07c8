"""What of a demand is not given, held against the log: a row that nobody entered counts for none.

Who changes the table must neither have less given than was decided, nor more, nor have a finding
settled (ADR 0013).
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from lea_service.custody.queries import list_event
from lea_service.custody.replay import Stream, read_stream
from lea_service.kernel.errors import IntegrityFailure, LeaError
from lea_service.legal.models import Clarification, ClarificationAnswer, Narrowing

NARROWED = "demand.narrowed"


def list_vouched(
    session: Session, demand_id: str, assessment_id: str, entries: Stream | None = None
) -> list[Narrowing]:
    """Return the narrowings of an assessment, in order, each exactly as it was entered.

    Raises IntegrityFailure where the log has others.
    """
    query = select(Narrowing).where(Narrowing.assessment_id == assessment_id)
    rows = list(session.scalars(query.order_by(Narrowing.number)))
    known = read_stream(session, demand_id) if entries is None else entries
    entered = [
        str(one.facts["narrowing"])
        for one in known.of(NARROWED)
        if one.facts["assessment"] == assessment_id
    ]
    _check(session, rows, entered, known)
    return rows


def is_answered(session: Session, demand_id: str, clarification_id: str) -> bool:
    """Say whether a demand has such a question with an answer, both as they were entered.

    Raises IntegrityFailure where the log has others.
    """
    query = (
        select(Clarification, ClarificationAnswer)
        .join(ClarificationAnswer)
        .where(Clarification.id == clarification_id, Clarification.demand_id == demand_id)
    )
    found = session.execute(query).one_or_none()
    if found is None:
        return False
    entries = read_stream(session, demand_id)
    for row in found:
        if entries.find_vouching(session, row) is None:
            raise IntegrityFailure(f"{row.__tablename__}: a row is not as it was recorded")
    return True


def check_narrowings(session: Session) -> list[str]:
    """Return a line for each demand of which other narrowings are kept than were entered."""
    kept = set(session.scalars(select(Narrowing.demand_id).distinct()))
    entered = {one.stream for one in list_event(session, NARROWED)}
    problems = []
    for demand_id in sorted(kept | entered):
        query = select(Narrowing).where(Narrowing.demand_id == demand_id)
        rows = session.scalars(query.order_by(Narrowing.id)).all()
        try:
            entries = read_stream(session, demand_id)
            ids = [str(one.facts["narrowing"]) for one in entries.of(NARROWED)]
            _check(session, rows, ids, entries)
        except LeaError as err:
            problems.append(f"{err.detail} ({demand_id})")
    return problems


def _check(
    session: Session, rows: Sequence[Narrowing], entered: Sequence[str], entries: Stream
) -> None:
    if any(entries.find_vouching(session, row) is None for row in rows):
        raise IntegrityFailure("narrowings: a row is not as it was recorded")
    if sorted(entered) != sorted(row.id for row in rows):
        raise IntegrityFailure("narrowings: there are others than were entered")
