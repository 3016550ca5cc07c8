"""What follows from a confirmation that is owed: nothing yet, a hold, a breach. Pure decisions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from lea_service.custody.replay import Stream
from lea_service.demands.holds import HELD, RELEASED, still_open
from lea_service.legal.deadlines import Clock, Deadline, Status

HOLDS: Mapping[Clock, str] = {
    Clock.CONFIRMATION: "confirmation_overdue",
    Clock.VALIDATION: "validation_awaited",
    Clock.AUTHORISATION: "authorisation_unwritten",
}
"""The code of the hold on a demand by what its order owes still after the end."""
MISSING: Mapping[Clock, str] = {
    Clock.CONFIRMATION: "the oral order was not confirmed in writing in time",
    Clock.VALIDATION: "that the order was validated is not proven yet",
    Clock.AUTHORISATION: "the authorisation of the judge is not known to be in writing",
}
"""What is told to whoever fetches nothing for that."""
BREACH_OPENED, BREACH_ASSESSED = "breach.opened", "breach.assessed"
MADE_AVAILABLE = "package.made_available"


class Cause(StrEnum):
    """Why a breach notice was opened.

    Nothing came in time, or it came after the end; or the agency denies what was answered.
    """

    UNPAID = "confirmation_unpaid"
    LATE = "confirmation_late"
    DENIED = "denied_after_hand_over"


class Assessed(StrEnum):
    """What somebody who oversees makes of a notice."""

    BREACH = "breach"
    NO_BREACH = "no_breach"


@dataclass(frozen=True, slots=True)
class ReportTerm:
    """By when a breach is reported to the authority for personal data, if it is one."""

    law: str
    confidence: str
    hours: int

    def end(self, opened_at: datetime) -> datetime:
        """Return when the term of a notice ends."""
        return opened_at + timedelta(hours=self.hours)


REPORT_TERMS = (
    ReportTerm(
        "Telecommunicatiewet art. 11.3a; Regulation (EU) 611/2013 art. 2(2)",
        "medium",
        24,
    ),
    ReportTerm("Regulation (EU) 2016/679 (GDPR) art. 33(1)", "high", 72),
)
"""Whether a wrong hand-over falls under the first, counsel says. Both are counted from when the
notice was opened, which is early: the law counts from when somebody knows that it is a breach.
"""
REMINDED_BEFORE = timedelta(hours=12)
"""So long before each end whoever oversees is reminded of a notice that nobody assessed."""


def find_pressing(opened_at: datetime, now: datetime) -> ReportTerm | None:
    """Return the last term of a notice that ends soon or has ended; None before."""
    near = [one for one in REPORT_TERMS if now >= one.end(opened_at) - REMINDED_BEFORE]
    return near[-1] if near else None


@dataclass(frozen=True, slots=True)
class Consequences:
    """What there is to do about something owed: ``clock`` is what, ``cause`` that of a notice."""

    clock: Clock
    cause: Cause | None = None
    hold: bool = False
    release: bool = False

    def __bool__(self) -> bool:
        return self.hold or self.release or self.cause is not None


def find_consequences(
    clock: Clock, deadline: Deadline | None, entries: Stream, now: datetime
) -> Consequences:
    """Say what is to be done of a demand by one clock of what it owes and its own entries.

    Nothing before the widest end; its notice is opened once, whatever becomes of the clock later.
    Without a validation nothing more is given, and no breach is found: by the end of its clock it
    has to be sought (Regulation (EU) 2023/1543 art. 4(5)), and whether it was we cannot see. Nor
    can we see whether what a judge said was written down: no law has us shown it.
    """
    is_held = is_held_for(clock, entries)
    if deadline is None:
        return Consequences(clock, release=is_held)
    is_over = deadline.status is Status.OVER
    is_told = clock is not Clock.CONFIRMATION or any(
        one.facts.get("cause") != Cause.DENIED for one in entries.of(BREACH_OPENED)
    )
    return Consequences(
        clock,
        cause=None if is_told else _cause(deadline, now),
        hold=is_over and not is_held,
        release=is_held and not is_over,
    )


def is_held_for(clock: Clock, entries: Stream) -> bool:
    """Say whether a demand is held because what its order owes did not come by the end."""
    changes = ((one.event, str(one.facts.get("code"))) for one in entries.of(HELD, RELEASED))
    return HOLDS[clock] in still_open(changes)


def _cause(deadline: Deadline, now: datetime) -> Cause | None:
    late = deadline.late
    if late is None or now < late:
        return None
    if deadline.met_at is None:
        return Cause.UNPAID
    return Cause.LATE if deadline.met_at >= late else None
