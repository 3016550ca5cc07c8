"""What a purge does in the record store, batch by batch, each with its count in the ledger."""

from __future__ import annotations

import secrets
from collections.abc import Generator, Mapping, Sequence
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
    bindparam,
    delete,
    func,
    select,
    update,
)
from sqlalchemy.orm import Session

from lea_service.records.selection import Named, Selection, aged_by, past_term
from lea_service.records.store import ANONYMISED, TABLES, ImportLedger, PurgeLedger, Reject
from lea_service.retention.rules import Action

BATCH = 2000
NOWHERE = datetime(1970, 1, 1, tzinfo=UTC)
"""How far a purge reached that was let do nothing."""
INSTANT = timedelta(microseconds=1)
"""A cut-off lies behind the last row that it means; instants are kept to the microsecond."""
COUNTED: Mapping[str, frozenset[str]] = {
    "call": frozenset({"duration_s", "talk_s", "direction", "result", "cause"}),
    "usage": frozenset({"duration_s", "octets_in", "octets_out", "cause"}),
    "subscriber": frozenset({"country", "service"}),
}
"""What statistics need of a row; of the rest anonymising leaves only the hour."""

_KEPT = frozenset({"source", "row_id", "import_id", "flags"})


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


@dataclass(frozen=True, slots=True)
class Taken:
    """What a purge took so far: how many rows, and when the last of them."""

    rows: int
    at: datetime


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


def count_left(session: Session, order: Order) -> int:
    """Count the rows before the cut-off of a purge that are there, whatever was spared."""
    return _count(session, order.source, order.kind, order.cutoff, ())


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
    ledger.rows += take(session, TABLES[order.kind], order, [*taken]) if taken else 0
    ledger.cutoff = cutoff if ledger.cutoff is None else max(ledger.cutoff, cutoff)
    ledger.finished_at = now
    return len(taken)


def drop_rejects(session: Session, order: Order) -> None:
    """Destroy the unreadable lines of imports from before the cut-off."""
    session.execute(delete(Reject).where(_old(order.source, order.cutoff)))


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


def find_taken(session: Session, purge_id: str) -> Taken | None:
    """Return how far a purge is, as the ledger has it; None before its first batch."""
    ledger = session.get(PurgeLedger, purge_id)
    return None if ledger is None else Taken(ledger.rows, ledger.finished_at)


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
            finished_at=now,
        )
        session.add(ledger)
        session.flush()
    return ledger


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
    return and_(
        table.c.source == source,
        past_term(kind, cutoff),
        table.c.flags.not_like(f"%{ANONYMISED}%"),
    )


def _old(source: str, cutoff: datetime) -> ColumnElement[bool]:
    imports = select(ImportLedger.id).where(
        ImportLedger.source == source, ImportLedger.finished_at < cutoff
    )
    return Reject.import_id.in_(imports)


def _destroy(session: Session, table: Table, order: Order, names: list[str]) -> int:
    ours = and_(table.c.source == order.source, table.c.row_id.in_(names))
    done: CursorResult[Any] = session.connection().execute(delete(table).where(ours))
    return done.rowcount


def _anonymise(session: Session, table: Table, order: Order, names: list[str]) -> int:
    """Empty what tells who, blur instants to the hour, and give each row a name of chance."""
    ours = and_(table.c.source == order.source, table.c.row_id.in_(names))
    columns = [column.name for column in table.columns]
    instants = [name for name in columns if name.endswith("_at") or name.startswith("valid_")]
    emptied = set(columns) - _KEPT - COUNTED[order.kind] - set(instants)
    changes = [
        {
            "old": row["row_id"],
            "row_id": f"{ANONYMISED}-{secrets.token_hex(16)}",
            "flags": f"{row['flags']} {ANONYMISED}".strip(),
            **{name: _hour(row[name]) for name in instants},
        }
        for row in session.execute(select(table).where(ours).with_for_update()).mappings()
    ]
    if not changes:
        return 0
    statement = (
        update(table)
        .where(table.c.source == order.source, table.c.row_id == bindparam("old"))
        .values(
            dict.fromkeys(emptied)
            | {name: bindparam(name) for name in ("row_id", "flags", *instants)}
        )
    )
    session.connection().execute(statement, changes)
    return len(changes)


def _hour(instant: datetime | None) -> datetime | None:
    return None if instant is None else instant.replace(minute=0, second=0, microsecond=0)
