"""Who and what the ids of an approval are, as far as whoever looks may see it. Signed is the id."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from lea_service.kernel.errors import NotFound, NotPermitted, Unavailable
from lea_service.kernel.phrases import ENGLISH, Phrases, phrase
from lea_service.kernel.printable import list_members, printable
from lea_service.web.client import Client

ID = re.compile(r"\b([a-z]+)_[0-9a-f]{32}\b")
API = "/api/v1"
SAYINGS: Phrases = {
    "named": ("Wie en wat dit zijn", "Who and what these are"),
    "demand": ("vordering van {whose}, document van {on}", "demand of {whose}, order of {on}"),
}


def fetch_named(
    client: Client, opened: Mapping[str, Any], language: str = ENGLISH
) -> dict[str, str]:
    """Return by id who somebody is, or which demand it is, in the order in which they stand there.

    What the register does not tell whoever looks is left out.
    """
    found = list(_ids(opened["approval"], opened["facts"], opened["payload"]))
    named = fetch_staff(client) if any(one.startswith("s_") for one in found) else {}
    demands = {one: _find(client, f"demands/{one}") for one in found if one.startswith("c_")}
    if any(known is None or known["is_sealed"] for known in demands.values()):
        return {one: named[one] for one in found if one in named}  # a look tells whose order it is
    agencies = [one for one in found if one.startswith("a_")]
    parties = [known["content"]["agency"].get("ref") for known in demands.values() if known]
    for agency in dict.fromkeys([*agencies, *filter(None, parties)]):
        named |= fetch_agency(client, agency)
    named |= {
        one: _demand(known["content"], named, language) for one, known in demands.items() if known
    }
    return {one: named[one] for one in found if one in named}


def fetch_agency(client: Client, agency: str) -> dict[str, str]:
    """Return by id the names of an agency, its people and its desks.

    Nothing of one that the register does not know or has erased, nor for who may not see it.
    """
    found = _find(client, f"agencies/{agency}")
    entries = [found["agency"], *found["people"], *found["desks"]] if found else []
    return {one["id"]: one["name"] for one in entries}


def tell_named(named: Mapping[str, str], language: str = ENGLISH) -> str:
    """Lay out names beside their ids; nothing where there are none."""
    lines = [f"  {one}  {printable(name)}" for one, name in named.items()]
    return "\n".join([phrase(SAYINGS, "named", language), *lines]) if lines else ""


def _ids(*values: Any) -> Iterator[str]:
    """Yield each id once."""
    texts = (text for value in values for _, text in list_members(value))
    yield from dict.fromkeys(one.group() for text in texts for one in ID.finditer(text))


def _find(client: Client, path: str) -> Any:
    try:
        return client.get(f"{API}/{path}")
    except (NotFound, NotPermitted, Unavailable):
        return None


def fetch_staff(client: Client) -> dict[str, str]:
    """Return by id who works or worked here; nothing where whoever looks may not see it."""
    try:
        return {one["account"]: one["name"] for one in client.pages(f"{API}/staff")}
    except (NotFound, NotPermitted, Unavailable):
        return {}


def _demand(content: Mapping[str, Any], named: Mapping[str, str], language: str) -> str:
    """Return which demand it is: whose, of what day, on what basis, under which references."""
    agency = content["agency"]
    ref = agency.get("ref")
    whose = agency.get("name") or named.get(ref, ref)
    references = [one["value"] for one in content.get("references") or ()]
    said = phrase(SAYINGS, "demand", language, whose=whose, on=content["order_date"])
    return ", ".join([said, content["legal_basis"], *references])
