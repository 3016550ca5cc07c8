"""Appending: the last act of every transaction that changes something."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Table, bindparam, insert, select, update
from sqlalchemy.orm import Session

from lea_service.custody.disclosures import SALT_BYTES, new_disclosure
from lea_service.custody.entries import EntryHead, build_entry
from lea_service.custody.evidence import row_digest, row_key
from lea_service.custody.merkle import Edge, leaf_hash
from lea_service.custody.models import LogDisclosure, LogEntry, LogEvidence, LogHead
from lea_service.custody.rules import check_clock
from lea_service.kernel.canonical import Json
from lea_service.kernel.crypto import seal_bytes
from lea_service.kernel.database import CaseBase
from lea_service.kernel.datakeys import DataKeys
from lea_service.kernel.errors import IntegrityFailure
from lea_service.kernel.transactions import Draft


def _table(model: type[CaseBase]) -> Table:
    table: Any = model.__table__
    return table  # type: ignore[no-any-return]


# Built once and run on the bare connection: every append pays for them.
_HEAD, _ENTRIES = _table(LogHead), _table(LogEntry)
_LOCK_HEAD = select(
    _HEAD.c.origin,
    _HEAD.c.size,
    _HEAD.c.edge,
    _HEAD.c.t.label("last_t"),  # a result row has a ``t`` of its own
).with_for_update()
_OPEN_HEAD = insert(_HEAD)
_MOVE_HEAD = (
    update(_HEAD)
    .where(_HEAD.c.id == 1)
    .values(size=bindparam("to_size"), edge=bindparam("to_edge"), t=bindparam("to_t"))
)
_LAST_OF_STREAM = (
    select(_ENTRIES.c.n, _ENTRIES.c.leaf)
    .where(_ENTRIES.c.stream == bindparam("of_stream"))
    .order_by(_ENTRIES.c.n.desc())
    .limit(1)
)
_ADD_ENTRY = insert(_ENTRIES)
_ADD_DISCLOSURE = insert(_table(LogDisclosure))
_ADD_EVIDENCE = insert(_table(LogEvidence))


class CustodyJournal:
    """Turns drafts into entries, each with its place in the log and in its stream."""

    def __init__(self, origin: str) -> None:
        self._origin = origin

    def append(
        self, session: Session, keys: DataKeys, drafts: Sequence[Draft], now: datetime
    ) -> None:
        """Add the drafts in order, under the lock of the head. The caller commits.

        Raises Unavailable for a timed draft when ``now`` is behind the last entry.
        """
        connection = session.connection()
        head = connection.execute(_LOCK_HEAD).one_or_none()
        if head is None:
            batch = _Batch(session, keys, self._origin, Edge(), now)
            first = {"id": 1, "origin": self._origin, "size": 0, "edge": b"", "t": now}
            connection.execute(_OPEN_HEAD, first)
        elif head.origin != self._origin:
            raise IntegrityFailure("the database holds the log of another origin")
        else:
            if any(draft.is_timed for draft in drafts):
                check_clock(now, head.last_t)
            edge = Edge.load(head.size, head.edge)
            batch = _Batch(session, keys, self._origin, edge, max(now, head.last_t))
        for draft in drafts:
            batch.add(draft)
        batch.write()


@dataclass(slots=True)
class _Tail:
    n: int
    leaf: bytes | None


class _Batch:
    """The entries of one transaction on their way into the tables."""

    def __init__(
        self, session: Session, keys: DataKeys, origin: str, edge: Edge, t: datetime
    ) -> None:
        self._session = session
        self._connection = session.connection()
        self._keys = keys
        self._origin = origin
        self._edge = edge
        self._t = t
        self._tails: dict[str, _Tail] = {}
        self._entries: list[dict[str, Any]] = []
        self._disclosures: list[dict[str, Any]] = []
        self._evidence: list[dict[str, Any]] = []

    def add(self, draft: Draft) -> None:
        """Build the entry of one draft."""
        tail = self._tail(draft.stream)
        index = self._edge.size
        head = EntryHead(self._origin, self._t, draft.stream, tail.n, tail.leaf)
        data = build_entry(
            head,
            event=draft.event,
            by=draft.by,
            facts=draft.facts,
            artefacts=self._vouch(draft, index),
            disclosed=self._disclose(draft, index),
        )
        leaf = leaf_hash(data)
        self._edge.append(leaf)
        self._entries.append(
            {
                "idx": index,
                "stream": draft.stream,
                "n": tail.n,
                "event": draft.event,
                "data": data,
                "leaf": leaf,
            }
        )
        self._tails[draft.stream] = _Tail(tail.n + 1, leaf)

    def write(self) -> None:
        """Insert everything and move the head."""
        added = (
            (_ADD_ENTRY, self._entries),
            (_ADD_DISCLOSURE, self._disclosures),
            (_ADD_EVIDENCE, self._evidence),
        )
        for statement, rows in added:
            if rows:
                self._connection.execute(statement, rows)
        moved = {"to_size": self._edge.size, "to_edge": self._edge.dump(), "to_t": self._t}
        self._connection.execute(_MOVE_HEAD, moved)

    def _tail(self, stream: str) -> _Tail:
        if stream not in self._tails:
            last = self._connection.execute(_LAST_OF_STREAM, {"of_stream": stream}).first()
            self._tails[stream] = _Tail(last.n + 1, last.leaf) if last else _Tail(0, None)
        return self._tails[stream]

    def _disclose(self, draft: Draft, index: int) -> list[str]:
        if not draft.disclose:
            return []
        key = self._keys.key(self._session, draft.stream)
        digests = []
        for name, value in draft.disclose.items():
            one = new_disclosure(name, value)
            aad = disclosure_aad(self._origin, index, one.digest)
            sealed = seal_bytes(key, one.encoded.encode(), aad)
            self._disclosures.append({"idx": index, "digest": one.digest, "sealed": sealed})
            digests.append(one.digest)
        return digests

    def _vouch(self, draft: Draft, index: int) -> list[dict[str, Json]]:
        if not draft.evidence:
            return []
        self._session.flush()
        artefacts: list[dict[str, Json]] = []
        for position, row in enumerate(draft.evidence):
            salt = secrets.token_bytes(SALT_BYTES)
            name = row.__tablename__
            artefacts.append({"alg": "sha-256", "digest": row_digest(row, salt), "role": name})
            self._evidence.append(
                {
                    "idx": index,
                    "position": position,
                    "table_name": name,
                    "row_key": row_key(row),
                    "salt": salt,
                }
            )
        return artefacts


def disclosure_aad(origin: str, index: int, digest: str) -> bytes:
    """Return what a sealed disclosure is bound to: log, index and digest."""
    return f"{origin}\n{index}\n{digest}".encode()
