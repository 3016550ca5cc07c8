"""Looks: a look at personal data is entered, and committed, before anything is read."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from lea_service.custody.entries import load_entry
from lea_service.custody.followed import FollowedStreams
from lea_service.custody.merkle import leaf_hash
from lea_service.custody.models import Look
from lea_service.custody.queries import iter_newest
from lea_service.kernel.actors import Actor
from lea_service.kernel.clock import parse_instant
from lea_service.kernel.transactions import Transactions
from lea_service.kernel.visibility import check_visible

WINDOW = timedelta(minutes=15)


class Looks:
    """Enters looks; one entry covers the same person's same view for fifteen minutes."""

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions
        self.streams = FollowedStreams()
        """Where it is read, before a look, whether somebody may have one."""

    def note(self, actor: Actor, stream: str, view: str, event: str = "demand.viewed") -> None:
        """Commit the entry of a look at ``view`` of ``stream``, unless one still covers it.

        Paging, polling and range requests within one look reuse its entry. Raises NotFound for a
        stream that the actor may not know of.
        """
        look = Look(actor_id=actor.id, stream=stream, view=view)
        if self._is_covered(actor, look, event):
            return
        try:
            self._enter(actor, look, event)
        except IntegrityError:  # the same look began twice at once; the other one entered it
            if not self._is_covered(actor, look, event):
                raise

    def _is_covered(self, actor: Actor, look: Look, event: str) -> bool:
        with self._transactions.read(actor) as session:
            check_visible(session, look.stream)
            held = session.get(Look, _key(look))
            return held is not None and _covers(
                session, held, event, self._transactions.clock.now()
            )

    def _enter(self, actor: Actor, look: Look, event: str) -> None:
        with self._transactions.begin(actor) as tx:
            row = tx.session.get(Look, _key(look), with_for_update=True)
            if row is not None and _covers(tx.session, row, event, tx.now):
                return
            if row is None:
                row = Look(actor_id=look.actor_id, stream=look.stream, view=look.view)
                tx.session.add(row)
            row.until = tx.now + WINDOW
            tx.record(event, row.stream, facts={"view": row.view})


def _key(look: Look) -> tuple[str, str, str]:
    return look.actor_id, look.stream, look.view


def _covers(session: Session, row: Look, event: str, now: datetime) -> bool:
    """Say whether a look still covers its view: as a row, and as the entry that it stands for.

    A row alone would keep out of the log whatever its writer wants to see unseen.
    """
    if not now < row.until <= now + WINDOW:
        return False
    begun = row.until - WINDOW
    return any(
        one["by"] == row.actor_id and one.get("facts") == {"view": row.view}
        for one in _entered_since(session, row.stream, event, begun)
    )


def _entered_since(
    session: Session, stream: str, event: str, begun: datetime
) -> Iterator[dict[str, Any]]:
    """Yield the entries of an event from ``begun`` on, the newest first."""
    for stored in iter_newest(session, stream, event):
        entry: dict[str, Any] = load_entry(stored.data)
        if parse_instant(entry["t"]) < begun:
            return
        bytes_say = (entry["case"], entry["ev"], leaf_hash(stored.data))
        if bytes_say == (stream, event, stored.leaf):
            yield entry
