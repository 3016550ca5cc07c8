"""Lists of what the law leaves to choose from, each with its text as a whole."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from textwrap import wrap
from typing import Any

from lea_service.kernel.phrases import Phrases, phrase
from lea_service.legal.citations import say_citation
from lea_service.legal.seen import say_code
from lea_service.web.output import table

WIDTH = 96
CODES = {"instrument": "instrument", "issuing_roles": "role", "unknown_fields": "unknown"}
"""By column under which name its codes have their words."""
SAYINGS: Phrases = {
    "catalogue": (
        "Catalogus {version}, digest {digest}",
        "Catalogue {version}, digest {digest}",
    ),
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


COLUMNS: Phrases = {
    "id": ("id", "id"),
    "valid_from": ("eerste dag", "valid_from"),
    "valid_to": ("laatste dag", "valid_to"),
    "citation": ("artikel", "citation"),
    "instrument": ("wat gevraagd wordt", "instrument"),
    "issuing_roles": ("wie mag uitvaardigen", "issuing_roles"),
    "reviewed": ("beoordeeld", "reviewed"),
    "unknown_fields": ("niet bekend", "unknown_fields"),
}


def list_bases(found: dict[str, Any], language: str) -> str:
    """Return the catalogue: its version and digest, and a line for each edition of a basis."""
    head = phrase(SAYINGS, "catalogue", language, version=found["version"], digest=found["digest"])
    rows = [
        {phrase(COLUMNS, name, language): _cell(name, one[name], language) for name in COLUMNS}
        for one in found["bases"]
    ]
    return f"{head}\n\n{table(rows, [phrase(COLUMNS, name, language) for name in COLUMNS])}"


def _cell(name: str, value: Any, language: str) -> Any:
    if name == "reviewed":
        return None if value is None else f"{value['on']} {value['by']}"
    if name == "citation":
        return None if value is None else say_citation(value, language)
    if name in CODES and isinstance(value, list):
        return ", ".join(say_code(CODES[name], one, language) for one in value)
    return say_code(CODES[name], value, language) if name in CODES and value else value


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
