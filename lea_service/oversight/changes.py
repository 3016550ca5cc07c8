"""What use cases and the worker do about warnings inside their own transaction."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select

from lea_service.demands.admission import is_admitted, is_sealed, list_shut_out
from lea_service.demands.concerned import PERSON
from lea_service.kernel.canonical import Json
from lea_service.kernel.clock import format_instant
from lea_service.kernel.database import WHOLE
from lea_service.kernel.outbox import enqueue_own_notice
from lea_service.kernel.transactions import SYSTEM_STREAM, Transaction
from lea_service.oversight.models import RaisedWarning
from lea_service.oversight.queries import (
    Seen,
    count_asked_by_others,
    count_watched,
    list_recipients,
    list_refused_again,
    list_unusual_volumes,
)
from lea_service.oversight.rules import WarningKind

RAISED = "warning.raised"
NOTICE, UNREAD = "warning", "warning.unread"


def look_at_demand(tx: Transaction, demand_id: str, related: Collection[str] = ()) -> None:
    """Warn of what a new record shows; of a demand in the sealed lane nothing is said at all.

    ``related`` are the digests of what else is of the subscribers it asks about.
    """
    if is_sealed(tx.session, demand_id):
        return
    officers = [one for one in list_shut_out(tx.session, demand_id) if one.startswith(PERSON)]
    counted = {
        WarningKind.OWN_OFFICER: len(officers),
        WarningKind.WATCHED: count_watched(tx.session, demand_id),
        WarningKind.ASKED_BY_OTHERS: count_asked_by_others(tx.session, demand_id, tx.now, related),
    }
    for kind, count in counted.items():
        if count:
            _raise(tx, kind, count, occasion=f"{kind}/{demand_id}", demand=demand_id)


def look_at_flow(tx: Transaction) -> None:
    """Warn of officers and agencies, once a month each, by what arrived and was refused lately."""
    month = format_instant(tx.now)[:7]
    seen = {
        WarningKind.REFUSED_AGAIN: list_refused_again(tx.session, tx.now),
        WarningKind.VOLUME: list_unusual_volumes(tx.session, tx.now),
    }
    for kind, found in seen.items():
        for one in found:
            _raise_of(tx, kind, one, month)


def _raise_of(tx: Transaction, kind: WarningKind, seen: Seen, month: str) -> None:
    occasion = f"{kind}/{seen.subject}/{month}"
    _raise(tx, kind, seen.count, occasion=occasion, subject=seen.subject)


def _raise(
    tx: Transaction,
    kind: WarningKind,
    count: int,
    *,
    occasion: str,
    demand: str | None = None,
    subject: str | None = None,
) -> None:
    """Raise a warning once for each occasion, with its entry and its notices."""
    told = select(RaisedWarning.id).where(RaisedWarning.occasion == occasion)
    if tx.session.scalar(told, execution_options=WHOLE) is not None:
        return
    row = RaisedWarning(
        id=tx.ids.new("w"),
        kind=str(kind),
        demand_id=demand,
        subject=subject,
        count=count,
        occasion=occasion,
        raised_at=tx.now,
    )
    tx.session.add(row)
    tx.session.flush()
    facts: dict[str, Json] = {"warning": row.id, "kind": str(kind), "count": count}
    tx.record(RAISED, SYSTEM_STREAM, facts=facts, evidence=[row])
    recipients = _recipients(tx, demand)
    if not recipients:  # else a demand about whoever would be warned is one of which nobody is
        enqueue_own_notice(tx, UNREAD, about=row.id, occasion=row.id)
    for recipient in recipients:
        told_once = f"{row.id}/{recipient or 'all'}"
        enqueue_own_notice(tx, NOTICE, about=row.id, occasion=told_once, recipient=recipient)


def _recipients(tx: Transaction, demand: str | None) -> list[str | None]:
    """Return whom a notice goes to; None is the mailbox of alarms, while none listed oversees.

    Nobody where all who are listed are shut out from the demand.
    """
    listed = list_recipients(tx.session, tx.now)
    if not listed:
        return [None]
    if demand is None:
        return [*listed]
    return [one for one in listed if is_admitted(tx.session, demand, one, tx.now)]
