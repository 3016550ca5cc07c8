"""Names in the text of an order: what stands after fixed words, and whether two mean one person.

No list of names is consulted; who has no fixed words before them is not found.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lea_service.legal.order_words import load_order_words

_PARTICLES = frozenset(
    ("van", "de", "der", "den", "het", "'t", "ten", "ter", "te", "von", "zu", "le", "la", "el")
)
_TITLES = frozenset(("mr", "drs", "dr", "prof", "ir", "ing", "mrs", "ms", "mw", "dhr"))
_PARTICLE = f"(?:{'|'.join(sorted(_PARTICLES, key=len, reverse=True))})"
_TITLE = rf"(?i:(?:{'|'.join(sorted(_TITLES))})\.?\s)"
_WORD = r"[A-ZÀ-Þ][\w'’-]{1,40}"
_INITIALS = r"(?:[A-Z]\.\s?){1,5}"
_SURNAME = rf"(?i:(?:{_PARTICLE}\s){{0,3}}){_WORD}(?:(?:\s{_PARTICLE}){{0,3}}\s{_WORD}){{0,3}}"
ROLES = (
    "hulpofficier van justitie", "officier van justitie", "public prosecutor",
    "opsporingsambtenaar", "rechter-commissaris", "onderzoeksrechter", "investigating judge",
    "judge", "verdachte", "suspect", "betrokkene", "ten name van", "naam", "name",
)  # fmt: skip
"""What names follow; longer ones before those that end them."""
_PLACE = rf"(?:(?:den|de|het)\s|'s[-\s])?{_WORD}"
_ROLE = rf"(?i:\b(?P<words>{'|'.join(ROLES)})(?:\ste\s{_PLACE})?)"
_NAMED = re.compile(
    rf"{_ROLE}\s{{0,3}}[,:]?\s{{1,3}}(?P<name>{_TITLE}{{0,3}}(?:{_INITIALS}|{_WORD}\s)?{_SURNAME})"
)
_LAST = re.compile(rf"{_ROLE}\s{{0,3}}[,:]?\s*\Z")
_NEXT = re.compile(rf"\s*(?P<name>(?:{_TITLE}{{1,3}}(?:{_INITIALS})?|{_INITIALS}){_SURNAME})")
"""A name on a line of its own: with a title or initials, or it may be any word."""

_SURE = re.compile(rf"{_TITLE}|{_INITIALS}")


@dataclass(frozen=True, slots=True)
class Named:
    """A name as an order writes it, the words before it in small letters, and its line from 1."""

    words: str
    name: str
    line: int


def find_names(page: Sequence[str]) -> Iterator[Named]:
    """Yield each name on a page that follows fixed words, on the same line or on the next."""
    for n, line in enumerate(page, 1):
        for found in _NAMED.finditer(line):
            if _is_name(found["name"]):
                yield Named(found["words"].casefold(), found["name"], n)
        last = _LAST.search(line)
        following = _NEXT.match(page[n]) if last and n < len(page) else None
        if last and following and _is_name(following["name"]):
            yield Named(last["words"].casefold(), following["name"], n + 1)


def is_surely_name(name: str) -> bool:
    """Say whether a title or initials show that it is a name, and no place, office or verb."""
    return _SURE.match(name) is not None


def plain_name(text: str) -> tuple[str, ...]:
    """Return a name as it is compared: initials and words, without titles, particles, accents."""
    letters = unicodedata.normalize("NFKD", text.replace("’", "'")).casefold()
    parts = "".join(one for one in letters if not unicodedata.combining(one)).split()
    words = (word for part in parts for word in part.strip(",;:()").split(".") if word)
    return tuple(one for one in words if one not in _TITLES | _PARTICLES)


def is_same_person(one: str, other: str) -> bool:
    """Say whether two names may mean one person: one surname, and no initial that differs."""
    a, b = plain_name(one), plain_name(other)
    if not a or not b or a[-1] != b[-1]:
        return False
    pairs = zip(a[:-1], b[:-1], strict=False)
    return all(first[0] == second[0] for first, second in pairs)


def _is_name(name: str) -> bool:
    """Say whether it is no place (``te Utrecht``) and no part of an office (``Landelijk Parket``).

    Such words stand after the title of a prosecutor in the head of many an honest order.
    """
    words = plain_name(name)
    return not (name.startswith("te ") or load_order_words().offices.intersection(words))
