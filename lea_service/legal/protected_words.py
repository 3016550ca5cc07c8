"""Words of a demand by which somebody it is about may be protected, though nobody typed that.

A word is a hint and decides nothing: a person looks, and says whether anybody is protected.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from importlib.resources import files
from typing import Any
from unicodedata import category, normalize

from lea_service.demands.demand import DemandContent, Protection
from lea_service.kernel.canonical import Json
from lea_service.legal.findings import Finding, make_finding
from lea_service.legal.order_comparison import Comparison
from lea_service.legal.order_text import OrderText
from lea_service.legal.overlay import read_json

TABLE = "protected-words.json"
FORMAT = "lea.protected-words/1"
HINT = "protection.named"
_HYPHEN = re.compile(r"(?<=\w)[-\u2010\u2011]\s+(?=\w)")
"""Where a word may go on behind the end of a line; not all who read a PDF keep the lines."""


def hint_at(
    compared: Comparison,
    demand: DemandContent,
    text: OrderText | None,
    taken_back: Sequence[Finding] = (),
) -> Comparison:
    """Return what was compared, what was ``taken_back``, and the hint where there is one."""
    found = (*compared.findings, *taken_back, *find_named(demand, text))
    return replace(compared, findings=found)


def find_named(demand: DemandContent, text: OrderText | None) -> list[Finding]:
    """Return the hint, where words of the demand or its order name who may be protected.

    None while each item says whether somebody it is about is protected, be it ``none``; a
    journalist or a source is asked about over that ``none`` as well. The words themselves are not
    repeated.
    """
    said = {item.protection for item in demand.items}
    if said.isdisjoint({None, Protection.NONE}):
        return []
    named = list_named("\n".join([*_texts_of(demand), *_lines_of(text)]))
    found: list[Json] = [one for one in named if None in said or one == Protection.SOURCE]
    return [make_finding(HINT, seen={"protection": found})] if found else []


def list_named(text: str) -> list[str]:
    """Return the protections whose words a text has, Dutch or English, in any case.

    Dutch makes one word of two, a line may end within one, and signs that nobody sees may stand in
    it.
    """
    plain = "".join(sign for sign in normalize("NFKC", text) if category(sign) != "Cf")
    said = [_others().sub(" ", " ".join(one.split())) for one in {*_join_lines(plain)}]
    return [code for code, words in _words().items() if any(map(words.search, said))]


def _join_lines(text: str) -> tuple[str, str]:
    """Return a text with its lines joined as if the hyphen belonged to the word, and if not."""
    return _HYPHEN.sub("-", text), _HYPHEN.sub("", text)


def load_protected_words() -> Mapping[str, Any]:
    """Return the table that ships with the service."""
    return read_json(files("lea_service.legal") / "data" / TABLE, FORMAT)


def _texts_of(demand: DemandContent) -> Iterator[str]:
    """Yield what somebody wrote in their own words, and who else holds the data."""
    explanation = demand.emergency and demand.emergency.explanation
    yield from (one for one in (demand.note, demand.offence, explanation) if one)
    for holder in demand.other_holders:
        yield from (one for one in (holder.name, holder.function) if one)


def _lines_of(text: OrderText | None) -> Iterator[str]:
    for page in () if text is None else text.pages:
        yield from page


@cache
def _words() -> Mapping[str, re.Pattern[str]]:
    table = load_protected_words()
    return {
        code: re.compile(
            rf"{_whole([*said['nl'], *said['en']])}|{_either(table['stems'].get(code))}"
            rf"|{_either(table['ends'].get(code))}(?!\w)",
            re.IGNORECASE,
        )
        for code, said in table["words"].items()
    }


@cache
def _others() -> re.Pattern[str]:
    """Return the words that have one of those in them and mean somebody else."""
    table = load_protected_words()
    return re.compile(rf"{_whole(table['not'])}|{_either(table['not_ends'])}(?!\w)", re.IGNORECASE)


def _whole(words: list[str]) -> str:
    return rf"(?<!\w){_either(words)}(?!\w)"


def _either(words: list[str] | None) -> str:
    """Return what finds any of some words; of two that are written as one or with a hyphen too."""
    longest_first = sorted(words or (), key=len, reverse=True)
    either = "|".join(re.sub("[ -]", "[ -]?", one) for one in longest_first)
    return f"(?:{either})" if either else "(?!)"
