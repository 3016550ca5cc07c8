"""Partitions of the row tables on PostgreSQL: one for each source and month, made as rows arrive.

A row lies in the month of the instant that its term counts from (``selection.find_age``), so what
a purge takes is whole partitions but for the newest. Row ids are unique in each partition by an
index, and over all of them since one import of a source runs at a time and looks first.

The server keeps no samples of texts: its statistics would outlive the rows.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from psycopg import sql
from sqlalchemy import Connection, Table, text
from sqlalchemy.orm import Session

from lea_service.kernel.database import lock_named
from lea_service.records.selection import BEGINS, ENDS, find_age
from lea_service.records.shards import Server, engines_of, list_engines, list_servers
from lea_service.records.store import TABLES, UNSAMPLED, unsampled_ddl

FIRST_YEAR, LAST_YEAR = 2000, 2099
BEFORE, AFTER = "before", "after"
"""Partitions of all that lies outside those years, and of what has no end yet."""
_NAME = re.compile(r"(?:call|usage|subscriber)_(?P<source>.+)_(?P<label>\d{4}_\d\d|before|after)")
_KINDS: Mapping[str, str] = {table.name: kind for kind, table in TABLES.items()}
_CHILDREN = text(
    "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid "
    "WHERE i.inhparent = to_regclass(:parent) ORDER BY 1"
)
TELLING = 18
"""From which version on a server is told what it may not sample."""
ROWS_ALIKE, WIDTH = 50, 16
"""How many rows of a month are taken to hold the same value, and how many bytes it has: a guess, by
which the planner looks values up. By its own, a two hundredth, it reads all rows of the period."""
_TELL = text("""
SELECT pg_restore_attribute_stats(
    'schemaname', current_schema()::text, 'relname', CAST(:table AS text),
    'attname', name, 'inherited', false, 'null_frac', CAST(0 AS real),
    'avg_width', CAST(:width AS integer), 'n_distinct', CAST(:share AS real))
