"""Commands about orders that have to be put in writing, and about breaches."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from urllib.parse import urlencode

import click

from lea_service.demands.order_media import PDF, find_media_type
from lea_service.kernel.coded import codes_of, explain
from lea_service.legal.confirmations.differences import DIFFERENCE_GROUNDS
from lea_service.legal.confirmations.rules import Assessed
from lea_service.legal.printed import Printer
from lea_service.web.client import Client
from lea_service.web.input import id_of, language_option
from lea_service.web.output import facts, json_option, show


@click.group()
def confirmations() -> None:
    """See which orders wait to be put in writing or validated, and record it when it comes.

    An oral order is put in writing; a European one that another authority issued in an emergency
    is validated afterwards. The end is counted by the term of the law; 72 hours are an alarm only.
    What is not there by then stops; of a writing a breach notice is opened to those who oversee.
    """


@confirmations.command("list")
@language_option
@json_option
def list_(language: str, as_json: bool) -> None:
    """List what is owed, the first to end first. That you looked is entered in the custody log."""
    with Client.from_environment() as client:
        found = list(client.pages("/api/v1/confirmations"))
    show(as_json, found, lambda: Printer(language).owed(found))


@confirmations.command()
@click.argument("demand", type=id_of("c"))
@click.argument("order", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--validated-by", type=id_of("p"), help="Of an emergency: who validated it, of the register."
)
@click.option(
    "--accept",
    "accepted",
    multiple=True,
    help="A difference that was found and may be, by its reference; may be repeated.",
)
@click.option(
    "--ground",
    type=click.Choice(codes_of(DIFFERENCE_GROUNDS)),
    help=f"Why the differences may be. {explain(DIFFERENCE_GROUNDS)}",
)
@click.option("--paper", help="The SHA-256 of the paper in which they may be, as it was named.")
@json_option
def record(
    demand: str,
    order: Path,
    validated_by: str | None,
    accepted: tuple[str, ...],
    ground: str | None,
    paper: str | None,
    as_json: bool,
) -> None:
    """Record the written ORDER of a demand that was decided on by an oral one.

    Of an emergency it is the order with its validation, which pays the writing too. Before the
    decision `lea demands correct --order` does that.

    The paper is compared with what was acted on, and has to name who validated. Where it differs
    the answer names the paper and each difference, and nothing is paid, until a paper comes that
    says the same, or each is accepted with a ground, in that paper (--paper), by somebody who did
    neither record or correct the demand nor bring the paper. One that was recorded of the demand
    before is refused.
    """
    data = order.read_bytes()
    place, kind = f"/api/v1/demands/{demand}/confirmation", find_media_type(data) or PDF
    asked = {"validated_by": validated_by, "accepted": accepted, "ground": ground}
    asked["paper"] = paper
    place += f"?{urlencode({k: v for k, v in asked.items() if v not in (None, ())}, doseq=True)}"
    with Client.from_environment() as client:
        found = client.send_file(place, BytesIO(data), len(data), media_type=kind)
    show(as_json, found, lambda: facts(found))


@click.group()
def breaches() -> None:
    """For those who oversee: see what may be a breach, and say what you made of it."""


@breaches.command("list")
@click.option("--open/--assessed", "is_open", default=None, help="Only those; without it: all.")
@language_option
@json_option
def list_breaches(is_open: bool | None, language: str, as_json: bool) -> None:
    """List breach notices, the newest first. That you looked is entered in the custody log."""
    asked = None if is_open is None else str(is_open).lower()
    with Client.from_environment() as client:
        found = list(client.pages("/api/v1/breaches", open=asked))
    show(as_json, found, lambda: Printer(language).breaches(found))


@breaches.command()
@click.argument("notice", type=id_of("bn"))
@click.argument("outcome", type=click.Choice([str(one) for one in Assessed]))
@click.option("--reason", required=True, help="What you found and did; kept sealed.")
@json_option
def assess(notice: str, outcome: str, reason: str, as_json: bool) -> None:
    """Say what was made of a breach notice, with the reason."""
    body = {"outcome": outcome, "reason": reason}
    with Client.from_environment() as client:
        found = client.post(f"/api/v1/breaches/{notice}/assessment", body)
    show(as_json, found, lambda: facts(found))
