"""Commands of giving less than was asked, among those of the legal check."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from lea_service.demands.demand import CATEGORIES
from lea_service.demands.narrowing import CutGround
from lea_service.demands.phrases import CATEGORIES as WORDS_OF_CATEGORIES
from lea_service.kernel.phrases import Phrases
from lea_service.web.client import Client
from lea_service.web.input import Form, id_of, language_option
from lea_service.web.output import json_option, show
from lea_service.web.spoken import Spoken

INSTANT = Form(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,6})?)(Z|[+-]\d\d:\d\d)",
    "an instant as 2026-11-24T09:30:00+01:00",
)
SAYINGS: Phrases = {
    "all": ("alles wat is gevraagd, wordt gegeven", "all that is asked is given"),
    "untold": (
        "Niet alles hiervan is al met een brief verteld: `lea demands letter {demand} --about "
        "narrowing --send`. De brief van het antwoord zegt het in elk geval, en bij een Europees "
        "bevel deed bijlage III dat.",
        "Not all of this was told by a letter yet: `lea demands letter {demand} --about narrowing "
        "--send`. The letter of the answer says it in any case, and of a European order Annex III "
        "did.",
    ),
}
CODES: Mapping[str, Phrases] = {"category": WORDS_OF_CATEGORIES}
demand_argument = click.argument("demand", type=id_of("c"))


@click.command()
@demand_argument
@click.option("--item", type=click.IntRange(1, 9999), required=True, help="Of which item.")
@click.option(
    "--ground",
    type=click.Choice([str(one) for one in CutGround]),
    required=True,
    help="Why. That it is too broad is none: ask the authority with `lea legal ask`.",
)
@click.option("--category", type=click.Choice(CATEGORIES), help="Only this category of data.")
@click.option("--keep-from", type=INSTANT, help="Nothing from before it; with the ground agreed.")
@click.option("--keep-until", type=INSTANT, help="Nothing from then on; with the ground agreed.")
@click.option(
    "--agreed-in",
    "clarification",
    type=id_of("cl"),
    help="The question to which the authority answered that it agrees: see `lea legal questions`.",
)
@click.option("--reason", required=True, help="Why, in your words; it is kept.")
@language_option
@json_option
def narrow(demand: str, language: str, as_json: bool, **body: Any) -> None:
    """Leave something of DEMAND out of what is given; plan and letter say so.

    Without --category and span nothing of the item is given; with --ground period_wrong what lies
    outside the days that the findings name. Nothing at all is a refusal. Of a European order it is
    stated in Annex III first, and that sent (`lea legal annex file --reason given_in_part`). To
    undo it, correct the demand or assess it anew.
    """
    with Client.from_environment() as client:
        found = client.post(f"/api/v1/demands/{demand}/narrowings", body)
    show(as_json, found, lambda: _spoken(language).told(found, "ground"))


@click.command()
@demand_argument
@language_option
@json_option
def narrowings(demand: str, language: str, as_json: bool) -> None:
    """Show what of DEMAND is not given, on which ground and why; the look is entered.

    And whether a letter that says it went out: one of before a later cut does not say that one.
    """
    with Client.from_environment() as client:
        found = client.get(f"/api/v1/demands/{demand}/narrowings")["narrowings"]
    show(as_json, found, lambda: _tell(found, demand, language))


def _spoken(language: str) -> Spoken:
    return Spoken(language, SAYINGS, CODES)


def _tell(found: list[dict[str, Any]], demand: str, language: str) -> str:
    speak = _spoken(language)
    parts = [speak.told(one, "ground") for one in found] or [speak.say("all")]
    if any(one["told_at"] is None for one in found):
        parts.append(speak.say("untold", demand=demand))
    return "\n\n".join(parts)


COMMANDS = (narrow, narrowings)
