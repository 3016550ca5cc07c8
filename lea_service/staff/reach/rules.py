"""Whether an approver counts as one who can be reached. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from lea_service.kernel.errors import InvalidInput

FEWEST = 2
"""So many approvers have to be reachable: one may be the one who proposed, or fall ill."""
LONGEST_ABSENCE = timedelta(days=366)


class Reach(StrEnum):
    """How it stands with an approver.

    ``not_asked`` and ``asked`` count as reachable: whoever never answered does so only until the
    term of the first test has run out.
    """

    ANSWERED = "answered"
    ASKED = "asked"
    NOT_ASKED = "not_asked"
    ABSENT = "absent"
    OVERDUE = "overdue"
    WITHOUT_ROLE = "without_role"


REACHABLE = frozenset({Reach.ANSWERED, Reach.ASKED, Reach.NOT_ASKED})


@dataclass(frozen=True, slots=True)
class Asking:
    """One time that somebody was asked, and by when an answer was wanted."""

    sent_at: datetime
    due_at: datetime
    answered_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Absence:
    """Somebody is away from ``since`` until just before ``until``."""

    since: datetime
    until: datetime

    def covers(self, at: datetime) -> bool:
        """Say whether somebody is away at ``at``."""
        return self.since <= at < self.until


@dataclass(frozen=True, slots=True)
class Timing:
    """How long lies between two tests, and how long there is for an answer."""

    every: timedelta
    term: timedelta


def judge(
    *, has_role: bool, absence: Absence | None, tests: Sequence[Asking], now: datetime
) -> Reach:
    """Return how it stands with an approver at ``now``."""
    if not has_role:
        return Reach.WITHOUT_ROLE
    if absence is not None and absence.covers(now):
        return Reach.ABSENT
    if is_overdue(tests, now):
        return Reach.OVERDUE
    if any(one.answered_at is not None for one in tests):
        return Reach.ANSWERED
    return Reach.ASKED if tests else Reach.NOT_ASKED


def is_overdue(tests: Iterable[Asking], now: datetime) -> bool:
    """Say whether a term ran out and nothing was answered since; a late answer makes it good."""
    found = list(tests)
    answers = [one.answered_at for one in found if one.answered_at is not None]
    last = max(answers, default=None)
    return any(
        one.due_at <= now and (last is None or last < one.sent_at)
        for one in found
        if one.answered_at is None
    )


def is_test_due(reach: Reach, tests: Iterable[Asking], timing: Timing, now: datetime) -> bool:
    """Say whether somebody is to be asked now; whoever is away is asked on coming back."""
    if reach in {Reach.WITHOUT_ROLE, Reach.ABSENT}:
        return False
    last = max((one.sent_at for one in tests), default=None)
    return last is None or last + timing.every <= now


def is_too_few(reaches: Iterable[Reach]) -> bool:
    """Say whether fewer can be reached than it takes."""
    return sum(one in REACHABLE for one in reaches) < FEWEST


def check_absence(absence: Absence, now: datetime) -> None:
    """Refuse an absence that is over, or without a real end. Raises InvalidInput."""
    if not absence.since < absence.until <= absence.since + LONGEST_ABSENCE:
        raise InvalidInput.at("/until", "expected an end within a year after the begin")
    if absence.until <= now:
        raise InvalidInput.at("/until", "expected an instant that is to come")
