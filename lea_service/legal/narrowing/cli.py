"""Commands of giving less than was asked, among those of the legal check."""

from __future__ import annotations

from typing import Any

import click

from lea_service.demands.demand import CATEGORIES
from lea_service.demands.narrowing import CutGround
from lea_service.web.client import Client
from lea_service.web.input import Form, id_of
from lea_service.web.output import facts, json_option, show

INSTANT = Form(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,6})?)(Z|[+-]\d\d:\d\d)",
    "an instant as 2026-11-24T09:30:00+01:00",
)
UNTOLD = (
    "Not all of this was told by a letter yet: `lea demands letter {demand} --about narrowing "
    "--send`. The letter of the answer says it in any case, and of a European order Annex III did."
)
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
@json_option
def narrow(demand: str, as_json: bool, **body: Any) -> None:
    """Leave something of DEMAND out of what is given; plan and letter say so.

    Without --category and span nothing of the item is given; with --ground period_wrong what lies
    outside the days that the findings name. Nothing at all is a refusal. Of a European order it is
    stated in Annex III first, and that sent (`lea legal annex file --reason given_in_part`). To
    undo it, correct the demand or assess it anew.
    """
    with Client.from_environment() as client:
        found = client.post(f"/api/v1/demands/{demand}/narrowings", body)
    show(as_json, found, lambda: facts(found))


@click.command()
@demand_argument
@json_option
def narrowings(demand: str, as_json: bool) -> None:
    """Show what of DEMAND is not given, on which ground and why; the look is entered.

    And whether a letter that says it went out: one of before a later cut does not say that one.
    """
    with Client.from_environment() as client:
        found = client.get(f"/api/v1/demands/{demand}/narrowings")["narrowings"]
    show(as_json, found, lambda: _tell(found, demand))


def _tell(found: list[dict[str, Any]], demand: str) -> str:
    if not found:
        return "all that is asked is given"
    untold = any(one["told_at"] is None for one in found)
    parts = [facts(one) for one in found]
    return "\n\n".join([*parts, UNTOLD.format(demand=demand)] if untold else parts)


COMMANDS = (narrow, narrowings)
