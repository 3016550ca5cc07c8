"""What many tests begin with is made once in a test process and put back for the rest.

Everything the service writes to the case database moves the head of the custody log or the count
of ids, so whoever begins at the same head with the same ids, clock and keys makes the same
again. Each engine makes its own.
"""

from copy import copy
from itertools import count
from types import SimpleNamespace

from sqlalchemy import and_, bindparam, insert, select, update

from lea_service.custody.models import LogHead
from lea_service.kernel.database import CaseBase
from tests.support.ids import SeededIds

_KEPT = {}


def keep(log, what, make):
    """Return what ``make`` returns; from the second time on its rows are put back instead.

    ``make`` writes to the case database only, and does the same whenever ``what`` and the begin
    are the same. Nobody may change what it returns.
    """
    start = _start(log, what)
    if start in _KEPT:
        _put_back(log, _KEPT[start])
        return _KEPT[start].value
    before = _read_rows(log) if start else {}
    value = make()
    if start:
        _KEPT[start] = _take(log, before, value)
    return value


def _start(log, what):
    """Return what the outcome depends on; None when it may differ from the first time."""
    transactions = log.transactions
    if not isinstance(transactions.ids, SeededIds) or not hasattr(log, "service"):
        return None
    with transactions.read() as session:
        head = session.execute(select(LogHead.size, LogHead.edge)).one_or_none()
    secrets = (transactions.keys._kek._key, transactions.index._key, log.service.origin)
    ids = (transactions.ids._seed, _count(log))
    engine = transactions.database.engine.dialect.name
    return (engine, what, head and tuple(head), transactions.clock.now(), *ids, *secrets)


def _take(log, before, value):
    """Return the rows that are new or changed, each with its table, and the count of ids."""
    added, changed = {}, {}
    for table, rows in _read_rows(log).items():
        known = before.get(table, {})
        added[table] = [row for key, row in rows.items() if key not in known]
        changed[table] = [row for key, row in rows.items() if known.get(key, row) != row]
        assert known.keys() <= rows.keys(), f"rows of {table} are gone, which cannot be put back"
    new = [(insert(table), rows) for table, rows in added.items() if rows]
    new += [(_update(table), _by_key(table, rows)) for table, rows in changed.items() if rows]
    return SimpleNamespace(statements=new, ids=_count(log), value=value)


def _put_back(log, kept):
    with log.transactions.database.write() as session:
        connection = session.connection()
        for statement, rows in kept.statements:
            connection.execute(statement, rows)
    log.transactions.ids._count = count(kept.ids)


def _read_rows(log):
    """Return every row by table and primary key; parents before children."""
    found = {}
    with log.transactions.read() as session:
        for table in CaseBase.metadata.sorted_tables:
            rows = [dict(row) for row in session.execute(select(table)).mappings()]
            found[table] = {tuple(row[one.key] for one in table.primary_key): row for row in rows}
    return found


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


def _count(log):
    return next(copy(log.transactions.ids._count))
