"""What a command prints of the wait of a demand whose package is ready, in Dutch or English."""

from __future__ import annotations

from typing import Any

from lea_service.kernel.errors import NotFound, NotPermitted
from lea_service.kernel.phrases import VALUES, Phrases, phrase
from lea_service.web.client import Client
from lea_service.web.output import says_in, wall_time

SAYINGS: Phrases = {
    "waits": ("wacht", "waits"),
    "until": ("wacht tot", "waits until"),
    "turns_given": ("delen verstrekt", "instalments given"),
    "turns_next": ("volgende deel", "next instalment"),
    "turn": ("{number}, tot {end}", "{number}, until {end}"),
}


def fetch_wait(client: Client, demand: str) -> dict[str, Any] | None:
    """Return by what the law keeps back the package of a demand.

    None where it does not, and for who may not see how far the work is.
    """
    try:
        found = client.get(f"/api/v1/demands/{demand}/progress")
    except (NotFound, NotPermitted):
        return None
    wait: dict[str, Any] | None = found["wait"]
    return wait


def fetch_turns(client: Client, demand: str) -> list[dict[str, Any]]:
    """Return the instalments of a demand; none for who may not see them."""
    try:
        found = client.get(f"/api/v1/demands/{demand}/instalments")
    except (NotFound, NotPermitted):
        return []
    listed: list[dict[str, Any]] = found["instalments"]
    return listed


def tell_turns(found: list[dict[str, Any]], language: str) -> dict[str, str]:
    """Return lines for ``facts``: which instalments were given, and which one is next."""
    given = [str(one["number"]) for one in found if one["standing"] == "given"]
    later = [one for one in found if one["standing"] not in {"given", "dropped"}]
    told = {"turns_given": f"{', '.join(given)} / {found[-1]['of']}"} if given else {}
    if later:
        said = phrase(SAYINGS, "turn", language, **{**later[0], "end": wall_time(later[0]["end"])})
        told["turns_next"] = f"{said} ({later[0][says_in(language)]})"
    return {phrase(SAYINGS, key, language): line for key, line in told.items()}


def tell_wait(wait: dict[str, Any] | None, language: str) -> dict[str, str]:
    """Return lines for ``facts``: what is waited for, and until when; none where nothing is."""
    if wait is None:
        return {}
    return {
        phrase(SAYINGS, "waits", language): wait[says_in(language)],
        phrase(SAYINGS, "until", language): wait["until"] or phrase(VALUES, "None", language),
    }
