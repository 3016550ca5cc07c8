"""Use cases of backups: made, removed, reminded of. Putting one back is ``restore``."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path

from lea_service.custody.queries import find_checkpoint, find_size
from lea_service.kernel.actors import Actor, Permission, permit
from lea_service.kernel.canonical import Json
from lea_service.kernel.clock import format_instant
from lea_service.kernel.crypto import KeyEncryption
from lea_service.kernel.database import CaseBase, Database, RecordBase, lock_row
from lea_service.kernel.errors import Conflict, InvalidInput, NotFound, Unavailable
from lea_service.kernel.migration import CASES, RECORDS, find_revision
from lea_service.kernel.outbox import Begin, enqueue_daily_alarm
from lea_service.kernel.transactions import SYSTEM_STREAM, Transactions
from lea_service.retention.backups.archive import ArchiveWriter, Contents, read_head
from lea_service.retention.backups.models import Backup, BackupRemoval, BackupResult
from lea_service.retention.backups.queries import BackupView, list_backups
from lea_service.retention.standing import Standing

OVERDUE = "backup/overdue"
BEHIND = (
    "the record store is an older copy, in which what was destroyed is there again: let a worker "
    "purge it anew first (`lea worker`, or at once `lea retention purge`), then make the backup"
)
UNSIGNED = (
    "nothing of the log was signed yet, so no backup could be told from another log; a running "
    "worker signs it in a moment (`lea worker`)"
)


class BackupService:
    """Makes backups and keeps track of how long they live.

    ``folders`` are those of sealed files that belong to the databases, by their name in a backup.
    """

    def __init__(
        self,
        transactions: Transactions,
        records: Database,
        kek: KeyEncryption,
        folders: Mapping[str, Path],
        *,
        origin: str,
        kept: timedelta,
    ) -> None:
        self._transactions = transactions
        self._records = records
        self._standing = Standing(transactions, records)
        self._kek = kek
        self._folders = folders
        self._origin = origin
        self._kept = kept

    def create(self, actor: Actor, top: Path) -> BackupView:
        """Write a backup into a folder of its own below ``top``; entered before and after.

        The cases are copied before the records, so that the store holds all that they say was done
        to it. Raises OSError, for a full disk, with nothing left of it, and Unavailable before the
        first checkpoint: no backup comes back as a log that nobody ever signed. Raises Unavailable
        too while the store is an older copy of itself: what was destroyed is in it again, and no
        purge would know that a backup holds it.
        """
        permit(actor, Permission.BACKUP_KEEP)
        self._check_signed()
        self._check_store()
        with self._transactions.begin(actor) as tx:
            row = Backup(id=tx.ids.new("bk"), begun_at=tx.now, expires_at=tx.now + self._kept)
            tx.session.add(row)
            tx.session.flush()
            facts: dict[str, Json] = {"backup": row.id}
            until: dict[str, Json] = {"expires_at": format_instant(row.expires_at)}
            tx.record("backup.begun", SYSTEM_STREAM, facts=facts | until, evidence=[row])
        writer = ArchiveWriter(top, self._kek, row.id)
        try:
            contents = self._write(writer, row)
            digest = writer.close(contents)
        except BaseException:
            writer.abandon()
            self.enter_removed(actor, row.id)
            raise
        with self._transactions.begin(actor) as tx:
            made = BackupResult(
                backup_id=row.id, log_size=contents.log_size, digest=digest, made_at=tx.now
            )
            tx.session.add(made)
            tx.session.flush()
            tx.record("backup.made", SYSTEM_STREAM, facts=facts, evidence=[made])
        return self.get(row.id)

    def _check_signed(self) -> None:
        with self._transactions.read() as session:
            if find_checkpoint(session) is None:
                raise Unavailable(UNSIGNED)

    def _check_store(self) -> None:
        if self._standing.find_lost():
            raise Unavailable(BEHIND)

    def _write(self, writer: ArchiveWriter, backup: Backup) -> Contents:
        cases = self._transactions.database
        revisions = {CASES: find_revision(cases), RECORDS: find_revision(self._records)}
        with self._transactions.read() as session:
            size = find_size(session)
            tables = {CASES: writer.write_rows(CASES, session, CaseBase.metadata)}
        with self._records.read() as session:
            tables[RECORDS] = writer.write_rows(RECORDS, session, RecordBase.metadata)
        self._check_store()  # an older copy may have taken its place meanwhile
        files = [
            one for name, path in self._folders.items() for one in writer.copy_files(name, path)
        ]
        rows = {line: writer.digest_rows(line) for line in tables}
        dates = format_instant(backup.begun_at), format_instant(backup.expires_at)
        return Contents(*dates, self._origin, size, revisions, tables, rows, tuple(files))

    def list(self) -> Sequence[BackupView]:
        """Return every backup, the newest first."""
        with self._transactions.read() as session:
            return list_backups(session)

    def get(self, backup_id: str) -> BackupView:
        """Return one backup. Raises NotFound."""
        for one in self.list():
            if one.id == backup_id:
                return one
        raise NotFound("no such backup")

    def remove(self, actor: Actor, path: Path) -> BackupView:
        """Remove the folder of a backup that is past its day, and enter that it is gone.

        Raises InvalidInput, NotFound, and Conflict before that day: another may be needed.
        """
        permit(actor, Permission.BACKUP_KEEP)
        backup_id = read_head(path).id
        if path.name != backup_id:
            raise InvalidInput("expected the folder of a backup, which has its id as its name")
        if self.get(backup_id).expires_at > self._transactions.clock.now():
            raise Conflict("the backup is not past its day yet")
        shutil.rmtree(path)
        return self.enter_removed(actor, backup_id)

    def enter_removed(self, actor: Actor, backup_id: str) -> BackupView:
        """Enter that no copy of a backup is left, however it went. Raises NotFound."""
        permit(actor, Permission.BACKUP_KEEP)
        with self._transactions.begin(actor) as tx:
            lock_row(tx.session, Backup, backup_id, "backup")
            if tx.session.get(BackupRemoval, backup_id) is None:
                row = BackupRemoval(backup_id=backup_id, removed_at=tx.now)
                tx.session.add(row)
                tx.session.flush()
                facts: dict[str, Json] = {"backup": backup_id}
                tx.record("backup.removed", SYSTEM_STREAM, facts=facts, evidence=[row])
        return self.get(backup_id)

    def remind(self, begin: Begin) -> None:
        """Raise the alarm, once a day, while a backup lives on past its day."""
        now = self._transactions.clock.now()
        late = [one for one in self.list() if one.removed_at is None and one.expires_at <= now]
        if late:
            with begin() as tx:
                enqueue_daily_alarm(tx, about=late[-1].id, occasion=OVERDUE)
