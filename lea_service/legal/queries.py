"""Reads of the legal check: the newest assessment, whether it is settled, questions, a refusal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from lea_service.agencies.queries import (
    ContactView,
    find_agency,
    find_mailbox,
    find_person,
    list_contacts,
)
from lea_service.demands.admission import is_sealed, list_shut_out, show_known
from lea_service.demands.concerned import PERSON, as_typed
from lea_service.demands.demand import (
    Addressee,
    Demand,
    Protection,
    TargetKind,
    parties_of,
)
from lea_service.demands.likeness import DOCUMENT, ORDER, is_covered
from lea_service.demands.models import Demand as DemandRow
from lea_service.demands.queries import (
    get_demand,
    get_order,
    get_state,
    list_alike,
    open_record,
    region_of,
)
from lea_service.demands.states import KEPT
from lea_service.kernel.datakeys import DataKeys, open_text
from lea_service.kernel.errors import NotFound, Unavailable, WrongState
from lea_service.legal.authenticity.policy import Verdict
from lea_service.legal.authenticity.queries import (
    count_confirming,
    count_confirming_now,
    judge_now,
)
from lea_service.legal.basis import Basis, Row
from lea_service.legal.breadth import breadths_of
from lea_service.legal.catalogue import Catalogue, load_catalogue
from lea_service.legal.comparison import show_edition
from lea_service.legal.contents import tell_offence
from lea_service.legal.counted import CountedView
from lea_service.legal.deadlines import Deadline
from lea_service.legal.emergency import CONFIRMATIONS, CONFIRMED
from lea_service.legal.escalation import Escalation
from lea_service.legal.facts import (
    AgencyFacts,
    Authorisation,
    DemandFacts,
    EmergencyFacts,
    ItemFacts,
    KeptFacts,
    PersonFacts,
    ValidatorFacts,
    day_of,
    item_facts,
)
from lea_service.legal.findings import Finding, Outcome, load_finding
from lea_service.legal.models import (
    Acceptance,
    Assessment,
    Narrowing,
    Refusal,
)
from lea_service.legal.moments import Enforcing
from lea_service.legal.narrowing.audit import list_vouched
from lea_service.legal.proposals import Normalise
from lea_service.legal.reading import Reading, Words, read_edition
from lea_service.legal.working_days import WorkingDays, load_working_days

OVERLAY = "legal_overlay"
"""Under this name ``Session.info`` has the folder of the provider's own rows."""
HOLIDAYS = "holidays"
"""Under this name a session has the file of the provider's own table of free days, if any."""
NORMALISE = "normalise_target"
"""Under this name it has what gives a target the form by which the records are searched."""
OF_CONTACTS = {"phone": TargetKind.PHONE_NUMBER, "email": TargetKind.EMAIL}
"""Which verified contacts are compared, and as what."""


@dataclass(frozen=True, slots=True)
class EditionView:
    """One edition of a basis: what the checks make of it, its whole row, and that in words."""

    basis: Basis
    row: Row
    in_words: Reading


@dataclass(frozen=True, slots=True)
class BasisView:
    """Every edition of a basis, the earliest first."""

    id: str
    editions: tuple[EditionView, ...]


@dataclass(frozen=True, slots=True)
class AcceptanceView:
    """Who took findings upon themselves; ``reason`` only where it was opened."""

    findings: tuple[str, ...]
    accepted_by: str
    accepted_at: datetime
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class AssessmentView:
    """An assessment; ``is_current`` while the record it looked at is still the demand's.

    ``open`` are the findings that neither passed, nor were accepted, nor are about anything that is
    not given, and one that passed by calls that count no longer. ``authentic`` is what the
    policy makes now of where the demand comes from.
    ``is_settled`` when neither holds anything, the record is current and the catalogue still knows
    the basis. ``basis_digest`` is that of the very row that was applied.
    """

    id: str
    demand_id: str
    n: int
    record_version: int
    is_current: bool
    catalogue_version: str
    catalogue_digest: str
    legal_basis: str | None
    basis_digest: str | None
    outcome: Outcome
    findings: tuple[Finding, ...]
    acceptances: tuple[AcceptanceView, ...]
    open: tuple[str, ...]
    authentic: Verdict
    is_settled: bool
    assessed_by: str
    assessed_at: datetime


