"""What a session read of the log to go by, so that it can be held against what was signed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from lea_service.custody.events import Setting
from lea_service.custody.merkle import leaf_hash
from lea_service.kernel.canonical import MAX_INTEGER

_KEY = "relied on in the log"
INDEX = "Q"
"""Type code of an array of log indexes: eight bytes each."""


@dataclass(frozen=True, slots=True)
class Places:
    """Where entries stand in the log, in order, each with the hash of the bytes that were read."""

    indexes: Sequence[int]
    leaves: Sequence[bytes]


@dataclass(slots=True)
class Relied:
    """Streams and settings that were read whole, and single entries: leaf hashes by log index.

    ``size`` is how long the log was before any of it was read: what was entered since, beside
    whoever reads, may be in one stream and not in another.
    """

    size: int = MAX_INTEGER
    streams: dict[str, Places] = field(default_factory=dict)
    events: dict[str, Places] = field(default_factory=dict)
    entries: dict[int, bytes] = field(default_factory=dict)

    @property
    def end(self) -> int:
        """Return the size of the shortest log that holds all of it."""
        whole = (one.indexes[-1:] for one in (*self.streams.values(), *self.events.values()))
        return max((index for found in (*whole, self.entries) for index in found), default=-1) + 1


def relied_on(session: Session) -> Relied:
    """Return what a session goes by so far."""
    found: Relied = session.info.setdefault(_KEY, Relied())
    return found


def rely_on_stream(session: Session, name: str, places: Places, size: int) -> None:
    """Note that a session goes by a whole stream, read when the log had ``size`` entries."""
    relied = relied_on(session)
    relied.size = min(relied.size, size)
    relied.streams[name] = places


def rely_on_event(session: Session, event: Setting, places: Places, size: int) -> None:
    """Note that a session goes by all entries of a setting."""
    relied = relied_on(session)
    relied.size = min(relied.size, size)
    relied.events[event] = places


def rely_on_entry(session: Session, index: int, data: bytes) -> None:
    """Note that a session goes by one entry."""
    relied_on(session).entries[index] = leaf_hash(data)
