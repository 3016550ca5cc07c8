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
_TITLES = frozenset(
    ("mr", "drs", "dr", "prof", "ir", "ing", "mrs", "ms", "mw", "dhr", "jhr", "jkvr")
)
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
_OF_ROLES = frozenset(word for role in ROLES for word in role.split())
_PLACE = rf"(?:(?:den|de|het)\s|'s[-\s])?{_WORD}"
_ROLE = rf"(?i:\b(?P<words>{'|'.join(ROLES)})(?:\ste\s{_PLACE})?)"
_NAMED = re.compile(
    rf"{_ROLE}\s{{0,3}}[,:]?\s{{1,3}}(?P<name>{_TITLE}{{0,3}}(?:{_INITIALS}|{_WORD}\s)?{_SURNAME})"
)
_LAST = re.compile(rf"{_ROLE}\s{{0,3}}[,:]?\s*\Z")
_NEXT = re.compile(rf"\s*(?P<name>(?:{_TITLE}{{1,3}}(?:{_INITIALS})?|{_INITIALS}){_SURNAME})")
"""A name on a line of its own: with a title or initials, or it may be any word."""

_FURTHER = frozenset(("'s", "aan", "bij", "da", "del", "di", "dos", "du", "in", "op", "tot", "uit"))
"""Particles that are other words in a text, and none in a name."""
_DEGREES = re.compile(
    r"(?:,?\s+(?:LL\.?\s?[BM]|[BM]\.?Sc|[BM]A|MBA|Ph\.?\s?D|RA)\.?)+\s*\Z", re.IGNORECASE
)
_SHORT_PARTICLE = re.compile(r"(?<![\w.])v\.?\s?/?\s?d\.?[nr]?\.?\s", re.ASCII)
"""``v.d.``, ``v/d``, ``vd``: always small."""
_RUN_TOGETHER = re.compile(r"(?<!\w)[A-Z]{2,4}\s")
"""Initials without dots."""
_HYPHEN = re.compile(r"\s*[-‐‑–]\s*")
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
    """Say whether two names may mean one person: a surname they share, and no initial that differs.

    Of a double surname either part may be left out. Titles, particles, accents, dots and spaces
    tell nobody apart, nor does the surname before a comma.
    """
    a, b = _read(one), _read(other)
    shares = a.last and b.last and (a.last <= b.surnames or b.last <= a.surnames)
    return bool(shares) and all(x[0] == y[0] for x, y in zip(a.before, b.before, strict=False))


def is_named(name: str, pages: Sequence[Sequence[str]]) -> bool:
    """Say whether a text has the surname of somebody right after their first name or initials.

    The surname alone does not do, nor one that stands first: what is not found a person reads.
    """
    wanted, longest = _read(name), len(plain_name(name)) + 1
    found = (one for page in pages for one in _ending_with(page, wanted.surnames, longest))
    return bool(wanted.before) and any(
        _begins_alike(wanted, _read(one)) and is_same_person(name, one) for one in found
    )


def _ending_with(page: Sequence[str], surnames: frozenset[str], longest: int) -> Iterator[str]:
    """Yield what ends with one of some surnames, of at most ``longest`` words before, no role.

    Both ends are written as names are, with a capital: "a post office" names nobody Anna Post.
    """
    parts = [part for line in page for part in _HYPHEN.sub("-", line).split()]
    words = [(word, _has_capital(part)) for part in parts for word in plain_name(part)]
    begins = [has_capital and word not in _OF_ROLES for word, has_capital in words]
    for end, (word, has_capital) in enumerate(words):
        if has_capital and surnames.intersection(word.split("-")):
            starts = (n for n in range(max(end - longest, 0), end) if begins[n])
            yield from (" ".join(one for one, _ in words[n : end + 1]) for n in starts)


def _has_capital(part: str) -> bool:
    letters = [sign for sign in part if sign.isalpha()][:2]  # d'Hondt
    return any(sign.isupper() for sign in letters)


def _begins_alike(wanted: _Read, found: _Read) -> bool:
    """Say whether a text begins with a first name, or its letter.

    Of whom we know the letter alone the text has it alone as well: any word begins with some
    letter, so that "Akkoord: Post" would name A. Post.
    """
    first, given = [*found.before, ""][0], wanted.before[0]
    return bool(first) and first in {given, given[0]}


@dataclass(frozen=True, slots=True)
class _Read:
    """A name: its last surname by parts, all that may be surnames, and the words before it."""

    last: frozenset[str]
    surnames: frozenset[str]
    before: tuple[str, ...]


def _read(text: str) -> _Read:
    """Read a name by its words; after initials all the rest are surnames."""
    plain = _DEGREES.sub("", text.strip())
    surname, comma, given = plain.partition(",")
    plain = _SHORT_PARTICLE.sub(" ", f"{given} {surname}" if comma else surname)
    if not plain.isupper():
        plain = _RUN_TOGETHER.sub(lambda found: f"{' '.join(found[0])} ", plain)
    words = [one for one in plain_name(_HYPHEN.sub(" - ", plain)) if one not in _FURTHER]
    while words and words[-1] == "-":
        words.pop()
    start = max(len(words) - 1, 0)
    while start >= 2 and words[start - 1] == "-":
        start -= 2
    last = frozenset(words[start:]) - {"-"}
    before = tuple(one for one in words[:start] if one != "-")
    begins = [*before, ""][0]
    more = [one for one in before if len(one) > 1] if len(begins) == 1 else ()
    return _Read(last, last.union(more), before)


def _is_name(name: str) -> bool:
    """Say whether it is no place (``te Utrecht``) and no part of an office (``Landelijk Parket``).

    Such words stand after the title of a prosecutor in the head of many an honest order.
    """
    words = plain_name(name)
    return not (name.startswith("te ") or load_order_words().offices.intersection(words))