@dataclass(frozen=True, slots=True)
class RefusalView:
    """Why a demand was refused; ``explanation`` only where it was opened."""

    demand_id: str
    assessment_id: str
    ground: str
    findings: tuple[str, ...]
    refused_by: str
    refused_at: datetime
    explanation: str | None = None


@dataclass(frozen=True, slots=True)
class DeadlinesView:
    """The clocks of a demand as they stood ``at``.

    ``holidays`` is the digest of the table of public holidays they were counted by, ``enforcing``
    what was recorded of the enforcing authority. ``counted`` and ``escalations`` are what the
    worker entered of them.
    """

    demand_id: str
    at: datetime
    legal_basis: str | None
    holidays: str
    enforcing: Enforcing | None
    deadlines: tuple[Deadline, ...]
    counted: tuple[CountedView, ...] = ()
    escalations: tuple[Escalation, ...] = ()


def catalogue_of(session: Session) -> Catalogue:
    """Return the catalogue that holds for a case database: what ships, under its own rows."""
    return load_catalogue(session.info.get(OVERLAY))


def working_of(session: Session) -> WorkingDays:
    """Return the table of free days that holds for a case database."""
    return load_working_days(session.info.get(HOLIDAYS))


def find_basis(session: Session, demand: Demand) -> Basis | None:
    """Return the basis of a demand as it was in force on the day of the order."""
    return catalogue_of(session).find_basis(demand.legal_basis, demand.order_date)


def normalise_of(session: Session) -> Normalise:
    """Return what gives a target the form by which the records are searched."""
    return cast(Normalise, session.info.get(NORMALISE, as_typed))


def view_basis(catalogue: Catalogue, basis_id: str, language: str) -> BasisView:
    """Return every edition of a basis with its whole row, read out in ``nl`` or ``en``.

    Raises NotFound.
    """
    found = catalogue.get_editions(basis_id)
    words = Words(catalogue.codes, catalogue.sources, language)
    editions = tuple(
        EditionView(one, catalogue.get_row(one), read_edition(show_edition(catalogue, one), words))
        for one in found
    )
    return BasisView(found[0].id, editions)


def find_assessment(session: Session, demand_id: str) -> AssessmentView | None:
    """Return the newest assessment of a demand, without the reasons of acceptances."""
    row = find_assessment_row(session, demand_id)
    return None if row is None else _view(session, row, None)


def open_assessment(session: Session, keys: DataKeys, demand_id: str) -> AssessmentView | None:
    """Return the newest assessment of a demand, with every reason. Raises Unavailable."""
    row = find_assessment_row(session, demand_id)
    return None if row is None else _view(session, row, keys)


def find_assessment_row(session: Session, demand_id: str) -> Assessment | None:
    """Return the row of the newest assessment."""
    query = select(Assessment).where(Assessment.demand_id == demand_id)
    return session.scalars(query.order_by(Assessment.n.desc()).limit(1)).first()


def is_settled(session: Session, demand_id: str) -> bool:
    """Say whether nothing of the legal check stands against going on with a demand."""
    found = find_assessment(session, demand_id)
    return found is not None and found.is_settled


def check_settled(session: Session, demand_id: str) -> None:
    """Let a demand go on whose legal check is settled.

    Raises WrongState: not assessed, assessed before a correction, a defect, a finding that nobody
    accepted, or a basis that the catalogue does not know (any more). Raises NotFound.
    """
    get_state(session, demand_id)
    found = find_assessment(session, demand_id)
    if found is None:
        raise WrongState("the demand was not assessed")
    if not found.is_current:
        raise WrongState("the demand was corrected since it was assessed", assessment=found.id)
    if found.open:
        codes = ", ".join(sorted({ref.partition("/")[0] for ref in found.open}))
        raise WrongState(f"the legal check is not settled: {codes}", findings=codes)
    if not found.authentic.allows:
        codes = ", ".join(found.authentic.reasons)
        raise WrongState(f"where the demand comes from is not settled: {codes}", held_by=codes)
    if not found.is_settled:
        raise WrongState("the catalogue does not know the basis", assessment=found.id)


