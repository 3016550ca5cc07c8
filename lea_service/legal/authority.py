"""Checks of who demands: the role on the order, and what the register says of agency and person."""

from __future__ import annotations

from collections.abc import Iterator

from lea_service.kernel.canonical import Json
from lea_service.legal.basis import Basis
from lea_service.legal.case import Case
from lea_service.legal.catalogue import Catalogue
from lea_service.legal.facts import DemandFacts
from lea_service.legal.findings import Finding, make_finding
from lea_service.legal.validation import Validation, judge_validation, rule_of_owed

VALIDATED = {
    Validation.MISSING: "role.not_validated",
    Validation.OWED: "role.validation_owed",
    Validation.UNSETTLED: "role.unknown",
    Validation.UNKNOWN: "role.validator_unknown",
    Validation.SUSPENDED: "role.validator_suspended",
    Validation.OTHER_STATE: "role.validator_of_other_state",
    Validation.NOT_COMPETENT: "role.validator_not_competent",
    Validation.GIVEN: "role.allowed",
}


OWN_LAW = "order_under_dutch_law"
BOUND = "european_order_or_investigation_order"
UNBOUND = "mutual_legal_assistance"


class RoleAllowed:
    """The role on the order may issue this, alone or validated."""

    def find(self, case: Case) -> Iterator[Finding]:
        """Yield one finding."""
        basis, role = case.basis, case.facts.issuing_role
        alone, validated = basis.issuing_roles, basis.roles_if_validated
        seen: dict[str, Json] = {"role": known_role(case.catalogue, role)}
        if alone is None or validated is None:
            code = "role.unknown"
        elif role in alone:
            code = "role.allowed"
        else:
            code = VALIDATED[judge_validation(case)] if role in validated else "role.not_allowed"
            seen["allowed"] = [*alone]
        rule = rule_of_owed(case) if code == VALIDATED[Validation.OWED] else None
        yield make_finding(code, basis, field="issuing_roles", seen=seen, rule=rule)


class AgencyKnown:
    """The agency is in the register, and not suspended."""

    def find(self, case: Case) -> Iterator[Finding]:
        """Yield one finding."""
        yield agency_standing(case.facts)


class PersonKnown:
    """The issuing person is in the register, of this agency, and not suspended."""

    def find(self, case: Case) -> Iterator[Finding]:
        """Yield one finding."""
        yield person_standing(case.facts)


class AgencyCompetent:
    """The agency is known, of the State whose law it uses, and can hold the role."""

    def find(self, case: Case) -> Iterator[Finding]:
        """Yield a finding on its standing and, when it is known, on the State and the role."""
        yield agency_standing(case.facts)
        agency = case.facts.agency
        if agency is None:
            return
        yield _state_finding(case, agency.country)
        yield _role_finding("agency", agency.roles, case)


class PersonCompetent:
    """The issuing person is known and can hold the role."""

    def find(self, case: Case) -> Iterator[Finding]:
        """Yield a finding on the person's standing and, when they are known, on the role."""
        yield person_standing(case.facts)
        if case.facts.person is not None:
            yield _role_finding("person", case.facts.person.roles, case)


def agency_standing(facts: DemandFacts) -> Finding:
    """Return what the register says of the agency."""
    if facts.agency is None:
        return make_finding("agency.unknown")
    return make_finding("agency.suspended" if facts.agency.is_suspended else "agency.known")


def person_standing(facts: DemandFacts) -> Finding:
    """Return what the register says of the issuing person."""
    if facts.person is None:
        return make_finding("person.unknown")
    if not facts.person.is_of_agency:
        return make_finding("person.other_agency")
    return make_finding("person.suspended" if facts.person.is_suspended else "person.known")


def own_officer(facts: DemandFacts) -> list[Finding]:
    """Return that one of those who ask is asked about, where that is so."""
    return [make_finding("own.officer")] if facts.asks_about_own else []


def known_role(catalogue: Catalogue, role: str) -> str:
    """Return a role the catalogue knows; what else was written is not repeated."""
    return role if catalogue.knows("roles", role) else "unknown"


def route_of(catalogue: Catalogue, country: str) -> str:
    """Return the code of the way by which a State demands what it cannot order directly."""
    rules = catalogue.codes["e_evidence"]
    if country == rules["establishment"]:
        return OWN_LAW
    return BOUND if country in rules["bound"] else UNBOUND


def _state_finding(case: Case, country: str) -> Finding:
    code = _state_code(case.basis, case.catalogue, country)
    if code == "agency.competent":
        return make_finding(code, case.basis, seen={"country": country})
    route = route_of(case.catalogue, country)
    seen: dict[str, Json] = {"country": country, "route": route}
    return make_finding(code, case.basis, seen=seen, way=case.catalogue.codes["routes"][route])


def _state_code(basis: Basis, catalogue: Catalogue, country: str) -> str:
    if basis.jurisdiction != "EU":
        home = country == catalogue.codes["home_country"]
        return "agency.competent" if home else "agency.other_state"
    rules = catalogue.codes["e_evidence"]
    if country == rules["establishment"]:
        return "agency.own_state"
    return "agency.competent" if country in rules["bound"] else "agency.other_state"


def _role_finding(who: str, roles: tuple[str, ...], case: Case) -> Finding:
    role = case.facts.issuing_role
    code = f"{who}.role_held" if role in roles else f"{who}.role_not_held"
    return make_finding(code, case.basis, seen={"role": known_role(case.catalogue, role)})
