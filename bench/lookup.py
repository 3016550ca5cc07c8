"""One number among many calls, and many subscribers a second, as a plan asks the record store.

The peer of a look-up is the query that somebody would type for the same rows, through the driver.
"""

from __future__ import annotations

import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from time import perf_counter

from bench.store import DAYS, FIRST, Filled, fill_calls, fill_subscribers
from lea_service.demands.demand import TargetKind
from lea_service.extraction.matched import MATCHED
from lea_service.records.kinds import CALL
from lea_service.records.reader import RecordReader, Snapshot
from lea_service.records.selection import Match, Selection

LOOK_UPS = 300
MARKS = {"sqlite": "?", "postgresql": "%s"}


@dataclass(frozen=True, slots=True)
class LookUp:
    """Median milliseconds of one look-up, ours and the peer's, among so many rows."""

    engine: str
    rows: int
    found: int
    ours: float
    peer: float

    @property
    def ratio(self) -> float:
        """Return ours over the peer's."""
        return self.ours / self.peer


@dataclass(frozen=True, slots=True)
class Rate:
    """Look-ups at a fixed rate: how many came late, and when they were answered (milliseconds)."""

    asked: int
    a_second: float
    median: float
    p95: float
    worst: float


def measure_look_ups(rows: int, postgres_url: str | None = None) -> Iterator[LookUp]:
    """Look numbers up among ``rows`` calls on SQLite, and on PostgreSQL where it is given."""
    with tempfile.TemporaryDirectory() as folder:
        urls = [f"sqlite:///{Path(folder) / 'records.db'}", postgres_url]
        for url in filter(None, urls):
            filled = fill_calls(url, rows)
            yield _compare(filled)
            filled.database.dispose()


def measure_rate(subscribers: int, a_second: int, seconds: int) -> Rate:
    """Ask for ``a_second`` subscribers each second; each waits for those before it."""
    with tempfile.TemporaryDirectory() as folder:
        filled = fill_subscribers(f"sqlite:///{Path(folder) / 'records.db'}", subscribers)
        try:
            taken = list(_ask_on_time(filled, a_second, seconds))
        finally:
            filled.database.dispose()
    ordered = sorted(taken)
    p95 = ordered[int(len(ordered) * 0.95)]
    rate = len(ordered) / seconds
    return Rate(len(ordered), rate, statistics.median(ordered), p95, ordered[-1])


def _compare(filled: Filled) -> LookUp:
    rng = random.Random(1)
    numbers = [f"+316{rng.randrange(filled.numbers):08d}" for _ in range(LOOK_UPS)]
    ours, peer, found = [], [], 0
    ask = _asker(filled)
    with RecordReader(filled.database).snapshot() as snapshot:
        for number in numbers:
            seconds, mine = _time(lambda one=number: _look_up(snapshot, one))
            others, theirs = _time(lambda one=number: ask(one))
            if mine != theirs:
                raise SystemExit(f"{mine} rows were found, the peer found {theirs}")
            ours.append(seconds * 1e3)
            peer.append(others * 1e3)
            found += mine
    engine = filled.database.engine.dialect.name
    mine, theirs = statistics.median(ours), statistics.median(peer)
    return LookUp(engine, filled.rows, found // LOOK_UPS, mine, theirs)


def _look_up(snapshot: Snapshot, number: str) -> int:
    """Return how many rows a number has, read as a plan reads them."""
    columns = MATCHED[TargetKind.PHONE_NUMBER]["call"]
    match = Match(columns, (number,))
    selection = Selection("call", "pbx", (match,), FIRST, FIRST + timedelta(days=DAYS))
    return sum(len(block[0]) for block in snapshot.iter_blocks([selection]))


def _asker(filled: Filled) -> Callable[[str], int]:
    engine = filled.database.engine
    mark = MARKS[engine.dialect.name]
    # without the sign SQLite goes through the whole period instead of the calls of the number
    plus = "+" if filled.database.is_sqlite else ""
    query = f"""SELECT {", ".join(CALL.names)} FROM call_records WHERE source = 'pbx'
        AND (caller = {mark} OR callee = {mark} OR forwarded_to = {mark})
        AND {plus}started_at >= {mark} AND {plus}started_at < {mark} ORDER BY started_at, row_id"""
    start, end = "2026-01-01 00:00:00", f"{FIRST + timedelta(days=DAYS):%Y-%m-%d %H:%M:%S}"
    if not filled.database.is_sqlite:
        start, end = f"{start}Z", f"{end}Z"
    raw = engine.raw_connection()

    def ask(number: str) -> int:
        cursor = raw.cursor()
        cursor.execute(query, (number, number, number, start, end))
        return len(cursor.fetchall())

    return ask


def _ask_on_time(filled: Filled, a_second: int, seconds: int) -> Iterator[float]:
    """Yield milliseconds from when a question was due until it was answered."""
    reader, rng = RecordReader(filled.database), random.Random(1)
    columns = MATCHED[TargetKind.PHONE_NUMBER]["subscriber"]
    began = perf_counter()
    for n in range(a_second * seconds):
        due = began + n / a_second
        time.sleep(max(0.0, due - perf_counter()))
        match = Match(columns, (f"+316{rng.randrange(filled.numbers):08d}",))
        selection = Selection(
            "subscriber", "crm", (match,), FIRST, FIRST + timedelta(days=1), overlap=True
        )
        with reader.snapshot() as snapshot:
            (block,) = snapshot.iter_blocks([selection])
        if len(block[0]) != 1:
            raise SystemExit("not the one subscriber was found")
        yield (perf_counter() - due) * 1e3


def _time(act: Callable[[], int]) -> tuple[float, int]:
    began = perf_counter()
    found = act()
    return perf_counter() - began, found
