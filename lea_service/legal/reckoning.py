"""How the law counts a term, and every step of the count.

Dutch terms of law are counted by the Wetboek van Strafvordering (Sv) art. 130 and 136 and the
Algemene termijnenwet (ATW) art. 1 to 4, those of Union law by Regulation (EEC, Euratom) 1182/71
art. 3; days begin and end in the Netherlands. Where the law can be read in two ways both ends are
kept: what we owe is due at the earlier one, and nobody is called late before the later one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from lea_service.kernel.clock import HOME_ZONE, day_of, start_of
from lea_service.kernel.errors import InvalidInput
from lea_service.legal.facts import LAST_INSTANT
from lea_service.legal.working_days import ONE_DAY, WorkingDays

ONE_HOUR = timedelta(hours=1)
WORKING_DAYS_NEEDED = 2
LONGEST = 3_660
"""Days, or hours, that are counted at most: no term of the catalogue comes near."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step: its code, the article it rests on, and the days and figures it speaks of."""

    code: str
    law: str | None
    facts: Mapping[str, str | int]


@dataclass(frozen=True, slots=True)
class Reckoning:
    """A term that was counted; each end is the first instant that is too late.

    ``end`` is the earliest by any reading of the law, ``widest_end`` the latest by any.
    ``is_sure`` is false where a decree day may be missing in the table. ``told_end`` is the latest
    end by what one of us says, where that is nearer than the law's.
    """

    end: datetime
    widest_end: datetime
    steps: tuple[Step, ...]
    is_sure: bool = True
    told_end: datetime | None = None

    @property
    def last_day(self) -> date:
        """Return the calendar day, in the Netherlands, on which the term ends."""
        return day_of(self.end - LAST_INSTANT)

    @property
    def widest_last_day(self) -> date:
        """Return the last day by the widest reading."""
        return day_of(self.widest_end - LAST_INSTANT)


@dataclass(frozen=True, slots=True)
class DayLaw:
    """How days are counted: the articles, and from which length on two working days are due.

    ``longest`` is the longest term that gets more time at all.
    """

    start: str
    move: str
    lengthen: str
    lengthen_from: int
    longest: int = LONGEST


NL_TERM = DayLaw("Sv art. 130", "ATW art. 1 lid 1", "ATW art. 2", 3, 90)
"""A term of Dutch law within which somebody has to act (longer than 90 days: ATW art. 4)."""

EU_TERM = DayLaw(
    "Regulation 1182/71 art. 3(1)",
    "Regulation 1182/71 art. 3(4)",
    "Regulation 1182/71 art. 3(5)",
    2,
)
"""A period of Union law in days."""


def count_nl_days(event: datetime, days: int, working: WorkingDays) -> Reckoning:
    """Count a term of Dutch law to the end of its last day.

    Raises InvalidInput for a term of no days, or of more than any law has.
    """
    _check_length(days)
    first, last, steps = _count(event, days, NL_TERM, working)
    unknown = _unknown(first, last, working)
    end = _end_of(last)
    steps = (*steps, *unknown, Step("end_of_day", None, {"last": _iso(last)}))
    return Reckoning(end, end, steps, not unknown)


def count_eu_days(event: datetime, days: int, working: WorkingDays) -> Reckoning:
    """Count a period of Union law to the end of its last day.

    Public holidays are those the Member State designates (art. 2(1)). Good Friday and the decree
    days are put on a level with them for the ATW only: the earlier end takes them for working
    days, the widest for holidays. Raises InvalidInput as ``count_nl_days``.
    """
    _check_length(days)
    first, widest, _ = _count(event, days, EU_TERM, working)
    _, last, steps = _count(event, days, EU_TERM, working.narrowest())
    unknown = _unknown(first, widest, working)
    doubt = Step(
        "holiday_in_doubt",
        "Regulation 1182/71 art. 2(1)",
        {"last": _iso(last), "widest": _iso(widest)},
    )
    steps = (*steps, *unknown, *((doubt,) if widest > last else ()))
    steps = (*steps, Step("end_of_day", None, {"last": _iso(last)}))
    ends = _end_of(last), _end_of(widest)
    return Reckoning(*ends, steps, not unknown)


def count_nl_period(event: datetime, days: int) -> Reckoning:
    """Count how long something holds, as a preservation: nobody has to act, so nothing is moved.

    A day is taken for 24 hours (Sv art. 136) and for a whole day of the calendar (Sv art. 130); the
    first mostly ends earlier, but not over a night that has 23 hours. Raises InvalidInput as
    ``count_nl_days``.
    """
    _check_length(days)
    end = event.astimezone(UTC) + days * ONE_DAY
    last = day_of(event) + days * ONE_DAY
    steps = (
        Step("event", None, {"at": say_local(event)}),
        Step("days_of_24_hours", "Sv art. 136", {"days": days, "end": say_local(end)}),
        Step("whole_days", "Sv art. 130", {"days": days, "last": _iso(last)}),
    )
    ends = end, _end_of(last)
    return Reckoning(min(ends), max(ends), steps)


