"""Tables of confirmations and breaches: ids, codes and instants; whatever was written is sealed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from lea_service.kernel.database import CaseBase, UtcDateTime, append_only


class ConfirmationPaper(CaseBase):
    """A paper that somebody brought as the writing of an order, or its validation; never changed.

    It pays nothing by itself. It is encrypted under a key of its own; ``sealed`` holds that key,
    what it is, and how it differs from version ``record_version`` of the record.
    """

    __tablename__ = "confirmation_papers"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    demand_id: Mapped[str] = mapped_column(ForeignKey("demands.id"))
    record_version: Mapped[int]
    sealed: Mapped[bytes]
    content: Mapped[bytes]
    brought_by: Mapped[str] = mapped_column(String(40))
    brought_at: Mapped[datetime] = mapped_column(UtcDateTime)


class WrittenConfirmation(CaseBase):
    """A paper that paid what an order owed, by the approval of two people; never changed.

    ``is_whole`` is false where a validation is owed still: then another one follows.
    """

    __tablename__ = "written_confirmations"

    demand_id: Mapped[str] = mapped_column(ForeignKey("demands.id"), primary_key=True)
    is_whole: Mapped[bool] = mapped_column(primary_key=True)
    paper_id: Mapped[str] = mapped_column(ForeignKey("confirmation_papers.id"), unique=True)
    approval_id: Mapped[str] = mapped_column(ForeignKey("approvals.id"))
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)


class BreachNotice(CaseBase):
    """Something that those who oversee have to assess as a possible breach; never changed.

    ``late`` is when what was owed had run out by the widest reading, or when the agency was called
    that denies it, ``officer`` in whose name it came, and ``has_produced`` whether anything had
    been handed over by then.
    """

    __tablename__ = "breach_notices"
    __table_args__ = (
        CheckConstraint(
            "cause IN ('confirmation_unpaid', 'confirmation_late', 'denied_after_hand_over')",
            name="cause",
        ),
        Index(None, "opened_at", "id"),
        Index(None, "officer"),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    demand_id: Mapped[str] = mapped_column(ForeignKey("demands.id"), index=True)
    cause: Mapped[str] = mapped_column(String(40))
    officer: Mapped[str | None] = mapped_column(String(40))
    agency_id: Mapped[str | None] = mapped_column(String(40))
    late: Mapped[datetime] = mapped_column(UtcDateTime)
    has_produced: Mapped[bool]
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)


class BreachAssessment(CaseBase):
    """What somebody who oversees made of a breach notice; never changed."""

    __tablename__ = "breach_assessments"
    __table_args__ = (CheckConstraint("outcome IN ('breach', 'no_breach')", name="outcome"),)

    notice_id: Mapped[str] = mapped_column(ForeignKey("breach_notices.id"), primary_key=True)
    demand_id: Mapped[str] = mapped_column(ForeignKey("demands.id"))
    outcome: Mapped[str] = mapped_column(String(12))
    assessment_sealed: Mapped[bytes]
    assessed_by: Mapped[str] = mapped_column(String(40))
    assessed_at: Mapped[datetime] = mapped_column(UtcDateTime)


for _model in (ConfirmationPaper, WrittenConfirmation, BreachNotice, BreachAssessment):
    append_only(_model.__table__)  # type: ignore[arg-type]
