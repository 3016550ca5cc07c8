"""What many tests begin with is made once in a test process and put back for the rest.

Whoever begins with the same rows, ids, clock and keys comes to the same again, and what stands in
the rows is partly drawn at random: equal ones were put back. Each engine makes its own.
"""

import hashlib
import sqlite3
from contextlib import closing, contextmanager
from copy import copy
from itertools import count
from types import SimpleNamespace

from sqlalchemy import and_, bindparam, insert, select, update

from lea_service.kernel.database import CaseBase, RecordBase
from lea_service.records.partitions import make_room
from tests.support.ids import SeededIds

_KEPT, _SEEN = {}, set()


def keep(log, what, make, *, folder=None, records=None):
    """Return what ``make`` returns; from the third time on what it wrote is put back instead.

    ``make`` writes to the case database, to ``records`` and to files in ``folder``, and does the
    same whenever ``what`` and the begin are the same. Nobody may change what it returns. Most
    begins never come again, so nothing is kept of the first time.
    """
    stores = [_Store(log.transactions.database, CaseBase)]
    stores += [_Store(records, RecordBase)] if records else []
    start = _start(log, what, stores)
    if start in _KEPT:
        _put_back(log, stores, _KEPT[start], folder)
        return _KEPT[start].value
    if start is None or start not in _SEEN:
        _SEEN.add(start)
        return make()
    before = [one.read() for one in stores], _read_files(folder)
    value = make()
    _KEPT[start] = _take(log, stores, *before, folder, value)
    return value


def _start(log, what, stores):
    """Return what the outcome depends on; None when it may differ from the first time."""
    transactions = log.transactions
    if not isinstance(transactions.ids, SeededIds) or not hasattr(log, "service"):
        return None
    secrets = (transactions.keys._kek._key, transactions.index._key, log.service.origin)
    ids = (transactions.ids._seed, count_ids(log))
    engine, rows = transactions.database.engine.name, tuple(one.digest() for one in stores)
    return (engine, what, rows, transactions.clock.now(), *ids, *secrets)


def _take(log, stores, rows, files, folder, value):
    """Return what came of it: databases, the files that are new or changed, the count of ids."""
    written = {path: data for path, data in _read_files(folder).items() if files.get(path) != data}
    return SimpleNamespace(
        contents=[one.take(before) for one, before in zip(stores, rows, strict=True)],
        files=written,
        ids=count_ids(log),
        value=value,
    )


def _put_back(log, stores, kept, folder):
    for one, content in zip(stores, kept.contents, strict=True):
        one.put_back(content)
    for path, (mode, data) in kept.files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        (folder / path).write_bytes(data)
        (folder / path).chmod(mode)
    log.transactions.ids._count = count(kept.ids)


class _Store:
    """One database, of which SQLite gives a copy as a whole and PostgreSQL its rows."""

    def __init__(self, database, base):
        self._database, self._tables = database, base.metadata.sorted_tables

    def digest(self):
        """Return a digest of every row; a server is asked once for all tables."""
        names = [table.name for table in self._tables]
        queries = [f"SELECT '{name}', t.* FROM {name} t" for name in names]
        if not self._database.is_sqlite:
            parts = [f"SELECT '{name}', t::text FROM {name} t" for name in names]
            queries = [" UNION ALL ".join(parts)]
        with self._connect() as connection:  # all but the driver takes longer
            found = [repr(row) for query in queries for row in connection.execute(query)]
        return hashlib.sha256("\n".join(sorted(found)).encode()).digest()

    def read(self):
        """Return every row by table and primary key, parents before children; none of SQLite."""
        found = {}
        if self._database.is_sqlite:
            return found
        with self._database.read() as session:
            for table in self._tables:
                rows = [dict(row) for row in session.execute(select(table)).mappings()]
                keys = [one.key for one in table.primary_key]
                found[table] = {tuple(row[key] for key in keys): row for row in rows}
        return found

    def take(self, before):
        """Return what is put back: a copy in memory, or statements for rows new or changed."""
        if not self._database.is_sqlite:
            return list(_compare(before, self.read()))
        held = sqlite3.connect(":memory:")
        with self._connect() as connection:
            connection.backup(held)
        return held

    def put_back(self, content):
        """Have rows as they came to be in the end, which is not how the fences want them."""
        if self._database.is_sqlite:
            with self._connect() as connection:
                content.backup(connection)
            return
        with self._database.write() as session:
            connection = session.connection()
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
            for statement, rows in content:
                make_room(session, statement.table, rows)
                connection.execute(statement, rows)

    @contextmanager
    def _connect(self):
        """Open a connection of the driver."""
        with closing(self._database.engine.raw_connection()) as connection:
            yield connection.driver_connection


def _compare(before, after):
    """Yield statements for the rows that are new or changed."""
    changes = []
    for table, rows in after.items():
        known = before[table]
        assert known.keys() <= rows.keys(), f"rows of {table} are gone, which cannot be put back"
        added = [row for key, row in rows.items() if key not in known]
        changed = [row for key, row in rows.items() if known.get(key, row) != row]
        if added:
            yield insert(table), added
        if changed:
            changes.append((_update(table), _by_key(table, changed)))
    yield from changes


def _read_files(folder):
    """Return mode and content of every file that is no database, by its path in ``folder``."""
    paths = [path for path in folder.rglob("*") if path.is_file()] if folder else []
    return {
        path.relative_to(folder): (path.stat().st_mode & 0o777, path.read_bytes())
        for path in paths
        if ".db" not in path.name
    }


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
