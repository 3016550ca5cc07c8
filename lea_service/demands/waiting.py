"""What a command prints of the wait of a demand whose package is ready, in Dutch or English."""

from __future__ import annotations

from typing import Any

from lea_service.kernel.errors import NotFound, NotPermitted
from lea_service.kernel.phrases import VALUES, Phrases, phrase
from lea_service.web.client import Client
from lea_service.web.output import says_in

SAYINGS: Phrases = {
    "waits": ("wacht", "waits"),
    "until": ("wacht tot", "waits until"),
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


def tell_wait(wait: dict[str, Any] | None, language: str) -> dict[str, str]:
    """Return lines for ``facts``: what is waited for, and until when; none where nothing is."""
    if wait is None:
        return {}
    return {
        phrase(SAYINGS, "waits", language): wait[says_in(language)],
        phrase(SAYINGS, "until", language): wait["until"] or phrase(VALUES, "None", language),
    }
