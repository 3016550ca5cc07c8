"""Use cases of the register of processing systems: it is read, and its reviews are reminded of."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from lea_service.kernel.actors import Actor, Permission, permit
from lea_service.kernel.clock import day_of
from lea_service.kernel.outbox import Begin, enqueue_own_notice
from lea_service.kernel.transactions import Transactions
from lea_service.retention.processing.queries import (
    EntryView,
    get_entry,
    list_entries,
    list_published,
)

REMINDED = timedelta(days=30)
"""So long before a review is due somebody is reminded of it, and once more when it is."""
REVIEW = "processing.review"


class ProcessingService:
    """Shows the register of processing systems; what stands in it takes an approval."""

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions

    def list(self, actor: Actor, after: str | None, limit: int) -> Sequence[EntryView]:
        """Return entries by code, from behind ``after`` on. Raises IntegrityFailure."""
        permit(actor, Permission.RETENTION_READ)
        with self._transactions.read(actor) as session:
            return list_entries(session, self._today(), after, limit)

    def get(self, actor: Actor, code: str) -> EntryView:
        """Return an entry. Raises NotFound, IntegrityFailure."""
        permit(actor, Permission.RETENTION_READ)
        with self._transactions.read(actor) as session:
            return get_entry(session, code, self._today())

    def list_published(self, actor: Actor) -> Sequence[EntryView]:
        """Return the entries that ship: a published statement as it stands, and criticised."""
        permit(actor, Permission.RETENTION_READ)
        return list_published(self._today())

    def remind(self, begin: Begin) -> None:
        """Remind of each review that nears or is due, once each, in a transaction of ``begin``."""
        today = self._today()
        with self._transactions.read() as session:
            entries = list_entries(session, today)
        for one in entries:
            step = _step(one.review_due_on, today)
            if step is not None:
                with begin() as tx:
                    permit(tx.actor, Permission.DEADLINE_WATCH)
                    occasion = f"{one.code}/{one.generation}/{step}"
                    enqueue_own_notice(tx, REVIEW, about=one.code, occasion=occasion)

    def _today(self) -> date:
        return day_of(self._transactions.clock.now())


def _step(due: date, today: date) -> str | None:
    if due <= today:
        return "due"
    return "near" if due - REMINDED <= today else None
