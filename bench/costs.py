"""What a piece of work costs: processor time, which a busy machine stretches less than the clock."""

from __future__ import annotations

import os
import resource
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter, process_time

TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds of processor (of every core that took part) and of the clock."""

    processor: float
    clock: float


def of_call(act: Callable[[], object]) -> Cost:
    """Return what a call costs in this process."""
    before, began = process_time(), perf_counter()
    act()
    return Cost(process_time() - before, perf_counter() - began)


def of_command(command: Sequence[str], output: Path, server: int | None = None) -> Cost:
    """Return what a command costs that writes to ``output``, and the ``server`` (pid) it asks."""
    before, began = _children() + _server(server), perf_counter()
    with output.open("wb") as sink:
        subprocess.run(command, stdout=sink, check=True)
    return Cost(_children() + _server(server) - before, perf_counter() - began)


def least(costs: Sequence[Cost]) -> Cost:
    """Return the least of each over several rounds: what is above it is the work of others."""
    return Cost(min(one.processor for one in costs), min(one.clock for one in costs))


def peak_mb() -> float:
    """Return the most memory this process had so far, not counting what the one before it had."""
    lines = Path("/proc/self/status").read_text().splitlines()
    (most,) = (line.split()[1] for line in lines if line.startswith("VmHWM:"))
    return int(most) * 1024 / 1e6


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _server(pid: int | None) -> float:
    """Return the seconds of a server, and of the processes it started, at work or ended."""
    if pid is None:
        return 0.0
    running = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return _used(str(pid)) + sum(map(_used, running))


def _used(pid: str) -> float:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:  # it ended just now, and counts with its server
        return 0.0
    return sum(map(int, stat.rpartition(")")[2].split()[11:15])) / TICKS
