"""Commands about the register of processing systems."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from lea_service.kernel.phrases import Phrases, phrase
from lea_service.legal.citations import say_citation
from lea_service.retention.processing.document import complete, list_published
from lea_service.retention.processing.phrases import (
    ENDINGS,
    GROUNDS,
    NAMES,
    OBJECTIONS,
    SPANS,
    UNITS,
)
from lea_service.retention.schemas import CODE
from lea_service.staff.approvals_cli import tell_proposed
from lea_service.staff.signing import key_option, load_signing_key, propose
from lea_service.web.client import Client
from lea_service.web.input import Form, language_option, read_object
from lea_service.web.output import facts, json_option, show, table
from lea_service.web.spoken import Spoken

ROUTE = "/api/v1/processing"
KIND = "processing.system"
COLUMNS = ("code", "system", "reviewed_on", "objections")
SAYINGS: Phrases = {"no_entries": ("Geen regels.", "No entries.")}
HEAD = ("code", "system", "source", "purpose", "owner", "consent_evidence", "stated_in")


@click.group()
def processing() -> None:
    """Keep the register of processing systems: what each keeps, why, and for how long.

    An entry takes two people: one proposes it here, another decides with `lea approvals decide`.
    Nothing is purged by an entry; that takes a retention rule (`lea retention propose`).
    """


@processing.command("list")
@language_option
@json_option
def list_(language: str, as_json: bool) -> None:
    """List the entries with how many objections a reader would have to each."""
    with Client.from_environment() as client:
        found = list(client.pages(ROUTE))
    show(as_json, found, lambda: _list(found, Spoken(language, SAYINGS)))


@processing.command("show")
@click.argument("code", type=Form(CODE, "the code of an entry, as CUSTOMERS"))
@language_option
@json_option
def show_(code: str, language: str, as_json: bool) -> None:
    """Show the entry CODE as it stands, with what a reader would object to."""
    with Client.from_environment() as client:
        found = client.get(f"{ROUTE}/{code}")
    show(as_json, found, lambda: _describe(found, language))


@processing.command()
@language_option
@json_option
def published(language: str, as_json: bool) -> None:
    """Show what a provider publishes, as it stands, with what a reader would object to."""
    with Client.from_environment() as client:
        found = client.get(f"{ROUTE}/published")
    show(as_json, found, lambda: "\n\n".join(_describe(one, language) for one in found))


@processing.command("propose")
@click.option(
    "--file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The entry as JSON, with the members of the kind processing.system.",
)
@click.option(
    "--shipped",
    type=click.Choice(sorted(list_published())),
    help="An entry that ships, as `lea processing published` shows it.",
)
@key_option
@language_option
@json_option
def propose_(
    file: Path | None, shipped: str | None, key_path: Path, language: str, as_json: bool
) -> None:
    """Propose an entry, signed with your key; it replaces the present one of its code.

    To review an entry that is still right, propose it again with the day as reviewed_on.
    """
    if (file is None) == (shipped is None):
        raise click.UsageError("give the entry by either --file or --shipped")
    request = complete(read_object(file)) if file else dict(list_published()[str(shipped)])
    key = load_signing_key(key_path)
    with Client.from_environment() as client:
        approval = propose(client, key, KIND, request)
    show(as_json, approval, lambda: tell_proposed(approval, language))


def _list(found: Sequence[Mapping[str, Any]], speak: Spoken) -> str:
    rows = [{**one, "objections": len(one["findings"])} for one in found]
    return speak.table(rows, COLUMNS) if found else speak.say("no_entries")


def _describe(entry: Mapping[str, Any], language: str) -> str:
    """Lay out an entry, its categories and processors, and what can be objected to."""

    def say(name: str) -> str:
        return phrase(NAMES, name, language)

    head = {say(name): entry[name] for name in HEAD} | {
        say("ground"): _ground(entry, language),
        say("reviewed_on"): f"{entry['reviewed_on']} / {entry['review_due_on']}",
    }
    columns = [say(one) for one in ("what", "kept", "ending")]
    rows = [_row(one, language) for one in (*entry["data"], *entry["processors"])]
    kept = table([dict(zip(columns, row, strict=True)) for row in rows], columns, is_whole=True)
    objections = [f"- {_object(one, entry, language)}" for one in entry["findings"]]
    said = ["", say("objections"), *objections] if objections else []
    return "\n".join([facts(head), "", kept, *said])


def _ground(entry: Mapping[str, Any], language: str) -> str:
    said = phrase(GROUNDS, entry["ground"], language)
    return f"{said} ({entry['article']})" if entry["article"] else said


def _row(one: Mapping[str, Any], language: str) -> tuple[str, str, str]:
    """Return what is kept, or who keeps it, for how long, and what becomes of it then."""
    kept, is_data = one["kept"], "category" in one
    said = phrase(SPANS, kept["span"], language)
    if kept["value"] is not None:
        said = f"{kept['value']} {phrase(UNITS, kept['unit'], language)}"
    ending = phrase(ENDINGS, one["ending"], language) if is_data else ""
    return one["category" if is_data else "name"], said, ending


def _object(finding: Mapping[str, Any], entry: Mapping[str, Any], language: str) -> str:
    law = f" [{say_citation(finding['law'], language)}]" if finding["law"] else ""
    says = phrase(OBJECTIONS, finding["code"], language)
    return f"{_name_place(finding['at'], entry, language)}: {says}{law}"


def _name_place(pointer: str, entry: Mapping[str, Any], language: str) -> str:
    """Return what a place of an entry is called: a category, a processor, or a member."""
    _, member, *rest = pointer.split("/")
    if not rest:
        return phrase(NAMES, "ground" if member == "article" else member, language)
    one: Mapping[str, str] = entry[member][int(rest[0])]
    return one["category" if member == "data" else "name"]
