"""Why who had something at an instant may have been somebody else: counts, never rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, and_, func, select

from lea_service.demands.demand import TargetKind
from lea_service.extraction.plan import MOMENT, OVERLAPPING, Plan, PlanItem, PlanSource, select_rows
from lea_service.extraction.store import find_told_until
from lea_service.records.selection import ENDS, Selection, where_any, where_none
from lea_service.records.store import TABLES

OPEN_BEYOND, OTHER_SINCE = "open-beyond-source", "other-since"
SEVERAL, EDGE_SECOND, PORT_NOT_KEPT = "several-at-instant", "edge-second", "port-not-kept"
SECOND = timedelta(seconds=1)
USAGE = "usage"


def count_at_instants(connection: Connection, plan: Plan, source: PlanSource) -> dict[str, int]:
    """Count by reason rows of which it is not sure that they are of who is looked for.

    ``open-beyond-source`` have no end, in a source that tells of nothing as late as the end of what
    is asked. ``other-since`` are sessions without an end of an address that by any source that is
    asked somebody else had after they began, and before what is asked: most likely their stop was
    never seen.
    ``several-at-instant`` are sessions of an address that by the sources that are asked several had
    at the one instant. ``edge-second`` are sessions that are not handed over, and end or begin in
    the very second: many sources tell no more than seconds. ``port-not-kept`` are sessions of an
    address asked for with a port, in a source that keeps none.
    """
    sessions = [
        (item, selection)
        for item, selection in _asked(plan, source)
        if item.target.kind is TargetKind.IP_ADDRESS and selection.kind == USAGE
    ]
    at_once = [(item, one) for item, one in sessions if item.target.at is not None]
    several = [one for item, one in at_once if _are_several(connection, plan, item)]
    ports = [one for item, one in sessions if item.target.port is not None]
    return {
        OPEN_BEYOND: _count_open(connection, plan, source),
        OTHER_SINCE: len(
            {row for item, one in sessions for row in _overtaken(connection, plan, item, one)}
        ),
        SEVERAL: _count(connection, several),
        EDGE_SECOND: _count_at_edges(connection, plan, source, [one for _, one in at_once]),
        PORT_NOT_KEPT: 0 if "port" in source.columns else _count(connection, ports),
    }


def _asked(plan: Plan, source: PlanSource) -> Iterator[tuple[PlanItem, Selection]]:
    items = {item.n: item for item in plan.items}
    for (n, _), selection in zip(plan.asks_to(source), select_rows(plan, source), strict=True):
        yield items[n], selection


def _count_open(connection: Connection, plan: Plan, source: PlanSource) -> int:
    until = find_told_until(connection, source.name)
    if until is None or source.kind not in OVERLAPPING:
        return 0
    late = [one for _, one in _asked(plan, source) if one.end is None or one.end > until]
    return _count(connection, late, TABLES[source.kind].c[ENDS[source.kind]].is_(None))


def _are_several(connection: Connection, plan: Plan, item: PlanItem) -> bool:
    """Say whether sessions of more than one account, in whatever source, answer an item."""
    found: set[str] = set()
    for chosen in _sessions_of(plan, item):
        query = select(_who(TABLES[USAGE])).where(where_any([chosen])).distinct().limit(2)
        found.update(connection.scalars(query))
    return len(found) > 1


def _sessions_of(plan: Plan, item: PlanItem) -> Iterator[Selection]:
    """Yield which sessions an item asks for, source by source."""
    for source in plan.asked:
        if source.kind == USAGE:
            yield from (one for other, one in _asked(plan, source) if other.n == item.n)


def _overtaken(
    connection: Connection, plan: Plan, item: PlanItem, selection: Selection
) -> Iterator[str]:
    """Yield the rows without an end of an address that somebody else had since."""
    table, begin = TABLES[USAGE], selection.start
    query = select(table.c.row_id, _who(table), table.c.started_at).where(
        where_any([selection]), table.c.ended_at.is_(None)
    )
    rows = connection.execute(query).all()
    if not rows or begin is None:
        return
    first = min(started for _, _, started in rows)
    others = [
        each
        for one in _sessions_of(plan, item)
        for each in _had_since(connection, one, first, begin + MOMENT)
    ]
    for row_id, who, started in rows:
        if any(other != who and last > started for other, last in others):
            yield row_id


def _had_since(
    connection: Connection, selection: Selection, first: datetime, end: datetime
) -> list[tuple[str, datetime]]:
    """Return who began a session of a source after ``first`` and before ``end``, and when last."""
    table = TABLES[USAGE]
    earlier = replace(selection, start=None, end=end, not_before=None)
    since = select(_who(table).label("who"), table.c.started_at).where(
        where_any([earlier]), table.c.started_at > first
    )
    each = since.subquery().c  # an engine takes an expression with values in it for another one
    latest = select(each.who, func.max(each.started_at)).group_by(each.who)
    return [(who, last) for who, last in connection.execute(latest)]


def _count_at_edges(
    connection: Connection, plan: Plan, source: PlanSource, at_once: list[Selection]
) -> int:
    """Count sessions of the very seconds that are asked about and not of their instants."""
    seconds = [
        replace(one, start=second - MOMENT, end=second + SECOND)
        for one in at_once
        if one.start is not None
        for second in [one.start.replace(microsecond=0)]
    ]
    return _count(connection, seconds, where_none(select_rows(plan, source))) if seconds else 0


def _who(table: Table) -> ColumnElement[str]:
    """Return whose session a row is; without an account each is of somebody.

    One account in two sources is one customer: several systems tell of the same session.
    """
    return func.coalesce(table.c.account, "\n" + table.c.source + "\n" + table.c.row_id)


def _count(connection: Connection, selections: list[Selection], *where: Any) -> int:
    if not selections:
        return 0
    table = TABLES[selections[0].kind]
    query = select(func.count()).select_from(table).where(and_(where_any(selections), *where))
    return int(connection.scalar(query) or 0)
