"""What follows when an older copy of the record store was put back: what it lost is made good.

Purges are done again. Imports are entered as lost, in the log and in the store, so that each plan
of their source says what cannot be known until the same file was brought in again.
"""

from __future__ import annotations

from lea_service.kernel.actors import Actor
from lea_service.kernel.canonical import Json
from lea_service.kernel.database import Database, lock_row
from lea_service.kernel.outbox import enqueue_daily_alarm
from lea_service.kernel.transactions import RECORDS_STREAM, Transactions
from lea_service.records.import_service import LOST, new_ledger
from lea_service.records.models import ImportRun, Source
from lea_service.records.store import ImportLedger
from lea_service.retention.queries import PurgeView, get_purge
from lea_service.retention.standing import Lost, Standing

ALARM = "records/behind"


class Recovery:
    """Finds what the record store lost, and enters what becomes of it."""

    def __init__(self, transactions: Transactions, records: Database) -> None:
        self._transactions = transactions
        self._records = records
        self._standing = Standing(transactions, records)

    def find_lost(self, actor: Actor) -> Lost:
        """Return what the store lost, which is entered before.

        Nothing is entered and nobody hears of it while the store has all that was done.
        """
        lost = self._standing.find_lost()
        if not lost:
            return lost
        with self._transactions.begin(actor) as tx:
            facts: dict[str, Json] = {"purges": [*lost.purges], "imports": len(lost.imports)}
            tx.record("records.found_behind", RECORDS_STREAM, facts=facts)
            enqueue_daily_alarm(tx, about=(lost.purges + lost.imports)[0], occasion=ALARM)
        return lost

    def list_purges(self, actor: Actor, lost: Lost) -> list[PurgeView]:
        """Return the purges to be done again, the oldest first."""
        with self._transactions.read(actor) as session:
            return [get_purge(session, one) for one in lost.purges]

    def enter_lost_imports(self, actor: Actor, lost: Lost) -> None:
        """Enter lost imports as such, which lets the store be read: last, when all is purged."""
        for import_id in lost.imports:
            self._enter_lost(actor, import_id)

    def enter_repeated(self, actor: Actor, purge: PurgeView, rows: int, kept: int) -> None:
        """Enter that a purge was done once more, how many rows that took and how many it left.

        What it ``kept`` is needed by an order to preserve or an approved plan.
        """
        facts: dict[str, Json] = {"purge": purge.id, "rule": purge.rule_code, "rows": rows}
        facts["kept"] = kept
        with self._transactions.begin(actor) as tx:
            tx.record("purge.repeated", RECORDS_STREAM, facts=facts)

    def _enter_lost(self, actor: Actor, import_id: str) -> None:
        with self._transactions.begin(actor) as tx:
            run = lock_row(tx.session, ImportRun, import_id, "import")
            source = tx.session.get_one(Source, run.source_id)
            if run.state != LOST:
                run.state = LOST
                facts: dict[str, Json] = {"import": run.id, "source": source.id}
                tx.record("import.lost", RECORDS_STREAM, facts={**facts, "lines": run.lines})
            ledger = _lost_ledger(run, source.name)
        with self._records.write() as session:
            if session.get(ImportLedger, import_id) is None:
                session.add(ledger)


def _lost_ledger(run: ImportRun, source: str) -> ImportLedger:
    """Return the row that says what was lost: how many lines, and by which bytes it is regained."""
    ledger = new_ledger(run.id, source, LOST)
    ledger.lines = run.lines or 0
    ledger.salt, ledger.digest, ledger.finished_at = run.salt, run.digest, run.finished_at
    ledger.watermark_from, ledger.watermark_to = run.watermark_from, run.watermark_to
    return ledger
