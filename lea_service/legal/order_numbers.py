"""Numbers of equipment, of cards and of customers in a line of an order.

The first are found by their form, the last after words that say what they are. Which of two forms
a number has that may be either, the words before it say; where there are none, its check digit.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from lea_service.demands.concerned import Normalise
from lea_service.demands.demand import TargetKind

COVER = "|"
"""Stands in the place of what is read as something else."""
EQUIPMENT = re.compile(
    r"(?:(?<!\w)|(?<=\bimei)|(?<=\bimsi)|(?<=\biccid))"
    r"(?:\d(?:[ ./-]?\d){13,19}|[0-9a-f]{2}(?:[:-]?[0-9a-f]{2}){5}"
    r"|[0-9a-f]{4}(?:\.[0-9a-f]{4}){2})F?(?!\w)",
    re.ASCII | re.IGNORECASE,
)
"""What may be the number of a telephone, of a card or of an interface."""
_BY_FORM = (TargetKind.ICCID, TargetKind.IMEI, TargetKind.IMSI, TargetKind.MAC_ADDRESS)
"""What a number is where nothing says so: first what has a check digit that fits."""
_WORDS = re.compile(
    r"\b(?:(imei)|(imsi)|(iccid|sim(?=\W|kaart|card))|(mac(?=\W|ad)))", re.IGNORECASE
)
_OF_WORDS = (TargetKind.IMEI, TargetKind.IMSI, TargetKind.ICCID, TargetKind.MAC_ADDRESS)
_VALUE = r"(?:[A-Z]{1,4}\s)?(?=[A-Za-z./-]{0,63}\d)[A-Za-z0-9](?:[A-Za-z0-9./-]{0,62}[A-Za-z0-9])?"
_FURTHER = r"(?=(?:[A-Za-z./-]{0,20}\d){3})"
"""A further number of a list has three digits, or it may be any number in the sentence."""
_CUSTOMERS = re.compile(
    r"\b(?i:klant-?(?:nummers?|nrs?\.?|id)|customer\s(?:numbers?|no\.?|id))(?![\w-])"
    rf"\s{{0,3}}:?\s{{0,3}}(?P<values>{_VALUE}"
    rf"(?:(?:\s?[,;&]|\s(?:en|and|of|or))\s{{1,2}}{_FURTHER}{_VALUE}){{0,40}})"
)
_CUSTOMER = re.compile(_VALUE)
_SIGN = re.compile(r"[^\n]")

Spans = Iterable[tuple[int, int]]


def find_customers(line: str) -> Iterator[re.Match[str]]:
    """Yield each number that stands after words for the number of a customer, alone or listed."""
    for labelled in _CUSTOMERS.finditer(line):
        yield from _CUSTOMER.finditer(line, *labelled.span("values"))


def find_equipment(line: str, normalise: Normalise) -> Iterator[tuple[TargetKind, str, str]]:
    """Yield what each number of equipment in a line is, as it is written, and its one form."""
    for found in EQUIPMENT.finditer(line):
        for kind in _kinds(line[: found.start()], found[0]):
            if form := normalise(kind, found[0]):
                yield kind, found[0], form
                break


def cover(line: str, spans: Spans) -> str:
    """Return a line, or lines, without what stands in some places of it."""
    for start, end in spans:
        line = line[:start] + _SIGN.sub(COVER, line[start:end]) + line[end:]
    return line


def _kinds(before: str, text: str) -> Iterator[TargetKind]:
    """Yield what a number may be: what the last word before it says, then by its form.

    Twelve digits alone are an interface only where a word says so.
    """
    words = [_OF_WORDS[(one.lastindex or 1) - 1] for one in _WORDS.finditer(f"{before} ")]
    yield from words[-1:]
    yield from (one for one in _BY_FORM if one != TargetKind.MAC_ADDRESS or not text.isdigit())
