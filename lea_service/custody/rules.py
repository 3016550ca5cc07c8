"""How far the clock of a machine may be behind the log; no session, no clock."""

from __future__ import annotations

from datetime import datetime, timedelta

from lea_service.kernel.errors import Unavailable

CLOCK_LAG = timedelta(minutes=1)
"""By how much clocks of several machines may differ."""


def check_clock(now: datetime, last: datetime) -> None:
    """Let through a clock that is not behind the last entry. Raises Unavailable.

    Entries never go back in time, so what is signed by such a clock would be entered later than it
    states, and count for nobody.
    """
    behind = last - now
    if behind > CLOCK_LAG:
        minutes = -(-behind // timedelta(minutes=1))
        raise Unavailable(
            f"the clock of this machine is {minutes} minutes behind the custody log, and what is "
            "signed now would not count: set the clock, or wait until it has caught up",
            minutes=minutes,
        )
