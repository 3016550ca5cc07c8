"""The document of a plan (``schemas/plan/1.json``): written by us, read back by the worker."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from lea_service.demands.demand import OF_A_SOURCE, Target, TargetKind
from lea_service.extraction.plan import Ask, Plan, PlanItem, PlanReceiver, PlanSource
from lea_service.kernel.canonical import Json
from lea_service.kernel.clock import format_instant, parse_instant
from lea_service.kernel.errors import InvalidInput
from lea_service.records.kinds import KINDS, RecordLayout
from lea_service.records.selection import Match
from lea_service.staff.rules import GROUND

FORMAT = "lea.plan/1"

BY_ABSENCE: Mapping[str, frozenset[str]] = {
    "call": frozenset(),
    "usage": frozenset({"ended_at", "port"}),
    "subscriber": frozenset({"valid_to"}),
}
"""Columns without a value in which a row may be in: always shown, or hidden would pass for none."""


def dump_plan(plan: Plan) -> dict[str, Json]:
    """Return the document of a plan."""
    return {
        "format": FORMAT,
        "demand": plan.demand,
        "demand_version": plan.demand_version,
        "compiled_at": format_instant(plan.compiled_at),
        "items": [_dump_item(item) for item in plan.items],
        "sources": [_dump_source(source) for source in plan.sources],
        "receivers": [
            {"id": receiver.id, "certificate": receiver.certificate} for receiver in plan.receivers
        ],
        "past_term": None if plan.past_term is None else {"ground": plan.past_term},
    }


def load_plan(document: Any) -> Plan:
    """Read a document; anything but exactly what ``dump_plan`` writes is refused.

    Raises InvalidInput.
    """
    try:
        plan = _load(document)
    except (TypeError, KeyError, ValueError, AttributeError) as err:
        raise InvalidInput(f"expected a document of the format {FORMAT}") from err
    if dump_plan(plan) != document:
        raise InvalidInput(f"expected a document of the format {FORMAT}")
    _check(plan)
    return plan


def _dump_item(item: PlanItem) -> dict[str, Json]:
    target = item.target
    return {
        "n": item.n,
        "target": {
            "kind": str(target.kind),
            "value": target.value,
            "port": target.port,
            "at": _dump_instant(target.at),
            "source": target.source,
        },
        "period": {
            "start": format_instant(item.start),
            "end": format_instant(item.end),
            "zone": item.zone,
        },
        "categories": list(item.categories),
        "asks": [_dump_ask(ask) for ask in item.asks],
        "not_held": list(item.not_held),
    }


def _dump_ask(ask: Ask) -> dict[str, Json]:
    return {
        "kind": ask.kind,
        "version": ask.version,
        "columns": list(ask.columns),
        "matches": [
            {
                "columns": list(match.columns),
                "values": list(match.values),
                "or_missing": match.or_missing,
            }
            for match in ask.matches
        ],
        "start": format_instant(ask.start),
        "end": format_instant(ask.end),
        "source": ask.source,
    }


def _dump_source(source: PlanSource) -> dict[str, Json]:
    return {
        "id": source.id,
        "name": source.name,
        "kind": source.kind,
        "mapping": source.mapping,
        "rule": source.rule,
        "cutoff": _dump_instant(source.cutoff),
    }


def _dump_instant(value: datetime | None) -> str | None:
    return None if value is None else format_instant(value)


def _load(document: Any) -> Plan:
    past_term = document["past_term"]
    return Plan(
        demand=document["demand"],
        demand_version=document["demand_version"],
        compiled_at=parse_instant(document["compiled_at"]),
        items=tuple(_load_item(item) for item in document["items"]),
        sources=tuple(_load_source(source) for source in document["sources"]),
        receivers=tuple(PlanReceiver(**receiver) for receiver in document["receivers"]),
        past_term=None if past_term is None else past_term["ground"],
    )


def _load_item(item: Any) -> PlanItem:
    target, period = item["target"], item["period"]
    return PlanItem(
        n=item["n"],
        target=Target(
            kind=TargetKind(target["kind"]),
            value=target["value"],
            port=target["port"],
            at=_load_instant(target["at"]),
            source=target["source"],
        ),
        start=parse_instant(period["start"]),
        end=parse_instant(period["end"]),
        zone=period["zone"],
        categories=tuple(item["categories"]),
        asks=tuple(_load_ask(ask) for ask in item["asks"]),
        not_held=tuple(item["not_held"]),
    )


def _load_ask(ask: Any) -> Ask:
    return Ask(
        kind=ask["kind"],
        version=ask["version"],
        columns=tuple(ask["columns"]),
        matches=tuple(
            Match(tuple(match["columns"]), tuple(match["values"]), match["or_missing"])
            for match in ask["matches"]
        ),
        start=parse_instant(ask["start"]),
        end=parse_instant(ask["end"]),
        source=ask["source"],
    )


def _load_source(source: Any) -> PlanSource:
    return PlanSource(**{**source, "cutoff": _load_instant(source["cutoff"])})


def _load_instant(value: Any) -> datetime | None:
    return None if value is None else parse_instant(value)


def _check(plan: Plan) -> None:
    """Refuse what has the form of a plan and no meaning as one."""
    numbers = [item.n for item in plan.items]
    if not numbers or sorted(set(numbers)) != numbers:
        raise InvalidInput.at("/items", "expected one item and more, in the order of their numbers")
    if not plan.receivers:
        raise InvalidInput.at("/receivers", "expected one receiver and more")
    if plan.past_term is not None and not GROUND.match(plan.past_term):
        raise InvalidInput.at("/past_term/ground", "expected a coded ground")
    for at, item in enumerate(plan.items):
        _check_source(item, plan, f"/items/{at}")
        for position, ask in enumerate(item.asks):
            _check_ask(ask, f"/items/{at}/asks/{position}")
    for at, source in enumerate(plan.sources):
        if source.kind not in KINDS or (source.rule is None) != (source.cutoff is None):
            raise InvalidInput.at(f"/sources/{at}", "expected a known kind, and a rule with cutoff")
        if not plan.asks_to(source):
            raise InvalidInput.at(f"/sources/{at}", "expected a source that some item asks")


def _check_source(item: PlanItem, plan: Plan, pointer: str) -> None:
    """Refuse an item that asks another source than the one its target belongs to, or nobody."""
    target = item.target
    if (target.kind in OF_A_SOURCE) != (target.source is not None):
        raise InvalidInput.at(
            f"{pointer}/target/source", "expected with a telephone identifier only"
        )
    for at, ask in enumerate(item.asks):
        if ask.source != target.source:
            raise InvalidInput.at(f"{pointer}/asks/{at}/source", "expected that of the target")
        if not any(ask.concerns(source) for source in plan.sources):
            raise InvalidInput.at(f"{pointer}/asks/{at}", "expected a source that can answer")


def _check_ask(ask: Ask, pointer: str) -> None:
    layout = KINDS.get(ask.kind)
    if layout is None or layout.version != ask.version:
        raise InvalidInput.at(f"{pointer}/kind", "expected a record kind of this version")
    if not ask.start < ask.end:
        raise InvalidInput.at(f"{pointer}/end", "expected an end after the start")
    if not {*layout.order, *BY_ABSENCE[ask.kind]} <= set(ask.columns) <= set(layout.names):
        raise InvalidInput.at(f"{pointer}/columns", "expected columns of the record kind")
    if not ask.matches or not all(_has_meaning(match, layout) for match in ask.matches):
        raise InvalidInput.at(f"{pointer}/matches", "expected columns of the kind, and values")


def _has_meaning(match: Match, layout: RecordLayout) -> bool:
    known = BY_ABSENCE[layout.kind] if match.or_missing else {*layout.names}
    return bool(match.columns and match.values) and known >= {*match.columns}
