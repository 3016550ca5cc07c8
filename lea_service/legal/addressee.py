"""Checks of whom an order addresses and of whom it is about: capacity, suspect, privilege."""

from __future__ import annotations

from collections.abc import Iterator

from lea_service.kernel.canonical import Json
from lea_service.legal.basis import Row
from lea_service.legal.case import Case
from lea_service.legal.facts import ItemFacts
from lea_service.legal.findings import Finding, make_finding

CONTROLLER_FIRST = "EU-CONTROLLER-FIRST"
NOT_TO_SUSPECT = "NL-NOT-TO-SUSPECT"
IMMUNITY = "EU-IMMUNITY"
SOURCE = "source"
PROTECTED = {
    SOURCE: ("protection.source", "NL-SOURCE-PROTECTION"),
    "privilege": ("protection.privilege", "NL-PRIVILEGED-ADDRESSEE"),
}
"""By the kind of a protection: what is found under Dutch law, and the rule behind it."""


class AddresseeRight:
    """The order addresses us in a capacity in which we can be asked."""

    def find(self, case: Case) -> Iterator[Finding]:
        """Yield one finding."""
        facts, rule = case.facts, get_modifier(case, CONTROLLER_FIRST)
        is_european = applies(rule, case)
        seen: dict[str, Json] = {"capacity": facts.capacity, "other_holders": facts.other_holders}
        if facts.processor_ground is not None:
            seen["processor_ground"] = facts.processor_ground
        yield make_finding(
            self._code(case, is_european=is_european),
            case.basis,
            rule=rule if is_european else None,
            seen=seen,
        )

    def _code(self, case: Case, *, is_european: bool) -> str:
        capacity = case.facts.capacity
        if capacity is None:
            matters = is_european or bool(case.facts.categories & _often_of_a_customer(case))
            return "addressee.unknown" if matters else "addressee.not_material"
        if capacity == "processor" and is_european:
            is_stated = case.facts.processor_ground is not None
            return "addressee.processor_stated" if is_stated else "addressee.controller_first"
        if capacity == "provider" and is_european:
            return "addressee.controller_unclear"
        return CAPACITIES[capacity]


CAPACITIES = {
    "provider": "addressee.right",
    "controller": "addressee.right",
    "processor": "addressee.processor",
    "reseller": "addressee.reseller",
}


class SuspectNotAddressed:
    """The order is not addressed to the suspect, where the law wants that."""

    def find(self, case: Case) -> Iterator[Finding]:
        """Yield one finding."""
        rule = get_modifier(case, NOT_TO_SUSPECT)
        is_sure = applies(rule, case)
        is_possible = is_sure or case.basis.id in rule["applies_perhaps_to"]
        told = case.facts.is_addressee_suspect
        if told is None:
            code = "suspect.unknown" if is_possible else "suspect.not_material"
        elif told:
            code = "suspect.addressed" if is_sure else "suspect.addressed_unsettled"
        else:
            code = "suspect.not_addressed"
        seen: dict[str, Json] = {"is_suspect": told}
        yield make_finding(code, case.basis, rule=rule if is_possible else None, seen=seen)


def person_unprotected(case: Case, item: ItemFacts) -> Iterator[Finding]:
    """Yield one finding on the privilege or immunity of whom the item is about."""
    code, rule = _protection(case, item.protection)
    seen: dict[str, Json] = {"protection": item.protection}
    yield make_finding(code, case.basis, rule=rule, item=item.n, seen=seen)


def _protection(case: Case, protection: str | None) -> tuple[str, Row | None]:
    if protection is None:
        return "protection.not_flagged", None
    kind = case.catalogue.codes["protections"][protection]["kind"]
    if kind == "none":
        return "protection.none", None
    european = get_modifier(case, IMMUNITY)
    if applies(european, case):
        return "protection.european", european
    code, rule = PROTECTED.get(kind, ("protection.other", None))
    return code, None if rule is None else get_modifier(case, rule)


def get_modifier(case: Case, modifier_id: str) -> Row:
    """Return a rule of the catalogue that holds for several bases."""
    rows: dict[str, Row] = {one["id"]: one for one in case.catalogue.codes["modifiers"]}
    return rows[modifier_id]


def applies(rule: Row, case: Case) -> bool:
    """Say whether such a rule surely holds for the basis."""
    return case.basis.id in rule["applies_to"]


def _often_of_a_customer(case: Case) -> frozenset[str]:
    return frozenset(case.catalogue.codes["capacity_matters"]["categories"])
