"""What commands take: words of a known form and JSON files. A wrong one is told, not repeated."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

from lea_service.kernel.canonical import load_strict
from lea_service.kernel.coded import Coded, explain
from lea_service.kernel.errors import InvalidInput
from lea_service.kernel.phrases import ENGLISH, LANGUAGES, Phrases, phrase

UNASKED = ("geef --yes als u het las", "give --yes if you read it")
"""What to do where nobody can be asked, Dutch and English."""
SAYINGS: Phrases = {
    "choice": (" [j/N]: ", " [y/N]: "),
    "again": ("antwoord met j of n", "answer y or n"),
    "error": ("Fout: {what}", "Error: {what}"),
    "nobody": (
        "niemand kan hier iets worden gevraagd; {instead}",
        "nobody can be asked here; {instead}",
    ),
}
YES, NO = frozenset({"y", "yes", "j", "ja"}), frozenset({"n", "no", "nee", ""})
Command = TypeVar("Command", bound=Callable[..., Any])


LANGUAGE_ASKED = "lea_service.language"
LANGUAGE_VARIABLE = "LEA_LANGUAGE"


def _note_language(context: click.Context, _param: click.Parameter, language: str) -> str:
    context.meta[LANGUAGE_ASKED] = language
    return language


language_option = click.option(
    "--language",
    type=click.Choice(LANGUAGES),
    default=ENGLISH,
    envvar=LANGUAGE_VARIABLE,
    show_default=True,
    show_envvar=True,
    is_eager=True,
    callback=_note_language,
    help="In which language it is said.",
)


def asked_language() -> str:
    """Return in which language the command at work was asked to speak, be it by LEA_LANGUAGE."""
    context = click.get_current_context(silent=True)
    noted = context.meta.get(LANGUAGE_ASKED) if context else None
    asked = noted or os.environ.get(LANGUAGE_VARIABLE)
    return asked if asked in LANGUAGES else ENGLISH


class Unasked(click.ClickException):
    """Nobody is there to be asked, and what to do ``instead``."""

    def __init__(self, instead: str) -> None:
        super().__init__(_say("nobody", instead=instead))
        self._says = _say("error", what=self.message)

    def show(self, file: Any = None) -> None:
        """Print it, in the language of the command."""
        click.echo(self._says, file=file or sys.stderr)


class Form(click.ParamType):  # type: ignore[type-arg]  # a generic from click 8.4 on
    """A word that has the form of a pattern: whatever else it is stands in no path or header."""

    name = "text"

    def __init__(self, pattern: str, expected: str) -> None:
        self._pattern = re.compile(pattern, re.ASCII)
        self._expected = expected

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the word, or say which form was expected."""
        if not self._pattern.fullmatch(str(value)):
            self.fail(f"expected {self._expected}", param, ctx)
        return str(value)


def id_of(*prefixes: str) -> Form:
    """Return the form of our ids with one of the prefixes."""
    begins = " or ".join(f"{prefix}_" for prefix in prefixes)
    return Form(
        rf"(?:{'|'.join(prefixes)})_[0-9a-f]{{32}}",
        f"an id: {begins} and 32 of the digits 0-9 and a-f",
    )


def coded_option(name: str, known: Sequence[Coded]) -> Callable[[Command], Command]:
    """Return the option, compulsory, that takes a code of a closed list; its help has the words."""
    choice = click.Choice([one.code for one in known])
    return click.option(name, required=True, type=choice, help=f"Why. {explain(known)}")


def confirm(asked: str, instead: str) -> None:
    """Ask, and go on only after a yes; where nobody can answer, say what to do ``instead``.

    Raises Abort after a no, Unasked where standard input ends without an answer.
    """
    try:
        is_agreed = _is_agreed(asked)
    except click.Abort as err:
        if sys.stdin.isatty():
            raise
        raise Unasked(instead) from err
    if not is_agreed:
        raise click.Abort


def _is_agreed(asked: str) -> bool:
    """Ask until there is a yes or a no; no answer is a no."""
    while True:
        suffix = _say("choice")
        said = click.prompt(asked, "", show_default=False, prompt_suffix=suffix, err=True)
        if said.strip().lower() in YES | NO:
            return said.strip().lower() in YES
        click.echo(_say("again"), err=True)


def _say(key: str, **values: str) -> str:
    return phrase(SAYINGS, key, asked_language(), **values)


def read_object(path: Path) -> dict[str, Any]:
    """Read a JSON object from a file. Raises InvalidInput that names the file."""
    data = path.read_bytes()
    try:
        value = load_strict(data)
    except InvalidInput as err:
        raise InvalidInput(f"{path}: {err.detail}") from err
    if not isinstance(value, dict):
        raise InvalidInput(f"{path}: expected a JSON object")
    return value


def without_value(error: click.BadParameter) -> click.BadParameter:
    """Return an error of click that says what was expected and does not repeat what was given."""
    if error.param is None or isinstance(error, click.MissingParameter):
        return error
    expected = _expected(error.param.type)
    if expected is None:
        return error
    is_option = isinstance(error.param, click.Option)
    hint = None if is_option else f"'{error.param.human_readable_name}'"
    return click.BadParameter(f"expected {expected}", error.ctx, error.param, hint)


def _expected(kind: click.ParamType[Any]) -> str | None:
    if isinstance(kind, click.Choice):
        return "one of " + ", ".join(map(str, kind.choices))
    if isinstance(kind, click.IntRange):
        above = "" if kind.max is None else f" and at most {kind.max}"
        return f"a whole number of at least {kind.min}{above}"
    return None
