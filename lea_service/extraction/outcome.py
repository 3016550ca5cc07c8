"""What came of each item and how far each source could answer, out of plain counts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from lea_service.extraction.plan import Ask, Plan, PlanItem, PlanSource
from lea_service.kernel.canonical import Json
from lea_service.kernel.clock import format_instant, parse_instant

FLOOR, SHARE = 10, 10
"""A result may exceed its preview by ten rows or a tenth, whichever is more."""


class Outcome(StrEnum):
    """How one item of a demand ended."""

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
    """What came of the item ``n``; ``rule`` is the one under which part or all was destroyed."""

    n: int
    outcome: Outcome
    rows: int
    rule: str | None = None

    def dump(self) -> dict[str, Json]:
        """Return the plain form."""
        return asdict(self) | {"outcome": self.outcome.value}

    @classmethod
    def load(cls, value: Any) -> ItemOutcome:
        """Read what ``dump`` returned."""
        return cls(**{**value, "outcome": Outcome(value["outcome"])})


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
    rule = _destroying_rule(plan, item.asks, purged)
    if rows:
        return ItemOutcome(item.n, Outcome.DELIVERED, rows, rule)
    if not item.asks:
        return ItemOutcome(item.n, Outcome.NOT_HELD, 0)
    outcome = Outcome.NOTHING_FOUND if rule is None else Outcome.DESTROYED
    return ItemOutcome(item.n, outcome, 0, rule)


def _destroying_rule(
    plan: Plan, asks: Iterable[Ask], purged: Mapping[str, Iterable[Reach]]
) -> str | None:
    """Return the rule that reaches furthest into the asked spans."""
    reaches = [
        reach
        for ask in asks
        for source in plan.sources_of(ask.kind)
        for reach in (*_by_cutoff(plan, source), *purged.get(source.id, ()))
        if reach.until > ask.start
    ]
    furthest = max(reaches, key=lambda reach: (reach.until, reach.rule), default=None)
    return None if furthest is None else furthest.rule


def _by_cutoff(plan: Plan, source: PlanSource) -> list[Reach]:
    """Return the term's end as a reach, unless two people decided to hand over what is past it."""
    if source.rule is None or source.cutoff is None or plan.past_term is not None:
        return []
    return [Reach(source.rule, source.cutoff)]


def largest_result(rows: int) -> int:
    """Return how many rows a result may have whose preview counted ``rows``."""
    return rows + max(FLOOR, -(-rows // SHARE))
