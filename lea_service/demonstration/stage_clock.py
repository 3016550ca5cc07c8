"""The clock of the demonstration: that of the machine set back some days, and moved on in the open.

Terms of days end while somebody watches, and nothing else is different: service, worker and
commands of ``lea`` read this clock in place of that of the machine (``moved_lea``). It begins in
the past, so that nothing that is left behind lies in the future.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from lea_service.kernel.clock import SystemClock
from lea_service.kernel.errors import InvalidInput

BEGINS = timedelta(days=-28)
"""Against the clock of the machine: longer than all that the scenes wait for, in any season."""
_read_machine = SystemClock().now


class StageClock:
    """Runs as the clock of the machine does, beside it by the seconds that stand in a file."""

    def __init__(self, file: Path) -> None:
        self.file = file

    @classmethod
    def begin(cls, file: Path) -> StageClock:
        """Return a clock that stands at its beginning, and write its file."""
        clock = cls(file)
        clock._set(BEGINS)
        return clock

    def now(self) -> datetime:
        """Return the present instant of the demonstration in UTC."""
        return _read_machine() + timedelta(seconds=float(self.file.read_text()))

    def move_to(self, instant: datetime) -> None:
        """Move the clock on. Raises InvalidInput for back, or beyond the clock of the machine."""
        machine = _read_machine()
        if not self.now() <= instant <= machine:
            raise InvalidInput("the clock goes on, and not beyond that of the machine")
        self._set(instant - machine)

    def _set(self, beside: timedelta) -> None:
        written = self.file.with_suffix(".new")
        written.write_text(f"{beside.total_seconds()}")
        written.replace(self.file)  # whoever reads sees the one or the other
