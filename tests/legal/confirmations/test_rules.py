"""What follows from a confirmation clock, case by case."""

from datetime import UTC, datetime, timedelta

import pytest

from lea_service.custody.replay import Entered, Stream
from lea_service.legal.confirmations.rules import (
    UNPAID_HOLD,
    Cause,
    Consequences,
    find_consequences,
)
from lea_service.legal.deadlines import Clock, Deadline, Status, Whose
from lea_service.legal.reckoning import Reckoning

LATE = datetime(2026, 11, 24, 23, tzinfo=UTC)
SOONER, LATER = LATE - timedelta(seconds=1), LATE + timedelta(seconds=1)
HELD = ("demand.held", UNPAID_HOLD)
RELEASED = ("demand.hold_released", UNPAID_HOLD)
OTHER = ("demand.held", "basis_unknown")
OPENED = ("breach.opened", None)


def clock(status, met_at=None, late=LATE):
    reckoned = None if late is None else Reckoning(late, late, ())
    return Deadline(
        Clock.CONFIRMATION,
        Whose.AUTHORITY,
        status,
        "at_most",
        "Sv",
        met_at=met_at,
        reckoning=reckoned,
    )


def stream(*events):
    entries = [
        Entered(n, event, "sys:worker", "2026-11-24T23:00:00Z", {"code": code}, ())
        for n, (event, code) in enumerate(events)
    ]
    return Stream("c_1", entries)


@pytest.mark.parametrize(
    ("deadline", "events", "now", "expected"),
    [
        (None, [], LATER, Consequences()),
        (None, [HELD], LATER, Consequences(release=True)),
        (clock(Status.RUNNING), [], SOONER, Consequences()),
        (clock(Status.OVER), [], LATE, Consequences(Cause.UNPAID, hold=True)),
        (clock(Status.OVER), [OTHER], LATER, Consequences(Cause.UNPAID, hold=True)),
        (clock(Status.OVER), [HELD, OPENED], LATER, Consequences()),
        (clock(Status.OVER), [HELD, OPENED, RELEASED], LATER, Consequences(hold=True)),
        (clock(Status.RUNNING), [HELD, OPENED], SOONER, Consequences(release=True)),
        (clock(Status.MET, SOONER), [], LATER, Consequences()),
        (clock(Status.MET, LATE), [], LATER, Consequences(Cause.LATE)),
        (clock(Status.MET, LATER), [HELD, OPENED], LATER, Consequences(release=True)),
        (clock(Status.NO_END, late=None), [], LATER, Consequences()),
    ],
)
def test_consequences_follow_from_clock_and_log(deadline, events, now, expected):
    found = find_consequences(deadline, stream(*events), now)
    assert found == expected
    assert bool(found) == (expected != Consequences())
