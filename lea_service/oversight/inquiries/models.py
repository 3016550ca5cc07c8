"""Inquiries that two people agreed to: what is looked for, never whom."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from lea_service.kernel.database import CaseBase, UtcDateTime, append_only
from lea_service.oversight.inquiries.rules import Question

_QUESTIONS = ", ".join(f"'{one}'" for one in Question)


class Inquiry(CaseBase):
    """A question across demands; never changed.

    Of a subscriber ``digests`` are by which demands are found, of anything else ``about`` is the
    code or digest that is looked for. Reason and identifiers are sealed with the approval.
    """

    __tablename__ = "inquiries"
    __table_args__ = (
        CheckConstraint(f"question IN ({_QUESTIONS})", name="question"),
        CheckConstraint("(question = 'subject') = (about IS NULL)", name="about"),
    )

    approval_id: Mapped[str] = mapped_column(ForeignKey("approvals.id"), primary_key=True)
    question: Mapped[str] = mapped_column(String(20))
    about: Mapped[str | None] = mapped_column(String(80))
    digests: Mapped[list[str]] = mapped_column(JSON)
    agreed_at: Mapped[datetime] = mapped_column(UtcDateTime)


append_only(Inquiry.__table__)  # type: ignore[arg-type]
