"""Tables of demands: plain columns hold ids, codes and dates; whatever names somebody is sealed."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import (
    CheckConstraint,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from lea_service.demands.states import State
from lea_service.kernel.database import CaseBase, UtcDateTime, append_only

_STATES = ", ".join(f"'{state}'" for state in State)


class Demand(CaseBase):
    """Where a demand stands. ``version`` counts every change, ``record_version`` names the record.

    ``legal_basis`` is None while the catalogue does not know it: then the words are sealed only.
    """

    __tablename__ = "demands"
    __table_args__ = (
        CheckConstraint(f"state IN ({_STATES})", name="state"),
        CheckConstraint("lane IN ('ordinary', 'sealed')", name="lane"),
        CheckConstraint("form IN ('written', 'oral')", name="form"),
        CheckConstraint("NOT is_emergency OR emergency_since IS NOT NULL", name="emergency"),
        CheckConstraint("record_version >= 1 AND record_version <= version", name="version"),
        Index(None, "recorded_at", "id"),
        Index(None, "state"),
        Index(None, "form", "state"),
        Index(None, "is_emergency", "received_at", "id"),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    state: Mapped[str] = mapped_column(String(16))
    state_since: Mapped[datetime] = mapped_column(UtcDateTime)
    lane: Mapped[str] = mapped_column(String(8), default="ordinary")
    version: Mapped[int]
    record_version: Mapped[int]
    agency_id: Mapped[str | None] = mapped_column(String(40), index=True)
    legal_basis: Mapped[str | None] = mapped_column(String(80))
    form: Mapped[str] = mapped_column(String(8), default="written")
    is_emergency: Mapped[bool] = mapped_column(default=False)
    is_authorised_orally: Mapped[bool] = mapped_column(default=False)
    emergency_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    order_date: Mapped[date] = mapped_column(Date)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    recorded_by: Mapped[str] = mapped_column(String(40))


class DemandRecord(CaseBase):
    """What was recorded, whole, as one version of a demand; never changed.

    ``sealed`` holds the document and the salt of ``digest``, so that nobody who lacks the file key
    can guess what was digested.
    """

    __tablename__ = "demand_records"

    demand_id: Mapped[str] = mapped_column(ForeignKey("demands.id"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    digest: Mapped[str] = mapped_column(String(43))
    sealed: Mapped[bytes]
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    recorded_by: Mapped[str] = mapped_column(String(40))


class DemandParty(CaseBase):
    """An agency, person or desk of the register that the newest record of a demand names.

    Only for finding demands: whom one names its sealed record says, and ``audit`` compares the two.
    """

    __tablename__ = "demand_parties"

    ref: Mapped[str] = mapped_column(String(40), primary_key=True)
    demand_id: Mapped[str] = mapped_column(ForeignKey("demands.id"), primary_key=True)


class DemandTarget(CaseBase):
    """The keyed digest of what the newest record of a demand asks about, and who asks.

    Only for finding; what it asks about the sealed record says.
    """

    __tablename__ = "demand_targets"

    digest: Mapped[str] = mapped_column(String(43), primary_key=True)
    demand_id: Mapped[str] = mapped_column(ForeignKey("demands.id"), primary_key=True)
    asked_by: Mapped[str | None] = mapped_column(String(40))


class MarkedIdentifier(CaseBase):
    """The keyed digest of an identifier that matters to us: of a colleague, or watched over.

    ``party`` is whose it is: an account, or the list of what is watched over.
    """

    __tablename__ = "marked_identifiers"
    __table_args__ = (CheckConstraint("mark IN ('own', 'watch')", name="mark"),)

    digest: Mapped[str] = mapped_column(String(43), primary_key=True)
    mark: Mapped[str] = mapped_column(String(8), primary_key=True)
    party: Mapped[str] = mapped_column(String(40), primary_key=True)
    approval_id: Mapped[str] = mapped_column(ForeignKey("approvals.id"))


class DemandShutOut(CaseBase):
    """Somebody who may not know of a demand: a person of ours, or of an authority; for good."""

    __tablename__ = "demand_shut_outs"
    __table_args__ = (Index(None, "party"),)

    demand_id: Mapped[str] = mapped_column(ForeignKey("demands.id"), primary_key=True)
    party: Mapped[str] = mapped_column(String(40), primary_key=True)
    since: Mapped[datetime] = mapped_column(UtcDateTime)


class DemandOrder(CaseBase):
    """The order as it arrived, encrypted under a key of its own; that key rests sealed.

    Its SHA-256 stands in the sealed record only.
    """

    __tablename__ = "demand_orders"
    __table_args__ = (
        ForeignKeyConstraint(
            ["demand_id", "version"], ["demand_records.demand_id", "demand_records.version"]
        ),
    )

    demand_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    key_sealed: Mapped[bytes]
    content: Mapped[bytes]


class DemandHold(CaseBase):
    """Something that keeps a demand from going on until it is released."""

    __tablename__ = "demand_holds"
    __table_args__ = (
        Index(
            "uq_demand_holds_open",
            "demand_id",
            "code",
            unique=True,
            sqlite_where=text("released_at IS NULL"),
            postgresql_where=text("released_at IS NULL"),
        ),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    demand_id: Mapped[str] = mapped_column(ForeignKey("demands.id"))
    code: Mapped[str] = mapped_column(String(40))
    since: Mapped[datetime] = mapped_column(UtcDateTime)
    held_by: Mapped[str] = mapped_column(String(40))
    released_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class DemandArrival(CaseBase):
    """The keyed digest of what arrived (request and order), by which an exact replay is found."""

    __tablename__ = "demand_arrivals"

    digest: Mapped[str] = mapped_column(String(43), primary_key=True)
    demand_id: Mapped[str] = mapped_column(ForeignKey("demands.id"), index=True)


class DemandLikeness(CaseBase):
    """A keyed digest by which the newest record of a demand is like that of another demand."""

    __tablename__ = "demand_likenesses"
    __table_args__ = (CheckConstraint("kind IN ('order', 'document')", name="kind"),)

    demand_id: Mapped[str] = mapped_column(ForeignKey("demands.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(10), primary_key=True)
    digest: Mapped[str] = mapped_column(String(43), index=True)


class DemandRequest(CaseBase):
    """What one actor was answered under one Idempotency-Key; only keyed digests and a seal."""

    __tablename__ = "demand_requests"

    actor_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    key_digest: Mapped[str] = mapped_column(String(43), primary_key=True)
    request_digest: Mapped[str] = mapped_column(String(43))
    demand_id: Mapped[str] = mapped_column(ForeignKey("demands.id"), index=True)
    answer_sealed: Mapped[bytes]
    answered_at: Mapped[datetime] = mapped_column(UtcDateTime)


for _model in (DemandRecord, DemandOrder, DemandShutOut):
    append_only(_model.__table__)  # type: ignore[arg-type]
