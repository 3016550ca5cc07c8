"""Data still to come, given in dated parts: how a plan divides its time. Pure.

Instalments are half-open, in order and without a gap. What lies before the day on which the plan is
made is the first; then each is a day, a week, or all that is left, cut at midnight where the law
counts days (``docs/adr/0026``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from lea_service.kernel.canonical import Json
from lea_service.kernel.clock import day_of, format_instant, start_of
from lea_service.kernel.errors import InvalidInput
from lea_service.legal.times import NEXT

Period = tuple[datetime, datetime]
"""From, and until: half-open."""
Step = tuple[str, Mapping[str, Json]]
"""An entry of the log of a demand: its event and its facts."""

BEGUN = "instalment.begun"
HANDED_OVER = "package.made_available"

LATEST = timedelta(days=2)
"""By when after its end an instalment is handed over: sources are brought in night by night."""
MOST = 100
"""Three months by the day are 92."""
ROWS_EACH = 10_000
"""What an instalment may hold unless the handler says otherwise; nobody can count it beforehand."""


class Rhythm(StrEnum):
    """How often something is handed over."""

    DAILY = "daily"
    WEEKLY = "weekly"
    AT_THE_END = "at_the_end"


class Standing(StrEnum):
    """How far an instalment is."""

    GIVEN = "given"
    AT_WORK = "at_work"
    DUE = "due"
    AHEAD = "ahead"
    DROPPED = "dropped"


DAYS = {Rhythm.DAILY: 1, Rhythm.WEEKLY: 7}


@dataclass(frozen=True, slots=True)
class Instalment:
    """One part: rows from ``start`` up to ``until``, to be handed over by ``due``."""

    number: int
    start: datetime
    until: datetime
    due: datetime


@dataclass(frozen=True, slots=True)
class Wanted:
    """How the handler wants a plan divided; ``rows_together`` is so many each where it is None."""

    rhythm: Rhythm = Rhythm.WEEKLY
    rows_each: int = ROWS_EACH
    rows_together: int | None = None


@dataclass(frozen=True, slots=True)
class Instalments:
    """How the time of a plan is divided, and how many rows one part and all of them may hold."""

    rhythm: Rhythm
    rows_each: int
    rows_together: int
    parts: tuple[Instalment, ...]

    @property
    def of(self) -> int:
        """Return the number of the last one: how many there are, with those of plans before."""
        return self.parts[-1].number

    def find(self, number: int) -> Instalment | None:
        """Return the instalment of a number."""
        return next((one for one in self.parts if one.number == number), None)

    def find_after(self, number: int | None, end: datetime | None) -> Instalment | None:
        """Return the instalment that follows ``number`` (the first, for None), up to ``end``.

        None where there is none, or where the order ended before it begins.
        """
        wanted = self.parts[0].number if number is None else number + 1
        found = self.find(wanted)
        return None if found is None else cut(found, end)


def cut(part: Instalment, end: datetime | None) -> Instalment | None:
    """Return what is left of an instalment of an order that ends; None where nothing is."""
    if end is None or part.until <= end:
        return part
    if end <= part.start:
        return None
    return replace(part, until=end, due=min(part.due, end + LATEST))


def tell_next(part: Instalment | None) -> dict[str, Json]:
    """Return what an entry says of the instalment that is awaited from then on."""
    told: Json = None
    if part is not None:
        told = {"instalment": part.number, "due": format_instant(part.due)}
    return {NEXT: told}


def is_to_come(periods: Iterable[Period], ordered_until: datetime, now: datetime) -> bool:
    """Say whether something is asked that is younger than the order and than ``now``.

    ``ordered_until`` is the end of the day of the order.
    """
    return any(end > max(ordered_until, now) for _, end in periods)


def divide(
    periods: Sequence[Period],
    now: datetime,
    wanted: Wanted,
    *,
    given: tuple[int, datetime] | None = None,
    end: datetime | None = None,
) -> Instalments:
    """Divide what periods ask; ``given`` are number and end of the last that was handed over.

    ``end`` is when the authority ended the order, if it did. Raises InvalidInput for more parts
    than anybody can follow, and where nothing is left.
    """
    number, start = (0, min(one for one, _ in periods)) if given is None else given
    last = max(one for _, one in periods)
    last = last if end is None else min(last, end)
    if not start < last:
        raise InvalidInput.at("/instalments", "expected something that was not given yet")
    ends = list(_ends(start, last, now, wanted.rhythm))
    parts: list[Instalment] = []
    for until in _without_empty(periods, start, ends):
        number += 1
        begin = parts[-1].until if parts else start
        parts.append(Instalment(number, begin, until, until + LATEST))
    if not parts:
        raise InvalidInput.at("/instalments", "expected something that was not given yet")
    if len(parts) > MOST:
        raise InvalidInput.at("/instalments/rhythm", f"expected at most {MOST} instalments")
    together = wanted.rows_together or wanted.rows_each * len(parts)
    return Instalments(wanted.rhythm, wanted.rows_each, together, tuple(parts))


def _ends(start: datetime, last: datetime, now: datetime, rhythm: Rhythm) -> Iterator[datetime]:
    """Yield where parts end: before today, then day by day or week by week, then at the last."""
    today = start_of(day_of(now))
    at = today if start < today else start
    if start < at < last:
        yield at
    if rhythm in DAYS:
        at = start_of(day_of(at) + timedelta(days=DAYS[rhythm]))
        while at < last:
            yield at
            at = start_of(day_of(at) + timedelta(days=DAYS[rhythm]))
    yield last


def _without_empty(
    periods: Sequence[Period], start: datetime, ends: Sequence[datetime]
) -> Iterator[datetime]:
    """Yield the ends of parts that something is asked in; an empty one is part of the next."""
    for until in ends:
        if any(begin < until and start < end for begin, end in periods):
            yield until
            start = until


def is_given(event: str, facts: Mapping[str, Json]) -> bool:
    """Say whether an entry is that an instalment was handed over."""
    return event == HANDED_OVER and "instalment" in facts


def count_given(steps: Iterable[Step], approval: str) -> int:
    """Return how many rows the log says were handed over on an approval, in instalments."""
    on_it: set[Json] = set()
    given: set[Json] = set()
    rows: dict[Json, int] = {}
    for event, facts in steps:
        run = facts.get("run")
        if event in ("plan.approved", BEGUN) and facts.get("approval") == approval:
            on_it.add(run)
        elif event == "extraction.done":
            rows[run] = int(str(facts["rows"]))
        elif is_given(event, facts) and run in on_it:
            given.add(run)
    return sum(count for run, count in rows.items() if run in given)


def list_numbers_given(steps: Iterable[Step]) -> list[Json]:
    """Return the numbers of the instalments that the log says were handed over, in its order."""
    return [facts["instalment"] for event, facts in steps if is_given(event, facts)]
