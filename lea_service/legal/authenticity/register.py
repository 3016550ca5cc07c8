"""What the register says of whom a demand is from: since when, and by whom it was verified."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from lea_service.agencies.models import Agency, AgencyPerson, AgencySuspension, VerifiedContact
from lea_service.agencies.queries import (
    find_agency,
    find_person,
    list_contacts,
    list_desks,
    list_people,
)
from lea_service.kernel.canonical import Json
from lea_service.kernel.datakeys import DataKeys
from lea_service.legal.authenticity.call_back import PHONE
from lea_service.legal.authenticity.observations import Observation, Sight
from lea_service.staff.models import ApprovalDecision

Row = Agency | AgencyPerson


@dataclass(frozen=True, slots=True)
class Sender:
    """Whom the register has for a demand: what its document is held against.

    ``domains`` are the mail domains of the agency, ``all_domains`` those of every agency.
    """

    agency_name: str | None = None
    person_name: str | None = None
    person_email: str | None = None
    domains: frozenset[str] = frozenset()
    all_domains: frozenset[str] = frozenset()


def observe_parties(
    session: Session, agency_id: str | None, person_id: str | None, now: datetime
) -> Iterator[Observation]:
    """Yield what the register says of an agency and of an issuing person."""
    for sight, row in _see_parties(session, agency_id, person_id):
        yield Observation(sight, now, ()) if row is None else _seen(session, sight, row)


def party_sights(session: Session, agency_id: str | None, person_id: str | None) -> set[Sight]:
    """Return what the register says of them in codes alone, for whoever only judges."""
    return {sight for sight, _ in _see_parties(session, agency_id, person_id)}


def _see_parties(
    session: Session, agency_id: str | None, person_id: str | None
) -> Iterator[tuple[Sight, Row | None]]:
    agency = session.get(Agency, agency_id) if agency_id else None
    if agency is None:
        yield Sight.AGENCY_UNKNOWN, None
    else:
        known = agency.suspended_at is None
        yield Sight.AGENCY_KNOWN if known else Sight.AGENCY_SUSPENDED, agency
    person = session.get(AgencyPerson, person_id) if person_id else None
    if person is None:
        yield Sight.PERSON_UNKNOWN, None
    elif person.agency_id != agency_id:
        yield Sight.PERSON_OF_OTHER_AGENCY, person
    else:
        known = person.suspended_at is None
        yield Sight.PERSON_KNOWN if known else Sight.PERSON_SUSPENDED, person


def list_phone_contacts(session: Session, *subjects: str | None) -> list[VerifiedContact]:
    """Return the telephone number of each subject that counts: the newest."""
    newest: dict[str, VerifiedContact] = {}
    query = select(VerifiedContact).where(
        VerifiedContact.subject.in_([one for one in subjects if one]),
        VerifiedContact.kind == PHONE,
    )
    for row in session.scalars(query.order_by(VerifiedContact.recorded_at, VerifiedContact.id)):
        newest[row.subject] = row
    return list(newest.values())


def find_sender(
    session: Session,
    keys: DataKeys,
    agency_id: str | None,
    person_id: str | None,
    *,
    with_domains: bool,
) -> Sender:
    """Return whom the register has for an agency and an issuing person. Raises Unavailable.

    Domains take opening every agency, so only where a mail is to be held against them.
    """
    agency = find_agency(session, keys, agency_id) if agency_id else None
    person = find_person(session, keys, person_id) if person_id else None
    if person is not None and person.agency != agency_id:
        person = None
    by_agency = _domains(session, keys) if with_domains else {}
    return Sender(
        agency_name=agency.name if agency else None,
        person_name=person.name if person else None,
        person_email=person.email if person else None,
        domains=by_agency.get(agency.id, frozenset()) if agency else frozenset(),
        all_domains=frozenset().union(*by_agency.values()),
    )


def _domains(session: Session, keys: DataKeys) -> dict[str, frozenset[str]]:
    """Return by agency the domains of its people, its desks and its mail contacts."""
    found: dict[str, frozenset[str]] = {}
    for agency in session.scalars(select(Agency.id)):
        addresses = [one.email for one in list_people(session, keys, agency)]
        addresses += [one.mailbox for one in list_desks(session, keys, agency)]
        contacts = list_contacts(session, keys, agency)
        addresses += [one.value for one in contacts if one.kind == "email" and one.is_current]
        found[agency] = frozenset(one.rpartition("@")[2].lower() for one in addresses)
    return found


def _seen(session: Session, sight: Sight, row: Row) -> Observation:
    seen: dict[str, Json] = {"id": row.id, "version": row.version}
    if row.suspension_id is not None:
        stop = session.get_one(AgencySuspension, row.suspension_id)
        return Observation(sight, stop.since, (stop.suspended_by,), stop.id, seen)
    decision = session.get_one(ApprovalDecision, row.approval_id)
    people = (decision.proposed_by, decision.decided_by)
    return Observation(sight, decision.decided_at, people, row.approval_id, seen)
