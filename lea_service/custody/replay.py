"""What the log says of a stream, for whoever must not rely on a table that somebody may change."""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lea_service.custody.events import Setting
from lea_service.custody.evidence import row_digest, row_key
from lea_service.custody.merkle import leaf_hash
from lea_service.custody.models import LogEntry, LogEvidence, LogHead
from lea_service.custody.queries import StoredEntry, find_size, list_event, list_stream
from lea_service.custody.relied import Places, rely_on_event, rely_on_stream
from lea_service.custody.verify import StreamCheck
from lea_service.kernel.database import CaseBase
from lea_service.kernel.errors import IntegrityFailure, LeaError


@dataclass(frozen=True, slots=True)
class Entered:
    """One entry as its bytes have it; ``digests`` are of the rows that it vouches for."""

    idx: int
    event: str
    by: str
    at: str
    facts: Mapping[str, Any]
    digests: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Stream:
    """The entries of one stream, in order; each follows from the one before it."""

    name: str
    entries: Sequence[Entered]

    def of(self, *events: str) -> Iterator[Entered]:
        """Yield the entries of some events."""
        return (one for one in self.entries if one.event in events)

    def last(self, *events: str, **facts: str) -> Entered | None:
        """Return the last entry of some events that states these facts."""
        wanted = facts.items()
        found = [one for one in self.of(*events) if wanted <= one.facts.items()]
        return found[-1] if found else None

    def find_vouching(self, session: Session, row: CaseBase) -> Entered | None:
        """Return the entry that vouches for a row exactly as it is."""
        query = select(LogEvidence).where(
            LogEvidence.table_name == row.__tablename__, LogEvidence.row_key == row_key(row)
        )
        for place in session.scalars(query.order_by(LogEvidence.idx)):
            entry = self._find(place.idx)
            if entry is None or len(entry.digests) <= place.position:
                continue
            if entry.digests[place.position] == row_digest(row, place.salt):
                return entry
        return None

    def _find(self, index: int) -> Entered | None:
        at = bisect_left(self.entries, index, key=lambda one: one.idx)
        found = self.entries[at : at + 1]
        return found[0] if found and found[0].idx == index else None


def read_stream(session: Session, name: str) -> Stream:
    """Return a stream whose bytes hash to its leaves and chain up. Raises IntegrityFailure."""
    head = session.get(LogHead, 1)
    check = StreamCheck(head.origin if head else "")
    stored = list_stream(session, name)
    places = places_of(stored)
    rely_on_stream(session, name, places, head.size if head else 0)
    return Stream(
        name, [read_entry(*one, check) for one in zip(stored, places.leaves, strict=True)]
    )


def read_setting(session: Session, event: Setting) -> list[Entered]:
    """Return all entries of a setting, in order; of no other event it is known where they stand.

    Raises IntegrityFailure.
    """
    size, stored = find_size(session), list_event(session, event)
    places = places_of(stored)
    rely_on_event(session, event, places, size)
    return [read_entry(*one) for one in zip(stored, places.leaves, strict=True)]


def places_of(stored: Sequence[StoredEntry]) -> Places:
    """Return where entries stand, with the hashes of their bytes."""
    return Places([one.idx for one in stored], [leaf_hash(one.data) for one in stored])


def check_complete(session: Session, start: int = 0) -> None:
    """Raise IntegrityFailure when entries from ``start`` on were taken out of the log."""
    counted = select(func.count()).select_from(LogEntry).where(LogEntry.idx >= start)
    query = select(counted.scalar_subquery(), select(LogHead.size).scalar_subquery())
    found, size = session.execute(query).one()  # both of one instant, whatever is entered beside
    if found != max(0, (size or 0) - start):
        raise IntegrityFailure("the log holds another number of entries than were appended")


def read_entry(stored: StoredEntry, leaf: bytes, check: StreamCheck | None = None) -> Entered:
    """Return an entry whose columns say what its bytes do, which hash to ``leaf``.

    ``check`` follows its stream. Raises IntegrityFailure.
    """
    try:
        entry = json.loads(stored.data)  # the hash says that these are the bytes we wrote
        if check is not None:
            check.check(entry, leaf)
    except (LeaError, ValueError, KeyError, TypeError) as err:
        raise IntegrityFailure(f"entry {stored.idx} of the log is damaged") from err
    if leaf != stored.leaf or (entry["case"], entry["ev"]) != (stored.stream, stored.event):
        raise IntegrityFailure(f"entry {stored.idx} of the log is not what was appended")
    return Entered(
        idx=stored.idx,
        event=entry["ev"],
        by=entry["by"],
        at=entry["t"],
        facts=entry.get("facts", {}),
        digests=tuple(one["digest"] for one in entry.get("art", ())),
    )
