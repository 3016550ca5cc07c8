"""The forms of Annex III that we filled in; each stays as it was.

Codes stand in the open, what people wrote is sealed under the demand's file key.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lea_service.kernel.database import CaseBase, UtcDateTime, append_only


class AnnexForm(CaseBase):
    """One form about a European order.

    ``clarification_id`` is the question it put, where the demand waits for the authority;
    ``table_digest`` says by which table of reasons it was filled in.
    """

    __tablename__ = "annex_forms"
    __table_args__ = (
        UniqueConstraint("demand_id", "n"),
        CheckConstraint("certificate IN ('production', 'preservation')", name="certificate"),
        CheckConstraint("effect IN ('asks', 'waits', 'ends', 'goes_on')", name="effect"),
        CheckConstraint(
            "(effect IN ('asks', 'waits')) = (clarification_id IS NOT NULL)", name="waits"
        ),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    demand_id: Mapped[str] = mapped_column(ForeignKey("demands.id"))
    n: Mapped[int]
    assessment_id: Mapped[str] = mapped_column(ForeignKey("assessments.id"))
    certificate: Mapped[str] = mapped_column(String(12))
    reasons: Mapped[list[str]] = mapped_column(JSON)
    effect: Mapped[str] = mapped_column(String(7))
    findings: Mapped[list[str]] = mapped_column(JSON)
    clarification_id: Mapped[str | None] = mapped_column(ForeignKey("clarifications.id"))
    table_digest: Mapped[str] = mapped_column(String(43))
    statement_sealed: Mapped[bytes]
    filed_by: Mapped[str] = mapped_column(String(40))
    filed_at: Mapped[datetime] = mapped_column(UtcDateTime)


append_only(AnnexForm.__table__)  # type: ignore[arg-type]
