"""The text of an order, read by a process of its own: the bytes come from strangers.

That process knows no secret, opens no file, and ends when it takes too long or too much.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from lea_service.legal.order_observations import HARMLESS, Observation

SECONDS = 10
READER = "lea_service.legal.order_reader"


@dataclass(frozen=True, slots=True)
class OrderText:
    """The lines of each page, what was odd about the document, and when a mail says it was sent."""

    pages: tuple[tuple[str, ...], ...] = ()
    observations: tuple[Observation, ...] = ()
    sent_at: datetime | None = None

    @property
    def has_text(self) -> bool:
        """Say whether there is anything to compare with."""
        return any(line.strip() for page in self.pages for line in page)

    @property
    def doubts(self) -> tuple[Observation, ...]:
        """Return why what was read may not be what a person sees."""
        return tuple(one for one in self.observations if one not in HARMLESS)


@dataclass(frozen=True, slots=True)
class OrderReader:
    """Reads orders; ``seconds`` is how long one may take."""

    seconds: float = SECONDS
    module: str = field(default=READER, repr=False)

    def read(self, data: bytes) -> OrderText:
        """Return the text of an order; whatever the bytes are, this comes to an end."""
        try:
            return _understand(*run_reader(data, self.seconds, self.module))
        except subprocess.TimeoutExpired:
            return OrderText(observations=(Observation.OUT_OF_TIME,))


def run_reader(data: bytes, seconds: float, module: str) -> tuple[int, bytes]:
    """Have a process of its own read bytes; returns how it ended, and its output.

    Raises TimeoutExpired.
    """
    given, taken = _memory("order"), _memory("text")
    try:
        _write(given, data)
        return _run(given, taken, seconds, module), _read(taken)
    finally:
        os.close(given)
        os.close(taken)


def _run(given: int, taken: int, seconds: float, module: str) -> int:
    command = [sys.executable, "-P", "-B", "-X", "utf8", "-m", module]
    done = subprocess.run(
        command,
        stdin=given,
        stdout=taken,
        stderr=subprocess.DEVNULL,
        env={"PYTHONPATH": os.pathsep.join(_places())},  # and nothing of our settings
        cwd="/",
        timeout=seconds,
        check=False,
    )
    return done.returncode


def _understand(code: int, said: bytes) -> OrderText:
    if code in {-signal.SIGXCPU, -signal.SIGKILL}:
        return OrderText(observations=(Observation.OUT_OF_TIME,))
    try:
        found = json.loads(said)
        pages = tuple(tuple(str(line) for line in page) for page in found["pages"])
        observed = tuple(Observation(one) for one in found["observations"])
        sent_at = found["sent_at"] and datetime.fromisoformat(found["sent_at"])
        return OrderText(pages, observed, sent_at)
    except (ValueError, KeyError, TypeError):
        return OrderText(observations=(Observation.READER_FAILED,))


def _places() -> list[str]:
    """Return where the child finds the code that runs here."""
    own = str(Path(__file__).resolve().parents[2])
    return [own, *(place for place in sys.path if Path(place).is_absolute())]


def _memory(name: str) -> int:
    """Return a file that rests in memory only, which the child's limit on files bounds."""
    return os.memfd_create(name, os.MFD_CLOEXEC)


def _write(descriptor: int, data: bytes) -> None:
    with os.fdopen(os.dup(descriptor), "wb") as file:
        file.write(data)
    os.lseek(descriptor, 0, os.SEEK_SET)


def _read(descriptor: int) -> bytes:
    os.lseek(descriptor, 0, os.SEEK_SET)
    with os.fdopen(os.dup(descriptor), "rb") as file:
        return file.read()
