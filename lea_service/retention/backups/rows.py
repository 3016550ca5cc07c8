"""The rows of a database as lines of JSON that every engine can take back.

A line ``{"table": …, "columns": […]}`` begins a table, a list is one of its rows, and
``{"rows": n}`` ends it. What JSON has no type for is an object with one member: ``t`` an instant
or day (ISO 8601), ``b`` bytes (base64), ``j`` a JSON value.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from itertools import islice
from typing import Any

from sqlalchemy import (
    JSON,
    Date,
    LargeBinary,
    MetaData,
    Table,
    bindparam,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.orm import Session
from sqlalchemy.types import TypeEngine

from lea_service.kernel.errors import IntegrityFailure
from lea_service.records.partitions import make_room

BATCH, FEW = 1_000, 10
Counts = dict[str, int]
_FENCED = text(
    "SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1"
)


def dump_rows(session: Session, metadata: MetaData, counts: Counts) -> Iterator[bytes]:
    """Yield the lines of every table, and count their rows."""
    for table in metadata.sorted_tables:
        columns = [column.name for column in table.columns]
        yield _line({"table": table.name, "columns": columns})
        counts[table.name] = 0
        for row in session.execute(select(table).execution_options(yield_per=_at_once(table))):
            counts[table.name] += 1
            yield _line([_encode(value) for value in row])
        yield _line({"rows": counts[table.name]})


def load_rows(session: Session, metadata: MetaData, lines: Iterable[bytes]) -> Counts:
    """Put the lines of a dump into empty tables, all or nothing; returns how many rows each got.

    Raises IntegrityFailure for lines that are no whole dump of these tables.
    """
    counts: Counts = {}
    with _unfenced(session):
        for table, rows in _tables(metadata, lines):
            counts[table.name] = _load_table(session, table, rows)
    if set(counts) != set(metadata.tables):
        raise IntegrityFailure("the backup lacks tables of this version")
    return counts


def count_lines(lines: Iterable[bytes]) -> Counts:
    """Count the rows of a dump without taking them in. Raises IntegrityFailure."""
    counts: Counts = {}
    for name, _columns, rows in _parse(lines):
        counts[name] = sum(1 for _ in rows)
    return counts


def split_lines(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the lines that chunks of bytes hold. Raises IntegrityFailure for an open end."""
    pending: list[bytes] = []
    for chunk in chunks:
        first, *others = chunk.split(b"\n")
        pending.append(first)
        for other in others:
            yield b"".join(pending)
            pending = [other]
    if any(pending):
        raise IntegrityFailure("the rows of a backup end within a line")


def _tables(
    metadata: MetaData, lines: Iterable[bytes]
) -> Iterator[tuple[Table, Iterator[Mapping[str, Any]]]]:
    for name, columns, rows in _parse(lines):
        table = metadata.tables.get(name)
        if table is None or set(columns) != {column.name for column in table.columns}:
            raise IntegrityFailure(f"the table {name} of the backup is not one of this version")
        yield table, (_row(table, columns, values) for values in rows)


def _parse(lines: Iterable[bytes]) -> Iterator[tuple[str, list[str], Iterator[list[Any]]]]:
    """Yield name, columns and rows of each table; its rows are read before the next table."""
    found = iter(lines)
    for line in found:
        head = json.loads(line)
        if not isinstance(head, dict) or "table" not in head:
            raise IntegrityFailure("the rows of a backup do not begin with a table")
        yield head["table"], head["columns"], _until_end(found)


def _until_end(lines: Iterator[bytes]) -> Iterator[list[Any]]:
    count = 0
    for line in lines:
        found = json.loads(line)
        if isinstance(found, list):
            count += 1
            yield found
        elif found == {"rows": count}:
            return
        else:
            break
    raise IntegrityFailure("a table of the backup is not whole")


def _load_table(session: Session, table: Table, rows: Iterator[Mapping[str, Any]]) -> int:
    """Insert rows; what points at rows of the same table is filled in once all are there."""
    statement = insert(table).values(
        {one.name: bindparam(one.name, type_=_plain_null(one.type)) for one in table.columns}
    )
    own = [
        column
        for column in table.columns
        if any(key.column.table is table for key in column.foreign_keys)
    ]
    pointing: list[dict[str, Any]] = []
    count = 0
    for part in _batches(rows, _at_once(table)):
        make_room(session, table, part)
        pointing += [row for row in part if any(row[one.name] is not None for one in own)]
        session.connection().execute(
            statement, [row | {one.name: None for one in own} for row in part]
        )
        count += len(part)
    for row in pointing:
        here = [one == row[one.name] for one in table.primary_key.columns]
        session.execute(update(table).where(*here).values({one.name: row[one.name] for one in own}))
    return count


def _at_once(table: Table) -> int:
    """Return how many rows are held at once: few of those that may hold a document."""
    has_bytes = any(isinstance(one.type, LargeBinary) for one in table.columns)
    return FEW if has_bytes else BATCH


def _plain_null(kind: TypeEngine[Any]) -> TypeEngine[Any]:
    """Return a type by which no value of JSON is no value of SQL."""
    return JSON(none_as_null=True) if isinstance(kind, JSON) else kind


def _batches(rows: Iterator[Mapping[str, Any]], size: int) -> Iterator[list[dict[str, Any]]]:
    while part := [dict(row) for row in islice(rows, size)]:
        yield part


@contextmanager
def _unfenced(session: Session) -> Iterator[None]:
    """Let rows come in that triggers would judge by what is not there yet; then fence them again.

    All of it in the transaction of the session, so a load that fails leaves the fences as well.
    """
    if session.get_bind().dialect.name == "sqlite":
        triggers = session.execute(text("SELECT name, sql FROM sqlite_master WHERE type='trigger'"))
        fences = [(str(name), str(sql)) for name, sql in triggers]
        for name, _ in fences:
            session.execute(text(f'DROP TRIGGER "{name}"'))
        yield
        for _, sql in fences:
            session.connection().exec_driver_sql(sql)
        return
    fenced = session.scalars(_FENCED).all()
    for act in ("DISABLE", "ENABLE"):
        for table in fenced:
            session.execute(text(f"ALTER TABLE {table} {act} TRIGGER USER"))
        if act == "DISABLE":
            yield


def _row(table: Table, columns: list[str], values: list[Any]) -> dict[str, Any]:
    return {
        name: _decode(value, is_day=isinstance(table.c[name].type, Date))
        for name, value in zip(columns, values, strict=True)
    }


def _line(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"


def _encode(value: Any) -> Any:
    if isinstance(value, bytes):
        return {"b": b64encode(value).decode()}
    if isinstance(value, date):  # a datetime is one
        return {"t": value.isoformat()}
    if isinstance(value, dict | list):
        return {"j": value}
    return value


def _decode(value: Any, *, is_day: bool) -> Any:
    if not isinstance(value, dict):
        return value
    ((kind, held),) = value.items()
    if kind == "b":
        return b64decode(held)
    if kind == "t":
        return date.fromisoformat(held) if is_day else datetime.fromisoformat(held)
    return held
