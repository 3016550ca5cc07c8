"""What follows from a confirmation that is owed: nothing yet, a hold, a breach. Pure decisions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from lea_service.custody.replay import Stream
from lea_service.demands.holds import HELD, RELEASED, still_open
from lea_service.legal.deadlines import Deadline, Status

UNPAID_HOLD = "confirmation_overdue"
"""The code of the hold on a demand whose order was not put in writing in time."""
BREACH_OPENED, BREACH_ASSESSED = "breach.opened", "breach.assessed"
MADE_AVAILABLE = "package.made_available"


class Cause(StrEnum):
    """Why a breach notice was opened: nothing came in time, or it came after the end."""

    UNPAID = "confirmation_unpaid"
    LATE = "confirmation_late"


class Assessed(StrEnum):
    """What somebody who oversees makes of a notice."""

    BREACH = "breach"
    NO_BREACH = "no_breach"


@dataclass(frozen=True, slots=True)
class Consequences:
    """What there is to do about a confirmation; ``cause`` is that of a notice to open."""

    cause: Cause | None = None
    hold: bool = False
    release: bool = False

    def __bool__(self) -> bool:
        return self.hold or self.release or self.cause is not None


def find_consequences(deadline: Deadline | None, entries: Stream, now: datetime) -> Consequences:
    """Say what is to be done of a demand by its confirmation clock and its own entries.

    Nothing before the widest end; a notice is opened once, whatever becomes of the clock later.
    """
    is_held = is_held_unpaid(entries)
    if deadline is None:
        return Consequences(release=is_held)
    is_over = deadline.status is Status.OVER
    is_told = entries.last(BREACH_OPENED) is not None
    return Consequences(
        cause=None if is_told else _cause(deadline, now),
        hold=is_over and not is_held,
        release=is_held and not is_over,
    )


def is_held_unpaid(entries: Stream) -> bool:
    """Say whether a demand is held because nobody put its order in writing in time."""
    changes = ((one.event, str(one.facts.get("code"))) for one in entries.of(HELD, RELEASED))
    return UNPAID_HOLD in still_open(changes)


def _cause(deadline: Deadline, now: datetime) -> Cause | None:
    late = deadline.late
    if late is None or now < late:
        return None
    if deadline.met_at is None:
        return Cause.UNPAID
    return Cause.LATE if deadline.met_at >= late else None
