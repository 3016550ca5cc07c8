"""The register of processing systems: evidence rows, written once."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from lea_service.kernel.database import CaseBase, UtcDateTime, append_only


class ProcessingSystem(CaseBase):
    """One entry as two people signed it; the newest generation of a code counts.

    ``document`` is the canonical JSON of the entry (``EntryRequestSchema``).
    """

    __tablename__ = "processing_systems"
    __table_args__ = (CheckConstraint("generation > 0", name="generation"),)

    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    generation: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    document: Mapped[str] = mapped_column(Text)
    approval_id: Mapped[str] = mapped_column(ForeignKey("approvals.id"), unique=True)
    set_at: Mapped[datetime] = mapped_column(UtcDateTime)


append_only(ProcessingSystem.__table__)  # type: ignore[arg-type]
