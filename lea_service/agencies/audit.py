"""Compares who is suspended in the register with what the log says, and finds what was lifted."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from lea_service.agencies.models import Agency, AgencyPerson, Desk
from lea_service.custody.entries import load_entry
from lea_service.custody.models import LogEntry
from lea_service.kernel.errors import LeaError

SUSPENDED, REINSTATED = "agency.suspended", "agency.reinstated"


def check_suspensions(session: Session) -> list[str]:
    """Return a line for each agency, person or desk that is suspended in one place only."""
    entered = _entered(session)
    problems = []
    for model in (Agency, AgencyPerson, Desk):
        query = select(model.id, model.suspension_id, model.suspended_at).order_by(model.id)
        for row in session.execute(query):
            wanted = entered.get(row.id)
            if row.suspension_id != wanted or (row.suspended_at is None) != (wanted is None):
                name = model.__tablename__
                problems.append(f"{name}: {row.id} is suspended in one place and not in the other")
    return problems


def _entered(session: Session) -> dict[str, str]:
    """Return the open suspension of each subject, as the entries have it."""
    query = select(LogEntry.data).where(LogEntry.event.in_((SUSPENDED, REINSTATED)))
    found: dict[str, str] = {}
    for data in session.scalars(query.order_by(LogEntry.idx)):
        try:
            entry = load_entry(data)
        except LeaError:  # a damaged entry is for the check of the log to name
            continue
        facts = entry.get("facts")
        if not isinstance(facts, dict):
            continue
        subject = str(facts["subject"])
        if entry["ev"] == SUSPENDED:
            found[subject] = str(facts["suspension"])
        else:
            found.pop(subject, None)
    return found
