"""Calls out of the record store as proven rows and CSV, beside tools that only copy them to CSV.

Every way gets the same selection of the same rows, in the same order, with every column of a call.
Ours reads them twice, cuts and proves each, writes canonical lines into a sealed spool, hashes
them, and writes the CSV out of the spool and reads it back. The others read once and write.
"""

from __future__ import annotations

import csv
import sqlite3
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg
from sqlalchemy import select

from bench.costs import Cost, least, of_call, of_command
from bench.extraction import WHOLE, open_services
from lea_service.extraction.models import Plan as StoredPlan
from lea_service.extraction.queries import get_plan
from lea_service.extraction.run import SpoolFolder, extract
from lea_service.packaging.renderings import csv_blocks, line_blocks
from lea_service.records.kinds import CALL, get_layout
from lea_service.records.reader import RecordReader
from tests.support.postgres import PostgresProcess

ROUNDS = 3
NUMBER = "+31852000000"
SELECTION = f"""FROM call_records WHERE source = 'pbx' AND started_at >= '{{start}}'
AND started_at < '{{end}}' AND (caller = '{NUMBER}' OR callee = '{NUMBER}'
OR forwarded_to = '{NUMBER}') ORDER BY started_at, row_id""".replace("\n", " ")


@dataclass(frozen=True, slots=True)
class Way:
    """One way to the CSV: its least cost over the rounds, and rows a second of processor time."""

    name: str
    cost: Cost
    rate: float


def query() -> str:
    """Return the SQL of the peers."""
    start, end = WHOLE
    where = SELECTION.format(start=f"{start:%Y-%m-%d %H:%M:%S}", end=f"{end:%Y-%m-%d %H:%M:%S}")
    return f"SELECT {', '.join(CALL.names)} {where}"


def measure(home: Path, rows: int) -> list[Way]:
    """Let every way write the calls of a prepared ``home``, in turn, several times."""
    server = PostgresProcess()
    try:
        ways = {"ours": lambda: export(home), **_peers(home, server)}
        costs: dict[str, list[Cost]] = {name: [] for name in ways}
        for _ in range(ROUNDS):
            for name, act in ways.items():
                costs[name].append(act())
    finally:
        server.stop()
    found = {name: least(of) for name, of in costs.items()}
    return [Way(name, cost, rows / cost.processor) for name, cost in found.items()]


def export(home: Path) -> Cost:
    """Extract what the plan in ``home`` asks for, proven, and render it as CSV."""
    services = open_services(home)
    with services.transactions.read() as session:
        found = get_plan(session, services.keys, session.scalars(select(StoredPlan.id)).one())
    plan, made = found.read(), home / "bulk.csv"
    folder = SpoolFolder(home / "bulk", bytes(32), "c_1", "e_1", "a_1")

    def act() -> None:
        with RecordReader(services.records).snapshot() as snapshot:
            done = extract(snapshot, plan, folder, lambda _done, _total: None)
        with made.open("wb") as sink:
            for spool in done.spools:
                with folder.reader(spool.kind) as lines:
                    blocks = line_blocks(lines.iter_chunks())
                    sink.writelines(csv_blocks(blocks, get_layout(spool.kind)))

    try:
        return of_call(act)
    finally:
        services.dispose()
        for path in (home / "bulk").rglob("a_1-*"):
            path.unlink()


def _peers(home: Path, server: PostgresProcess) -> Mapping[str, Callable[[], Cost]]:
    store, out, sql = home / "records.db", home / "peer.csv", query()
    loaded = home / "loaded.csv"
    of_command(["sqlite3", "-csv", "-header", str(store), sql], loaded)
    url = server.start().create_database()
    _load_postgres(url, loaded)
    copy = f"\\copy ({sql}) TO STDOUT WITH (FORMAT csv, HEADER)"
    ways: dict[str, Callable[[], Cost]] = {
        "sqlite3 -csv": lambda: of_command(["sqlite3", "-csv", "-header", str(store), sql], out),
        "psql \\copy": lambda: of_command(["psql", "-qX", url, "-c", copy], out, server.pid),
        "Python csv": lambda: of_call(lambda: _python(store, out, sql)),
    }
    with suppress(ImportError):
        ways["DuckDB"] = _duckdb(home, loaded, out, sql)
    return ways


def _load_postgres(url: str, calls: Path) -> None:
    types = {"integer": "bigint", "string": 'text COLLATE "C"'}
    columns = ", ".join(f"{column.name} {types[column.type]}" for column in CALL.columns)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE TABLE call_records ({columns})")
        with connection.cursor().copy(
            "COPY call_records FROM STDIN WITH (FORMAT csv, HEADER)"
        ) as sink:
            for part in _parts(calls):
                sink.write(part)
        connection.execute("ANALYZE call_records")


def _duckdb(home: Path, calls: Path, out: Path, sql: str) -> Callable[[], Cost]:
    import duckdb

    base = str(home / "peer.duckdb")
    types = {one.name: "BIGINT" if one.type == "integer" else "VARCHAR" for one in CALL.columns}
    with duckdb.connect(base) as connection:
        connection.execute(
            f"CREATE TABLE call_records AS FROM read_csv('{calls}', header=true, columns={types})"
        )
    act = f"import duckdb; duckdb.connect({base!r}).execute({_copy(sql, out)!r})"
    return lambda: of_command([sys.executable, "-c", act], home / "nothing")


def _copy(sql: str, out: Path) -> str:
    return f"COPY ({sql}) TO '{out}' (FORMAT csv, HEADER)"


def _python(store: Path, out: Path, sql: str) -> None:
    with out.open("w", newline="") as sink:
        writer = csv.writer(sink)
        writer.writerow(CALL.names)
        writer.writerows(sqlite3.connect(store).execute(sql))


def _parts(path: Path) -> Iterator[bytes]:
    with path.open("rb") as source:
        while part := source.read(1 << 20):
            yield part
