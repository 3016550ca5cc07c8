"""Reads of the legal check: the newest assessment, whether it is settled, questions, a refusal."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from lea_service.demands.admission import show_known
from lea_service.demands.concerned import Normalise, as_typed
from lea_service.demands.demand import (
    Demand,
)
from lea_service.demands.models import Demand as DemandRow
from lea_service.demands.queries import (
    get_state,
    open_record,
)
from lea_service.kernel.datakeys import DataKeys, open_object, open_text
from lea_service.kernel.errors import WrongState
from lea_service.legal.advice import Advice, AdviceSchema
from lea_service.legal.authenticity.policy import Verdict
from lea_service.legal.authenticity.queries import (
    count_confirming_now,
    judge_now,
)
from lea_service.legal.basis import Basis, Row
from lea_service.legal.catalogue import Catalogue, load_catalogue
from lea_service.legal.comparison import show_edition
from lea_service.legal.contents import tell_offence
from lea_service.legal.counted import CountedView
from lea_service.legal.deadlines import Deadline
from lea_service.legal.emergency import CONFIRMATIONS, CONFIRMED
from lea_service.legal.escalation import Escalation
from lea_service.legal.findings import Finding, Outcome, load_finding
from lea_service.legal.models import (
    Acceptance,
    Assessment,
    Narrowing,
    Refusal,
)
from lea_service.legal.moments import Enforcing
from lea_service.legal.narrowing.audit import list_vouched
from lea_service.legal.reading import Reading, Words, read_edition
from lea_service.legal.working_days import WorkingDays, load_working_days
from lea_service.staff.people_queries import find_name
from lea_service.web.schemas import load_form

OVERLAY = "legal_overlay"
"""Under this name ``Session.info`` has the folder of the provider's own rows."""
HOLIDAYS = "holidays"
"""Under this name a session has the file of the provider's own table of free days, if any."""

NORMALISE = "normalise_target"
"""Under this name it has what gives a target the form by which the records are searched."""


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
    """Who took findings upon themselves; ``reason`` and the name only where they were opened."""

    findings: tuple[str, ...]
    accepted_by: str
    accepted_at: datetime
    reason: str | None = None
    accepted_by_name: str | None = None


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
    """Why a demand was refused; what was said, advised, and by whom only where it was opened."""

    demand_id: str
    assessment_id: str
    ground: str
    findings: tuple[str, ...]
    refused_by: str
    refused_at: datetime
    explanation: str | None = None
    advice: Advice | None = None
    refused_by_name: str | None = None


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
    """Return the refusal of a demand; with ``keys``, its explanation and advice too."""
    row = session.get(Refusal, demand_id)
    if row is None:
        return None
    label = explanation_label(demand_id)
    sealed = row.explanation_sealed
    said = open_object(session, keys, demand_id, sealed, label) if keys else {}
    advice = said.get("advice")
    return RefusalView(
        demand_id=row.demand_id,
        assessment_id=row.assessment_id,
        ground=row.ground,
        findings=tuple(row.findings),
        refused_by=row.refused_by,
        refused_at=row.refused_at,
        explanation=said.get("explanation"),
        advice=None if advice is None else load_form(AdviceSchema, advice),
        refused_by_name=find_name(session, keys, row.refused_by) if keys else None,
    )


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
        who = one.accepted_by
        name = find_name(session, keys, who) if keys else None
        found.append(AcceptanceView(tuple(one.findings), who, one.accepted_at, text, name))
    return tuple(found)
