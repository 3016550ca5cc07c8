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


SAYS = {
    WarningKind.ASKED_BY_OTHERS: "Officers who have nothing to do with each other ask about the "
    "same subscriber; count: demands of others within 90 days.",
    WarningKind.WATCHED: "A demand asks about an identifier on the list that is watched over.",
    WarningKind.OWN_OFFICER: "One of those who ask has an identifier that the demand asks about.",
    WarningKind.REFUSED_AGAIN: "Demands of the same officer were refused, ended by Annex III or "
    "denied by their agency again and again; count: such demands within 90 days.",
    WarningKind.VOLUME: "An agency sends ten times what it usually does; count: demands within "
    "30 days.",
}
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
