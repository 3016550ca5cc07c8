"""What a plan would hand over, counted and never shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lea_service.extraction.doubts import count_doubts
from lea_service.extraction.holder_sources import count_late, describe_holding
from lea_service.extraction.holders import Spans, dump_spans
from lea_service.extraction.plan import Plan, PlanSource, select_rows
from lea_service.extraction.run import count_past_term
from lea_service.extraction.store import count_days, count_other_parties
from lea_service.extraction.tenure_queries import find_spans, read_tenures
from lea_service.kernel.canonical import Json
from lea_service.records.reader import Snapshot
from lea_service.records.selection import Selection


@dataclass(frozen=True, slots=True)
class Counted:
    """The counts: rows that would be handed over, and rows past their term that are still held.

    Among the latter are those that tell who held what, whatever the plan asks of their source.
    ``private`` are those that tell instants of records, kept sealed: ``holders`` says when what
    changed hands (``dump_spans``), ``holding`` how far sources could tell of that.
    """

    rows: int
    past_term: int
    counts: dict[str, Json]
    private: dict[str, Json]


def count_plan(snapshot: Snapshot, plan: Plan, holding: Sequence[PlanSource] = ()) -> Counted:
    """Count what the plan selects now: in all, by item and by source, days and other parties.

    And when what an item asks about changed hands, by the sources of subscribers in ``holding``,
    and how far those could tell.
    """
    told = read_tenures(snapshot.connection, plan, holding)
    spans = find_spans(told)
    groups = [select_rows(plan, source) for source in plan.asked]
    sources = [_count_source(snapshot, plan, source, spans) for source in plan.asked]
    counts: dict[str, Json] = {
        "days": count_days(snapshot.connection, groups),
        "other_parties": count_other_parties(snapshot.connection, groups),
        "items": _count_items(snapshot, plan),
        "sources": list(sources),
    }
    rows, past_term = (sum(one[name] for one in sources) for name in ("rows", "past_term"))
    private: dict[str, Json] = {
        "holders": dump_spans(spans),
        "holding": [one.dump() for one in describe_holding(snapshot, plan, told)],
    }
    return Counted(rows, past_term + count_late(snapshot, plan, told), counts, private)


def _count_source(
    snapshot: Snapshot, plan: Plan, source: PlanSource, spans: Spans
) -> dict[str, Any]:
    return {
        "source": source.name,
        "kind": source.kind,
        "rows": snapshot.count(select_rows(plan, source)),
        "past_term": count_past_term(snapshot, plan, source),
        "doubts": count_doubts(snapshot, plan, source, spans),
    }


def _count_items(snapshot: Snapshot, plan: Plan) -> list[Json]:
    rows = {item.n: 0 for item in plan.items}
    for source in plan.asked:
        asked: list[tuple[int, Selection]] = [
            (n, selection)
            for (n, _), selection in zip(
                plan.asks_to(source), select_rows(plan, source), strict=True
            )
        ]
        for n, selection in asked:
            rows[n] += snapshot.count([selection])
    return [{"n": n, "rows": count} for n, count in rows.items()]
