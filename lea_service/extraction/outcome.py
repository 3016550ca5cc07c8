"""What came of each item and how far each source could answer, out of plain counts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from lea_service.extraction.holders import Span, Spans
from lea_service.extraction.plan import OVERLAPPING, Ask, Plan, PlanItem, PlanSource
from lea_service.kernel.canonical import Json
from lea_service.kernel.clock import dump_instant, format_instant, load_instant, parse_instant
from lea_service.records.clocks import UNKNOWN_CLOCK, SourceClock
from lea_service.records.gaps import UnreadGap

FLOOR, SHARE = 10, 10
"""A result may exceed its preview by ten rows or a tenth, whichever is more."""
PAST_TERM = "past-term-used"
"""The doubt of records that tell who held what though their term had ended: on a ground alone."""


class Outcome(StrEnum):
    """How one item of a demand ended.

    ``destroyed``: nothing is left of the whole period; ``not_searched``: no source that may hold
    something of it can be searched for such a target; ``other_instalment``: nothing of it lies in
    the time of this one.
    """

    DELIVERED = "delivered"
    NOTHING_FOUND = "nothing_found"
    DESTROYED = "destroyed"
    NOT_HELD = "not_held"
    NOT_SEARCHED = "not_searched"
    OTHER_INSTALMENT = "other_instalment"


@dataclass(frozen=True, slots=True)
class Loss:
    """Records of one source from before ``until`` were destroyed under ``rule``."""

    source: str
    rule: str
    until: datetime

    def dump(self) -> dict[str, Json]:
        """Return the plain form."""
        return asdict(self) | {"until": format_instant(self.until)}

    @classmethod
    def load(cls, value: Any) -> Loss:
        """Read what ``dump`` returned."""
        return cls(**{**value, "until": parse_instant(value["until"])})


@dataclass(frozen=True, slots=True)
class HeldRows:
    """The rows of an item that begin in one span of its period, or before it in the first."""

    span: Span
    rows: int

    def dump(self) -> dict[str, Json]:
        """Return the plain form."""
        return {**self.span.dump(), "rows": self.rows}

    @classmethod
    def load(cls, value: Any) -> HeldRows:
        """Read what ``dump`` returned."""
        return cls(Span.load(value), value["rows"])


@dataclass(frozen=True, slots=True)
class ItemOutcome:
    """What came of the item ``n``.

    ``destroyed`` is what sources that it asks lost of its period, each its own; whether any of that
    was of its target nobody can say any more. ``held`` tells its rows per holder, where its
    target was not in one hand throughout.
    """

    n: int
    outcome: Outcome
    rows: int
    destroyed: tuple[Loss, ...] = ()
    held: tuple[HeldRows, ...] = ()

    def dump(self) -> dict[str, Json]:
        """Return the plain form; ``held`` stands in it only where there is any."""
        found: dict[str, Json] = {
            "n": self.n,
            "outcome": self.outcome.value,
            "rows": self.rows,
            "destroyed": [one.dump() for one in self.destroyed],
        }
        return found | ({"held": [one.dump() for one in self.held]} if self.held else {})

    @classmethod
    def load(cls, value: Any) -> ItemOutcome:
        """Read what ``dump`` returned."""
        destroyed = tuple(Loss.load(one) for one in value["destroyed"])
        held = tuple(HeldRows.load(one) for one in value.get("held", ()))
        return cls(value["n"], Outcome(value["outcome"]), value["rows"], destroyed, held)


def dump_held(items: Iterable[ItemOutcome]) -> list[Json]:
    """Return what items have per holder, by their numbers; kept sealed, for it has instants."""
    return [{"n": item.n, "held": [one.dump() for one in item.held]} for item in items if item.held]


def load_items(outcomes: Iterable[Any], held: Iterable[Any]) -> tuple[ItemOutcome, ...]:
    """Read outcomes that were dumped without ``held``, and put back what ``dump_held`` returned."""
    spans = {one["n"]: one["held"] for one in held}
    return tuple(ItemOutcome.load({**one, "held": spans.get(one["n"], [])}) for one in outcomes)


@dataclass(frozen=True, slots=True)
class HeldOfSource:
    """The rows that one source has of an item, span by span of its period."""

    n: int
    rows: tuple[int, ...]

    def dump(self) -> dict[str, Json]:
        """Return the plain form."""
        return {"n": self.n, "rows": list(self.rows)}

    @classmethod
    def load(cls, value: Any) -> HeldOfSource:
        """Read what ``dump`` returned."""
        return cls(value["n"], tuple(value["rows"]))


@dataclass(frozen=True, slots=True)
class Coverage:
    """How far one source could answer: rows read = rows delivered + rows withheld by rule.

    ``doubts`` counts by reason what could not be compared with the demand. ``held`` are its rows
    per holder, of items whose target was not in one hand throughout. ``clock`` is how far its clock
    was from ours. ``gaps`` are where it did not go on from what had been read of it.
    """

    source: str
    kind: str
    covers_from: datetime | None
    covers_to: datetime | None
    rows_read: int
    rows_delivered: int
    withheld: Mapping[str, int]
    doubts: Mapping[str, int]
    held: tuple[HeldOfSource, ...] = ()
    clock: SourceClock = UNKNOWN_CLOCK
    gaps: tuple[UnreadGap, ...] = ()

    def dump(self) -> dict[str, Json]:
        """Return the plain form; ``held`` stands in it only where there is any."""
        spans = {name: getattr(self, name) for name in ("covers_from", "covers_to")}
        return {
            "source": self.source,
            "kind": self.kind,
            **{name: dump_instant(at) for name, at in spans.items()},
            "rows_read": self.rows_read,
            "rows_delivered": self.rows_delivered,
            "withheld": dict(self.withheld),
            "doubts": dict(self.doubts),
            "clock": self.clock.dump(),
            "gaps": [one.dump() for one in self.gaps],
            **({"held": [one.dump() for one in self.held]} if self.held else {}),
        }

    @classmethod
    def load(cls, value: Any) -> Coverage:
        """Read what ``dump`` returned."""
        spans = {name: value[name] for name in ("covers_from", "covers_to")}
        read = {name: load_instant(at) for name, at in spans.items()}
        held = tuple(HeldOfSource.load(one) for one in value.get("held", ()))
        clock = SourceClock.load(value["clock"])
        gaps = tuple(map(UnreadGap.load, value["gaps"]))
        return cls(**{**value, **read, "held": held, "clock": clock, "gaps": gaps})


@dataclass(frozen=True, slots=True)
class HolderSource:
    """How far one source of subscribers could tell who held what ``items`` ask about, by number.

    It names nobody. ``doubts`` counts by reason what of it was not compared, or may be otherwise,
    ``destroyed`` is what of the periods was purged; whatever is asked of the source itself.
    """

    source: str
    items: tuple[int, ...]
    covers_from: datetime | None
    covers_to: datetime | None
    doubts: Mapping[str, int]
    destroyed: tuple[Loss, ...] = ()
    gaps: tuple[UnreadGap, ...] = ()

    def dump(self) -> dict[str, Json]:
        """Return the plain form."""
        return {
            "source": self.source,
            "holders_of": list(self.items),
            "covers_from": dump_instant(self.covers_from),
            "covers_to": dump_instant(self.covers_to),
            "doubts": dict(self.doubts),
            "destroyed": [one.dump() for one in self.destroyed],
            "gaps": [one.dump() for one in self.gaps],
        }

    @classmethod
    def load(cls, value: Any) -> HolderSource:
        """Read what ``dump`` returned."""
        return cls(
            value["source"],
            tuple(value["holders_of"]),
            load_instant(value["covers_from"]),
            load_instant(value["covers_to"]),
            value["doubts"],
            tuple(Loss.load(one) for one in value["destroyed"]),
            tuple(map(UnreadGap.load, value["gaps"])),
        )


def count_held(
    plan: Plan, source: PlanSource, spans: Spans, held: Mapping[tuple[str, int, int], int]
) -> tuple[HeldOfSource, ...]:
    """Return what a source has per holder; ``held`` are rows by source, item and span."""
    return tuple(
        HeldOfSource(n, tuple(held.get((source.name, n, at), 0) for at in range(len(spans[n]))))
        for n, _ in plan.asks_to(source)
        if n in spans
    )


def judge_items(
    plan: Plan,
    rows: Mapping[int, int],
    purged: Mapping[str, Iterable[Loss]],
    held: Mapping[int, tuple[HeldRows, ...]],
) -> list[ItemOutcome]:
    """Return the outcome of each item; ``rows`` by item, ``purged`` by name of the source."""
    return [
        replace(_judge(plan, item, rows.get(item.n, 0), purged), held=held.get(item.n, ()))
        for item in plan.items
    ]


def without_asks(plan: Plan, item: PlanItem) -> Outcome:
    """Return the outcome of an item that asks nothing of any source."""
    if plan.is_elsewhere(item):
        return Outcome.OTHER_INSTALMENT
    return Outcome.NOT_SEARCHED if item.not_searched else Outcome.NOT_HELD


def _judge(
    plan: Plan, item: PlanItem, rows: int, purged: Mapping[str, Iterable[Loss]]
) -> ItemOutcome:
    if not item.asks:
        return ItemOutcome(item.n, without_asks(plan, item), 0)
    found = (_furthest(ask, purged.get(ask.source, ())) for ask in item.asks)
    destroyed = tuple(one for one in found if one is not None)
    empty = Outcome.DESTROYED if is_all_gone(item.asks, destroyed) else Outcome.NOTHING_FOUND
    return ItemOutcome(item.n, Outcome.DELIVERED if rows else empty, rows, destroyed)


def is_all_gone(asks: Iterable[Ask], destroyed: Iterable[Loss]) -> bool:
    """Say whether every source that is asked lost the whole of what it is asked for.

    Never of a kind that is in by overlap: a purge goes by the end of its rows, and one with a later
    end, or none, may still lie in the period.
    """
    until = {one.source: one.until for one in destroyed}
    return all(
        ask.kind not in OVERLAPPING and ask.source in until and until[ask.source] >= ask.end
        for ask in asks
    )


def _furthest(ask: Ask, purged: Iterable[Loss]) -> Loss | None:
    """Return the purge of a source that reaches furthest into the asked span."""
    reaching = [one for one in purged if one.until > ask.start]
    return max(reaching, key=lambda one: (one.until, one.rule), default=None)


def largest_of(plan: Plan, counted: int) -> int:
    """Return how many rows a plan may come to that a preview counted so.

    Nobody can count what is still to come: there the plan says it.
    """
    return largest_result(counted) if plan.instalments is None else plan.instalments.rows_together


def largest_result(rows: int) -> int:
    """Return how many rows a result may have whose preview counted ``rows``."""
    return rows + max(FLOOR, -(-rows // SHARE))
