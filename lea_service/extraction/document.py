"""The document of a plan (``schemas/plan/1.json``): written by us, read back by the worker."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from lea_service.demands.demand import OF_A_SOURCE, Item, Period, Target, TargetKind
from lea_service.extraction.forms import FORMAT, PlanForm
from lea_service.extraction.plan import (
    Ask,
    Plan,
    PlanItem,
    PlanReceiver,
    PlanSource,
    compile_item,
    find_faults,
)
from lea_service.kernel.canonical import Json
from lea_service.kernel.clock import format_instant, parse_instant
from lea_service.kernel.errors import InvalidInput
from lea_service.records.identifiers import REGIONS
from lea_service.records.kinds import CATEGORIES, KINDS
from lea_service.records.selection import Match
from lea_service.web.schemas import load_form


def dump_plan(plan: Plan) -> dict[str, Json]:
    """Return the document of a plan."""
    return {
        "format": FORMAT,
        "demand": plan.demand,
        "demand_version": plan.demand_version,
        "compiled_at": format_instant(plan.compiled_at),
        "region": plan.region,
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
    load_form(PlanForm, document)
    try:
        plan = _load(document)
    except (TypeError, KeyError, ValueError, AttributeError) as err:  # within its asks
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
        "source": ask.source,
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
    }


def _dump_source(source: PlanSource) -> dict[str, Json]:
    return {
        "id": source.id,
        "name": source.name,
        "kind": source.kind,
        "categories": list(source.categories),
        "columns": list(source.columns),
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
        region=document["region"],
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
        source=ask["source"],
        kind=ask["kind"],
        version=ask["version"],
        columns=tuple(ask["columns"]),
        matches=tuple(
            Match(tuple(match["columns"]), tuple(match["values"]), match["or_missing"])
            for match in ask["matches"]
        ),
        start=parse_instant(ask["start"]),
        end=parse_instant(ask["end"]),
    )


def _load_source(source: Any) -> PlanSource:
    return PlanSource(
        **{
            **source,
            "categories": tuple(source["categories"]),
            "columns": tuple(source["columns"]),
            "cutoff": _load_instant(source["cutoff"]),
        }
    )


def _load_instant(value: Any) -> datetime | None:
    return None if value is None else parse_instant(value)


def _check(plan: Plan) -> None:
    """Refuse what has the form of a plan and no meaning as one."""
    numbers = [item.n for item in plan.items]
    if sorted(set(numbers)) != numbers:
        raise InvalidInput.at("/items", "expected items in the order of their numbers")
    if plan.region is not None and plan.region not in REGIONS:
        raise InvalidInput.at("/region", "expected a country by its two letters (ISO 3166)")
    for name in ("id", "name"):
        if len({getattr(one, name) for one in plan.sources}) < len(plan.sources):
            raise InvalidInput.at("/sources", f"expected each {name} once")
    asked = {ask.source for item in plan.items for ask in item.asks}
    for at, source in enumerate(plan.sources):
        _check_source(source, f"/sources/{at}")
        if source.name not in asked:
            raise InvalidInput.at(f"/sources/{at}", "expected a source that some item asks")
    for at, item in enumerate(plan.items):
        _check_item(item, plan, f"/items/{at}")


def _check_source(source: PlanSource, pointer: str) -> None:
    known = {name for name, one in CATEGORIES.items() if one.kind == source.kind}
    if not known.issuperset(source.categories):
        raise InvalidInput.at(f"{pointer}/categories", "expected categories of its kind")
    if not set(KINDS[source.kind].names).issuperset(source.columns):
        raise InvalidInput.at(f"{pointer}/columns", "expected columns of its kind")
    if (source.rule is None) != (source.cutoff is None):
        raise InvalidInput.at(pointer, "expected a rule with its cutoff, or neither")


def _check_item(item: PlanItem, plan: Plan, pointer: str) -> None:
    """Refuse an item that asks for anything but what follows from what it says of itself."""
    target = item.target
    if (target.kind in OF_A_SOURCE) != (target.source is not None):
        raise InvalidInput.at(
            f"{pointer}/target/source", "expected with a telephone identifier only"
        )
    said = Item(item.n, target, Period(item.start, item.end, item.zone), item.categories)
    for fault in find_faults(said, plan.region):
        raise InvalidInput.at(f"{pointer}{fault.pointer}", fault.detail)
    meant = compile_item(said, plan.sources, plan.region)
    if item.not_held != meant.not_held:
        raise InvalidInput.at(f"{pointer}/not_held", "expected what no source of the plan has")
    if item.asks != meant.asks:
        raise InvalidInput.at(f"{pointer}/asks", "expected what follows from target and period")
