"""What `--help` says of commands, in the language that was asked for.

A help text is written in English, once, where its command stands. Its Dutch stands in a table by
the English, paragraph by paragraph, in which any white space is one space. What is not in the table
stays English.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from copy import copy
from functools import cache
from importlib.resources import files
from inspect import cleandoc
from typing import Any, TypeVar

import click

from lea_service.kernel.canonical import load_strict
from lea_service.kernel.phrases import DUTCH

Command = TypeVar("Command", bound=click.Command)
TABLE = "help-nl.json"
BETWEEN_PARAGRAPHS = re.compile(r"\n\s*\n")


def tell(command: Command, language: str) -> Command:
    """Return a command as it tells of itself in ``language``, and so each below it.

    The command that is handed in stays as it is: it is one for the whole process.
    """
    if language != DUTCH:
        return command
    told = copy(command)
    told.help, told.short_help, told.epilog = map(
        _say, (command.help, command.short_help, command.epilog)
    )
    told.params = [_tell_option(one) for one in command.params]
    if isinstance(told, click.Group):
        told.commands = {name: tell(one, language) for name, one in told.commands.items()}
    return told


def paragraphs(text: str) -> list[str]:
    """Return the paragraphs of a help text as the table has them."""
    return [" ".join(one.split()) for one in BETWEEN_PARAGRAPHS.split(cleandoc(text))]


@cache
def load_help() -> Mapping[str, str]:
    """Return the Dutch paragraphs that ship, by the English ones."""
    table: Any = load_strict((files("lea_service.web") / "data" / TABLE).read_bytes())
    return dict(table["words"])


def _tell_option(param: click.Parameter) -> click.Parameter:
    if not isinstance(param, click.Option):
        return param
    told = copy(param)
    told.help = _say(param.help)
    return told


def _say(text: str | None) -> str | None:
    if text is None:
        return None
    words = load_help()
    return "\n\n".join(words.get(one, one) for one in paragraphs(text))
