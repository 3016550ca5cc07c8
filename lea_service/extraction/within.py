"""What of a plan is asked in an instalment, as a plan of its own. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime

from lea_service.extraction.instalments import Instalment
from lea_service.extraction.plan import Ask, Plan


def within(plan: Plan, part: Instalment) -> Plan:
    """Return what of a plan is asked in an instalment: each ask cut to its span."""
    items = (
        replace(item, asks=tuple(_within(item.asks, part.start, part.until))) for item in plan.items
    )
    return replace(plan, items=tuple(items), part=part)


def find_after(plan: Plan, number: int | None, end: datetime | None) -> Instalment | None:
    """Return the instalment that follows ``number`` (the first, for None), up to ``end``.

    None where there is none, and where of what is left of it nothing was asked.
    """
    found = None if plan.instalments is None else plan.instalments.find_after(number, end)
    return found if found is not None and is_asked_in(plan, found) else None


def is_asked_in(plan: Plan, part: Instalment) -> bool:
    """Say whether some item reaches into an instalment."""
    return any(one.start < part.until and part.start < one.end for one in plan.items)


def since_instalment(plan: Plan, number: int | None = None) -> Plan:
    """Return what of a plan is asked from an instalment on, or in all that it has."""
    divided = plan.instalments
    if divided is None:
        return plan
    first = divided.parts[0] if number is None else divided.find(number)
    whole = None if first is None else replace(first, until=divided.parts[-1].until)
    return plan if whole is None else within(plan, whole)


def _within(asks: Iterable[Ask], start: datetime, until: datetime) -> Iterator[Ask]:
    for ask in asks:
        begin, end = max(ask.start, start), min(ask.end, until)
        if begin < end:
            yield replace(ask, start=begin, end=end)
