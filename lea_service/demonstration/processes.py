"""The service as it runs for real: gunicorn and a worker, as processes of their own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from time import monotonic
from typing import TypeVar

import httpx

from lea_service.kernel.errors import Unavailable

START_SECONDS, STOP_SECONDS, WAIT_SECONDS = 120, 15, 60
PAUSE = 0.1
MOVED_LEA = "lea_service.demonstration.moved_lea"
CLOCK = "DEMONSTRATION_CLOCK"
"""In the environment of the demonstration: the file that its clock stands in."""
Found = TypeVar("Found")
_never = Event()


def free_port() -> int:
    """Return a port of the loopback address that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def run_lea(environ: Mapping[str, str], *words: str, expected: int = 0) -> str:
    """Run a command of ``lea``, for real; returns what it printed.

    Raises Unavailable when it ends with another code than ``expected``.
    """
    done = subprocess.run(
        _command(environ, *words),
        env={**os.environ, **environ},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != expected:
        raise Unavailable(f"lea {' '.join(words[:2])} failed: {done.stderr.strip()[-500:]}")
    return done.stdout


def at_once(*runs: Callable[[], str]) -> list[str]:
    """Run commands of which none waits for another; returns what each printed, in their order."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return [*pool.map(lambda run: run(), runs)]


class Running:
    """The service while it runs: the web processes, and the worker once there is work."""

    def __init__(self, environ: dict[str, str], logs: Path) -> None:
        self._environ, self._logs = environ, logs
        self._processes: dict[str, subprocess.Popen[bytes]] = {}

    def serve(self) -> None:
        """Serve, and return when it is ready. Raises Unavailable."""
        self._start("serve")
        log = self._logs / "serve.log"
        with httpx.Client(base_url=self._environ["LEA_URL"], trust_env=False) as client:
            wait_until(
                lambda: _is_ready(client), f"the service did not start; {log} says why",
                START_SECONDS,
            )  # fmt: skip

    def work(self) -> None:
        """Run a worker; what it does once in a while it does first of all for whoever is there."""
        self._start("worker")

    def start_again(self, **settings: str) -> None:
        """Stop both, and start them with some settings changed."""
        self.close()
        self._environ.update(settings)
        self.work()
        self.serve()

    def close(self) -> None:
        """Stop what runs."""
        for process in self._processes.values():
            process.send_signal(signal.SIGTERM)
        for process in self._processes.values():
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._processes.clear()

    def _start(self, word: str) -> None:
        with (self._logs / f"{word}.log").open("ab") as output:
            self._processes[word] = subprocess.Popen(
                _command(self._environ, word),
                env={**os.environ, **self._environ},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )


def wait_until(
    find: Callable[[], Found | None], message: str, seconds: float = WAIT_SECONDS
) -> Found:
    """Ask again and again until ``find`` finds something. Raises Unavailable with ``message``."""
    deadline = monotonic() + seconds
    while not (found := find()):
        if monotonic() > deadline:
            raise Unavailable(message)
        _never.wait(PAUSE)
    return found


def _command(environ: Mapping[str, str], *words: str) -> list[str]:
    return [sys.executable, "-m", MOVED_LEA, environ[CLOCK], *words]


def _is_ready(client: httpx.Client) -> bool:
    try:
        return client.get("/health/ready").status_code == 200
    except httpx.TransportError:
        return False
