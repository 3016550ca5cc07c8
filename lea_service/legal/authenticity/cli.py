"""Commands of authenticity, among those of the legal check."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click

from lea_service.kernel.errors import InvalidInput
from lea_service.kernel.phrases import ENGLISH, Phrases, phrase
from lea_service.legal.authenticity.anchors import Anchor, read_folder
from lea_service.legal.authenticity.call_back import CallOutcome
from lea_service.legal.authenticity.observations import SYSTEM, WORDS, Sight
from lea_service.legal.phrases import CALL_BACKS
from lea_service.legal.seen import say_seen
from lea_service.staff.approvals_cli import tell_proposed
from lea_service.staff.named import fetch_staff
from lea_service.staff.signing import key_option, load_signing_key, propose
from lea_service.web.client import Client
from lea_service.web.input import id_of, language_option, read_object
from lea_service.web.output import json_option, show, wall_time
from lea_service.web.spoken import Spoken

KIND = "legal.authenticity_policy"
STROKE = "\u0336"
"""Put behind a sign, it strikes it through."""
CONTACTS = ("id", "value", "subject", "found_by_way", "approved_by", "recorded_at")
ANCHORS = ("fingerprint", "file", "subject", "valid_until")
CALLS = ("n", "outcome", "contact", "called_by", "called_at", "spoke_to", "code_word")
demand_argument = click.argument("demand", type=id_of("c"))
SAYINGS: Phrases = {
    "allowed": (
        "{demand} is toegestaan door beleid {policy}",
        "{demand} is allowed by policy {policy}",
    ),
    "held": (
        "{demand} wordt TEGENGEHOUDEN ({by}) door beleid {policy}",
        "{demand} is HELD ({by}) by policy {policy}",
    ),
    "contacts": (
        "Nummers uit het register; bel een van deze",
        "Numbers of the register; call one of these",
    ),
    "enter": ("geen: voer er een in", "none: enter one"),
    "struck": (
        "Nummers in de vordering; bel nooit op een van deze terug",
        "Numbers in the order; never call back on one of these",
    ),
    "calls": ("Gesprekken", "Calls"),
    "service": ("de dienst", "the service"),
    "seen": ("{at} door {by}{evidence}", "{at} by {by}{evidence}"),
    "and": (" en ", " and "),
    "no_certificates": (
        "Geen certificaat in PEM, en overgeslagen: {files}",
        "Not a certificate in PEM, and passed over: {files}",
    ),
    "same": (" (het register heeft hetzelfde)", " (the register has the same one)"),
    "place": (
        "{number}  bladzijde {page} regel {line}{known}",
        "{number}  page {page} line {line}{known}",
    ),
}
CODES: Mapping[str, Phrases] = {"outcome": CALL_BACKS}


@click.command()
@demand_argument
@language_option
@json_option
def authenticity(demand: str, language: str, as_json: bool) -> None:
    """Show what was seen of where DEMAND comes from, and which numbers may be called about it.

    Numbers that stand in the order are struck through: whoever forged it wrote those too.
    """
    with Client.from_environment() as client:
        found = client.get(f"/api/v1/demands/{demand}/authenticity")
        names = {} if as_json else fetch_staff(client)
    show(as_json, found, lambda: describe(found, language, names))


@click.command("call-back")
@demand_argument
@click.option(
    "--contact",
    required=True,
    type=id_of("cn"),
    help="The number you called: its id (cn_…) in the register, as `lea legal authenticity` and "
    "`lea agencies show` have it. Never one from the demand.",
)
@click.option(
    "--outcome",
    required=True,
    type=click.Choice([one.value for one in CallOutcome]),
    help="denied holds the demand and raises an alarm.",
)
@click.option(
    "--at",
    "called_at",
    required=True,
    metavar="INSTANT",
    help="When you called, as 2026-11-24T09:30:00+01:00.",
)
@click.option(
    "--spoke-to", help="Name and function of whom you spoke to; needed unless it is unreachable."
)
@click.option("--code-word", help="The code word that was agreed or given.")
@click.option("--note", help="What was said, beside the outcome.")
@language_option
@json_option
def call_back(demand: str, language: str, as_json: bool, **said: str | None) -> None:
    """Record that you called the agency back about DEMAND, and what it said.

    Then assess the demand again: without a confirmed call or a valid signature nothing leaves.
    """
    body = {name: value for name, value in said.items() if value is not None}
    with Client.from_environment() as client:
        recorded = client.post(f"/api/v1/demands/{demand}/call-backs", body)
    show(as_json, recorded, lambda: _spoken(language).facts(recorded))


@click.command()
@language_option
@json_option
def policy(language: str, as_json: bool) -> None:
    """Show the policy by which demands count as genuine, or are held."""
    with Client.from_environment() as client:
        found = client.get("/api/v1/authenticity-policy")
    show(as_json, found, lambda: describe_policy(found, language))


@click.command("propose-policy")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@key_option
@language_option
@json_option
def propose_policy(file: Path, key_path: Path, language: str, as_json: bool) -> None:
    """Propose the policy in FILE (schemas/authenticity-policy/1.json) with your signature.

    The overseer decides on it; a mail can never be made proof of where a demand comes from.
    """
    request: dict[str, Any] = {"policy": read_object(file)}
    signing_key = load_signing_key(key_path)
    with Client.from_environment() as client:
        approval = propose(client, signing_key, KIND, request)
    show(as_json, approval, lambda: tell_proposed(approval, language))


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@language_option
@json_option
def anchors(folder: Path, language: str, as_json: bool) -> None:
    """Print the SHA-256 fingerprints of the certificates of issuers in FOLDER.

    A signature counts by an issuer only whose fingerprint stands in the policy, under `anchors`.
    Who proposes that policy and who decides on it compare these with what the issuer publishes.
    Works without the service.
    """
    found, others = read_folder(folder)
    if not found:
        raise InvalidInput(f"{folder}: expected certificates in PEM (.pem, .crt, .cer)")
    rows = [{name: getattr(one, name) for name in ANCHORS} for one in found]
    listed = {"anchors": rows, "no_certificates": others}
    show(as_json, listed, lambda: describe_anchors(found, others, language))


COMMANDS = (anchors, authenticity, call_back, policy, propose_policy)


def describe(found: dict[str, Any], language: str, names: Mapping[str, str]) -> str:
    """Return what was seen as text: the outcome, each observation, whom to call, whom not to.

    ``names`` are what our own people are called, by the id of their account.
    """

    def say(key: str, **values: object) -> str:
        return phrase(SAYINGS, key, language, **values)

    lines = [
        say(
            "allowed" if found["is_allowed"] else "held",
            demand=found["demand"],
            by=", ".join(found["held_by"]),
            policy=found["policy"]["version"],
        ),
        *(f"    {one['code']}: {one[language]}" for one in found["lacks"]),
        "",
    ]
    for one in found["observations"]:
        lines.append(f"{one['code']}: {one[language]}")
        lines += [f"    {line}" for line in _behind(one, say, language, names)]
    lines += ["", say("contacts")]
    speak = _spoken(language)
    contacts = [
        {**one, "approved_by_name": names.get(one["approved_by"])} for one in found["contacts"]
    ]
    lines.append(speak.table(contacts, CONTACTS) if contacts else say("enter"))
    if found["struck"]:
        lines += ["", say("struck"), *(_strike(one, say) for one in found["struck"])]
    if found["call_backs"]:
        lines += ["", say("calls"), speak.table(found["call_backs"], CALLS)]
    return "\n".join(lines)


def describe_anchors(found: list[Anchor], others: list[str], language: str) -> str:
    """Return the certificates of a folder as text, and what in it is none."""
    speak = _spoken(language)
    blocks = [speak.facts({name: getattr(one, name) for name in ANCHORS}) for one in found]
    none = [speak.say("no_certificates", files=", ".join(others))] if others else []
    return "\n\n".join([*blocks, *none])


def describe_policy(found: dict[str, Any], language: str) -> str:
    """Return the policy as text, in Dutch each code with what it means."""
    document, speak = found["document"], _spoken(language)

    def sight(code: str) -> str:
        known = language != ENGLISH and code in {*Sight}
        return f"{code} ({WORDS[Sight(code)].nl.removesuffix('.')})" if known else code

    head = {"version": found["version"], "digest": found["digest"], "approval": found["approval"]}
    rest = {
        "require": [sight(one) for one in document["require"]],
        "any of": [speak.say("and").join(map(sight, one)) for one in document["any_of"]],
        "hold on": [sight(one) for one in document["hold_on"]],
        "anchors": document.get("anchors", []),
        "note": document.get("note"),
    }
    return speak.facts(head | rest)


def _spoken(language: str) -> Spoken:
    return Spoken(language, SAYINGS, CODES)


def _behind(
    one: dict[str, Any], say: Callable[..., str], language: str, names: Mapping[str, str]
) -> list[str]:
    """Return since when, by whom, on what evidence, and what exactly."""
    people = [names.get(who, who) for who in one["by"] if not who.startswith(SYSTEM)]
    by = ", ".join(people) or say("service")
    evidence = f", {one['evidence']}" if one["evidence"] else ""
    seen = say_seen(one["seen"], language)
    return [
        say("seen", at=wall_time(one["at"]), by=by, evidence=evidence),
        *([seen] if seen else []),
        *_detail(one),
    ]


def _detail(one: dict[str, Any]) -> list[str]:
    return [one["detail"]] if one["detail"] else []


def _strike(one: dict[str, Any], say: Callable[..., str]) -> str:
    number = "".join(f"{sign}{STROKE}" for sign in one["value"])
    known = say("same") if one["is_in_register"] else ""
    return say("place", number=number, page=one["page"], line=one["line"], known=known)
