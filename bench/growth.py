"""``python -m bench.growth``: how the time of a look-up grows with the rows of the record store.

Everybody has as many calls whatever the size, so only the store grows. Rows are written by the
engine itself, in a year of twelve months. Beside each look-up runs the bare statement on the same
number, through the driver alone.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter
from typing import Any

from sqlalchemy import text

from lea_service.kernel import migration
from lea_service.kernel.database import Database
from lea_service.records.partitions import make_room
from lea_service.records.reader import RecordReader
from lea_service.records.selection import Match, Selection
from lea_service.records.store import TABLES
from tests.support.postgres import PostgresProcess

FIRST = datetime(2025, 12, 1, tzinfo=UTC)
YEAR_SECONDS = 365 * 86_400
CALLS_EACH = 200
LOOK_UPS = 200
STEP = 1_000_000
PARTIES = ("caller", "callee", "forwarded_to")
BARE = """
SELECT * FROM call_records WHERE source = 'pbx1' AND {column} = '{number}'
AND started_at >= '{start}' AND started_at < '{end}'
"""


@dataclass(frozen=True, slots=True)
class Growth:
    """Milliseconds of a look-up among so many rows, over a month and over the year."""

    engine: str
    rows: int
    written: float
    month: float
    month_p95: float
    bare: float
    year: float


class Store:
    """A record store that grows."""

    def __init__(self, engine: str, url: str) -> None:
        self.engine = engine
        self.database = Database(url, by_index=True)
        migration.upgrade(self.database, migration.RECORDS)
        self.rows = 0

    def grow(self, to: int) -> float:
        """Write rows until there are so many; returns rows a second."""
        started, before = perf_counter(), self.rows
        months = [
            {"source": "pbx1", "started_at": FIRST + timedelta(days=28 * n)} for n in range(14)
        ]
        with self.database.write() as session:
            make_room(session, TABLES["call"], months)
        while self.rows < to:
            last = min(to, self.rows + STEP)
            with self.database.write() as session:
                if self.database.is_sqlite:  # pages of the indexes, or it writes each of them anew
                    session.execute(text("PRAGMA cache_size=-2000000"))
                session.execute(text(self._insert(self.rows, last)))
            self.rows = last
        with self.database.engine.begin() as connection:
            if self.database.is_sqlite:
                connection.exec_driver_sql("PRAGMA analysis_limit=1000")
            connection.exec_driver_sql("ANALYZE call_records")
        return (to - before) / (perf_counter() - started)

    def _insert(self, first: int, last: int) -> str:
        people, known = (last - first) // CALLS_EACH, first // CALLS_EACH
        if self.database.is_sqlite:
            series = (
                f"WITH RECURSIVE s(n) AS (SELECT {first} UNION ALL SELECT n + 1 FROM s "
                f"WHERE n + 1 < {last})"
            )
            number = "'+316' || substr('00000000' || {}, -8)"
            at = f"strftime('%Y-%m-%d %H:%M:%S', {int(FIRST.timestamp())} + {{}}, 'unixepoch') || '.000000'"
        else:
            series = f"WITH s(n) AS (SELECT generate_series({first}::bigint, {last - 1}))"
            number = "'+316' || lpad(({})::text, 8, '0')"
            at = f"timestamptz '{FIRST.isoformat()}' + ({{}}) * interval '1 second'"
        caller, callee = (
            number.format(f"({known} + n * {prime} % {people})") for prime in (7919, 104_729)
        )
        start = at.format(f"(n * 48271 % {YEAR_SECONDS})")
        return (
            f"{series} INSERT INTO call_records (source, row_id, started_at, caller, caller_raw, "
            f"callee, callee_raw, duration_s, flags, import_id) SELECT 'pbx1', 'r' || n, {start}, "
            f"{caller}, {caller}, {callee}, {callee}, n % 3600, '', 'im_1' FROM s"
        ).replace(":", r"\:")

    def measure(self) -> Growth:
        """Look numbers up, each once over a month and once over the year."""
        rng = random.Random(self.rows)
        people = self.rows // CALLS_EACH
        numbers = [f"+316{rng.randrange(people):08d}" for _ in range(LOOK_UPS)]
        month = [self._time(lambda one=one: self._read(one, 30)) for one in numbers]
        year = [self._time(lambda one=one: self._read(one, 365)) for one in numbers]
        bare = [self._time(lambda one=one: self._read_bare(one)) for one in numbers]
        p95 = statistics.quantiles(month, n=20)[-1]
        found = [statistics.median(one) for one in (month, bare, year)]
        return Growth(self.engine, self.rows, 0.0, found[0], p95, found[1], found[2])

    def _read(self, number: str, days: int) -> None:
        end = FIRST + timedelta(days=180 + days // 2)
        asked = Selection(
            "call", "pbx1", (Match(PARTIES, (number,)),), end - timedelta(days=days), end
        )
        with RecordReader(self.database).snapshot() as snapshot:
            list(snapshot.iter_blocks([asked]))

    def _read_bare(self, number: str) -> None:
        end = FIRST + timedelta(days=195)
        with self.database.engine.connect() as connection:
            cursor = connection.connection.cursor()
            for column in PARTIES:
                start = end - timedelta(days=30)
                cursor.execute(BARE.format(column=column, number=number, start=start, end=end))
                cursor.fetchall()
            cursor.close()

    @staticmethod
    def _time(act: Callable[[], Any]) -> float:
        started = perf_counter()
        act()
        return (perf_counter() - started) * 1000


def measure(engine: str, sizes: Sequence[int]) -> Iterator[Growth]:
    """Measure look-ups on an engine, from size to size."""
    with _url(engine) as url:
        store = Store(engine, url)
        for size in sizes:
            rate = store.grow(size)
            found = store.measure()
            yield Growth(engine, size, rate, found.month, found.month_p95, found.bare, found.year)
        store.database.dispose()


@contextmanager
def _url(engine: str) -> Iterator[str]:
    if engine == "sqlite":
        with tempfile.TemporaryDirectory(prefix="lea-growth-") as folder:
            yield f"sqlite:///{Path(folder) / 'records.db'}"
        return
    settings = {
        "fsync": "on",
        "full_page_writes": "on",
        "shared_buffers": "1GB",
        "max_wal_size": "8GB",
    }
    process = PostgresProcess(**settings)
    try:
        yield process.start().create_database()
    finally:
        process.stop()


def main() -> None:
    """Measure and print the table of docs/scaling.md."""
    parser = argparse.ArgumentParser(prog="python -m bench.growth")
    parser.add_argument("--engine", nargs="+", default=["sqlite", "postgresql"])
    parser.add_argument("--rows", nargs="+", type=int, default=[STEP, 3 * STEP, 10 * STEP])
    asked = parser.parse_args()
    out = sys.stdout
    out.write(
        "| engine | rows | a month, ms (median, p95) | bare statements, ms | the year, ms | written, rows/s |\n"
    )
    out.write("|---|---|---|---|---|---|\n")
    for engine in asked.engine:
        for one in measure(engine, sorted(asked.rows)):
            month = f"{one.month:.2f}, {one.month_p95:.2f}"
            out.write(
                f"| {one.engine} | {one.rows:,} | {month} | {one.bare:.2f} | {one.year:.2f} | {one.written:,.0f} |\n"
            )
            out.flush()


if __name__ == "__main__":
    main()
