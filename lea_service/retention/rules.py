"""When a record's term ends: pure decisions over a rule and an instant."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Protocol

from lea_service.kernel.clock import HOME_ZONE
from lea_service.kernel.errors import InvalidInput

GRACE = timedelta(days=7)
"""How long after the end of its term a record may wait for the purge before that is an incident."""

SOON = timedelta(days=7)
"""How far ahead is said what will be past its term by then."""

MAX_MONTHS, MAX_DAYS = 240, 7300
FIRST = datetime(1970, 1, 1, tzinfo=UTC)
"""Before this no record can be; a longer term reaches no further back."""


class Unit(StrEnum):
    """In what a term is counted."""

    MONTHS = "months"
    DAYS = "days"


class Action(StrEnum):
    """What becomes of a record when its term ends."""

    DESTROY = "destroy"
    ANONYMISE = "anonymise"


class Termed(Protocol):
    """Whatever says how long: a number of months or days."""

    @property
    def term(self) -> int:
        """Return how many."""

    @property
    def unit(self) -> str:
        """Return ``months`` or ``days``."""


@dataclass(frozen=True, slots=True)
class Term:
    """So many months or days."""

    term: int
    unit: str


def cutoff(rule: Termed, now: datetime) -> datetime:
    """Return the instant before which a record is past its term at ``now``.

    A term ends by the clock of the provider: so many days or calendar months on, at the same time
    of day; where the month has no such day, with the end of that month (Regulation 1182/71 art.
    3(2)(c)). An hour that this clock shows twice has gone by after the second time. So the instant
    never goes back as time goes on, and nothing is past its term before that end.
    """
    return max(FIRST, _earliest(_back(_wall(now), rule)))


def _wall(now: datetime) -> datetime:
    """Return what the provider's clock shows; in an hour that it shows twice, its begin at first.

    Changes of that clock are of an hour, on the hour (IANA ``Europe/Amsterdam``, 1970 and later).
    """
    local = now.astimezone(HOME_ZONE)
    again = local.replace(fold=1)
    is_first_time = local.fold == 0 and local.utcoffset() != again.utcoffset()
    return (_on_the_hour(local) if is_first_time else local).replace(tzinfo=None, fold=0)


def _back(wall: datetime, rule: Termed) -> datetime:
    """Return the time of which a term ends at ``wall``; none later ends by then.

    The last days of a month have no like in a shorter one: all of the shorter is past by then.
    """
    if rule.unit == Unit.DAYS:
        return wall - timedelta(days=rule.term)
    year, month = divmod(wall.year * 12 + wall.month - 1 - rule.term, 12)
    if wall.day <= monthrange(year, month + 1)[1]:
        return wall.replace(year=year, month=month + 1, day=wall.day)
    return datetime(year, month + 2, 1)  # noqa: DTZ001 - a wall clock; December has all days


def _earliest(wall: datetime) -> datetime:
    """Return the first instant at which the provider's clock shows ``wall``, or passes over it."""
    instant = wall.replace(tzinfo=HOME_ZONE).astimezone(UTC)
    if instant.astimezone(HOME_ZONE).replace(tzinfo=None, fold=0) == wall:
        return instant
    return _on_the_hour(wall).replace(tzinfo=HOME_ZONE).astimezone(UTC)


def _on_the_hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)


def reach(rule: Termed, now: datetime, held_back: datetime | None) -> datetime:
    """Return the instant before which a purge takes records: what is held back stays."""
    end = cutoff(rule, now)
    return end if held_back is None else min(end, held_back)


def check_term(term: Termed) -> None:
    """Let a term through of at most twenty years. Raises InvalidInput."""
    longest = MAX_MONTHS if term.unit == Unit.MONTHS else MAX_DAYS
    if not 0 < term.term <= longest:
        raise InvalidInput.at("/term", f"expected 1 to {longest} {term.unit}")


def scope_of(source_id: str | None, kind: str) -> str:
    """Return the scope of a rule: one source's records of a kind, or those of all sources."""
    return f"{source_id or 'all'}/{kind}"
