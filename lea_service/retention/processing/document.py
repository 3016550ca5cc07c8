"""An entry of the register as its canonical document, and the entries that ship."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

from lea_service.kernel.canonical import Json, dump_canonical, load_strict
from lea_service.retention.processing.rules import (
    DataTerm,
    Ending,
    Entry,
    Ground,
    Kept,
    Processor,
    Span,
)
from lea_service.retention.processing.schemas import EntryRequestSchema
from lea_service.web.schemas import load_form

PUBLISHED = "published-statement.json"
OPTIONAL = ("source", "purpose", "article", "owner", "consent_evidence", "stated_in")


def dump_document(form: Mapping[str, Any]) -> str:
    """Return what rests and is signed: a loaded request as canonical JSON (RFC 8785)."""
    stated = {name: value for name, value in form.items() if name != "generation"}
    stated["reviewed_on"] = form["reviewed_on"].isoformat()
    return dump_canonical(stated).decode()


def load_document(document: str) -> Entry:
    """Read what ``dump_document`` wrote."""
    value: Any = load_strict(document.encode())
    return load_entry(value)


def load_entry(value: Mapping[str, Any]) -> Entry:
    """Return an entry from the members of a request that was let through."""
    return Entry(
        code=value["code"],
        system=value["system"],
        **{name: value[name] for name in OPTIONAL},
        ground=Ground(value["ground"]),
        data=tuple(
            DataTerm(one["category"], _kept(one["kept"]), Ending(one["ending"]))
            for one in value["data"]
        ),
        processors=tuple(Processor(one["name"], _kept(one["kept"])) for one in value["processors"]),
        reviewed_on=date.fromisoformat(value["reviewed_on"]),
    )


def complete(value: Json) -> dict[str, Json]:
    """Return a request with each member it left out. Raises InvalidInput."""
    whole: Any = load_strict(dump_document(load_form(EntryRequestSchema, value)).encode())
    return dict(whole)


@cache
def list_published() -> Mapping[str, Mapping[str, Json]]:
    """Return by code the entries that ship: what the first provider publishes, as it stands."""
    data = (files("lea_service.retention") / "data" / PUBLISHED).read_bytes()
    value: Any = load_strict(data)
    return {one["code"]: complete(one) for one in value["entries"]}


def load_published() -> list[Entry]:
    """Return the entries that ship."""
    return [load_entry(one) for one in list_published().values()]


def _kept(value: Mapping[str, Any]) -> Kept:
    return Kept(Span(value["span"]), value["value"], value["unit"])
