"""Words by which an order speaks of data, of a judge, of who issues it: Dutch and English, data.

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
    """What an authorisation of a judge and each category are called, in small letters.

    ``issuers`` has by a coded role the words before the name of who issues an order in it,
    ``offices`` the words that are no name where they follow those.
    """

    authorisation: tuple[str, ...]
    categories: Mapping[str, tuple[str, ...]]
    issuers: Mapping[str, tuple[str, ...]]
    offices: frozenset[str]


@cache
def load_order_words() -> OrderWords:
    """Return the table that ships with the service."""
    found = read_json(files("lea_service.legal") / "data" / TABLE, FORMAT)
    categories, issuers = (
        {code: tuple(words) for code, words in found[name].items()}
        for name in ("categories", "issuers")
    )
    offices = frozenset(found["offices"])
    return OrderWords(tuple(found["authorisation"]), categories, issuers, offices)
