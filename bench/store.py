"""Record stores of many made-up calls and subscribers, filled by the engine itself in seconds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Index, TextClause, text

from lea_service.kernel.database import Database, RecordBase
from lea_service.records.partitions import make_room
from lea_service.records.store import TABLES

PER_NUMBER = 100
"""Calls of each number, as caller and as callee."""
FIRST = datetime(2026, 1, 1, tzinfo=UTC)
DAYS = 180
CALLS = {
    "sqlite": """INSERT INTO call_records (source, row_id, started_at, ended_at, duration_s,
        caller, caller_raw, callee, callee_raw, result, flags, import_id)
        WITH RECURSIVE n(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM n WHERE n < :rows - 1)
        SELECT 'pbx', printf('%09d', n),
        strftime('%Y-%m-%d %H:%M:%S.000000', '2026-01-01', '+' || (n % :span) || ' seconds'),
        strftime('%Y-%m-%d %H:%M:%S.000000', '2026-01-01', '+' || (n % :span + 60) || ' seconds'),
        60, '+316' || printf('%08d', n % :numbers), '06' || printf('%08d', n % :numbers),
        '+316' || printf('%08d', (n * 7 + 3) % :numbers),
        '06' || printf('%08d', (n * 7 + 3) % :numbers), 'ANSWERED', '', 'im_1' FROM n""",
    "postgresql": """INSERT INTO call_records (source, row_id, started_at, ended_at, duration_s,
        caller, caller_raw, callee, callee_raw, result, flags, import_id)
        SELECT 'pbx', lpad(n::text, 9, '0'),
        timestamptz '2026-01-01 00:00Z' + mod(n, CAST(:span AS bigint)) * interval '1 second',
        timestamptz '2026-01-01 00:01Z' + mod(n, CAST(:span AS bigint)) * interval '1 second',
        60, '+316' || lpad(mod(n, CAST(:numbers AS bigint))::text, 8, '0'),
        '06' || lpad(mod(n, CAST(:numbers AS bigint))::text, 8, '0'),
        '+316' || lpad(mod(n * 7 + 3, CAST(:numbers AS bigint))::text, 8, '0'),
        '06' || lpad(mod(n * 7 + 3, CAST(:numbers AS bigint))::text, 8, '0'),
        'ANSWERED', '', 'im_1' FROM generate_series(0, CAST(:rows AS bigint) - 1) AS n""",
}
SUBSCRIBERS = """INSERT INTO subscriber_records (source, row_id, valid_from, customer_number, name,
    number, number_raw, flags, import_id)
    WITH RECURSIVE n(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM n WHERE n < :rows - 1)
    SELECT 'crm', printf('%09d', n), '2024-01-01 00:00:00.000000', 'C' || n, 'Name ' || n,
    '+316' || printf('%08d', n), '06' || printf('%08d', n), '', 'im_1' FROM n"""


@dataclass(frozen=True, slots=True)
class Filled:
    """A store with so many rows of so many numbers."""

    database: Database
    rows: int
    numbers: int


def fill_calls(url: str, rows: int, numbers: int | None = None) -> Filled:
    """Make a store with ``rows`` calls over half a year, of evenly many calls of each number."""
    numbers = numbers or max(1, rows * 2 // PER_NUMBER)
    values = {"rows": rows, "numbers": numbers, "span": DAYS * 86_400}
    database = Database(url, by_index=True)
    statement = CALLS[database.engine.dialect.name]
    return Filled(fill(database, "call", text(statement), values), rows, numbers)


def fill_subscribers(url: str, rows: int) -> Filled:
    """Make a store on SQLite with ``rows`` subscribers, each with a number."""
    return Filled(
        fill(Database(url, by_index=True), "subscriber", text(SUBSCRIBERS), {"rows": rows}),
        rows,
        rows,
    )


def fill(database: Database, kind: str, statement: TextClause, values: dict[str, int]) -> Database:
    """Run a statement that makes up rows of a kind; its indexes are built behind it."""
    table = TABLES[kind]
    indexes: Sequence[Index] = [*table.indexes]
    RecordBase.metadata.create_all(database.engine)
    with database.write() as session:
        days = ({"source": "pbx", "started_at": FIRST + timedelta(days=n)} for n in range(DAYS))
        make_room(session, table, list(days))
    with database.engine.begin() as connection:
        for index in indexes:
            index.drop(connection)
        connection.execute(statement, values)
        for index in indexes:  # much sooner than with each row
            index.create(connection)
    with database.engine.begin() as connection:
        if database.is_sqlite:
            connection.exec_driver_sql("PRAGMA analysis_limit=1000")
        connection.exec_driver_sql(f"ANALYZE {table.name}")
    return database
