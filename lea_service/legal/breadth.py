"""Whether a target means one subscriber, or a prefix, a range, a cell or everybody."""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import StrEnum

from lea_service.demands.demand import TargetKind

SHORTEST_NUMBER = 8
"""Digits of the shortest number that one subscriber has; service numbers are shorter."""


class Breadth(StrEnum):
    """How many a target may mean, by the look of it."""

    ONE = "one"
    SHORT = "short_number"
    PATTERN = "pattern"
    RANGE = "range"
    CELL = "cell"
    EVERYBODY = "everybody"


_PATTERN = re.compile(r"[*%?#]|\bx{2,}\b|\.{3}", re.IGNORECASE)
_ESCAPE = re.compile(r"%[0-9A-Fa-f]{2}")
"""A character of a SIP URI (RFC 3261 section 25.1); who means many does not escape the sign."""
_RANGE = re.compile(r"(\d+)\s*(?:-|–|\.\.|/|t/m|tot(?: en met)?|to|through)\s*(\d+)", re.IGNORECASE)
_CELL = re.compile(
    r"(?<![a-z])(?:e?cgi|lac|cell|mast|zendmast|basisstation)(?![a-z])", re.IGNORECASE
)
_EVERYBODY = re.compile(
    r"(?:all|alle|iedereen|everyone|everybody|any|allen)\b.{0,40}", re.IGNORECASE
)


def breadth_of(kind: TargetKind, value: str) -> Breadth:
    """Return how many a target may mean; what looks like one is one."""
    if kind is TargetKind.PHONE_NUMBER:
        is_short = sum(one.isdigit() for one in value) < SHORTEST_NUMBER
        return Breadth.SHORT if is_short else Breadth.ONE
    if kind is TargetKind.IP_ADDRESS:
        return Breadth.ONE
    words = _user_of(kind, value)
    return next((breadth for breadth, looks in _LOOKS if looks(words)), Breadth.ONE)


def _user_of(kind: TargetKind, value: str) -> str:
    """Return what names somebody: of an address the part before the host, without its escapes."""
    if kind is TargetKind.SIP_URI:
        value = _ESCAPE.sub("", value)
    if kind in {TargetKind.SIP_URI, TargetKind.EMAIL}:
        return value.partition("@")[0].rpartition(":")[2]
    return value


def _is_range(words: str) -> bool:
    """Say whether it is two numbers of one length, the lesser first."""
    found = _RANGE.fullmatch(words)
    return found is not None and len(found[1]) == len(found[2]) and found[1] < found[2]


_LOOKS: tuple[tuple[Breadth, Callable[[str], object]], ...] = (
    (Breadth.EVERYBODY, _EVERYBODY.fullmatch),
    (Breadth.PATTERN, _PATTERN.search),
    (Breadth.RANGE, _is_range),
    (Breadth.CELL, _CELL.search),
)
