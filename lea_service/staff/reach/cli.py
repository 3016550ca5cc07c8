"""Commands about whether approvers can be reached."""

from __future__ import annotations

from typing import Any

import click

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
    show(as_json, found, lambda: _describe(found))


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


def _describe(found: dict[str, Any]) -> str:
    few = f"too few, since {found['alarm_since']}" if found["alarm"] else "enough"
    head = facts({"reachable": found["reachable"], "that is": few})
    return f"{head}\n\n{table(found['approvers'], COLUMNS)}"
