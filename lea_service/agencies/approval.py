"""What takes two people at agencies: each kind's draft, and what its approval does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from cryptography import x509
from sqlalchemy import select

from lea_service.agencies.certificates import (
    certificate_fingerprint,
    check_recipient,
    key_digest,
    load_certificate,
    recipient_name,
)
from lea_service.agencies.changed import BecomesService, Changed, tell_change
from lea_service.agencies.models import (
    Agency,
    AgencyCertificate,
    AgencyPerson,
    Desk,
    DeskMember,
    VerifiedContact,
)
from lea_service.agencies.queries import (
    AGENCY_LABEL,
    certificate_label,
    contact_label,
    desk_label,
    get_agency_of,
    get_holder,
    is_suspended,
    list_members,
    lock_agency,
    person_label,
)
from lea_service.agencies.rules import (
    INTELLIGENCE,
    KINDS,
    check_known_roles,
    check_not_suspended,
    check_roles,
    check_version,
    normal_contact,
    normal_email,
)
from lea_service.agencies.schemas import (
    CertificateRequest,
    ContactRequest,
    DeskRequest,
    LiftRequest,
    OrganisationRequest,
    PersonRequest,
)
from lea_service.kernel.actors import Permission
from lea_service.kernel.canonical import Json
from lea_service.kernel.coded import check_coded
from lea_service.kernel.database import get_row, lock_row
from lea_service.kernel.errors import Duplicate, InvalidInput, NotFound, WrongState
from lea_service.kernel.transactions import Transaction
from lea_service.staff.kinds import Apply, Draft, Drafted, KindRule, register_kind
from lea_service.staff.models import Approval
from lea_service.staff.rules import normal_name
from lea_service.web.schemas import load_form

ORGANISATION = "agency.organisation"
PERSON = "agency.person"
DESK = "agency.desk"
CERTIFICATE = "agency.certificate"
CONTACT = "agency.contact"
LIFT = "agency.lift"
ISSUING_ROLES = "issuing_roles"
"""Under this name ``Session.info`` has the issuing roles of the catalogue; without it, none is."""
Row = TypeVar("Row", Agency, AgencyPerson, Desk)


def draft_organisation(tx: Transaction, request: Json) -> Drafted:
    """Draft a new agency, or a change of one."""
    wanted = _identify(tx, load_form(OrganisationRequest, request), "a")
    wanted |= {"name": normal_name(wanted["name"]), "roles": sorted(set(wanted["roles"]))}
    _check_organisation(tx, wanted)
    open_names = ("kind", "country", "roles", "prosecution", "version")
    facts = {name: wanted[name] for name in open_names}
    return _drafted(request, wanted, stream=wanted["id"], facts=facts)


def apply_organisation(tx: Transaction, approval: Approval, payload: Json) -> None:
    """Write the agency as it was approved."""
    wanted = _payload(payload)
    if wanted["kind"] == INTELLIGENCE:
        tell_change(tx, BecomesService(wanted["id"]))
    row = _check_organisation(tx, wanted)
    row = row or Agency(id=wanted["id"], created_at=tx.now)
    row.name_digest = _name_digest(tx, wanted)
    row.kind, row.country, row.roles = wanted["kind"], wanted["country"], wanted["roles"]
    row.prosecution = wanted["prosecution"]
    row.sealed = tx.seal(row.id, {"name": wanted["name"]}, AGENCY_LABEL)
    _finish(tx, row, approval, wanted, "agency.recorded", row.id)


def draft_person(tx: Transaction, request: Json) -> Drafted:
    """Draft a new person of an agency, or a change of one."""
    wanted = _identify(tx, load_form(PersonRequest, request), "p")
    wanted |= {
        "name": normal_name(wanted["name"]),
        "email": normal_email(wanted["email"], "/email"),
        "roles": sorted(set(wanted["roles"])),
    }
    _check_person(tx, wanted)
    facts = {name: wanted[name] for name in ("agency", "roles", "version")}
    return _drafted(request, wanted, stream=wanted["agency"], facts=facts)


def apply_person(tx: Transaction, approval: Approval, payload: Json) -> None:
    """Write the person as it was approved."""
    wanted = _payload(payload)
    tell_change(tx, Changed(wanted["id"], contacts=[("email", wanted["email"])]))
    lock_agency(tx.session, wanted["agency"])
    row = _check_person(tx, wanted)
    row = row or AgencyPerson(id=wanted["id"], agency_id=wanted["agency"], created_at=tx.now)
    row.email_digest, row.roles = _email_digest(tx, wanted), wanted["roles"]
    private = {name: wanted[name] for name in ("name", "function", "email")}
    row.sealed = tx.seal(row.agency_id, private, person_label(row.id))
    _finish(tx, row, approval, wanted, "agency.person_recorded", row.agency_id)


def draft_desk(tx: Transaction, request: Json) -> Drafted:
    """Draft a new desk of an agency, or a change of its mailbox and members."""
    wanted = _identify(tx, load_form(DeskRequest, request), "d")
    wanted |= {
        "name": normal_name(wanted["name"]),
        "mailbox": normal_email(wanted["mailbox"], "/mailbox"),
        "members": sorted(set(wanted["members"])),
    }
    _check_desk(tx, wanted)
    facts = {name: wanted[name] for name in ("agency", "members", "version")}
    return _drafted(request, wanted, stream=wanted["agency"], facts=facts)


def apply_desk(tx: Transaction, approval: Approval, payload: Json) -> None:
    """Write the desk as it was approved; who is no member any more reads nothing from now on."""
    wanted = _payload(payload)
    for member in wanted["members"]:
        tell_change(tx, Changed(member, desks=[wanted["id"]]))
    lock_agency(tx.session, wanted["agency"])
    row = _check_desk(tx, wanted)
    row = row or Desk(id=wanted["id"], agency_id=wanted["agency"], created_at=tx.now)
    private = {name: wanted[name] for name in ("name", "mailbox")}
    row.sealed = tx.seal(row.agency_id, private, desk_label(row.id))
    _finish(tx, row, approval, wanted, "agency.desk_recorded", row.agency_id)
    _set_members(tx, row.id, set(wanted["members"]), approval.id)


def draft_certificate(tx: Transaction, request: Json) -> Drafted:
    """Draft a certificate for a person or desk. Raises VerificationFailed with the reason."""
    wanted = _new_id(tx, load_form(CertificateRequest, request), "ce")
    agency = _check_certificate(tx, wanted)
    certificate = load_certificate(wanted["pem"].encode())
    facts: dict[str, Json] = {
        "certificate": wanted["id"],
        "fingerprint": certificate_fingerprint(certificate),
    }
    return _drafted(request, wanted, stream=agency, facts=facts, subject=wanted["holder"])


def apply_certificate(tx: Transaction, approval: Approval, payload: Json) -> None:
    """Record the certificate after checking it once more."""
    wanted = _payload(payload)
    lock_agency(tx.session, get_agency_of(tx.session, wanted["holder"]))
    agency = _check_certificate(tx, wanted)
    certificate = load_certificate(wanted["pem"].encode())
    is_desk = wanted["holder"].startswith("d_")
    row = AgencyCertificate(
        id=wanted["id"],
        agency_id=agency,
        person_id=None if is_desk else wanted["holder"],
        desk_id=wanted["holder"] if is_desk else None,
        fingerprint=certificate_fingerprint(certificate),
        key_digest=key_digest(certificate),
        recipient_digest=_recipient_digest(tx, certificate),
        not_before=certificate.not_valid_before_utc,
        not_after=certificate.not_valid_after_utc,
        sealed=tx.seal(agency, {"pem": wanted["pem"]}, certificate_label(wanted["id"])),
        approval_id=approval.id,
        recorded_at=tx.now,
    )
    tx.session.add(row)
    facts: dict[str, Json] = {
        "approval": approval.id,
        "certificate": row.id,
        "fingerprint": row.fingerprint,
        "holder": row.holder,
    }
    tx.record("agency.certificate_recorded", agency, facts=facts, evidence=[row])


def draft_contact(tx: Transaction, request: Json) -> Drafted:
    """Draft a contact that the proposer found by a way of their own."""
    wanted = _new_id(tx, load_form(ContactRequest, request), "cn")
    subjects = {wanted["agency"], wanted["holder"]} - {None}
    if len(subjects) != 1:
        raise InvalidInput.at("/holder", "expected either an agency or a holder")
    wanted["agency"], wanted["holder"] = None, subjects.pop()
    wanted["value"] = normal_contact(wanted["kind"], wanted["value"])
    agency = _check_contact(tx, wanted)
    facts: dict[str, Json] = {"contact": wanted["id"], "kind": wanted["kind"]}
    return _drafted(request, wanted, stream=agency, facts=facts, subject=wanted["holder"])


def apply_contact(tx: Transaction, approval: Approval, payload: Json) -> None:
    """Record the contact with who found it and who approved it."""
    wanted = _payload(payload)
    tell_change(tx, Changed(wanted["holder"], contacts=[(wanted["kind"], wanted["value"])]))
    agency = lock_agency(tx.session, _check_contact(tx, wanted)).id
    private = {name: wanted[name] for name in ("value", "found_by_way")}
    row = VerifiedContact(
        id=wanted["id"],
        agency_id=agency,
        subject=wanted["holder"],
        kind=wanted["kind"],
        sealed=tx.seal(agency, private, contact_label(wanted["id"])),
        found_by=approval.proposed_by,
        approved_by=tx.actor.id,
        approval_id=approval.id,
        recorded_at=tx.now,
    )
    tx.session.add(row)
    facts: dict[str, Json] = {
        "approval": approval.id,
        "contact": row.id,
        "kind": row.kind,
        "subject": row.subject,
    }
    tx.record("agency.contact_recorded", agency, facts=facts, evidence=[row])


def draft_lift(tx: Transaction, request: Json) -> Drafted:
    """Draft the end of a suspension."""
    subject = load_form(LiftRequest, request)["subject"]
    suspension = _suspension_of(tx, subject)
    return Drafted(
        subject=subject,
        stream=get_agency_of(tx.session, subject),
        payload={"subject": subject, "suspension": suspension},
        facts={"suspension": suspension},
        request={"subject": subject},
    )


def apply_lift(tx: Transaction, approval: Approval, payload: Json) -> None:
    """End the suspension that was approved, and no later one."""
    wanted = _payload(payload)
    agency = lock_agency(tx.session, get_agency_of(tx.session, wanted["subject"])).id
    if _suspension_of(tx, wanted["subject"]) != wanted["suspension"]:
        raise WrongState("this suspension ended before")
    row = lock_row(tx.session, _model_of(wanted["subject"]), wanted["subject"], "subject")
    row.suspension_id, row.suspended_at = None, None
    facts: dict[str, Json] = {"approval": approval.id, **wanted}
    tx.record("agency.reinstated", agency, facts=facts)


def _identify(tx: Transaction, wanted: dict[str, Any], prefix: str) -> dict[str, Any]:
    if wanted["id"] is None and wanted["version"]:
        raise InvalidInput.at("/id", "expected the id of what is changed")
    return _new_id(tx, wanted, prefix)


def _new_id(tx: Transaction, wanted: dict[str, Any], prefix: str) -> dict[str, Any]:
    return wanted | {"id": wanted["id"] or tx.ids.new(prefix)}


def _drafted(
    request: Json,
    wanted: dict[str, Any],
    *,
    stream: str,
    facts: Mapping[str, Json],
    subject: str | None = None,
) -> Drafted:
    """Complete the request with the id that was chosen; what was asked stays as it was written."""
    return Drafted(
        subject=subject or wanted["id"],
        stream=stream,
        payload=wanted,
        facts=facts,
        request=cast("dict[str, Json]", request) | {"id": wanted["id"]},
    )


def _payload(payload: Json) -> dict[str, Any]:
    return cast("dict[str, Any]", payload)


def _check_organisation(tx: Transaction, wanted: Mapping[str, Any]) -> Agency | None:
    row = _find_locked(tx, Agency, wanted)
    check_coded(wanted["kind"], KINDS, "/kind")
    check_known_roles(wanted["roles"], tx.session.info.get(ISSUING_ROLES, ()))
    same = select(Agency.id).where(
        Agency.name_digest == _name_digest(tx, wanted), Agency.id != wanted["id"]
    )
    if tx.session.scalars(same).first() is not None:
        raise Duplicate("an agency of this name and country is known already")
    _check_prosecution(tx, wanted)
    return row


def _check_prosecution(tx: Transaction, wanted: Mapping[str, Any]) -> None:
    """Let an agency name one of its own State, or itself where it is one. Raises InvalidInput."""
    named = wanted["prosecution"]
    row = None if named is None else tx.session.get(Agency, named)
    if named is not None and (row is None or row.country != wanted["country"]):
        raise InvalidInput.at("/prosecution", "expected an agency of the register and this State")


def _check_person(tx: Transaction, wanted: Mapping[str, Any]) -> AgencyPerson | None:
    agency = _standing_agency(tx, wanted["agency"])
    row = _find_locked(tx, AgencyPerson, wanted)
    _check_belongs(row, agency)
    check_roles(wanted["roles"], agency.roles)
    same = select(AgencyPerson.id).where(
        AgencyPerson.email_digest == _email_digest(tx, wanted), AgencyPerson.id != wanted["id"]
    )
    if tx.session.scalars(same).first() is not None:
        raise Duplicate("a person with this e-mail address is known already")
    return row


def _check_desk(tx: Transaction, wanted: Mapping[str, Any]) -> Desk | None:
    agency = _standing_agency(tx, wanted["agency"])
    row = _find_locked(tx, Desk, wanted)
    _check_belongs(row, agency)
    for member in wanted["members"]:
        person = tx.session.get(AgencyPerson, member)
        if person is None or person.agency_id != agency.id:
            raise InvalidInput.at("/members", "expected people of the same agency")
    return row


def _check_certificate(tx: Transaction, wanted: Mapping[str, Any]) -> str:
    """Return the holder's agency when the certificate can be used and is nobody else's."""
    holder = get_holder(tx.session, wanted["holder"])
    check_not_suspended(is_suspended(tx.session, holder.id), "holder")
    certificate = load_certificate(wanted["pem"].encode())
    check_recipient(certificate, tx.now)
    same = select(AgencyCertificate).where(AgencyCertificate.key_digest == key_digest(certificate))
    for known in tx.session.scalars(same):
        if known.fingerprint == certificate_fingerprint(certificate):
            raise Duplicate(f"this certificate was recorded before, for {known.holder}")
        if known.holder != holder.id:
            raise Duplicate("the key of this certificate is somebody else's")
    alike = select(AgencyCertificate.id).where(
        AgencyCertificate.recipient_digest == _recipient_digest(tx, certificate)
    )
    if tx.session.scalars(alike).first() is not None:
        raise Duplicate(
            "a certificate with the same issuer and serial number was recorded before; a package "
            "could not tell the two apart: ask for one with a serial number of its own"
        )
    return holder.agency_id


def _check_contact(tx: Transaction, wanted: Mapping[str, Any]) -> str:
    return get_agency_of(tx.session, wanted["holder"])


def _standing_agency(tx: Transaction, agency_id: str) -> Agency:
    agency = get_row(tx.session, Agency, agency_id, "agency")
    check_not_suspended(agency.suspended_at is not None, "agency")
    return agency


def _find_locked(tx: Transaction, model: type[Row], wanted: Mapping[str, Any]) -> Row | None:
    """Return the row that is changed, None for a new one. Raises StaleVersion, NotFound."""
    row = tx.session.get(model, wanted["id"], with_for_update=True, populate_existing=True)
    if row is None and wanted["version"]:
        raise NotFound("no such agency, person or desk to change")
    check_version(row.version if row else None, wanted["version"])
    return row


def _check_belongs(row: AgencyPerson | Desk | None, agency: Agency) -> None:
    if row is not None and row.agency_id != agency.id:
        raise InvalidInput.at("/agency", "expected the agency that it belongs to")


def _finish(
    tx: Transaction,
    row: Agency | AgencyPerson | Desk,
    approval: Approval,
    wanted: Mapping[str, Any],
    event: str,
    stream: str,
) -> None:
    row.version, row.approval_id = wanted["version"] + 1, approval.id
    tx.session.add(row)
    tx.session.flush()
    facts: dict[str, Json] = {"approval": approval.id, "id": row.id, "version": row.version}
    tx.record(event, stream, facts=facts)


def _set_members(tx: Transaction, desk_id: str, wanted: set[str], approval_id: str) -> None:
    present = {member.person_id: member for member in list_members(tx.session, desk_id)}
    for person, member in present.items():
        if person not in wanted:
            member.ended_at = tx.now
    for person in sorted(wanted - set(present)):
        tx.session.add(
            DeskMember(
                id=tx.ids.new("dm"),
                desk_id=desk_id,
                person_id=person,
                approval_id=approval_id,
                since=tx.now,
            )
        )


def _suspension_of(tx: Transaction, subject: str) -> str:
    row = get_row(tx.session, _model_of(subject), subject, "agency, person or desk")
    if row.suspension_id is None:
        raise WrongState("it is not suspended itself")
    return str(row.suspension_id)


def _model_of(subject: str) -> Any:
    return {"a": Agency, "p": AgencyPerson, "d": Desk}[subject[0]]


def _name_digest(tx: Transaction, wanted: Mapping[str, Any]) -> str:
    return tx.index.digest("agency.name", f"{wanted['country']}/{wanted['name'].casefold()}")


def _email_digest(tx: Transaction, wanted: Mapping[str, Any]) -> str:
    return tx.index.digest("agency.email", wanted["email"].casefold())


def _recipient_digest(tx: Transaction, certificate: x509.Certificate) -> str:
    return tx.index.digest("agency.recipient", recipient_name(certificate))


def _declare(kind: str, draft: Draft, apply: Apply) -> None:
    register_kind(
        KindRule(
            kind,
            propose=Permission.AGENCY_PROPOSE,
            decide=Permission.AGENCY_DECIDE,
            apply=apply,
            draft=draft,
        )
    )


_declare(ORGANISATION, draft_organisation, apply_organisation)
_declare(PERSON, draft_person, apply_person)
_declare(DESK, draft_desk, apply_desk)
_declare(CERTIFICATE, draft_certificate, apply_certificate)
_declare(CONTACT, draft_contact, apply_contact)
_declare(LIFT, draft_lift, apply_lift)
