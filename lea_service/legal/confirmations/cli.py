"""Commands about orders that have to be put in writing, and about breaches."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import click

from lea_service.demands.order_media import find_media_type
from lea_service.kernel.coded import codes_of, explain
from lea_service.legal.citations import say_citation
from lea_service.legal.confirmations.differences import DIFFERENCE_GROUNDS
from lea_service.legal.confirmations.printed import describe_paper, describe_papers
from lea_service.legal.confirmations.rules import Assessed
from lea_service.legal.phrases import BREACH_CAUSES, BREACHES
from lea_service.legal.printed import Printer
from lea_service.staff.approvals_cli import tell_proposed
from lea_service.staff.signing import key_option, load_signing_key
from lea_service.staff.signing import propose as sign_and_propose
from lea_service.web.client import Client
from lea_service.web.input import Form, id_of, language_option
from lea_service.web.output import OutFile, json_option, show, wall_time
from lea_service.web.spoken import Spoken

ACCEPTANCE, AUTHORISATION = "confirmation.acceptance", "confirmation.authorisation"
demand_argument = click.argument("demand", type=id_of("c"))

DAY = Form(r"\d{4}-\d{2}-\d{2}", "a day as 2026-08-18")


@click.group()
def confirmations() -> None:
    """See which orders wait to be put in writing or validated, and record it when it comes.

    An oral order is put in writing; a European one that another authority issued in an emergency
    is validated afterwards. The end is counted by the term of the law; 72 hours are an alarm only.
    What a judge authorised orally has to be put in writing as well (`authorised`).
    What two people did not agree to by then stops; of the writing of an oral order a breach notice
    is opened to those who oversee.
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
@demand_argument
@click.argument("order", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--validated-by", type=id_of("p"), help="Of an emergency: who validated it, of the register."
)
@language_option
@json_option
def record(
    demand: str, order: Path, validated_by: str | None, language: str, as_json: bool
) -> None:
    """Record the written ORDER of a demand that was decided on by an oral one.

    Of an emergency it is the order with its validation, which pays the writing too. Before the
    decision `lea demands correct --order` does that.

    The paper is compared with what was acted on, and has to name who validated; the answer names
    each difference. It pays nothing until it is proposed (`lea confirmations propose`) and an
    approver accepts it. One that paid before is refused; so is,
    as the proof of a validation, one that was recorded of the demand before.
    """
    data = order.read_bytes()
    place, kind = _route(demand), find_media_type(data)
    if validated_by is not None:
        place += f"?{urlencode({'validated_by': validated_by})}"
    with Client.from_environment() as client:
        found = client.send_file(place, BytesIO(data), len(data), media_type=kind)
    show(as_json, found, lambda: describe_paper(found, language))


@confirmations.command()
@click.argument("paper", type=id_of("wp"))
@click.option(
    "--accept",
    "accepted",
    multiple=True,
    help="A difference that was found and may be, by its reference; each is named.",
)
@click.option(
    "--ground",
    type=click.Choice(codes_of(DIFFERENCE_GROUNDS)),
    help=f"Why the differences may be. {explain(DIFFERENCE_GROUNDS)}",
)
@key_option
@language_option
@json_option
def propose(
    paper: str,
    accepted: tuple[str, ...],
    ground: str | None,
    key_path: Path,
    language: str,
    as_json: bool,
) -> None:
    """Propose that PAPER pays what its order owes; an approver decides.

    That is one who neither brought the paper nor recorded or corrected the demand.
    """
    key = load_signing_key(key_path)
    wanted: dict[str, Any] = {"paper": paper, "accepted": [*accepted], "ground": ground}
    with Client.from_environment() as client:
        proposed = sign_and_propose(client, key, ACCEPTANCE, wanted)
    show(as_json, proposed, lambda: tell_proposed(proposed, language))


@confirmations.command()
@demand_argument
@language_option
@json_option
def papers(demand: str, language: str, as_json: bool) -> None:
    """Show the papers that were recorded of DEMAND after its decision; the look is entered."""
    with Client.from_environment() as client:
        found = client.get(_route(demand))["papers"]
    show(as_json, found, lambda: describe_papers(found, language))


@confirmations.command()
@demand_argument
@click.argument("paper", type=id_of("wp"))
@click.argument("target", type=OutFile())
@language_option
@json_option
def paper(demand: str, paper: str, target: Path, language: str, as_json: bool) -> None:
    """Save PAPER of DEMAND to TARGET, to read it before you decide; the look is entered."""
    with Client.from_environment() as client:
        content = client.get_bytes(f"{_route(demand)}/{paper}")
    target.write_bytes(content)
    saved = {"paper": paper, "file": str(target), "bytes": len(content)}
    show(as_json, saved, lambda: Spoken(language).facts(saved))


def _route(demand: str) -> str:
    return f"/api/v1/demands/{demand}/confirmation-papers"


@confirmations.command()
@click.argument("demand", type=id_of("c"))
@click.argument("written_on", type=DAY)
@click.option("--reference", required=True, help="The reference of the written authorisation.")
@click.option(
    "--at",
    "came",
    metavar="INSTANT",
    help="When you were told, as 2026-11-30T10:05:00+01:00; without it: now.",
)
@click.option("--reason", required=True, help="How you know; kept sealed.")
@key_option
@language_option
@json_option
def authorised(
    demand: str, came: str | None, key_path: Path, language: str, as_json: bool, **said: str
) -> None:
    """Propose that what a judge authorised orally of DEMAND is in writing since WRITTEN_ON.

    The writing need not be shown: its reference and day are enough, and how you know. An approver
    decides, one who did not record or correct the demand. Before the decision on the demand a
    correction does this (`judicial_authorisation.oral.written_on`).
    """
    key = load_signing_key(key_path)
    wanted: dict[str, Any] = {"demand": demand, **said}
    if came is not None:
        wanted["came"] = came
    with Client.from_environment() as client:
        proposed = sign_and_propose(client, key, AUTHORISATION, wanted)
    show(as_json, proposed, lambda: tell_proposed(proposed, language))


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
@language_option
@json_option
def assess(notice: str, outcome: str, reason: str, language: str, as_json: bool) -> None:
    """Say what was made of a breach notice, with the reason."""
    body = {"outcome": outcome, "reason": reason}
    with Client.from_environment() as client:
        found = client.post(f"/api/v1/breaches/{notice}/assessment", body)
    show(as_json, found, lambda: _tell(found, language))


def _tell(notice: dict[str, Any], language: str) -> str:
    """Return a notice with its cause in words of the language, and the articles of its terms."""
    speak = Spoken(language, codes={"cause": BREACH_CAUSES, "outcome": BREACHES})
    told = {name: value for name, value in notice.items() if name not in {"says", "says_nl"}}
    told["report_by"] = [
        f"{wall_time(one['at'])} [{say_citation(one['law'], language)}]"
        for one in notice["report_by"]
    ]
    return speak.facts(told)
