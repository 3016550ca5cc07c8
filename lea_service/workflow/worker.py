"""The worker: runs jobs that are due, over and over, until it is told to stop."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import monotonic

from lea_service.kernel.jobs import JobQueue
from lea_service.kernel.logs import get_log

TROUBLE_SECONDS = 5
log = get_log("worker")


@dataclass(frozen=True, slots=True)
class Periodic:
    """A kind of job that is added once in each slot of ``every_seconds``."""

    kind: str
    every_seconds: int


@dataclass(frozen=True, slots=True)
class Tick:
    """Something small this process does itself about every ``every_seconds``."""

    act: Callable[[], None]
    every_seconds: float


class Worker:
    """One worker process; any number may run beside each other."""

    def __init__(
        self,
        queue: JobQueue,
        *,
        periodic: Sequence[Periodic] = (),
        ticks: Sequence[Tick] = (),
        poll_seconds: float = 0.2,
    ) -> None:
        self._queue = queue
        self._periodic = periodic
        self._ticks = ticks
        self._due = [monotonic()] * len(ticks)
        self._poll = poll_seconds
        self._stop = threading.Event()

    def run_once(self) -> int:
        """Do what the present time asks for and run everything due; returns how many jobs ran."""
        self._tick()
        for periodic in self._periodic:
            self._queue.enqueue_periodic(periodic.kind, periodic.every_seconds)
        count = 0
        while not self._stop.is_set() and (claim := self._queue.claim()) is not None:
            self._queue.run(claim)
            count += 1
            self._tick()
        return count

    def run(self) -> None:
        """Work until ``stop`` is called; a job that has begun is brought to its end."""
        while not self._stop.is_set():
            try:
                self.run_once()
            except Exception as err:  # a database that is away comes back
                log.critical("no work", exc_info=err)
                self._stop.wait(TROUBLE_SECONDS)
            self._stop.wait(self._poll)

    def stop(self) -> None:
        """Ask the loop to end after the present job."""
        self._stop.set()

    def stop_on_signals(self) -> None:
        """End on SIGTERM and SIGINT, as process supervisors send them."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self.stop())

    def _tick(self) -> None:
        for position, tick in enumerate(self._ticks):
            if monotonic() >= self._due[position]:
                tick.act()
                self._due[position] = monotonic() + tick.every_seconds
