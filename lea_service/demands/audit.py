"""Compares where each demand stands with what its entries say, and finds a state nobody entered."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lea_service.custody.entries import load_entry
from lea_service.custody.queries import list_stream
from lea_service.demands.holds import check_holds
from lea_service.demands.models import Demand
from lea_service.kernel.errors import IntegrityFailure, LeaError


def check_demands(session: Session) -> list[str]:
    """Return a line for each demand whose state, version or holds are not what was entered."""
    query = select(Demand.id, Demand.state, Demand.version).order_by(Demand.id)
    problems = []
    for row in session.execute(query.execution_options(yield_per=1000)):
        if _last_stated(session, row.id) != (row.state, row.version):
            problems.append(f"demands: {row.id} does not stand where its entries say")
        if not _is_held_as_entered(session, row.id):
            problems.append(f"demand_holds: {row.id} is held in one place and not in the other")
    return problems


def _is_held_as_entered(session: Session, demand_id: str) -> bool:
    try:
        check_holds(session, demand_id)
    except LeaError as err:  # a damaged entry is for the check of the log to name
        return not isinstance(err, IntegrityFailure)
    return True


def _last_stated(session: Session, demand_id: str) -> tuple[Any, Any] | None:
    for stored in reversed(list_stream(session, demand_id)):
        try:
            facts = load_entry(stored.data).get("facts")
        except LeaError:  # a damaged entry is for the check of the log to name
            continue
        if isinstance(facts, dict) and "state" in facts:
            return facts["state"], facts.get("version")
    return None
