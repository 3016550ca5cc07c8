"""Reads of agencies: who they are, what stands against them, to whose key a package goes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from lea_service.agencies.certificates import (
    check_distinct,
    check_recipient,
    load_certificate,
)
from lea_service.agencies.models import (
    Agency,
    AgencyCertificate,
    AgencyPerson,
    CertificateRevocation,
    Desk,
    DeskMember,
    VerifiedContact,
)
from lea_service.kernel.database import get_row, lock_row
from lea_service.kernel.datakeys import DataKeys, open_object
from lea_service.kernel.errors import (
    NotFound,
    Unavailable,
    VerificationFailed,
)

AGENCY_LABEL = "agency"
WITHOUT_CERTIFICATE = "receiver_without_certificate"


@dataclass(frozen=True, slots=True)
class AgencyView:
    """An agency; ``roles`` are the issuing roles its people may hold.

    ``prosecution`` is the agency that is told of what it leaves undone, itself perhaps.
    """

    id: str
    name: str
    kind: str
    country: str
    roles: tuple[str, ...]
    prosecution: str | None
    is_suspended: bool
    version: int


@dataclass(frozen=True, slots=True)
class PersonView:
    """A person of an agency, suspended with it or alone."""

    id: str
    agency: str
    name: str
    function: str
    email: str
    roles: tuple[str, ...]
    is_suspended: bool
    version: int


@dataclass(frozen=True, slots=True)
class DeskView:
    """A desk of an agency, suspended with it or alone; ``members`` are its present people."""

    id: str
    agency: str
    name: str
    mailbox: str
    members: tuple[str, ...]
    is_suspended: bool
    version: int


@dataclass(frozen=True, slots=True)
class CertificateView:
    """A certificate by its fingerprint (SHA-256, hex)."""

    id: str
    holder: str
    fingerprint: str
    not_before: datetime
    not_after: datetime
    recorded_at: datetime
    revoked_at: datetime | None
    revocation_ground: str | None


@dataclass(frozen=True, slots=True)
class ContactView:
    """A verified contact; ``is_current`` tells the newest of its kind for its subject."""

    id: str
    subject: str
    kind: str
    value: str
    found_by_way: str
    found_by: str
    approved_by: str
    recorded_at: datetime
    is_current: bool


@dataclass(frozen=True, slots=True)
class StandingProblem:
    """Why a demand waits: a code, and the id that it is about (empty where there is none)."""

    code: str
    ref: str


@dataclass(frozen=True, slots=True)
class Receiver:
    """A person or desk with the certificate that a package is encrypted to."""

    id: str
    name: str
    mailbox: str
    certificate_pem: bytes
    fingerprint: str


def person_label(person_id: str) -> str:
    """Return what a person's sealed column is bound to."""
    return f"person/{person_id}"


def desk_label(desk_id: str) -> str:
    """Return what a desk's sealed column is bound to."""
    return f"desk/{desk_id}"


def certificate_label(certificate_id: str) -> str:
    """Return what a certificate's sealed column is bound to."""
    return f"certificate/{certificate_id}"


def contact_label(contact_id: str) -> str:
    """Return what a contact's sealed column is bound to."""
    return f"contact/{contact_id}"


def find_agency(session: Session, keys: DataKeys, agency_id: str) -> AgencyView | None:
    """Return an agency, opened."""
    row = session.get(Agency, agency_id)
    return view_agency(session, keys, row) if row else None


def find_person(session: Session, keys: DataKeys, person_id: str) -> PersonView | None:
    """Return a person, opened."""
    row = session.get(AgencyPerson, person_id)
    return _view_person(session, keys, row) if row else None


def find_desk(session: Session, keys: DataKeys, desk_id: str) -> DeskView | None:
    """Return a desk with its present members, opened."""
    row = session.get(Desk, desk_id)
    return _view_desk(session, keys, row) if row else None


def find_name(session: Session, keys: DataKeys, subject: str) -> str | None:
    """Return the name of an agency, person or desk; None where nobody knows it now."""
    find = {"a": find_agency, "p": find_person, "d": find_desk}[subject[0]]
    try:
        found = find(session, keys, subject)
    except Unavailable:
        return None
    return None if found is None else found.name


