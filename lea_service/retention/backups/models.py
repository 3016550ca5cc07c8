"""Backups that were begun, made and removed: evidence rows, written once."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from lea_service.kernel.database import CaseBase, UtcDateTime, append_only


class Backup(CaseBase):
    """A backup as it was begun: what was there at ``begun_at`` may be in it until it is removed."""

    __tablename__ = "backups"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    begun_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)


class BackupResult(CaseBase):
    """A backup that is whole; ``digest`` is the SHA-256 (base64url) of its sealed contents."""

    __tablename__ = "backups_made"

    backup_id: Mapped[str] = mapped_column(ForeignKey("backups.id"), primary_key=True)
    log_size: Mapped[int] = mapped_column(BigInteger)
    digest: Mapped[str] = mapped_column(String(43))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)


class BackupRemoval(CaseBase):
    """A backup of which somebody who runs the service says that no copy is left."""

    __tablename__ = "backups_removed"

    backup_id: Mapped[str] = mapped_column(ForeignKey("backups.id"), primary_key=True)
    removed_at: Mapped[datetime] = mapped_column(UtcDateTime)


for _table in (Backup, BackupResult, BackupRemoval):
    append_only(_table.__table__)  # type: ignore[arg-type]
