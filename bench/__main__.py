"""``make bench``: measure everything and write docs/performance.md."""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from bench import custody, extraction
from lea_service.kernel.clock import SystemClock
from tests.support.postgres import PostgresProcess

PAGE = Path(__file__).parents[1] / "docs" / "performance.md"
MILLION = 1_000_000
GOAL, FLOOR, PEAK_MB = 0.7, 0.4, 300


def main() -> None:
    """Measure and write the page."""
    parser = argparse.ArgumentParser(prog="python -m bench")
    parser.add_argument("--rows", type=int, default=MILLION, help="calls to extract and seal")
    rows = parser.parse_args().rows
    appends, sealed = _measure_appends(), extraction.measure(rows)
    page = "\n".join([_head(), *_custody(appends), *_extraction(sealed)]) + "\n"
    PAGE.write_text(page)
    sys.stdout.write(page)
    if min(one.ratio for one in appends) < FLOOR or sealed.peak_mb > PEAK_MB:
        raise SystemExit("a floor was missed: see the page")
    if min(one.ratio for one in appends if one.batch > 1) < GOAL:
        raise SystemExit("the goal for several entries a transaction was missed: see the page")


def _measure_appends() -> list[custody.Appends]:
    with _postgres() as url:
        return list(custody.measure(url))


def _head() -> str:
    today = SystemClock().now().date()
    return f"""# Performance
Written by `make bench` on {today}: {_processor()}, {os.cpu_count()} cores, Python \
{platform.python_version()}, {_version("sqlite3", "--version")}, {_version("openssl", "version")}.
Each figure is a ratio against a named peer in the same run; absolute numbers are of this machine and this run only.
"""


def _custody(appends: Sequence[custody.Appends]) -> Iterator[str]:
    yield """## Custody appends
Peer: a commit of a row of the same size on the same database, through SQLAlchemy Core (`bench/custody.py`). Each entry locks the head, finds its place
in its stream, hashes, and moves the tree. Goal 0.7, floor 0.4 for single appends; goal 0.7 for each entry in transactions of ten.

| database | entries a transaction | ours, entries/s | peer, rows/s | ratio |
|---|---|---|---|---|"""
    for one in appends:
        rates = f"{one.ours:,.0f} | {one.peer:,.0f} | {one.ratio:.2f}"
        yield f"| {one.engine} | {one.batch} | {rates} |"
    missed = [
        f"{one.engine} by {one.batch} ({one.ratio:.2f})" for one in appends if one.ratio < GOAL
    ]
    if missed:
        yield f"""
**Below the goal of {GOAL}: {", ".join(missed)}.** A transaction of one entry locks and reads the head of the log
and writes entry, nodes and head, where the peer writes one row; the entries of one transaction share that."""


def _extraction(found: extraction.Sealed) -> Iterator[str]:
    yield f"""
## Extraction and sealing
Peer: `sqlite3 -csv` piped through `openssl cms -encrypt -aes256` on the same rows (`bench/extraction.py`). The peer reads once and encrypts; ours reads twice, \
proves each row
against the plan, writes JSON Lines and CSV, reads the CSV back, hashes each file, signs and encrypts.

| calls | ours, rows/s | peer, rows/s | ratio | peak memory of the worker (limit 300 MB) | package |
|---|---|---|---|---|---|
| {found.rows:,} | {found.ours:,.0f} | {found.peer:,.0f} | {found.ratio:.3f} | {found.peak_mb:,.0f} MB | {found.package_mb:,.0f} MB |

Import of the same calls from a `Master.csv`: {found.import_rate:,.0f} rows/s."""


@contextmanager
def _postgres() -> Iterator[str]:
    process = PostgresProcess(fsync="on", full_page_writes="on")
    try:
        server = process.start()
        yield server.create_database()
    finally:
        process.stop()


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.partition(": ")[2] for line in lines if line.startswith("model name")), "?")


def _version(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    words = done.stdout.split()
    return f"{command[0]} {words[1] if command[0] == 'openssl' else words[0]}" if words else "?"


if __name__ == "__main__":
    main()
