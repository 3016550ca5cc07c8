"""Commands about warnings, for people outside the flow."""

from __future__ import annotations

from typing import Any

import click

from lea_service.kernel.phrases import Phrases
from lea_service.web.client import Client
from lea_service.web.input import id_of, language_option
from lea_service.web.output import json_option, legend, says_in, show
from lea_service.web.spoken import Spoken

ROUTE = "/api/v1/warnings"
RECIPIENTS = ("account", "since", "approval", "oversees")
SET = ("count", "since", "approval")
COLUMNS = ("id", "kind", "demand", "subject", "count", "raised_at", "settled_at")
SAYINGS: Phrases = {
    "none": ("Geen waarschuwingen.", "No warnings."),
    "recipients": ("Waarschuwingen gaan naar:", "Warnings go to:"),
    "overseers": (
        "iedere toezichthouder, en de mailbox voor alarm: niemand op de lijst houdt toezicht",
        "every overseer, and the mailbox of alarms: nobody listed oversees",
    ),
    "watched": ("Waarop wordt gelet:", "Watched over:"),
    "nothing": ("niets", "nothing"),
    "own": ("Eigen nummers en adressen van medewerkers:", "Own identifiers of colleagues:"),
    "nobody": ("van niemand", "none"),
}


@click.group()
def warnings() -> None:
    """See what people outside the flow are warned of, and say what you made of it.

    No warning names a target. They are for the overseers whom two people put on the list, or for
    every overseer while nobody is on it.
    """


@warnings.command("list")
@click.option("--open/--settled", "is_open", default=None, help="Only those; without it: all.")
@language_option
@json_option
def list_(is_open: bool | None, language: str, as_json: bool) -> None:
    """List warnings, the newest first. That you looked is entered in the custody log."""
    asked = None if is_open is None else str(is_open).lower()
    with Client.from_environment() as client:
        found = list(client.pages(ROUTE, open=asked))
    show(as_json, found, lambda: _list(found, language))


@warnings.command()
@language_option
@json_option
def lists(language: str, as_json: bool) -> None:
    """Show whom warnings go to, how much is watched over, and who has own identifiers.

    Since when, and by which approval; which identifiers is told to nobody. For those who propose
    and decide on these lists. That you looked is entered in the custody log.
    """
    with Client.from_environment() as client:
        found = client.get(f"{ROUTE}/lists")
    show(as_json, found, lambda: _lists(found, language))


@warnings.command()
@click.argument("warning_id", type=id_of("w"))
@click.option("--reason", required=True, help="What you found and did; kept sealed.")
@language_option
@json_option
def settle(warning_id: str, reason: str, language: str, as_json: bool) -> None:
    """Settle a warning, with the reason."""
    with Client.from_environment() as client:
        found = client.post(f"{ROUTE}/{warning_id}/settlement", {"reason": reason})
    show(as_json, found, lambda: _tell(found, language))


def _lists(found: dict[str, Any], language: str) -> str:
    speak = Spoken(language, SAYINGS)
    recipients, watched, own = found["recipients"], found["watched"], found["own"]
    listed = [speak.table(recipients, RECIPIENTS)] if recipients else []
    if not any(one["oversees"] for one in recipients):
        listed.append(speak.say("overseers"))
    parts = {
        "recipients": "\n".join(listed),
        "watched": speak.table([watched], SET) if watched else speak.say("nothing"),
        "own": speak.table(own, ("account", *SET)) if own else speak.say("nobody"),
    }
    return "\n\n".join(f"{speak.say(title)}\n{text}" for title, text in parts.items())


def _list(found: list[dict[str, Any]], language: str) -> str:
    speak = Spoken(language, SAYINGS)
    if not found:
        return speak.say("none")
    return f"{speak.table(found, COLUMNS)}\n\n{legend(found, 'kind', language)}"


def _tell(found: dict[str, Any], language: str) -> str:
    """Return a warning with what its kind means in the place of the code."""
    plain = {name: value for name, value in found.items() if name not in {"says", "says_nl"}}
    return Spoken(language).facts({**plain, "kind": found[says_in(language)]})
