"""The document of a plan (``schemas/plan/1.json``): written by us, read back by the worker."""

from __future__ import annotations

from typing import Any

from lea_service.demands.demand import Item, Period, Target, TargetKind
from lea_service.demands.narrowing import Cut
from lea_service.extraction.forms import FORMAT, PlanForm
from lea_service.extraction.instalments import Instalment, Instalments, Rhythm
from lea_service.extraction.plan import (
    Ask,
    Narrowed,
    Plan,
    PlanItem,
    PlanReceiver,
    PlanSource,
)
from lea_service.extraction.rules import Rules
from lea_service.extraction.soundness import (
    check_compiled,
    check_meaning,
    check_rules,
    check_zones,
    said_of,
)
from lea_service.kernel.canonical import Json
from lea_service.kernel.clock import dump_instant, format_instant, load_instant, parse_instant
from lea_service.kernel.errors import InvalidInput
from lea_service.records.selection import Match
from lea_service.web.schemas import load_form


def dump_plan(plan: Plan) -> dict[str, Json]:
    """Return the document of a plan.

    ``narrowed`` stands in it where something is not given, ``instalments`` where something is still
    to come.
    """
    document: dict[str, Json] = {
        "format": FORMAT,
        "demand": plan.demand,
        "demand_version": plan.demand_version,
        "compiled_at": format_instant(plan.compiled_at),
        "rules": plan.rules.dump(),
        "region": plan.region,
        "items": [_dump_item(item) for item in plan.items],
        "sources": [_dump_source(source) for source in plan.sources],
        "receivers": [
            {"id": receiver.id, "certificate": receiver.certificate} for receiver in plan.receivers
        ],
        "past_term": None if plan.past_term is None else {"ground": plan.past_term},
    }
    if plan.narrowed is not None:
        document["narrowed"] = {
            "asked": [_dump_asked(item) for item in plan.narrowed.asked],
            "cuts": [cut.dump() for cut in plan.narrowed.cuts],
        }
    if plan.instalments is not None:
        document["instalments"] = _dump_instalments(plan.instalments)
    return document


def load_plan(document: Any) -> Plan:
    """Read a document to act on it: compiled under our rules, and just as they have it.

    Raises InvalidInput, WrongState (other rules).
    """
    plan = read_plan(document)
    check_rules(plan)
    check_zones(plan)
    check_compiled(plan)
    return plan


def read_plan(document: Any) -> Plan:
    """Read a document of whatever rules; anything but what ``dump_plan`` writes is refused.

    Raises InvalidInput.
    """
    load_form(PlanForm, document)
    plan = _load(document)
    if dump_plan(plan) != document:
        raise InvalidInput(f"expected a document of the format {FORMAT}")
    check_meaning(plan)
    return plan


def _dump_instalments(divided: Instalments) -> dict[str, Json]:
    return {
        "rhythm": str(divided.rhythm),
        "rows_each": divided.rows_each,
        "rows_together": divided.rows_together,
        "parts": [
            {
                "number": one.number,
                "start": format_instant(one.start),
                "end": format_instant(one.until),
                "due": format_instant(one.due),
            }
            for one in divided.parts
        ],
    }


def _dump_asked(item: Item) -> dict[str, Json]:
    target, period = item.target, item.period
    return {
        "n": item.n,
        "target": {
            "kind": str(target.kind),
            "value": target.value,
            "port": target.port,
            "at": dump_instant(target.at),
            "source": target.source,
        },
        "period": {
            "start": format_instant(period.start),
            "end": format_instant(period.end),
            "zone": period.zone,
        },
        "categories": list(item.categories),
    }


def _dump_item(item: PlanItem) -> dict[str, Json]:
    return {
        **_dump_asked(said_of(item)),
        "asks": [_dump_ask(ask) for ask in item.asks],
        "not_held": list(item.not_held),
        "not_searched": list(item.not_searched),
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
        "filled": list(ask.filled),
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
        "holds_ipv6": source.holds_ipv6,
        "mapping": source.mapping,
        "rule": source.rule,
        "cutoff": dump_instant(source.cutoff),
    }


def _load(document: Any) -> Plan:
    past_term = document["past_term"]
    return Plan(
        demand=document["demand"],
        demand_version=document["demand_version"],
        compiled_at=parse_instant(document["compiled_at"]),
        rules=Rules(**document["rules"]),
        region=document["region"],
        items=tuple(_load_item(item) for item in document["items"]),
        sources=tuple(_load_source(source) for source in document["sources"]),
        receivers=tuple(PlanReceiver(**receiver) for receiver in document["receivers"]),
        past_term=None if past_term is None else past_term["ground"],
        narrowed=_load_narrowed(document.get("narrowed")),
        instalments=_load_instalments(document.get("instalments")),
    )


def _load_instalments(value: Any) -> Instalments | None:
    if value is None:
        return None
    parts = (
        Instalment(one["number"], *(parse_instant(one[at]) for at in ("start", "end", "due")))
        for one in value["parts"]
    )
    return Instalments(
        Rhythm(value["rhythm"]), value["rows_each"], value["rows_together"], tuple(parts)
    )


def _load_narrowed(value: Any) -> Narrowed | None:
    if value is None:
        return None
    return Narrowed(
        tuple(_load_asked(item) for item in value["asked"]),
        tuple(Cut.load(cut) for cut in value["cuts"]),
    )


def _load_asked(item: Any) -> Item:
    target, period = item["target"], item["period"]
    return Item(
        n=item["n"],
        target=Target(
            kind=TargetKind(target["kind"]),
            value=target["value"],
            port=target["port"],
            at=load_instant(target["at"]),
            source=target["source"],
        ),
        period=Period(parse_instant(period["start"]), parse_instant(period["end"]), period["zone"]),
        categories=tuple(item["categories"]),
    )


def _load_item(item: Any) -> PlanItem:
    asked = _load_asked(item)
    return PlanItem(
        n=asked.n,
        target=asked.target,
        start=asked.period.start,
        end=asked.period.end,
        zone=asked.period.zone,
        categories=asked.categories,
        asks=tuple(_load_ask(ask) for ask in item["asks"]),
        not_held=tuple(item["not_held"]),
        not_searched=tuple(item["not_searched"]),
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
        filled=tuple(ask["filled"]),
        start=parse_instant(ask["start"]),
        end=parse_instant(ask["end"]),
    )


def _load_source(source: Any) -> PlanSource:
    return PlanSource(
        **{
            **source,
            "categories": tuple(source["categories"]),
            "columns": tuple(source["columns"]),
            "cutoff": load_instant(source["cutoff"]),
        }
    )
