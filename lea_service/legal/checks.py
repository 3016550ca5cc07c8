"""The legal check of a demand: form and competence, by the catalogue; never proportionality.

A basis that is unknown, a field that is null and a check that found nothing ask a person.
"""

from __future__ import annotations

from datetime import date

from lea_service.legal.addressee import (
    AddresseeRight,
    SuspectNotAddressed,
    person_unprotected,
)
from lea_service.legal.authority import (
    AgencyCompetent,
    AgencyKnown,
    PersonCompetent,
    PersonKnown,
    RoleAllowed,
    agency_standing,
    own_officer,
    person_standing,
)
from lea_service.legal.basis import Basis
from lea_service.legal.case import AllOf, Case
from lea_service.legal.catalogue import Catalogue
from lea_service.legal.contents import (
    ContentsStated,
    OrderIsNew,
    ThresholdStated,
    find_repeats,
)
from lea_service.legal.emergency import find_emergency
from lea_service.legal.facts import DemandFacts
from lea_service.legal.findings import Finding, make_finding
from lea_service.legal.formality import (
    AuthorisedOrally,
    DatesPlausible,
    FormAllowed,
    JudgeAuthorised,
    date_order,
)
from lea_service.legal.instrument import (
    BasisComplete,
    BasisEnforceable,
    BasisInForce,
    InstrumentHandled,
    OrderLasts,
    preserved_before,
)
from lea_service.legal.scope import (
    EachItem,
    categories_inside,
    find_reversed,
    period_inside,
    target_precise,
)

STANDING = (AgencyKnown(), PersonKnown())
OF_BASIS = (BasisInForce(), BasisEnforceable(), InstrumentHandled(), BasisComplete())
OF_DEMAND = (
    RoleAllowed(),
    AgencyCompetent(),
    PersonCompetent(),
    EachItem(categories_inside),
    JudgeAuthorised(),
    AuthorisedOrally(),
    FormAllowed(),
    DatesPlausible(),
    OrderLasts(),
    EachItem(target_precise),
    EachItem(period_inside),
    AddresseeRight(),
    SuspectNotAddressed(),
    EachItem(person_unprotected),
    ContentsStated(),
    ThresholdStated(),
    OrderIsNew(),
)


def check_demand(facts: DemandFacts, catalogue: Catalogue, today: date) -> list[Finding]:
    """Return everything that is found about a demand on ``today``, passes included."""
    basis = catalogue.find_basis(facts.legal_basis, facts.order_date)
    if basis is None:
        return _without_basis(facts, catalogue, today)
    known = make_finding("basis.known", basis, seen={"basis": basis.id})
    case = Case(facts, basis, catalogue, today)
    also = (*own_officer(facts), *preserved_before(facts), *find_emergency(facts))
    return [known, *checks_for(basis).find(case), *also]


def checks_for(basis: Basis) -> AllOf:
    """Return the checks of an instrument; a foreign one is not looked at any further."""
    if basis.enforceable is False:
        return AllOf([*OF_BASIS, *STANDING, DatesPlausible(), OrderIsNew()])
    return AllOf([*OF_BASIS, *OF_DEMAND])


def _without_basis(facts: DemandFacts, catalogue: Catalogue, today: date) -> list[Finding]:
    power = catalogue.find_power(facts.legal_basis)
    if power is None:
        found = make_finding("basis.unknown")
    else:
        found = make_finding(
            "basis.not_stored_data", article=power.citation, seen={"basis": power.id}
        )
    standing = (agency_standing(facts), person_standing(facts), *own_officer(facts))
    dates = (date_order(facts, today), *find_reversed(facts))
    return [found, *standing, *dates, *find_repeats(facts)]
