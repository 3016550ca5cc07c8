"""What the commands about papers print, in Dutch or English."""

from __future__ import annotations

from typing import Any

from lea_service.kernel.phrases import DUTCH, Phrases, phrase
from lea_service.legal.seen import say_place
from lea_service.web.output import facts

SAYINGS: Phrases = {
    "none": ("er is geen papier vastgelegd", "no paper was recorded"),
    "same": ("het zegt waarop is gehandeld", "it says what was acted on"),
    "differs": ("VERSCHIL  {ref}: {says}{places}", "DIFFERS  {ref}: {says}{places}"),
}
FIELDS: Phrases = {
    "id": ("id", "id"),
    "demand": ("vordering", "demand"),
    "sha256": ("SHA-256", "sha256"),
    "validated_by": ("gevalideerd door", "validated_by"),
    "brought_by": ("gebracht door", "brought_by"),
    "brought_at": ("gebracht op", "brought_at"),
}


def describe_paper(found: dict[str, Any], language: str) -> str:
    """Return a paper that was brought: what it is, and each way in which it differs."""
    plain = {phrase(FIELDS, name, language): found[name] for name in FIELDS}
    said = [_differs(one, language) for one in found["differences"]]
    return "\n".join([facts(plain), *(said or [phrase(SAYINGS, "same", language)])])


def describe_papers(found: list[dict[str, Any]], language: str) -> str:
    """Return the papers that were brought of a demand, each below the other."""
    told = "\n\n".join(describe_paper(one, language) for one in found)
    return told or phrase(SAYINGS, "none", language)


def _differs(one: dict[str, Any], language: str) -> str:
    says = one["says_nl"] if language == DUTCH else one["says"]
    named = ", ".join(say_place(place, language) for place in one["places"])
    places = f" ({named})" if named else ""
    return phrase(SAYINGS, "differs", language, ref=one["ref"], says=says, places=places)