def count_extended(first: Reckoning, whole: Reckoning, after: Reckoning, days: int) -> Reckoning:
    """Return a term that was made longer by ``days``.

    ``first`` is the term without them, ``whole`` both as one term, ``after`` the longer part begun
    where the first ended by its widest reading: the law does not say which of them holds.
    """
    ends = sorted((whole.end, after.end, whole.widest_end, after.widest_end))
    step = Step(
        "extended", None, {"days": days, "end": say_local(ends[0]), "at": say_local(ends[-1])}
    )
    return Reckoning(
        ends[0], ends[-1], (*first.steps, step), first.is_sure and whole.is_sure and after.is_sure
    )


def count_allowed(stated: Reckoning, lawful: Reckoning) -> Reckoning:
    """Return a term that is shorter by what one of us says than the law allows: both its ends."""
    step = Step("law_allows", None, {"at": say_local(lawful.widest_end)})
    is_sure = stated.is_sure and lawful.is_sure
    steps = (*stated.steps, step)
    return Reckoning(stated.end, lawful.widest_end, steps, is_sure, stated.widest_end)


def count_eu_hours(event: datetime, hours: int) -> Reckoning:
    """Count a period of Union law in hours: weekends run, the hour of the event does not count.

    Regulation 1182/71 art. 3(1) and (2)(a); hours that pass, whatever the wall clock does.
    Raises InvalidInput as ``count_nl_days``.
    """
    _check_length(hours)
    instant = event.astimezone(UTC)
    start = instant.replace(minute=0, second=0, microsecond=0) + ONE_HOUR
    end = start + hours * ONE_HOUR
    steps = (
        Step("event", None, {"at": say_local(event)}),
        Step("hour_of_event", "Regulation 1182/71 art. 3(1)", {"at": say_local(start)}),
        Step("hours", "Regulation 1182/71 art. 3(2)(a)", {"hours": hours, "end": say_local(end)}),
    )
    return Reckoning(end, end, steps)


def count_hours(event: datetime, hours: int) -> Reckoning:
    """Count hours that pass from the instant of an event, as an alarm does.

    Raises InvalidInput as ``count_nl_days``.
    """
    _check_length(hours)
    end = event.astimezone(UTC) + hours * ONE_HOUR
    steps = (
        Step("event", None, {"at": say_local(event)}),
        Step("hours", None, {"hours": hours, "end": say_local(end)}),
    )
    return Reckoning(end, end, steps)


def say_local(instant: datetime) -> str:
    """Write an instant as the wall clock in the Netherlands has it, RFC 3339 to the minute."""
    return instant.astimezone(HOME_ZONE).isoformat(timespec="minutes")


def _count(
    event: datetime, days: int, law: DayLaw, working: WorkingDays
) -> tuple[date, date, tuple[Step, ...]]:
    """Return the first and the last day of a term, and the steps that lead there."""
    first = day_of(event) + ONE_DAY
    last = first + (days - 1) * ONE_DAY
    steps = [
        Step("event", None, {"at": say_local(event)}),
        Step("days", law.start, {"days": days, "first": _iso(first), "last": _iso(last)}),
    ]
    if days <= law.longest:
        for step, day in _more_time(first, last, days, law, working):
            steps.append(step)
            last = day
    return first, last, tuple(steps)


def _more_time(
    first: date, last: date, days: int, law: DayLaw, working: WorkingDays
) -> Iterator[tuple[Step, date]]:
    """Yield each step that gives more time, with the last day it leads to."""
    reason = working.find_reason(last)
    if reason is not None:
        ended, last = last, working.first_from(last)
        yield Step("moved", law.move, {"day": _iso(ended), "why": reason, "last": _iso(last)}), last
    found = working.count(first, last)
    if days < law.lengthen_from or found >= WORKING_DAYS_NEEDED:
        return
    for _ in range(WORKING_DAYS_NEEDED - found):
        last = working.first_from(last + ONE_DAY)
    yield Step("lengthened", law.lengthen, {"found": found, "last": _iso(last)}), last


def _unknown(first: date, last: date, working: WorkingDays) -> tuple[Step, ...]:
    if working.is_known(first, last):
        return ()
    known = {"first": _iso(working.first), "last": _iso(working.last)}
    return (Step("decrees_unknown", "ATW art. 3 lid 3", known),)


def _check_length(length: int) -> None:
    if not 1 <= length <= LONGEST:
        raise InvalidInput(f"expected a term of 1 to {LONGEST} days or hours")


def _end_of(day: date) -> datetime:
    return start_of(day + ONE_DAY)


def _iso(day: date) -> str:
    return day.isoformat()
