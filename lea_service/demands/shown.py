"""What a command prints of the content of a demand: words, and names where there are any."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lea_service.demands.phrases import REFERENCES
from lea_service.kernel.phrases import phrase
from lea_service.staff.named import fetch_agency
from lea_service.web.client import Client
from lea_service.web.spoken import Spoken

APART = frozenset({"items", "format"})
PARTIES = (
    "agency", "issuing_person", "validating_authority", "enforcing_authority", "contact",
)  # fmt: skip


def fetch_names(client: Client, demand: Mapping[str, Any]) -> dict[str, str]:
    """Return by id the names that the register has of the agencies of a demand and their people.

    Of a sealed demand none: the look at an agency is entered, and would tell whose order it is.
    """
    names: dict[str, str] = {}
    for agency in [] if demand["is_sealed"] else sorted(_agencies(demand["content"])):
        names |= fetch_agency(client, agency)
    return names


def tell_content(
    content: Mapping[str, Any], names: Mapping[str, str], speak: Spoken
) -> dict[str, Any]:
    """Return lines for ``facts``: everything but the items; an id stands beside each name."""
    found = {name: value for name, value in content.items() if name not in APART}
    found |= {name: _party(found[name], names) for name in PARTIES if found.get(name)}
    found["receivers"] = [_party(one, names) for one in content["receivers"]]
    found["references"] = [
        f"{phrase(REFERENCES, one['kind'], speak.language)} {one['value']}"
        for one in content.get("references", ())
    ]
    return {name: _in_words(value, speak) for name, value in found.items()}


def _agencies(content: Mapping[str, Any]) -> set[str]:
    refs = {(content.get(name) or {}).get("ref") for name in PARTIES}
    return {one for one in refs if one is not None and one.startswith("a_")}


def _party(party: Any, names: Mapping[str, str]) -> str:
    """Return a party as the demand has it, with what the register calls it where that differs."""
    stated = {"ref": party} if isinstance(party, str) else party
    ref, name = stated.get("ref"), stated.get("name")
    known = names.get(ref) if ref else None
    words = ", ".join(one for one in (name or known, stated.get("function")) if one)
    if ref is None or not words:
        return words or str(ref)
    is_other = known is not None and name is not None and known != name
    return f"{words} ({known}, {ref})" if is_other else f"{words} ({ref})"


def _in_words(value: Any, speak: Spoken) -> Any:
    if isinstance(value, list):
        return [_in_words(one, speak) for one in value]
    if not isinstance(value, dict):
        return value
    return ", ".join(f"{name} {said}" for name, said in speak.named(value))
