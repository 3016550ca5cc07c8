"""Words by which an order speaks of a category of data or of a judge, Dutch and English, as data.

A table of words reads no order: it tells where somebody has to look, and no more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from lea_service.legal.overlay import read_json

TABLE = "order-words.json"
FORMAT = "lea.order-words/1"


@dataclass(frozen=True, slots=True)
class OrderWords:
    """What an authorisation of a judge and each category are called, in small letters."""

    authorisation: tuple[str, ...]
    categories: Mapping[str, tuple[str, ...]]


@cache
def load_order_words() -> OrderWords:
    """Return the table that ships with the service."""
    found = read_json(files("lea_service.legal") / "data" / TABLE, FORMAT)
    categories = {code: tuple(words) for code, words in found["categories"].items()}
    return OrderWords(tuple(found["authorisation"]), categories)
