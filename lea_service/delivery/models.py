"""Tables of the hand-over: receivers' tokens, what was made available, receipts."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Integer,
    LargeBinary,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from lea_service.kernel.database import CaseBase, UtcDateTime, append_only


class ReceiverToken(CaseBase):
    """What two of us granted a person: first a code to claim it with, then the person's token.

    Of code and token only SHA-256 is kept. Claiming empties ``code_digest`` and sets
    ``token_digest``; ending it sets ``revoked_at``.
    """

    __tablename__ = "receiver_tokens"
    __table_args__ = (
        CheckConstraint("(claimed_at IS NULL) = (token_digest IS NULL)", name="claimed"),
        CheckConstraint("code_digest IS NULL OR claimed_at IS NULL", name="code"),
        CheckConstraint("(revoked_at IS NULL) = (revoked_by IS NULL)", name="revoked"),
        CheckConstraint("granted_at < expires_at", name="dates"),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("agency_people.id"), index=True)
    agency_id: Mapped[str] = mapped_column(ForeignKey("agencies.id"))
    approval_id: Mapped[str] = mapped_column(ForeignKey("approvals.id"), unique=True)
    granted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    code_digest: Mapped[bytes | None] = mapped_column(LargeBinary(32), unique=True)
    code_issued_by: Mapped[str | None] = mapped_column(String(40))
    code_expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    token_digest: Mapped[bytes | None] = mapped_column(LargeBinary(32), unique=True)
    claimed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revoked_by: Mapped[str | None] = mapped_column(String(40))
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Delivery(CaseBase):
    """A package that was made available, and until when it should be collected; never changed.

    A demand has one for each instalment: of several packages of one only the last may leave.
    """

    __tablename__ = "deliveries"
    __table_args__ = (
        UniqueConstraint("demand_id", "instalment"),
        CheckConstraint("available_at < pick_up_by", name="dates"),
    )

    package_id: Mapped[str] = mapped_column(ForeignKey("packages.id"), primary_key=True)
    demand_id: Mapped[str] = mapped_column(ForeignKey("demands.id"))
    instalment: Mapped[int]
    available_at: Mapped[datetime] = mapped_column(UtcDateTime)
    pick_up_by: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class DeliveryReceiver(CaseBase):
    """For whom a package is: a person or a desk; never changed."""

    __tablename__ = "delivery_receivers"

    package_id: Mapped[str] = mapped_column(ForeignKey("deliveries.package_id"), primary_key=True)
    receiver: Mapped[str] = mapped_column(String(40), primary_key=True, index=True)


class Receipt(CaseBase):
    """Somebody named the secret that lies inside the package; never changed."""

    __tablename__ = "receipts"

    package_id: Mapped[str] = mapped_column(ForeignKey("packages.id"), primary_key=True)
    id: Mapped[str] = mapped_column(String(40), unique=True)
    demand_id: Mapped[str] = mapped_column(ForeignKey("demands.id"), index=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("agency_people.id"))
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ReceiptAttempts(CaseBase):
    """Wrong codes of one person for one package, within one window."""

    __tablename__ = "receipt_attempts"

    package_id: Mapped[str] = mapped_column(ForeignKey("packages.id"), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("agency_people.id"), primary_key=True)
    failures: Mapped[int] = mapped_column(Integer)
    last_at: Mapped[datetime] = mapped_column(UtcDateTime)


for _model in (Delivery, DeliveryReceiver, Receipt):
    append_only(_model.__table__)  # type: ignore[arg-type]
