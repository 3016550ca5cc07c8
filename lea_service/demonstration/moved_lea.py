"""``lea`` by the clock of the demonstration: ``python -m … FILE WORDS…`` does ``lea WORDS…``."""

from __future__ import annotations

import sys
from pathlib import Path

from lea_service.cli import main as lea
from lea_service.demonstration.stage_clock import StageClock
from lea_service.kernel.clock import SystemClock


def main() -> None:
    """Run a command of ``lea`` by the clock that the first word names."""
    SystemClock.now = StageClock(Path(sys.argv[1])).now  # type: ignore[method-assign,assignment]
    lea(sys.argv[2:])


if __name__ == "__main__":
    main()
