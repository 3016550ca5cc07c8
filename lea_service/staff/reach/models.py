"""Tables of reachability: who was asked, who is away, and when too few could be reached."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from lea_service.kernel.database import CaseBase, UtcDateTime, append_only


class ReachTest(CaseBase):
    """An approver was asked for a code; ``answered_at`` is when it came back."""

    __tablename__ = "reach_tests"
    __table_args__ = (
        CheckConstraint("sent_at < due_at", name="term"),
        CheckConstraint("answered_at IS NULL OR answered_at >= sent_at", name="answer"),
        Index(None, "account_id", "sent_at"),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"))
    sent_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class AbsenceRow(CaseBase):
    """What somebody said of being away, last: a period, or none at all. Never changed."""

    __tablename__ = "absences"
    __table_args__ = (
        CheckConstraint(
            "(since IS NULL AND until IS NULL) OR "
            "(since IS NOT NULL AND until IS NOT NULL AND since < until)",
            name="period",
        ),
        Index(None, "account_id", "entered_at"),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"))
    since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    entered_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ReachAlarm(CaseBase):
    """Fewer approvers than it takes could be reached, from ``began_at`` until ``ended_at``."""

    __tablename__ = "reach_alarms"
    __table_args__ = (CheckConstraint("ended_at IS NULL OR ended_at >= began_at", name="dates"),)

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    began_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


append_only(AbsenceRow.__table__)  # type: ignore[arg-type]
