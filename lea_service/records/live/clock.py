"""The clock of a live source's server, beside ours."""

from __future__ import annotations

from datetime import timedelta

from lea_service.kernel.clock import Clock
from lea_service.records.clocks import Deviation
from lea_service.records.live.connections import Connection
from lea_service.records.live.database import Reader, find_now


def measure_clock(clock: Clock, reader: Reader, place: Connection) -> Deviation | None:
    """Ask the server for its time between two readings of ours; None of an engine without a clock.

    What lies between the readings is not known to more than its half.
    """
    before = clock.now()
    theirs = find_now(reader, place)
    after = clock.now()
    if theirs is None:
        return None
    half = (after - before) / 2
    return Deviation(_milliseconds(theirs - (before + half)), _milliseconds(half) + 1, after)


def _milliseconds(span: timedelta) -> int:
    return round(span / timedelta(milliseconds=1))
