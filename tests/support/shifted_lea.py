"""The command ``lea`` with the machine's clock moved to the time at which tests play.

Run as ``python -m tests.support.shifted_lea <seconds> <words of lea>``; certificates and clearances of tests
have fixed dates, so their processes live at those dates whatever day it is.
"""

import sys
from datetime import UTC, datetime, timedelta

from lea_service.cli import main
from lea_service.kernel.clock import SystemClock


class ShiftedClock:
    """Runs as the machine's clock does, some seconds beside it."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self.seconds)


if __name__ == "__main__":
    SystemClock.now = ShiftedClock(float(sys.argv[1])).now
    main(sys.argv[2:])