FROM unnest(CAST(:columns AS text[])) AS name
""")
_THERE = text("SELECT relname FROM pg_class WHERE relname = ANY(:names)")
LOCK_SECONDS = 2
"""How long others are kept waiting behind a change of partitions, at most."""


@dataclass(frozen=True, slots=True, order=True)
class Partition:
    """The rows of a source of one month, ``label`` being YYYY_MM, ``before`` or ``after``."""

    kind: str
    source: str
    label: str

    @property
    def name(self) -> str:
        """Return the name of its table, at most 63 bytes."""
        return f"{self.kind}_{self.source}_{self.label}"

    @property
    def first(self) -> datetime | None:
        """Return from when on its rows are; None without a bound."""
        if self.label == BEFORE:
            return None
        return datetime(LAST_YEAR + 1, 1, 1, tzinfo=UTC) if self.label == AFTER else self._month(0)

    @property
    def until(self) -> datetime | None:
        """Return before when its rows are; None without a bound."""
        if self.label == AFTER:
            return None
        return datetime(FIRST_YEAR, 1, 1, tzinfo=UTC) if self.label == BEFORE else self._month(1)

    def _month(self, further: int) -> datetime:
        year, month = (int(part) for part in self.label.split("_"))
        years, months = divmod(month - 1 + further, 12)
        return datetime(year + years, months + 1, 1, tzinfo=UTC)


def partition_of(kind: str, source: str, aged: datetime | None) -> Partition:
    """Return where a row lies whose term counts from an instant; None for one that holds on."""
    month = None if aged is None else aged.astimezone(UTC)
    if month is None or month.year > LAST_YEAR:
        return Partition(kind, source, AFTER)
    if month.year < FIRST_YEAR:
        return Partition(kind, source, BEFORE)
    return Partition(kind, source, f"{month:%Y_%m}")


def find_partitions(table: Table, rows: Iterable[Mapping[str, Any]]) -> set[Partition]:
    """Return where rows lie; nowhere where the table is not one of records."""
    kind = _KINDS.get(table.name)
    if kind is None:
        return set()
    ends = (BEGINS[kind], ENDS[kind])
    return {
        partition_of(kind, row["source"], find_age(kind, {one: row.get(one) for one in ends}))
        for row in rows
    }


def list_partitions(
    connection: Connection, kind: str, source: str | None = None
) -> list[Partition]:
    """Return the partitions of a kind on this server by name, those of one source or of all."""
    found = (_read_name(kind, name) for name in _list_names(connection, kind))
    return sorted(one for one in found if one and source in {None, one.source})


def list_everywhere(session: Session, kind: str, source: str) -> list[Partition]:
    """Return the partitions of a kind and source on all servers, each once."""
    found: set[Partition] = set()
    for engine in list_engines(session):
        with engine.connect() as connection:
            found.update(list_partitions(connection, kind, source))
    return sorted(found)


def truncate(session: Session, one: Partition) -> None:
    """Take all rows of a partition out, and its files away, when the transaction commits.

    On other servers it is reached by a foreign table made for that: what they do then goes with
    the transaction. Raises OperationalError where somebody reads it for longer than is waited.
    """
    connection = session.connection()
    connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'")
    servers = list_servers(session)
    if not servers:
        connection.exec_driver_sql(f"TRUNCATE {quoted(one.name)}")
    for server in servers:
        with server.engine.connect() as there:
            is_there = bool(there.scalar(_THERE, {"names": [one.name]}))
        if is_there:
            _reach(connection, server.name, one.name, "TRUNCATE {}")


def _reach(connection: Connection, server: str, name: str, statement: str) -> None:
    """Run a statement on a table of another server, by a foreign table made for it.

    Its name is of this connection alone: it is locked until the transaction ends.
    """
    local = quoted(f"reached_{connection.scalar(text('SELECT pg_backend_pid()'))}")
    remote = sql.Literal(name).as_string()
    for one in (
        f"CREATE FOREIGN TABLE {local} (source varchar) SERVER {quoted(server)} "
        f"OPTIONS (table_name {remote})",
        statement.format(local),
        f"DROP FOREIGN TABLE {local}",
    ):
        connection.exec_driver_sql(one)


def make_room(session: Session, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """See to it that rows about to be written find a partition; other tables have none."""
    if session.get_bind().dialect.name == "postgresql":
        make_partitions(session, table, find_partitions(table, rows))


def make_partitions(session: Session, table: Table, wanted: AbstractSet[Partition]) -> None:
    """See to it that partitions of a table on PostgreSQL are there, and that the session knows.

    They are made apart from the transaction of the session: it may go on for hours, and nobody else
    could make any until its end. One that stays empty goes with the next purge.
    """
    if not wanted:
        return
    servers = list_servers(session)
    made: set[Partition] = set()
    for engine in engines_of(session, servers):
        with Session(engine) as own, own.begin():
            if _find_lacking(own.connection(), wanted):
                lock_named(own, f"lea partitions {table.name}")
                lacking = _find_lacking(own.connection(), wanted)
                made |= lacking
                for one in sorted(lacking):
                    _create(own.connection(), table.name, one)
    _notice(session, servers, made if servers else wanted)


def _notice(session: Session, servers: Sequence[Server], found: AbstractSet[Partition]) -> None:
    """Have the session know of partitions that were made apart from it.

    It holds a lock on their table and hears of no change to it before it takes another one.
    """
    connection = session.connection()
    for one in sorted(found):
        if not servers:
            connection.exec_driver_sql(f"LOCK TABLE {quoted(one.name)} IN ROW EXCLUSIVE MODE")
        for server in servers:
            _reach(connection, server.name, one.name, "SELECT 1 FROM {} LIMIT 1")


def quoted(name: str) -> str:
    """Return the name of a table as a statement has it."""
    return sql.Identifier(name).as_string()


def _list_names(connection: Connection, kind: str) -> Sequence[str]:
    return connection.scalars(_CHILDREN, {"parent": TABLES[kind].name}).all()


def _read_name(kind: str, name: str) -> Partition | None:
    found = _NAME.fullmatch(name)
    return Partition(kind, found["source"], found["label"]) if found else None


def _find_lacking(connection: Connection, wanted: AbstractSet[Partition]) -> set[Partition]:
    there = set(connection.scalars(_THERE, {"names": [one.name for one in wanted]}))
    return {one for one in wanted if one.name not in there}


def _create(connection: Connection, parent: str, one: Partition) -> None:
    """Make a partition beside its table and attach it, which lets others go on reading."""
    name, table = quoted(one.name), quoted(parent)
    bounds = [
        [sql.Literal(one.source), _bound(at, infinite)]
        for at, infinite in ((one.first, "MINVALUE"), (one.until, "MAXVALUE"))
    ]
    first, until = (sql.SQL(", ").join(bound).as_string() for bound in bounds)
    for statement in (
        f"CREATE TABLE {name} (LIKE {table} INCLUDING DEFAULTS)",
        unsampled_ddl(parent, one.name),
        f"CREATE UNIQUE INDEX ON {name} (row_id)",
        f"ALTER TABLE {table} ATTACH PARTITION {name} FOR VALUES FROM ({first}) TO ({until})",
    ):
        connection.exec_driver_sql(statement)
    if _version(connection) >= TELLING:
        told = {"table": one.name, "columns": list(UNSAMPLED[parent])}
        connection.execute(_TELL, told | {"share": -1 / ROWS_ALIKE, "width": WIDTH})


def _version(connection: Connection) -> int:
    """Return the first part of the version of a server."""
    return int((connection.dialect.server_version_info or (0,))[0])


def _bound(at: datetime | None, infinite: str) -> sql.Composable:
    return sql.SQL(infinite) if at is None else sql.Literal(at.isoformat())
