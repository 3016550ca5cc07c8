"""Which demands a letter is kept ready for, that says our answer may be late."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from lea_service.custody.queries import list_last_facts
from lea_service.custody.replay import read_stream
from lea_service.demands.queries import get_state, list_ids
from lea_service.demands.states import ANSWERED, KEPT
from lea_service.kernel.clock import parse_instant
from lea_service.kernel.errors import WrongState
from lea_service.legal.counted import COUNTED, MOVED, CountedClock, load_standing
from lea_service.legal.deadlines import Clock

PREPARED = "demand.letter_prepared"
NEAR = timedelta(hours=72)
"""So long before the end of our term the letter is there."""
BETWEEN = timedelta(days=1)
"""So long passes before another is made ready for the same demand."""
SETTLED = ANSWERED | KEPT
OURS = frozenset({Clock.ANSWER, Clock.EMERGENCY_ANSWER})


def is_near(clocks: Iterable[CountedClock], now: datetime) -> bool:
    """Say whether the end of a term of ours is near, or passed."""
    return any(
        one.clock in OURS and one.due is not None and one.due - NEAR <= now for one in clocks
    )


def list_near(session: Session, now: datetime) -> list[str]:
    """Return the demands that wait for our answer and whose term ends near."""
    waiting = list_ids(session, without=SETTLED)
    counted = list_last_facts(session, (COUNTED, MOVED))
    return [
        one
        for one in waiting
        if one in counted and is_near(load_standing(counted[one]).clocks, now)
    ]


def find_prepared(session: Session, demand_id: str) -> str | None:
    """Return the alarm for which a letter was made ready last."""
    last = read_stream(session, demand_id).last(PREPARED)
    return None if last is None else str(last.facts["alarm"])


def is_prepared(session: Session, demand_id: str, alarm: str, now: datetime) -> bool:
    """Say whether a letter was made ready for an alarm, or within a day for another one."""
    last = read_stream(session, demand_id).last(PREPARED)
    return last is not None and (
        last.facts["alarm"] == alarm or now < parse_instant(last.at) + BETWEEN
    )


def check_waits(session: Session, demand_id: str) -> None:
    """Let a demand through that waits for our answer. Raises WrongState."""
    if get_state(session, demand_id) in SETTLED:
        raise WrongState("the demand does not wait for an answer any more")
