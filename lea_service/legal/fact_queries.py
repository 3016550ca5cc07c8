"""What the checks of a demand look at: its record, and what the register says of its parties."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from lea_service.agencies.queries import (
    ContactView,
    find_agency,
    find_mailbox,
    find_person,
    list_contacts,
)
from lea_service.demands.admission import is_sealed, list_shut_out
from lea_service.demands.concerned import PERSON, Normalise
from lea_service.demands.demand import (
    Addressee,
    Demand,
    JudicialAuthorisation,
    Protection,
    TargetKind,
    parties_of,
)
from lea_service.demands.likeness import DOCUMENT, ORDER, is_covered
from lea_service.demands.queries import (
    get_demand,
    get_order,
    list_alike,
    region_of,
    was_emergency,
)
from lea_service.demands.states import KEPT
from lea_service.kernel.datakeys import DataKeys
from lea_service.kernel.errors import NotFound, Unavailable
from lea_service.legal.authenticity.queries import (
    count_confirming,
)
from lea_service.legal.breadth import breadths_of
from lea_service.legal.facts import (
    AgencyFacts,
    Authorisation,
    DemandFacts,
    EmergencyFacts,
    ItemFacts,
    KeptFacts,
    PersonFacts,
    ValidatorFacts,
    item_facts,
)
from lea_service.legal.queries import normalise_of

OF_CONTACTS = {"phone": TargetKind.PHONE_NUMBER, "email": TargetKind.EMAIL}
"""Which verified contacts are compared, and as what."""


def collect_facts(session: Session, keys: DataKeys, demand: Demand) -> DemandFacts:
    """Return what the checks look at. Raises Unavailable."""
    given, addressee = demand.judicial_authorisation, demand.addressee or Addressee()
    alike = list_alike(session, demand.id)
    sources = [item for item in demand.items if item.protection is Protection.SOURCE]
    return DemandFacts(
        legal_basis=demand.legal_basis,
        issuing_role=demand.issuing_role,
        form=demand.form.value,
        has_order=demand.order is not None,
        order_date=demand.order_date,
        received_at=demand.received_at,
        authorisation=None if given is None else _authorisation(given, demand.received_at),
        validator=_validator_facts(session, keys, demand),
        agency=agency_facts(session, keys, demand),
        person=_person_facts(session, keys, demand),
        items=_items(demand, region_of(session)),
        is_source_protected=True if sources else None,
        capacity=addressee.capacity and str(addressee.capacity),
        processor_ground=addressee.processor_ground and str(addressee.processor_ground),
        is_addressee_suspect=addressee.is_suspect,
        other_holders=len(demand.other_holders),
        states=None if demand.states is None else frozenset(demand.states),
        has_offence=demand.offence is not None,
        same_order=alike.get(ORDER, ()),
        same_document=alike.get(DOCUMENT, ()),
        emergency=_emergency_facts(session, demand),
        asks_about_own=any(one.startswith(PERSON) for one in list_shut_out(session, demand.id)),
        kept=_kept_facts(session, keys, demand),
        is_sealed=is_sealed(session, demand.id),
    )


def _authorisation(given: JudicialAuthorisation, received_at: datetime) -> Authorisation:
    oral = given.oral
    is_after = oral is not None and oral.given_at > received_at
    return Authorisation(given.day, oral is not None, given.written_on, is_after)


def load_order(session: Session, keys: DataKeys, demand_id: str) -> tuple[Demand, bytes | None]:
    """Return a demand and its order document. Raises NotFound, Unavailable."""
    demand = get_demand(session, keys, demand_id)
    order = None if demand.order is None else get_order(session, keys, demand_id)
    return demand, None if order is None else order.content


def list_senders(
    session: Session, keys: DataKeys, demand: Demand, normalise: Normalise
) -> frozenset[str]:
    """Return where those a demand names are reached, by what we found ourselves.

    Telephone numbers and mail addresses of the agency, and the mailbox of each person and desk.
    """
    known = [
        (OF_CONTACTS[one.kind], one.value)
        for one in _contacts(session, keys, demand)
        if one.is_current and one.kind in OF_CONTACTS
    ]
    for ref in parties_of(demand):
        mailbox = find_mailbox(session, keys, ref) if ref[0] in "pd" else None
        known += [(TargetKind.EMAIL, mailbox)] if mailbox else []
    forms = (normalise(kind, value) for kind, value in known)
    return frozenset(form for form in forms if form is not None)


def list_issuers(session: Session, keys: DataKeys, demand: Demand) -> frozenset[str]:
    """Return the names of who issued and who validated an order.

    Whom the register knows has the name it has there, and no other that somebody typed.
    """
    parties = [one for one in (demand.issuing_person, demand.validating_authority) if one]
    known = (_registered_name(session, keys, one.ref) or one.name for one in parties)
    return frozenset(name for name in known if name)


def find_validator_name(
    session: Session, keys: DataKeys, demand: Demand, validated_by: str | None = None
) -> str | None:
    """Return whom the paper has to name that is to prove the validation of an emergency, or None.

    ``validated_by`` is the person of the register who is said to have given it; without it whom the
    record names. Of one whom the register does not know the empty name, which no paper has.
    """
    named = demand.validating_authority if demand.emergency else None
    ref = validated_by or (named.ref if named else None)
    return None if ref is None else _registered_name(session, keys, ref) or ""


def _registered_name(session: Session, keys: DataKeys, ref: str | None) -> str | None:
    person = find_person(session, keys, ref) if ref and ref.startswith("p_") else None
    return None if person is None else person.name


def _contacts(session: Session, keys: DataKeys, demand: Demand) -> Sequence[ContactView]:
    agency = demand.agency.ref
    if agency is None or find_agency(session, keys, agency) is None:
        return ()
    return list_contacts(session, keys, agency)


def agency_facts(session: Session, keys: DataKeys, demand: Demand) -> AgencyFacts | None:
    """Return what the register says of the agency of a demand; None where it knows none."""
    found = find_agency(session, keys, demand.agency.ref) if demand.agency.ref else None
    return None if found is None else AgencyFacts(found.country, found.roles, found.is_suspended)


def _person_facts(session: Session, keys: DataKeys, demand: Demand) -> PersonFacts | None:
    ref = demand.issuing_person.ref
    found = find_person(session, keys, ref) if ref else None
    if found is None:
        return None
    return PersonFacts(found.roles, found.is_suspended, found.agency == demand.agency.ref)


def _kept_facts(session: Session, keys: DataKeys, demand: Demand) -> KeptFacts | None:
    if demand.preservation is None:
        return None
    try:
        kept = get_demand(session, keys, demand.preservation)
    except (NotFound, Unavailable):
        return KeptFacts(is_kept=False)
    agency = demand.agency.ref
    if kept.state not in KEPT or agency is None or kept.agency.ref != agency:
        return KeptFacts(is_kept=False)
    alike, items = normalise_of(session), demand.items
    return KeptFacts(True, tuple(one.n for one in items if not is_covered(one, kept.items, alike)))


def _emergency_facts(session: Session, demand: Demand) -> EmergencyFacts | None:
    claimed = demand.emergency
    if claimed is None and not was_emergency(session, demand.id):
        return None
    reason = None if claimed is None else str(claimed.reason)
    return EmergencyFacts(reason, count_confirming(session, demand))


def _validator_facts(session: Session, keys: DataKeys, demand: Demand) -> ValidatorFacts | None:
    party = demand.validating_authority
    return None if party is None else validator_facts(session, keys, demand, party.ref)


def validator_facts(
    session: Session, keys: DataKeys, demand: Demand, ref: str | None
) -> ValidatorFacts:
    """Return what the register says of somebody who validated a demand; nothing of words."""
    found = find_person(session, keys, ref) if ref else None
    if found is None or found.id == demand.issuing_person.ref:  # nobody validates their own order
        return ValidatorFacts()
    agency = find_agency(session, keys, found.agency)
    country = None if agency is None else agency.country
    return ValidatorFacts(found.roles, country, found.is_suspended)


def _items(demand: Demand, region: str) -> tuple[ItemFacts, ...]:
    breadths = breadths_of([item.target for item in demand.items], region)
    return tuple(
        item_facts(
            item.n,
            target_kind=item.target.kind.value,
            has_instant=item.target.at is not None,
            start=item.period.start,
            end=item.period.end,
            zone=item.period.zone,
            categories=item.categories,
            breadth=breadth,
            protection=item.protection and str(item.protection),
        )
        for item, breadth in zip(demand.items, breadths, strict=True)
    )
