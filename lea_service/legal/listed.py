"""Lists of what the law leaves to choose from, each with its text as a whole."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from textwrap import wrap
from typing import Any

from lea_service.kernel.phrases import Phrases, phrase

WIDTH = 96
SAYINGS: Phrases = {
    "may_refuse": (
        "Op deze gronden kan een vordering worden geweigerd:",
        "On these grounds a demand can be refused:",
    ),
    "no_refusal": (
        "Op deze gronden niet: vraag het de autoriteit, of neem de vordering in behandeling:",
        "On these it cannot: ask the authority, or go on with the demand:",
    ),
    "may_name": (
        "Het antwoord mag zeggen wie het is (--name):",
        "The answer may say who it is (--name):",
    ),
    "no_name": ("Het antwoord noemt niemand:", "The answer names nobody:"),
}


def list_grounds(grounds: Iterable[dict[str, Any]], language: str) -> str:
    """Return the grounds of refusal, then those that are none, in ``language``."""
    rows = [(one["code"], one["text"][language], one["may_refuse"]) for one in grounds]
    return "\n".join(_by_kind(rows, ("may_refuse", "no_refusal"), language))


def list_kinds(kinds: Iterable[dict[str, Any]], language: str) -> str:
    """Return to which kinds of addressee somebody can be referred, in ``language``."""
    rows = [(one["code"], one[language], one["may_name"]) for one in kinds]
    return "\n".join(_by_kind(rows, ("may_name", "no_name"), language))


def _by_kind(
    rows: list[tuple[str, str, bool]], heads: tuple[str, str], language: str
) -> Iterator[str]:
    for head, kind in zip(heads, (True, False), strict=True):
        chosen = [(code, text) for code, text, is_kind in rows if is_kind is kind]
        if chosen:
            yield phrase(SAYINGS, head, language)
        for code, text in chosen:
            yield f"  {code}"
            yield from wrap(text, WIDTH, initial_indent=" " * 6, subsequent_indent=" " * 6)
