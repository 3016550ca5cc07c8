"""What came of each item and how far each source could answer, out of plain counts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from lea_service.extraction.plan import OVERLAPPING, Ask, Plan, PlanItem
from lea_service.kernel.canonical import Json
from lea_service.kernel.clock import format_instant, parse_instant

FLOOR, SHARE = 10, 10
"""A result may exceed its preview by ten rows or a tenth, whichever is more."""


class Outcome(StrEnum):
    """How one item of a demand ended; ``destroyed``: nothing is left of the whole period."""

    DELIVERED = "delivered"
    NOTHING_FOUND = "nothing_found"
    DESTROYED = "destroyed"
    NOT_HELD = "not_held"


@dataclass(frozen=True, slots=True)
class Reach:
    """Records of one source older than ``until`` were destroyed under ``rule``."""

    rule: str
    until: datetime


@dataclass(frozen=True, slots=True)
class ItemOutcome:
    """What came of the item ``n``.

    ``rule`` is the one under which records from before ``until`` were destroyed, in a source and in
    the period that the item asks for; whether any were of its target nobody can say any more.
    """

    n: int
    outcome: Outcome
    rows: int
    rule: str | None = None
    until: datetime | None = None

    def dump(self) -> dict[str, Json]:
        """Return the plain form."""
        until = None if self.until is None else format_instant(self.until)
        return asdict(self) | {"outcome": self.outcome.value, "until": until}

    @classmethod
    def load(cls, value: Any) -> ItemOutcome:
        """Read what ``dump`` returned."""
        until = None if value["until"] is None else parse_instant(value["until"])
        return cls(**{**value, "outcome": Outcome(value["outcome"]), "until": until})


@dataclass(frozen=True, slots=True)
class Coverage:
    """How far one source could answer: rows read = rows delivered + rows withheld by rule.

    ``doubts`` counts by reason what could not be compared with the demand.
    """

    source: str
    kind: str
    covers_from: datetime | None
    covers_to: datetime | None
    rows_read: int
    rows_delivered: int
    withheld: Mapping[str, int]
    doubts: Mapping[str, int]

    def dump(self) -> dict[str, Json]:
        """Return the plain form."""
        spans = {name: getattr(self, name) for name in ("covers_from", "covers_to")}
        return {
            "source": self.source,
            "kind": self.kind,
            **{name: None if at is None else format_instant(at) for name, at in spans.items()},
            "rows_read": self.rows_read,
            "rows_delivered": self.rows_delivered,
            "withheld": dict(self.withheld),
            "doubts": dict(self.doubts),
        }

    @classmethod
    def load(cls, value: Any) -> Coverage:
        """Read what ``dump`` returned."""
        spans = {name: value[name] for name in ("covers_from", "covers_to")}
        read = {name: None if at is None else parse_instant(at) for name, at in spans.items()}
        return cls(**{**value, **read})


def judge_items(
    plan: Plan, rows: Mapping[int, int], purged: Mapping[str, Iterable[Reach]]
) -> list[ItemOutcome]:
    """Return the outcome of each item; ``rows`` by item, ``purged`` by source id."""
    return [_judge(plan, item, rows.get(item.n, 0), purged) for item in plan.items]


def _judge(
    plan: Plan, item: PlanItem, rows: int, purged: Mapping[str, Iterable[Reach]]
) -> ItemOutcome:
    if not item.asks:
        return ItemOutcome(item.n, Outcome.NOT_HELD, 0)
    reach = _furthest(plan, item.asks, purged)
    if reach is None:
        return ItemOutcome(item.n, Outcome.DELIVERED if rows else Outcome.NOTHING_FOUND, rows)
    empty = Outcome.DESTROYED if _is_all_gone(plan, item.asks, purged) else Outcome.NOTHING_FOUND
    return ItemOutcome(item.n, Outcome.DELIVERED if rows else empty, rows, reach.rule, reach.until)


def is_gone(ask: Ask, until: datetime) -> bool:
    """Say whether a purge of what is older than ``until`` left nothing of what is asked.

    Never of a kind that is in by overlap: a purge goes by the end of its rows, and one with a later
    end, or none, may still lie in the period.
    """
    return ask.kind not in OVERLAPPING and until >= ask.end


def _is_all_gone(plan: Plan, asks: Iterable[Ask], purged: Mapping[str, Iterable[Reach]]) -> bool:
    """Say whether purges of every source that is asked reach over the whole of what is asked."""
    return all(
        any(is_gone(ask, reach.until) for reach in purged.get(source.id, ()))
        for ask in asks
        for source in plan.sources
        if ask.source == source.name
    )


def _furthest(
    plan: Plan, asks: Iterable[Ask], purged: Mapping[str, Iterable[Reach]]
) -> Reach | None:
    """Return the purge that reaches furthest into the asked spans."""
    reaches = [
        reach
        for ask in asks
        for source in plan.sources
        if ask.source == source.name
        for reach in purged.get(source.id, ())
        if reach.until > ask.start
    ]
    return max(reaches, key=lambda reach: (reach.until, reach.rule), default=None)


def largest_result(rows: int) -> int:
    """Return how many rows a result may have whose preview counted ``rows``."""
    return rows + max(FLOOR, -(-rows // SHARE))
