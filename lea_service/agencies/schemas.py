"""Forms of what is sent about agencies, and of what is shown."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from lea_service.agencies.rules import KINDS, REVOKED, SUSPENDED
from lea_service.web.schemas import Count, Flag, Identifier, Instant, StrictSchema, Text, coded

ROLE = validate.Regexp(r"[a-z][a-z0-9_.-]{1,59}\Z", error="Expected the code of an issuing role.")
COUNTRY = validate.Regexp(r"[A-Z]{2}\Z", error="Expected a country as two capitals (ISO 3166-1).")
MAX_ROLES = 50
MAX_MEMBERS = 100
PEM_BYTES = 20_000


def _roles() -> Any:
    return fields.List(
        fields.String(validate=ROLE),
        required=True,
        validate=validate.Length(max=MAX_ROLES),
        metadata={"description": "Codes of issuing roles, as the legal catalogue has them."},
    )


class _Versioned(StrictSchema):
    version = Count(
        load_default=0, metadata={"description": "The version that is changed; 0 for a new one."}
    )


class OrganisationRequest(_Versioned):
    """An agency as it should be."""

    id = Identifier("a", load_default=None, allow_none=True)
    name = Text(200, required=True)
    kind = coded(KINDS)
    country = fields.String(required=True, validate=COUNTRY)
    roles = _roles()
    prosecution = Identifier(
        "a",
        load_default=None,
        allow_none=True,
        metadata={"description": "The agency that is told of what it leaves undone."},
    )


class PersonRequest(_Versioned):
    """A person of an agency as it should be."""

    id = Identifier("p", load_default=None, allow_none=True)
    agency = Identifier("a", required=True)
    name = Text(200, required=True)
    function = Text(200, required=True)
    email = Text(254, required=True)
    roles = _roles()


class DeskRequest(_Versioned):
    """A functional mailbox with the people who read it."""

    id = Identifier("d", load_default=None, allow_none=True)
    agency = Identifier("a", required=True)
    name = Text(200, required=True)
    mailbox = Text(254, required=True)
    members = fields.List(Identifier("p"), required=True, validate=validate.Length(max=MAX_MEMBERS))


class CertificateRequest(StrictSchema):
    """A certificate to which packages for a person or desk will be encrypted."""

    id = Identifier("ce", load_default=None, allow_none=True)
    holder = Identifier("p", "d", required=True)
    pem = fields.String(required=True, validate=validate.Length(1, PEM_BYTES))


class ContactRequest(StrictSchema):
    """A phone number or address that we found ourselves, not one that a demand told us."""

    id = Identifier("cn", load_default=None, allow_none=True)
    agency = Identifier("a", load_default=None, allow_none=True)
    holder = Identifier("a", "p", "d", load_default=None, allow_none=True)
    kind = fields.String(required=True, validate=validate.OneOf(["phone", "email", "post"]))
    value = Text(500, required=True)
    found_by_way = Text(500, required=True)


class LiftRequest(StrictSchema):
    """Whose suspension ends."""

    subject = Identifier("a", "p", "d", required=True)


class AgencySchema(StrictSchema):
    """An agency."""

    id = fields.String(required=True)
    name = fields.String(required=True)
    kind = fields.String(required=True)
    country = fields.String(required=True)
    roles = fields.List(fields.String(), required=True)
    prosecution = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "The agency that is told of what this one leaves undone."},
    )
    is_suspended = Flag(required=True)
    version = fields.Integer(required=True)


class PersonSchema(StrictSchema):
    """A person of an agency."""

    id = fields.String(required=True)
    agency = fields.String(required=True)
    name = fields.String(required=True)
    function = fields.String(required=True)
    email = fields.String(required=True)
    roles = fields.List(fields.String(), required=True)
    is_suspended = Flag(required=True)
    version = fields.Integer(required=True)


class DeskSchema(StrictSchema):
    """A desk of an agency."""

    id = fields.String(required=True)
    agency = fields.String(required=True)
    name = fields.String(required=True)
    mailbox = fields.String(required=True)
    members = fields.List(fields.String(), required=True)
    is_suspended = Flag(required=True)
    version = fields.Integer(required=True)


class CertificateSchema(StrictSchema):
    """A certificate of a person or desk."""

    id = fields.String(required=True)
    holder = fields.String(required=True)
    fingerprint = fields.String(required=True, metadata={"description": "SHA-256 in hex."})
    not_before = Instant(required=True)
    not_after = Instant(required=True)
    recorded_at = Instant(required=True)
    revoked_at = Instant(required=True, allow_none=True)
    revocation_ground = fields.String(required=True, allow_none=True)


class ContactSchema(StrictSchema):
    """A way to reach somebody that we found ourselves, and two of us stand for."""

    id = fields.String(required=True)
    subject = fields.String(required=True)
    kind = fields.String(required=True)
    value = fields.String(required=True)
    found_by_way = fields.String(required=True)
    found_by = fields.String(required=True)
    approved_by = fields.String(required=True)
    recorded_at = Instant(required=True)
    is_current = Flag(required=True)


class AgencyDetailSchema(StrictSchema):
    """An agency with everything that is known of it."""

    agency = fields.Nested(AgencySchema, required=True)
    people = fields.List(fields.Nested(PersonSchema), required=True)
    desks = fields.List(fields.Nested(DeskSchema), required=True)
    certificates = fields.List(fields.Nested(CertificateSchema), required=True)
    contacts = fields.List(fields.Nested(ContactSchema), required=True)


class SuspensionRequest(StrictSchema):
    """Whom to suspend, at once, and why."""

    subject = Identifier("a", "p", "d", required=True)
    ground = coded(SUSPENDED)


class SuspensionSchema(StrictSchema):
    """A suspension; two people lift it."""

    id = fields.String(required=True)
    subject = fields.String(required=True)
    ground = fields.String(required=True)
    since = Instant(required=True)


class RevocationRequest(StrictSchema):
    """Why a certificate is no longer trusted."""

    ground = coded(REVOKED)
