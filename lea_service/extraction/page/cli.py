"""The command that shows an approver everything for one decision."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click

from lea_service.extraction.page.content import Page, Row, Section, render_text
from lea_service.kernel.errors import InvalidInput
from lea_service.kernel.phrases import Phrases, phrase
from lea_service.staff.approvals_cli import approvals
from lea_service.web.client import Client
from lea_service.web.input import id_of, language_option
from lea_service.web.output import OutFile, json_option, show

__all__ = ["approvals"]


SAYINGS: Phrases = {
    "written": (
        "geschreven: {file}; er staan namen in, dus gooi het daarna weg",
        "written: {file}; it names people, so delete it afterwards",
    ),
}


@approvals.command("page")
@click.argument("approval_id", type=id_of("ap"))
@click.option("--html", type=OutFile(), help="Write it to this new file, for a browser.")
@language_option
@json_option
def show_page(approval_id: str, html: Path | None, language: str, as_json: bool) -> None:
    """Show everything for one decision on one page; this look is entered in the log.

    Who asks and how we know, the article, what is asked and what would be given, how much of it,
    to whose key, the reasons of those who handled it, open doubts, and the clocks.
    """
    route = f"/api/v1/approvals/{approval_id}/page"
    with Client.from_environment() as client:
        if html is None:
            found = client.get(f"{route}/content", language=language)
            show(as_json, found, lambda: render_text(_read(found)).rstrip("\n"))
            return
        _keep(client.get_bytes(route, language=language), html)
    show(as_json, {"file": str(html)}, phrase(SAYINGS, "written", language, file=html))


def _read(found: dict[str, Any]) -> Page:
    sections = [
        Section(
            one["heading"],
            tuple(Row(**row) for row in one["rows"]),
            tuple(one["notes"]),
            one["warns"],
        )
        for one in found["sections"]
    ]
    return Page(found["title"], tuple(sections), found["language"], found["care"])


def _keep(data: bytes, path: Path) -> None:
    """Write a file that nobody else may read. Raises InvalidInput where there is one."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as err:
        raise InvalidInput(f"{path} exists; it is not overwritten") from err
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
