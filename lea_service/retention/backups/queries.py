"""Reads of backups."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from lea_service.kernel.errors import IntegrityFailure
from lea_service.retention.backups.models import Backup, BackupRemoval, BackupResult


@dataclass(frozen=True, slots=True)
class BackupView:
    """A backup; ``made_at`` is None while it is not whole, ``removed_at`` while it is there."""

    id: str
    begun_at: datetime
    expires_at: datetime
    made_at: datetime | None
    removed_at: datetime | None
    log_size: int | None
    digest: str | None


def list_backups(session: Session) -> list[BackupView]:
    """Return every backup, the newest first."""
    query = (
        select(Backup, BackupResult, BackupRemoval)
        .outerjoin(BackupResult, BackupResult.backup_id == Backup.id)
        .outerjoin(BackupRemoval, BackupRemoval.backup_id == Backup.id)
        .order_by(Backup.begun_at.desc(), Backup.id)
    )
    return [_view(*row) for row in session.execute(query)]


def check_made(session: Session, backup_id: str, digest: str) -> None:
    """Let a backup through that was made here, with these contents. Raises IntegrityFailure."""
    row = session.get(BackupResult, backup_id)
    if row is None or row.digest != digest:
        raise IntegrityFailure("the backup is none that the log of these cases knows")


def find_copies_until(backups: Sequence[BackupView], gone_at: datetime) -> datetime | None:
    """Return until when what was destroyed at an instant may live on in a backup; None in none.

    That is the last day of those that were begun before and are not removed; one that is kept
    beyond its day may hold it longer, which raises an alarm.
    """
    held = [one.expires_at for one in backups if one.begun_at <= gone_at and one.removed_at is None]
    return max(held, default=None)


def _view(row: Backup, result: BackupResult | None, removal: BackupRemoval | None) -> BackupView:
    return BackupView(
        id=row.id,
        begun_at=row.begun_at,
        expires_at=row.expires_at,
        made_at=None if result is None else result.made_at,
        removed_at=None if removal is None else removal.removed_at,
        log_size=None if result is None else result.log_size,
        digest=None if result is None else result.digest,
    )
