"""Reading the log: entries, subtree hashes, tiles, proofs."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lea_service.custody.disclosures import Disclosure, parse_disclosure
from lea_service.custody.entries import load_entry
from lea_service.custody.journal import disclosure_aad
from lea_service.custody.merkle import Edge, node_hash, split_point
from lea_service.custody.models import Checkpoint, LogDisclosure, LogEntry, LogEvidence, LogHead
from lea_service.custody.note import Head, parse_head, parse_note
from lea_service.custody.rules import check_clock
from lea_service.custody.tiles import WIDTH, dump_bundle
from lea_service.kernel.canonical import MAX_INTEGER, Json
from lea_service.kernel.crypto import open_bytes
from lea_service.kernel.datakeys import DataKeys
from lea_service.kernel.errors import (
    IntegrityFailure,
    NotFound,
    Unavailable,
    VerificationFailed,
)
from lea_service.kernel.remembered import Remembered

BLOCK = 4096
BLOCKS = 8
"""Of 256 leaves, kept for a session: about 17 kB each."""
PAGE = 64


@dataclass(frozen=True, slots=True)
class StoredEntry:
    """An entry as it is kept."""

    idx: int
    stream: str
    n: int
    event: str
    data: bytes
    leaf: bytes


@dataclass(frozen=True, slots=True)
class StoredCheckpoint:
    """A signed checkpoint as it is kept."""

    size: int
    root: bytes
    note: bytes


def find_head(session: Session) -> Head | None:
    """Return the present head of the log; None before the first entry."""
    row = session.get(LogHead, 1)
    return Head(row.origin, row.size, Edge.load(row.size, row.edge).root()) if row else None


def find_size(session: Session) -> int:
    """Return how many entries the log has."""
    return session.scalar(select(LogHead.size)) or 0


def check_on_time(session: Session, now: datetime) -> None:
    """Let through a clock that is not behind the log. Raises Unavailable."""
    row = session.get(LogHead, 1)
    if row is not None:
        check_clock(now, row.t)


def find_checkpoint(session: Session, at_least: int = 0) -> StoredCheckpoint | None:
    """Return the newest checkpoint if it covers at least so many entries.

    Raises IntegrityFailure for a row that says something else than its note.
    """
    row = session.scalars(select(Checkpoint).order_by(Checkpoint.size.desc()).limit(1)).first()
    if row is None or row.size < at_least:
        return None
    try:
        head = parse_head(parse_note(row.note).text)
    except VerificationFailed as err:
        raise IntegrityFailure("the newest checkpoint is damaged") from err
    if (head.size, head.root) != (row.size, row.root):
        raise IntegrityFailure("the newest checkpoint is not the one that its row says")
    return StoredCheckpoint(row.size, row.root, row.note)


def iter_entries(session: Session, start: int = 0, end: int | None = None) -> Iterator[StoredEntry]:
    """Yield entries in log order, from ``start`` up to ``end``."""
    while end is None or start < end:
        stop = start + BLOCK if end is None else min(start + BLOCK, end)
        query = select(LogEntry).where(LogEntry.idx >= start, LogEntry.idx < stop)
        rows = session.scalars(query.order_by(LogEntry.idx)).all()
        yield from (_stored(row) for row in rows)
        session.expunge_all()
        if not rows:
            return
        start = stop


def iter_data(session: Session, start: int, end: int) -> Iterator[tuple[int, bytes]]:
    """Yield the bytes of entries with their log index, in order, and nothing from beside them.

    Half the time of ``iter_entries``, for whoever reads the whole log.
    """
    for at in range(start, end, BLOCK):
        query = select(LogEntry.idx, LogEntry.data).where(
            LogEntry.idx >= at, LogEntry.idx < min(at + BLOCK, end)
        )
        for row in session.execute(query.order_by(LogEntry.idx)):
            yield row.idx, row.data


def list_stream(session: Session, stream: str, before: int | None = None) -> list[StoredEntry]:
    """Return the entries of one stream in order, up to the log index ``before``."""
    query = select(LogEntry).where(LogEntry.stream == stream)
    if before is not None:
        query = query.where(LogEntry.idx < before)
    return [_stored(row) for row in session.scalars(query.order_by(LogEntry.n))]


def list_event(session: Session, event: str) -> list[StoredEntry]:
    """Return the entries of one event in order, whatever stream they are of."""
    query = select(LogEntry).where(LogEntry.event == event).order_by(LogEntry.idx)
    return [_stored(row) for row in session.scalars(query)]


def iter_newest(session: Session, stream: str, event: str) -> Iterator[StoredEntry]:
    """Yield the entries of one event in a stream, the newest first, for as long as wanted."""
    query = select(LogEntry).where(LogEntry.stream == stream, LogEntry.event == event)
    newest, before = query.order_by(LogEntry.n.desc()).limit(PAGE), None
    while True:
        page = newest if before is None else newest.where(LogEntry.n < before)
        rows = session.scalars(page).all()
        yield from (_stored(row) for row in rows)
        if len(rows) < PAGE:
            return
        before = rows[-1].n


def list_stream_after(
    session: Session, stream: str, n: int, limit: int | None = None
) -> list[StoredEntry]:
    """Return the entries of one stream in order from the one after ``n``, at most ``limit``."""
    query = select(LogEntry).where(LogEntry.stream == stream, LogEntry.n > n)
    return [_stored(row) for row in session.scalars(query.order_by(LogEntry.n).limit(limit))]


def has_stream(session: Session, stream: str) -> bool:
    """Say whether the log holds any entry of a stream."""
    query = select(LogEntry.idx).where(LogEntry.stream == stream, LogEntry.n == 0)
    return session.scalar(query) is not None


NO_ENTRY = "no such entry in the log"


def get_entry(session: Session, index: int) -> StoredEntry:
    """Return one entry. Raises NotFound."""
    row = session.get(LogEntry, index) if 0 <= index <= MAX_INTEGER else None
    if row is None:
        raise NotFound(NO_ENTRY)
    return _stored(row)


def first_index(session: Session, stream: str) -> int:
    """Return the log index at which a stream begins. Raises NotFound."""
    query = select(LogEntry.idx).where(LogEntry.stream == stream, LogEntry.n == 0)
    index = session.scalar(query)
    if index is None:
        raise NotFound("no such stream in the log")
    return index


def last_index(session: Session, stream: str, event: str) -> int:
    """Return the log index of the last ``event`` of a stream. Raises NotFound."""
    query = select(LogEntry.idx).where(LogEntry.stream == stream, LogEntry.event == event)
    index = session.scalar(query.order_by(LogEntry.n.desc()).limit(1))
    if index is None:
        raise NotFound(f"the log holds no {event} of this stream")
    return index


def last_index_of(session: Session, stream: str, event: str, **facts: Json) -> int:
    """Return the log index of the last ``event`` of a stream that states facts. Raises NotFound."""
    wanted = facts.items()
    for stored in iter_newest(session, stream, event):
        stated = load_entry(stored.data).get("facts")
        if isinstance(stated, dict) and wanted <= stated.items():
            return stored.idx
    raise NotFound(f"the log holds no such {event} of this stream")


def last_facts(session: Session, stream: str, event: str) -> dict[str, Json]:
    """Return the facts of the last ``event`` of a stream. Raises NotFound, VerificationFailed."""
    entry = load_entry(get_entry(session, last_index(session, stream, event)).data)
    facts = entry.get("facts")
    return facts if isinstance(facts, dict) else {}


def list_last_facts(session: Session, events: Collection[str]) -> dict[str, dict[str, Any]]:
    """Return the facts of the last entry of ``events`` in each stream that has one, as kept."""
    entries = list_last_entries(session, events)
    return {stream: entry.get("facts", {}) for stream, entry in entries.items()}


def list_last_entries(session: Session, events: Collection[str]) -> dict[str, dict[str, Any]]:
    """Return the last entry of ``events`` in each stream that has one.

    As it is kept, for a list: what is relied on is read with its whole stream.
    """
    newest = select(func.max(LogEntry.idx)).where(LogEntry.event.in_(events))
    query = select(LogEntry).where(LogEntry.idx.in_(newest.group_by(LogEntry.stream)))
    entries: dict[str, Any] = {
        row.stream: load_entry(row.data) for row in session.scalars(query.order_by(LogEntry.idx))
    }
    return entries


def open_disclosures(
    session: Session, keys: DataKeys, origin: str, entry: StoredEntry
) -> list[Disclosure] | None:
    """Decrypt what an entry discloses; None when the key of its stream was destroyed."""
    rows = session.scalars(
        select(LogDisclosure).where(LogDisclosure.idx == entry.idx).order_by(LogDisclosure.digest)
    ).all()
    if not rows:
        return []
    try:
        key = keys.key(session, entry.stream)
    except Unavailable:
        return None
    opened = []
    for row in rows:
        aad = disclosure_aad(origin, entry.idx, row.digest)
        opened.append(parse_disclosure(open_bytes(key, row.sealed, aad).decode()))
    return opened


def list_evidence(session: Session, first: int, last: int) -> dict[int, list[LogEvidence]]:
    """Return which rows the entries from ``first`` to ``last`` vouch for, in order, by entry."""
    query = select(LogEvidence).where(LogEvidence.idx.between(first, last))
    found: dict[int, list[LogEvidence]] = {}
    for row in session.scalars(query.order_by(LogEvidence.idx, LogEvidence.position)):
        found.setdefault(row.idx, []).append(row)
    return found


def list_disclosing(session: Session, first: int, last: int) -> frozenset[int]:
    """Return which entries from ``first`` to ``last`` have disclosures."""
    query = select(LogDisclosure.idx).where(LogDisclosure.idx.between(first, last))
    return frozenset(session.scalars(query.distinct()))


class TreeReader:
    """Subtree hashes of the stored log; full subtrees of 256 and more are remembered.

    The log only grows, so what is remembered stays right for as long as the process lives. The 256
    leaves around one are read together: a proof takes several of their subtrees, an excerpt many
    proofs. A session, which sees one instant, keeps ``BLOCKS`` of them: a proof goes by the block
    of its entry and the one at the end of the log.
    """

    def __init__(self) -> None:
        self._full: dict[tuple[int, int], bytes] = {}
        self._read: WeakKeyDictionary[Session, Remembered[int, list[bytes]]] = WeakKeyDictionary()

    def subtree(self, session: Session, start: int, end: int) -> bytes:
        """Return the root over leaves ``start`` up to ``end`` as RFC 6962 splits them."""
        size = end - start
        is_full = size >= WIDTH and size & (size - 1) == 0 and start % size == 0
        if is_full and (start, end) in self._full:
            return self._full[(start, end)]
        if size <= WIDTH:
            found = _fold(self.leaves(session, start, end))
        else:
            middle = start + split_point(size)
            left = self.subtree(session, start, middle)
            found = node_hash(left, self.subtree(session, middle, end))
        if is_full:
            self._full[(start, end)] = found
        return found

    def leaves(self, session: Session, start: int, end: int) -> list[bytes]:
        """Return the leaf hashes from ``start`` up to ``end``, which no multiple of 256 parts.

        Raises NotFound beyond the log.
        """
        number = start // WIDTH
        blocks = self._read.setdefault(session, Remembered(BLOCKS))
        block = blocks.find(number)
        if block is None:
            block = _read_leaves(session, number * WIDTH, (number + 1) * WIDTH)
            blocks.keep(number, block)
        leaves = block[start - number * WIDTH : end - number * WIDTH]
        if len(leaves) != end - start:
            raise NotFound("the log is not that long")
        return leaves

    def tile(self, session: Session, level: int | None, number: int, width: int) -> bytes:
        """Return the bytes of a tile. Raises NotFound beyond the log."""
        first, span = number * WIDTH, WIDTH ** (level or 0)
        head = find_head(session)
        if head is None or (first + width) * span > head.size:
            raise NotFound("the log is not that long")
        if level is None:
            return dump_bundle(
                [entry.data for entry in iter_entries(session, first, first + width)]
            )
        return b"".join(
            self.subtree(session, at * span, (at + 1) * span) for at in range(first, first + width)
        )


def _read_leaves(session: Session, start: int, end: int) -> list[bytes]:
    query = select(LogEntry.leaf).where(LogEntry.idx >= start, LogEntry.idx < end)
    return list(session.scalars(query.order_by(LogEntry.idx)))


def _fold(leaves: list[bytes]) -> bytes:
    edge = Edge()
    for leaf in leaves:
        edge.append(leaf)
    return edge.root()


def _stored(row: LogEntry) -> StoredEntry:
    return StoredEntry(row.idx, row.stream, row.n, row.event, row.data, row.leaf)
