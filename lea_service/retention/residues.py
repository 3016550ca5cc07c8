"""What PostgreSQL leaves in its files of rows that were deleted, and how it is got rid of.

A deleted row stays where it was until its place is used again. The partitions from which rows were
deleted one by one are written anew without them, and those that are empty are dropped, once nobody
reads an instant at which the rows were there. What cannot be done yet is done by the next purge.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime

from sqlalchemy import Connection, Engine, delete, select, table, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import OperationalError, ProgrammingError
from sqlalchemy.orm import Session

from lea_service.kernel.database import Database, try_lock_named
from lea_service.kernel.logs import get_log
from lea_service.records.partitions import LOCK_SECONDS, Partition, list_partitions, quoted
from lea_service.records.shards import list_servers
from lea_service.records.store import TABLES, Residue

PATIENCE = 20
"""How many tenths of a second others may take to end what they read of an older instant."""
GIVEN_UP = (OperationalError, ProgrammingError)
"""Somebody reads a partition for longer than is waited, or another purge has dropped it by now."""
log = get_log("retention")

_XID = text("SELECT CAST(CAST(pg_current_xact_id() AS xid) AS text)")
_OLDER = text("""
SELECT EXISTS (
    SELECT FROM pg_stat_activity
    WHERE pid <> pg_backend_pid() AND pid NOT IN (SELECT pid FROM pg_stat_progress_vacuum)
    AND coalesce(datname, current_database()) = current_database()
    AND greatest(age(backend_xmin), age(backend_xid)) > age(CAST(:xid AS xid))
) OR EXISTS (
    SELECT FROM pg_replication_slots WHERE age(xmin) > age(CAST(:xid AS xid))
) OR EXISTS (
    SELECT FROM pg_prepared_xacts WHERE age(transaction) > age(CAST(:xid AS xid))
)
""")
"""Whether anybody may still see what was there before a transaction.

A vacuum at work sees nothing. It goes by what everybody may read of sessions of other roles.
"""


def note_residues(session: Session, names: Collection[str], now: datetime) -> None:
    """Note from which tables rows were deleted, in the same transaction."""
    if not names or session.get_bind().dialect.name != "postgresql":
        return
    note = postgresql.insert(Residue)
    note = note.on_conflict_do_update(index_elements=[Residue.name], set_={"since": now})
    session.execute(note, [{"name": name, "since": now} for name in sorted(names)])


def list_residues(session: Session) -> dict[str, datetime]:
    """Return the tables in whose files deleted rows may still lie, and since when."""
    query = select(Residue.name, Residue.since).order_by(Residue.name)
    return dict(session.execute(query).all())


def sweep(database: Database) -> None:
    """Get rid of what deleted rows left in the files of the record store, as far as can be now."""
    if database.is_sqlite:
        database.forget_destroyed()
        return
    with database.read() as session:
        found = list_residues(session)
        engines = [database.engine, *(one.engine for one in list_servers(session))]
    for name, since in found.items():
        if all(_rewrite(engine, name) for engine in engines):
            # what another purge deleted there meanwhile stays noted
            mine = (Residue.name == name) & (Residue.since == since)
            with database.write() as session:
                session.execute(delete(Residue).where(mine))
        else:
            log.warning("deleted rows are still in files", part=name)
    for engine in engines:
        _drop_empty(database, engine)


def _rewrite(engine: Engine, name: str) -> bool:
    """Write a table anew with the rows that are left; says whether nothing else is in its files."""
    with _apart(engine) as connection:
        if connection.scalar(text("SELECT to_regclass(:name)"), {"name": quoted(name)}) is None:
            return True
        if not _is_over(connection):
            return False
        try:
            connection.exec_driver_sql(f"VACUUM (FULL) {quoted(name)}")
        except GIVEN_UP:
            return False
    return True


def _is_over(connection: Connection) -> bool:
    """Wait until nobody sees what was there before now; says whether that came about."""
    xid = {"xid": connection.scalar(_XID)}
    for _ in range(PATIENCE):
        if not connection.scalar(_OLDER, xid):
            return True
        connection.exec_driver_sql("SELECT pg_sleep(0.1)")
    return False


def _drop_empty(database: Database, engine: Engine) -> None:
    """Drop partitions without rows, of sources of which nothing is brought in meanwhile."""
    with _apart(engine) as connection:
        found = [one for kind in TABLES for one in list_partitions(connection, kind)]
        for one in found:
            with suppress(*GIVEN_UP):
                _drop_if_empty(database, connection, one)


def _drop_if_empty(database: Database, connection: Connection, one: Partition) -> None:
    if _has_rows(connection, one.name):
        return
    with database.write() as session:
        is_ours = try_lock_named(session, f"lea import {one.source}")
        if is_ours and not _has_rows(connection, one.name):
            connection.exec_driver_sql(f"DROP TABLE {quoted(one.name)}")


def _has_rows(connection: Connection, name: str) -> bool:
    return connection.scalar(select(1).select_from(table(name)).limit(1)) is not None


@contextmanager
def _apart(engine: Engine) -> Iterator[Connection]:
    """Open a connection each statement of which stands alone, and waits for nobody for long."""
    with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        connection.exec_driver_sql(f"SET lock_timeout = '{LOCK_SECONDS}s'")
        yield connection
        connection.exec_driver_sql("RESET lock_timeout")
