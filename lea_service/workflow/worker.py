"""The worker: runs jobs that are due, over and over, until it is told to stop."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Collection, Sequence
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
    """One worker process; any number may run beside each other.

    A job may take minutes, so ``run`` has three threads: one runs jobs, one keeps the clock
    (checkpoints, jobs that recur), one runs jobs of the ``short`` kinds, so that a notice does not
    wait behind an extraction nor a checkpoint behind a mail server. Doing it when a job reports
    progress would not do: signing, or one long query, reports nothing. The threads share nothing
    that processes do not: to the database the third is one more worker, whose claims have leases
    and tokens of their own, and checkpoints are signed under the signer's lock whoever asks.
    """

    def __init__(
        self,
        queue: JobQueue,
        *,
        periodic: Sequence[Periodic] = (),
        ticks: Sequence[Tick] = (),
        short: Collection[str] = (),
        poll_seconds: float = 0.2,
    ) -> None:
        self._queue = queue
        self._periodic = periodic
        self._ticks = ticks
        self._due = [monotonic()] * len(ticks)
        self._short = short
        self._poll = poll_seconds
        self._stop = threading.Event()

    def run_once(self) -> int:
        """Do what the present time asks for and run everything due; returns how many jobs ran.

        All in this thread, so nothing that falls due during a job is done before its end.
        """
        self._keep_time()
        return self._run_jobs(then=self._tick)

    def run(self) -> None:
        """Work until ``stop`` is called; a job that has begun is brought to its end."""
        ended = threading.Event()
        long = self._queue.kinds - set(self._short)  # which wait for no mail server either
        beside = [
            self._start("clock", self._keep_time, ended),  # a last long job needs it too
            self._start("short", lambda: self._run_jobs(self._short), self._stop),
        ]
        try:
            self._repeat(lambda: self._run_jobs(long), self._stop)
        finally:
            self._stop.set()
            ended.set()
            for thread in beside:
                thread.join()

    def stop(self) -> None:
        """Ask the loop to end after the present job."""
        self._stop.set()

    def stop_on_signals(self) -> None:
        """End on SIGTERM and SIGINT, as process supervisors send them."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self.stop())

    def _start(
        self, name: str, act: Callable[[], object], until: threading.Event
    ) -> threading.Thread:
        def work() -> None:
            try:
                self._repeat(act, until)
            finally:  # half a worker is none: whoever supervises starts a whole one
                self._stop.set()

        thread = threading.Thread(target=work, name=name, daemon=True)
        thread.start()
        return thread

    def _repeat(self, act: Callable[[], object], until: threading.Event) -> None:
        while not until.is_set():
            try:
                act()
            except Exception as err:  # a database that is away comes back
                log.critical("no work", exc_info=err)
                until.wait(TROUBLE_SECONDS)
            until.wait(self._poll)

    def _run_jobs(
        self, kinds: Collection[str] | None = None, then: Callable[[], None] = lambda: None
    ) -> int:
        """Run everything due, of these kinds if any are given; returns how many jobs ran."""
        count = 0
        while not self._stop.is_set() and (claim := self._queue.claim(kinds)) is not None:
            self._queue.run(claim)
            count += 1
            then()
        return count

    def _keep_time(self) -> None:
        self._tick()
        for periodic in self._periodic:
            self._queue.enqueue_periodic(periodic.kind, periodic.every_seconds)

    def _tick(self) -> None:
        for position, tick in enumerate(self._ticks):
            if monotonic() >= self._due[position]:
                tick.act()
                self._due[position] = monotonic() + tick.every_seconds
