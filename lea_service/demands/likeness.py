"""By what one order is known again when it is recorded a second time, under another demand."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from lea_service.demands.concerned import Normalise
from lea_service.demands.demand import DemandContent, Item, OrderDocument, Target, TargetKind
from lea_service.kernel.canonical import Json, dump_canonical
from lea_service.kernel.clock import format_instant
from lea_service.kernel.crypto import BlindIndex

ORDER, DOCUMENT = "order", "document"
"""Kinds of likeness: the same agency asks the same under the same references; the same paper."""
SUBSCRIBER_DIGITS = 9
_NO_LETTER = re.compile(r"[\W_]+")


def list_likenesses(
    content: DemandContent, order: OrderDocument | None
) -> Iterator[tuple[str, bytes]]:
    """Yield (kind, what is to be digested under a key) of a demand."""
    yield ORDER, dump_canonical(_identity(content))
    if order is not None:
        yield DOCUMENT, order.sha256.encode()


def digest_likenesses(
    index: BlindIndex, content: DemandContent, order: OrderDocument | None
) -> Iterator[tuple[str, str]]:
    """Yield (kind, digest) by which a demand is like others."""
    for kind, what in list_likenesses(content, order):
        yield kind, index.digest(f"like.{kind}", what)


def is_covered(item: Item, by: Iterable[Item], normalise: Normalise) -> bool:
    """Say whether others ask for all that an item does: the target, its period, each category.

    Targets are one when the records would be searched for the same; one that has no form for that
    is covered by nothing, so that what is kept for it stays.
    """
    target, period = _sought(item.target, normalise), item.period
    covered = {
        category
        for one in by
        if target is not None
        and _sought(one.target, normalise) == target
        and one.period.start <= period.start
        and period.end <= one.period.end
        for category in one.categories
    }
    return covered.issuperset(item.categories)


def _identity(content: DemandContent) -> list[Json]:
    """Return agency, references and items; without a reference the day of the order as well."""
    agency = content.agency.ref or _plain(content.agency.name or "")
    references: list[Json] = [*sorted({_plain(one.value) for one in content.references})]
    known_by: Json = references or content.order_date.isoformat()
    items: list[Json] = [*sorted(_identify(item) for item in content.items)]
    return [agency, known_by, items]


def _identify(item: Item) -> str:
    period = item.period
    parts = [
        *_target(item.target),
        *(format_instant(period.start), format_instant(period.end)),
        *sorted(item.categories),
    ]
    return "\n".join(parts)


def _target(target: Target) -> tuple[str, ...]:
    value = _plain(target.value)
    if target.kind is TargetKind.PHONE_NUMBER:  # +31 20 …, 0031 20 … and 020 … are one number
        value = value[-SUBSCRIBER_DIGITS:]
    at = "" if target.at is None else format_instant(target.at)
    return str(target.kind), value, str(target.port or ""), at, target.source or ""


def _sought(target: Target, normalise: Normalise) -> Target | None:
    form = normalise(target.kind, target.value)
    return None if form is None else replace(target, value=form)


def _plain(text: str) -> str:
    return _NO_LETTER.sub("", text).casefold()