def find_refusal(
    session: Session, demand_id: str, keys: DataKeys | None = None
) -> RefusalView | None:
    """Return the refusal of a demand; with ``keys``, its explanation too."""
    row = session.get(Refusal, demand_id)
    if row is None:
        return None
    label = explanation_label(demand_id)
    text = open_text(session, keys, demand_id, row.explanation_sealed, label) if keys else None
    return RefusalView(
        demand_id=row.demand_id,
        assessment_id=row.assessment_id,
        ground=row.ground,
        findings=tuple(row.findings),
        refused_by=row.refused_by,
        refused_at=row.refused_at,
        explanation=text,
    )


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
        received_on=day_of(demand.received_at),
        authorisation=None
        if given is None
        else Authorisation(given.day, given.oral is not None, given.written_on),
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


def reason_label(acceptance_id: str) -> str:
    """Return what the reason of an acceptance is bound to."""
    return f"acceptance/{acceptance_id}"


def explanation_label(demand_id: str) -> str:
    """Return what the explanation of a refusal is bound to."""
    return f"refusal/{demand_id}"


def _view(session: Session, row: Assessment, keys: DataKeys | None) -> AssessmentView:
    findings = _findings(session, row, keys)
    acceptances = _acceptances(session, row, keys)
    accepted = {ref for one in acceptances for ref in one.findings}
    accepted |= _settled_by_narrowing(session, row)
    still_open = tuple(
        one.ref
        for one in findings
        if one.ref not in accepted
        and (one.outcome is not Outcome.PASS or _is_outdated(session, row, one))
    )
    query = select(DemandRow.record_version).where(DemandRow.id == row.demand_id)
    is_current = session.scalar(query) == row.record_version
    is_known = row.legal_basis is not None and catalogue_of(session).has_basis(row.legal_basis)
    authentic = judge_now(session, row.id)
    return AssessmentView(
        id=row.id,
        demand_id=row.demand_id,
        n=row.n,
        record_version=row.record_version,
        is_current=is_current,
        catalogue_version=row.catalogue_version,
        catalogue_digest=row.catalogue_digest,
        legal_basis=row.legal_basis,
        basis_digest=row.basis_digest,
        outcome=Outcome(row.outcome),
        findings=findings,
        acceptances=acceptances,
        open=still_open,
        authentic=authentic,
        is_settled=bool(findings)
        and is_current
        and is_known
        and not still_open
        and authentic.allows,
        assessed_by=row.assessed_by,
        assessed_at=row.assessed_at,
    )


def _is_outdated(session: Session, row: Assessment, finding: Finding) -> bool:
    """Say whether a finding passed by calls of two of ours, and not that many count any more."""
    return finding.code == CONFIRMED and count_confirming_now(session, row.id) < CONFIRMATIONS


def _findings(session: Session, row: Assessment, keys: DataKeys | None) -> tuple[Finding, ...]:
    """Return what was found; with ``keys`` the offence in the words of the record it looked at."""
    found = tuple(load_finding(show_known(session, one)) for one in row.findings)
    if keys is None:
        return found
    document, _ = open_record(session, keys, row.demand_id, row.record_version)
    return tuple(tell_offence(one, document.get("offence")) for one in found)


def _settled_by_narrowing(session: Session, row: Assessment) -> set[str]:
    """Return the findings that are settled so; one that is gone from the table settles nothing."""
    query = select(Narrowing.id).where(Narrowing.assessment_id == row.id).limit(1)
    if session.scalar(query) is None:
        return set()
    return {ref for one in list_vouched(session, row.demand_id, row.id) for ref in one.settled}


def _acceptances(
    session: Session, row: Assessment, keys: DataKeys | None
) -> tuple[AcceptanceView, ...]:
    query = select(Acceptance).where(Acceptance.assessment_id == row.id)
    found = []
    for one in session.scalars(query.order_by(Acceptance.accepted_at, Acceptance.id)):
        label = reason_label(one.id)
        text = open_text(session, keys, row.demand_id, one.reason_sealed, label) if keys else None
        found.append(AcceptanceView(tuple(one.findings), one.accepted_by, one.accepted_at, text))
    return tuple(found)


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
    if demand.emergency is None:
        return None
    return EmergencyFacts(str(demand.emergency.reason), count_confirming(session, demand))


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
