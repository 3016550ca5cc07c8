"""One transaction per use case; the change and its custody entry commit together or not at all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from lea_service.kernel.actors import Actor
from lea_service.kernel.canonical import Json
from lea_service.kernel.clock import Clock
from lea_service.kernel.crypto import BlindIndex
from lea_service.kernel.database import CaseBase, Database
from lea_service.kernel.datakeys import FILE, DataKeys, open_sealed, seal_value
from lea_service.kernel.ids import Ids
from lea_service.kernel.visibility import watch

SYSTEM_STREAM = "x_system"
RECORDS_STREAM = "r_records"
LASTING_STREAMS = frozenset({SYSTEM_STREAM, RECORDS_STREAM})
"""Streams nobody opens: they are there from the first entry on, and get their key then."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What a use case wants entered: public facts, sealed disclosures, evidence rows.

    ``is_timed`` says that the entry counts only if the log bears the time of its transaction.
    """

    event: str
    stream: str
    by: str
    facts: Mapping[str, Json] = field(default_factory=dict)
    disclose: Mapping[str, Json] = field(default_factory=dict)
    evidence: Sequence[CaseBase] = ()
    is_timed: bool = False


class Journal(Protocol):
    """Appends drafts to the custody log inside the given session."""

    def append(
        self, session: Session, keys: DataKeys, drafts: Sequence[Draft], now: datetime
    ) -> None:
        """Add the drafts in order; the caller commits. Raises Unavailable for a late clock."""


class Transaction:
    """One use case at work: its session, its one ``now``, its actor and what it will enter."""

    def __init__(
        self,
        session: Session,
        now: datetime,
        ids: Ids,
        actor: Actor,
        keys: DataKeys,
        index: BlindIndex,
    ) -> None:
        self.session = session
        self.now = now
        self.ids = ids
        self.actor = actor
        self.keys = keys
        self.index = index
        self.drafts: list[Draft] = []

    def record(
        self,
        event: str,
        stream: str,
        *,
        facts: Mapping[str, Json] | None = None,
        disclose: Mapping[str, Json] | None = None,
        evidence: Sequence[CaseBase] = (),
        is_timed: bool = False,
    ) -> None:
        """Enter ``event`` in the custody log when the use case ends.

        ``facts`` stand in the leaf for everybody: ids, codes, digests, counts. ``disclose`` is
        what names somebody: salted (RFC 9901) and encrypted under the file key of ``stream``.
        ``evidence`` are new rows whose salted digest goes into the entry. ``is_timed`` ends the
        transaction with Unavailable when the clock is behind the log.
        """
        if disclose:
            self._ready_key(stream)
        self.drafts.append(
            Draft(event, stream, self.actor.id, facts or {}, disclose or {}, evidence, is_timed)
        )

    def new_stream(self, prefix: str) -> str:
        """Return a new stream id with a file key of its own."""
        stream = self.ids.new(prefix)
        self.new_key(stream, FILE)
        return stream

    def new_key(self, stream: str, kind: str) -> None:
        """Make the data key of ``kind`` for ``stream``."""
        key_id = self.ids.new("k")
        self.keys.create(self.session, stream=stream, kind=kind, key_id=key_id, now=self.now)

    def seal(self, stream: str, value: Json, label: str, kind: str = FILE) -> bytes:
        """Encrypt ``value`` under the stream's data key, bound to ``label``."""
        self._ready_key(stream)
        return seal_value(self.keys.key(self.session, stream, kind), stream, value, label)

    def open(self, stream: str, blob: bytes, label: str, kind: str = FILE) -> Json:
        """Decrypt what ``seal`` made. Raises Unavailable, IntegrityFailure."""
        return open_sealed(self.session, self.keys, stream, blob, label, kind)

    def _ready_key(self, stream: str) -> None:
        if stream not in LASTING_STREAMS or self.keys.exists(self.session, stream):
            return
        try:
            with self.session.begin_nested():
                self.new_key(stream, FILE)
        except IntegrityError:  # another writer made it first; its key serves both
            if not self.keys.exists(self.session, stream):
                raise


class Transactions:
    """Opens transactions on the case database."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        ids: Ids,
        keys: DataKeys,
        index: BlindIndex,
        journal: Journal,
    ) -> None:
        self.database = database
        self.clock = clock
        self.ids = ids
        self.keys = keys
        self.index = index
        self._journal = journal

    @contextmanager
    def begin(self, actor: Actor) -> Iterator[Transaction]:
        """Run one use case: commits rows and entries together, or nothing on any error.

        Its session sees only what ``actor`` may know of.
        """
        with self.database.write() as session:
            now = self.clock.now()
            watch(session, actor, now)
            tx = Transaction(session, now, self.ids, actor, self.keys, self.index)
            yield tx
            session.flush()
            if tx.drafts:
                self._journal.append(session, self.keys, tx.drafts, tx.now)

    @contextmanager
    def read(self, actor: Actor | None = None) -> Iterator[Session]:
        """Open a read-only session on one instant of the case database.

        It sees what ``actor`` may know of; without one it is the service's own and sees everything.
        """
        with self.database.read() as session:
            if actor is not None:
                watch(session, actor, self.clock.now())
            yield session
