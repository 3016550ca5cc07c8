"""Tables of authenticity: calls to an agency, what was seen of a document, the policies."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lea_service.kernel.canonical import Json
from lea_service.kernel.database import CaseBase, UtcDateTime, append_only


class CallBack(CaseBase):
    """Somebody of ours called a number of the register about one record of a demand.

    ``subject`` is the agency or person whose number it was; ``sealed`` holds whom they spoke to,
    the code word and a note.
    """

    __tablename__ = "call_backs"
    __table_args__ = (
        UniqueConstraint("demand_id", "n"),
        CheckConstraint("outcome IN ('confirmed', 'denied', 'unreachable')", name="outcome"),
        CheckConstraint("called_at <= recorded_at", name="dates"),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    demand_id: Mapped[str] = mapped_column(ForeignKey("demands.id"))
    n: Mapped[int]
    record_version: Mapped[int]
    contact_id: Mapped[str] = mapped_column(ForeignKey("verified_contacts.id"))
    subject: Mapped[str] = mapped_column(String(40))
    outcome: Mapped[str] = mapped_column(String(11))
    sealed: Mapped[bytes]
    called_by: Mapped[str] = mapped_column(String(40))
    called_at: Mapped[datetime] = mapped_column(UtcDateTime)
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)


class AuthenticityReport(CaseBase):
    """What was seen of the order document in one assessment, and of whom the demand is.

    ``observations`` are codes with what was seen, which names nobody; ``sealed`` holds the details
    that do. ``allows`` says what the policy made of everything at that instant.
    """

    __tablename__ = "authenticity_reports"

    assessment_id: Mapped[str] = mapped_column(ForeignKey("assessments.id"), primary_key=True)
    demand_id: Mapped[str] = mapped_column(ForeignKey("demands.id"), index=True)
    agency_id: Mapped[str | None] = mapped_column(String(40))
    person_id: Mapped[str | None] = mapped_column(String(40))
    policy_version: Mapped[int]
    policy_digest: Mapped[str] = mapped_column(String(43))
    allows: Mapped[bool]
    observations: Mapped[list[Json]] = mapped_column(JSON)
    sealed: Mapped[bytes]
    observed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class AuthenticityPolicy(CaseBase):
    """One version of the policy, decided on by two people; the newest counts.

    Version 0 is what ships, and no row.
    """

    __tablename__ = "authenticity_policies"
    __table_args__ = (CheckConstraint("version > 0", name="version"),)

    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    document: Mapped[Json] = mapped_column(JSON)
    digest: Mapped[str] = mapped_column(String(43))
    approval_id: Mapped[str] = mapped_column(ForeignKey("approvals.id"), unique=True)
    set_at: Mapped[datetime] = mapped_column(UtcDateTime)


for _model in (CallBack, AuthenticityReport, AuthenticityPolicy):
    append_only(_model.__table__)  # type: ignore[arg-type]
