"""What the worker and the use cases do about confirmations inside their own transaction."""

from __future__ import annotations

from datetime import datetime

from lea_service.custody.replay import Stream, read_stream
from lea_service.demands.admission import is_sealed
from lea_service.demands.changes import hold, release_hold
from lea_service.demands.demand import Demand
from lea_service.demands.queries import get_demand
from lea_service.kernel.canonical import Json
from lea_service.kernel.clock import format_instant
from lea_service.kernel.errors import IntegrityFailure
from lea_service.kernel.outbox import enqueue_notice, enqueue_own_notice
from lea_service.kernel.transactions import Transaction
from lea_service.legal.confirmations.models import BreachNotice
from lea_service.legal.confirmations.rules import (
    BREACH_OPENED,
    HOLDS,
    MADE_AVAILABLE,
    Cause,
    Consequences,
    is_held_for,
)
from lea_service.legal.deadlines import Deadline
from lea_service.legal.times import list_paid

ESCALATED_NOTICE, OVERDUE_NOTICE = "confirmation.escalated", "confirmation.overdue"
"""The first goes to the prosecution, the second to the agency that owes the writing."""


def enter_consequences(
    tx: Transaction,
    demand: Demand,
    deadline: Deadline | None,
    entries: Stream,
    found: Consequences,
) -> None:
    """Hold a demand whose order nobody confirmed in time, and have the breach looked at."""
    if found.hold:
        hold(tx, demand.id, HOLDS[found.clock])
    if found.release:
        release_hold(tx, demand.id, HOLDS[found.clock])
    if found.cause is not None and deadline is not None:
        if deadline.late is None:
            raise IntegrityFailure("a confirmation without an end did not run out")
        open_breach(tx, demand, deadline.late, entries, found.cause)


def release_paid(tx: Transaction, demand_id: str) -> None:
    """End each hold of a demand for what it owed and has, as by a correction it came with."""
    entries = read_stream(tx.session, demand_id)
    held = [clock for clock in HOLDS if is_held_for(clock, entries)]
    if not held:
        return
    paid = list_paid(get_demand(tx.session, tx.keys, demand_id), entries)
    for clock in held:
        if clock in paid:
            release_hold(tx, demand_id, HOLDS[clock])


def open_breach(
    tx: Transaction, demand: Demand, late: datetime, entries: Stream, cause: Cause
) -> None:
    """Open a breach notice to the overseer, and tell prosecution and agency what is owed still."""
    row = BreachNotice(
        id=tx.ids.new("bn"),
        demand_id=demand.id,
        cause=str(cause),
        officer=demand.issuing_person.ref,
        agency_id=demand.agency.ref,
        late=late,
        has_produced=entries.last(MADE_AVAILABLE) is not None,
        opened_at=tx.now,
    )
    tx.session.add(row)
    tx.session.flush()
    facts: dict[str, Json] = {
        "notice": row.id,
        "cause": row.cause,
        "late": format_instant(row.late),
        "has_produced": row.has_produced,
    }
    tx.record(BREACH_OPENED, demand.id, facts=facts, evidence=[row])
    if cause is Cause.UNPAID:
        for template in (ESCALATED_NOTICE, OVERDUE_NOTICE):
            enqueue_notice(tx, template, demand=demand.id, occasion=template)
    if not is_sealed(tx.session, demand.id):
        enqueue_own_notice(tx, BREACH_OPENED, about=row.id, occasion=row.id)
