"""The service as it runs for real: gunicorn and a worker, as processes of their own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from time import monotonic
from typing import TypeVar

import httpx

from lea_service.kernel.errors import Unavailable

START_SECONDS, STOP_SECONDS, WAIT_SECONDS = 120, 15, 60
PAUSE = 0.1
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
    command = [sys.executable, "-m", "lea_service.cli", *words]
    done = subprocess.run(
        command,
        env={**os.environ, **environ},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != expected:
        raise Unavailable(f"lea {' '.join(words[:2])} failed: {done.stderr.strip()[-500:]}")
    return done.stdout


@contextmanager
def serving(environ: Mapping[str, str], logs: Path) -> Iterator[None]:
    """Serve until the block ends."""
    with _process(environ, logs / "serve.log", "serve"):
        wait_until(
            lambda: _is_ready(environ["LEA_URL"]),
            f"the service did not start; {logs / 'serve.log'} says why",
            START_SECONDS,
        )
        yield


@contextmanager
def working(environ: Mapping[str, str], logs: Path) -> Iterator[None]:
    """Run a worker until the block ends."""
    with _process(environ, logs / "worker.log", "worker"):
        yield


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


def _is_ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/health/ready", trust_env=False).status_code == 200
    except httpx.TransportError:
        return False


@contextmanager
def _process(environ: Mapping[str, str], log: Path, *words: str) -> Iterator[None]:
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "lea_service.cli", *words],
            env={**os.environ, **environ},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
        try:
            yield
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
