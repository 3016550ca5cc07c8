"""Commands about data that are kept for an authority."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from lea_service.legal.preservation.rules import Longer, ReleaseGround
from lea_service.legal.preservation.schemas import MOST_DAYS
from lea_service.legal.printed import Printer
from lea_service.staff.approvals_cli import tell_proposed
from lea_service.staff.signing import key_option, load_signing_key, propose
from lea_service.web.client import Client
from lea_service.web.input import id_of, language_option
from lea_service.web.output import json_option, show

RELEASE = "preservation.release"
demand_argument = click.argument("demand", type=id_of("c"))


@click.group()
def preservation() -> None:
    """Keep data for an authority: no plan is made of them, and nothing is handed over."""


@preservation.command()
@demand_argument
@click.option(
    "--days",
    type=click.IntRange(1, MOST_DAYS),
    help="How long the order states; without it, as long as the law allows.",
)
@language_option
@json_option
def keep(demand: str, days: int | None, language: str, as_json: bool) -> None:
    """Keep what the preservation order DEMAND names, once its legal check is settled."""
    with Client.from_environment() as client:
        found = client.post(_route(demand), {"days": days})
    show(as_json, found, lambda: Printer(language).kept(found))


@preservation.command()
@demand_argument
@click.option(
    "--by",
    type=click.Choice([one.value for one in Longer]),
    default=Longer.TERM.value,
    show_default=True,
    help="The extension that the law knows, or (European) that an order to produce follows.",
)
@click.option(
    "--days",
    type=click.IntRange(1, MOST_DAYS),
    help="How many days the extension states; without it, as many as the law allows.",
)
@click.option("--reason", required=True, help="On which paper, of whom and of which day.")
@language_option
@json_option
def extend(
    demand: str, by: str, days: int | None, reason: str, language: str, as_json: bool
) -> None:
    """Record that the authority made the preservation DEMAND longer."""
    body = {"by": by, "days": days, "reason": reason}
    with Client.from_environment() as client:
        found = client.post(f"{_route(demand)}/extensions", body)
    show(as_json, found, lambda: Printer(language).kept(found))


@preservation.command()
@demand_argument
@click.option(
    "--ground",
    type=click.Choice([one.value for one in ReleaseGround]),
    required=True,
    help="The authority released it; its oral order was never confirmed, the days it states are "
    "over, or our question stayed unanswered; or we kept by mistake.",
)
@click.option("--reason", required=True, help="How you know; it is kept sealed.")
@key_option
@language_option
@json_option
def release(
    demand: str, ground: str, reason: str, key_path: Path, language: str, as_json: bool
) -> None:
    """Propose to let go of what is kept on DEMAND before its term ends; an approver decides."""
    key = load_signing_key(key_path)
    with Client.from_environment() as client:
        wanted: dict[str, Any] = {"demand": demand, "ground": ground, "reason": reason}
        proposed = propose(client, key, RELEASE, wanted)
    show(as_json, proposed, lambda: tell_proposed(proposed, language))


@preservation.command("show")
@demand_argument
@language_option
@json_option
def show_(demand: str, language: str, as_json: bool) -> None:
    """Show what is kept on DEMAND, and until when."""
    with Client.from_environment() as client:
        found = client.get(_route(demand))
    show(as_json, found, lambda: Printer(language).kept(found))


@preservation.command("list")
@language_option
@json_option
def list_(language: str, as_json: bool) -> None:
    """List what is kept now, the first to end first, with the days left."""
    with Client.from_environment() as client:
        found = list(client.pages("/api/v1/preservations"))
    show(as_json, found, lambda: Printer(language).kept_list(found))


def _route(demand: str) -> str:
    return f"/api/v1/demands/{demand}/preservation"
