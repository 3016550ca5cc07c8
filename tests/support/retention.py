"""Sources with records of known age, and rules that two people set."""

from dataclasses import dataclass
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from sqlalchemy import Integer, func, insert, select

from lea_service.kernel.actors import worker_actor
from lea_service.records.partitions import make_room
from lea_service.records.store import TABLES, ImportLedger, PurgeLedger, Reject
from lea_service.retention.reckoning import Reckoning
from lea_service.retention.service import RetentionService
from lea_service.retention.store import list_statistics
from tests.support.sources import declare_source

NO_WARNING = timedelta(0)


@dataclass
class Retention:
    """The service on real databases, with what tests need around it."""

    databases: Any
    log: SimpleNamespace
    house: Any
    service: Any

    @property
    def now(self):
        return self.log.transactions.clock.now()

    def source(self, name="pbx1", kind="call"):
        """Declare a source; returns its id."""
        with self.log.transactions.begin(worker_actor()) as tx:
            return declare_source(tx, name, kind)

    def add(self, name, kind, *ages, **columns):
        """Add one row per age in days, the age counted from its begin."""
        begin = "valid_from" if kind == "subscriber" else "started_at"
        rows = [
            {
                "source": name,
                "row_id": f"{name}-{kind}-{age}-{n}",
                begin: self.now - timedelta(days=age),
                "flags": "",
                "import_id": "im_1",
                **columns,
            }
            for n, age in enumerate(ages)
        ]
        with self.databases.records.write() as session:
            make_room(session, TABLES[kind], rows)
            session.execute(insert(TABLES[kind]), rows)

    def rejects(self, name, age):
        """Keep one unreadable line of an import that ended so many days ago."""
        with self.databases.records.write() as session:
            table = ImportLedger.__table__
            counts = {one.name: 0 for one in table.columns if isinstance(one.type, Integer)}
            ended = self.now - timedelta(days=age)
            row = ImportLedger(
                id=f"im_{age}", source=name, state="done", finished_at=ended, **counts
            )
            line = Reject(import_id=row.id, line=7, reason="columns", size=5, raw=b"Jan,?")
            session.add_all([row, line])

    def rule(self, code="CALL-6M", **changes):
        """Have a rule set by two people; returns the approval."""
        return self.house.approve("retention.rule", rule_request(code, **changes))

    def rows(self, kind="call"):
        """Return what is left of a kind, by row id."""
        with self.databases.records.read() as session:
            query = select(TABLES[kind]).order_by(TABLES[kind].c.row_id)
            return [dict(row) for row in session.execute(query).mappings()]

    def statistics(self):
        """Return what is left of rows that were made anonymous."""
        with self.databases.records.read() as session:
            return list_statistics(session, None, 1000)

    def ledger(self):
        with self.databases.records.read() as session:
            return list(session.scalars(select(PurgeLedger).order_by(PurgeLedger.id)))

    def count_rejects(self):
        with self.databases.records.read() as session:
            return session.scalar(select(func.count()).select_from(Reject))


def make_retention(log, house, records, *, transactions=None, warning=NO_WARNING, **options):
    """Return the service on a log and the people of a house; ``options`` hold purges back."""
    given, reckoning = transactions or log.transactions, Reckoning(**options)
    return RetentionService(given, records, log.service, house.load_root, reckoning, warning)


def rule_request(code="CALL-6M", **changes):
    """Return a request for a rule; ``changes`` replace fields."""
    request = {
        "code": code,
        "source": None,
        "kind": "call",
        "purpose": "invoicing and disputes over invoices",
        "legal_ground": "an invoice can be disputed for six months",
        "article": "Tw 11.5",
        "term": 6,
        "unit": "months",
        "action": "destroy",
    }
    return request | changes


def ground_request(code="kept_for_dispute", **changes):
    """Return a request for a ground; ``changes`` replace fields."""
    request = {
        "code": code,
        "says_nl": "bewaard wegens een lopend geschil",
        "says_en": "kept because of a dispute that goes on",
        "article": "policy",
    }
    return request | changes
