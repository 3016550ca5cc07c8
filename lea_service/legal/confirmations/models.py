"""Tables of confirmations and breaches: ids, codes and instants; whatever was written is sealed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from lea_service.kernel.database import CaseBase, UtcDateTime, append_only


class WrittenConfirmation(CaseBase):
    """The written order, or its validation, that came after the decision; never changed.

    ``is_whole`` is false where a validation is owed still: then another one follows. It is
    encrypted under a key of its own, and ``sealed`` holds that key and what it is.
    """

    __tablename__ = "written_confirmations"

    demand_id: Mapped[str] = mapped_column(ForeignKey("demands.id"), primary_key=True)
    is_whole: Mapped[bool] = mapped_column(primary_key=True)
    sealed: Mapped[bytes]
    content: Mapped[bytes]
    recorded_by: Mapped[str] = mapped_column(String(40))
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
    demand_id: Mapped[str] = mapped_column(ForeignKey("demands.id"), unique=True)
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


for _model in (WrittenConfirmation, BreachNotice, BreachAssessment):
    append_only(_model.__table__)  # type: ignore[arg-type]
