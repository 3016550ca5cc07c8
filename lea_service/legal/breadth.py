"""Whether a target means one subscriber, or a prefix, a range, a cell or everybody.

A range may be written as one target, or out as many: the items are looked at together too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from ipaddress import ip_address, ip_network

from lea_service.demands.demand import OF_EQUIPMENT, OF_PLACE, Target, TargetKind
from lea_service.demands.devices import normalise_iccid, normalise_imei, normalise_mac
from lea_service.demands.targets import has_further_end

SHORTEST_NUMBER = 8
"""Digits of the shortest number that one subscriber has; service numbers are shorter."""
CONSECUTIVE = 10
"""So many targets one after the other are a range. Our own figure, of no law or guideline: blocks
of ten are the smallest in which numbers of companies are commonly handed out."""
MANY = 50
"""So many different targets are bulk, wherever they lie. Our own figure too, of no law."""


class Breadth(StrEnum):
    """How many a target may mean, by the look of it."""

    ONE = "one"
    SHORT = "short_number"
    PATTERN = "pattern"
    RANGE = "range"
    CELL = "cell"
    PLACE = "place"
    EVERYBODY = "everybody"
    ROW = "row"
    MANY = "many"


LISTED = frozenset({Breadth.ROW, Breadth.MANY})
"""What is asked about one by one, and is much all the same."""
BROAD = frozenset(Breadth) - {Breadth.ONE, Breadth.SHORT}
"""What means more than one; a short number may be either."""


_PATTERN = re.compile(r"[*%?#]|(?:\b|(?<=\d))x{2,}\b|\.{3}", re.IGNORECASE)
_ESCAPE = re.compile(r"%[0-9A-Fa-f]{2}")
"""A character of a SIP URI (RFC 3261 section 25.1); who means many does not escape the sign."""
_NUMBER = r"(\+?\d(?:[\d ().]*\d)?)"
_RANGE = re.compile(rf"{_NUMBER}\s*(?:-|–|—|\.\.|/)\s*{_NUMBER}")
_WORDS = re.compile(
    rf"{_NUMBER}\s*(?:t/m|tot(?: en met)?|to|through|until)\s*{_NUMBER}", re.IGNORECASE
)
_ADDRESSES = re.compile(
    r"([0-9a-f.:]+)\s*(?:-|–|—|t/m|tot(?: en met)?|to|through|until)\s*([0-9a-f.:]+)", re.IGNORECASE
)
_DIALLED = re.compile(r"\+?[\d().-]+")
_LAST_DIGITS = re.compile(r"(.*?)(\d{1,30})(\D*)")
_CELL = re.compile(
    r"(?<![a-z])(?:e?cgi|lac|cell?|cid(?= )|mast|zendmast|antenne|enodeb|gnodeb|basisstation)"
    r"(?![a-z])|\A20\d-\d{2}-\d{1,9}-\d{1,9}\Z",
    re.IGNORECASE,
)
_EVERYBODY = re.compile(
    r"(?:all|alle|iedereen|everyone|everybody|any|allen)\b.{0,40}"
    r"|(?:iedere?|elke?|every)\s+(?:single\s+)?(?:klant|abonnee|gebruiker|aansluiting|nummer|account"
    r"|persoon|toestel|customer|subscriber|user|line|number|person|device).{0,40}"
    r"|(?:.{0,40}\b)?(?:klantenbestand|customer base)\b.{0,40}",
    re.IGNORECASE,
)


def breadths_of(targets: Sequence[Target], region: str) -> tuple[Breadth, ...]:
    """Return how many each of the targets of one demand may mean, seen beside the others.

    Numbers or addresses one after the other are a row, ``CONSECUTIVE`` of them or more; of
    ``MANY`` different ones or more each is one of many. A short number among them may as well be a
    prefix: there it is a range. ``region`` is as for ``breadth_of``.
    """
    alone = [breadth_of(one.kind, one.value, region) for one in targets]
    places = [_place(one) for one in targets]
    in_rows = _in_rows(place for place in places if place is not None)
    is_many = len({(one.kind, one.value, one.source) for one in targets}) >= MANY
    return tuple(
        _beside(breadth, place in in_rows, is_many=is_many)
        for breadth, place in zip(alone, places, strict=True)
    )


def breadth_of(kind: TargetKind, value: str, region: str) -> Breadth:
    """Return how many a target may mean; what looks like one is one.

    ``region`` (ISO 3166) is where a number without country code was dialled.
    """
    if kind is TargetKind.PHONE_NUMBER:
        if has_further_end(value, region):
            return Breadth.RANGE
        return Breadth.SHORT if len(_digits(value)) < SHORTEST_NUMBER else Breadth.ONE
    if kind in OF_PLACE:
        return Breadth.PLACE
    if kind is TargetKind.IP_ADDRESS or kind in OF_EQUIPMENT:
        return Breadth.ONE
    return next(_looks(kind, _user_of(kind, value)), Breadth.ONE)


def _looks(kind: TargetKind, words: str) -> Iterator[Breadth]:
    if _EVERYBODY.fullmatch(words):
        yield Breadth.EVERYBODY
    if _PATTERN.search(words):
        yield Breadth.PATTERN
    is_customer = kind is TargetKind.CUSTOMER_NUMBER
    if _is_range(words, has_ends=not is_customer or words.startswith(("0", "+"))):
        yield Breadth.RANGE
    if _CELL.search(words):
        yield Breadth.CELL


def _user_of(kind: TargetKind, value: str) -> str:
    """Return what names somebody: of an address the part before the host, without its escapes."""
    if kind is TargetKind.SIP_URI:
        value = _ESCAPE.sub("", value)
    if kind in {TargetKind.SIP_URI, TargetKind.EMAIL}:
        return value.partition("@")[0].rpartition(":")[2]
    return value


def _is_range(words: str, *, has_ends: bool) -> bool:
    """Say whether it is two numbers or addresses, or a network of more than one address.

    Between words they may be any two; between signs the lesser comes first, and with ``has_ends``
    what is shorter is the end of a number as long as the other. Of a short number it may be a
    suffix, of a customer number that is none to be dialled a check digit.
    """
    if found := _WORDS.fullmatch(words):
        return _digits(found[1]) != _digits(found[2])
    addresses = _count_addresses(words)
    if addresses is not None:
        return addresses > 1
    found = _RANGE.fullmatch(words)
    if found is None:
        return False
    first, last = _digits(found[1]), _digits(found[2])
    is_end = has_ends and len(first) >= SHORTEST_NUMBER and len(last) < len(first)
    return (is_end or len(first) == len(last)) and first[-len(last) :] < last


def _count_addresses(words: str) -> int | None:
    """Return how many IP addresses a network or two ends mean; None where it is neither."""
    try:
        if found := _ADDRESSES.fullmatch(words):
            return int(ip_address(found[2])) - int(ip_address(found[1])) + 1
        return ip_network(words, strict=False).num_addresses if "/" in words else None
    except ValueError:
        return None


def _digits(text: str) -> str:
    return "".join(one for one in text if one.isdigit())


def _checked(read: Callable[[str], str | None]) -> Callable[[str], int | None]:
    """Return what gives the number before the check digit of what ``read`` finds."""

    def give(text: str) -> int | None:
        found = read(text)
        return None if found is None else int(found[:-1])

    return give


def _mac_number(text: str) -> int | None:
    found = normalise_mac(text)
    return None if found is None else int(found.replace(":", ""), 16)


SERIALS: Mapping[TargetKind, Callable[[str], int | None]] = {
    TargetKind.IMEI: _checked(normalise_imei),
    TargetKind.ICCID: _checked(normalise_iccid),
    TargetKind.MAC_ADDRESS: _mac_number,
}
"""Reads by which number equipment was given out; a check digit follows it, or it has letters."""

Place = tuple[Hashable, int]
"""Where a target stands: in which row, and at which number."""


def _place(target: Target) -> Place | None:
    """Return where a target stands among those that may lie next to it.

    Telephone numbers by their last nine digits, in whatever way they are written and also in a SIP
    address; equipment by what its maker counts; of others the last digits in a value that is the
    same otherwise.
    """
    if target.kind is TargetKind.IP_ADDRESS:
        address = ip_address(target.value)
        return address.version, int(address)
    if target.kind in OF_PLACE:
        return None
    if target.kind in SERIALS and (serial := SERIALS[target.kind](target.value)) is not None:
        return target.kind, serial
    words = _user_of(target.kind, target.value)
    is_number = target.kind is TargetKind.PHONE_NUMBER or (
        target.kind is TargetKind.SIP_URI and _DIALLED.fullmatch(words)
    )
    if is_number:
        return "number", int(_digits(words)[-9:] or 0)
    found = _LAST_DIGITS.fullmatch(words)
    if found is None:
        return None
    host = target.value.rpartition("@")[2] if "@" in target.value else None
    return (target.kind, target.source, found[1], found[3], host), int(found[2])


def _in_rows(places: Iterable[Place]) -> set[Place]:
    """Return the places that lie in a row of ``CONSECUTIVE`` or more."""
    rows: dict[Hashable, set[int]] = {}
    for row, number in places:
        rows.setdefault(row, set()).add(number)
    found: set[Place] = set()
    for row, numbers in rows.items():
        run: list[int] = []
        for number in sorted(numbers):
            run = [*run, number] if run and number == run[-1] + 1 else [number]
            if len(run) >= CONSECUTIVE:
                found.update((row, one) for one in run[-CONSECUTIVE:])
    return found


def _beside(alone: Breadth, is_in_row: bool, *, is_many: bool) -> Breadth:
    if alone in BROAD:
        return alone
    if not (is_in_row or is_many):
        return alone
    if alone is Breadth.SHORT:
        return Breadth.RANGE
    return Breadth.ROW if is_in_row else Breadth.MANY
