"""Refusals in the language that was asked for.

An error is raised in English, once. Its Dutch words stand in a table by the English ones, in which
``{0}``, ``{1}`` … stand for what differs from one time to the next: words that are said in Dutch
themselves where they are known, or codes that stay as they are (``{=0}`` in the Dutch). What is not
in the table stays English.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from lea_service.kernel.canonical import load_strict
from lea_service.kernel.phrases import DUTCH, Phrases

TABLE = "refusals-nl.json"
PLACE = re.compile(r"\{(=?)(\d)\}")
SEVERAL, AFTER, WITHIN = "; ", ": ", " ("
"""What stands between several messages, behind a place or code, and before what it means."""
PLACES = re.compile(r"; (?=/)")
"""What stands between messages of which each begins with the place that it is about."""
DEEPEST, LONGEST = 8, 4000
"""So far words within words are looked up, in so many characters."""


@dataclass(frozen=True, slots=True)
class _Template:
    """English words with places; ``fixed`` are the words before, between and behind them."""

    fixed: tuple[str, ...]
    pattern: re.Pattern[str]
    dutch: str

    def match(self, text: str) -> re.Match[str] | None:
        """Match a message; of two places the first takes as little as it can."""
        first, *between, last = self.fixed
        if not (text.startswith(first) and text.endswith(last)):
            return None
        return self.pattern.fullmatch(text) if all(one in text for one in between) else None


class Refusals:
    """Says refusals in Dutch: by the table that ships, and by phrases that may stand in them."""

    def __init__(self, *phrases: Phrases) -> None:
        table = load_refusals()
        self._exact = {en: nl for one in phrases for nl, en in one.values()}
        self._exact |= {en: nl for en, nl in table.items() if not PLACE.search(en)}
        shaped = sorted(table.keys() - self._exact.keys(), key=lambda en: (-len(en), en))
        self._shaped = [_template(en, table[en]) for en in shaped]

    def say(self, text: str, language: str) -> str:
        """Return a message in ``language``: as it is in English, and where no words are known."""
        return self._dutch(text, 0) if language == DUTCH and len(text) <= LONGEST else text

    def say_problem(self, body: Mapping[str, Any], language: str) -> dict[str, Any]:
        """Return the members of a problem (RFC 9457) with what it says in ``language``."""
        said = {
            name: self.say(body[name], language) for name in ("title", "detail") if name in body
        }
        errors = [
            {**one, "detail": self.say(one["detail"], language)} for one in body.get("errors", ())
        ]
        return {**body, **said, **({"errors": errors} if errors else {})}

    def _dutch(self, text: str, depth: int) -> str:
        if text in self._exact or depth == DEEPEST:
            return self._exact.get(text, text)
        for one in self._shaped:
            if found := one.match(text):
                return self._fill(one.dutch, found.groups(), depth)
        return self._apart(text, depth)

    def _fill(self, dutch: str, parts: tuple[str, ...], depth: int) -> str:
        def fill(place: re.Match[str]) -> str:
            kept, n = place.groups()
            return parts[int(n)] if kept else self._dutch(parts[int(n)], depth + 1)

        return PLACE.sub(fill, dutch)

    def _apart(self, text: str, depth: int) -> str:
        """Return a message that is put together of several, each in Dutch."""
        places = PLACES.split(text)
        if len(places) > 1:
            return SEVERAL.join(self._dutch(one, depth + 1) for one in places)
        head, found, rest = text.partition(AFTER)
        if found and (SEVERAL not in text or text.startswith("/")):
            return f"{self._dutch(head, depth + 1)}{AFTER}{self._dutch(rest, depth + 1)}"
        several = text.split(SEVERAL)
        if len(several) > 1:
            return SEVERAL.join(self._dutch(one, depth + 1) for one in several)
        head, found, rest = text.removesuffix(")").partition(WITHIN)
        if found and text.endswith(")"):
            return f"{head}{WITHIN}{self._dutch(rest, depth + 1)})"
        return text


@cache
def load_refusals() -> Mapping[str, str]:
    """Return the Dutch words that ship, by the English ones."""
    table: Any = load_strict((files("lea_service.web") / "data" / TABLE).read_bytes())
    return dict(table["words"])


def _template(english: str, dutch: str) -> _Template:
    fixed = PLACE.split(english)[::3]
    pattern = "((?:(?!; /).)+?)".join(map(re.escape, fixed))
    return _Template(tuple(fixed), re.compile(pattern, re.DOTALL), dutch)
