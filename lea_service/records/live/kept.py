"""Lines of a live source that were read: which of them are not there any more as they were.

Of rows that are named by their line alone, one that was changed comes in as another row beside the
first, and nothing else tells.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lea_service.records.live.marks import Rank, rank_of
from lea_service.records.mapping import WatermarkRule

MOST_KEPT = 500
Kept = tuple[str, str]
"""The watermark of a line, and its digest."""


@dataclass(frozen=True, slots=True)
class Span:
    """What a batch read: from one watermark on, or behind it, to another; None has no end."""

    first: Rank | None
    is_behind: bool
    last: Rank | None

    def holds(self, rank: Rank) -> bool:
        """Say whether a row of this watermark is in it."""
        if self.last is not None and rank > self.last:  # type: ignore[operator]
            return False
        if self.first is None:
            return True
        is_above = rank > self.first  # type: ignore[operator]
        return bool(is_above or (rank == self.first and not self.is_behind))


def look_again(
    kept: Iterable[Kept], read: Sequence[Kept], span: Span, rule: WatermarkRule
) -> tuple[list[Kept], int]:
    """Return the last lines that are known now, and how many in the span are not there any more."""
    before = [(text, digest) for text, digest in kept]
    inside = [digest for text, digest in before if span.holds(rank_of(text, rule))]
    gone = Counter(inside) - Counter(digest for _, digest in read)
    others = [one for one in before if not span.holds(rank_of(one[0], rule))]
    known = sorted([*others, *read], key=lambda one: rank_of(one[0], rule))
    return known[-MOST_KEPT:], gone.total()
