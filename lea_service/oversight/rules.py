"""When people outside the flow are warned: kinds, spans and numbers."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum


class WarningKind(StrEnum):
    """What was seen."""

    ASKED_BY_OTHERS = "target.asked_by_others"
    WATCHED = "target.watched"
    OWN_OFFICER = "officer.own_identifier"
    REFUSED_AGAIN = "officer.refused_again"
    VOLUME = "agency.volume"


RELATED_SPAN = timedelta(days=90)
REFUSALS = 3
VOLUME_SPAN = timedelta(days=30)
EARLIER_SPANS = 12
"""So many spans before the last one say what is usual."""
FACTOR, FLOOR = 10, 10


def is_unusual(recent: int, earlier: int, known_for: timedelta) -> bool:
    """Say whether ``recent`` demands in one span are unusual after ``earlier`` in ``known_for``.

    Fewer than the floor never are, since ten times next to nothing is little.
    """
    spans = max(known_for / VOLUME_SPAN, 1.0)
    return recent >= FLOOR and recent * spans >= FACTOR * earlier
