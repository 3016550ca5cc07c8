"""Commands for approvals of every kind: see what waits, propose, decide."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from lea_service.kernel.printable import printable_lines
from lea_service.staff.signing import (
    key_option,
    load_signing_key,
    open_approval,
    propose,
    sign_decision,
)
from lea_service.staff.statement import Outcome
from lea_service.web.client import Client
from lea_service.web.input import id_of, read_object
from lea_service.web.output import facts, json_option, show, table

STATED = {
    "looked_at": "Whoever approves states to have looked at each of these:",
    "reasons": "Whoever returns or refuses says why, by one or more of these:",
}
COLUMNS = ("id", "kind", "subject", "proposed_by", "proposed_at")


@click.group()
def approvals() -> None:
    """See, propose and decide what takes effect only when a second person agrees."""


@approvals.command("list")
@json_option
def list_pending(as_json: bool) -> None:
    """List what waits for a decision, of the kinds you take part in."""
    with Client.from_environment() as client:
        found = list(client.pages("/api/v1/approvals"))
    show(as_json, found, lambda: table(found, COLUMNS))


@approvals.command("show")
@click.argument("approval_id", type=id_of("ap"))
@json_option
def show_approval(approval_id: str, as_json: bool) -> None:
    """Show an approval with everything that was signed."""
    with Client.from_environment() as client:
        opened = open_approval(client, approval_id)
    show(as_json, opened, lambda: _describe(opened))


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

    What you looked at, and why something goes back, is signed with it. Which codes there are
    depends on what was proposed: `lea approvals show` lists them.
    """
    key = load_signing_key(key_path)
    with Client.from_environment() as client:
        opened = open_approval(client, approval_id)
        if not yes:
            click.echo(printable_lines(_describe(opened)), err=True)
            looked_at = _tick(opened, outcome, looked_at)
            click.confirm(f"Sign this as {outcome}?", abort=True, err=True)
        made = sign_decision(
            client, key, opened, outcome, reasons=reasons, looked_at=looked_at, text=text
        )
    show(as_json, made, lambda: f"{made['outcome'] or 'agreed'}: {made['id']}{_who_else(made)}")


def _tick(opened: Mapping[str, Any], outcome: str, given: Sequence[str]) -> tuple[str, ...]:
    """Ask for each that has to be looked at, and was not named, whether it was; or end."""
    if outcome != Outcome.APPROVED:
        return tuple(given)
    left = [one for one in opened["states"]["looked_at"] if one["code"] not in given]
    for one in left:
        asked = printable_lines(f"Looked at? {one['en']} ({one['code']})")
        click.confirm(asked, abort=True, err=True)
    return (*given, *(one["code"] for one in left))


def who_decides(made: Mapping[str, Any]) -> str:
    """Say how many others a proposal waits for."""
    needed = made["needs_deciders"]
    return "another person decides on it" if needed == 1 else f"{needed} others have to agree"


def _who_else(made: Mapping[str, Any]) -> str:
    left = made["needs_deciders"] - len(made["endorsed_by"])
    return "" if made["outcome"] else f"; {left} more has to agree"


def _describe(opened: Mapping[str, Any]) -> str:
    parts = [facts(_told(opened))]
    for name in ("facts", "payload"):
        text = json.dumps(opened[name], ensure_ascii=False, indent=2, sort_keys=True)
        parts.append(f"{name}\n{text}")
    if opened["approval"]["outcome"] is None:
        parts += [_describe_codes(name, opened["states"][name]) for name in STATED]
    return "\n\n".join(part for part in parts if part)


def _told(opened: Mapping[str, Any]) -> dict[str, Any]:
    """Return an approval to be shown, with what its decision states in words."""
    approval, states = opened["approval"], opened["states"]
    words = {name: {one["code"]: one["en"] for one in states[name]} for name in STATED}
    said = {
        name: "; ".join(f"{words[name].get(code, code)} ({code})" for code in approval[name])
        for name in STATED
    }
    return {k: v for k, v in {**approval, **said, "told": opened["text"]}.items() if v}


def _describe_codes(name: str, codes: Sequence[Mapping[str, Any]]) -> str:
    if not codes:
        return ""
    return f"{STATED[name]}\n{table(list(codes), ('code', 'en', 'nl'), is_whole=True)}"
