"""What follows from a confirmation clock, case by case."""

from datetime import UTC, datetime, timedelta

import pytest

from lea_service.custody.replay import Entered, Stream
from lea_service.legal.confirmations.rules import (
    HOLDS,
    Cause,
    Consequences,
    find_consequences,
)
from lea_service.legal.deadlines import Clock, Deadline, Status, Whose
from lea_service.legal.reckoning import Reckoning

LATE = datetime(2026, 11, 24, 23, tzinfo=UTC)
SOONER, LATER = LATE - timedelta(seconds=1), LATE + timedelta(seconds=1)
WRITING, VALIDATION = Clock.CONFIRMATION, Clock.VALIDATION
HELD = ("demand.held", HOLDS[WRITING])
RELEASED = ("demand.hold_released", HOLDS[WRITING])
AWAITED = ("demand.held", HOLDS[VALIDATION])
PROVEN = ("demand.hold_released", HOLDS[VALIDATION])
OTHER = ("demand.held", "basis_unknown")
OPENED, DENIED = ("breach.opened", None), ("breach.opened", Cause.DENIED)


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
        Entered(n, event, "sys:worker", "2026-11-24T23:00:00Z", {"code": code, "cause": code}, ())
        for n, (event, code) in enumerate(events)
    ]
    return Stream("c_1", entries)


@pytest.mark.parametrize(
    ("deadline", "events", "now", "expected"),
    [
        (None, [], LATER, Consequences(WRITING)),
        (None, [HELD], LATER, Consequences(WRITING, release=True)),
        (clock(Status.RUNNING), [], SOONER, Consequences(WRITING)),
        (clock(Status.OVER), [], LATE, Consequences(WRITING, Cause.UNPAID, hold=True)),
        (clock(Status.OVER), [OTHER], LATER, Consequences(WRITING, Cause.UNPAID, hold=True)),
        (clock(Status.OVER), [HELD, OPENED], LATER, Consequences(WRITING)),
        (clock(Status.OVER), [HELD, DENIED], LATER, Consequences(WRITING, Cause.UNPAID)),
        (clock(Status.OVER), [HELD, OPENED, RELEASED], LATER, Consequences(WRITING, hold=True)),
        (clock(Status.RUNNING), [HELD, OPENED], SOONER, Consequences(WRITING, release=True)),
        (clock(Status.MET, SOONER), [], LATER, Consequences(WRITING)),
        (clock(Status.MET, LATE), [], LATER, Consequences(WRITING, Cause.LATE)),
        (clock(Status.MET, LATER), [HELD, OPENED], LATER, Consequences(WRITING, release=True)),
        (clock(Status.NO_END, late=None), [], LATER, Consequences(WRITING)),
    ],
)
def test_consequences_follow_from_clock_and_log(deadline, events, now, expected):
    found = find_consequences(WRITING, deadline, stream(*events), now)
    assert found == expected
    assert bool(found) == (expected != Consequences(WRITING))


@pytest.mark.parametrize(
    ("deadline", "events", "now", "hold", "release"),
    [
        (None, [], LATER, False, False),
        (None, [AWAITED], LATER, False, True),
        (None, [HELD], LATER, False, False),  # that is of the other clock
        (clock(Status.RUNNING), [], SOONER, False, False),
        (clock(Status.OVER), [], LATE, True, False),
        (clock(Status.OVER), [HELD, OPENED], LATER, True, False),
        (clock(Status.OVER), [AWAITED], LATER, False, False),
        (clock(Status.OVER), [AWAITED, PROVEN], LATER, True, False),
        (clock(Status.MET, LATER), [AWAITED], LATER, False, True),
        (clock(Status.MET, LATER), [], LATER, False, False),  # late is no breach either
        (clock(Status.NO_END, late=None), [], LATER, False, False),
    ],
)
def test_validation_that_is_not_there_stops_and_is_no_breach(deadline, events, now, hold, release):
    found = find_consequences(VALIDATION, deadline, stream(*events), now)
    assert found == Consequences(VALIDATION, hold=hold, release=release)
    assert bool(found) == (hold or release)
