"""Commands about those who may demand data; they go through REST."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from lea_service.agencies.rules import KINDS, REVOKED, SUSPENDED
from lea_service.kernel.coded import words_of
from lea_service.kernel.errors import InvalidInput
from lea_service.kernel.phrases import Phrases
from lea_service.staff.signing import key_option, load_signing_key, propose
from lea_service.web.client import Client
from lea_service.web.input import coded_option, id_of, language_option
from lea_service.web.output import json_option, show
from lea_service.web.spoken import Spoken

Command = TypeVar("Command", bound=Callable[..., Any])
ROUTE = "/api/v1/agencies"
BEGIN = b"-----BEGIN CERTIFICATE-----"
AGENCIES = ("id", "name", "kind", "country", "is_suspended")
PEOPLE = ("id", "name", "function", "email", "roles", "is_suspended")
DESKS = ("id", "name", "mailbox", "members", "is_suspended")
CERTIFICATES = ("id", "holder", "fingerprint", "not_after", "revoked_at")
SEEN_LATER = {"agency.certificate": "ce", "agency.contact": "cn"}
"""How the id begins of what is proposed for somebody else, which is who the command names."""
CONTACTS = ("id", "subject", "kind", "value", "found_by_way", "is_current")
SAYINGS: Phrases = {
    "none": ("Geen instanties.", "No agencies."),
    "people": ("Mensen", "People"),
    "desks": ("Loketten", "Desks"),
    "certificates": ("Certificaten", "Certificates"),
    "contacts": ("Contacten", "Contacts"),
    "proposed": (
        "voorgesteld: {subject}; een ander besluit over {approval}",
        "proposed {subject}; a second person decides on {approval}",
    ),
    "seen_later": (
        "de id ervan, als het is goedgekeurd: `lea agencies show AGENCY` ({prefix}_…)",
        "its own id: `lea agencies show AGENCY`, once it is approved ({prefix}_…)",
    ),
    "together": (
        "geef --change en --version samen, of geen van beide voor iets nieuws",
        "give --change and --version together, or neither for a new one",
    ),
}

role_option = click.option(
    "--role",
    "roles",
    multiple=True,
    help="An issuing role of the legal catalogue (`lea codelists issuing-roles`); repeatable.",
)
version_option = click.option(
    "--version", type=click.IntRange(1), help="The version you saw (`lea agencies show`)."
)


def change_option(prefix: str) -> Callable[[Command], Command]:
    """Return the option that says what is changed, an id with this prefix."""
    about = "The id of what is changed; left out for a new one."
    return click.option("--change", "id", type=id_of(prefix), help=about)


@click.group()
def agencies() -> None:
    """Those who may demand data: agencies, their people, desks, certificates and contacts.

    Whatever is added or changed is proposed by one person and takes effect when a second approves
    it (`lea approvals`). Suspending and revoking act at once.
    """


@agencies.command("list")
@language_option
@json_option
def list_(language: str, as_json: bool) -> None:
    """List the agencies. That you looked is entered in the custody log."""
    with Client.from_environment() as client:
        found = list(client.pages(ROUTE))
    speak = Spoken(language, SAYINGS)
    show(as_json, found, lambda: speak.table(found, AGENCIES) if found else speak.say("none"))


@agencies.command("show")
@click.argument("agency", type=id_of("a"))
@language_option
@json_option
def show_(agency: str, language: str, as_json: bool) -> None:
    """Show an agency with its people, desks, certificates and contacts."""
    with Client.from_environment() as client:
        found = client.get(f"{ROUTE}/{agency}")
    show(as_json, found, lambda: _describe(found, Spoken(language, SAYINGS)))


@agencies.command()
@click.argument("subject", type=id_of("a", "p", "d"))
@coded_option("--ground", SUSPENDED)
@language_option
@json_option
def suspend(subject: str, ground: str, language: str, as_json: bool) -> None:
    """Suspend an agency, a person or a desk at once. Lifting takes two: `propose lift`."""
    with Client.from_environment() as client:
        made = client.post(f"{ROUTE}/suspensions", {"subject": subject, "ground": ground})
    speak = Spoken(language, codes={"ground": words_of(SUSPENDED)})
    show(as_json, made, lambda: speak.facts(made))


@agencies.command("revoke-certificate")
@click.argument("certificate", type=id_of("ce"))
@coded_option("--ground", REVOKED)
@language_option
@json_option
def revoke_certificate(certificate: str, ground: str, language: str, as_json: bool) -> None:
    """End the trust in a certificate, at once and for good."""
    with Client.from_environment() as client:
        made = client.post(f"{ROUTE}/certificates/{certificate}/revocation", {"ground": ground})
    speak = Spoken(language, codes={"revocation_ground": words_of(REVOKED)})
    show(as_json, made, lambda: speak.facts(made))


@agencies.group("propose")
def propose_() -> None:
    """Propose something new or another form of what is there; a second person decides."""


@propose_.command()
@click.option("--name", required=True)
@click.option(
    "--kind",
    required=True,
    type=click.Choice([one.code for one in KINDS]),
    help="What it is: `lea codelists agency-kinds` says what each means.",
)
@click.option("--country", required=True, help="Two capitals, as NL.")
@role_option
@click.option(
    "--prosecution",
    type=id_of("a"),
    help="The agency that is told when an order is not confirmed; left out for none.",
)
@change_option("a")
@version_option
@key_option
@language_option
@json_option
def organisation(key_path: Path, language: str, as_json: bool, **fields: Any) -> None:
    """Propose an agency."""
    _propose("agency.organisation", fields, key_path, language, as_json)


@propose_.command()
@click.option("--agency", type=id_of("a"), required=True, help="The id of the agency.")
@click.option("--name", required=True)
@click.option("--function", required=True, help="What the person is there.")
@click.option("--email", required=True, help="The person's own address.")
@role_option
@change_option("p")
@version_option
@key_option
@language_option
@json_option
def person(key_path: Path, language: str, as_json: bool, **fields: Any) -> None:
    """Propose a person of an agency."""
    _propose("agency.person", fields, key_path, language, as_json)


@propose_.command()
@click.option("--agency", type=id_of("a"), required=True, help="The id of the agency.")
@click.option("--name", required=True)
@click.option("--mailbox", required=True, help="The address that several people read.")
@click.option(
    "--member", "members", type=id_of("p"), multiple=True, help="The id of a person; repeatable."
)
@change_option("d")
@version_option
@key_option
@language_option
@json_option
def desk(key_path: Path, language: str, as_json: bool, **fields: Any) -> None:
    """Propose a desk with the people who read its mailbox."""
    _propose("agency.desk", fields, key_path, language, as_json)


@propose_.command()
@click.option("--holder", type=id_of("p", "d"), required=True, help="The id of a person or desk.")
@click.option(
    "--file",
    "path",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The certificate as PEM.",
)
@key_option
@language_option
@json_option
def certificate(holder: str, path: Path, key_path: Path, language: str, as_json: bool) -> None:
    """Propose a certificate to which packages for a person or desk are encrypted."""
    pem = path.read_bytes()
    if BEGIN not in pem or not pem.isascii():
        raise InvalidInput(f"{path}: expected a certificate as PEM")
    _propose(
        "agency.certificate", {"holder": holder, "pem": pem.decode()}, key_path, language, as_json
    )


@propose_.command()
@click.option(
    "--holder",
    type=id_of("a", "p", "d"),
    required=True,
    help="The id of an agency, person or desk.",
)
@click.option("--kind", required=True, type=click.Choice(["phone", "email", "post"]))
@click.option("--value", required=True, help="The number or address that you found.")
@click.option(
    "--found-by-way", required=True, help="Where you found it; never in the demand itself."
)
@key_option
@language_option
@json_option
def contact(key_path: Path, language: str, as_json: bool, **fields: Any) -> None:
    """Propose a way to reach an agency that you found independently."""
    _propose("agency.contact", fields, key_path, language, as_json)


@propose_.command()
@click.argument("subject", type=id_of("a", "p", "d"))
@key_option
@language_option
@json_option
def lift(subject: str, key_path: Path, language: str, as_json: bool) -> None:
    """Propose to lift the suspension of an agency, person or desk."""
    _propose("agency.lift", {"subject": subject}, key_path, language, as_json)


def _propose(
    kind: str, fields: dict[str, Any], key_path: Path, language: str, as_json: bool
) -> None:
    speak = Spoken(language, SAYINGS)
    given = {name: _plain(value) for name, value in fields.items() if value is not None}
    if ("id" in given) != ("version" in given):
        raise click.UsageError(speak.say("together"))
    key = load_signing_key(key_path)
    with Client.from_environment() as client:
        made = propose(client, key, kind, given)
    said = [speak.say("proposed", subject=made["subject"], approval=made["id"])]
    if kind in SEEN_LATER:
        said.append(speak.say("seen_later", prefix=SEEN_LATER[kind]))
    show(as_json, made, "\n".join(said))


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _describe(found: dict[str, Any], speak: Spoken) -> str:
    parts = [speak.facts(found["agency"])]
    for title, columns in (
        ("people", PEOPLE),
        ("desks", DESKS),
        ("certificates", CERTIFICATES),
        ("contacts", CONTACTS),
    ):
        if found[title]:
            parts.append(f"{speak.say(title)}\n{speak.table(found[title], columns)}")
    return "\n\n".join(parts)
