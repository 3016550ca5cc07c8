"""When a record's term ends: pure decisions over a rule and an instant."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Protocol

from lea_service.kernel.errors import InvalidInput

GRACE = timedelta(days=7)
"""How long after the end of its term a record may wait for the purge before that is an incident."""

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

    Months are calendar months in UTC: the same day and time, or the last day of a shorter month.
    """
    moment = now.astimezone(UTC)
    if rule.unit == Unit.DAYS:
        return max(FIRST, moment - timedelta(days=rule.term))
    months = moment.year * 12 + moment.month - 1 - rule.term
    year, month = divmod(months, 12)
    if year < FIRST.year:
        return FIRST
    day = min(moment.day, monthrange(year, month + 1)[1])
    return moment.replace(year=year, month=month + 1, day=day)


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
