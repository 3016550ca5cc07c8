"""What a purge does in the record store, batch by batch, each with its count in the ledger."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CursorResult,
    Table,
    and_,
    delete,
    func,
    select,
    tuple_,
)
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from lea_service.kernel.database import try_lock_named
from lea_service.records.partitions import (
    Partition,
    list_everywhere,
    partition_of,
    truncate,
)
from lea_service.records.selection import Named, Selection, aged_by, past_term
from lea_service.records.store import TABLES, ImportLedger, PurgeLedger, RecordStatistic, Reject
from lea_service.retention.residues import note_residues
from lea_service.retention.rules import Action
from lea_service.retention.statistics import GREATEST, SUMMED, Statistic, count_rows

BATCH = 2000
NOWHERE = datetime(1970, 1, 1, tzinfo=UTC)
"""How far a purge reached that was let do nothing."""
INSTANT = timedelta(microseconds=1)
"""A cut-off lies behind the last row that it means; instants are kept to the microsecond."""


@dataclass(frozen=True, slots=True)
class Due:
    """What a purge would take: rows, how many of them late, and unreadable lines."""

    rows: int
    late: int
    rejects: int


@dataclass(frozen=True, slots=True)
class Order:
    """What a purge is to do; ``source`` is the name that stands in the rows.

    ``spared`` is what it leaves, whatever the cut-off. ``is_repeated`` says that it was done and
    that the store has lost that: what was destroyed is destroyed again, by whatever rule.
    """

    purge_id: str
    rule: str
    source: str
    kind: str
    action: str
    cutoff: datetime
    spared: Sequence[Selection] = ()
    is_repeated: bool = False

    def spares(self, selections: Sequence[Selection]) -> bool:
        """Say whether all of these are among what it leaves."""
        return set(self.spared).issuperset(selections)


class _NamedMeanwhile(Exception):
    """An order to preserve came while a partition was counted."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What a purge took so far: how many rows, and when the last of them."""

    rows: int
    at: datetime


@dataclass(frozen=True, slots=True)
class StatisticView:
    """What is left of rows of a source that were made anonymous: sums of a day and a group.

    ``day`` is written YYYY-MM-DD, ``group`` is the JSON object of what they have in common.
    """

    source: str
    kind: str
    day: str
    group: str
    rows: int
    sums: Mapping[str, int]

    @property
    def alike(self) -> dict[str, str]:
        """Return what they have in common, by column; empty for rows of all groups."""
        alike: dict[str, str] = json.loads(self.group)
        return alike


def count_due(
    session: Session,
    source: str,
    kind: str,
    cutoff: datetime,
    late_before: datetime,
    *,
    spared: Sequence[Selection] = (),
    spared_lately: Sequence[Selection] = (),
) -> Due:
    """Count what is past its term in the record store.

    What is ``spared`` is not due, and what was ``spared_lately`` is not late.
    """
    due = _count(session, source, kind, cutoff, spared)
    late = _count(session, source, kind, min(cutoff, late_before), (*spared, *spared_lately))
    rejects = session.scalar(select(func.count()).select_from(Reject).where(_old(source, cutoff)))
    return Due(due, late, rejects or 0)


def count_past(session: Session, source: str, kind: str, cutoff: datetime) -> int:
    """Count the rows of a source from before a cut-off that are there, whatever was spared."""
    return _count(session, source, kind, cutoff, ())


def take_batch(session: Session, order: Order, now: datetime) -> int:
    """Destroy or anonymise some of the rows; returns how many were due, 0 when none is left.

    The ledger counts those that were taken: another purge may have been faster with some of them.
    It reaches as far as what was taken, and once none is left as far as this batch was to go, which
    may be less than what the purge began with.
    """
    found = _iter_due(session, order.source, order.kind, order.cutoff, order.spared)
    with closing(found):
        taken = dict(islice(found, BATCH))
    cutoff = max(taken.values()) + INSTANT if taken else order.cutoff
    ledger = _lock_ledger(session, order, cutoff, now)
    take = _anonymise if order.action == Action.ANONYMISE else _destroy
    rows = take(session, TABLES[order.kind], order, [*taken]) if taken else 0
    _count_in(ledger, rows, cutoff, now)
    parts = {partition_of(order.kind, order.source, aged).name for aged in taken.values()}
    note_residues(session, parts, now)
    return len(taken)


def list_whole(session: Session, order: Order) -> list[Partition]:
    """Return the partitions all of whose rows are past the cut-off, the oldest first.

    There are none where rows are made anonymous, since each of them is read.
    """
    if order.action != Action.DESTROY or session.get_bind().dialect.name != "postgresql":
        return []
    return [one for one in _list_there(session, order) if _is_past(one, order.cutoff)]


