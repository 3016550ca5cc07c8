"""Watermarks: how far the rows of a table were read, as text, and from where a pull goes on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Context, Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from lea_service.records.live.connections import SourceFault
from lea_service.records.mapping import NUMBER, WatermarkRule
from lea_service.records.values import BadValue, text_of

NOT_A_MARK, DISORDER = "watermark", "order"
LONGEST_MARK = 60
SHORTEST_INSTANT = 10
EARLIEST = "1970-"
NO_YEAR = ("1999-13", "2000-")
"""Before the first, and between these, sorts no instant in ISO 8601: counts do, and dates whose day
comes first. Texts that SQLite cannot take for numbers."""
_EXACT = Context(prec=2 * LONGEST_MARK)
_LARGEST = 2**63 - 1

Rank = Decimal | datetime
"""What watermarks are compared by."""


@dataclass(frozen=True, slots=True)
class Bound:
    """A watermark from which rows are read on: its text, and by what it is compared."""

    text: str
    rank: Rank


def mark_of(value: Any, rule: WatermarkRule, row: int) -> tuple[Rank, str]:
    """Return by what a value of the watermark's column is compared, and its text.

    Raises SourceFault that names the row and the column for a value of another kind.
    """
    try:
        text = _exactly(value) if rule.kind == NUMBER else text_of(value)
        return rank_of(text, rule), text
    except (ValueError, InvalidOperation, BadValue):
        raise SourceFault(
            NOT_A_MARK, f"row {row}: {rule.column!r} holds no {rule.kind} to read on by"
        ) from None


def rank_of(text: str, rule: WatermarkRule) -> Rank:
    """Return by what the text of a watermark is compared. Raises ValueError."""
    if len(text) > LONGEST_MARK:
        raise ValueError("too long")
    return Decimal(text) if rule.kind == NUMBER else datetime.fromisoformat(text)


def read_bound(text: str, rule: WatermarkRule) -> Bound:
    """Return the watermark that a text is."""
    return Bound(text, rank_of(text, rule))


def check_order(before: Rank, after: Rank, rule: WatermarkRule, row: int) -> None:
    """Refuse rows that come in another order than that of their watermarks. Raises SourceFault.

    So it is where a database compares instants as texts of several forms.
    """
    try:
        is_ordered = before <= after  # type: ignore[operator]
    except TypeError:  # one has a zone and the other none
        is_ordered = False
    if not is_ordered:
        raise SourceFault(DISORDER, f"row {row}: {rule.column!r} is not in the order of its values")


def go_back(text: str, rule: WatermarkRule, seen_at: datetime, zone: str | None) -> Bound:
    """Return from where a pull begins that goes on behind ``text``, which was read at ``seen_at``.

    A row that is dated in the future takes no pull beyond the moment at which it was read.
    """
    rank = rank_of(text, rule)
    if not isinstance(rank, datetime):
        begin = _EXACT.subtract(rank, Decimal(rule.overlap))
        return Bound(format(begin, "f"), begin)
    return _written_like(
        text, min(rank, _as_written(seen_at, rank, zone)) - timedelta(seconds=rule.overlap)
    )


def day_before(instant: datetime) -> str:
    """Return where, compared as texts, instants begin that are no more than a day off this one.

    In whatever form and zone they are written: the day comes first in each.
    """
    return date.isoformat(instant - timedelta(days=1))


def is_ahead(rank: Rank, now: datetime, zone: str | None) -> bool:
    """Say whether a watermark is an instant more than a day from now."""
    return isinstance(rank, datetime) and rank > _as_written(now, rank, zone) + timedelta(days=1)


def value_of(bound: Bound, *, is_sqlite: bool) -> Any:
    """Return a watermark as it is compared in a query, exactly.

    SQLite keeps instants as texts, and numbers as integers of 64 bits or floating.
    """
    rank = bound.rank
    if isinstance(rank, datetime):
        return bound.text if is_sqlite else rank
    if rank == rank.to_integral_value() and abs(rank) <= _LARGEST:
        return int(rank)
    return float(rank) if is_sqlite else rank


def _exactly(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise ValueError("no number")
    number = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    if not number.is_finite():
        raise ValueError("no number")
    return format(number, "f")


def _as_written(instant: datetime, like: datetime, zone: str | None) -> datetime:
    """Return an instant of ours as the source would write it, with or without a zone."""
    if like.tzinfo is not None:
        return instant.astimezone(like.tzinfo)
    return instant.astimezone(ZoneInfo(zone) if zone else UTC).replace(tzinfo=None)


def _written_like(text: str, instant: datetime) -> Bound:
    """Write an instant so that, compared as text, it comes before each one that is not earlier."""
    if len(text) <= SHORTEST_INSTANT:
        day = instant.replace(hour=0, minute=0, second=0, microsecond=0)
        return Bound(date.isoformat(day), day)
    if instant.tzinfo is not None and "T" not in text:
        return Bound(instant.isoformat(" "), instant)
    whole = instant.replace(microsecond=0)
    written = whole.replace(tzinfo=None).isoformat(text[SHORTEST_INSTANT])
    return Bound(written, whole)
