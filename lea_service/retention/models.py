"""Retention rules, grounds and purges: evidence rows, written once."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lea_service.kernel.database import CaseBase, UtcDateTime, append_only


class RetentionRule(CaseBase):
    """One rule, in force for its scope from ``set_at`` until the next of the same scope.

    ``source_id`` empty means every source of ``kind``; ``generation`` counts the rules of a scope
    from 1. ``article`` names the article of law the term rests on, or is ``policy``.
    """

    __tablename__ = "retention_rules"
    __table_args__ = (
        UniqueConstraint("scope", "generation"),
        CheckConstraint("generation > 0", name="generation"),
        CheckConstraint("term > 0", name="term"),
        CheckConstraint("unit IN ('months', 'days')", name="unit"),
        CheckConstraint("action IN ('destroy', 'anonymise')", name="action"),
    )

    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    scope: Mapped[str] = mapped_column(String(80))
    generation: Mapped[int]
    source_id: Mapped[str | None] = mapped_column(ForeignKey("sources.id"))
    kind: Mapped[str] = mapped_column(String(20))
    purpose: Mapped[str] = mapped_column(String(300))
    legal_ground: Mapped[str] = mapped_column(String(300))
    article: Mapped[str] = mapped_column(String(120))
    term: Mapped[int]
    unit: Mapped[str] = mapped_column(String(8))
    action: Mapped[str] = mapped_column(String(12))
    approval_id: Mapped[str] = mapped_column(ForeignKey("approvals.id"), unique=True)
    set_at: Mapped[datetime] = mapped_column(UtcDateTime)


class PastTermGround(CaseBase):
    """A ground on which records past their term may be handed over, or no longer may.

    The newest generation of a code counts. ``says_nl`` and ``says_en`` are what letters say of it.
    """

    __tablename__ = "past_term_grounds"
    __table_args__ = (CheckConstraint("generation > 0", name="generation"),)

    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    generation: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    is_allowed: Mapped[bool]
    says_nl: Mapped[str] = mapped_column(String(300))
    says_en: Mapped[str] = mapped_column(String(300))
    article: Mapped[str] = mapped_column(String(120))
    approval_id: Mapped[str] = mapped_column(ForeignKey("approvals.id"), unique=True)
    set_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Purge(CaseBase):
    """A purge as it was begun: which rows, and how many were due.

    ``late`` of the ``found`` rows were past the grace too; ``rejects`` are lines of the source
    that could not be read and were kept as long.
    """

    __tablename__ = "purges_begun"
    __table_args__ = (
        CheckConstraint("found >= late AND late >= 0 AND rejects >= 0", name="counts"),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    rule_code: Mapped[str] = mapped_column(ForeignKey("retention_rules.code"))
    source_id: Mapped[str] = mapped_column(ForeignKey("sources.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    action: Mapped[str] = mapped_column(String(12))
    cutoff: Mapped[datetime] = mapped_column(UtcDateTime)
    found: Mapped[int] = mapped_column(BigInteger)
    late: Mapped[int] = mapped_column(BigInteger)
    rejects: Mapped[int] = mapped_column(BigInteger)
    begun_at: Mapped[datetime] = mapped_column(UtcDateTime)


class PurgeResult(CaseBase):
    """What a purge came to, as the ledger in the record store counts it.

    ``reach`` is the cut-off that it really went to, which is less than that of its begin where a
    longer rule or a plan held back what was left. ``kept`` rows from before it are still there:
    an order to preserve needs them. ``rejects`` are the unreadable lines that it destroyed.
    """

    __tablename__ = "purges_done"
    __table_args__ = (CheckConstraint("rows >= 0 AND kept >= 0 AND rejects >= 0", name="counts"),)

    purge_id: Mapped[str] = mapped_column(ForeignKey("purges_begun.id"), primary_key=True)
    rows: Mapped[int] = mapped_column(BigInteger)
    reach: Mapped[datetime] = mapped_column(UtcDateTime)
    kept: Mapped[int] = mapped_column(BigInteger)
    rejects: Mapped[int] = mapped_column(BigInteger)
    done_at: Mapped[datetime] = mapped_column(UtcDateTime)


for _table in (RetentionRule, PastTermGround, Purge, PurgeResult):
    append_only(_table.__table__)  # type: ignore[arg-type]
