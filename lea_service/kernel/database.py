"""Two databases, one way to open them: no writer loses an update, a reader sees one instant."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, TypeVar

from sqlalchemy import (
    DDL,
    URL,
    BigInteger,
    Connection,
    DateTime,
    Dialect,
    Engine,
    Integer,
    MetaData,
    Select,
    Table,
    create_engine,
    event,
    make_url,
    text,
    tuple_,
)
from sqlalchemy.exc import ArgumentError
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator

from lea_service.kernel.errors import InvalidInput, NotFound

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

BUSY_MILLISECONDS = 30_000
PLAINLY = "-c synchronous_commit=on -c timezone=UTC"
"""How every connection to PostgreSQL is set."""
BY_INDEX = " -c enable_seqscan=off -c cursor_tuple_fraction=1 -c max_parallel_workers_per_gather=0"
"""For rows of which the server knows no samples: it would guess them to be many of the table, and
a cursor's first rows to be wanted before the others."""
VIEWER = "viewer"
"""Where a session says for whom it was opened (``kernel/visibility``)."""
WHOLE: Mapping[str, Any] = {"whole": True}
"""Execution options of the few statements that must find what the viewer may not know of."""

BigId = BigInteger().with_variant(Integer, "sqlite")
"""A 64-bit integer that SQLite also accepts as its row id."""


class CaseBase(DeclarativeBase):
    """Base of every table in the case database."""

    metadata = MetaData(naming_convention=NAMING)


class RecordBase(DeclarativeBase):
    """Base of every table in the record store, a database of its own."""

    metadata = MetaData(naming_convention=NAMING)


