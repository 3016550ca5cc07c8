"""``make bench``: measure everything and write docs/performance.md."""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench import custody, extraction
from lea_service.kernel.clock import SystemClock
from tests.support.postgres import PostgresProcess

PAGE = Path(__file__).parents[1] / "docs" / "performance.md"
MILLION = 1_000_000


def main() -> None:
    """Measure and write the page."""
    parser = argparse.ArgumentParser(prog="python -m bench")
    parser.add_argument("--rows", type=int, default=MILLION, help="calls to extract and seal")
    rows = parser.parse_args().rows
    parts = [_head(), *_custody(), *_extraction(rows)]
    PAGE.write_text("\n".join(parts) + "\n")
    sys.stdout.write(PAGE.read_text())


def _head() -> str:
    today = SystemClock().now().date()
    return f"""# Performance
Written by `make bench` on {today}: {_processor()}, {os.cpu_count()} cores, Python \
{platform.python_version()}, {_version("sqlite3", "--version")}, {_version("openssl", "version")}.
Each figure is a ratio against a named peer in the same run; absolute numbers are of this machine and this run only.
"""


def _custody() -> Iterator[str]:
    yield """## Custody appends
Peer: a commit of a row of the same size on the same database, through SQLAlchemy Core (`bench/custody.py`). Each entry locks the head, finds its place
in its stream, hashes, and moves the tree. Goal 0.7, floor 0.4 for single appends; goal 0.7 for each entry in transactions of ten.

| database | entries a transaction | ours, entries/s | peer, rows/s | ratio |
|---|---|---|---|---|"""
    with _postgres() as url:
        for one in custody.measure(url):
            rates = f"{one.ours:,.0f} | {one.peer:,.0f} | {one.ratio:.2f}"
            yield f"| {one.engine} | {one.batch} | {rates} |"


def _extraction(rows: int) -> Iterator[str]:
    found = extraction.measure(rows)
    yield f"""
## Extraction and sealing
Peer: `sqlite3 -csv` piped through `openssl cms -encrypt -aes256` on the same rows (`bench/extraction.py`). The peer reads once and encrypts; ours reads twice, \
proves each row
against the plan, writes JSON Lines and CSV, reads the CSV back, hashes each file, signs and encrypts.

| calls | ours, rows/s | peer, rows/s | ratio | peak memory of the worker | package |
|---|---|---|---|---|---|
| {found.rows:,} | {found.ours:,.0f} | {found.peer:,.0f} | {found.ratio:.3f} | {found.peak_mib:,.0f} MiB | {found.package_mib:,.0f} MiB |

Import of the same calls from a `Master.csv`: {found.import_rate:,.0f} rows/s."""


@contextmanager
def _postgres() -> Iterator[str]:
    process = PostgresProcess()
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
