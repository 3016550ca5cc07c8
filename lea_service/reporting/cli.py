"""The command that says what codes mean."""

from __future__ import annotations

import click

from lea_service.kernel.phrases import LANGUAGES
from lea_service.reporting.codelists import CODELISTS
from lea_service.web.input import language_option
from lea_service.web.output import json_option, show, table


@click.command()
@click.argument("name", required=False, type=click.Choice(list(CODELISTS)))
@language_option
@json_option
def codelists(name: str | None, language: str, as_json: bool) -> None:
    """Say what the codes in answers mean: those of the list NAME, or which lists there are.

    It needs no service.
    """
    if name is None:
        show(as_json, list(CODELISTS), "\n".join(CODELISTS))
        return
    at = LANGUAGES.index(language)
    rows = [{"code": code, "says": words[at]} for code, words in CODELISTS[name].items()]
    show(as_json, rows, lambda: table(rows, ("code", "says")))
