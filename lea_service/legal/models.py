"""Tables of the legal check: what was found, accepted, asked, answered and refused; it all stays.

Findings hold codes, dates and counts; what people wrote is sealed under the demand's file key.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from lea_service.kernel.canonical import Json
from lea_service.kernel.database import CaseBase, UtcDateTime, append_only


class Assessment(CaseBase):
    """One run of the checks over one record of a demand, by one version of the catalogue.

    ``legal_basis`` is None while the catalogue does not know it; ``basis_digest`` is that of the
    row, of all its editions, that was applied. ``outcome`` is the gravest of the findings.
    ``compared_sealed`` holds the values that differ from the order, by finding.
    """

    __tablename__ = "assessments"
    __table_args__ = (
        UniqueConstraint("demand_id", "n"),
        ForeignKeyConstraint(
            ["demand_id", "record_version"], ["demand_records.demand_id", "demand_records.version"]
        ),
        CheckConstraint("outcome IN ('pass', 'clarify', 'ask_human', 'defect')", name="outcome"),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    demand_id: Mapped[str] = mapped_column(ForeignKey("demands.id"))
    n: Mapped[int]
    record_version: Mapped[int]
    catalogue_version: Mapped[str] = mapped_column(String(40))
    catalogue_digest: Mapped[str] = mapped_column(String(43))
    legal_basis: Mapped[str | None] = mapped_column(String(80))
    basis_digest: Mapped[str | None] = mapped_column(String(43))
    outcome: Mapped[str] = mapped_column(String(9))
    findings: Mapped[list[Json]] = mapped_column(JSON)
    compared_sealed: Mapped[bytes]
    assessed_by: Mapped[str] = mapped_column(String(40))
    assessed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Acceptance(CaseBase):
    """Somebody took findings of one code upon themselves, with a reason."""

    __tablename__ = "acceptances"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    assessment_id: Mapped[str] = mapped_column(ForeignKey("assessments.id"), index=True)
    findings: Mapped[list[str]] = mapped_column(JSON)
    reason_sealed: Mapped[bytes]
    accepted_by: Mapped[str] = mapped_column(String(40))
    accepted_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Refusal(CaseBase):
    """A person refused the demand: the coded ground, the findings it rests on, the explanation."""

    __tablename__ = "refusals"

    demand_id: Mapped[str] = mapped_column(ForeignKey("demands.id"), primary_key=True)
    assessment_id: Mapped[str] = mapped_column(ForeignKey("assessments.id"))
    ground: Mapped[str] = mapped_column(String(40))
    findings: Mapped[list[str]] = mapped_column(JSON)
    explanation_sealed: Mapped[bytes]
    refused_by: Mapped[str] = mapped_column(String(40))
    refused_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Clarification(CaseBase):
    """A question to the authority: ``findings`` it is about, and codes of why it is asked."""

    __tablename__ = "clarifications"
    __table_args__ = (UniqueConstraint("demand_id", "n"),)

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    demand_id: Mapped[str] = mapped_column(ForeignKey("demands.id"))
    n: Mapped[int]
    findings: Mapped[list[str]] = mapped_column(JSON)
    reasons: Mapped[list[str]] = mapped_column(JSON)
    question_sealed: Mapped[bytes]
    asked_by: Mapped[str] = mapped_column(String(40))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ClarificationAnswer(CaseBase):
    """What the authority answered, as one of us recorded it."""

    __tablename__ = "clarification_answers"

    clarification_id: Mapped[str] = mapped_column(ForeignKey("clarifications.id"), primary_key=True)
    answer_sealed: Mapped[bytes]
    recorded_by: Mapped[str] = mapped_column(String(40))
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Narrowing(CaseBase):
    """Somebody left something of the demand out of what is given: what, and on which ground.

    ``findings`` are those it rests on, ``settled`` those that are about nothing that is left. It
    counts as long as its assessment does.
    """

    __tablename__ = "narrowings"
    __table_args__ = (
        UniqueConstraint("assessment_id", "number"),
        CheckConstraint(
            "ground IN ('category_outside_basis', 'period_wrong', 'not_held', 'wrong_addressee', "
            "'agreed')",
            name="ground",
        ),
        CheckConstraint("(ground = 'agreed') = (clarification_id IS NOT NULL)", name="agreement"),
        CheckConstraint(
            "category IS NULL OR (keep_from IS NULL AND keep_until IS NULL)", name="one_thing"
        ),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    demand_id: Mapped[str] = mapped_column(ForeignKey("demands.id"), index=True)
    assessment_id: Mapped[str] = mapped_column(ForeignKey("assessments.id"))
    number: Mapped[int]
    item: Mapped[int]
    ground: Mapped[str] = mapped_column(String(40))
    category: Mapped[str | None] = mapped_column(String(40))
    keep_from: Mapped[datetime | None] = mapped_column(UtcDateTime)
    keep_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    clarification_id: Mapped[str | None] = mapped_column(ForeignKey("clarifications.id"))
    findings: Mapped[list[str]] = mapped_column(JSON)
    settled: Mapped[list[str]] = mapped_column(JSON)
    reason_sealed: Mapped[bytes]
    narrowed_by: Mapped[str] = mapped_column(String(40))
    narrowed_at: Mapped[datetime] = mapped_column(UtcDateTime)


for _model in (Assessment, Acceptance, Refusal, Clarification, ClarificationAnswer, Narrowing):
    append_only(_model.__table__)  # type: ignore[arg-type]
