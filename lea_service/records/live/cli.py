"""Commands about live sources; they join those about sources and records."""

from __future__ import annotations

from typing import Any

import click

from lea_service.records.cli import BASE, SOURCE, records, sources, speak_of
from lea_service.records.live.examine_service import ACCOUNT, MOST_SAMPLED
from lea_service.records.live.schemas import NEW, WHOLE
from lea_service.web.client import Client
from lea_service.web.input import Form, id_of, language_option
from lea_service.web.output import json_option, show
from lea_service.web.spoken import Spoken

__all__ = ["records", "sources"]

FINDING_COLUMNS = ("code", "column", "detail")
SHAPE_COLUMNS = ("column", "type", "length", "pattern")
ACCOUNT_NAME = Form(ACCOUNT, "small letters, digits and underscores, as lea_reader")


@records.command()
@click.argument("source", type=SOURCE)
@click.option("--whole", is_flag=True, help="Read the whole table anew; known rows add nothing.")
@language_option
@json_option
def pull(source: str, whole: bool, language: str, as_json: bool) -> None:
    """Have the worker read the live source SOURCE on from where it was read to.

    Each batch is an import of the source. What was read before a fault stays, and the next pull
    goes on behind it.
    """
    with Client.from_environment() as client:
        found = client.post(f"{BASE}/{source}/pulls", {"extent": WHOLE if whole else NEW})
    show(as_json, found, speak_of(language).say("queued", id=found["id"], source=source))


@sources.command()
@click.argument("source", type=SOURCE)
@click.argument("pull_id", type=id_of("j"), metavar="PULL")
@language_option
@json_option
def pulled(source: str, pull_id: str, language: str, as_json: bool) -> None:
    """Say how far PULL is, what it brought, and why it failed if it did."""
    with Client.from_environment() as client:
        found = client.get(f"{BASE}/{source}/pulls/{pull_id}")
    show(as_json, found, lambda: speak_of(language).facts(found))


@sources.command()
@click.argument("source", type=SOURCE)
@language_option
@json_option
def test(source: str, language: str, as_json: bool) -> None:
    """Connect to the live source SOURCE, and say what keeps it from being read, or read wrongly.

    An account that is not known to read only raises the alarm. The test is entered in the custody
    log.
    """
    with Client.from_environment() as client:
        found = client.post(f"{BASE}/{source}/examinations")
    show(as_json, found, lambda: _describe(found, speak_of(language)))


@sources.command()
@click.argument("source", type=SOURCE)
@click.option("--account", type=ACCOUNT_NAME, default="lea_reader", help="Name of the account.")
@json_option
def grants(source: str, account: str, as_json: bool) -> None:
    """Print the SQL of an account that reads what the mapping of SOURCE names, and nothing else."""
    with Client.from_environment() as client:
        found = client.post(f"{BASE}/{source}/grants", {"account": account})
    show(as_json, found, found["statements"])


@sources.command()
@click.argument("source", type=SOURCE)
@click.option("-n", "--rows", type=click.IntRange(1, MOST_SAMPLED), default=5, help="How many.")
@language_option
@json_option
def sample(source: str, rows: int, language: str, as_json: bool) -> None:
    """Show the newest rows of the live source SOURCE by their shape, and no value.

    That you looked is entered in the custody log.
    """
    with Client.from_environment() as client:
        found = client.post(f"{BASE}/{source}/samples", {"rows": rows})["rows"]
    show(as_json, found, lambda: _lay_out(found, speak_of(language)))


def _lay_out(rows: list[list[dict[str, Any]]], speak: Spoken) -> str:
    told = "\n\n".join(speak.table(row, SHAPE_COLUMNS) for row in rows)
    return told or speak.say("no_rows")


def _describe(found: dict[str, Any], speak: Spoken) -> str:
    told = speak.facts({name: value for name, value in found.items() if name != "findings"})
    listed = speak.table(found["findings"], FINDING_COLUMNS, is_whole=True)
    return f"{told}\n\n{listed if found['findings'] else speak.say('nothing')}"
