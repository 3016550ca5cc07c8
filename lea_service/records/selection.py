"""Which rows of a source are meant: a pure description, and the condition it becomes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import product
from typing import Any

from sqlalchemy import Boolean, ColumnElement, Table, and_, case, func, or_
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction

from lea_service.kernel.database import UtcDateTime
from lea_service.kernel.errors import InvalidInput
from lea_service.records.chains import read_chain, write_word
from lea_service.records.identifiers import Near
from lea_service.records.kinds import ANY_CHAIN, CHAINS
from lea_service.records.store import TABLES

BEGINS: Mapping[str, str] = {
    "call": "started_at",
    "usage": "started_at",
    "subscriber": "valid_from",
}
ENDS: Mapping[str, str] = {"call": "ended_at", "usage": "ended_at", "subscriber": "valid_to"}


@dataclass(frozen=True, slots=True)
class Match:
    """Some column of ``columns`` holds some value of ``values``; a list of parties holds each.

    With ``or_missing`` a row that holds nothing in such a column matches as well.
    """

    columns: tuple[str, ...]
    values: tuple[str | int, ...]
    or_missing: bool = False


@dataclass(frozen=True, slots=True)
class Selection:
    """Rows of one source that satisfy every match and lie in the half-open period [start, end).

    A row lies in the period by its begin; with ``overlap`` also by any instant between its begin
    and its end, a row without end being open. ``start`` and ``end`` may be left open. Rows whose
    term ended before ``not_before`` are left out, and where any are named in ``filled`` those that
    have no value in any of these columns.
    """

    kind: str
    source: str
    matches: tuple[Match, ...] = ()
    start: datetime | None = None
    end: datetime | None = None
    overlap: bool = False
    not_before: datetime | None = None
    filled: tuple[str, ...] = ()


Preserved = Callable[[str, datetime], Sequence[Selection]]
"""Gives, for a source id, the rows that orders to preserve name, or named after an instant."""


def nothing_preserved(_source_id: str, _since: datetime) -> Sequence[Selection]:
    """Preserve nothing."""
    return ()


@dataclass(frozen=True, slots=True)
class Nearby:
    """Rows of a selection that hold an address near one asked for in some column."""

    selection: Selection
    columns: tuple[str, ...]
    nears: tuple[Near, ...]


def where_any(selections: Sequence[Selection]) -> ColumnElement[bool]:
    """Return the condition of rows in any of the selections, which share kind and source.

    It is a plain OR of ANDs, each of which holds the columns of one index: nested ORs would make
    SQLite read the whole source.
    """
    check_same_table(selections)
    return or_(*(part for one in selections for part in _alternatives(one)))


def where_none(selections: Sequence[Selection]) -> ColumnElement[bool]:
    """Return the condition of rows in none of the selections, which share kind and source."""
    return func.coalesce(where_any(selections), False).is_(False)


def past_term(kind: str, cutoff: datetime) -> ColumnElement[bool]:
    """Return the condition of rows whose term ended: the one rule for plans and for the purge."""
    return aged_by(kind) < cutoff


def aged_by(kind: str) -> ColumnElement[datetime]:
    """Return from when on the term of a row counts.

    A call counts from its begin, a session from its end (or begin, without one), what is known of
    a subscriber from the day it ceased to hold. Where an end lies before the begin one of the two
    is wrong, and the begin counts: nothing is past its term before what it tells of.
    """
    begin, end = (_table(kind).c[names[kind]] for names in (BEGINS, ENDS))
    if kind == "usage":
        return case((end > begin, end), else_=begin)
    return begin if kind == "call" else case((end < begin, begin), else_=end)


def find_age(kind: str, row: Mapping[str, Any]) -> datetime | None:
    """Return the same of one row; None while what is known of a subscriber holds."""
    begin: datetime = row[BEGINS[kind]]
    end: datetime | None = row[ENDS[kind]]
    last = max(begin, end or begin)
    return {"call": begin, "usage": last, "subscriber": end and last}[kind]


def is_past_term(kind: str, row: Mapping[str, Any], cutoff: datetime) -> bool:
    """Say whether the term of one row ended."""
    aged = find_age(kind, row)
    return aged is not None and aged < cutoff


class Named:
    """Says of rows whether any of the selections, which share kind and source, means them.

    It is what ``where_any`` says, for more selections than a statement can hold.
    """

    def __init__(self, selections: Sequence[Selection]) -> None:
        self.kind = check_same_table(selections)[0]
        self._by_value: dict[tuple[str, str | int | None], list[Selection]] = {}
        for one in selections:
            first = one.matches[0] if one.matches else Match((), (), or_missing=True)
            if first.or_missing:
                self._by_value.setdefault(("", None), []).append(one)
                continue
            rest = replace(one, matches=one.matches[1:])
            for found in product(first.columns, first.values):
                self._by_value.setdefault(found, []).append(rest)
        asked = {name for one in selections for match in one.matches for name in match.columns}
        asked |= {name for one in selections for name in one.filled}
        self.columns = frozenset({*asked, BEGINS[self.kind], ENDS[self.kind]})
        self._chains = self.columns & {*CHAINS}
        self._plain = self.columns - self._chains

    def holds(self, row: Mapping[str, Any]) -> bool:
        """Say whether a row, of which ``columns`` are there, is meant."""
        keys = [("", None), *((name, row[name]) for name in self._plain)]
        keys += [(name, party) for name in self._chains for party in read_chain(row[name])]
        return any(_means(one, row) for key in keys for one in self._by_value.get(key, ()))


def _means(selection: Selection, row: Mapping[str, Any]) -> bool:
    kind, start, limit = selection.kind, selection.start, selection.not_before
    begin, end = row[BEGINS[kind]], row[ENDS[kind]]
    if selection.end is not None and begin >= selection.end:
        return False
    if start is not None and begin < start:
        is_within = selection.overlap and (end is None or end > start)
        if not is_within:
            return False
    if limit is not None and is_past_term(kind, row, limit):
        return False
    if not is_filled(selection.filled, row):
        return False
    return all(is_matched(one, row) for one in selection.matches)


def is_filled(columns: Sequence[str], row: Mapping[str, Any]) -> bool:
    """Say whether a row has a value in one of the columns, where any are named."""
    return not columns or any(row[name] is not None for name in columns)


def is_matched(match: Match, row: Mapping[str, Any]) -> bool:
    """Say whether a row holds what a match asks for, whatever its source and period."""
    for name in match.columns:
        value = row[name]
        if value is None:
            if match.or_missing:
                return True
        elif name in CHAINS:
            if not set(match.values).isdisjoint(read_chain(value)):
                return True
        elif value in match.values:
            return True
    return False


def check_same_table(selections: Sequence[Selection]) -> tuple[str, str]:
    """Return the kind and source of the selections. Raises InvalidInput unless they agree."""
    found = {(one.kind, one.source) for one in selections}
    if len(found) != 1:
        raise InvalidInput("expected selections of one kind and one source")
    return found.pop()


def _alternatives(selection: Selection) -> Iterator[ColumnElement[bool]]:
    table = _table(selection.kind)
    always = [table.c.source == selection.source, *_period(table, selection)]
    if selection.not_before is not None:
        always.append(
            func.coalesce(past_term(selection.kind, selection.not_before), False).is_(False)
        )
    if selection.filled:
        always.append(or_(*(table.c[name].is_not(None) for name in selection.filled)))
    for one in selection.matches:
        if one.or_missing:
            always.append(or_(*_ways(table, one)))
    ways = [list(_ways(table, one)) for one in selection.matches if not one.or_missing]
    for chosen in product(*ways):
        yield and_(*always, *chosen)


def _ways(table: Table, match: Match) -> Iterator[ColumnElement[bool]]:
    for name in match.columns:
        column = table.c[name]
        if name in CHAINS:
            yield from (_has_party(table, column, str(value)) for value in match.values)
        else:
            yield column.in_(match.values)
        if match.or_missing:
            yield column.is_(None)


def _has_party(table: Table, column: ColumnElement[str], party: str) -> ColumnElement[bool]:
    """Return the condition of a list that holds a party."""
    word, words = f" {write_word(party)} ", " " + column + " "
    holds = holds_word(
        func.replace(words, word, "") != words, words.contains(word, autoescape=True)
    )
    return and_(table.c[ANY_CHAIN].is_not(None), holds)


def _period(table: Table, selection: Selection) -> Iterator[ColumnElement[bool]]:
    column, end = table.c[BEGINS[selection.kind]], table.c[ENDS[selection.kind]]
    begin: ColumnElement[datetime] = not_sought(column) if selection.matches else column
    if selection.end is not None:
        yield begin < selection.end
    if selection.start is None:
        return
    if selection.overlap:
        # the last term keeps a row of no length, and one that ends before it begins
        yield or_(end.is_(None), end > selection.start, begin >= selection.start)
    else:
        yield begin >= selection.start


class holds_word(GenericFunction[bool]):  # noqa: N801 - the name of a function in SQL
    """Whether words hold a word, said in two ways: for SQLite, and for any other engine.

    LIKE takes capitals for small letters on SQLite. Of anything else than LIKE the planner of
    PostgreSQL, which has no samples, thinks that it holds of nearly every row, and then goes
    through all of them rather than through the indexes.
    """

    type = Boolean()
    inherit_cache = True


@compiles(holds_word)
def _by_like(element: Any, compiler: SQLCompiler, **options: Any) -> str:
    _, like = element.clauses
    return compiler.process(like, **options)


@compiles(holds_word, "sqlite")
def _by_replacing(element: Any, compiler: SQLCompiler, **options: Any) -> str:
    replaced, _ = element.clauses
    return compiler.process(replaced, **options)


class not_sought(GenericFunction[datetime]):  # noqa: N801 - the name of a function in SQL
    """A column of instants that no index is entered by.

    SQLite 3.40, which Debian has, gives rows from beyond the bound where a list of values is looked
    up in an index whose next column is bounded (its SeekScan, once a table was analysed). By the
    values alone it enters the index rightly, and compares what it finds with the bound.
    """

    type = UtcDateTime()
    inherit_cache = True


@compiles(not_sought)
def _as_it_is(element: Any, compiler: SQLCompiler, **options: Any) -> str:
    (column,) = element.clauses
    return compiler.process(column, **options)


@compiles(not_sought, "sqlite")
def _with_a_plus(element: Any, compiler: SQLCompiler, **options: Any) -> str:
    (column,) = element.clauses
    return f"+{compiler.process(column, **options)}"


def _table(kind: str) -> Table:
    if kind not in TABLES:
        raise InvalidInput(f"no record kind {kind}")
    return TABLES[kind]
