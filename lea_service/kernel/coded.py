"""Codes of closed lists with their words, Dutch and English: the code is kept, its words shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from lea_service.kernel.errors import InvalidInput
from lea_service.kernel.phrases import Phrases


@dataclass(frozen=True, slots=True)
class Words:
    """What a code means: where the code is one of an enumeration, beside it."""

    nl: str
    en: str


@dataclass(frozen=True, slots=True)
class Coded:
    """A code with its words: where the list is all there is of it."""

    code: str
    nl: str
    en: str


def phrases_of(words: Mapping[Any, Words]) -> Phrases:
    """Return the words of the codes of an enumeration, by code."""
    return {str(code): (one.nl, one.en) for code, one in words.items()}


def words_of(known: Iterable[Coded]) -> Phrases:
    """Return the words of the codes of a list, by code."""
    return {one.code: (one.nl, one.en) for one in known}


def codes_of(known: Iterable[Coded]) -> tuple[str, ...]:
    """Return codes in the order in which statements have them."""
    return tuple(sorted(one.code for one in known))


def check_coded(code: str, known: Iterable[Coded], pointer: str) -> None:
    """Let a code of a closed list through. Raises InvalidInput that names them all."""
    codes = [one.code for one in known]
    if code not in codes:
        raise InvalidInput.at(pointer, f"expected one of these: {', '.join(codes)}")


def explain(known: Iterable[Coded]) -> str:
    """Return the codes of a list with their English words, for a help text."""
    return " ".join(f"{one.code}: {one.en}" for one in known)
