"""Use cases of warnings: people outside the flow read them, and say what they made of each."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from lea_service.custody.looks import Looks
from lea_service.kernel.actors import Actor, Permission, permit
from lea_service.kernel.database import Place, lock_row
from lea_service.kernel.errors import NotPermitted, WrongState
from lea_service.kernel.transactions import SYSTEM_STREAM, Transaction, Transactions
from lea_service.oversight.changes import look_at_flow
from lea_service.oversight.list_queries import ListsView, view_lists
from lea_service.oversight.models import RaisedWarning, WarningSettlement
from lea_service.oversight.queries import (
    WarningView,
    list_recipients,
    list_warnings,
    reason_label,
    view_warning,
)


class OversightService:
    """Warnings for overseers on the list, or for all of them while none of those oversees."""

    def __init__(self, transactions: Transactions, looks: Looks) -> None:
        self._transactions = transactions
        self._looks = looks

    def list_warnings(
        self, actor: Actor, is_open: bool | None, after: Place | None, limit: int
    ) -> list[WarningView]:
        """Return warnings, the newest first; the look is entered first. Raises NotPermitted."""
        permit(actor, Permission.WARNING_READ)
        with self._transactions.read(actor) as session:
            _check_listed(session, actor, self._transactions.clock.now())
        self._looks.note(actor, SYSTEM_STREAM, "warnings", "warning.listed")
        with self._transactions.read(actor) as session:
            keys = self._transactions.keys
            return list_warnings(session, keys, is_open=is_open, after=after, limit=limit)

    def view_lists(self, actor: Actor) -> ListsView:
        """Return who gets warnings and how much two people set; the look is entered first.

        For those who propose and decide on it; of identifiers there is no more than a count.
        Raises NotPermitted, IntegrityFailure.
        """
        permit(actor, Permission.STAFF_PROPOSE)
        self._looks.note(actor, SYSTEM_STREAM, "warning_lists", "warning.listed")
        with self._transactions.read(actor) as session:
            return view_lists(session, self._transactions.clock.now())

    def settle(self, actor: Actor, warning_id: str, reason: str) -> WarningView:
        """Keep what was made of a warning. Raises NotPermitted, NotFound, WrongState."""
        permit(actor, Permission.WARNING_SETTLE)
        with self._transactions.begin(actor) as tx:
            _check_listed(tx.session, actor, tx.now)
            row = lock_row(tx.session, RaisedWarning, warning_id, "warning")
            if tx.session.get(WarningSettlement, warning_id) is not None:
                raise WrongState("this warning was settled before")
            done = WarningSettlement(
                warning_id=warning_id,
                reason_sealed=tx.seal(SYSTEM_STREAM, reason, reason_label(warning_id)),
                settled_by=actor.id,
                settled_at=tx.now,
            )
            tx.session.add(done)
            tx.session.flush()
            facts = {"warning": warning_id, "kind": row.kind}
            tx.record("warning.settled", SYSTEM_STREAM, facts=facts, evidence=[done])
            return view_warning(tx.session, tx.keys, row, done)

    def look_at_flow(self, tx: Transaction) -> None:
        """Warn of officers and agencies; for the worker, again and again."""
        permit(tx.actor, Permission.JOB_RUN)
        look_at_flow(tx)


def _check_listed(session: Session, actor: Actor, now: datetime) -> None:
    listed = list_recipients(session, now)
    if listed and actor.id not in listed:
        raise NotPermitted(
            "warnings are for those on the list", permission=str(Permission.WARNING_READ)
        )
