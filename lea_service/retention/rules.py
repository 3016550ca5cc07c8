"""When a record's term ends: pure decisions over a rule and an instant."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

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


AGES_FROM: Mapping[str, tuple[str, ...]] = {
    "call": ("started_at",),
    "usage": ("ended_at", "started_at"),
    "subscriber": ("valid_to",),
}
"""The columns from which the age of a record counts: the first that has a value.

A call ages from its start. A session ages from its end, one that never ended from its start: it
must not be kept for ever because a stop record was lost. A subscriber's data age from the day they
stopped being true; what still holds does not age.
"""


@dataclass(frozen=True, slots=True)
class Term:
    """So many months or days."""

    length: int
    unit: Unit

    def text(self) -> str:
        """Return the term in words."""
        return f"{self.length} {self.unit}"


def cutoff(term: Term, now: datetime) -> datetime:
    """Return the instant before which a record is past its term at ``now``.

    Months are calendar months in UTC: the same day and time, or the last day of a shorter month.
    """
    moment = now.astimezone(UTC)
    if term.unit is Unit.DAYS:
        return max(FIRST, moment - timedelta(days=term.length))
    months = moment.year * 12 + moment.month - 1 - term.length
    year, month = divmod(months, 12)
    if year < FIRST.year:
        return FIRST
    day = min(moment.day, monthrange(year, month + 1)[1])
    return moment.replace(year=year, month=month + 1, day=day)


def is_past_term(term: Term, aged_from: datetime | None, now: datetime) -> bool:
    """Say whether a record whose age counts from ``aged_from`` is past its term at ``now``."""
    return aged_from is not None and aged_from < cutoff(term, now)


def check_term(length: int, unit: str) -> Term:
    """Read a term. Raises InvalidInput when it is none, or longer than twenty years."""
    if unit not in set(Unit):
        raise InvalidInput.at("/unit", "expected months or days")
    longest = MAX_MONTHS if unit == Unit.MONTHS else MAX_DAYS
    if not 0 < length <= longest:
        raise InvalidInput.at("/term", f"expected 1 to {longest} {unit}")
    return Term(length, Unit(unit))


def scope_of(source_id: str | None, kind: str) -> str:
    """Return the scope of a rule: one source's records of a kind, or those of all sources."""
    return f"{source_id or 'all'}/{kind}"
