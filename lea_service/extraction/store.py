"""What extraction asks the record store in SQL of its own: counts, and the second reading."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Table,
    exists,
    func,
    or_,
    select,
    true,
    type_coerce,
    union_all,
)
from sqlalchemy.types import NULLTYPE

from lea_service.extraction.outcome import Loss
from lea_service.extraction.plan import PlanSource
from lea_service.kernel.database import UtcDateTime
from lea_service.records.chains import write_word
from lea_service.records.flags import FUTURE
from lea_service.records.kinds import CHAINS, get_layout
from lea_service.records.reader import canonical_instant
from lea_service.records.rows import Columns
from lea_service.records.selection import BEGINS, Selection, check_same_table, where_any, where_none
from lea_service.records.store import TABLES, ImportLedger, PurgeLedger

BATCH = 2_000
SETTLED = timedelta(days=1)
"""What is brought in so long after an instant holds what came before it, night by night."""
WRITTEN_LATER = timedelta(hours=6)
"""A call is written when it is over: one that began so long before another is there by then."""
FORMS = ("", "_uri", "_raw")
"""Ends of the columns that name a party of a call: number, SIP address, text of the source."""


def look_up_in(
    connection: Connection,
) -> Callable[[PlanSource, str, tuple[str | int, ...], datetime], Iterator[Columns]]:
    """Return the look-up of the scope proof: plain, by one column at a time, in no order."""
    write = _write_text_instant if connection.dialect.name == "sqlite" else _write_instant

    def look_up(
        source: PlanSource, column: str, values: tuple[str | int, ...], before: datetime
    ) -> Iterator[Columns]:
        table, names = TABLES[source.kind], get_layout(source.kind).names
        query = select(*(type_coerce(table.c[name], NULLTYPE) for name in names)).where(
            table.c.source == source.name,
            _may_hold(table.c[column], values),
            table.c[BEGINS[source.kind]] < before,
        )
        moments = [
            at for at, name in enumerate(names) if isinstance(table.c[name].type, UtcDateTime)
        ]
        result = connection.execute(query.execution_options(yield_per=BATCH))
        for part in result.partitions():
            columns: list[Sequence[Any]] = list(zip(*part, strict=True))
            for at in moments:
                columns[at] = [value and write(value) for value in columns[at]]
            yield columns

    return look_up


def _may_hold(column: ColumnElement[Any], values: tuple[str | int, ...]) -> ColumnElement[bool]:
    """Return a condition that holds of every row with a value; of a list it may hold of more."""
    if column.name not in CHAINS:
        return column.in_(values)
    words = (f" {write_word(str(value))} " for value in values)
    return or_(*((" " + column + " ").contains(word, autoescape=True) for word in words))


def _write_instant(value: datetime) -> str:
    """Return an instant as canonical text, made here and not by the engine."""
    return str(value.astimezone(UTC).isoformat(timespec="microseconds")[:26]) + "Z"


def _write_text_instant(value: str) -> str:
    """Return the same of the text that SQLite stores, in UTC."""
    return value.replace(" ", "T") + "Z"


def count_days(connection: Connection, groups: Sequence[Sequence[Selection]]) -> int:
    """Return on how many different days (UTC) selected rows begin; a group is one source."""
    days = [
        select(func.substr(canonical_instant(table.c[BEGINS[kind]]), 1, 10).label("value")).where(
            where_any(group)
        )
        for kind, table, group in _tables(groups)
    ]
    if not days:
        return 0
    every = union_all(*days).subquery()
    return int(connection.scalar(select(func.count(every.c.value.distinct()))) or 0)


def count_other_parties(connection: Connection, groups: Sequence[Sequence[Selection]]) -> int:
    """Return how many different parties selected calls have besides whom their source is asked for.

    A party goes by its number, else by its SIP address, else by the text of the source, which is
    another party in another source; one that is asked for by any of the three is left out. Of those
    whom a call went to between the first and the last only numbers and addresses count.
    """
    parties = [
        _other_parties(table, party, group)
        for kind, table, group in _tables(groups)
        if kind == "call"
        for party in ("caller", "callee", "forwarded_to")
    ]
    parties += [
        _listed_parties(table.c[name], group, connection.dialect.name)
        for kind, table, group in _tables(groups)
        if kind == "call"
        for name in ("transfer_chain", "transfer_chain_uri")
    ]
    if not parties:
        return 0
    every = union_all(*parties).subquery()
    return int(connection.scalar(select(func.count(every.c.party.distinct()))) or 0)


def _other_parties(table: Table, party: str, group: Sequence[Selection]) -> Select[Any]:
    number, uri, raw = (table.c[f"{party}{form}"] for form in FORMS)
    asked = _asked_in(group)
    name = func.coalesce(number, uri, table.c.source + " " + raw)
    return select(name.label("party")).where(
        where_any(group),
        *(func.coalesce(form, "").not_in(sorted(asked)) for form in (number, uri, raw)),
    )


def _listed_parties(
    column: ColumnElement[Any], group: Sequence[Selection], dialect: str
) -> Select[Any]:
    if dialect == "postgresql":
        words = func.unnest(func.string_to_array(column, " "))
        each = words.table_valued("value").render_derived()
    else:  # no word has a quote or backslash in it
        each = func.json_each('["' + func.replace(column, " ", '","') + '"]').table_valued("value")
    table = cast(Table, column.table)
    return (
        select(each.c.value.label("party"))
        .select_from(table.join(each, true()))
        .where(where_any(group), column.is_not(None), each.c.value.not_in(sorted(_asked_in(group))))
    )


def _asked_in(group: Sequence[Selection]) -> set[str]:
    return {str(value) for one in group for match in one.matches for value in match.values}


def count_selected(
    connection: Connection, selections: Sequence[Selection], row_ids: Collection[str]
) -> int:
    """Return how many rows of these ids are in some of the selections."""
    kind, _ = check_same_table(selections)
    table = TABLES[kind]
    query = select(func.count()).where(table.c.row_id.in_(row_ids), where_any(selections))
    return int(connection.scalar(query.select_from(table)) or 0)


def find_purged(connection: Connection, source: PlanSource) -> list[Loss]:
    """Return how far purges that took rows of a source, or unreadable lines, reach, by rule.

    One that found neither took what an import after it left out.
    """
    left_out = exists().where(
        ImportLedger.source == PurgeLedger.source,
        ImportLedger.past_term > 0,
        ImportLedger.finished_at >= PurgeLedger.finished_at,
    )
    query = (
        select(PurgeLedger.rule, func.max(PurgeLedger.cutoff))
        .where(
            PurgeLedger.source == source.name,
            PurgeLedger.kind == source.kind,
            or_(PurgeLedger.rows > 0, PurgeLedger.rejects > 0, left_out),
        )
        .group_by(PurgeLedger.rule)
        .order_by(PurgeLedger.rule)
    )
    found = connection.execute(query)
    return [Loss(source.name, rule, cutoff) for rule, cutoff in found if cutoff is not None]


def find_told_until(connection: Connection, source: str) -> datetime | None:
    """Return until when a source tells anything: who left later stands in it without an end.

    None where that is not known. When a file was brought in does not count: it may be an old one.
    """
    query = select(func.max(ImportLedger.told_until)).where(
        ImportLedger.source == source, ImportLedger.state == "done"
    )
    return connection.scalar(query)


def count_late(
    connection: Connection,
    asked: Sequence[Selection],
    since: datetime,
    *,
    besides: Sequence[Selection],
) -> int:
    """Return how many of the rows asked came in after an instant, and are not among others."""
    kind, _ = check_same_table(asked)
    table = TABLES[kind]
    came_late = exists().where(
        ImportLedger.id == table.c.import_id, ImportLedger.finished_at > since
    )
    others = [where_none(besides)] if besides else []
    query = select(func.count()).select_from(table).where(where_any(asked), came_late, *others)
    return int(connection.scalar(query) or 0)


def has_come(connection: Connection, source: PlanSource, until: datetime, now: datetime) -> bool:
    """Say whether a source has come as far as an instant: what lies before it is there by now.

    Either a row begins later, by a clock that does not run ahead of ours, and a call so much later
    that those of before are over; or something was brought in so long after the instant that what a
    night's delivery holds is among it.
    """
    table = TABLES[source.kind]
    begin = table.c[BEGINS[source.kind]]
    later = select(begin).where(
        table.c.source == source.name,
        begin >= (until + WRITTEN_LATER if source.kind == "call" else until),
        begin <= now,
        table.c.flags.not_like(f"%{FUTURE}%"),
    )
    if connection.scalar(later.limit(1)) is not None:
        return True
    return _is_settled(connection, source, until)


def has_told(connection: Connection, source: PlanSource, until: datetime) -> bool:
    """Say whether a source that tells who held what does so until an instant, changed or not."""
    told = find_told_until(connection, source.name)
    return (told is not None and told >= until) or _is_settled(connection, source, until)


def _is_settled(connection: Connection, source: PlanSource, until: datetime) -> bool:
    newest = _find_newest_import(connection, source.name)
    return newest is not None and newest >= until + SETTLED


def _find_newest_import(connection: Connection, source: str) -> datetime | None:
    """Return when something was brought in last, but for files of an earlier time than others."""
    told, newest = ImportLedger.told_until, find_told_until(connection, source)
    query = select(func.max(ImportLedger.finished_at)).where(
        ImportLedger.source == source, ImportLedger.state == "done"
    )
    if newest is not None:
        query = query.where(or_(told.is_(None), told >= newest))
    return connection.scalar(query)


def _tables(
    groups: Sequence[Sequence[Selection]],
) -> Iterator[tuple[str, Table, Sequence[Selection]]]:
    for group in groups:
        kind, _ = check_same_table(group)
        yield kind, TABLES[kind], group