class UtcDateTime(TypeDecorator[datetime]):
    """An instant: aware UTC in Python on every engine, although SQLite stores it without zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive times; hand the engine UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise InvalidInput("an instant needs a time zone")
        instant = value.astimezone(UTC)
        return instant.replace(tzinfo=None) if dialect.name == "sqlite" else instant

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Return aware UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def append_only_ddl(table: str, dialect: str) -> tuple[list[str], list[str]]:
    """Return the statements that make ``table`` refuse UPDATE and DELETE, and those that undo it.

    A fence, not a proof: whoever owns the database can drop it. The custody tree is the proof.
    """
    if dialect == "sqlite":
        names = {verb: f"{table}_refuse_{verb.lower()}" for verb in ("UPDATE", "DELETE")}
        create = [
            f"CREATE TRIGGER {name} BEFORE {verb} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            for verb, name in names.items()
        ]
        return create, [f"DROP TRIGGER {name}" for name in names.values()]
    function = (
        f"CREATE FUNCTION {table}_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ "
        f"BEGIN RAISE EXCEPTION '{table} is append-only'; END $$"
    )
    rows = (
        f"CREATE TRIGGER {table}_refuse_rows BEFORE UPDATE OR DELETE ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION {table}_refuse()"
    )
    whole = (
        f"CREATE TRIGGER {table}_refuse_truncate BEFORE TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_refuse()"
    )
    return [function, rows, whole], [
        f"DROP TRIGGER {table}_refuse_truncate ON {table}",
        f"DROP TRIGGER {table}_refuse_rows ON {table}",
        f"DROP FUNCTION {table}_refuse()",
    ]


def append_only(table: Table) -> None:
    """Attach the append-only triggers to ``table`` for both engines."""
    for dialect in ("sqlite", "postgresql"):
        create, drop = append_only_ddl(table.name, dialect)
        attach_ddl(table, dialect, create, drop)


def attach_ddl(table: Table, dialect: str, create: list[str], drop: list[str]) -> None:
    """Run ``create`` after ``table`` is made on ``dialect`` and what of ``drop`` outlives it."""
    table.info.setdefault(dialect, []).extend(create)
    for statement in create:
        event.listen(table, "after_create", _ddl(statement, dialect))
    for statement in drop:
        if statement.startswith("DROP FUNCTION"):
            event.listen(table, "after_drop", _ddl(statement, dialect))


def list_ddl(metadata: MetaData, dialect: str) -> list[str]:
    """Return every statement that was attached to a table for ``dialect``."""
    return [one for table in metadata.sorted_tables for one in table.info.get(dialect, [])]


def _ddl(statement: str, dialect: str) -> Any:
    ddl: Any = DDL(statement.replace("%", "%%"))  # type: ignore[no-untyped-call]
    return ddl.execute_if(dialect=dialect)


Model = TypeVar("Model", bound=DeclarativeBase)
Listed = TypeVar("Listed", bound=Select[*tuple[Any, ...]])
Place = tuple[datetime, str]
"""Where a row stands in a list by an instant and an id."""


def newest_first(
    query: Listed, at: Any, key: Any, *, after: Place | None, limit: int | None
) -> Listed:
    """Order rows by an instant and an id, the newest first, from behind ``after`` on."""
    if after is not None:
        query = query.where(tuple_(at, key) < tuple_(*after))
    return query.order_by(at.desc(), key.desc()).limit(limit)


def oldest_first(
    query: Listed, at: Any, key: Any, *, after: Place | None, limit: int | None
) -> Listed:
    """Order rows by an instant and an id, the oldest first, from behind ``after`` on."""
    if after is not None:
        query = query.where(tuple_(at, key) > tuple_(*after))
    return query.order_by(at, key).limit(limit)


def get_row(session: Session, model: type[Model], key: Any, what: str) -> Model:
    """Read one row. Raises NotFound."""
    row = session.get(model, key)
    if row is None:
        raise missing(session, model, key, what)
    return row


def lock_row(session: Session, model: type[Model], key: Any, what: str) -> Model:
    """Read one row for change, locked until the transaction ends. Raises NotFound."""
    row = session.get(model, key, with_for_update=True, populate_existing=True)
    if row is None:
        raise missing(session, model, key, what)
    return row


def lock_named(session: Session, name: str) -> None:
    """Have one writer at a time do what goes by a name, until its transaction ends.

    SQLite has one writer at a time anyway.
    """
    if session.get_bind().dialect.name == "postgresql":
        lock = text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))")
        session.execute(lock, {"name": name})


def try_lock_named(session: Session, name: str) -> bool:
    """Take the same lock if nobody has it; says whether it did."""
    if session.get_bind().dialect.name != "postgresql":
        return True
    lock = text("SELECT pg_try_advisory_xact_lock(hashtextextended(:name, 0))")
    return bool(session.scalar(lock, {"name": name}))


def missing(session: Session, model: type[Model], key: Any, what: str) -> NotFound:
    """Return the error for a row that is not there, or that the viewer may not know of."""
    error = NotFound(f"no such {what}")
    if VIEWER in session.info:
        error.was_hidden = session.get(model, key, execution_options=WHOLE) is not None
    return error


class Database:
    """One database behind a SQLAlchemy URL (SQLite or PostgreSQL).

    ``info`` is what every session of it carries as ``Session.info``. With ``by_index`` PostgreSQL
    reads no table from end to end where an index finds the rows, however many it guesses they are.
    """

    def __init__(
        self, url: str, info: Mapping[str, Any] | None = None, *, by_index: bool = False
    ) -> None:
        self.url = url
        self._info = dict(info or {})
        self.engine = build_engine(url, by_index=by_index)
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        self._writing = self.engine.execution_options(write=True)
        self._reading = (
            self.engine
            if self.is_sqlite
            else self.engine.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
        )

    @contextmanager
    def write(self) -> Iterator[Session]:
        """Open a transaction that writes; commits at the end, rolls back on any error."""
        with self._session(self._writing) as session, session.begin():
            yield session

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Open a read-only view of one instant of the database."""
        with self._session(self._reading) as session:
            yield session

    def _session(self, engine: Engine) -> Session:
        return Session(engine, expire_on_commit=False, info=self._info)

    def ping(self) -> None:
        """Raise whatever the engine raises when it does not answer."""
        with self.engine.connect() as connection:
            connection.exec_driver_sql("SELECT 1")

    def forget_destroyed(self) -> None:
        """Empty SQLite's write-ahead log, where what was destroyed would live on.

        While somebody reads an older instant it stays for now; repeat it.
        """
        if not self.is_sqlite:
            return
        connection = self.engine.raw_connection()
        try:
            cursor = connection.cursor()
            cursor.execute("PRAGMA busy_timeout=2000")  # others write again soon
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            cursor.execute(f"PRAGMA busy_timeout={BUSY_MILLISECONDS}")
            cursor.close()
        finally:
            connection.close()

    def dispose(self) -> None:
        """Close every pooled connection."""
        self.engine.dispose()


def build_engine(url: str, *, by_index: bool = False) -> Engine:
    """Create an engine whose writers wait their turn and whose commits are on disk.

    SQLite: WAL, ``synchronous=FULL``, BEGIN IMMEDIATE for writers. PostgreSQL:
    ``synchronous_commit=on``. Raises InvalidInput for another engine.
    """
    name = _parse_url(url).get_backend_name()
    if name == "sqlite":
        engine = create_engine(url, hide_parameters=True)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    if name == "postgresql":
        return create_engine(
            _parse_url(url).set(drivername="postgresql+psycopg"),
            connect_args={"options": PLAINLY + (BY_INDEX if by_index else "")},
            pool_pre_ping=True,
            hide_parameters=True,  # an error text must not carry a name
        )
    raise InvalidInput("expected a sqlite or postgresql database URL")


def _parse_url(url: str) -> URL:
    try:
        return make_url(url)
    except (ArgumentError, ValueError) as err:  # a port that is no number is a ValueError
        raise InvalidInput("expected a sqlite or postgresql database URL") from err


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # we send BEGIN ourselves
    for pragma in (
        "journal_mode=wal",
        "synchronous=full",
        "foreign_keys=on",
        f"busy_timeout={BUSY_MILLISECONDS}",
        "secure_delete=on",  # a destroyed key must not survive in a free page
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    write = connection.get_execution_options().get("write")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")
