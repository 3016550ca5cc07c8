"""The letters that went out; each stays as it was."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lea_service.kernel.database import CaseBase, UtcDateTime, append_only


class Letter(CaseBase):
    """One letter in one language; ``subject`` is the question, refusal, … that it is about."""

    __tablename__ = "letters"
    __table_args__ = (
        UniqueConstraint("demand_id", "about", "subject", "language"),
        CheckConstraint(
            "about IN ('question', 'refusal', 'narrowing', 'annex', 'referral', 'late')",
            name="about",
        ),
        CheckConstraint("language IN ('nl', 'en')", name="language"),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    demand_id: Mapped[str] = mapped_column(ForeignKey("demands.id"))
    about: Mapped[str] = mapped_column(String(9))
    subject: Mapped[str] = mapped_column(String(40))
    language: Mapped[str] = mapped_column(String(2))
    text_sealed: Mapped[bytes]
    sent_by: Mapped[str] = mapped_column(String(40))
    sent_at: Mapped[datetime] = mapped_column(UtcDateTime)


append_only(Letter.__table__)  # type: ignore[arg-type]
