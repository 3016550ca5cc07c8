"""Checks of what is asked, item by item: each category, the target, the period."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta

from lea_service.kernel.canonical import Json
from lea_service.kernel.clock import format_instant, say_wall
from lea_service.legal.basis import Basis, Row
from lea_service.legal.breadth import BROAD, LISTED, Breadth
from lea_service.legal.case import Case
from lea_service.legal.catalogue import INTELLIGENCE, Catalogue
from lea_service.legal.facts import DemandFacts, ItemFacts
from lea_service.legal.findings import Finding, make_finding
from lea_service.legal.terms import shift

FALLBACK_FAMILY = "nl.classic"
OF_AN_ADDRESS = "ip_identification"
"""Says who used an IP address at an instant (Regulation (EU) 2023/1543 art. 3(10)).

Sessions of anything else over a period are traffic data, under whatever name they are asked for.
"""
BESIDE_IT = frozenset({"traffic_call_records", "location", "usage_sessions"})
"""Categories to whose rows it adds addresses; an order for them stands on its own article."""
AFTER_RECEIPT = "period.after_receipt"
ELSEWHERE = frozenset({"category.excluded", "category.outside", "category.unsettled"})
"""What may belong under another article: the finding names those that reach the category."""


class EachItem:
    """Puts one question to every item; a demand without items is no pass."""

    def __init__(self, ask: Callable[[Case, ItemFacts], Iterator[Finding]]) -> None:
        self._ask = ask

    def find(self, case: Case) -> Iterator[Finding]:
        """Yield the findings of every item."""
        if not case.facts.items:
            yield make_finding("items.none", case.basis)
        for item in case.facts.items:
            yield from self._ask(case, item)


def categories_inside(case: Case, item: ItemFacts) -> Iterator[Finding]:
    """Yield one finding for each category of the item."""
    basis = case.basis
    for category in item.categories:
        code = _category_code(basis, category)
        homes: tuple[Basis, ...] = ()
        seen: dict[str, Json] = {"category": category}
        if code in ELSEWHERE:
            homes = tuple(one for one in _homes(case, category) if one.id != basis.id)
            seen["belongs_to"] = [home.id for home in homes]
        yield make_finding(
            code,
            basis,
            field="unsettled_categories" if code == "category.unsettled" else "categories",
            item=item.n,
            subject=category,
            seen=seen,
            homes=homes,
        )


def target_precise(case: Case, item: ItemFacts) -> Iterator[Finding]:
    """Yield what is found on the target of the item."""
    seen: dict[str, Json] = {"target": item.target_kind}
    if item.breadth != Breadth.ONE:
        seen["breadth"] = item.breadth
    for code in _target_codes(case, item):
        yield make_finding(code, case.basis, field="targets", item=item.n, seen=seen)


def period_inside(case: Case, item: ItemFacts) -> Iterator[Finding]:
    """Yield what is wrong with the period of the item, or one pass."""
    seen: dict[str, Json] = {"days_before_order": (case.facts.order_date - item.starts_on).days}
    ahead = (item.last_on - case.facts.order_date).days
    if ahead > 0:
        seen["days_after_order"] = ahead
    for field, code in _period_codes(case, item):
        told, day = seen, _limit(case, item, code)
        if code == AFTER_RECEIPT:
            told = {**seen, "received_at": format_instant(case.facts.received_at)}
        elif day is not None:
            told = {**seen, "day": f"{day}"}
        yield make_finding(code, case.basis, field=field, item=item.n, seen=told, day=day)


def find_reversed(facts: DemandFacts) -> Iterator[Finding]:
    """Yield each period that ends before it begins, which is so whatever basis is named."""
    for item in facts.items:
        if item.is_reversed:
            seen: dict[str, Json] = {"days_before_order": (facts.order_date - item.starts_on).days}
            yield make_finding("period.reversed", item=item.n, seen=seen)


def is_bulk(basis: Basis, catalogue: Catalogue) -> bool:
    """Say whether a basis is about a data set, or about all who were somewhere, and no less."""
    table = catalogue.codes["targets"]
    return bool(basis.targets) and all("is_bulk" in table[code] for code in basis.targets or ())


def _category_code(basis: Basis, category: str) -> str:
    if basis.categories is None:
        return "category.unknown"
    if category in (basis.excluded_categories or ()):
        return "category.excluded"
    if category in basis.categories:
        return "category.inside"
    if basis.unsettled_categories is None:
        return "category.unknown"
    return "category.unsettled" if category in basis.unsettled_categories else "category.outside"


def _homes(case: Case, category: str) -> tuple[Basis, ...]:
    on = case.facts.order_date
    found = case.catalogue.homes_of(category, case.basis.family, on)
    if found or case.basis.jurisdiction != "NL" or case.basis.family == INTELLIGENCE:
        return found
    return case.catalogue.homes_of(category, FALLBACK_FAMILY, on)


OF_ITSELF = frozenset({"target.precise", "target.instant_missing", "target.address_missing"})
"""What is found of a target whatever stands beside it."""


def _target_codes(case: Case, item: ItemFacts) -> Iterator[str]:
    """Yield what one target is; one of a row or of many is found as that beside what it lacks."""
    code = _target_code(case, item)
    is_listed = item.breadth in LISTED and code in OF_ITSELF
    if is_listed:
        yield "target.listed"
    if not is_listed or code != "target.precise":
        yield code


def _target_code(case: Case, item: ItemFacts) -> str:
    known = case.basis.targets
    if known is None:
        return "target.unknown"
    table = case.catalogue.codes["targets"]
    rows = [table[code] for code in known]
    if is_bulk(case.basis, case.catalogue):
        return _bulk_code(case, item, rows)
    if item.breadth in BROAD - LISTED:
        return "target.broad"
    if not any(item.target_kind in row["fits"] for row in rows):
        return "target.kind"
    if item.breadth == Breadth.SHORT:
        return "target.short"
    return _moment_code(item)


def _moment_code(item: ItemFacts) -> str:
    """Return whether address and instant are there, where they have to be."""
    if item.target_kind == "ip_address":
        return "target.precise" if item.has_instant else "target.instant_missing"
    asked = set(item.categories)
    is_without = OF_AN_ADDRESS in asked and BESIDE_IT.isdisjoint(asked)
    return "target.address_missing" if is_without else "target.precise"


def asks_who_had_an_address(item: ItemFacts) -> bool:
    """Say whether an item names an IP address and the instant at which it was in use."""
    return item.target_kind == "ip_address" and item.has_instant


def _bulk_code(case: Case, item: ItemFacts, rows: Sequence[Row]) -> str:
    """Return the code under a basis for all who are in a data set, or were at times and places."""
    fits = {kind for row in rows for kind in row["fits"]}
    if fits and item.target_kind not in fits:
        return "target.kind"
    fewest = max(row.get("fewest_items", 1) for row in rows)
    asked = [one for one in case.facts.items if not fits or one.target_kind in fits]
    return "target.bulk" if len(asked) >= fewest else "target.too_few_places"


def _period_codes(case: Case, item: ItemFacts) -> Iterator[tuple[str, str]]:
    """Yield (field, code) of each thing that is wrong, or of the pass."""
    if item.is_reversed:
        yield "look_back", "period.reversed"
        return
    back = _look_back_code(case, item)
    forward = _look_forward_code(case, item)
    if back is not None:
        yield "look_back", back
    if forward is not None:
        yield "look_forward", forward
    if back is None and forward is None:
        yield "look_back", "period.inside"


def _look_back_code(case: Case, item: ItemFacts) -> str | None:
    term, order = case.basis.look_back, case.facts.order_date
    if term is None:
        return "period.look_back_unknown"
    if term.rule == "data_to_come_only":
        return None if item.starts_on > order else "period.before_order"
    if term.rule == "at_most" and item.starts_on < shift(order, term.value, term.unit, back=True):
        return "period.too_far_back"
    return None


def _look_forward_code(case: Case, item: ItemFacts) -> str | None:
    term, order = case.basis.look_forward, case.facts.order_date
    if _is_held(case, item):
        return None
    if term is None:
        return "period.look_forward_unknown"
    if term.rule != "at_most":
        return AFTER_RECEIPT if _goes_by_receipt(case.basis) else "period.nothing_to_come"
    if item.last_on > shift(order, term.value, term.unit):
        return "period.too_far_ahead"
    return "period.elapsed" if item.last_on < case.today else "period.to_come"


def _limit(case: Case, item: ItemFacts, code: str) -> date | str | None:
    """Return the day, or the moment, up to or from which the basis reaches."""
    order, back, ahead = case.facts.order_date, case.basis.look_back, case.basis.look_forward
    if code == "period.too_far_back" and back is not None:
        return shift(order, back.value, back.unit, back=True)
    if code == "period.before_order":
        return order + timedelta(days=1)
    if code == "period.too_far_ahead" and ahead is not None:
        return shift(order, ahead.value, ahead.unit)
    if code == "period.nothing_to_come":
        return order
    if code == AFTER_RECEIPT:
        return say_wall(case.facts.received_at)
    return item.last_on if code == "period.to_come" else None


def _is_held(case: Case, item: ItemFacts) -> bool:
    """Say whether all of a period lies in what is stored data for this basis.

    What is stored at receipt is known to the instant, what is at the order to the day.
    """
    if _goes_by_receipt(case.basis):
        return item.ends_at <= case.facts.received_at
    return item.last_on <= case.facts.order_date


def _goes_by_receipt(basis: Basis) -> bool:
    return basis.look_back is not None and basis.look_back.rule == "held_at_receipt"
