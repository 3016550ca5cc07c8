"""Domains: which belong together, and which only look like another."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable
from functools import lru_cache

SIMILAR = str.maketrans({"0": "o", "1": "l", "i": "l", "3": "e", "5": "s", "8": "b", "|": "l"})
PAIRS = (("rn", "m"), ("vv", "w"), ("cl", "d"))
SHORT = 8
"""A name shorter than this is like another at one change, a longer one at two."""
LABELS = 2


def is_within(domain: str, other: str) -> bool:
    """Say whether a domain is another or lies in it."""
    return domain == other or (other.count(".") >= LABELS - 1 and domain.endswith(f".{other}"))


def is_aligned(domain: str, other: str, *, strict: bool = False) -> bool:
    """Say whether two domains are of one owner: the same, or one lies in the other."""
    if not domain or not other:
        return False
    return domain == other if strict else is_within(domain, other) or is_within(other, domain)


def is_sibling(domain: str, other: str) -> bool:
    """Say whether two domains lie in one that may be their owner's, or a registry's.

    Which of the two it is the public suffix list tells, which is not read here: so it proves
    nothing, and disproves nothing either.
    """
    owners = {".".join(one.split(".")[-LABELS:]) for one in (domain, other)}
    return len(owners) == 1 and not is_aligned(domain, other) and owners.pop().count(".") > 0


def find_look_alike(domain: str, known: Collection[str]) -> str | None:
    """Return the known domain that a domain looks like and neither is nor lies in."""
    if any(is_within(domain, one) for one in known):
        return None
    if not domain.isascii() or any(label.startswith("xn--") for label in domain.split(".")):
        return _nearest(domain, known) or "?"  # no agency has such letters in its domain
    return _nearest(domain, known)


def _nearest(domain: str, known: Iterable[str]) -> str | None:
    return next((one for one in sorted(known) if _is_like(domain, one)), None)


def _is_like(domain: str, known: str) -> bool:
    a, b = _skeleton(domain), _skeleton(known)
    if a == b or _contains(a, b):
        return True
    allowed = 1 if len(b) < SHORT else 2
    if distance(a, b, allowed) <= allowed:
        return True
    name, own = _name(a), _name(b)
    return len(own) > LABELS and (name == own or _contains_word(name, own))


def _contains(domain: str, known: str) -> bool:
    """Say whether the known domain is written out within another: om.nl.example, om-nl.example."""
    return known.replace(".", "-") in domain.replace(".", "-")


def _contains_word(name: str, known: str) -> bool:
    return known in name.split("-")


def _name(domain: str) -> str:
    """Return the label before the last one: what people read as the name."""
    return domain.split(".")[-LABELS] if domain.count(".") >= LABELS - 1 else domain


@lru_cache(maxsize=4096)
def _skeleton(domain: str) -> str:
    """Return a domain with each letter as the one that it looks like."""
    plain = _decode(domain)
    plain = "".join(
        sign for sign in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(sign)
    )
    plain = plain.casefold().translate(SIMILAR)
    for pair, sign in PAIRS:
        plain = plain.replace(pair, sign)
    return plain


def _decode(domain: str) -> str:
    labels = []
    for label in domain.split("."):
        try:
            decoded = label[4:].encode().decode("punycode") if label.startswith("xn--") else label
        except UnicodeError:
            decoded = label
        labels.append(decoded)
    return ".".join(labels)


def distance(a: str, b: str, most: int) -> int:
    """Return how many letters to change, add, leave out or swap make one text the other.

    Only up to ``most``: beyond it any larger number.
    """
    if abs(len(a) - len(b)) > most:
        return most + 1
    before: list[int] = []
    last = list(range(len(b) + 1))
    for n, sign in enumerate(a, 1):
        row = [n]
        for m, other in enumerate(b, 1):
            best = min(last[m] + 1, row[m - 1] + 1, last[m - 1] + (sign != other))
            if n > 1 and m > 1 and sign == b[m - 2] and a[n - 2] == other:
                best = min(best, before[m - 2] + 1)
            row.append(best)
        if min(row) > most:
            return most + 1
        before, last = last, row
    return last[-1]
