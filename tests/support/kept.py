"""What many tests begin with is made once in a test process and put back for the rest.

Whoever begins with the same rows, ids, clock and keys comes to the same again, and what stands in
the rows is partly drawn at random: equal ones were put back. Each engine makes its own.
"""

import hashlib
import sqlite3
from contextlib import closing
from copy import copy
from itertools import count
from types import SimpleNamespace

from sqlalchemy import and_, bindparam, insert, select, update

from lea_service.kernel.database import CaseBase, RecordBase
from tests.support.ids import SeededIds

_KEPT = {}


def keep(log, what, make, *, folder=None, records=None):
    """Return what ``make`` returns; from the second time on its rows are put back instead.

    ``make`` writes to the case database and to files in ``folder``, reads ``records``, and does
    the same whenever ``what`` and the begin are the same. Nobody may change what it returns.
    """
    start = _start(log, what)
    if start and records:
        start = (*start, _digest(records, RecordBase))
    if start in _KEPT:
        _put_back(log, _KEPT[start], folder)
        return _KEPT[start].value
    before = (_read_rows(log), _read_files(folder)) if start else None
    value = make()
    if start:
        _KEPT[start] = _take(log, *before, folder, value)
    return value


def _start(log, what):
    """Return what the outcome depends on; None when it may differ from the first time."""
    transactions = log.transactions
    if not isinstance(transactions.ids, SeededIds) or not hasattr(log, "service"):
        return None
    secrets = (transactions.keys._kek._key, transactions.index._key, log.service.origin)
    ids = (transactions.ids._seed, count_ids(log))
    engine, rows = transactions.database.engine.name, _digest(transactions.database, CaseBase)
    return (engine, what, rows, transactions.clock.now(), *ids, *secrets)


def _take(log, rows, files, folder, value):
    """Return what came of it: the database, the files that are new or changed, the count of ids."""
    is_sqlite = log.transactions.database.is_sqlite
    written = {path: data for path, data in _read_files(folder).items() if files.get(path) != data}
    return SimpleNamespace(
        whole=_copy(log) if is_sqlite else None,
        statements=[] if is_sqlite else _compare(log, rows),
        files=written,
        ids=count_ids(log),
        value=value,
    )


def _copy(log):
    """Return a copy of a database of SQLite in memory."""
    held = sqlite3.connect(":memory:")
    with closing(log.transactions.database.engine.raw_connection()) as connection:
        connection.driver_connection.backup(held)
    return held


def _compare(log, before):
    """Return statements for the rows that are new or changed."""
    added, changed = {}, {}
    for table, rows in _read_rows(log).items():
        known = before.get(table, {})
        added[table] = [row for key, row in rows.items() if key not in known]
        changed[table] = [row for key, row in rows.items() if known.get(key, row) != row]
        assert known.keys() <= rows.keys(), f"rows of {table} are gone, which cannot be put back"
    new = [(insert(table), rows) for table, rows in added.items() if rows]
    new += [(_update(table), _by_key(table, rows)) for table, rows in changed.items() if rows]
    return new


def _put_back(log, kept, folder):
    if kept.whole is not None:
        with closing(log.transactions.database.engine.raw_connection()) as connection:
            kept.whole.backup(connection.driver_connection)
    else:
        _write_rows(log, kept.statements)
    for path, (mode, data) in kept.files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        (folder / path).write_bytes(data)
        (folder / path).chmod(mode)
    log.transactions.ids._count = count(kept.ids)


def _write_rows(log, statements):
    """Write rows as they came to be in the end, which is not how the fences want them to come."""
    with log.transactions.database.write() as session:
        connection = session.connection()
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        for statement, rows in statements:
            connection.execute(statement, rows)


def _read_rows(log):
    """Return every row by table and primary key; parents before children."""
    found = {}
    with log.transactions.read() as session:
        for table in CaseBase.metadata.sorted_tables:
            rows = [dict(row) for row in session.execute(select(table)).mappings()]
            found[table] = {tuple(row[one.key] for one in table.primary_key): row for row in rows}
    return found


def _read_files(folder):
    """Return mode and content of every file that is no database, by its path in ``folder``."""
    paths = [path for path in folder.rglob("*") if path.is_file()] if folder else []
    return {
        path.relative_to(folder): (path.stat().st_mode & 0o777, path.read_bytes())
        for path in paths
        if ".db" not in path.name
    }


def _digest(database, base):
    """Return a digest of every row; a server is asked once for all tables."""
    names = [table.name for table in base.metadata.sorted_tables]
    queries = [f"SELECT '{name}', t.* FROM {name} t" for name in names]
    if not database.is_sqlite:
        queries = [" UNION ALL ".join(f"SELECT '{name}', t::text FROM {name} t" for name in names)]
    with database.read() as session:
        connection = session.connection()
        found = [repr(row) for query in queries for row in connection.exec_driver_sql(query)]
    return hashlib.sha256("\n".join(sorted(found)).encode()).digest()


def _update(table):
    keys = [column == bindparam(f"of_{column.key}") for column in table.primary_key]
    values = {one.key: bindparam(one.key) for one in table.columns if not one.primary_key}
    return update(table).where(and_(*keys)).values(values)


def _by_key(table, rows):
    names = [one.key for one in table.primary_key]
    return [
        {f"of_{name}" if name in names else name: value for name, value in row.items()}
        for row in rows
    ]


def count_ids(log):
    """Return how many ids were given out."""
    return next(copy(log.transactions.ids._count))
