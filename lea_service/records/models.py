"""Tables of sources and imports in the case database; they hold no personal data."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from lea_service.kernel.database import BigId, CaseBase, UtcDateTime, append_only


class Source(CaseBase):
    """A system whose records we hold, and how its files are read; never changed.

    ``name`` stands in every row of the source. ``mapping`` is canonical JSON with the zone and
    region that were declared.
    """

    __tablename__ = "sources"
    __table_args__ = (CheckConstraint("kind IN ('call', 'usage', 'subscriber')", name="kind"),)

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    name: Mapped[str] = mapped_column(String(40), unique=True)
    kind: Mapped[str] = mapped_column(String(20))
    mapping: Mapped[str] = mapped_column(Text)
    mapping_digest: Mapped[str] = mapped_column(String(43))
    zone: Mapped[str | None] = mapped_column(String(60))
    region: Mapped[str | None] = mapped_column(String(2))
    declared_by: Mapped[str] = mapped_column(String(40))
    declared_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ImportRun(CaseBase):
    """An import as it was started and how it ended; its effect is in the record store.

    It is ``lost`` once an older copy of the store was put back. ``digest`` is that of the ledger.
    Of a live source it is the n-th ``part`` of a ``pull``, the job that read its rows. ``detail``
    says in words why it failed, or what of it is odd; it holds no value of a row but watermarks.
    """

    __tablename__ = "import_runs"
    __table_args__ = (
        CheckConstraint("state IN ('started', 'done', 'failed', 'lost')", name="state"),
        CheckConstraint("(state = 'started') = (finished_at IS NULL)", name="finished"),
        Index(None, "source_id", "started_at"),
        Index(None, "state"),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    source_id: Mapped[str] = mapped_column(ForeignKey("sources.id"))
    state: Mapped[str] = mapped_column(String(8))
    started_by: Mapped[str] = mapped_column(String(40))
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reason: Mapped[str | None] = mapped_column(String(40))
    detail: Mapped[str | None] = mapped_column(String(500))
    pull: Mapped[str | None] = mapped_column(String(40), index=True)
    part: Mapped[int | None]
    watermark_from: Mapped[str | None] = mapped_column(String(60))
    watermark_to: Mapped[str | None] = mapped_column(String(60))
    lines: Mapped[int | None] = mapped_column(BigId)
    added: Mapped[int | None] = mapped_column(BigId)
    known: Mapped[int | None] = mapped_column(BigId)
    completed: Mapped[int | None] = mapped_column(BigId)
    past_term: Mapped[int | None] = mapped_column(BigId)
    left_out: Mapped[int | None] = mapped_column(BigId)
    flagged: Mapped[int | None] = mapped_column(BigId)
    rejected: Mapped[int | None] = mapped_column(BigId)
    salt: Mapped[str | None] = mapped_column(String(22))
    digest: Mapped[str | None] = mapped_column(String(43))


append_only(Source.__table__)  # type: ignore[arg-type]
