"""Commands about whether approvers can be reached."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import click

from lea_service.kernel.phrases import ENGLISH, Phrases
from lea_service.kernel.printable import printable
from lea_service.staff.cli import staff
from lea_service.staff.forms import INSTANT
from lea_service.staff.phrases import REACHES
from lea_service.web.client import Client
from lea_service.web.input import language_option
from lea_service.web.output import json_option, show, wall_time
from lea_service.web.spoken import Spoken

__all__ = ["staff"]

ROUTE = "/api/v1/staff/reachability"
COLUMNS = ("name", "reach", "asked_at", "answer by", "answered_at", "away_from", "away_until")
CODES: Mapping[str, Phrases] = {"reach": REACHES}
SAYINGS: Phrases = {
    "reachable": ("bereikbaar: {count}; dat is {enough}", "reachable: {count}; that is {enough}"),
    "enough": ("genoeg", "enough"),
    "few": ("te weinig, sinds {since}", "too few, since {since}"),
    "answered": ("geantwoord; u telt als bereikbaar", "answered; you count as reachable"),
    "away": ("afwezig van {since} tot {until}", "away from {since} until {until}"),
    "back": ("niet afwezig", "not away"),
    "mailboxes": (
        "Van deze mensen is geen postbus bekend: {who}.\n"
        "Geen code bereikt hen, dus zijn zij te laat als de termijn van de eerste test om is.\n"
        "Voer van elk een postbus in, goed te keuren als elke verandering van medewerkers (ook\n"
        "--phone waar dat bekend is, want beide worden vervangen); de volgende test bereikt hen "
        "dan:",
        "No mailbox is known of: {who}.\n"
        "No code reaches them, so they are overdue when the term of the first test has run out.\n"
        "Enter a mailbox of each, to be approved as every change of staff (--phone as well where\n"
        "one is known, since both are replaced); the next test reaches them then:",
    ),
}


@staff.group("reachable", invoke_without_command=True)
@language_option
@json_option
@click.pass_context
def reachable(context: click.Context, language: str, as_json: bool) -> None:
    """Show whether approvers can be reached: who answered, who is away, who is overdue."""
    if context.invoked_subcommand is not None:
        return
    with Client.from_environment() as client:
        found = client.get(ROUTE)
    show(as_json, found, lambda: describe(found, language))


@reachable.command("confirm")
@click.argument("code")
@language_option
@json_option
def confirm(code: str, language: str, as_json: bool) -> None:
    """Answer the test that you were sent last, by the CODE in the notice."""
    with Client.from_environment() as client:
        client.post(f"{ROUTE}/answer", {"code": code})
    show(as_json, {"answered": True}, Spoken(language, SAYINGS).say("answered"))


@reachable.command("away")
@click.option("--from", "since", required=True, type=INSTANT, help="From when you are away.")
@click.option("--until", required=True, type=INSTANT, help="From when you are back.")
@language_option
@json_option
def away(since: str, until: str, language: str, as_json: bool) -> None:
    """Say that you are away for a time; it replaces what you said before."""
    _enter(since, until, language, as_json)


@reachable.command("back")
@language_option
@json_option
def back(language: str, as_json: bool) -> None:
    """Say that you are not away after all."""
    _enter(None, None, language, as_json)


def _enter(since: str | None, until: str | None, language: str, as_json: bool) -> None:
    body, says = {"from": since, "until": until}, "back" if since is None else "away"
    with Client.from_environment() as client:
        client.post(f"{ROUTE}/absences", body)
    show(as_json, body, Spoken(language, SAYINGS).say(says, since=since, until=until))


def describe(found: dict[str, Any], language: str = ENGLISH) -> str:
    """Return how it stands with everybody, and what to do where a mailbox is missing."""
    speak = Spoken(language, SAYINGS, CODES)
    since = found["alarm"] and wall_time(found["alarm_since"])
    enough = speak.say("few", since=since) if since else speak.say("enough")
    lines = [{**one, "answer by": one.get("due_at")} for one in found["approvers"]]
    parts = [
        speak.say("reachable", count=found["reachable"], enough=enough),
        speak.table(lines, COLUMNS),
        _ask_mailboxes(lines, speak),
    ]
    return "\n\n".join(part for part in parts if part)


def _ask_mailboxes(approvers: Sequence[dict[str, Any]], speak: Spoken) -> str:
    """Return who gets no test for want of a mailbox, and what to do about it; empty for nobody."""
    without = [one for one in approvers if not one["has_mailbox"]]
    if not without:
        return ""
    lines = [
        speak.say("mailboxes", who=", ".join(printable(one["name"]) for one in without)),
        *(f"  lea staff request engagement {one['account']} --mailbox …" for one in without),
    ]
    return "\n".join(lines)
