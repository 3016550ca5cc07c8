"""Commands of Annex III, among those of the legal check."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from lea_service.kernel.phrases import phrase
from lea_service.legal.annex.printed import SAYINGS, describe_form, describe_reason
from lea_service.legal.annex.table import load_annex
from lea_service.web.client import Client
from lea_service.web.input import Form, id_of, language_option, read_object
from lea_service.web.output import json_option, show

AN_INSTANT = r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,6})?)(Z|[+-]\d\d:\d\d)"
LEFT_OUT = rf"[1-9]\d{{0,3}}(/[a-z_]{{1,40}}|/({AN_INSTANT}|-)/({AN_INSTANT}|-))?"
INSTANT = Form(
    AN_INSTANT,
    "an instant as 2026-11-24T09:30:00+01:00",
)
demand_argument = click.argument("demand", type=id_of("c"))


@click.group()
def annex() -> None:
    """Answer a European order with Annex III where its data are not given, or not yet.

    A European order is never refused, and a Dutch demand never answered with Annex III. Whatever
    the form says, the data stay frozen.
    """


@annex.command()
@language_option
@json_option
def reasons(language: str, as_json: bool) -> None:
    """List the reasons that a form can state, with their articles and what follows."""
    with Client.from_environment() as client:
        found = client.get("/api/v1/annex-reasons")
    show(
        as_json,
        found,
        lambda: "\n\n".join(describe_reason(one, language) for one in found["reasons"]),
    )


@annex.command("file")
@demand_argument
@click.option(
    "--reason",
    "codes",
    type=click.Choice(sorted(load_annex().reasons)),
    multiple=True,
    required=True,
    help="May be repeated; see `lea legal annex reasons`.",
)
@click.option("--explanation", required=True, help="Why, in your words: section D.")
@click.option(
    "--preserved",
    type=click.Choice(["yes", "no"]),
    required=True,
    help="Whether the data asked for are being kept: section G.",
)
@click.option("--question", help="What the authority has to clarify: section F.")
@click.option("--missing", help="What is not given.")
@click.option(
    "--left-out",
    type=Form(LEFT_OUT, "ITEM, ITEM/CATEGORY or ITEM/FROM/UNTIL, as 1/location"),
    multiple=True,
    help="Exactly what is not given for good: an item, a category of one, or what lies outside "
    "FROM and UNTIL (- for none); may be repeated. Compared with what is taken out.",
)
@click.option("--possible-by", type=INSTANT, help="By when the rest can be given.")
@click.option(
    "--objection",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="JSON file with section E, for a conflict with the law of a third country.",
)
@click.option(
    "--finding",
    "findings",
    multiple=True,
    help="Code of a finding it rests on, as the assessment shows it; may be repeated.",
)
@language_option
@json_option
def file_(
    demand: str,
    codes: tuple[str, ...],
    findings: tuple[str, ...],
    preserved: str,
    objection: Path | None,
    left_out: tuple[str, ...],
    language: str,
    as_json: bool,
    **stated: Any,
) -> None:
    """Fill in Annex III about the European order DEMAND; the authority can read it at once.

    After a form that asks the demand waits for the answer (`lea legal answer`); one that says it is
    impossible ends it. Our term halts, and the five days of the authority begin, once the form went
    out: `lea demands letter --about annex --send`.
    """
    statement = {**stated, "is_preserved": preserved == "yes"}
    statement["left_out"] = [_left_out(one) for one in left_out]
    if objection is not None:
        statement["conflict"] = read_object(objection)
    body = {"reasons": [*codes], "statement": statement, "findings": [*findings]}
    with Client.from_environment() as client:
        found = client.post(_route(demand), body)
    show(as_json, found, lambda: describe_form(found, language))


@annex.command("show")
@demand_argument
@language_option
@json_option
def show_(demand: str, language: str, as_json: bool) -> None:
    """Show the forms about DEMAND; the look is entered."""
    with Client.from_environment() as client:
        found = client.get(_route(demand))["forms"]
    forms = [describe_form(one, language) for one in found]
    show(as_json, found, "\n\n".join(forms) or phrase(SAYINGS, "none", language))


def _left_out(text: str) -> dict[str, Any]:
    item, *rest = text.split("/")
    if len(rest) == 1:
        return {"item": int(item), "category": rest[0]}
    spans = zip(("keep_from", "keep_until"), rest, strict=False)
    return {"item": int(item), **{name: at for name, at in spans if at != "-"}}


def _route(demand: str) -> str:
    return f"/api/v1/demands/{demand}/annex-forms"
