"""Reading the record store: one instant of it, rows streamed in their canonical order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import lru_cache
from typing import Any, cast

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Table,
    and_,
    func,
    or_,
    select,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction
from sqlalchemy.types import String

from lea_service.kernel.database import Database, UtcDateTime
from lea_service.records.clocks import UNKNOWN_CLOCK, SourceClock, load_clock
from lea_service.records.gaps import UnreadGap
from lea_service.records.identifiers import Near
from lea_service.records.kinds import get_layout
from lea_service.records.queries import list_gaps, lost_of
from lea_service.records.rows import Columns
from lea_service.records.selection import (
    BEGINS,
    Nearby,
    Selection,
    check_same_table,
    past_term,
    where_any,
    where_none,
)
from lea_service.records.store import (
    TABLES,
    ImportLedger,
    LiveStanding,
    Reject,
)

BATCH = 1_000
"""Rows of a block: as many as the processor has at hand all at once."""
LAST_PORT = 65_535


def is_whole() -> None:
    """Take the store for what it should be."""


class RecordReader:
    """Opens views of the record store.

    ``check`` raises while the store does not hold what was done to it.
    """

    def __init__(self, database: Database, check: Callable[[], None] = is_whole) -> None:
        self._database = database
        self._check = check

    @contextmanager
    def snapshot(self) -> Iterator[Snapshot]:
        """Open one instant of the store; whatever is written meanwhile is not seen in it.

        Raises Unavailable while the store is an older copy of itself.
        """
        self._check()
        with self._database.read() as session:
            session.execute(select(ImportLedger.id).limit(1))  # the instant is that of a first read
            yield Snapshot(session.connection())


class Snapshot:
    """One instant of the record store. ``connection`` is for checks that write their own SQL."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def iter_blocks(
        self, selections: Sequence[Selection], columns: Sequence[str] | None = None
    ) -> Iterator[Columns]:
        """Yield each row that is in any of the selections once, by begin and row id, in blocks.

        The selections share kind and source. A block has no fewer than one row; its ``columns``
        (default: all) are in the declared order of the kind, instants as RFC 3339 texts in UTC with
        microseconds.
        """
        kind, _ = check_same_table(selections)
        table = TABLES[kind]
        wanted = get_layout(kind).names if columns is None else tuple(columns)
        query = (
            _select_columns(kind, wanted)
            .where(where_any(selections))
            .order_by(table.c[BEGINS[kind]], table.c.row_id)
            .execution_options(yield_per=BATCH)
        )
        for part in self.connection.execute(query).partitions():
            yield list(zip(*part, strict=True))

    def count(self, selections: Sequence[Selection]) -> int:
        """Return how many rows are in any of the selections."""
        return self._count(selections, where_any(selections))

    def count_before(self, selections: Sequence[Selection], cutoff: datetime) -> int:
        """Return how many rows in the selections are past their term at ``cutoff``.

        Give selections without ``not_before``, which would leave just these rows out.
        """
        kind, _ = check_same_table(selections)
        return self._count(selections, and_(where_any(selections), past_term(kind, cutoff)))

    def count_flagged(
        self,
        selections: Sequence[Selection],
        flag: str,
        *,
        besides: Sequence[Selection] = (),
        within: Sequence[Selection] = (),
    ) -> int:
        """Return how many rows carry a flag and are in some of the selections.

        None of those in ``besides``, and where ``within`` is given only those in it, are counted.
        """
        kind, _ = check_same_table(selections)
        flags = TABLES[kind].c.flags
        conditions = [
            where_any(selections),
            (" " + flags + " ").contains(f" {flag} ", autoescape=True),
            *([where_none(besides)] if besides else []),
            *([where_any(within)] if within else []),
        ]
        return self._count(selections, and_(*conditions))

    def count_near(self, asked: Sequence[Nearby], *, besides: Sequence[Selection]) -> int:
        """Return how many rows hold an address that is near one asked for, and are in no others."""
        selections = [one.selection for one in asked]
        kind, _ = check_same_table(selections)
        found = (and_(where_any([one.selection]), _is_near(TABLES[kind], one)) for one in asked)
        return self._count(selections, and_(or_(*found), where_none(besides)))

    def count_with(
        self,
        selections: Sequence[Selection],
        columns: Sequence[str],
        *,
        besides: Sequence[Selection],
    ) -> int:
        """Return how many rows of some of the selections, and of no others, fill some column."""
        kind, _ = check_same_table(selections)
        has_any = or_(*(TABLES[kind].c[name].is_not(None) for name in columns))
        return self._count(selections, and_(where_any(selections), has_any, where_none(besides)))

    def count_odd_ports(
        self, selections: Sequence[Selection], *, besides: Sequence[Selection]
    ) -> int:
        """Return how many sessions of some of the selections, and of no others, have no real port.

        A session without any port is not one of them.
        """
        kind, _ = check_same_table(selections)
        port = TABLES[kind].c.port
        is_odd = or_(port < 1, port > LAST_PORT)
        return self._count(selections, and_(where_any(selections), is_odd, where_none(besides)))

    def count_set_aside(self, source: str) -> int:
        """Return how many lines of a source are kept aside because no row could be made of them."""
        query = (
            select(func.count())
            .select_from(Reject)
            .join(ImportLedger, ImportLedger.id == Reject.import_id)
        )
        return int(self.connection.scalar(query.where(ImportLedger.source == source)) or 0)

    def count_lost(self, source: str) -> int:
        """Return how many lines of a source the store has lost and not regained."""
        query = select(func.sum(ImportLedger.lines)).where(lost_of(source))
        return int(self.connection.scalar(query) or 0)

    def list_gaps(self, source: str) -> tuple[UnreadGap, ...]:
        """Return where a live source did not go on from where it had been read to, in order."""
        return list_gaps(self.connection, source)

    def count_changed(self, source: str) -> int:
        """Return how many lines that name rows of a live source were changed or taken out since."""
        query = select(LiveStanding.changed).where(LiveStanding.source == source)
        return int(self.connection.scalar(query) or 0)

    def count_unmarked(self, source: str) -> int:
        """Return how many rows of a live source no pull reads: they have no watermark."""
        query = select(LiveStanding.unmarked).where(LiveStanding.source == source)
        return int(self.connection.scalar(query) or 0)

    def find_clock(self, source: str) -> SourceClock:
        """Return how far the clock of a source was from ours, or that it was not measured."""
        text = self.connection.scalar(
            select(LiveStanding.clock).where(LiveStanding.source == source)
        )
        return UNKNOWN_CLOCK if text is None else load_clock(text)

    def count_source(self, source: str, kind: str) -> int:
        """Return how many rows of a kind a source has."""
        return self.count([Selection(kind, source)])

    def covers(self, source: str, kind: str) -> tuple[datetime | None, datetime | None]:
        """Return the begins of the first and the last row of a source, None for none."""
        table = TABLES[kind]
        begin = table.c[BEGINS[kind]]
        first, last = (
            self.connection.scalar(
                select(begin).where(table.c.source == source).order_by(order).limit(1)
            )
            for order in (begin.asc(), begin.desc())
        )
        return first, last

    def _count(self, selections: Sequence[Selection], where: ColumnElement[bool]) -> int:
        kind, _ = check_same_table(selections)
        query = select(func.count()).select_from(TABLES[kind]).where(where)
        return int(self.connection.scalar(query) or 0)


