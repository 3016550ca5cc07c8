"""What is left of rows that are made anonymous: sums of many, no row of anybody.

A row without its names is still one row. Its day, direction and length to the second find the call
in any bill or telephone that knows of it, so rows are counted together and then destroyed like
all others. A group is counted only where it tells of nobody by itself (WP29 opinion 05/2014:
singling out, linkability, inference).
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from lea_service.kernel.clock import day_of
from lea_service.records.selection import find_age
from lea_service.records.store import LONGEST_GROUP

Row = Mapping[str, Any]

FEWEST_ROWS = 10
FEWEST_PARTIES = 5
"""Of each side of the rows: so many callers, and so many who were called."""
GREATEST = 2**63 - 1
ALL = "{}"
"""The group of rows of a day of which too few were alike to be counted apart."""

GROUPED: Mapping[str, tuple[str, ...]] = {
    "call": ("direction", "result"),
    "usage": ("cause",),
    "subscriber": ("country", "service"),
}
"""By what rows of a day are counted apart."""

SUMMED: Mapping[str, tuple[str, ...]] = {
    "call": ("duration_s", "talk_s"),
    "usage": ("duration_s", "octets_in", "octets_out"),
    "subscriber": (),
}
"""What is added up beside the number of rows."""

SIDES: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "call": (
        ("caller", "caller_uri", "caller_raw"),
        ("callee", "callee_uri", "callee_raw"),
        ("account",),
    ),
    "usage": (("account", "mac", "imsi", "imei", "address", "address6"),),
    "subscriber": (("customer_number", "number", "sip_uri", "number_raw", "email"),),
}
"""Who is on each side of a row: the first column that has somebody says it."""


@dataclass(frozen=True, slots=True)
class Statistic:
    """So many rows of a day and a group, and what they add up to; ``sums`` by column.

    ``group`` is a JSON object of what the rows have in common, ``{}`` for those of all groups.
    """

    day: date
    group: str
    rows: int
    sums: Mapping[str, int]


def count_rows(kind: str, rows: Iterable[Row]) -> list[Statistic]:
    """Return what may be kept of rows, by day and group; all of it tells of many.

    Rows alike of which there are too few are counted with the others of their day, and not at all
    where these are too few as well.
    """
    days: dict[date, list[Row]] = defaultdict(list)
    for row in rows:
        aged = find_age(kind, row)
        if aged is not None:
            days[day_of(aged)].append(row)
    return [one for day, found in sorted(days.items()) for one in _count_day(kind, day, found)]


def _count_day(kind: str, day: date, rows: list[Row]) -> Iterator[Statistic]:
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        groups[_group(kind, row)].append(row)
    rest: list[Row] = groups.pop(ALL, [])
    for group, found in sorted(groups.items()):
        if is_of_many(kind, found):
            yield _statistic(kind, day, group, found)
        else:
            rest += found
    if is_of_many(kind, rest):
        yield _statistic(kind, day, ALL, rest)


def _group(kind: str, row: Row) -> str:
    """Return what a row has in common with others; ``{}`` where that takes a text too long."""
    same = {name: row[name] for name in GROUPED[kind] if row[name] is not None}
    text = json.dumps(same, ensure_ascii=False, sort_keys=True)
    return text if len(text) <= LONGEST_GROUP else ALL


def is_of_many(kind: str, rows: list[Row]) -> bool:
    """Say whether the sums of rows tell of nobody: enough rows and parties, none of them half."""
    if len(rows) < FEWEST_ROWS:
        return False
    sides = [[_party(side, row) for row in rows] for side in SIDES[kind]]
    known = [side for side in sides if any(side)]
    either = [{one for one in parties if one} for parties in zip(*known, strict=True)]
    people = [*([{one} for one in side] for side in known), either]
    return bool(known) and all(_is_spread(kind, rows, one) for one in people)


def _party(side: tuple[str, ...], row: Row) -> str | None:
    return next((row[name] for name in side if row[name]), None)


def _is_spread(kind: str, rows: list[Row], people: Iterable[set[str | None]]) -> bool:
    """Say whether there are enough, and nobody is in half of the rows or of a sum.

    ``people`` are those of each row: who is on a side of it, or on either of them.
    """
    shares: dict[str | None, list[int]] = defaultdict(lambda: [0] * (1 + len(SUMMED[kind])))
    totals = [0] * (1 + len(SUMMED[kind]))
    for parties, row in zip(people, rows, strict=True):
        for place, value in enumerate((1, *(row[name] or 0 for name in SUMMED[kind]))):
            totals[place] += abs(value)
            for party in parties:
                shares[party][place] += abs(value)
    return len(shares) >= FEWEST_PARTIES and all(
        total <= GREATEST and 2 * max(share) < max(total, 1)
        for total, share in zip(totals, zip(*shares.values(), strict=True), strict=True)
    )


def _statistic(kind: str, day: date, group: str, rows: list[Row]) -> Statistic:
    sums = {name: sum(row[name] or 0 for row in rows) for name in SUMMED[kind]}
    return Statistic(day, group, len(rows), sums)