def take_partition(
    session: Session,
    order: Order,
    partition: Partition,
    now: datetime,
    find_preserved: Callable[[], Sequence[Selection]],
) -> None:
    """Destroy all rows of a partition, and the files they lay in, if none of them is spared.

    It is left to ``take_batch`` where the cut-off is not past it, an import of the source is at
    work, somebody reads it for longer than it waits, or an order came while it was counted, which
    takes long. Who reads an older instant of the store finds it empty from then on: what a plan
    needs is spared, so no plan does.
    """
    if not _is_past(partition, order.cutoff):
        return
    if not try_lock_named(session, f"lea import {order.source}"):
        return
    found = _measure(session, partition, order.spared)
    if found is None:
        return
    rows, newest = found
    try:
        with session.begin_nested():
            truncate(session, partition)
            if not order.spares(find_preserved()):
                raise _NamedMeanwhile
    except (OperationalError, _NamedMeanwhile):
        return
    ledger = _lock_ledger(session, order, None, now)
    _count_in(ledger, rows, newest + INSTANT, now)


def note_origins(session: Session, order: Order, now: datetime) -> None:
    """Note the partitions that rows a purge took may have come from when their end was told.

    What they were until then is left in the files there: of a subscription in those of what has no
    end yet, of a session in those of an earlier month, of which only spared rows are left.
    """
    if order.kind == "call" or session.get_bind().dialect.name != "postgresql":
        return
    if find_rows_purged(session, order.purge_id):
        found = _list_there(session, order)
        left = {one.name for one in found if one.until is None or _is_past(one, order.cutoff)}
        note_residues(session, left, now)


def _list_there(session: Session, order: Order) -> list[Partition]:
    return list_everywhere(session, order.kind, order.source)


def _is_past(partition: Partition, cutoff: datetime) -> bool:
    return partition.until is not None and partition.until <= cutoff


def _measure(
    session: Session, partition: Partition, spared: Sequence[Selection]
) -> tuple[int, datetime] | None:
    """Count the rows of a partition, with the age of the newest; None for none or a spared one."""
    kind, aged = partition.kind, aged_by(partition.kind)
    table = TABLES[kind]
    bounds = [table.c.source == partition.source, aged < partition.until]
    if partition.first is not None:
        bounds.append(aged >= partition.first)
    if spared:
        named = Named(spared)
        wanted = [table.c[name] for name in sorted(named.columns)]
        query = select(*wanted).where(*bounds).execution_options(yield_per=BATCH)
        with session.execute(query) as found:
            if any(named.holds(dict(row)) for row in found.mappings()):
                return None
    rows, newest = session.execute(select(func.count(), func.max(aged)).where(*bounds)).one()
    return (rows, newest) if rows else None


def drop_rejects(session: Session, order: Order, now: datetime) -> None:
    """Destroy the unreadable lines of imports from before the cut-off; the ledger counts them."""
    drop = delete(Reject).where(_old(order.source, order.cutoff))
    done: CursorResult[Any] = session.connection().execute(drop)
    if done.rowcount:
        note_residues(session, {Reject.__tablename__}, now)
    _lock_ledger(session, order, None, now).rejects += done.rowcount


def close_ledger(session: Session, order: Order, reach: datetime | None, now: datetime) -> None:
    """Note how far a purge was let go, None for nowhere, and that nothing is left of it to do."""
    ledger = _lock_ledger(session, order, None, now)
    ledger.is_done, ledger.reach = True, reach or NOWHERE


def find_reach(session: Session, purge_id: str) -> datetime:
    """Return how far a purge that is over was let go."""
    query = select(PurgeLedger.reach).where(PurgeLedger.id == purge_id)
    return session.scalar(query) or NOWHERE


def find_rows_purged(session: Session, purge_id: str) -> int:
    """Return how many rows the ledger has for a purge so far."""
    query = select(PurgeLedger.rows).where(PurgeLedger.id == purge_id)
    return session.scalar(query) or 0


def find_rejects_purged(session: Session, purge_id: str) -> int:
    """Return how many unreadable lines the ledger has for a purge."""
    query = select(PurgeLedger.rejects).where(PurgeLedger.id == purge_id)
    return session.scalar(query) or 0


def find_taken(session: Session, purge_id: str) -> Taken | None:
    """Return how far a purge is, as the ledger has it; None before its first batch."""
    ledger = session.get(PurgeLedger, purge_id)
    return None if ledger is None else Taken(ledger.rows, ledger.finished_at)


