"""Commands about sources and their files; all go through the service."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import click

from lea_service.demands.phrases import CATEGORIES
from lea_service.demands.targets import SOURCE_NAME
from lea_service.kernel.errors import InvalidInput
from lea_service.kernel.phrases import Phrases
from lea_service.records.mapping import CSV, JSON_LINES, MEDIA_TYPES
from lea_service.records.mapping_loading import list_shipped, load_shipped
from lea_service.web.client import Client
from lea_service.web.input import Form, id_of, language_option, read_object
from lea_service.web.output import json_option, progress, show
from lea_service.web.spoken import Spoken

BASE = "/api/v1/sources"
JSON_ENDINGS = {".json", ".jsonl", ".ndjson"}
SOURCE_COLUMNS = ("name", "kind", "zone", "region", "categories", "id")
IMPORT_COLUMNS = ("id", "state", "started_at", "lines", "added", "known", "rejected", "reason")
REJECT_COLUMNS = ("line", "reason", "field", "size", "text")
INSTANT = Form(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)",
    "an instant as 2026-11-24T09:30:00+01:00",
)
SOURCE = Form(
    rf"(?:{SOURCE_NAME})|so_[0-9a-f]{{32}}", "the name of a source, as pbx-1, or its id: so_…"
)
SAYINGS: Phrases = {
    "line": ("regel", "line"),
    "lines": ("regels", "lines"),
    "past_term": (
        "Over de termijn van een eerdere opschoning: {count}.",
        "Past the term of an earlier purge: {count}.",
    ),
    "left_out": (
        "Weggelaten, niet van deze soort: {count}.",
        "Left out, not of this kind: {count}.",
    ),
    "rejected": (
        "Opzij gelegd: {count}; `lea sources rejects` laat ze zien.",
        "Kept aside: {count}; `lea sources rejects` shows them.",
    ),
    "queued": (
        "in de wachtrij als {id}; zie `lea sources pulled {source} {id}`",
        "queued as {id}; see `lea sources pulled {source} {id}`",
    ),
    "no_rows": ("Geen registraties.", "No rows."),
    "nothing": ("Niets gevonden.", "Nothing found."),
}
CODES: Mapping[str, Phrases] = {"categories": CATEGORIES}
SHOWN = ("id", "name", "kind", "zone", "region", "categories", "declared_by", "declared_at")


@click.group()
def sources() -> None:
    """Declare the systems whose records are held, and look at what there is.

    A mapping file says how the lines of a system become records. Mappings are shipped for
    Asterisk, FreeSWITCH, Kamailio and FreeRADIUS, and for subscriber lists; for anything else
    write your own, see docs/sources.md.
    """


@sources.command()
@click.argument("name")
@click.option(
    "--mapping",
    required=True,
    help="Name of a shipped mapping (see `lea sources mappings`) or a mapping file.",
)
@click.option("--zone", help="Time zone of the system's clock, such as Europe/Amsterdam.")
@click.option("--region", help="Country in which numbers without country code were dialled: NL.")
@language_option
@json_option
def declare(
    name: str, mapping: str, zone: str | None, region: str | None, language: str, as_json: bool
) -> None:
    """Declare the source NAME. The name stands in each record that is handed over."""
    body = {"name": name, "mapping": _mapping(mapping), "zone": zone, "region": region}
    given = {key: value for key, value in body.items() if value is not None}
    with Client.from_environment() as client:
        found = client.post(BASE, given)
    show(as_json, found, lambda: _describe(found, language))


@sources.command("list")
@language_option
@json_option
def list_(language: str, as_json: bool) -> None:
    """List the declared sources."""
    with Client.from_environment() as client:
        found = list(client.pages(BASE))
    show(as_json, found, lambda: speak_of(language).table(found, SOURCE_COLUMNS))


@sources.command("show")
@click.argument("source", type=SOURCE)
@language_option
@json_option
def show_(source: str, language: str, as_json: bool) -> None:
    """Show SOURCE (its name or id) and its newest imports."""
    with Client.from_environment() as client:
        found = client.get(f"{BASE}/{source}")
        runs = client.get(f"{BASE}/{source}/imports", limit=10)["items"]
    value = {**found, "imports": runs}
    show(as_json, value, lambda: _describe_with(found, runs, language))


@sources.command()
@click.argument("source", type=SOURCE)
@language_option
@json_option
def coverage(source: str, language: str, as_json: bool) -> None:
    """Say from when until when SOURCE has records."""
    with Client.from_environment() as client:
        found = client.get(f"{BASE}/{source}/coverage")
    show(as_json, found, lambda: speak_of(language).facts(found))


@sources.command()
@click.argument("source", type=SOURCE)
@click.argument("import_id", type=id_of("im"), metavar="IMPORT")
@language_option
@json_option
def report(source: str, import_id: str, language: str, as_json: bool) -> None:
    """Say what became of the lines of IMPORT, and why it failed if it did."""
    with Client.from_environment() as client:
        found = client.get(f"{BASE}/{source}/imports/{import_id}")
    show(as_json, found, lambda: speak_of(language).facts(found))


@sources.command()
@click.argument("source", type=SOURCE)
@click.argument("import_id", type=id_of("im"), metavar="IMPORT")
@language_option
@json_option
def rejects(source: str, import_id: str, language: str, as_json: bool) -> None:
    """Show the lines of IMPORT that were not taken in, and why.

    They hold personal data: that you looked is entered in the custody log.
    """
    with Client.from_environment() as client:
        found = list(client.pages(f"{BASE}/{source}/imports/{import_id}/rejects"))
    show(as_json, found, lambda: speak_of(language).table(found, REJECT_COLUMNS))


@sources.command()
@click.argument("name", required=False, type=click.Choice(list_shipped()))
@json_option
def mappings(name: str | None, as_json: bool) -> None:
    """List the mappings that are shipped, or print the one called NAME.

    What is printed is a mapping file: write it to a file, change that, and declare a source with
    it.
    """
    if name is not None:
        document = load_shipped(name)
        show(as_json, document, json.dumps(document, indent=2))
        return
    found = [
        {"name": name, "about": load_shipped(name).get("about", "")} for name in list_shipped()
    ]
    text = "\n\n".join(f"{one['name']}\n  {one['about']}" for one in found)
    show(as_json, found, text)


@click.group()
def records() -> None:
    """Bring records into the store."""


@records.command("import")
@click.argument("source", type=SOURCE)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--made-at",
    type=INSTANT,
    help="When its system wrote FILE, as 2026-11-24T02:00:00+01:00; what is in it without an end "
    "had none until then. Without it the newest instant in FILE counts.",
)
@language_option
@json_option
def import_(source: str, file: Path, made_at: str | None, language: str, as_json: bool) -> None:
    """Take FILE into the records of SOURCE. The same file again adds nothing.

    A line that cannot be read is kept aside with its number and reason, never put right; see
    `lea sources rejects`. What a purge has taken before, and rows as old as those, is not taken in
    again.
    """
    place = f"{BASE}/{source}/imports"
    if made_at is not None:
        place += f"?{urlencode({'made_at': made_at})}"
    with (
        Client.from_environment() as client,
        progress(file.name) as bar,
        file.open("rb") as stream,
    ):
        size = file.stat().st_size
        media_type = MEDIA_TYPES[JSON_LINES if file.suffix in JSON_ENDINGS else CSV]
        found = client.send_file(place, stream, size, media_type=media_type, progress=bar)
    show(as_json, found, lambda: _report(found, language))


def _mapping(text: str) -> Any:
    if text in list_shipped():
        return load_shipped(text)
    try:
        return read_object(Path(text))
    except OSError as err:
        names = ", ".join(list_shipped())
        raise InvalidInput(f"--mapping: expected a file, or one of {names}") from err


def speak_of(language: str) -> Spoken:
    """Return how what is told about sources and records is said in a language."""
    return Spoken(language, SAYINGS, CODES)


def _describe(source: dict[str, Any], language: str) -> str:
    return speak_of(language).facts({name: source[name] for name in SHOWN})


def _describe_with(source: dict[str, Any], runs: list[dict[str, Any]], language: str) -> str:
    listed = speak_of(language).table(runs, IMPORT_COLUMNS)
    return f"{_describe(source, language)}\n\n{listed}"


def _report(run: dict[str, Any], language: str) -> str:
    speak = speak_of(language)
    counts = ("lines", "added", "known", "completed", "past_term", "left_out", "flagged")
    lines = [speak.facts({name: run[name] for name in ("id", *counts, "rejected")})]
    for name in ("past_term", "left_out", "rejected"):
        if run[name]:
            of = speak.say("line" if run[name] == 1 else "lines")
            lines.append(speak.say(name, count=f"{run[name]} {of}"))
    return "\n".join(lines)
