"""Words out of files of others, made fit for a terminal."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence

from lea_service.kernel.canonical import Json

MAX_PRINTED = 100


def printable(text: str) -> str:
    r"""Return ``text`` on one line, with ``\x1b`` and the like for what does not print itself.

    Control characters move the cursor, clear lines or begin new ones; marks of direction and of no
    width let one text look like another.
    """
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else _escape(ord(char)) for char in text)


def printable_lines(text: str) -> str:
    """Return a text of our own layout with its lines kept, each of them printable."""
    return "\n".join(map(printable, text.split("\n")))


def printable_json(value: object, indent: int | None = None) -> str:
    r"""Return JSON in which ``\u009b`` and the like stand for what does not print itself.

    It reads back as the same value.
    """
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    lines = text.split("\n")  # a text within JSON has none
    return "\n".join(line if line.isprintable() else _escape_json(line) for line in lines)


def counted(count: int, noun: str) -> str:
    """Return a number with its noun: ``1 row``, ``2 rows``, ``2 entries``."""
    if count == 1:
        return f"1 {noun}"
    return f"{count} {noun[:-1]}ies" if noun.endswith("ry") else f"{count} {noun}s"


def grouped(fingerprint: str) -> str:
    """Return a fingerprint in groups of four, as people read it out."""
    return " ".join(fingerprint[at : at + 4] for at in range(0, len(fingerprint), 4))


def _spaced(name: str) -> str:
    return name.replace("_", " ")


def list_members(
    value: Json, path: str = "", call: Callable[[str], str] = _spaced
) -> Iterator[tuple[str, str]]:
    """Yield each plain value inside a value, named by the way to it; also what is empty.

    ``call`` gives the words for a name, and for `value`, `yes`, `no` and `none`.
    """
    named = value.items() if isinstance(value, Mapping) else ()
    inside = list(enumerate(value, start=1)) if isinstance(value, list) else list(named)
    for name, inner in inside:
        called = call(name) if isinstance(name, str) else str(name)
        yield from list_members(inner, f"{path} {called}".strip(), call)
    if not inside:
        yield path or call("value"), _say(value, call)


def _say(value: Json, call: Callable[[str], str]) -> str:
    if isinstance(value, bool):
        return call("yes" if value else "no")
    return call("none") if value in (None, [], {}) else str(value)


def listing(found: Sequence[str], lead: str = "") -> list[str]:
    """Return what was found as indented lines after ``lead``; of very many the first hundred."""
    lines = [f"  {lead}{printable(one)}" for one in found[:MAX_PRINTED]]
    more = len(found) - MAX_PRINTED
    return [*lines, f"  … and {more:,} more"] if more > 0 else lines


def _escape_json(line: str) -> str:
    return "".join(char if char.isprintable() else json.dumps(char)[1:-1] for char in line)


def _escape(code: int) -> str:
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
