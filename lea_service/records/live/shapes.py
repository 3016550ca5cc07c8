"""Shapes of values: what an engineer may see of rows without seeing a person in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from phonenumbers import COUNTRY_CODE_TO_REGION_CODE

from lea_service.records.values import BadValue, text_of

LONGEST_PATTERN = 60
MARKS = frozenset(" +-.,:;/@<>()[]{}\"'_=&?%*#|\\")
"""Characters that stand in a pattern as they are: they tell of a form, not of a person."""
CODE_DIGITS = 3
LEAST_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Shape:
    """What a value looks like: its type, how long its text is, and the pattern of that text.

    Digits are ``#``, letters ``A`` and ``a``, others ``?``; of a number with ``+`` the code of the
    country stands as it is.
    """

    column: str
    type: str
    length: int
    pattern: str


def shapes_of(columns: Sequence[str], row: Sequence[Any]) -> tuple[Shape, ...]:
    """Return the shapes of a row."""
    return tuple(_shape(name, value) for name, value in zip(columns, row, strict=True))


def pattern_of(text: str) -> str:
    """Return the pattern of a text, of a long one its beginning."""
    kept = _country_code(text)
    rest = "".join(_mark(character) for character in text[kept:LONGEST_PATTERN])
    return text[:kept] + rest + ("…" if len(text) > LONGEST_PATTERN else "")


def _shape(column: str, value: Any) -> Shape:
    try:
        text = text_of(value)
    except BadValue as err:
        return Shape(column, type(value).__name__, 0, f"unreadable: {err.reason}")
    kind = "null" if value is None else type(value).__name__
    return Shape(column, kind, len(text), pattern_of(text))


def _mark(character: str) -> str:
    if character in MARKS:
        return character
    if character.isdecimal():
        return "#"
    if character.isalpha():
        return "A" if character.isupper() else "a"
    return "?"


def _country_code(text: str) -> int:
    """Return how many characters a number begins with that tell of its country alone."""
    digits = text[1:]
    if not (text.startswith("+") and digits.isascii() and digits.isdigit()):
        return 0
    for size in range(1, CODE_DIGITS + 1):
        is_long_enough = len(digits) - size >= LEAST_DIGITS
        if is_long_enough and int(digits[:size]) in COUNTRY_CODE_TO_REGION_CODE:
            return 1 + size
    return 0
