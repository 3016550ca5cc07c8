"""Commands for approvals of every kind: see what waits, propose, decide."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from lea_service.kernel.phrases import Phrases
from lea_service.kernel.printable import printable_json, printable_lines
from lea_service.staff.described import describe, describe_decision
from lea_service.staff.keys import public_bytes
from lea_service.staff.named import fetch_named, fetch_staff, tell_named
from lea_service.staff.reasons import Answer
from lea_service.staff.signing import (
    key_option,
    load_signing_key,
    open_approval,
    propose,
    sign_decision,
)
from lea_service.staff.statement import Outcome
from lea_service.web.client import Client
from lea_service.web.input import UNASKED, confirm, id_of, language_option, read_object
from lea_service.web.output import json_option, show
from lea_service.web.spoken import Spoken

COLUMNS = ("id", "kind", "subject", "proposed_by", "proposed_at")
SAYINGS: Phrases = {
    "proposed": ("voorgesteld: {id}; {who}", "proposed: {id}; {who}"),
    "one_decides": ("een ander besluit erover", "another person decides on it"),
    "several": ("{count} anderen moeten instemmen", "{count} others have to agree"),
    "agreed": (
        "ingestemd: {id}; nog {left} moet instemmen",
        "agreed: {id}; {left} more has to agree",
    ),
    "approved": ("goedgekeurd", "approved"),
    "returned": ("teruggegeven", "returned"),
    "refused": ("geweigerd", "refused"),
    "sign": ("Dit ondertekenen als {outcome}?", "Sign this as {outcome}?"),
    "unasked": UNASKED,
    "looked_at": ("Bekeken? {what} ({code})", "Looked at? {what} ({code})"),
    "name_all": (
        "noem alles wat u bekeek: {codes}, en geef --yes",
        "name all that you looked at: {codes}, and give --yes",
    ),
}


@click.group()
def approvals() -> None:
    """See, propose and decide what takes effect only when a second person agrees."""


@approvals.command("list")
@click.option(
    "--all",
    "everything",
    is_flag=True,
    help="Whatever waits for somebody's decision, of the kinds that you propose or decide on.",
)
@language_option
@json_option
def list_pending(everything: bool, language: str, as_json: bool) -> None:
    """List what waits for your decision: nothing that you proposed or agreed to, or about you."""
    which = {"all": "true"} if everything else {}
    with Client.from_environment() as client:
        found = list(client.pages("/api/v1/approvals", **which))
        names = fetch_staff(client) if found and not as_json else {}
    shown = [{**one, "proposed_by_name": names.get(one["proposed_by"])} for one in found]
    show(as_json, found, lambda: Spoken(language).table(shown, COLUMNS))


@approvals.command("show")
@click.argument("approval_id", type=id_of("ap"))
@language_option
@json_option
def show_approval(approval_id: str, language: str, as_json: bool) -> None:
    """Show an approval with everything that was signed, and the names of what it names."""
    with Client.from_environment() as client:
        opened = open_approval(client, approval_id)
        text = "" if as_json else _read_out(client, opened, language)
    show(as_json, opened, text)


@approvals.command("propose")
@click.option("--kind", required=True, help="For example staff.account or agency.person.")
@click.option(
    "--file",
    "path",
    required=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="The request as JSON, from `lea staff request …` or by hand.",
)
@key_option
@language_option
@json_option
def propose_request(kind: str, path: Path, key_path: Path, language: str, as_json: bool) -> None:
    """Propose something, signed by your key; another person decides on it."""
    request = read_object(path)
    key = load_signing_key(key_path)
    with Client.from_environment() as client:
        made = propose(client, key, kind, request)
    show(as_json, made, lambda: tell_proposed(made, language))


@approvals.command("decide")
@click.argument("approval_id", type=id_of("ap"))
@click.option(
    "--outcome", required=True, type=click.Choice([str(item) for item in Outcome]), help="How."
)
@click.option(
    "--looked-at",
    "looked_at",
    multiple=True,
    help="To approve: a code of what you looked at; repeat for each. Without --yes you are asked.",
)
@click.option(
    "--reason-code",
    "reasons",
    multiple=True,
    help="To return or refuse: why, as a code that `lea approvals show` lists; may be repeated.",
)
@click.option("--reason", "text", help="To return or refuse: why, in your words; kept sealed.")
@click.option("--yes", is_flag=True, help="Do not show the approval and ask first.")
@key_option
@language_option
@json_option
def decide(
    approval_id: str,
    outcome: str,
    looked_at: tuple[str, ...],
    reasons: tuple[str, ...],
    text: str | None,
    yes: bool,
    key_path: Path,
    language: str,
    as_json: bool,
) -> None:
    """Decide on somebody else's proposal, signed by your key.

    It is shown in words first, every field that your signature covers, with --json as JSON.
    Names stand below it; all else that bears on it: `lea approvals page`.

    What you looked at, and why something goes back, is signed with it. Which codes there are
    depends on what was proposed: `lea approvals show` lists them.
    """
    key, speak = load_signing_key(key_path), Spoken(language, SAYINGS)
    with Client.from_environment() as client:
        opened = open_approval(client, approval_id)
        if not yes:
            shown = printable_json(opened, indent=2) if as_json else ""
            _tell(shown or _read_out(client, opened, language))
            looked_at = _tick(opened, outcome, looked_at, speak)
            answer = Answer(Outcome(outcome), reasons, looked_at, text)
            _tell("\n" + describe_decision(opened, answer, public_bytes(key), language))
            confirm(speak.say("sign", outcome=speak.say(outcome)), speak.say("unasked"))
        made = sign_decision(
            client, key, opened, outcome, reasons=reasons, looked_at=looked_at, text=text
        )
    show(as_json, made, lambda: _tell_decided(made, speak))


def _read_out(client: Client, opened: Mapping[str, Any], language: str) -> str:
    """Return an approval in words: what is signed, and below it the names of what it names."""
    named = tell_named(fetch_named(client, opened, language), language)
    return "\n\n".join(filter(None, [describe(opened, language), named]))


def _tell(text: str) -> None:
    """Print what is read before signing, beside what the command answers."""
    click.echo(printable_lines(text), err=True)


def _tick(
    opened: Mapping[str, Any], outcome: str, given: Sequence[str], speak: Spoken
) -> tuple[str, ...]:
    """Ask for each that has to be looked at, and was not named, whether it was; or end."""
    if outcome != Outcome.APPROVED:
        return tuple(given)
    left = [one for one in opened["states"]["looked_at"] if one["code"] not in given]
    named = " ".join(f"--looked-at {one['code']}" for one in left)
    for one in left:
        asked = speak.say("looked_at", what=one[speak.language], code=one["code"])
        confirm(printable_lines(asked), printable_lines(speak.say("name_all", codes=named)))
    return (*given, *(one["code"] for one in left))


def tell_proposed(made: Mapping[str, Any], language: str) -> str:
    """Say that something was proposed, and for how many others it waits."""
    speak, needed = Spoken(language, SAYINGS), made["needs_deciders"]
    who = speak.say("one_decides") if needed == 1 else speak.say("several", count=needed)
    return speak.say("proposed", id=made["id"], who=who)


def _tell_decided(made: Mapping[str, Any], speak: Spoken) -> str:
    if made["outcome"]:
        return f"{speak.say(made['outcome'])}: {made['id']}"
    left = made["needs_deciders"] - len(made["endorsed_by"])
    return speak.say("agreed", id=made["id"], left=left)
