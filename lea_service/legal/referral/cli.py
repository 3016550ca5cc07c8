"""Commands of referring elsewhere, among those of the legal check."""

from __future__ import annotations

from typing import Any

import click

from lea_service.legal.listed import list_kinds
from lea_service.legal.referral.table import load_referrals
from lea_service.web.client import Client
from lea_service.web.input import id_of, language_option
from lea_service.web.output import json_option, show
from lea_service.web.spoken import Spoken

demand_argument = click.argument("demand", type=id_of("c"))


@click.command()
@demand_argument
@click.option(
    "--to",
    type=click.Choice(sorted(load_referrals().kinds)),
    required=True,
    help="The kind of addressee: see `lea legal referral-kinds`.",
)
@click.option("--name", help="Whom the answer names, where that is allowed; else nobody.")
@click.option("--reason", required=True, help="How we know; the authority does not read it.")
@language_option
@json_option
def refer(demand: str, language: str, as_json: bool, **body: Any) -> None:
    """Answer DEMAND with "not ours": somebody else is the addressee.

    It is no refusal, and says neither that data exist nor that they do not. A European order is
    answered with Annex III instead (reason other_addressee).
    """
    with Client.from_environment() as client:
        found = client.post(_route(demand), body)
    show(as_json, found, lambda: Spoken(language).told(found, "to"))


@click.command()
@demand_argument
@language_option
@json_option
def referral(demand: str, language: str, as_json: bool) -> None:
    """Show to whom DEMAND was referred, and why; the look is entered."""
    with Client.from_environment() as client:
        found = client.get(_route(demand))
    show(as_json, found, lambda: Spoken(language).told(found, "to"))


@click.command("referral-kinds")
@language_option
@json_option
def kinds(language: str, as_json: bool) -> None:
    """List to which kinds of addressee somebody can be referred, and what is said then."""
    with Client.from_environment() as client:
        found = client.get("/api/v1/referral-kinds")
    show(as_json, found, lambda: list_kinds(found["kinds"], language))


def _route(demand: str) -> str:
    return f"/api/v1/demands/{demand}/referral"


COMMANDS = (refer, referral, kinds)
