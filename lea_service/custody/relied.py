"""What a session read of the log to go by, so that it can be held against what was signed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from lea_service.custody.queries import StoredEntry

_KEY = "relied on in the log"


@dataclass(frozen=True, slots=True)
class Relied:
    """Streams that were read whole, and single entries: the bytes of each by its log index."""

    streams: dict[str, dict[int, bytes]] = field(default_factory=dict)
    entries: dict[int, bytes] = field(default_factory=dict)

    @property
    def end(self) -> int:
        """Return the size of the shortest log that holds all of it."""
        read = (*self.entries, *(index for found in self.streams.values() for index in found))
        return max(read, default=-1) + 1


def relied_on(session: Session) -> Relied:
    """Return what a session goes by so far."""
    found: Relied = session.info.setdefault(_KEY, Relied())
    return found


def rely_on_stream(session: Session, name: str, entries: Iterable[StoredEntry]) -> None:
    """Note that a session goes by a whole stream."""
    relied_on(session).streams[name] = {one.idx: one.data for one in entries}


def rely_on_entry(session: Session, index: int, data: bytes) -> None:
    """Note that a session goes by one entry."""
    relied_on(session).entries[index] = data
