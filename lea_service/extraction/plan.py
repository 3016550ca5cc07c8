"""The plan: exactly which rows and columns a demand comes to, to which receivers, as one document.

Compiling is pure: the same demand, sources and instant give the same plan. What two people sign is
the salted digest of the document, and the worker acts on nothing but the document.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from lea_service.demands.demand import (
    AT_AN_INSTANT,
    OF_A_SOURCE,
    OF_PLACE,
    Demand,
    Item,
    Target,
    TargetKind,
)
from lea_service.demands.narrowing import Cut, narrow
from lea_service.extraction.instalments import Instalment, Instalments
from lea_service.extraction.matched import CELL, MATCHED
from lea_service.extraction.rules import OURS, Rules
from lea_service.kernel.errors import FieldError, InvalidInput
from lea_service.records.identifiers import check_target, match_values, normalise_address
from lea_service.records.kinds import (
    CATEGORIES,
    KINDS,
    OF_AN_INSTANT,
    asks_by_itself,
    columns_of,
    get_layout,
    is_answered_by,
)
from lea_service.records.selection import Match, Selection
from lea_service.staff.rules import GROUND

MOMENT = timedelta(microseconds=1)
"""The shortest span there is: an item that names an instant asks about this much."""

HOUR = timedelta(hours=1)
"""By how much a time may be later than it was read, where a clock showed an hour twice."""

OVERLAPPING = frozenset({"usage", "subscriber"})
"""Kinds whose rows are in by overlap with the period; a call is in by its start."""


@dataclass(frozen=True, slots=True)
class Ask:
    """What an item asks of the source of a name: rows that satisfy every match, in which span.

    Where any are named in ``filled``, a row has a value in one of those columns too.

    Of those rows ``columns`` are handed over, in the order of the layout. Any other column holds a
    value only where a match names it and the value is one that was asked for: so each row shows why
    it is there, and nothing that whoever asked did not say.
    """

    source: str
    kind: str
    version: int
    columns: tuple[str, ...]
    matches: tuple[Match, ...]
    filled: tuple[str, ...]
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class PlanItem:
    """One item of the demand, with what it asks of each source that can answer any of it.

    ``not_held`` are categories that no source was declared for. ``not_searched`` are sources that
    were declared for some of them and cannot be searched for such a target. Where the target
    belongs to a source, no other counts.
    """

    n: int
    target: Target
    start: datetime
    end: datetime
    zone: str
    categories: tuple[str, ...]
    asks: tuple[Ask, ...]
    not_held: tuple[str, ...]
    not_searched: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PlanSource:
    """One kind of records of one source; ``rule`` and ``cutoff`` are its retention rule's.

    Rows are named after the source by ``name`` and come in the order of names. It is asked for its
    ``categories`` alone, by targets that can stand in its ``columns``, and by addresses of IPv6
    where it ``holds_ipv6``. ``mapping`` is the digest of the mapping by which it was read, which
    fills those columns and no other.
    """

    id: str
    name: str
    kind: str
    categories: tuple[str, ...]
    columns: tuple[str, ...]
    holds_ipv6: bool
    mapping: str | None
    rule: str | None
    cutoff: datetime | None


@dataclass(frozen=True, slots=True)
class PlanReceiver:
    """To whom the package goes: a person or desk, and the fingerprint of the certificate."""

    id: str
    certificate: str


@dataclass(frozen=True, slots=True)
class Narrowed:
    """The items as they were asked, and the cuts that left those of the plan."""

    asked: tuple[Item, ...]
    cuts: tuple[Cut, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """A whole plan. ``past_term`` is the ground on which rows past their term are handed over.

    ``region`` is where numbers of the demand without a country code were dialled; ``rules`` are
    those under which it was compiled. ``sources`` are all that were declared for something that is
    given, also those that cannot be searched for it. ``narrowed`` is None where all that was asked
    is given. ``instalments`` divide the time of what is still to come; where there are any, only a
    ``part`` of the plan is extracted at a time, which is no part of its document.
    """

    demand: str
    demand_version: int
    compiled_at: datetime
    region: str | None
    items: tuple[PlanItem, ...]
    sources: tuple[PlanSource, ...]
    receivers: tuple[PlanReceiver, ...]
    past_term: str | None = None
    rules: Rules = OURS
    narrowed: Narrowed | None = None
    instalments: Instalments | None = None
    part: Instalment | None = None

    def is_elsewhere(self, item: PlanItem) -> bool:
        """Say whether nothing of an item lies in the instalment that is extracted."""
        start, end = span_of(item.target, item.start, item.end)
        part = self.part
        return part is not None and not (start < part.until and part.start < end)

    @property
    def cuts(self) -> tuple[Cut, ...]:
        """Return what is not given of what was asked."""
        return () if self.narrowed is None else self.narrowed.cuts

    @property
    def kinds(self) -> tuple[str, ...]:
        """Return the record kinds of the sources that are asked, in order."""
        return tuple(sorted({source.kind for source in self.asked}))

    @property
    def asked(self) -> list[PlanSource]:
        """Return the sources that some item can be looked up in."""
        names = {ask.source for item in self.items for ask in item.asks}
        return [source for source in self.sources if source.name in names]

    def sources_of(self, kind: str) -> list[PlanSource]:
        """Return the sources of a kind that are asked, in the order of their rows."""
        return sorted(
            (source for source in self.asked if source.kind == kind),
            key=lambda source: source.name.encode(),
        )

    def limit_of(self, source: PlanSource) -> datetime | None:
        """Return from when on rows of a source count; no limit on a ground that was decided on."""
        return source.cutoff if self.past_term is None else None

    def asks_to(self, source: PlanSource) -> list[tuple[int, Ask]]:
        """Return what is asked of a source, with the number of the item that asks."""
        return [
            (item.n, ask) for item in self.items for ask in item.asks if ask.source == source.name
        ]

    def lacking_of(self, source: PlanSource) -> tuple[str, ...]:
        """Return the categories of a source's kind that are asked for and not its own."""
        asked = {
            category
            for item in self.items
            if item.target.source in (None, source.name)
            for category in item.categories
            if is_answered_by(category, source.kind)
        }
        return tuple(sorted(asked - set(source.categories)))

    def not_searched_in(self, source: PlanSource) -> tuple[int, ...]:
        """Return the items that a source may hold something of and cannot be searched for."""
        return tuple(item.n for item in self.items if source.name in item.not_searched)


