"""What the sources that tell who held what could not tell of it, whatever the plan asks of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import groupby

from lea_service.extraction.doubts import (
    AMBIGUOUS_CHANGE,
    ODD,
    count_unread,
)
from lea_service.extraction.halts import HaltCode, MustHalt
from lea_service.extraction.instant_queries import OPEN_BEYOND
from lea_service.extraction.outcome import PAST_TERM, HolderSource, Loss
from lea_service.extraction.plan import HOUR, Plan, PlanItem, PlanSource, select_rows
from lea_service.extraction.store import count_selected, find_purged, find_told_until
from lea_service.extraction.tenure_queries import SUBSCRIBER, SubscriberRow, Told, find_line
from lea_service.records.flags import AMBIGUOUS, END_FIRST, NOT_E164, ODD_SIP
from lea_service.records.reader import Snapshot
from lea_service.records.selection import Selection


def check_within_term(plan: Plan, holding: Iterable[HolderSource]) -> None:
    """Let nobody be told of by records past their term that nobody decided on. Raises MustHalt."""
    if plan.past_term is None and any(PAST_TERM in one.doubts for one in holding):
        raise MustHalt(
            HaltCode.PAST_TERM_HELD, "records that tell who held what are past their term"
        )


def count_late(snapshot: Snapshot, plan: Plan, told: Iterable[Told]) -> int:
    """Return how many records past their term tell who held what and are not handed over."""
    count, asked = 0, {one.id: one for one in plan.asked}
    for source, parts in groupby(told, key=lambda one: one.source):
        late = {row.row_id for one in parts for row in one.rows if row.is_past_term(source.cutoff)}
        count += len(late)
        if late and source.id in asked:
            count -= count_selected(
                snapshot.connection, select_rows(plan, source, within_term=False), late
            )
    return count


def describe_holding(
    snapshot: Snapshot, plan: Plan, told: Iterable[Told]
) -> tuple[HolderSource, ...]:
    """Return how far each source of subscribers could tell who held what items ask about.

    ``told`` is what those say that list anything of the kind, source by source.
    """
    return tuple(
        _describe(snapshot, plan, source, list(parts))
        for source, parts in groupby(told, key=lambda one: one.source)
    )


def _describe(
    snapshot: Snapshot, plan: Plan, source: PlanSource, told: Sequence[Told]
) -> HolderSource:
    first, last = snapshot.covers(source.name, SUBSCRIBER)
    items = [one.item for one in told]
    doubts = {
        **count_unread(snapshot, source.name),
        **_count_flagged(snapshot, plan, source, items),
        **_count_rows(told, source, find_told_until(snapshot.connection, source.name)),
    }
    return HolderSource(
        source.name,
        tuple(item.n for item in items),
        first,
        last,
        {reason: count for reason, count in doubts.items() if count},
        tuple(_lost(find_purged(snapshot.connection, source), items)),
        snapshot.list_gaps(source.name),
    )


def _lost(purged: Iterable[Loss], items: Iterable[PlanItem]) -> Iterator[Loss]:
    """Yield the purges that reach into the period of an item."""
    begin = min(item.start for item in items)
    return (one for one in purged if one.until > begin)


def _count_flagged(
    snapshot: Snapshot, plan: Plan, source: PlanSource, items: Iterable[PlanItem]
) -> dict[str, int]:
    """Count records of the periods, of whomever, that were compared with no target."""
    groups: dict[str, list[Selection]] = {}
    for item in items:
        is_line = find_line(item.target, plan.region) is not None
        own = ODD.get(item.target.kind)  # none of a text that is compared as it stands
        for flag in {*([own] if own else []), *((NOT_E164, ODD_SIP) if is_line else ())}:
            period = Selection(
                SUBSCRIBER, source.name, start=item.start, end=item.end, overlap=True
            )
            groups.setdefault(flag, []).append(period)
    return {flag: snapshot.count_flagged(group, flag) for flag, group in groups.items()}


def _count_rows(told: Iterable[Told], source: PlanSource, until: datetime | None) -> dict[str, int]:
    """Count records of who held the targets, each once, in doubt for begin, end or term."""
    reasons = (END_FIRST, AMBIGUOUS_CHANGE, OPEN_BEYOND, PAST_TERM)
    found: dict[str, set[str]] = {reason: set() for reason in reasons}
    for one in told:
        for row in one.rows:
            if row.ends_first:
                found[END_FIRST].add(row.row_id)
            if AMBIGUOUS in row.flags.split() and _changes_in(row, one.item):
                found[AMBIGUOUS_CHANGE].add(row.row_id)
            if row.end is None and until is not None and until < one.item.end:
                found[OPEN_BEYOND].add(row.row_id)
            if row.is_past_term(source.cutoff):
                found[PAST_TERM].add(row.row_id)
    return {reason: len(rows) for reason, rows in found.items()}


def _changes_in(row: SubscriberRow, item: PlanItem) -> bool:
    """Say whether a record begins or ends in a period, or may by the later of two hours."""
    return any(at and item.start - HOUR <= at < item.end for at in (row.start, row.end))