def get_holder(session: Session, holder: str) -> AgencyPerson | Desk:
    """Return the row of a person or desk. Raises NotFound."""
    row = _find_holder(session, holder)
    if row is None:
        raise NotFound("no such person or desk")
    return row


def get_agency_of(session: Session, subject: str) -> str:
    """Return the agency of an agency, person or desk. Raises NotFound."""
    if not subject.startswith("a_"):
        return get_holder(session, subject).agency_id
    return get_row(session, Agency, subject, "agency").id


def lock_agency(session: Session, agency_id: str) -> Agency:
    """Read an agency that nobody else changes until the transaction ends. Raises NotFound.

    Whoever changes anything of an agency locks it first: a suspension, a revocation and a new
    certificate come either before or after what relies on them.
    """
    return lock_row(session, Agency, agency_id, "agency")


def agencies_of(session: Session, subjects: Iterable[str]) -> list[str]:
    """Return the agencies of agencies, people and desks, sorted. Raises NotFound."""
    return sorted({get_agency_of(session, one) for one in subjects})


def is_suspended(session: Session, subject: str) -> bool:
    """Say whether an agency, person or desk is suspended, alone or with its agency.

    Raises NotFound.
    """
    agency = session.get(Agency, get_agency_of(session, subject))
    alone = not subject.startswith("a_") and get_holder(session, subject).suspended_at is not None
    return alone or agency is None or agency.suspended_at is not None


def desks_of(session: Session, person_id: str) -> list[str]:
    """Return the desks whose mailbox a person reads now; suspended desks have no readers."""
    query = (
        select(DeskMember.desk_id)
        .join(Desk, Desk.id == DeskMember.desk_id)
        .where(
            DeskMember.person_id == person_id,
            DeskMember.ended_at.is_(None),
            Desk.suspended_at.is_(None),
        )
    )
    return sorted(session.scalars(query))


def desks_with(session: Session, people: Collection[str]) -> frozenset[str]:
    """Return the desks that have one of these people now, suspended or not."""
    query = select(DeskMember.desk_id).where(
        DeskMember.person_id.in_(people), DeskMember.ended_at.is_(None)
    )
    return frozenset(session.scalars(query)) if people else frozenset()


def people_of(session: Session, refs: Iterable[str]) -> frozenset[str]:
    """Return the people among entries of the register, and those who read a desk among them."""
    wanted = set(refs)
    query = select(DeskMember.person_id).where(
        DeskMember.desk_id.in_(wanted), DeskMember.ended_at.is_(None)
    )
    return frozenset({one for one in wanted if one.startswith("p_")} | {*session.scalars(query)})


def list_standing_problems(
    session: Session,
    *,
    agency: str | None,
    people: Iterable[str | None],
    receivers: Iterable[str],
    now: datetime | None = None,
) -> list[StandingProblem]:
    """Return what stands against a demand of ``agency``; with ``now``, expiry counts as well."""
    found = session.get(Agency, agency) if agency else None
    if found is None:
        problems = [StandingProblem("agency_unknown", agency or "")]
    elif found.suspended_at is not None:
        problems = [StandingProblem("agency_suspended", found.id)]
    else:
        problems = []
    for person in people:
        row = session.get(AgencyPerson, person) if person else None
        problems += _standing_of("person", row, person, agency)
    for receiver in receivers:
        standing = list(_standing_of("receiver", _find_holder(session, receiver), receiver, agency))
        problems += standing
        if not standing and not any(_live_certificates(session, receiver, now)):
            problems.append(StandingProblem(WITHOUT_CERTIFICATE, receiver))
    return problems


def list_receivers(
    session: Session, keys: DataKeys, ids: Iterable[str], now: datetime
) -> list[Receiver]:
    """Return receivers with their newest certificate that can receive a package at ``now``.

    Raises Unavailable that names the receiver who has none or is suspended, VerificationFailed
    when a package could not tell two of them apart.
    """
    found = [_receiver(session, keys, one, now) for one in ids]
    check_distinct([load_certificate(one.certificate_pem) for one in found])
    return found


