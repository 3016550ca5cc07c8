"""Commands about questions across demands."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from lea_service.demands.demand import TargetKind
from lea_service.kernel.phrases import Phrases
from lea_service.oversight.inquiries.rules import Question
from lea_service.oversight.inquiries.schemas import CODE_OR_DIGEST
from lea_service.oversight.schemas import IDENTIFIERS
from lea_service.staff.named import fetch_staff
from lea_service.staff.signing import key_option, load_signing_key, propose
from lea_service.web.client import Client
from lea_service.web.input import Form, id_of, language_option
from lea_service.web.output import json_option, show, wall_time
from lea_service.web.spoken import Spoken

ROUTE = "/api/v1/inquiries"
KIND = "oversight.inquiry"
COLUMNS = ("index", "at", "event", "by")
KINDS = tuple(one for one in IDENTIFIERS if one is not TargetKind.PHONE_ID)
"""A telephone identifier is one of a source, which REST takes as well."""
RULES = (Question.RETENTION_RULE, Question.MAPPING, Question.CATALOGUE)
SAYINGS: Phrases = {
    "proposed": (
        "voorgesteld als {id}; een tweede beslist erover, daarna: lea audit answer {id}",
        "proposed as {id}; a second person decides on it, then: lea audit answer {id}",
    ),
    "demand": (
        "{demand} ({state}), gevonden in {found_in}:",
        "{demand} ({state}), found in {found_in}:",
    ),
    "none": ("Geen vordering gevonden.", "No demand was found."),
    "erased": (
        "Van {erased} vorderingen is het dossier gewist; daarvan is niets meer bekend.",
        "The file of {erased} demands was erased; nothing is known of these any more.",
    ),
    "not_looked_through": (
        "Van {count} pakketten is niet bewaard wie in de registraties staan: het zijn er te veel.",
        "Of {count} packages is not kept whom their records name: those are too many.",
    ),
    "until": ("Te lezen tot {until}.", "To be read until {until}."),
}


@click.group()
def audit() -> None:
    """Ask across demands: whom they touched, and which used a rule, mapping or catalogue.

    Each question has a reason and takes two people; reading its answer is entered in the log.
    """


@audit.command()
@click.option(
    "--kind",
    required=True,
    type=click.Choice([str(one) for one in KINDS]),
    help="What kind of identifier it is.",
)
@click.option("--value", required=True, help="The identifier; a number with its country code.")
@click.option("--reason", required=True, help="Why it is asked; kept sealed.")
@key_option
@language_option
@json_option
def subject(
    kind: str,
    value: str,
    reason: str,
    key_path: Path,
    language: str,
    as_json: bool,
) -> None:
    """Ask for every look, plan and hand-over that touched a subscriber.

    It finds what asks about the identifier, and about what else is theirs by the records.
    """
    one = {"kind": kind, "value": value}
    request = {"question": str(Question.SUBJECT), "identifiers": [one], "reason": reason}
    _propose(request, key_path, language, as_json)


@audit.command()
@click.option(
    "--by",
    required=True,
    type=click.Choice([str(one) for one in RULES]),
    help="By what demands are looked for.",
)
@click.option(
    "--code",
    required=True,
    type=Form(CODE_OR_DIGEST, "a code, or a digest as plans and entries state it"),
    help="Code of the rule, or digest of the mapping or catalogue.",
)
@click.option("--reason", required=True, help="Why it is asked; kept sealed.")
@key_option
@language_option
@json_option
def rule(by: str, code: str, reason: str, key_path: Path, language: str, as_json: bool) -> None:
    """Ask which demands used a retention rule, a mapping or a catalogue of law."""
    _propose({"question": by, "about": code, "reason": reason}, key_path, language, as_json)


@audit.command()
@click.argument("inquiry", type=id_of("ap"))
@language_option
@json_option
def answer(inquiry: str, language: str, as_json: bool) -> None:
    """Read the answer to INQUIRY (ap_…) as of now, for the two who asked."""
    with Client.from_environment() as client:
        found = client.get(f"{ROUTE}/{inquiry}")
        names = fetch_staff(client) if found["demands"] and not as_json else {}
    show(as_json, found, lambda: describe(found, language, names))


def _propose(request: dict[str, Any], key_path: Path, language: str, as_json: bool) -> None:
    key = load_signing_key(key_path)
    with Client.from_environment() as client:
        approval = propose(client, key, KIND, request)
    show(as_json, approval, lambda: Spoken(language, SAYINGS).say("proposed", id=approval["id"]))


def describe(found: Mapping[str, Any], language: str, names: Mapping[str, str]) -> str:
    """Return an answer as text; ``names`` are what our own people are called, by their ids."""
    speak = Spoken(language, SAYINGS)
    parts = [_touched(one, speak, names) for one in found["demands"]] or [speak.say("none")]
    if found["erased"]:
        parts.append(speak.say("erased", erased=found["erased"]))
    if left_out := found["not_looked_through"]:
        parts.append(speak.say("not_looked_through", count=left_out))
    return "\n\n".join([*parts, speak.say("until", until=wall_time(found["readable_until"]))])


def _touched(one: Mapping[str, Any], speak: Spoken, names: Mapping[str, str]) -> str:
    head = speak.say("demand", **{**one, "found_in": ", ".join(one["found_in"])})
    done = [{**entry, "by": names.get(entry["by"], entry["by"])} for entry in one["done"]]
    return f"{head}\n{speak.table(done, COLUMNS)}"
