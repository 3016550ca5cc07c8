"""Commands for approvals of every kind: see what waits, propose, decide."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from lea_service.kernel.printable import printable_json, printable_lines
from lea_service.staff.described import describe, describe_decision
from lea_service.staff.keys import public_bytes
from lea_service.staff.named import fetch_named, tell_named
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
from lea_service.web.input import UNASKED, confirm, id_of, read_object
from lea_service.web.output import json_option, show, table

COLUMNS = ("id", "kind", "subject", "proposed_by", "proposed_at")


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
@json_option
def list_pending(everything: bool, as_json: bool) -> None:
    """List what waits for your decision: nothing that you proposed or agreed to, or about you."""
    which = {"all": "true"} if everything else {}
    with Client.from_environment() as client:
        found = list(client.pages("/api/v1/approvals", **which))
    show(as_json, found, lambda: table(found, COLUMNS))


@approvals.command("show")
@click.argument("approval_id", type=id_of("ap"))
@json_option
def show_approval(approval_id: str, as_json: bool) -> None:
    """Show an approval with everything that was signed, and the names of what it names."""
    with Client.from_environment() as client:
        opened = open_approval(client, approval_id)
        text = "" if as_json else _read_out(client, opened)
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
@json_option
def propose_request(kind: str, path: Path, key_path: Path, as_json: bool) -> None:
    """Propose something, signed by your key; another person decides on it."""
    request = read_object(path)
    key = load_signing_key(key_path)
    with Client.from_environment() as client:
        made = propose(client, key, kind, request)
    show(as_json, made, lambda: f"proposed: {made['id']}; {who_decides(made)}")


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
@json_option
def decide(
    approval_id: str,
    outcome: str,
    looked_at: tuple[str, ...],
    reasons: tuple[str, ...],
    text: str | None,
    yes: bool,
    key_path: Path,
    as_json: bool,
) -> None:
    """Decide on somebody else's proposal, signed by your key.

    It is shown in words first, every field that your signature covers, with --json as JSON.
    Names stand below it; all else that bears on it: `lea approvals page`.

    What you looked at, and why something goes back, is signed with it. Which codes there are
    depends on what was proposed: `lea approvals show` lists them.
    """
    key = load_signing_key(key_path)
    with Client.from_environment() as client:
        opened = open_approval(client, approval_id)
        if not yes:
            _tell(printable_json(opened, indent=2) if as_json else _read_out(client, opened))
            looked_at = _tick(opened, outcome, looked_at)
            answer = Answer(Outcome(outcome), reasons, looked_at, text)
            _tell("\n" + describe_decision(opened, answer, public_bytes(key)))
            confirm(f"Sign this as {outcome}?", UNASKED)
        made = sign_decision(
            client, key, opened, outcome, reasons=reasons, looked_at=looked_at, text=text
        )
    show(as_json, made, lambda: f"{made['outcome'] or 'agreed'}: {made['id']}{_who_else(made)}")


def _read_out(client: Client, opened: Mapping[str, Any]) -> str:
    """Return an approval in words: what is signed, and below it the names of what it names."""
    named = tell_named(fetch_named(client, opened))
    return "\n\n".join(filter(None, [describe(opened), named]))


def _tell(text: str) -> None:
    """Print what is read before signing, beside what the command answers."""
    click.echo(printable_lines(text), err=True)


def _tick(opened: Mapping[str, Any], outcome: str, given: Sequence[str]) -> tuple[str, ...]:
    """Ask for each that has to be looked at, and was not named, whether it was; or end."""
    if outcome != Outcome.APPROVED:
        return tuple(given)
    left = [one for one in opened["states"]["looked_at"] if one["code"] not in given]
    named = " ".join(f"--looked-at {one['code']}" for one in left)
    for one in left:
        asked = printable_lines(f"Looked at? {one['en']} ({one['code']})")
        confirm(asked, printable_lines(f"name all that you looked at: {named}, and give --yes"))
    return (*given, *(one["code"] for one in left))


def who_decides(made: Mapping[str, Any]) -> str:
    """Say how many others a proposal waits for."""
    needed = made["needs_deciders"]
    return "another person decides on it" if needed == 1 else f"{needed} others have to agree"


def _who_else(made: Mapping[str, Any]) -> str:
    left = made["needs_deciders"] - len(made["endorsed_by"])
    return "" if made["outcome"] else f"; {left} more has to agree"
