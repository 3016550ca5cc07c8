"""Tables of agencies; whatever names somebody is sealed under the key of the agency's stream."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from lea_service.kernel.database import CaseBase, UtcDateTime, append_only

_HOLDER = "(person_id IS NULL) <> (desk_id IS NULL)"
_SUSPENSION = "(suspension_id IS NULL) = (suspended_at IS NULL)"


class Agency(CaseBase):
    """An organisation that may demand data. ``roles`` are the issuing roles its people may hold.

    ``prosecution`` is the one that is told of what this one leaves undone, itself perhaps.
    """

    __tablename__ = "agencies"
    __table_args__ = (
        CheckConstraint("version > 0", name="version"),
        CheckConstraint(_SUSPENSION, name="suspension"),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    name_digest: Mapped[str] = mapped_column(String(43), unique=True)
    kind: Mapped[str] = mapped_column(String(40))
    country: Mapped[str] = mapped_column(String(2))
    roles: Mapped[list[str]] = mapped_column(JSON)
    prosecution: Mapped[str | None] = mapped_column(ForeignKey("agencies.id"))
    sealed: Mapped[bytes]
    version: Mapped[int]
    approval_id: Mapped[str] = mapped_column(ForeignKey("approvals.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    suspension_id: Mapped[str | None] = mapped_column(String(40))
    suspended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class AgencyPerson(CaseBase):
    """A person of an agency. ``sealed`` holds name, function and e-mail address."""

    __tablename__ = "agency_people"
    __table_args__ = (
        CheckConstraint("version > 0", name="version"),
        CheckConstraint(_SUSPENSION, name="suspension"),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    agency_id: Mapped[str] = mapped_column(ForeignKey("agencies.id"), index=True)
    email_digest: Mapped[str] = mapped_column(String(43), unique=True)
    roles: Mapped[list[str]] = mapped_column(JSON)
    sealed: Mapped[bytes]
    version: Mapped[int]
    approval_id: Mapped[str] = mapped_column(ForeignKey("approvals.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    suspension_id: Mapped[str | None] = mapped_column(String(40))
    suspended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Desk(CaseBase):
    """A functional mailbox of an agency. ``sealed`` holds its name and mailbox."""

    __tablename__ = "desks"
    __table_args__ = (
        CheckConstraint("version > 0", name="version"),
        CheckConstraint(_SUSPENSION, name="suspension"),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    agency_id: Mapped[str] = mapped_column(ForeignKey("agencies.id"), index=True)
    sealed: Mapped[bytes]
    version: Mapped[int]
    approval_id: Mapped[str] = mapped_column(ForeignKey("approvals.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    suspension_id: Mapped[str | None] = mapped_column(String(40))
    suspended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class DeskMember(CaseBase):
    """A person who reads a desk's mailbox from ``since`` until ``ended_at``."""

    __tablename__ = "desk_members"
    __table_args__ = (
        Index(
            "uq_desk_members_current",
            "desk_id",
            "person_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    desk_id: Mapped[str] = mapped_column(ForeignKey("desks.id"))
    person_id: Mapped[str] = mapped_column(ForeignKey("agency_people.id"), index=True)
    approval_id: Mapped[str] = mapped_column(ForeignKey("approvals.id"))
    since: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class AgencyCertificate(CaseBase):
    """A certificate of a person or desk to which packages are encrypted; never changed.

    ``fingerprint`` is SHA-256 (hex) over the certificate, ``key_digest`` over its public key;
    ``recipient_digest`` finds issuer and serial number, of which no two may have the same;
    ``sealed`` holds the PEM, since its subject may name somebody.
    """

    __tablename__ = "agency_certificates"
    __table_args__ = (
        CheckConstraint(_HOLDER, name="holder"),
        CheckConstraint("not_before < not_after", name="dates"),
        Index(None, "person_id"),
        Index(None, "desk_id"),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    agency_id: Mapped[str] = mapped_column(ForeignKey("agencies.id"))
    person_id: Mapped[str | None] = mapped_column(ForeignKey("agency_people.id"))
    desk_id: Mapped[str | None] = mapped_column(ForeignKey("desks.id"))
    fingerprint: Mapped[str] = mapped_column(String(64), unique=True)
    key_digest: Mapped[str] = mapped_column(String(64), index=True)
    recipient_digest: Mapped[str] = mapped_column(String(43), unique=True)
    not_before: Mapped[datetime] = mapped_column(UtcDateTime)
    not_after: Mapped[datetime] = mapped_column(UtcDateTime)
    sealed: Mapped[bytes]
    approval_id: Mapped[str] = mapped_column(ForeignKey("approvals.id"))
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)

    @property
    def holder(self) -> str:
        """Return the id of the person or desk."""
        return self.person_id or self.desk_id or ""


class CertificateRevocation(CaseBase):
    """Somebody here ended our trust in a certificate; for good."""

    __tablename__ = "certificate_revocations"

    certificate_id: Mapped[str] = mapped_column(
        ForeignKey("agency_certificates.id"), primary_key=True
    )
    revoked_by: Mapped[str] = mapped_column(String(40))
    ground: Mapped[str] = mapped_column(String(40))
    revoked_at: Mapped[datetime] = mapped_column(UtcDateTime)


class VerifiedContact(CaseBase):
    """A way to reach an agency that we found ourselves; the newest of a kind counts.

    ``sealed`` holds the value and the way it was found. ``subject`` is an agency, person or desk.
    """

    __tablename__ = "verified_contacts"
    __table_args__ = (
        CheckConstraint("kind IN ('phone', 'email', 'post')", name="kind"),
        CheckConstraint("found_by <> approved_by", name="two_people"),
        Index(None, "subject", "kind"),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    agency_id: Mapped[str] = mapped_column(ForeignKey("agencies.id"), index=True)
    subject: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(8))
    sealed: Mapped[bytes]
    found_by: Mapped[str] = mapped_column(String(40))
    approved_by: Mapped[str] = mapped_column(String(40))
    approval_id: Mapped[str] = mapped_column(ForeignKey("approvals.id"))
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)


class AgencySuspension(CaseBase):
    """Somebody stopped an agency, person or desk; only an approval lifts it."""

    __tablename__ = "agency_suspensions"
    __table_args__ = (Index(None, "subject"),)

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    agency_id: Mapped[str] = mapped_column(ForeignKey("agencies.id"))
    subject: Mapped[str] = mapped_column(String(40))
    suspended_by: Mapped[str] = mapped_column(String(40))
    ground: Mapped[str] = mapped_column(String(40))
    since: Mapped[datetime] = mapped_column(UtcDateTime)


for _model in (AgencyCertificate, CertificateRevocation, VerifiedContact, AgencySuspension):
    append_only(_model.__table__)  # type: ignore[arg-type]
