"""Looks: a look at personal data is entered, and committed, before anything is read."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.exc import IntegrityError

from lea_service.custody.models import Look
from lea_service.kernel.actors import Actor
from lea_service.kernel.transactions import Transactions
from lea_service.kernel.visibility import check_visible

WINDOW = timedelta(minutes=15)


class Looks:
    """Enters looks; one entry covers the same person's same view for fifteen minutes."""

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions

    def note(self, actor: Actor, stream: str, view: str, event: str = "demand.viewed") -> None:
        """Commit the entry of a look at ``view`` of ``stream``, unless one still covers it.

        Paging, polling and range requests within one look reuse its entry. Raises NotFound for a
        stream that the actor may not know of.
        """
        if self._is_covered(actor, stream, view):
            return
        try:
            self._enter(actor, stream, view, event)
        except IntegrityError:  # the same look began twice at once; the other one entered it
            if not self._is_covered(actor, stream, view):
                raise

    def _is_covered(self, actor: Actor, stream: str, view: str) -> bool:
        with self._transactions.read(actor) as session:
            check_visible(session, stream)
            held = session.get(Look, (actor.id, stream, view))
            return held is not None and held.until > self._transactions.clock.now()

    def _enter(self, actor: Actor, stream: str, view: str, event: str) -> None:
        key = (actor.id, stream, view)
        with self._transactions.begin(actor) as tx:
            row = tx.session.get(Look, key, with_for_update=True)
            if row is not None and row.until > tx.now:
                return
            if row is None:
                row = Look(actor_id=actor.id, stream=stream, view=view, until=tx.now)
                tx.session.add(row)
            row.until = tx.now + WINDOW
            tx.record(event, stream, facts={"view": view})
