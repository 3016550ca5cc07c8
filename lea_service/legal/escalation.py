"""When people are told of a clock, before its end and after: policy of the provider, not law."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from lea_service.custody.replay import Stream
from lea_service.kernel.clock import format_instant, parse_instant
from lea_service.legal.deadlines import Clock, Deadline, Status

ESCALATED = "deadline.escalated"
UNKNOWN_RULE = "unknown"


class End(StrEnum):
    """Which instant of a deadline a threshold is counted from."""

    ALARM = "alarm"
    DUE = "due"
    LATE = "late"


class Audience(StrEnum):
    """Who is told: the desk that works on demands, or those who oversee it."""

    DESK = "desk"
    OVERSEER = "overseer"


@dataclass(frozen=True, slots=True)
class Threshold:
    """A point in the life of a clock: ``before`` an end, and whom it concerns.

    One that is ``endless`` counts only while the clock has no end. One that is ``short`` counts
    only in a term of a day at most; where it has a ``share``, that part of the term is left.
    """

    code: str
    end: End
    before: timedelta
    tell: Audience
    endless: bool = False
    short: bool = False
    share: float | None = None

    def instant(self, begun: datetime, end: datetime) -> datetime | None:
        """Return when a clock that began and ends so reaches it; None where it never does.

        What lies before the begin says nothing: 24 hours of a term of 8.
        """
        if self.short and end - begun > A_DAY:
            return None
        if self.share is not None:
            return end - (end - begun) * self.share
        return end - self.before if begun < end - self.before else None


@dataclass(frozen=True, slots=True)
class Reached:
    """A threshold that a clock of a demand has reached; ``end`` is the instant it counts to."""

    clock: Clock
    code: str
    tell: Audience
    end: datetime | None


@dataclass(frozen=True, slots=True)
class Escalation:
    """Who was told of a clock ``at`` an instant, and at which step."""

    at: datetime
    clock: str
    step: str
    told: str
    end: datetime | None


NOBODY_KNOWS = "unknown"
AT_ONCE = timedelta()
DUE = Threshold("due", End.DUE, AT_ONCE, Audience.OVERSEER)
LATE = Threshold("late", End.LATE, AT_ONCE, Audience.OVERSEER)
ALARM = Threshold("alarm", End.ALARM, AT_ONCE, Audience.DESK)
AGAIN = Threshold("alarm_again", End.ALARM, timedelta(days=-5), Audience.OVERSEER, endless=True)
ENDLESS = frozenset({Status.NO_END, Status.HALTED})
A_DAY = timedelta(hours=24)
HOURS = (
    Threshold("begun", End.DUE, AT_ONCE, Audience.DESK, short=True, share=1.0),
    Threshold("half_left", End.DUE, AT_ONCE, Audience.DESK, short=True, share=0.5),
    Threshold("three_days_left", End.DUE, timedelta(hours=72), Audience.DESK),
    Threshold("one_day_left", End.DUE, timedelta(hours=24), Audience.DESK),
    Threshold("two_hours_left", End.DUE, timedelta(hours=2), Audience.OVERSEER),
    Threshold("one_hour_left", End.DUE, timedelta(hours=1), Audience.DESK, short=True),
)
THRESHOLDS: Mapping[Clock, Sequence[Threshold]] = {
    Clock.ANSWER: (*HOURS, DUE, LATE, ALARM, AGAIN),
    Clock.EMERGENCY_ANSWER: (*HOURS, DUE, LATE),
    Clock.CONFIRMATION: (
        Threshold("one_day_left", End.DUE, timedelta(hours=24), Audience.DESK),
        ALARM,
        AGAIN,
        LATE,
    ),
    Clock.VALIDATION: (
        Threshold("one_day_left", End.DUE, timedelta(hours=24), Audience.DESK),
        ALARM,
    ),
    Clock.AUTHORISATION: (
        Threshold("one_day_left", End.DUE, timedelta(hours=24), Audience.DESK),
        ALARM,
        AGAIN,
        LATE,
    ),
    Clock.PRESERVATION: (
        Threshold("two_weeks_left", End.DUE, timedelta(days=14), Audience.DESK),
        Threshold("three_days_left", End.DUE, timedelta(days=3), Audience.DESK),
        Threshold("due", End.DUE, AT_ONCE, Audience.DESK),
        LATE,
    ),
    # the mailbox of alarms hears of what is not handed over when it is due
    Clock.INSTALMENT: (Threshold("one_day_left", End.DUE, timedelta(hours=24), Audience.DESK),),
}
"""Due is what the narrowest reading says, late the widest: nobody is told of late before it."""


def find_reached(
    deadline: Deadline, begun: datetime, entries: Stream, now: datetime
) -> Reached | None:
    """Return the threshold that was reached last, unless somebody was told of it already.

    Of several reached at once only the last is told; an end that moved counts anew.
    """
    reached = [*_of_unknown(deadline), *sorted(_passed(deadline, begun, now), key=_instant)]
    return reached[-1][1] if reached and not _is_told(entries, reached[-1][1]) else None


def list_escalations(entries: Stream) -> tuple[Escalation, ...]:
    """Return who was told of the clocks of a demand, the first first."""
    return tuple(
        Escalation(
            at=parse_instant(one.at),
            clock=one.facts["clock"],
            step=one.facts["step"],
            told=one.facts["told"],
            end=parse_instant(one.facts["end"]) if "end" in one.facts else None,
        )
        for one in entries.of(ESCALATED)
    )


def _instant(passed: tuple[datetime, Reached]) -> datetime:
    return passed[0]


def _of_unknown(deadline: Deadline) -> Iterator[tuple[None, Reached]]:
    """Yield that nobody knows the end of a clock."""
    if deadline.status is Status.NO_END and deadline.rule == UNKNOWN_RULE:
        yield None, Reached(deadline.clock, NOBODY_KNOWS, Audience.DESK, None)


def _passed(
    deadline: Deadline, begun: datetime, now: datetime
) -> Iterator[tuple[datetime, Reached]]:
    """Yield each threshold that was passed, and when; hours are hours that pass, in UTC."""
    if deadline.status is Status.MET:
        return
    for one in THRESHOLDS[deadline.clock]:
        end: datetime | None = getattr(deadline, one.end.value)
        if end is None or not _counts(one, deadline.status):
            continue
        passed = one.instant(begun, end.astimezone(UTC))
        if passed is not None and passed <= now:
            yield passed, Reached(deadline.clock, one.code, one.tell, end)


def _counts(threshold: Threshold, status: Status) -> bool:
    """Say whether a threshold counts while a clock stands so: no end nears one that is halted."""
    if threshold.endless:
        return status in ENDLESS
    return status is not Status.HALTED or threshold.end is End.ALARM


def _is_told(entries: Stream, reached: Reached) -> bool:
    facts = {"clock": reached.clock.value, "step": reached.code}
    if reached.end is not None:
        facts["end"] = format_instant(reached.end)
    return entries.last(ESCALATED, **facts) is not None
