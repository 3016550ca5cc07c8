"""What a command prints of the proof of where a demand comes from, until it is decided on."""

from __future__ import annotations

from typing import Any

from lea_service.demands.phrases import HOLDS
from lea_service.demands.remedies import UNPROVEN
from lea_service.demands.states import State
from lea_service.kernel.errors import NotFound, NotPermitted
from lea_service.kernel.phrases import Phrases, phrase
from lea_service.web.client import Client

REVIEWED = frozenset({State.UNDER_REVIEW, State.CLARIFICATION})
SAYINGS: Phrases = {
    "lacks": ("bewijs mist", "proof lacks"),
    "nothing": (
        "niets: wat het beleid vraagt, is gezien",
        "nothing: what the policy asks was seen",
    ),
}


def fetch_lacks(client: Client, demand: str, state: str) -> list[dict[str, Any]] | None:
    """Return what the proof of a demand under review lacks; the look is entered.

    Of one that nobody looked at yet it is all. None in any other state, and for who may not see it.
    """
    if State(state) is State.RECEIVED:
        nl, en = HOLDS[UNPROVEN]
        return [{"code": UNPROVEN, "nl": nl, "en": en}]
    if state not in REVIEWED:
        return None
    try:
        found = client.get(f"/api/v1/demands/{demand}/authenticity")
    except (NotFound, NotPermitted):
        return None
    lacks: list[dict[str, Any]] = found["lacks"]
    return lacks


def tell_lacks(lacks: list[dict[str, Any]] | None, language: str) -> dict[str, Any]:
    """Return a line for ``facts``; none where nothing is known of it."""
    if lacks is None:
        return {}
    told = [f"{one['code']}: {one[language]}" for one in lacks]
    nothing = phrase(SAYINGS, "nothing", language)
    return {phrase(SAYINGS, "lacks", language): told or nothing}