def list_statistics(
    session: Session, after: tuple[str | int, ...] | None, limit: int
) -> list[StatisticView]:
    """Return what is left of rows that were made anonymous, from behind the given one on."""
    one = RecordStatistic
    key = (one.source, one.kind, one.day, one.group)
    query = select(one).order_by(*key).limit(limit)
    if after is not None:
        query = query.where(tuple_(*key) > tuple_(*after))
    return [_statistic_view(row) for row in session.scalars(query)]


def _statistic_view(row: RecordStatistic) -> StatisticView:
    sums = {name: getattr(row, name) for name in SUMMED[row.kind]}
    return StatisticView(row.source, row.kind, row.day, row.group, row.rows, sums)


def _lock_ledger(
    session: Session, order: Order, cutoff: datetime | None, now: datetime
) -> PurgeLedger:
    ledger = session.get(PurgeLedger, order.purge_id, with_for_update=True)
    if ledger is None:
        ledger = PurgeLedger(
            id=order.purge_id,
            source=order.source,
            kind=order.kind,
            rule=order.rule,
            cutoff=cutoff,
            rows=0,
            rejects=0,
            finished_at=now,
        )
        session.add(ledger)
        session.flush()
    return ledger


def _count_in(ledger: PurgeLedger, rows: int, cutoff: datetime, now: datetime) -> None:
    """Count rows that were taken, and how far that reaches."""
    ledger.rows += rows
    ledger.cutoff = cutoff if ledger.cutoff is None else max(ledger.cutoff, cutoff)
    ledger.finished_at = now


def _count(
    session: Session, source: str, kind: str, cutoff: datetime, spared: Sequence[Selection]
) -> int:
    if spared:
        return sum(1 for _ in _iter_due(session, source, kind, cutoff, spared))
    query = select(func.count()).select_from(TABLES[kind]).where(_due(source, kind, cutoff))
    return session.scalar(query) or 0


def _iter_due(
    session: Session, source: str, kind: str, cutoff: datetime, spared: Sequence[Selection]
) -> Generator[tuple[str, datetime]]:
    """Yield which rows are past their term and not spared, each with the instant of its age.

    That is decided row by row: orders may name more than a statement can hold.
    """
    table, named = TABLES[kind], Named(spared) if spared else None
    columns = {"row_id", *(named.columns if named else ())}
    wanted = [table.c[name] for name in sorted(columns)]
    query = select(*wanted, aged_by(kind).label("aged")).where(_due(source, kind, cutoff))
    with session.execute(query.execution_options(yield_per=BATCH)) as found:
        for row in map(dict, found.mappings()):
            if named is None or not named.holds(row):
                yield row["row_id"], row["aged"]


def _due(source: str, kind: str, cutoff: datetime) -> ColumnElement[bool]:
    table = TABLES[kind]
    return and_(table.c.source == source, past_term(kind, cutoff))


def _old(source: str, cutoff: datetime) -> ColumnElement[bool]:
    imports = select(ImportLedger.id).where(
        ImportLedger.source == source, ImportLedger.finished_at < cutoff
    )
    return Reject.import_id.in_(imports)


def _still_due(order: Order, names: list[str]) -> ColumnElement[bool]:
    """Choose rows by their ids, but for those whose end was told since they were looked up."""
    return and_(
        _due(order.source, order.kind, order.cutoff), TABLES[order.kind].c.row_id.in_(names)
    )


def _destroy(session: Session, table: Table, order: Order, names: list[str]) -> int:
    ours = _still_due(order, names)
    done: CursorResult[Any] = session.connection().execute(delete(table).where(ours))
    return done.rowcount


def _anonymise(session: Session, table: Table, order: Order, names: list[str]) -> int:
    """Count the rows into what is kept of their days, and destroy them."""
    ours = _still_due(order, names)
    gone = delete(table).where(ours).returning(*table.columns)
    found = [dict(row) for row in session.connection().execute(gone).mappings()]
    for one in count_rows(order.kind, found):
        _add(session, order, one)
    return len(found)


def _add(session: Session, order: Order, one: Statistic) -> None:
    key = {
        "source": order.source,
        "kind": order.kind,
        "day": one.day.isoformat(),
        "group": one.group,
    }
    row = session.get(RecordStatistic, key, with_for_update=True)
    if row is None:
        session.add(RecordStatistic(**key, rows=one.rows, **one.sums))
    elif all(getattr(row, name) <= GREATEST - more for name, more in one.sums.items()):
        row.rows += one.rows
        for name, more in one.sums.items():
            setattr(row, name, getattr(row, name) + more)
    session.flush()