def _is_near(table: Table, nearby: Nearby) -> ColumnElement[bool]:
    return or_(*(_reads(table.c[name], near) for name in nearby.columns for near in nearby.nears))


def _reads(column: ColumnElement[str], near: Near) -> ColumnElement[bool]:
    # the begin not by LIKE, which on SQLite takes capitals for small letters; the rest has none
    return and_(
        func.substr(column, 1, len(near.begin)) == near.begin,
        (column + ":").contains(f"{near.end}:", autoescape=True),
        *([~column.contains(near.lacks, autoescape=True)] if near.lacks else []),
    )


class canonical_instant(GenericFunction[str]):  # noqa: N801 - the name of a function in SQL
    """An instant as canonical text, made by the engine: several times faster than by Python."""

    type = String()
    inherit_cache = True


@compiles(canonical_instant, "sqlite")
def _sqlite_instant(element: Any, compiler: SQLCompiler, **options: Any) -> str:
    (column,) = element.clauses  # stored as "2026-11-24 09:00:00.000000", in UTC
    text = compiler.process(column, **options)
    return f"(replace({text}, ' ', 'T') || 'Z')"


@compiles(canonical_instant, "postgresql")
def _postgresql_instant(element: Any, compiler: SQLCompiler, **options: Any) -> str:
    (column,) = element.clauses
    text = compiler.process(column, **options)
    return f"to_char({text} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"


@lru_cache(maxsize=256)
def _select_columns(kind: str, wanted: tuple[str, ...]) -> Select[Any]:
    """Return what selects columns of a kind; to build it takes as long as to look a number up."""
    table, names = TABLES[kind], get_layout(kind).names
    return select(*(_canonical(table.c[name]) for name in names if name in wanted))


def _canonical(column: Any) -> ColumnElement[Any]:
    if isinstance(column.type, UtcDateTime):
        return cast("ColumnElement[Any]", canonical_instant(column).label(column.name))
    return cast("ColumnElement[Any]", column)
