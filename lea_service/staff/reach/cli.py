"""Commands about whether approvers can be reached."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from lea_service.kernel.printable import printable
from lea_service.staff.cli import staff
from lea_service.staff.forms import INSTANT
from lea_service.web.client import Client
from lea_service.web.output import facts, json_option, show, table

__all__ = ["staff"]

ROUTE = "/api/v1/staff/reachability"
COLUMNS = ("name", "reach", "asked_at", "due_at", "answered_at", "away_from", "away_until")


@staff.group("reachable", invoke_without_command=True)
@json_option
@click.pass_context
def reachable(context: click.Context, as_json: bool) -> None:
    """Show whether approvers can be reached: who answered, who is away, who is overdue."""
    if context.invoked_subcommand is not None:
        return
    with Client.from_environment() as client:
        found = client.get(ROUTE)
    show(as_json, found, lambda: describe(found))


@reachable.command("confirm")
@click.argument("code")
@json_option
def confirm(code: str, as_json: bool) -> None:
    """Answer the test that you were sent last, by the CODE in the notice."""
    with Client.from_environment() as client:
        client.post(f"{ROUTE}/answer", {"code": code})
    show(as_json, {"answered": True}, "answered; you count as reachable")


@reachable.command("away")
@click.option("--from", "since", required=True, type=INSTANT, help="From when you are away.")
@click.option("--until", required=True, type=INSTANT, help="From when you are back.")
@json_option
def away(since: str, until: str, as_json: bool) -> None:
    """Say that you are away for a time; it replaces what you said before."""
    _enter(since, until, as_json, f"away from {since} until {until}")


@reachable.command("back")
@json_option
def back(as_json: bool) -> None:
    """Say that you are not away after all."""
    _enter(None, None, as_json, "not away")


def _enter(since: str | None, until: str | None, as_json: bool, text: str) -> None:
    body = {"from": since, "until": until}
    with Client.from_environment() as client:
        client.post(f"{ROUTE}/absences", body)
    show(as_json, body, text)


def describe(found: dict[str, Any]) -> str:
    """Return how it stands with everybody, and what to do where a mailbox is missing."""
    few = f"too few, since {found['alarm_since']}" if found["alarm"] else "enough"
    head = facts({"reachable": found["reachable"], "that is": few})
    parts = [head, table(found["approvers"], COLUMNS), _ask_mailboxes(found["approvers"])]
    return "\n\n".join(part for part in parts if part)


def _ask_mailboxes(approvers: Sequence[dict[str, Any]]) -> str:
    """Return who gets no test for want of a mailbox, and what to do about it; empty for nobody."""
    without = [one for one in approvers if not one["has_mailbox"]]
    if not without:
        return ""
    lines = [
        f"No mailbox is known of: {', '.join(printable(one['name']) for one in without)}.",
        "No code reaches them, so they are overdue when the term of the first test has run out.",
        "Enter a mailbox of each, to be approved as every change of staff (--phone as well where",
        "one is known, since both are replaced); the next test reaches them then:",
        *(f"  lea staff request engagement {one['account']} --mailbox …" for one in without),
    ]
    return "\n".join(lines)
