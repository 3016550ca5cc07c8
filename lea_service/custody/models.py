"""Tables of the custody log."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lea_service.kernel.database import BigId, CaseBase, UtcDateTime, append_only


class LogHead(CaseBase):
    """The one row every append locks: size, right edge of the tree, time of the last entry."""

    __tablename__ = "log_head"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    origin: Mapped[str] = mapped_column(String(200))
    size: Mapped[int] = mapped_column(BigId)
    edge: Mapped[bytes]
    t: Mapped[datetime] = mapped_column(UtcDateTime)


class LogEntry(CaseBase):
    """One leaf: the stored bytes are what is hashed."""

    __tablename__ = "log_entries"
    __table_args__ = (UniqueConstraint("stream", "n"), Index(None, "event", "stream", "n"))

    idx: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    stream: Mapped[str] = mapped_column(String(40))
    n: Mapped[int] = mapped_column(BigId)
    event: Mapped[str] = mapped_column(String(60))
    data: Mapped[bytes]
    leaf: Mapped[bytes]


class LogDisclosure(CaseBase):
    """A disclosure, encrypted under the file key of its stream; bound to log, index and digest."""

    __tablename__ = "log_disclosures"

    idx: Mapped[int] = mapped_column(ForeignKey("log_entries.idx"), primary_key=True)
    digest: Mapped[str] = mapped_column(String(43), primary_key=True)
    sealed: Mapped[bytes]


class LogEvidence(CaseBase):
    """Which row an entry vouches for, and the salt of its digest."""

    __tablename__ = "log_evidence"
    __table_args__ = (Index(None, "table_name", "row_key"),)

    idx: Mapped[int] = mapped_column(ForeignKey("log_entries.idx"), primary_key=True)
    position: Mapped[int] = mapped_column(Integer, primary_key=True)
    table_name: Mapped[str] = mapped_column(String(60))
    row_key: Mapped[str] = mapped_column(String(200))
    salt: Mapped[bytes]


class Checkpoint(CaseBase):
    """A signed checkpoint, verbatim."""

    __tablename__ = "checkpoints"

    size: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    root: Mapped[bytes]
    note: Mapped[bytes]
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Look(CaseBase):
    """Until when a look that was entered covers further reads of the same view."""

    __tablename__ = "looks"

    actor_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    stream: Mapped[str] = mapped_column(String(40), primary_key=True)
    view: Mapped[str] = mapped_column(String(80), primary_key=True)
    until: Mapped[datetime] = mapped_column(UtcDateTime)


for _table in (LogEntry, LogDisclosure, LogEvidence, Checkpoint):
    append_only(_table.__table__)  # type: ignore[arg-type]