def find_mailbox(session: Session, keys: DataKeys, holder: str) -> str | None:
    """Return the mailbox of a person or desk that is not suspended, for notices."""
    view = (find_desk if holder.startswith("d_") else find_person)(session, keys, holder)
    if view is None or view.is_suspended:
        return None
    return view.mailbox if isinstance(view, DeskView) else view.email


def list_agency_rows(session: Session, after: str | None, limit: int) -> Sequence[Agency]:
    """Return agencies by id, from the one behind ``after`` on."""
    query = select(Agency).order_by(Agency.id).limit(limit)
    return session.scalars(query.where(Agency.id > after) if after else query).all()


def list_people(session: Session, keys: DataKeys, agency_id: str) -> list[PersonView]:
    """Return the people of an agency, the first recorded first."""
    query = select(AgencyPerson).where(AgencyPerson.agency_id == agency_id)
    rows = session.scalars(query.order_by(AgencyPerson.created_at, AgencyPerson.id)).all()
    return [_view_person(session, keys, row) for row in rows]


def list_desks(session: Session, keys: DataKeys, agency_id: str) -> list[DeskView]:
    """Return the desks of an agency, the first recorded first."""
    query = select(Desk).where(Desk.agency_id == agency_id).order_by(Desk.created_at, Desk.id)
    return [_view_desk(session, keys, row) for row in session.scalars(query).all()]


def list_certificates(session: Session, agency_id: str) -> list[CertificateView]:
    """Return the certificates of an agency's people and desks, newest first."""
    query = (
        select(AgencyCertificate, CertificateRevocation)
        .outerjoin(CertificateRevocation)
        .where(AgencyCertificate.agency_id == agency_id)
        .order_by(AgencyCertificate.recorded_at.desc(), AgencyCertificate.id)
    )
    return [view_certificate(row, revoked) for row, revoked in session.execute(query)]


def list_contacts(session: Session, keys: DataKeys, agency_id: str) -> list[ContactView]:
    """Return the verified contacts of an agency, newest first."""
    query = select(VerifiedContact).where(VerifiedContact.agency_id == agency_id)
    order = (VerifiedContact.recorded_at.desc(), VerifiedContact.id.desc())
    seen: set[tuple[str, str]] = set()
    views = []
    for row in session.scalars(query.order_by(*order)).all():
        place = (row.subject, row.kind)
        views.append(_view_contact(session, keys, row, is_current=place not in seen))
        seen.add(place)
    return views


def find_certificate(session: Session, fingerprint: str) -> CertificateView | None:
    """Return the certificate with this fingerprint, whoever holds it."""
    query = (
        select(AgencyCertificate, CertificateRevocation)
        .outerjoin(CertificateRevocation)
        .where(AgencyCertificate.fingerprint == fingerprint)
    )
    found = session.execute(query).one_or_none()
    return view_certificate(found[0], found[1]) if found else None


def get_certificate(session: Session, certificate_id: str) -> AgencyCertificate:
    """Return the row of a certificate. Raises NotFound."""
    return get_row(session, AgencyCertificate, certificate_id, "certificate")


def find_revocation(session: Session, certificate_id: str) -> CertificateRevocation | None:
    """Return the revocation of a certificate."""
    return session.get(CertificateRevocation, certificate_id)


def list_members(session: Session, desk_id: str) -> Sequence[DeskMember]:
    """Return the present memberships of a desk."""
    query = select(DeskMember).where(DeskMember.desk_id == desk_id, DeskMember.ended_at.is_(None))
    return session.scalars(query.order_by(DeskMember.person_id)).all()


def view_agency(session: Session, keys: DataKeys, row: Agency) -> AgencyView:
    """Open the name of an agency."""
    private = open_object(session, keys, row.id, row.sealed, AGENCY_LABEL)
    return AgencyView(
        id=row.id,
        name=private["name"],
        kind=row.kind,
        country=row.country,
        roles=tuple(row.roles),
        prosecution=row.prosecution,
        is_suspended=row.suspended_at is not None,
        version=row.version,
    )


