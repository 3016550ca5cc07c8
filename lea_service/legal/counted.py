"""Where the clocks of a demand were found to end, and what moved an end since. Pure decisions.

What was counted stands in the log and nowhere else: codes, days and instants that name nobody.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from lea_service.custody.replay import Entered, Stream
from lea_service.kernel.canonical import Json
from lea_service.kernel.clock import dump_instant, load_instant, parse_instant
from lea_service.legal.deadlines import Clock, Deadline, Status
from lea_service.legal.working_days import ONE_DAY, WEEKEND, WorkingDays

COUNTED, MOVED = "deadline.counted", "deadline.moved"
BY_DAYS = "days"


class Cause(StrEnum):
    """Why clocks stand otherwise than when they were counted last."""

    HOLIDAYS = "holidays"
    CATALOGUE = "catalogue"
    CORRECTED = "corrected"
    CASE = "case"


@dataclass(frozen=True, slots=True)
class CountedClock:
    """One clock: its ends, and the holidays within its term that are no Saturday or Sunday."""

    clock: Clock
    due: datetime | None
    late: datetime | None
    holidays: tuple[date, ...] = ()

    @property
    def ends(self) -> tuple[datetime | None, datetime | None]:
        """Return both ends."""
        return self.due, self.late


@dataclass(frozen=True, slots=True)
class Standing:
    """The clocks of a demand that run, and what they were counted by.

    ``basis`` is the digest of the row of the catalogue, ``version`` that of the demand's record.
    """

    version: int
    basis: str | None
    clocks: tuple[CountedClock, ...]


@dataclass(frozen=True, slots=True)
class Move:
    """A clock whose end is another one now, and the holidays that were added or left out."""

    clock: Clock
    before: CountedClock
    after: CountedClock

    @property
    def added(self) -> tuple[date, ...]:
        """Return the holidays that count now and did not."""
        return _without(self.after.holidays, self.before.holidays)

    @property
    def left_out(self) -> tuple[date, ...]:
        """Return the holidays that no longer count."""
        return _without(self.before.holidays, self.after.holidays)


@dataclass(frozen=True, slots=True)
class CountedView:
    """One entry about the clocks of a demand: when, why, and how they stood from then on."""

    at: datetime
    cause: Cause | None
    standing: Standing
    moves: tuple[Move, ...]


def take_standing(
    version: int, basis: str | None, deadlines: Sequence[Deadline], working: WorkingDays
) -> Standing:
    """Return how the clocks stand that still run or ran out; what was met or halted has no end."""
    running = [one for one in deadlines if one.status in {Status.RUNNING, Status.OVER}]
    return Standing(version, basis, tuple(_count(one, working) for one in running))


def find_cause(before: Standing, after: Standing) -> Cause | None:
    """Say why two standings differ; None where they do not."""
    if before.clocks == after.clocks:
        return None
    if before.version != after.version:
        return Cause.CORRECTED
    if before.basis != after.basis:
        return Cause.CATALOGUE
    has_other_days = any(one.added or one.left_out for one in list_moves(before, after))
    return Cause.HOLIDAYS if has_other_days else Cause.CASE


def list_moves(before: Standing, after: Standing) -> tuple[Move, ...]:
    """Return each clock of both standings that ends at another instant."""
    earlier = {one.clock: one for one in before.clocks}
    pairs = ((earlier[one.clock], one) for one in after.clocks if one.clock in earlier)
    return tuple(Move(new.clock, old, new) for old, new in pairs if old.ends != new.ends)


def dump_standing(standing: Standing) -> dict[str, Json]:
    """Return a standing as the facts of an entry."""
    return {
        "version": standing.version,
        "basis": standing.basis,
        "clocks": [
            {
                "clock": one.clock.value,
                "due": dump_instant(one.due),
                "late": dump_instant(one.late),
                "holidays": [day.isoformat() for day in one.holidays],
            }
            for one in standing.clocks
        ],
    }


def load_standing(facts: Mapping[str, Any]) -> Standing:
    """Return the standing that the facts of an entry hold."""
    clocks = tuple(
        CountedClock(
            Clock(one["clock"]),
            load_instant(one["due"]),
            load_instant(one["late"]),
            tuple(date.fromisoformat(day) for day in one["holidays"]),
        )
        for one in facts["clocks"]
    )
    return Standing(facts["version"], facts["basis"], clocks)


def find_standing(entries: Stream) -> Standing | None:
    """Return how the clocks of a demand were counted last."""
    last = entries.last(COUNTED, MOVED)
    return None if last is None else load_standing(last.facts)


def list_counted(entries: Stream) -> tuple[CountedView, ...]:
    """Return every entry about the clocks of a demand, with what moved since the one before."""
    return tuple(_view_all(list(entries.of(COUNTED, MOVED))))


def _view_all(found: Sequence[Entered]) -> Iterator[CountedView]:
    before: Standing | None = None
    for one in found:
        standing = load_standing(one.facts)
        moves = () if before is None else list_moves(before, standing)
        cause = one.facts.get("cause")
        yield CountedView(
            parse_instant(one.at), None if cause is None else Cause(cause), standing, moves
        )
        before = standing


def _count(deadline: Deadline, working: WorkingDays) -> CountedClock:
    return CountedClock(
        deadline.clock, deadline.due, deadline.late, tuple(_holidays(deadline, working))
    )


def _holidays(deadline: Deadline, working: WorkingDays) -> Iterator[date]:
    """Yield the holidays on which a term counted in days could turn."""
    reckoning = deadline.reckoning
    begun = [step for step in reckoning.steps if step.code == BY_DAYS] if reckoning else []
    if reckoning is None or not begun:
        return
    day = date.fromisoformat(str(begun[0].facts["first"]))
    while day <= reckoning.widest_last_day:
        if day.weekday() not in WEEKEND and not working.is_working(day):
            yield day
        day += ONE_DAY


def _without(days: tuple[date, ...], others: tuple[date, ...]) -> tuple[date, ...]:
    return tuple(day for day in days if day not in others)
