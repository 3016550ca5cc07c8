"""Commands about sources and their files; all go through the service."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from lea_service.demands.targets import SOURCE_NAME
from lea_service.kernel.errors import InvalidInput
from lea_service.kernel.printable import counted
from lea_service.records.mapping import CSV, JSON_LINES, MEDIA_TYPES
from lea_service.records.mapping_loading import list_shipped, load_shipped
from lea_service.web.client import Client
from lea_service.web.input import Form, id_of, read_object
from lea_service.web.output import facts, json_option, progress, show, table

BASE = "/api/v1/sources"
JSON_ENDINGS = {".json", ".jsonl", ".ndjson"}
SOURCE_COLUMNS = ("name", "kind", "zone", "region", "categories", "id")
IMPORT_COLUMNS = ("id", "state", "started_at", "lines", "added", "known", "rejected", "reason")
REJECT_COLUMNS = ("line", "reason", "field", "size", "text")
SOURCE = Form(
    rf"(?:{SOURCE_NAME})|so_[0-9a-f]{{32}}", "the name of a source, as pbx-1, or its id: so_…"
)
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
@json_option
def declare(name: str, mapping: str, zone: str | None, region: str | None, as_json: bool) -> None:
    """Declare the source NAME. The name stands in each record that is handed over."""
    body = {"name": name, "mapping": _mapping(mapping), "zone": zone, "region": region}
    given = {key: value for key, value in body.items() if value is not None}
    with Client.from_environment() as client:
        found = client.post(BASE, given)
    show(as_json, found, lambda: _describe(found))


@sources.command("list")
@json_option
def list_(as_json: bool) -> None:
    """List the declared sources."""
    with Client.from_environment() as client:
        found = list(client.pages(BASE))
    show(as_json, found, lambda: table(found, SOURCE_COLUMNS))


@sources.command("show")
@click.argument("source", type=SOURCE)
@json_option
def show_(source: str, as_json: bool) -> None:
    """Show SOURCE (its name or id) and its newest imports."""
    with Client.from_environment() as client:
        found = client.get(f"{BASE}/{source}")
        runs = client.get(f"{BASE}/{source}/imports", limit=10)["items"]
    value = {**found, "imports": runs}
    show(as_json, value, lambda: f"{_describe(found)}\n\n{table(runs, IMPORT_COLUMNS)}")


@sources.command()
@click.argument("source", type=SOURCE)
@json_option
def coverage(source: str, as_json: bool) -> None:
    """Say from when until when SOURCE has records."""
    with Client.from_environment() as client:
        found = client.get(f"{BASE}/{source}/coverage")
    show(as_json, found, lambda: facts(found))


@sources.command()
@click.argument("source", type=SOURCE)
@click.argument("import_id", type=id_of("im"), metavar="IMPORT")
@json_option
def report(source: str, import_id: str, as_json: bool) -> None:
    """Say what became of the lines of IMPORT, and why it failed if it did."""
    with Client.from_environment() as client:
        found = client.get(f"{BASE}/{source}/imports/{import_id}")
    show(as_json, found, lambda: facts(found))


@sources.command()
@click.argument("source", type=SOURCE)
@click.argument("import_id", type=id_of("im"), metavar="IMPORT")
@json_option
def rejects(source: str, import_id: str, as_json: bool) -> None:
    """Show the lines of IMPORT that were not taken in, and why.

    They hold personal data: that you looked is entered in the custody log.
    """
    with Client.from_environment() as client:
        found = list(client.pages(f"{BASE}/{source}/imports/{import_id}/rejects"))
    show(as_json, found, lambda: table(found, REJECT_COLUMNS))


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
@json_option
def import_(source: str, file: Path, as_json: bool) -> None:
    """Take FILE into the records of SOURCE. The same file again adds nothing.

    A line that cannot be read is kept aside with its number and reason, never put right; see
    `lea sources rejects`. What a purge has taken before, and rows as old as those, is not taken in
    again.
    """
    with (
        Client.from_environment() as client,
        progress(file.name) as bar,
        file.open("rb") as stream,
    ):
        size = file.stat().st_size
        media_type = MEDIA_TYPES[JSON_LINES if file.suffix in JSON_ENDINGS else CSV]
        found = client.send_file(
            f"{BASE}/{source}/imports", stream, size, media_type=media_type, progress=bar
        )
    show(as_json, found, lambda: _report(found))


def _mapping(text: str) -> Any:
    if text in list_shipped():
        return load_shipped(text)
    try:
        return read_object(Path(text))
    except OSError as err:
        names = ", ".join(list_shipped())
        raise InvalidInput(f"--mapping: expected a file, or one of {names}") from err


def _describe(source: dict[str, Any]) -> str:
    return facts({name: source[name] for name in SHOWN})


def _report(run: dict[str, Any]) -> str:
    counts = ("lines", "added", "known", "completed", "past_term", "left_out", "flagged")
    text = facts({name: run[name] for name in ("id", *counts, "rejected")})
    if run["past_term"]:
        text += f"\nPast the term of an earlier purge: {counted(run['past_term'], 'line')}."
    if run["left_out"]:
        text += f"\nLeft out, not of this kind: {counted(run['left_out'], 'line')}."
    if run["rejected"]:
        text += (
            f"\nKept aside: {counted(run['rejected'], 'line')}; `lea sources rejects` shows them."
        )
    return text
