"""Streams that are asked for again and again: read whole once, then on from where they ended."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass
from itertools import count

from sqlalchemy.orm import Session

from lea_service.custody.queries import StoredEntry, find_head, list_stream_after
from lea_service.custody.relied import INDEX, Places, rely_on_stream
from lea_service.custody.replay import Entered, Stream, places_of, read_entry
from lea_service.custody.verify import StreamCheck
from lea_service.kernel.remembered import Remembered

MOST = 256


@dataclass(frozen=True, slots=True)
class Followed:
    """A stream, with those of its entries that somebody goes by.

    ``reading`` is another number where the stream had to be read from its beginning again, so that
    nothing is concluded from this reading that was from an earlier one.
    """

    stream: Stream
    reading: int


@dataclass(frozen=True, slots=True)
class _Known:
    """A stream up to where it was read. Nothing in here changes any more."""

    reading: int
    check: StreamCheck
    places: Places
    kept: tuple[Entered, ...]


class FollowedStreams:
    """Remembers the streams that were asked for last, of each the entries that somebody goes by.

    Each time the last one is read again, since it names the one before and so on to the first, and
    what came after it is chained up to it. Where it is another or gone, the stream is read whole.
    Takes some 80 bytes of memory for each entry of a stream, and a few hundred for each that is
    kept.
    """

    def __init__(self, most: int = MOST) -> None:
        self._known: Remembered[tuple[str, frozenset[str]], _Known] = Remembered(most)
        self._readings = count()

    def read(self, session: Session, name: str, events: frozenset[str]) -> Followed:
        """Return a stream with its entries of ``events``; it is relied on whole.

        Raises IntegrityFailure for entries that are not as they were appended.
        """
        head = find_head(session)
        known = self._known.find((name, events))
        found = None if known is None else _go_on(session, name, events, known)
        if found is None:
            check = StreamCheck(head.origin if head else "")
            nothing = _Known(next(self._readings), check, Places(array(INDEX), ()), ())
            found = _take_in(nothing, list_stream_after(session, name, -1), events)
        if found is not known and found.places.indexes:
            self._known.keep((name, events), found)
        rely_on_stream(session, name, found.places, head.size if head else 0)
        return Followed(Stream(name, found.kept), found.reading)


def _go_on(session: Session, name: str, events: frozenset[str], known: _Known) -> _Known | None:
    """Read on; None where the last entry that is known is not there as it was."""
    last = len(known.places.indexes) - 1
    stored = list_stream_after(session, name, last - 1)
    again = places_of(stored[:1])
    known_last = [*known.places.indexes[last:]], [*known.places.leaves[last:]]
    if (again.indexes, again.leaves) != known_last:
        return None
    return _take_in(known, stored[1:], events) if stored[1:] else known


def _take_in(known: _Known, stored: Sequence[StoredEntry], events: frozenset[str]) -> _Known:
    added, check = places_of(stored), deepcopy(known.check)
    entries = [read_entry(one, leaf, check) for one, leaf in zip(stored, added.leaves, strict=True)]
    places = Places(
        array(INDEX, [*known.places.indexes, *added.indexes]),
        (*known.places.leaves, *added.leaves),
    )
    kept = (one for one in entries if one.event in events)
    return _Known(known.reading, check, places, (*known.kept, *kept))