def compile_plan(
    demand: Demand,
    *,
    demand_version: int,
    sources: Sequence[PlanSource],
    receivers: Sequence[PlanReceiver],
    compiled_at: datetime,
    region: str | None = None,
    past_term: str | None = None,
    cuts: Sequence[Cut] = (),
) -> Plan:
    """Compile a demand against the sources there are; what ``cuts`` take out is not given.

    ``region`` is where numbers without a country code were dialled. Raises InvalidInput that points
    at each target without a form that records have or of a source that cannot answer, and each
    category it cannot be asked for.
    """
    if past_term is not None and not GROUND.match(past_term):
        raise InvalidInput.at("/past_term/ground", "expected a coded ground")
    given = narrow(demand.items, cuts)
    _check_items(given, sources, region)
    ordered = sorted(sources, key=lambda source: (source.kind, source.name.encode()))
    items = tuple(
        compile_item(item, ordered, region) for item in sorted(given, key=lambda one: one.n)
    )
    return Plan(
        demand=demand.id,
        demand_version=demand_version,
        compiled_at=compiled_at,
        region=region,
        items=items,
        sources=tuple(source for source in ordered if is_concerned(source, given)),
        receivers=tuple(sorted(receivers, key=lambda receiver: receiver.id)),
        past_term=past_term,
        narrowed=_narrowed(demand.items, cuts),
    )


def _narrowed(asked: Iterable[Item], cuts: Sequence[Cut]) -> Narrowed | None:
    """Return both scopes; of a protection nothing, which is none of a receiver's business."""
    if not cuts:
        return None
    plain = (replace(item, protection=None) for item in asked)
    return Narrowed(tuple(sorted(plain, key=lambda one: one.n)), tuple(cuts))


def _check_items(items: Sequence[Item], sources: Sequence[PlanSource], region: str | None) -> None:
    errors = [error for at, item in enumerate(items) for error in _wrong(item, at, sources, region)]
    if errors:
        raise InvalidInput("some items ask for what their target cannot be asked for", errors)


