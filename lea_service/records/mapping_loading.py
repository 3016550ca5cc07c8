"""How a mapping is loaded: from a document, or by the name of one that ships."""

from __future__ import annotations

from collections.abc import Mapping as Dictionary
from dataclasses import replace
from importlib import resources
from typing import Any

from lea_service.kernel.canonical import load_strict
from lea_service.kernel.errors import FieldError, InvalidInput, NotFound
from lea_service.records.mapping import (
    SHIPPED,
    TEXT,
    FieldRule,
    FileRule,
    Mapping,
    OnlyRule,
    RowIdRule,
    TableRule,
    WatermarkRule,
    parsers_of,
    settable,
)
from lea_service.records.mapping_faults import list_faults
from lea_service.records.schemas import MappingSchema
from lea_service.records.times import TimeRule
from lea_service.web.schemas import load_form, within


def load_mapping(document: Any, at: str = "") -> Mapping:
    """Read a mapping. Raises InvalidInput that names the place, beginning with ``at``."""
    with within(at):
        found = load_form(MappingSchema, document)
        mapping = _build(found)
        faults = list_faults(mapping, found["fields"])
        if faults:
            places = [FieldError(pointer, detail) for pointer, detail in faults]
            raise InvalidInput("expected another mapping", places)
    return mapping


def declare(document: Any, zone: str | None, region: str | None, at: str = "") -> dict[str, Any]:
    """Return a mapping document with the zone and region of one system put in, checked."""
    if not isinstance(document, dict):
        raise InvalidInput.at(at, "expected a mapping, which is a JSON object")
    declared = dict(document)
    if zone is not None and isinstance(document.get("time"), dict):
        declared["time"] = {**document["time"], "zone": zone}
    if region is not None:
        declared["region"] = region
    load_mapping(declared, at)
    return declared


def list_shipped() -> list[str]:
    """Return the names of the mappings that come with the service."""
    folder = resources.files("lea_service.records") / SHIPPED
    return sorted(
        one.name.removesuffix(".json") for one in folder.iterdir() if one.name.endswith(".json")
    )


def load_shipped(name: str) -> dict[str, Any]:
    """Return the document of a mapping that comes with the service. Raises NotFound."""
    if name not in list_shipped():
        raise NotFound(f"no such mapping; there are {', '.join(list_shipped())}")
    path = resources.files("lea_service.records") / SHIPPED / f"{name}.json"
    document: dict[str, Any] = load_strict(path.read_bytes())
    return document


def _build(found: Dictionary[str, Any]) -> Mapping:
    time = TimeRule(**found["time"])
    return Mapping(
        name=found["name"],
        kind=found["kind"],
        file=_file(found["file"]),
        table=_table(found["table"]),
        missing=frozenset(found["missing"]),
        only=_only(found["only"]),
        time=time,
        region=found["region"],
        row_id=_row_id(found["row_id"]),
        fields=tuple(
            _field(name, rule, time, found["kind"]) for name, rule in found["fields"].items()
        ),
        categories=tuple(found["categories"]),
        ipv6=found["ipv6"],
        sip_hosts=tuple(found["sip_hosts"]),
    )


def _file(found: Dictionary[str, Any] | None) -> FileRule | None:
    if found is None:
        return None
    named = {"columns": tuple(found["columns"]), "optional": frozenset(found["optional"])}
    return FileRule(**{**found, **named})


def _table(found: Dictionary[str, Any] | None) -> TableRule | None:
    if found is None:
        return None
    watermark = WatermarkRule(**found["watermark"])
    return TableRule(found["name"], tuple(found["columns"]), watermark, found["schema"])


def _only(found: Dictionary[str, Any] | None) -> OnlyRule | None:
    return None if found is None else OnlyRule(found["column"], frozenset(found["values"]))


def _row_id(found: Dictionary[str, Any]) -> RowIdRule:
    return RowIdRule(tuple(found["columns"]), tuple(found["shown"]), found["line_digest"])


def _field(name: str, rule: Dictionary[str, Any], time: TimeRule, kind: str) -> FieldRule:
    parser = rule.get("as")
    if parser is None and name in settable(kind):
        parser = parsers_of(name, kind)[0]
    own = TimeRule(**rule["time"]) if "time" in rule else None
    if own is not None and own.zone is None:
        own = replace(own, zone=time.zone)
    names = ("then", "wraps", "host", "unless", "member", "separator", "newest_first")
    beside = {other: rule[other] for other in names}
    missing = frozenset(rule["missing"])
    return FieldRule(name, rule["column"], parser or TEXT, own, **beside, missing=missing)
