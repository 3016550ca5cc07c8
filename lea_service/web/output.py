"""What commands print: text for people or JSON for programs, progress, and exit codes."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Any

import click

from lea_service.kernel.clock import HOME_ZONE, say_wall, say_wall_exactly
from lea_service.kernel.errors import InvalidInput, LeaError
from lea_service.kernel.foreign import translate
from lea_service.kernel.logs import get_log
from lea_service.kernel.phrases import DUTCH
from lea_service.kernel.printable import printable, printable_json, printable_lines
from lea_service.web.click_words import click_speaks, language_of
from lea_service.web.help_words import tell
from lea_service.web.input import LANGUAGE_ASKED, asked_language, without_value
from lea_service.web.problems import EXIT_UNKNOWN, describe, describe_status, problem_of
from lea_service.web.refusals import Refusals

COLUMN_LIMIT = 64
"""As wide as a SHA-256 in hex, which people compare to its last digit."""
MAX_STEPS = 500
"""How often a bar is drawn at most: drawing costs more than the work between two reports may."""

INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z")
"""An instant as answers write it, in UTC."""

JSON_ASKED = "lea_service.json"
ERROR = "Error"
SEVERAL = "expected something else in these places"
"""Told in place of a message that names each place, since each has a line of its own."""
log = get_log("command")


json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print JSON instead of text, for programs."
)
"""Gives a command the parameter ``as_json``."""


class OutFile(click.Path):
    """A file to write to, whose folder is there: found out before anything is asked for."""

    def __init__(self) -> None:
        super().__init__(dir_okay=False, path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        """Return the path, or say that its folder is none."""
        path = Path(str(super().convert(value, param, ctx)))
        if not path.parent.is_dir():
            self.fail(f"{path.parent} is no folder to write to", param, ctx)
        return path


def show(as_json: bool, value: Any, text: str | Callable[[], str]) -> None:
    """Print ``value`` as JSON, or else ``text`` (or what it returns), made fit for a terminal."""
    if as_json:
        click.echo(printable_json(value, indent=2))
    else:
        click.echo(printable_lines(text() if callable(text) else text))


def show_lines(data: bytes) -> None:
    """Print a text of the service as it is, but for what does not print itself."""
    click.echo(printable_lines(data.decode()), nl=False)


def table(
    rows: Sequence[Mapping[str, Any]], columns: Sequence[str], *, is_whole: bool = False
) -> str:
    """Lay out rows under the named columns; a missing value is shown as a dash.

    A long value is cut, but for what somebody is about to sign: ``is_whole``.
    """
    limit = None if is_whole else COLUMN_LIMIT
    cells = [list(columns), *([_cell(row.get(name), limit) for name in columns] for row in rows)]
    widths = [max(len(line[index]) for line in cells) for index in range(len(columns))]
    lines = [_line(line, widths) for line in cells]
    return "\n".join([lines[0], "  ".join("-" * width for width in widths), *lines[1:]])


def says_in(language: str) -> str:
    """Return under which name an answer says in words of ``language`` what its code means."""
    return "says_nl" if language == DUTCH else "says"


def legend(rows: Sequence[Mapping[str, Any]], name: str, language: str) -> str:
    """Say once what each code under ``name`` means, as the answer itself says it in words."""
    return facts({str(row[name]): row[says_in(language)] for row in rows})


def facts(value: Mapping[str, Any]) -> str:
    """Lay out one thing as ``name  value`` lines."""
    lines = [(printable(name), _cell(inner, None)) for name, inner in value.items()]
    width = max((len(name) for name, _ in lines), default=0)
    return "\n".join(f"{name:<{width}}  {text}" for name, text in lines)


def wall_time(text: str, zone: tzinfo = HOME_ZONE) -> str:
    """Return an instant of an answer, to the second, as the clock on the wall of ``zone`` shows it.

    What is no instant stays as it is.
    """
    return _tell_instant(text, zone, say_wall)


def exact_time(text: str, zone: tzinfo = HOME_ZONE) -> str:
    """Return an instant that is asked about, as the end of a period, with all its digits."""
    return _tell_instant(text, zone, say_wall_exactly)


def _tell_instant(text: str, zone: tzinfo, say: Callable[[datetime, tzinfo], str]) -> str:
    if not INSTANT.fullmatch(text):
        return text
    try:
        return say(datetime.fromisoformat(text), zone)
    except (ValueError, OverflowError):  # no such day, or beyond the years that there are
        return text


@contextmanager
def progress(label: str) -> Iterator[Callable[[int, int], None]]:
    """Show a bar on standard error while work goes on; nothing when nobody watches.

    Yields a function to call with (done, total). The bar comes with the first call, and begins
    anew on its next line when the work does.
    """
    if not sys.stderr.isatty():
        yield lambda done, total: None  # noqa: ARG005
        return
    with ExitStack() as stack:
        bars: list[Any] = []

        def move(done: int, total: int) -> None:
            length = max(total, 1)
            if not bars or done < bars[-1].pos or length != bars[-1].length:
                stack.close()
                bar = click.progressbar(length=length, label=label, file=sys.stderr, show_pos=True)
                bars.append(stack.enter_context(bar))
            step = done - bars[-1].pos
            if step >= length // MAX_STEPS or done >= length:
                bars[-1].update(step)

        yield move


class BoundaryGroup(click.Group):
    """A group whose commands, at any depth, end with the exit code of the error they met."""

    def main(self, args: Sequence[str] | None = None, *given: Any, **more: Any) -> Any:
        """Run the command; it and Click speak the language that is asked for."""
        language = language_of(sys.argv[1:] if args is None else args)
        with click_speaks(language):
            return super(BoundaryGroup, tell(self, language)).main(args, *given, **more)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Note whether JSON is asked for, and in which language, before a word is found wrong."""
        ctx.meta[JSON_ASKED] = "--json" in args
        ctx.meta[LANGUAGE_ASKED] = language_of(args)
        with error_boundary():
            return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command inside the boundary."""
        with error_boundary():
            return super().invoke(ctx)


@contextmanager
def error_boundary() -> Iterator[None]:
    """Let click print what went wrong and leave with its exit code, never with a traceback.

    What nobody foresaw is told without its text, which may hold what it should not; the log says
    where it happened.
    """
    try:
        yield
    except click.UsageError as error:
        raise _unusable(error) from error
    except (click.ClickException, click.exceptions.Exit, click.Abort, BrokenPipeError):
        raise
    except Exception as error:
        known = translate(error)
        if known is None:
            log.critical("fault", exc_info=error)
            raise Broken from error
        raise Failed(known) from error


class Failed(click.ClickException):
    """An error of ours on its way to the terminal."""

    def __init__(self, error: LeaError) -> None:
        super().__init__(error.detail)
        self.error = error
        self.exit_code = problem_of(error).exit_code  # type: ignore[misc]
        self._as_json, self._language = _is_json_asked(), asked_language()

    def show(self, file: Any = None) -> None:
        """Print the problem: as JSON when the command was asked for JSON."""
        out, refusals = file or sys.stderr, Refusals()
        if self._as_json:
            problem = refusals.say_problem(describe(self.error), self._language)
            click.echo(printable_json(problem), file=out)
            return
        more = _list_more(self.error)
        told = (
            SEVERAL if len(more) > 1 and "; ".join(more) == self.error.detail else self.error.detail
        )
        error, detail = (refusals.say(text, self._language) for text in (ERROR, told))
        click.echo(f"{error}: {printable(detail)}", file=out)
        for line in more:
            click.echo(f"  {printable(refusals.say(line, self._language))}", file=out)


class Broken(click.ClickException):
    """A fault of our own on its way to the terminal, without its text."""

    exit_code = EXIT_UNKNOWN

    def __init__(self) -> None:
        super().__init__("something of ours went wrong; the log says where")
        self._as_json, self._language = _is_json_asked(), asked_language()

    def show(self, file: Any = None) -> None:
        """Print that it happened: as JSON when the command was asked for JSON."""
        refusals = Refusals()
        error, message = (refusals.say(text, self._language) for text in (ERROR, self.message))
        problem = json.dumps(refusals.say_problem(describe_status(500), self._language))
        click.echo(problem if self._as_json else f"{error}: {message}", file=file or sys.stderr)


def _list_more(error: LeaError) -> list[str]:
    """Return a line for each field that was wrong, unless the message is that line; or for when."""
    if not isinstance(error, InvalidInput):
        found = ((name, str(value)) for name, value in error.facts.items())
        return [f"{name}: {wall_time(one)}" for name, one in found if INSTANT.fullmatch(one)]
    lines = [f"{place.pointer or '(whole)'}: {place.detail}" for place in error.errors]
    return [] if lines == [error.detail] else lines


def _unusable(error: click.UsageError) -> click.ClickException:
    """Return how to tell that the words of a command do not fit it."""
    if isinstance(error, click.BadParameter):
        error = without_value(error)
    error = _in_language(error)
    return Failed(InvalidInput(error.format_message())) if _is_json_asked() else error


def _in_language(error: click.UsageError) -> click.UsageError:
    """Return an error of click with what we say in it in the language that is asked for."""
    said = Refusals().say(error.message, asked_language())
    if said == error.message or isinstance(error, click.MissingParameter):
        return error
    if isinstance(error, click.BadParameter):
        return click.BadParameter(said, error.ctx, error.param, error.param_hint)
    return click.UsageError(said, error.ctx)


def _is_json_asked() -> bool:
    context = click.get_current_context(silent=True)
    return bool(context and context.meta.get(JSON_ASKED))


def _cell(value: Any, limit: int | None = COLUMN_LIMIT) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(_cell(part, None) for part in value) or "-"
    is_plain = not isinstance(value, dict)
    text = wall_time(str(value)) if is_plain else json.dumps(value, ensure_ascii=False)
    text = printable(text)
    return text if limit is None or len(text) <= limit else text[: limit - 1] + "…"


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = (f"{cell:<{width}}" for cell, width in zip(cells, widths, strict=True))
    return "  ".join(padded).rstrip()
