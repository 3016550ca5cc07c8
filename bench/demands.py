"""Demands through the whole service, one behind the other: recorded, checked, decided, handed over."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from time import perf_counter, process_time

from sqlalchemy import func, select

from bench import extraction
from lea_service.packaging.models import Package
from lea_service.wiring import build_worker

CALLS = 5_000
DAY = 86_400


@dataclass(frozen=True, slots=True)
class Demands:
    """So many demands, with seconds of the clock and of the processor each, and what fits a day."""

    count: int
    clock: float
    processor: float

    @property
    def a_day(self) -> float:
        """Return how many one process has time for in a day, by the clock of this run."""
        return DAY / self.clock


def measure(count: int) -> Demands:
    """Bring ``count`` demands for a day of calls from arrival to a package that can be fetched."""
    with tempfile.TemporaryDirectory() as folder:
        ready = extraction.set_up(Path(folder), CALLS)
        services, worker = ready.services, build_worker(ready.services)
        began, used = perf_counter(), process_time()
        for n in range(count):
            first = extraction.FIRST + timedelta(days=n % 50)
            period = (first, first + timedelta(days=1))
            extraction.decide(ready, period, f"BENCH-{n}")
            while worker.run_once():
                pass
        clock, processor = perf_counter() - began, process_time() - used
        with services.transactions.read() as session:
            sealed = session.scalar(select(func.count()).select_from(Package))
        services.dispose()
    if sealed != count:
        raise SystemExit(f"{sealed} packages were sealed of {count} demands")
    return Demands(count, clock / count, processor / count)