def _view_person(session: Session, keys: DataKeys, row: AgencyPerson) -> PersonView:
    private = open_object(session, keys, row.agency_id, row.sealed, person_label(row.id))
    return PersonView(
        id=row.id,
        agency=row.agency_id,
        name=private["name"],
        function=private["function"],
        email=private["email"],
        roles=tuple(row.roles),
        is_suspended=is_suspended(session, row.id),
        version=row.version,
    )


def _view_desk(session: Session, keys: DataKeys, row: Desk) -> DeskView:
    private = open_object(session, keys, row.agency_id, row.sealed, desk_label(row.id))
    return DeskView(
        id=row.id,
        agency=row.agency_id,
        name=private["name"],
        mailbox=private["mailbox"],
        members=tuple(member.person_id for member in list_members(session, row.id)),
        is_suspended=is_suspended(session, row.id),
        version=row.version,
    )


def view_certificate(
    row: AgencyCertificate, revoked: CertificateRevocation | None
) -> CertificateView:
    """Return what is shown of a certificate."""
    return CertificateView(
        id=row.id,
        holder=row.holder,
        fingerprint=row.fingerprint,
        not_before=row.not_before,
        not_after=row.not_after,
        recorded_at=row.recorded_at,
        revoked_at=revoked.revoked_at if revoked else None,
        revocation_ground=revoked.ground if revoked else None,
    )


def _view_contact(
    session: Session, keys: DataKeys, row: VerifiedContact, *, is_current: bool
) -> ContactView:
    private = open_object(session, keys, row.agency_id, row.sealed, contact_label(row.id))
    return ContactView(
        id=row.id,
        subject=row.subject,
        kind=row.kind,
        value=private["value"],
        found_by_way=private["found_by_way"],
        found_by=row.found_by,
        approved_by=row.approved_by,
        recorded_at=row.recorded_at,
        is_current=is_current,
    )


def _find_holder(session: Session, holder: str) -> AgencyPerson | Desk | None:
    if holder.startswith("d_"):
        return session.get(Desk, holder)
    return session.get(AgencyPerson, holder)


def _standing_of(
    word: str, row: AgencyPerson | Desk | None, ref: str | None, agency: str | None
) -> Iterator[StandingProblem]:
    if row is None:
        yield StandingProblem(f"{word}_unknown", ref or "")
    elif row.agency_id != agency:
        yield StandingProblem(f"{word}_of_other_agency", row.id)
    elif row.suspended_at is not None:
        yield StandingProblem(f"{word}_suspended", row.id)


def _live_certificates(
    session: Session, holder: str, now: datetime | None
) -> Iterator[AgencyCertificate]:
    """Yield the holder's certificates that were not revoked, newest first."""
    column = _holder_column(holder)
    query = (
        select(AgencyCertificate)
        .outerjoin(CertificateRevocation)
        .where(column == holder, CertificateRevocation.certificate_id.is_(None))
        .order_by(AgencyCertificate.recorded_at.desc(), AgencyCertificate.not_after.desc())
    )
    for row in session.scalars(query):
        if now is None or row.not_before <= now <= row.not_after:
            yield row


def _receiver(session: Session, keys: DataKeys, holder: str, now: datetime) -> Receiver:
    view = (find_desk if holder.startswith("d_") else find_person)(session, keys, holder)
    if view is None or view.is_suspended:
        raise Unavailable(f"the receiver {holder} is unknown or suspended", receiver=holder)
    for row in _live_certificates(session, holder, now):
        pem = open_object(session, keys, row.agency_id, row.sealed, certificate_label(row.id))[
            "pem"
        ]
        try:
            check_recipient(load_certificate(pem.encode()), now)
        except VerificationFailed:
            continue
        mailbox = view.mailbox if isinstance(view, DeskView) else view.email
        return Receiver(holder, view.name, mailbox, pem.encode(), row.fingerprint)
    raise Unavailable(f"the receiver {holder} has no certificate that is valid", receiver=holder)


def _holder_column(holder: str) -> ColumnElement[Any]:
    column: Any = AgencyCertificate.desk_id
    if not holder.startswith("d_"):
        column = AgencyCertificate.person_id
    return column  # type: ignore[no-any-return]