def _wrong(
    item: Item, at: int, sources: Sequence[PlanSource], region: str | None
) -> Iterator[FieldError]:
    for error in find_faults(item, region):
        yield FieldError(f"/items/{at}{error.pointer}", error.detail)
    if (expected := _wrong_source(item, sources)) is not None:
        yield FieldError(f"/items/{at}/target/source", f"expected {expected}")


def find_faults(item: Item, region: str | None) -> Iterator[FieldError]:
    """Yield what is wrong with an item, whatever sources there are; pointers begin at the item."""
    target = item.target
    try:
        check_target(target.kind, target.value, region)
    except InvalidInput as err:
        yield FieldError("/target/value", err.detail)
    yield from find_contradictions(item)
    for position, category in enumerate(item.categories):
        if target.kind in OF_PLACE:
            continue
        held = {kind for kind in KINDS if is_answered_by(category, kind)}
        if held and held.isdisjoint(MATCHED[target.kind]):
            yield FieldError(
                f"/categories/{position}",
                f"{category} cannot be asked for a target of kind {target.kind}",
            )


def find_contradictions(item: Item) -> Iterator[FieldError]:
    """Yield what is wrong with an item under whatever rules."""
    target, period = item.target, item.period
    if not period.start < period.end:
        yield FieldError("/period/end", "expected an end after the start")
    if target.at is not None and not period.start <= target.at < period.end:
        yield FieldError("/target/at", "expected an instant inside the period")
    if target.at is not None and target.kind not in AT_AN_INSTANT:
        yield FieldError("/target/at", "expected with an IP address or a time and place only")
    if target.port is not None and target.kind is not TargetKind.IP_ADDRESS:
        yield FieldError("/target/port", "expected with an IP address only")
    if target.port is not None and target.at is None:
        yield FieldError("/target/at", "expected the instant at which the port was in use")


def _wrong_source(item: Item, sources: Sequence[PlanSource]) -> str | None:
    """Return what is expected of the source of a target in its place; None where it is right."""
    target = item.target
    if (target.kind in OF_A_SOURCE) != (target.source is not None):
        return "a source with a telephone identifier and no other target"
    if target.source is None:
        return None
    kinds = {source.kind for source in sources if source.name == target.source}
    asked = {kind for one in item.categories for kind in KINDS if is_answered_by(one, kind)}
    if not kinds:
        return "the name of a declared source"
    return "a source that holds what is asked" if asked and not asked & kinds else None


def compile_item(item: Item, sources: Sequence[PlanSource], region: str | None) -> PlanItem:
    """Return what an item asks of the sources, in their order.

    Raises InvalidInput for a target without a form that records have.
    """
    concerned = [source for source in sources if is_concerned(source, [item])]
    asked = [source for source in concerned if can_be_searched(source, item)]
    held = {category for source in concerned for category in source.categories}
    target = item.target
    values = match_values(target.kind, target.value, region) if MATCHED[target.kind] else ()
    return PlanItem(
        n=item.n,
        target=item.target,
        start=item.period.start,
        end=item.period.end,
        zone=item.period.zone,
        categories=item.categories,
        asks=tuple(_ask(item, source, values) for source in asked),
        not_held=tuple(one for one in item.categories if one not in held),
        not_searched=tuple(source.name for source in concerned if source not in asked),
    )


def is_concerned(source: PlanSource, items: Iterable[Item | PlanItem]) -> bool:
    """Say whether a source was declared for something that some item asks of it.

    Of those who were at a place only a source holds something whose records name a cell.
    """
    return any(
        item.target.source in (None, source.name)
        and set(item.categories) & set(source.categories)
        and (item.target.kind not in OF_PLACE or CELL in source.columns)
        for item in items
    )


def can_be_searched(source: PlanSource, item: Item) -> bool:
    """Say whether rows of a source can be asked for, and found, by what an item asks.

    A call tells when it began and not which port its signalling came from, so no call is looked up
    by who had an address at an instant: that may have been somebody else.
    """
    is_of_calls = source.kind == "call" and item.target.at is not None
    return bool(_own(item, source)) and not is_of_calls and can_stand_in(source, item.target)


def _own(item: Item, source: PlanSource) -> set[str]:
    """Return the categories that give an item a right to rows of a source, each by itself."""
    target = item.target
    is_of_moment = target.kind is TargetKind.IP_ADDRESS and target.at is not None
    return {
        one
        for one in _shared(item, source)
        if asks_by_itself(one, source.kind) and (is_of_moment or one not in OF_AN_INSTANT)
    }


