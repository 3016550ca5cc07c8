"""Checks of the basis itself: in force, binding here, known enough, and what it makes us do."""

from __future__ import annotations

from collections.abc import Iterator

from lea_service.kernel.canonical import Json
from lea_service.legal.authority import route_of
from lea_service.legal.basis import Basis
from lea_service.legal.case import Case
from lea_service.legal.deadlines import UNION_LAW
from lea_service.legal.facts import DemandFacts
from lea_service.legal.findings import Finding, make_finding
from lea_service.legal.terms import shift

INSTRUMENTS = {
    "production_order": "instrument.production",
    "forward_production_order": "instrument.to_come",
    "bulk_production_order": "instrument.bulk",
    "assistance_order": "instrument.assistance",
    "preservation_order": "instrument.preservation",
    "european_production_order": "instrument.european",
    "european_preservation_order": "instrument.preservation",
    "voluntary_disclosure": "instrument.voluntary",
}
INTELLIGENCE = "nl.intelligence"
EUROPEAN = "instrument.european"
PRESERVING = "instrument.preservation"
CHAIN = frozenset({"provider_chain"})


class BasisInForce:
    """The basis was in force on the date of the order."""

    def find(self, case: Case) -> Iterator[Finding]:
        """Yield one finding."""
        basis, day = case.basis, case.facts.order_date
        seen = {"order_date": day.isoformat(), "status": basis.status}
        if basis.valid_from is not None:
            seen["valid_from"] = basis.valid_from.isoformat()
        if basis.valid_to is not None:
            seen["valid_to"] = basis.valid_to.isoformat()
        if basis.valid_to is not None and day > basis.valid_to:
            code = "basis.not_in_force"
        elif basis.valid_from is None or not _was_law(basis):
            code = "basis.in_force_unknown"
        else:
            code = "basis.in_force" if day >= basis.valid_from else "basis.not_in_force"
        yield make_finding(code, basis, field="valid_from", seen=seen)


def _was_law(basis: Basis) -> bool:
    """Say whether an edition is law now, or was until its last day."""
    is_past = basis.status == "repealed" and basis.valid_to is not None
    return basis.status == "in_force" or is_past


class BasisComplete:
    """Whatever the catalogue should say of a basis it says."""

    def find(self, case: Case) -> Iterator[Finding]:
        """Yield one finding that names every unknown field."""
        if case.basis.unknown:
            seen: dict[str, Json] = {"unknown": [*case.basis.unknown]}
            yield make_finding("basis.incomplete", case.basis, seen=seen)
        else:
            yield make_finding("basis.complete", case.basis)


class BasisEnforceable:
    """The basis binds an establishment here; a foreign order takes another way."""

    def find(self, case: Case) -> Iterator[Finding]:
        """Yield one finding."""
        basis = case.basis
        code = "basis.enforceable" if basis.enforceable else "basis.foreign"
        if basis.enforceable is None:
            code = "basis.enforceable_unknown"
        route = _route(case)
        seen: dict[str, Json] = {"jurisdiction": basis.jurisdiction, "route": route}
        way = case.catalogue.codes["routes"].get(route)
        yield make_finding(code, basis, seen=seen, way=way)


def _route(case: Case) -> str | None:
    """Return the way that applies instead; that of a Member State depends on which one it is."""
    basis, agency = case.basis, case.facts.agency
    if basis.enforceable is False and basis.jurisdiction == UNION_LAW and agency is not None:
        return route_of(case.catalogue, agency.country)
    return basis.route


class InstrumentHandled:
    """The instrument is one that this version can answer."""

    def find(self, case: Case) -> Iterator[Finding]:
        """Yield one finding, and one more for orders of the intelligence services."""
        basis = case.basis
        code = INSTRUMENTS.get(basis.instrument or "", "instrument.unknown")
        if code == PRESERVING and case.facts.categories == CHAIN:
            code = _of_chain(basis)
        if code == EUROPEAN and basis.response is not None and basis.response.not_before is None:
            code = "instrument.european_at_once"
        yield make_finding(code, basis, seen={"instrument": basis.instrument})
        if basis.family == INTELLIGENCE:
            is_sealed = case.facts.is_sealed
            yield make_finding(f"instrument.{'sealed' if is_sealed else 'intelligence'}", basis)


def preserved_before(facts: DemandFacts) -> list[Finding]:
    """Return how a demand stands to the preservation that it names; nothing where it names none."""
    kept = facts.kept
    if kept is None:
        return []
    if not kept.is_kept:
        return [make_finding("preserved.unknown")]
    if kept.not_kept:
        items: dict[str, Json] = {"items": [*kept.not_kept]}
        return [make_finding("preserved.not_covered", seen=items)]
    return [make_finding("preserved.covers")]


def _of_chain(basis: Basis) -> str:
    """Return what follows where an order asks which other providers had a part, and nothing else.

    Art. 126ni paragraph 2 Sv obliges to give that much; it is a demand and a package of its own.
    """
    gives = () if basis.preservation is None else basis.preservation.gives
    if gives is None:
        return "instrument.chain_unknown"
    return "instrument.chain" if set(gives) >= CHAIN else PRESERVING


class OrderLasts:
    """The order can still be carried out today."""

    def find(self, case: Case) -> Iterator[Finding]:
        """Yield one finding."""
        term, day = case.basis.order_validity, case.facts.order_date
        code = "validity.lasts"
        if term is None:
            code = "validity.unknown"
        elif term.rule == "at_most" and case.today > shift(day, term.value, term.unit):
            code = "validity.expired"
        yield make_finding(code, case.basis, field="order_validity")
