"""Pulls: jobs that read a live source on from where it was read to, batch by batch."""

from __future__ import annotations

from lea_service.kernel.actors import Actor, Permission, permit
from lea_service.kernel.canonical import Json
from lea_service.kernel.database import Database
from lea_service.kernel.jobs import MAX_ATTEMPTS, JobContext, Postponed, enqueue, has_job
from lea_service.kernel.logs import get_log
from lea_service.kernel.outbox import Begin, raise_daily_alarm
from lea_service.kernel.transactions import RECORDS_STREAM, Transaction, Transactions
from lea_service.records.import_service import ImportService, note_gap
from lea_service.records.live.connections import Connection, Connections, SourceFault
from lea_service.records.live.pulling import Pulling
from lea_service.records.live.queries import JOB_KIND, PullView, find_open_pull, get_pull
from lea_service.records.live.rows import BATCH
from lea_service.records.queries import SourceView, find_source, get_source

ALL_SOURCES = "sources"
BATCHES_A_TURN = 50
log = get_log("pulls")


class PullService:
    """Reads live sources, when somebody asks or as often as their file says."""

    def __init__(
        self,
        transactions: Transactions,
        records: Database,
        imports: ImportService,
        connections: Connections,
        size: int = BATCH,
    ) -> None:
        self._transactions = transactions
        self._records = records
        self._imports = imports
        self._connections = connections
        self._size = size

    def request(self, actor: Actor, ref: str, *, whole: bool) -> PullView:
        """Have a worker read a live source on, or its ``whole`` table anew.

        One that waits or runs already is that pull. Raises NotFound, and InvalidInput for a source
        of files.
        """
        permit(actor, Permission.SOURCE_MANAGE)
        with self._transactions.begin(actor) as tx:
            source = get_source(tx.session, ref)
            source.rules().get_table()
            pull = find_open_pull(tx.session, source.id, whole=whole)
            if pull is None:
                pull = _enqueue(tx, source, whole=whole)
                facts: dict[str, Json] = {"job": pull, "source": source.id, "is_whole": whole}
                tx.record("pull.requested", RECORDS_STREAM, facts=facts)
            return get_pull(tx.session, source.id, pull)

    def get(self, actor: Actor, ref: str, pull: str) -> PullView:
        """Return how far a pull is. Raises NotFound."""
        permit(actor, Permission.SOURCE_READ)
        with self._transactions.read(actor) as session:
            return get_pull(session, get_source(session, ref).id, pull)

    def request_due(self, actor: Actor, begin: Begin) -> None:
        """Have pulled what is due by the file of connections; for the worker.

        A file that cannot be read, or that names what is no live source, raises the alarm.
        """
        permit(actor, Permission.JOB_RUN)
        try:
            due = self._connections.list_periodic()
        except SourceFault as fault:
            log.error("no connections", code=fault.reason)
            self._raise_alarm(actor, ALL_SOURCES)
            return
        for connection in due:
            if not self._enqueue_due(connection, begin):
                self._raise_alarm(actor, ALL_SOURCES)

    def run(self, context: JobContext) -> None:
        """Read a live source to its end. What was read before a fault stays, and is gone on from.

        A fault that may pass is tried again; any other, and one that stays, raises the alarm.
        """
        permit(context.actor, Permission.JOB_RUN)
        with self._transactions.read() as session:
            source = get_source(session, str(context.args["source"]))
        try:
            oddities = self._pull(context, source)
        except SourceFault as fault:
            log.error("source", source=source.id, code=fault.reason)
            if fault.is_passing and context.attempts < MAX_ATTEMPTS:
                raise
            oddities = {fault.reason}
        if oddities:
            self._raise_alarm(context.actor, source.id)

    def _pull(self, context: JobContext, source: SourceView) -> set[str]:
        """Take in batch after batch; returns the codes of what people are told of.

        A table is read in turns, so that no demand waits behind it; raises Postponed after each.
        """
        actor, job = context.actor, context.job_id
        pulling = Pulling(self._records, context, source, self._connections, self._size)
        for _ in range(BATCHES_A_TURN):
            self._run_batch(actor, source, job, pulling)
            context.progress(pulling.rows, None)
            if pulling.is_at_end:
                break
        else:
            if pulling.oddities:
                self._raise_alarm(actor, source.id)
            raise Postponed("what waits for this worker too goes first", 0)
        if pulling.unmarked:
            self._imports.run_batch(actor, source, job, pulling.refuse_unmarked)
        return pulling.oddities

    def _run_batch(self, actor: Actor, source: SourceView, job: str, pulling: Pulling) -> None:
        try:
            self._imports.run_batch(actor, source, job, pulling.fetch)
        finally:
            if pulling.gap is not None:
                with self._records.write() as session:
                    note_gap(session, source.name, pulling.gap)

    def _enqueue_due(self, connection: Connection, begin: Begin) -> bool:
        """Have a source pulled once in each slot of time; False for what is no live source."""
        with self._transactions.read() as session:
            source = find_source(session, connection.source)
            if source is None or source.rules().table is None:
                return False
            every = (connection.every_minutes or 1) * 60
            slot = int(self._transactions.clock.now().timestamp()) // every
            dedup = f"{JOB_KIND}:{source.id}:{every}:{slot}"
            if has_job(session, dedup) or find_open_pull(session, source.id, whole=False):
                return True
        with begin() as tx:
            _enqueue(tx, source, whole=False, dedup=dedup)
        return True

    def _raise_alarm(self, actor: Actor, about: str) -> None:
        raise_daily_alarm(self._transactions, actor, about=about, occasion=f"pull/{about}")


def _enqueue(tx: Transaction, source: SourceView, *, whole: bool, dedup: str | None = None) -> str:
    return enqueue(tx, JOB_KIND, {"source": source.id, "whole": whole}, dedup=dedup)
