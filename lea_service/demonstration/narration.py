"""Tells a person at a terminal what happens, in a few plain lines a step."""

from __future__ import annotations

import sys
from datetime import datetime
from textwrap import wrap
from time import perf_counter

from lea_service.kernel.clock import format_instant, parse_instant
from lea_service.web.output import wall_time

WIDTH = 100


class Narrator:
    """Numbers the steps and says at which second each begins."""

    def __init__(self) -> None:
        self._step = 0
        self._began = perf_counter()

    def step(self, title: str) -> None:
        """Begin a step."""
        self._step += 1
        seconds = perf_counter() - self._began
        self._write(f"\n{self._step:2}. {title}   [{seconds:.0f} s]")

    def say(self, text: str) -> None:
        """Say one line of what was seen."""
        self._write(f"    {text}")

    def show(self, text: str, limit: int = 12) -> None:
        """Show lines that a program printed."""
        lines = text.strip().splitlines()
        for line in lines[:limit]:
            for part in wrap(line, WIDTH, subsequent_indent="    "):
                self._write(f"    | {part}")
        if len(lines) > limit:
            self._write(f"    | … and {len(lines) - limit} lines more")

    def end(self) -> None:
        """Say how long it took in all."""
        self._write(f"\nDone in {perf_counter() - self._began:.0f} seconds.")

    def _write(self, text: str) -> None:
        sys.stdout.write(text + "\n")
        sys.stdout.flush()


def tell_time(instant: datetime | str) -> str:
    """Return an instant, or one as an answer writes it, as the clock on the wall shows it.

    To the minute: what is told here is to be read, not counted with.
    """
    at = parse_instant(instant) if isinstance(instant, str) else instant
    return wall_time(format_instant(at.replace(second=0, microsecond=0)))
