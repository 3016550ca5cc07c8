"""Which demands a letter is kept ready for, that says our answer may be late."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from lea_service.custody.replay import read_stream
from lea_service.demands.queries import get_demand, get_state, list_ids
from lea_service.demands.states import ANSWERED, KEPT
from lea_service.kernel.clock import parse_instant
from lea_service.kernel.datakeys import DataKeys
from lea_service.kernel.errors import IntegrityFailure, Unavailable, WrongState
from lea_service.legal.deadlines import Clock, Deadline, Status, list_deadlines
from lea_service.legal.queries import find_basis
from lea_service.legal.times import collect_times
from lea_service.legal.working_days import WorkingDays

PREPARED = "demand.letter_prepared"
NEAR = timedelta(hours=72)
"""So long before the end of our term the letter is there."""
BETWEEN = timedelta(days=1)
"""So long passes before another is made ready for the same demand."""
SETTLED = ANSWERED | KEPT
OURS = frozenset({Clock.ANSWER, Clock.EMERGENCY_ANSWER})
OWING = frozenset({Status.RUNNING, Status.OVER, Status.NO_END})


def is_near(clocks: Iterable[Deadline], now: datetime) -> bool:
    """Say whether the end of a term of ours is near, or passed, or nobody knows it.

    Most orders are answered without delay and not by a day: whoever waits is to hear of it then.
    """
    return any(
        one.clock in OURS and one.status in OWING and (one.due is None or one.due - NEAR <= now)
        for one in clocks
    )


def list_late(
    session: Session, keys: DataKeys, working: WorkingDays, alarm: str, now: datetime
) -> list[str]:
    """Return the demands of which our answer may come late, and no letter says so for ``alarm``."""
    waiting = list_ids(session, without=SETTLED)
    return [
        one
        for one in waiting
        if not is_prepared(session, one, alarm, now) and _is_late(session, keys, one, working, now)
    ]


def _is_late(
    session: Session, keys: DataKeys, demand_id: str, working: WorkingDays, now: datetime
) -> bool:
    try:
        demand = get_demand(session, keys, demand_id)
    except (IntegrityFailure, Unavailable):  # others raise the alarm
        return False
    basis = find_basis(session, demand)
    if basis is None:
        return False
    times = collect_times(demand, read_stream(session, demand_id))
    return is_near(list_deadlines(basis, times, working, now), now)


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
