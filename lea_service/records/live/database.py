"""The database of a source: opened for reading alone, its failures told without its words."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast
from urllib.parse import quote

from psycopg.types.string import TextLoader
from sqlalchemy import (
    ColumnClause,
    Engine,
    NullPool,
    Select,
    TableClause,
    column,
    create_engine,
    event,
    func,
    inspect,
    make_url,
    quoted_name,
    select,
    table,
    types,
)
from sqlalchemy import Connection as SqlConnection
from sqlalchemy.exc import DBAPIError, NoSuchTableError, SQLAlchemyError
from sqlalchemy.types import TypeEngine

from lea_service.records.live.connections import POSTGRESQL, SQLITE, Connection, SourceFault
from lea_service.records.mapping import NUMBER, TableRule

Reader = SqlConnection
"""An open connection that only reads."""

SECONDS, CONNECT_SECONDS, BUSY_SECONDS = 600, 10, 10
SILENT_SECONDS = 60
ALIVE = {
    "connect_timeout": CONNECT_SECONDS,
    "keepalives": 1,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": SILENT_SECONDS * 1000,
}
"""By what libpq gives up a server that is not there any more, in seconds and milliseconds."""
UNREACHABLE, LOST, REFUSED, NO_DRIVER = "unreachable", "lost", "refused", "no-driver"
NO_TABLE, NO_COLUMN = "no-table", "no-column"
NOT_GRANTED, OUT_OF_TIME = "42501", "57014"
SAFE = (
    "-c default_transaction_read_only=on -c default_transaction_isolation=repeatable\\ read "
    "-c row_security=off -c timezone=UTC -c datestyle=ISO "
    f"-c intervalstyle=postgres -c statement_timeout={SECONDS}s -c lock_timeout={BUSY_SECONDS}s "
    f"-c idle_in_transaction_session_timeout={SECONDS}s"
)
"""What PostgreSQL holds us to. With row_security=off it refuses what a policy would leave out."""
AS_TEXT = (
    *("date", "time", "timetz", "timestamp", "timestamptz", "interval"),
    *("inet", "cidr", "uuid", "json", "jsonb"),
)
"""Types that PostgreSQL writes out itself: it knows instants that Python does not."""


@dataclass(frozen=True, slots=True)
class ColumnFacts:
    """A column as the database describes it."""

    name: str
    type: TypeEngine[Any]
    is_nullable: bool


@contextmanager
def opened(place: Connection) -> Iterator[Reader]:
    """Open one connection that can only read, and sees one instant of the database.

    Raises SourceFault for whatever fails in it.
    """
    try:
        engine = _engine(place)
    except ImportError:
        raise SourceFault(NO_DRIVER, f"no driver is installed for {place.engine}") from None
    try:
        with _telling(place, UNREACHABLE):
            connection = engine.connect()
        with _telling(place, LOST), connection:
            if place.engine == SQLITE:  # its driver begins no transaction for what only reads
                connection.exec_driver_sql("BEGIN")
            yield connection
    finally:
        engine.dispose()


def describe(connection: Reader, rule: TableRule, place: Connection) -> dict[str, ColumnFacts]:
    """Return the columns that the mapping names, as the database has them.

    Raises SourceFault for a table or column that is not there.
    """
    try:
        found = inspect(connection).get_columns(
            quoted_name(rule.name, quote=True), schema=_schema(rule)
        )
    except NoSuchTableError:
        raise SourceFault(NO_TABLE, f"no table {rule.name!r} in {place.place}") from None
    known = {one["name"]: one for one in found}
    missing = [name for name in rule.columns if name not in known]
    if missing:
        named = ", ".join(repr(name) for name in missing)
        raise SourceFault(NO_COLUMN, f"no column {named} in {rule.name!r}")
    return {
        name: ColumnFacts(name, known[name]["type"], bool(known[name].get("nullable", True)))
        for name in rule.columns
    }


def clause(rule: TableRule) -> TableClause:
    """Return the table; its names go to the engine quoted, whatever they are."""
    columns: list[ColumnClause[Any]] = [
        column(quoted_name(name, quote=True)) for name in rule.columns
    ]
    return table(quoted_name(rule.name, quote=True), *columns, schema=_schema(rule))


def choose(rule: TableRule) -> Select[Any]:
    """Return the query of the columns in the order of the mapping."""
    found = clause(rule)
    return select(*(found.c[name] for name in rule.columns))


def count_unmarked(connection: Reader, rule: TableRule) -> int:
    """Return how many rows have no value in the column that they are read on by."""
    found = clause(rule)
    mark = found.c[rule.watermark.column]
    query = select(func.count()).select_from(found).where(mark.is_(None))
    return int(connection.scalar(query) or 0)


def choose_mark(rule: TableRule) -> Select[Any]:
    """Return the query of the column that rows are read on by."""
    return select(clause(rule).c[rule.watermark.column])


def list_newest(connection: Reader, rule: TableRule, count: int) -> list[Sequence[Any]]:
    """Return the rows with the greatest watermarks."""
    query = choose(rule)
    mark = query.selected_columns[rule.watermark.column]
    newest = query.where(mark.is_not(None)).order_by(mark.desc()).limit(count)
    return [tuple(row) for row in connection.execute(newest)]


def is_indexed(connection: Reader, rule: TableRule) -> bool:
    """Say whether rows can be read on without going through all of them; a view tells nothing."""
    known = inspect(connection)
    name = quoted_name(rule.name, quote=True)
    if name in known.get_view_names(schema=_schema(rule)):
        return True
    keys: list[Sequence[str | None]] = [
        known.get_pk_constraint(name, schema=_schema(rule))["constrained_columns"]
    ]
    keys += [one["column_names"] for one in known.get_indexes(name, schema=_schema(rule))]
    return any(list(key[:1]) == [rule.watermark.column] for key in keys)


def find_now(connection: Reader, place: Connection) -> datetime | None:
    """Return the instant by the clock of the server; None of an engine that has none."""
    if place.engine == SQLITE:
        return None
    if place.engine == POSTGRESQL:
        text = str(connection.scalar(select(func.clock_timestamp())))
        return datetime.fromisoformat(text)
    found = connection.scalar(select(func.utc_timestamp(6)))
    return cast(datetime, found).replace(tzinfo=UTC)


def holds_instants(facts: ColumnFacts) -> bool:
    """Say whether a column is of a type of dates or times."""
    return isinstance(facts.type, types.DateTime | types.Date)


def holds_numbers(facts: ColumnFacts) -> bool:
    """Say whether a column is of a type of numbers."""
    return isinstance(facts.type, types.Numeric | types.Float | types.Integer)


def find_mark_fault(facts: ColumnFacts, rule: TableRule, place: Connection) -> str | None:
    """Return why the order of a watermark cannot be relied on, and what would do; None if it can.

    SQLite has no types of columns, so its values are looked at as they are read. Elsewhere texts
    come in the order of a collation, and floating numbers of 32 bits are not what they read as.
    """
    if place.engine == SQLITE:
        return None
    kind = rule.watermark.kind
    fits = holds_numbers(facts) if kind == NUMBER else holds_instants(facts)
    is_rough = isinstance(facts.type, types.Float) and not isinstance(facts.type, types.Double)
    if fits and not is_rough:
        return None
    wanted = "numeric" if kind == NUMBER else "timestamp"
    return (
        f"{facts.type} is no {kind} whose order can be relied on: "
        f"read a view that casts {facts.name!r} to {wanted}"
    )


def quoter(engine: str) -> Callable[[str], str]:
    """Return what writes names for an engine, always quoted."""
    dialect: Any = make_url(f"{engine}://").get_dialect()()
    quote: Callable[[str], str] = dialect.identifier_preparer.quote_identifier
    return quote


def is_unreadable(facts: ColumnFacts) -> bool:
    """Say whether the values of a column have no text, by its type."""
    return isinstance(facts.type, types.LargeBinary | types.BINARY | types.VARBINARY | types.ARRAY)


def is_unzoned_timestamp(place: Connection, facts: ColumnFacts) -> bool:
    """Say whether instants come in whatever zone the server is set to, which no mapping can say."""
    is_mysql = place.engine in {"mysql", "mariadb"}
    return is_mysql and isinstance(facts.type, types.TIMESTAMP)


def _schema(rule: TableRule) -> quoted_name | None:
    return None if rule.schema is None else quoted_name(rule.schema, quote=True)


def _engine(place: Connection) -> Engine:
    shared: dict[str, Any] = {"poolclass": NullPool, "hide_parameters": True}
    if place.engine == SQLITE:
        path = quote(str(place.url.database))
        return create_engine("sqlite://", creator=lambda: _open_file(path), **shared)
    if place.engine == POSTGRESQL:
        options = {
            "options": SAFE,
            **ALIVE,
            "application_name": "lea",
            "client_encoding": "utf8",
        }
        engine = create_engine(place.url, connect_args=options, **shared)
        event.listen(engine, "connect", _read_texts)
        return engine
    engine = create_engine(place.url, **shared)
    event.listen(engine, "connect", _forbid_writing)
    return engine


def _open_file(path: str) -> sqlite3.Connection:
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=BUSY_SECONDS)
    connection.text_factory = _decode
    return connection


def _decode(data: bytes) -> str:
    """Keep bytes that are no text recognisable, so that their row alone is rejected."""
    return data.decode("utf-8", "surrogateescape")


def _read_texts(connection: Any, _record: Any) -> None:
    for name in AS_TEXT:
        connection.adapters.register_loader(name, TextLoader)


def _forbid_writing(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    cursor.execute("SET SESSION TRANSACTION READ ONLY")
    cursor.close()


@contextmanager
def _telling(place: Connection, reason: str) -> Iterator[None]:
    """Say that the source failed, and where; what the engine says may hold values or a password."""
    try:
        yield
    except DBAPIError as err:
        raise _tell(place, reason, err) from None
    except SQLAlchemyError as err:
        raise SourceFault(REFUSED, f"{place.place}: {type(err).__name__}") from None


def _tell(place: Connection, reason: str, err: DBAPIError) -> SourceFault:
    code = getattr(err.orig, "sqlstate", None) or getattr(err.orig, "sqlite_errorname", None)
    told = f"{place.place}: {type(err.orig).__name__}" + (f" {code}" if code else "")
    if code == NOT_GRANTED:
        return SourceFault(REFUSED, f"{told}: the account may not read what the mapping names")
    if code == OUT_OF_TIME:
        return SourceFault(
            LOST, f"{told}: the query took longer than {SECONDS} seconds", is_passing=True
        )
    is_passing = type(err).__name__ in {"OperationalError", "InterfaceError"}
    return SourceFault(reason if is_passing else REFUSED, told, is_passing=is_passing)
