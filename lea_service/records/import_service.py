"""Importing: an effect in the record store between two entries of the custody log.

The effect and its ledger row commit together. Whatever happens between the entries, the ledger
row decides: with it the import is entered as done, without it the import is made impossible by a
ledger row of its own and then entered as failed.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, text, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from lea_service.kernel.actors import Actor, Permission, permit
from lea_service.kernel.canonical import Json, canonical_digest, encode_b64url, salted_digest
from lea_service.kernel.clock import format_instant
from lea_service.kernel.database import Database, lock_row
from lea_service.kernel.errors import IntegrityFailure, InvalidInput, LeaError, Unavailable
from lea_service.kernel.logs import get_log
from lea_service.kernel.transactions import RECORDS_STREAM, Transactions
from lea_service.records.clocks import Deviation, SourceClock, load_clock
from lea_service.records.conversion import Converter, KindReader
from lea_service.records.lines import ByteStream, LineReader, Reading
from lea_service.records.live.connections import SourceFault
from lea_service.records.live.rows import Anchors
from lea_service.records.models import ImportRun
from lea_service.records.queries import (
    ImportView,
    SourceView,
    count_parts,
    find_ledger,
    get_source,
    import_view,
    list_lost,
    list_regained,
    list_unsettled,
)
from lea_service.records.reader import is_whole
from lea_service.records.row_ids import RowNames
from lea_service.records.selection import Named, Preserved, nothing_preserved
from lea_service.records.store import ImportLedger, LiveStanding, SourceGap
from lea_service.records.writer import Counts, RowWriter, Spares

GRACE = timedelta(minutes=1)
"""An import that was just started may not have reached the record store yet."""

COUNTS = ("lines", "added", "known", "completed", "past_term", "left_out", "flagged", "rejected")
RUNNING, DONE, ABANDONED, LOST = "running", "done", "abandoned", "lost"
INTERRUPTED = "interrupted"
SALT_BYTES = 16
log = get_log("imports")


@dataclass(frozen=True, slots=True)
class Gap:
    """Rows may be missing that came behind a ``batch``, read at ``read_until``; found out when."""

    batch: int
    read_until: datetime
    found_at: datetime


@dataclass(frozen=True, slots=True)
class Pulled:
    """Of which pull rows are, and from where to where they were read of which database.

    ``read_at`` is an instant before they were read; ``is_at_end`` says that they are the last there
    are; ``fence`` raises where another worker has the pull by now; ``detail`` says what is odd.
    ``regained`` are lost imports all of whose rows were read again by now. ``anchors`` are rows
    that the next batch must find there again; those of before stay where there are none, but of a
    table that is read ``is_anew``. ``columns`` are the forms of its columns, ``deviation`` is how
    far the clock of its server was from ours. ``lines`` are those to look for again, with their
    watermarks; ``changed`` of those of before have gone. ``unmarked`` rows are never read, as the
    last batch found.
    """

    pull: str
    place: str
    first: str | None
    last: str | None
    read_at: datetime
    is_at_end: bool
    fence: Callable[[], None]
    detail: str | None = None
    regained: frozenset[str] = frozenset()
    anchors: Anchors | None = None
    is_anew: bool = False
    gap: Gap | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    deviation: Deviation | None = None
    lines: tuple[tuple[str, str], ...] = ()
    changed: int = 0
    unmarked: int = 0


class ImportService:
    """Takes files of declared sources, and batches of live ones, into the record store."""

    def __init__(
        self,
        transactions: Transactions,
        records: Database,
        preserved: Preserved = nothing_preserved,
        check: Callable[[], None] = is_whole,
    ) -> None:
        self._check = check
        self._transactions = transactions
        self._records = records
        self._preserved = preserved

    def run(
        self, actor: Actor, ref: str, stream: ByteStream, made_at: datetime | None = None
    ) -> ImportView:
        """Take in one file; the same file again adds nothing.

        ``made_at`` is when its system wrote it, where that is known: until then it tells of what
        has no end; else until the newest instant in it.

        Raises NotFound, Unavailable while the store is an older copy of itself, and InvalidInput
        for what is no file of this source at all, with nothing recorded. Whatever fails later is
        entered as failed, with nothing taken in.
        """
        permit(actor, Permission.SOURCE_MANAGE)
        self._check()
        with self._transactions.read(actor) as session:
            source = get_source(session, ref)
        if made_at is not None and made_at > self._transactions.clock.now():
            raise InvalidInput.at("/made_at", "expected an instant that is not to come")
        reader = LineReader(stream, source.rules().get_file())
        import_id = self._start(actor, source, made_at=made_at)
        return self._run(actor, import_id, source, lambda: (reader, None), made_at)

    def run_batch(
        self,
        actor: Actor,
        source: SourceView,
        pull: str,
        fetch: Callable[[], tuple[Reading, Pulled]],
    ) -> ImportView:
        """Take in the rows that ``fetch`` reads of a live source; for the worker.

        A SourceFault of it, and whatever else fails, is entered as failed, with nothing taken in.
        """
        permit(actor, Permission.JOB_RUN)
        self._check()
        return self._run(actor, self._start(actor, source, pull), source, fetch)

    def _run(
        self,
        actor: Actor,
        import_id: str,
        source: SourceView,
        fetch: Callable[[], tuple[Reading, Pulled | None]],
        made_at: datetime | None = None,
    ) -> ImportView:
        detail = None
        try:
            reading, pulled = fetch()
            detail = pulled.detail if pulled else None
            self._take_in(import_id, source, reading, pulled, made_at)
        except Exception as err:  # whatever failed, the log says that the import did
            reason, told = _reason_of(err)
            done = self._settle(actor, import_id, reason, told or detail)
            if done.state == DONE:  # it had committed: only the answer was lost
                return done
            raise
        return self._settle(actor, import_id, INTERRUPTED, detail)

    def reconcile(self, actor: Actor) -> int:
        """Settle imports that a crash left open; returns how many. For the worker."""
        permit(actor, Permission.JOB_RUN)
        now = self._transactions.clock.now()
        with self._transactions.read(actor) as session:
            left = list_unsettled(session, now - GRACE, now)
        settled = 0
        for import_id in left:
            try:
                self._settle(actor, import_id, INTERRUPTED)
                settled += 1
            except Unavailable:
                log.info("import still at work", code="import")
        return settled

    def _start(
        self,
        actor: Actor,
        source: SourceView,
        pull: str | None = None,
        made_at: datetime | None = None,
    ) -> str:
        with self._transactions.begin(actor) as tx:
            run = ImportRun(
                id=tx.ids.new("im"),
                source_id=source.id,
                state="started",
                started_by=actor.id,
                started_at=tx.now,
                pull=pull,
                part=None if pull is None else count_parts(tx.session, pull) + 1,
            )
            tx.session.add(run)
            facts = {"import": run.id, "source": source.id, **_pull_facts(pull)}
            if made_at is not None:
                facts["made_at"] = format_instant(made_at)
            tx.record("import.started", RECORDS_STREAM, facts=facts)
            return run.id

    def _take_in(
        self,
        import_id: str,
        source: SourceView,
        reading: Reading,
        pulled: Pulled | None,
        made_at: datetime | None,
    ) -> None:
        """Write rows, rejects and the ledger row in one transaction of the record store."""
        rules, now = source.rules(), self._transactions.clock.now()
        with self._records.write() as session:
            session.add(new_ledger(import_id, source.name, RUNNING))
            session.flush()  # from here on nobody can give this import up
            writer = RowWriter(
                session,
                rules,
                KindReader(rules, reading.columns),
                Converter(rules, source.name, reading.columns),
                RowNames(rules, source.name, reading.columns, self._transactions.index),
                source=source.name,
                import_id=import_id,
                now=now,
                find_spares=lambda: self._spares(source),
            )
            writer.take_in(reading.lines())
            if pulled is not None:
                batch = _note_pull(session, import_id, source.name, pulled)
                _note_standing(session, source.name, batch, pulled)
                pulled.fence()
            told_until = made_at or writer.told_until
            if pulled is not None and pulled.is_at_end:
                told_until = pulled.read_at
            _close_ledger(session, import_id, writer.counts, reading, now, told_until)
            _regain(session, source.name, import_id, reading, pulled)

    def _spares(self, source: SourceView) -> Spares:
        """Return what says of a row past its term that it is kept, since an order names it.

        Where nobody can read what orders name, all of them are: the purge stops as well.
        """
        try:
            selections = self._preserved(source.id, self._transactions.clock.now())
        except IntegrityFailure:
            return lambda _row: True
        return Named(selections).holds if selections else lambda _row: False

    def _settle(
        self, actor: Actor, import_id: str, reason: str, detail: str | None = None
    ) -> ImportView:
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
            run.detail = detail
            facts = {"import": import_id, "source": source.id, **_pull_facts(run.pull)}
            if ledger.state == DONE:
                counts = {name: getattr(ledger, name) for name in COUNTS}
                for name, value in {**counts, "salt": ledger.salt, "digest": ledger.digest}.items():
                    setattr(run, name, value)
                run.state = DONE
                read = {"bytes": ledger.bytes_read, "digest": ledger.digest}
                run.watermark_from, run.watermark_to = ledger.watermark_from, ledger.watermark_to
                tx.record(
                    "import.done",
                    RECORDS_STREAM,
                    facts={**facts, **counts, **read, "regained": [*regained]},
                    disclose={"salt": ledger.salt, **_reach(ledger)},
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
                    found = new_ledger(import_id, source, ABANDONED)
                    session.add(found)
                return found
        except OperationalError as err:
            raise Unavailable("the import is still at work") from err


def new_ledger(import_id: str, source: str, state: str) -> ImportLedger:
    """Return the ledger row of an import that has counted nothing yet."""
    nothing = dict.fromkeys(COUNTS, 0)
    return ImportLedger(id=import_id, source=source, state=state, bytes_read=0, **nothing)


def _reason_of(err: Exception) -> tuple[str, str | None]:
    """Return the code of a failure, and what it says in words where it is that of a source."""
    if isinstance(err, SourceFault):
        return err.reason, err.detail
    return (err.code if isinstance(err, LeaError) else INTERRUPTED), None


def _pull_facts(pull: str | None) -> dict[str, Json]:
    return {} if pull is None else {"pull": pull}


def _reach(ledger: ImportLedger) -> dict[str, Json]:
    """Return what only those may read who may open the entry: where rows came from, and which."""
    if ledger.pull is None:
        return {}
    reach = {"from": ledger.watermark_from, "to": ledger.watermark_to}
    return {"place": ledger.place, **reach}


def _note_pull(session: Session, import_id: str, source: str, pulled: Pulled) -> int:
    """Say in the ledger row how far a live source was read; others of it wait meanwhile.

    Returns the number of the batch in its source.
    """
    newest = select(func.max(ImportLedger.batch)).where(ImportLedger.source == source)
    batch = (session.scalar(newest) or 0) + 1
    session.execute(
        update(ImportLedger)
        .where(ImportLedger.id == import_id)
        .values(
            pull=pulled.pull,
            batch=batch,
            place=pulled.place,
            watermark_from=pulled.first,
            watermark_to=pulled.last,
        )
    )
    return batch


def _note_standing(session: Session, source: str, batch: int, pulled: Pulled) -> None:
    """Say what the next batch must find in a live source; a gap that turned out to be none goes."""
    standing = session.get(LiveStanding, source)
    if pulled.gap is not None:
        note_gap(session, source, pulled.gap)
    elif standing is not None:
        mine = (SourceGap.source == source) & (SourceGap.batch == standing.batch)
        session.execute(delete(SourceGap).where(mine))
    if standing is None:
        nothing = {"anchors": "", "columns": "", "lines": "[]", "changed": 0, "unmarked": 0}
        standing = LiveStanding(source=source, batch=batch, read_at=pulled.read_at, **nothing)
        session.add(standing)
    standing.read_at, standing.columns = pulled.read_at, json.dumps(pulled.columns)
    standing.lines, standing.changed = json.dumps(pulled.lines), standing.changed + pulled.changed
    if pulled.is_at_end:
        standing.unmarked = pulled.unmarked
    if pulled.deviation is not None:
        known = SourceClock() if standing.clock is None else load_clock(standing.clock)
        standing.clock = json.dumps(known.after(pulled.deviation).dump())
    if pulled.anchors is not None or pulled.is_anew:
        standing.batch = batch
        standing.anchors_from = pulled.anchors.start if pulled.anchors else None
        standing.anchors = " ".join(pulled.anchors.digests) if pulled.anchors else ""


def note_gap(session: Session, source: str, gap: Gap) -> None:
    """Keep a gap of a live source, once, as it was found first."""
    if session.get(SourceGap, (source, gap.batch)) is None:
        session.add(SourceGap(source=source, **asdict(gap)))


def _close_ledger(
    session: Session,
    import_id: str,
    counts: Counts,
    reading: Reading,
    now: datetime,
    told_until: datetime | None,
) -> None:
    salt = secrets.token_bytes(SALT_BYTES)
    session.execute(
        update(ImportLedger)
        .where(ImportLedger.id == import_id)
        .values(
            state=DONE,
            bytes_read=reading.bytes_read,
            salt=encode_b64url(salt),
            digest=salted_digest(salt, reading.sha256),
            finished_at=now,
            told_until=told_until,
            **{name: getattr(counts, name) for name in COUNTS},
        )
    )


def _regain(
    session: Session, source: str, import_id: str, reading: Reading, pulled: Pulled | None
) -> None:
    """Note which imports that the store lost are in it again: by bytes, or as a pull says."""
    for lost in list_lost(session, source):
        is_same = canonical_digest([lost.salt, reading.sha256]) == lost.digest
        if is_same or (pulled is not None and lost.id in pulled.regained):
            lost.regained_by = import_id


def _wait_briefly(session: Session, *, is_sqlite: bool) -> None:
    """Give up soon where an import that is at work holds its ledger row."""
    if not is_sqlite:
        session.execute(text("SET LOCAL lock_timeout = '2s'"))