def _filled(item: Item, source: PlanSource) -> frozenset[str]:
    """Return of which columns one has to have a value, or none where some category needs none."""
    wanted = [CATEGORIES[one].filled for one in _own(item, source)]
    return frozenset[str]().union(*wanted) if all(wanted) else frozenset()


def can_stand_in(source: PlanSource, target: Target) -> bool:
    """Say whether such a target can stand in what the mapping of a source fills."""
    if is_ipv6(target) and not source.holds_ipv6:
        return False
    return bool(set(MATCHED[target.kind].get(source.kind, ())) & set(source.columns))


def _shared(item: Item, source: PlanSource) -> set[str]:
    return set(item.categories) & set(source.categories)


def is_ipv6(target: Target) -> bool:
    """Say whether a target is an address of IPv6."""
    form = normalise_address(target.value) if target.kind is TargetKind.IP_ADDRESS else None
    return form is not None and ":" in form


def span_of(target: Target, start: datetime, end: datetime) -> tuple[datetime, datetime]:
    """Return what is asked of time: a period, or the moment that the target names."""
    return (start, end) if target.at is None else (target.at, target.at + MOMENT)


def _ask(item: Item, source: PlanSource, values: tuple[str, ...]) -> Ask:
    layout = get_layout(source.kind)
    shared = _shared(item, source)
    granted = frozenset[str]().union(*(columns_of(one, source.kind) for one in shared))
    filled = _filled(item, source)
    at, port = item.target.at, item.target.port
    if source.kind == "call":  # one that is kept for an address, see ``can_be_searched``
        at = None
    matches = [Match(MATCHED[item.target.kind][source.kind], values)]
    if port is not None and "port" in layout.names:
        # a session without a port had all of the address
        matches.append(Match(("port",), (port,), or_missing=True))
    return Ask(
        source=source.name,
        kind=source.kind,
        version=layout.version,
        columns=tuple(name for name in layout.names if name in granted),
        matches=tuple(matches),
        filled=tuple(name for name in layout.names if name in filled),
        start=item.period.start if at is None else at,
        end=item.period.end if at is None else at + MOMENT,
    )


def select_rows(plan: Plan, source: PlanSource, *, within_term: bool = True) -> list[Selection]:
    """Return what the plan selects of a source, by item.

    Rows past their term count in only on a ground that was decided on, or with ``within_term`` off.
    """
    limit = plan.limit_of(source) if within_term else None
    return [
        Selection(
            kind=ask.kind,
            source=source.name,
            matches=ask.matches,
            start=ask.start,
            end=ask.end,
            overlap=ask.kind in OVERLAPPING,
            not_before=limit,
            filled=ask.filled,
        )
        for _, ask in plan.asks_to(source)
    ]


def select_named(items: Iterable[Item], source: PlanSource, region: str | None) -> list[Selection]:
    """Return the rows of a source that items name, in whatever term: nothing may destroy those.

    A row counts from an hour earlier on, where its clock may have shown that hour twice: it is the
    begin of a call, and the end of what is in by overlap. An item whose target no record can hold
    names nothing. Items that ask in the same way become one selection: what a statement may hold is
    limited.
    """
    values: dict[tuple[tuple[str, ...], datetime, datetime], set[str | int]] = {}
    for item in items:
        for ask in _asks_of(item, source, region):
            match = ask.matches[0]
            span = (ask.start - HOUR, ask.end)
            values.setdefault((match.columns, *span), set()).update(match.values)
    return [
        Selection(
            kind=source.kind,
            source=source.name,
            matches=(Match(columns, tuple(sorted(found, key=str))),),
            start=start,
            end=end,
            overlap=source.kind in OVERLAPPING,
        )
        for (columns, start, end), found in values.items()
    ]


def _asks_of(item: Item, source: PlanSource, region: str | None) -> tuple[Ask, ...]:
    """Return what an item names of a source, also where it gives no right to have it looked up.

    Whatever the mapping says that it fills: what a row holds all the same is kept.
    """
    if not is_concerned(source, [item]) or source.kind not in MATCHED[item.target.kind]:
        return ()
    try:
        return (_ask(item, source, match_values(item.target.kind, item.target.value, region)),)
    except InvalidInput:
        return ()
