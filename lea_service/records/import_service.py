"""Importing: an effect in the record store between two entries of the custody log.

The effect and its ledger row commit together. Whatever happens between the entries, the ledger
row decides: with it the import is entered as done, without it the import is made impossible by a
ledger row of its own and then entered as failed.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from sqlalchemy import text, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from lea_service.kernel.actors import Actor, Permission, permit
from lea_service.kernel.canonical import canonical_digest, encode_b64url, salted_digest
from lea_service.kernel.database import Database, lock_row
from lea_service.kernel.errors import IntegrityFailure, LeaError, Unavailable
from lea_service.kernel.logs import get_log
from lea_service.kernel.transactions import RECORDS_STREAM, Transactions
from lea_service.records.conversion import Converter, KindReader
from lea_service.records.lines import ByteStream, LineReader
from lea_service.records.models import ImportRun
from lea_service.records.queries import (
    ImportView,
    SourceView,
    find_ledger,
    get_source,
    import_view,
    list_lost,
    list_regained,
    list_unsettled,
)
from lea_service.records.row_ids import RowNames
from lea_service.records.selection import Named, Preserved, nothing_preserved
from lea_service.records.store import ImportLedger
from lea_service.records.writer import Counts, RowWriter, Spares

GRACE = timedelta(minutes=1)
"""An import that was just started may not have reached the record store yet."""

COUNTS = ("lines", "added", "known", "completed", "past_term", "left_out", "flagged", "rejected")
RUNNING, DONE, ABANDONED, LOST = "running", "done", "abandoned", "lost"
INTERRUPTED = "interrupted"
SALT_BYTES = 16
log = get_log("imports")


class ImportService:
    """Takes files of declared sources into the record store."""

    def __init__(
        self,
        transactions: Transactions,
        records: Database,
        preserved: Preserved = nothing_preserved,
    ) -> None:
        self._transactions = transactions
        self._records = records
        self._preserved = preserved

    def run(self, actor: Actor, ref: str, stream: ByteStream) -> ImportView:
        """Take in one file; the same file again adds nothing.

        Raises NotFound, and InvalidInput for what is no file of this source at all, with nothing
        recorded. Whatever fails later is entered as failed, with nothing taken in.
        """
        permit(actor, Permission.SOURCE_MANAGE)
        with self._transactions.read(actor) as session:
            source = get_source(session, ref)
        reader = LineReader(stream, source.rules().get_file())
        import_id = self._start(actor, source)
        try:
            self._take_in(import_id, source, reader)
        except Exception as err:  # whatever failed, the log says that the import did
            reason = err.code if isinstance(err, LeaError) else INTERRUPTED
            done = self._settle(actor, import_id, reason)
            if done.state == DONE:  # it had committed: only the answer was lost
                return done
            raise
        return self._settle(actor, import_id, INTERRUPTED)

    def reconcile(self, actor: Actor) -> int:
        """Settle imports that a crash left open; returns how many. For the worker."""
        permit(actor, Permission.JOB_RUN)
        with self._transactions.read(actor) as session:
            left = list_unsettled(session, self._transactions.clock.now() - GRACE)
        settled = 0
        for import_id in left:
            try:
                self._settle(actor, import_id, INTERRUPTED)
                settled += 1
            except Unavailable:
                log.info("import still at work", code="import")
        return settled

    def _start(self, actor: Actor, source: SourceView) -> str:
        with self._transactions.begin(actor) as tx:
            run = ImportRun(
                id=tx.ids.new("im"),
                source_id=source.id,
                state="started",
                started_by=actor.id,
                started_at=tx.now,
            )
            tx.session.add(run)
            facts = {"import": run.id, "source": source.id}
            tx.record("import.started", RECORDS_STREAM, facts=facts)
            return run.id

    def _take_in(self, import_id: str, source: SourceView, reader: LineReader) -> None:
        """Write rows, rejects and the ledger row in one transaction of the record store."""
        rules, now = source.rules(), self._transactions.clock.now()
        with self._records.write() as session:
            session.add(_ledger(import_id, source.name, RUNNING))
            session.flush()  # from here on nobody can give this import up
            writer = RowWriter(
                session,
                rules,
                KindReader(rules, reader.columns),
                Converter(rules, source.name, reader.columns),
                RowNames(rules, source.name, reader.columns, self._transactions.index),
                source=source.name,
                import_id=import_id,
                now=now,
                find_spares=lambda: self._spares(source),
            )
            writer.take_in(reader.lines())
            _close_ledger(session, import_id, writer.counts, reader, now)
            _regain(session, source.name, import_id, reader)

    def _spares(self, source: SourceView) -> Spares:
        """Return what says of a row past its term that it is kept, since an order names it.

        Where nobody can read what orders name, all of them are: the purge stops as well.
        """
        try:
            selections = self._preserved(source.id, self._transactions.clock.now())
        except IntegrityFailure:
            return lambda _row: True
        return Named(selections).holds if selections else lambda _row: False

    def _settle(self, actor: Actor, import_id: str, reason: str) -> ImportView:
        """Enter an import as its ledger row says. Raises Unavailable while it is at work."""
        with self._transactions.read(actor) as session:
            run = session.get_one(ImportRun, import_id)
            source = get_source(session, run.source_id)
        ledger = self._closed_ledger(import_id, source.name)
        with self._records.read() as session:
            regained = list_regained(session, import_id)
        with self._transactions.begin(actor) as tx:
            run = lock_row(tx.session, ImportRun, import_id, "import")
            if run.state != "started":
                return import_view(run)
            run.finished_at = tx.now
            facts = {"import": import_id, "source": source.id}
            if ledger.state == DONE:
                counts = {name: getattr(ledger, name) for name in COUNTS}
                for name, value in {**counts, "salt": ledger.salt, "digest": ledger.digest}.items():
                    setattr(run, name, value)
                run.state = DONE
                read = {"bytes": ledger.bytes_read, "digest": ledger.digest}
                tx.record(
                    "import.done",
                    RECORDS_STREAM,
                    facts={**facts, **counts, **read, "regained": [*regained]},
                    disclose={"salt": ledger.salt},
                )
            else:
                run.state, run.reason = "failed", reason
                tx.record("import.failed", RECORDS_STREAM, facts={**facts, "reason": reason})
            return import_view(run)

    def _closed_ledger(self, import_id: str, source: str) -> ImportLedger:
        """Return the ledger row; one that gives the import up is written where there is none."""
        with self._records.read() as session:
            found = find_ledger(session, import_id)
        if found is not None:
            return found
        try:
            with self._records.write() as session:
                _wait_briefly(session, is_sqlite=self._records.is_sqlite)
                found = find_ledger(session, import_id)
                if found is None:
                    found = _ledger(import_id, source, ABANDONED)
                    session.add(found)
                return found
        except OperationalError as err:
            raise Unavailable("the import is still at work") from err


def _ledger(import_id: str, source: str, state: str) -> ImportLedger:
    nothing = dict.fromkeys(COUNTS, 0)
    return ImportLedger(id=import_id, source=source, state=state, bytes_read=0, **nothing)


def _close_ledger(
    session: Session, import_id: str, counts: Counts, reader: LineReader, now: datetime
) -> None:
    salt = secrets.token_bytes(SALT_BYTES)
    session.execute(
        update(ImportLedger)
        .where(ImportLedger.id == import_id)
        .values(
            state=DONE,
            bytes_read=reader.bytes_read,
            salt=encode_b64url(salt),
            digest=salted_digest(salt, reader.sha256),
            finished_at=now,
            **{name: getattr(counts, name) for name in COUNTS},
        )
    )


def _regain(session: Session, source: str, import_id: str, reader: LineReader) -> None:
    """Note which imports that the store lost read the same bytes as this one."""
    for lost in list_lost(session, source):
        if canonical_digest([lost.salt, reader.sha256]) == lost.digest:
            lost.regained_by = import_id


def _wait_briefly(session: Session, *, is_sqlite: bool) -> None:
    """Give up soon where an import that is at work holds its ledger row."""
    if not is_sqlite:
        session.execute(text("SET LOCAL lock_timeout = '2s'"))
