"""A whole house with agency, records and plans: a demand on its way to a result."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial

from sqlalchemy import insert, text, update

from lea_service.custody.queries import list_stream
from lea_service.delivery.queries import kept_until
from lea_service.demands.changes import advance, lock_demand, release_hold
from lea_service.demands.demand import Channel
from lea_service.demands.document import dump_content, load_content
from lea_service.demands.models import Demand
from lea_service.demands.queries import get_demand, get_state
from lea_service.demands.service import DemandService, Withdrawal
from lea_service.extraction import approval, reopening  # noqa: F401 declare their kinds
from lea_service.extraction.queries import find_current_run, get_current_plan, get_run
from lea_service.extraction.service import ExtractionService
from lea_service.kernel.actors import worker_actor
from lea_service.kernel.clock import format_instant
from lea_service.kernel.database import append_only_ddl
from lea_service.kernel.datakeys import RESULT
from lea_service.kernel.sealed_file import SegmentReader
from lea_service.legal.authenticity.assessing import add_report, weigh
from lea_service.legal.authenticity.documents import DocumentCheck, DocumentFacts
from lea_service.legal.models import Assessment
from lea_service.legal.working_days import load_working_days
from lea_service.records.partitions import make_room
from lea_service.records.reader import RecordReader
from lea_service.records.store import TABLES
from tests.demands.samples import content
from tests.support.agency import ROLES, make_register
from tests.support.call_backs import add_number, call_back
from tests.support.kept import keep
from tests.support.sources import declare_source
from tests.support.staff import make_house

WORKER = worker_actor()
BASIS = "nl-sv-126n"
PHONE = "+31612345678"
OTHER = "+31201234567"
TEAM = {"handler1": "handler", "approver1": "approver"}
START = datetime(2026, 11, 1, tzinfo=UTC)
GRACE = timedelta(days=30)
"""How long a package is there after its receipt."""
UNSEEN = DocumentFacts()
PASSED = {"code": "basis_known", "outcome": "pass", "article": None, "seen": {}, "cure": None}
FINDING = {
    **PASSED,
    "says": "",
    "sources": [],
    **dict.fromkeys(("ground", "item", "subject", "confidence")),
}
"""One finding as an assessment keeps it; ``code`` and ``ref`` say of what."""


def add_assessment(tx, row, finding, n=None):
    """Keep an assessment of a locked demand, with one finding, as the service enters it.

    Returns its id.
    """
    found = Assessment(
        id=tx.ids.new("as"),
        demand_id=row.id,
        n=row.version if n is None else n,
        record_version=row.record_version,
        catalogue_version="test",
        catalogue_digest="c" * 43,
        legal_basis=BASIS,
        outcome=finding["outcome"],
        compared_sealed=b"nothing",
        findings=[finding],
        assessed_by=tx.actor.id,
        assessed_at=tx.now,
    )
    tx.session.add(found)
    tx.session.flush()
    seen = weigh(tx, get_demand(tx.session, tx.keys, row.id), DocumentCheck(), UNSEEN)
    report = add_report(tx, row.id, found.id, seen)
    tx.record("demand.assessed", row.id, evidence=[found, report])
    return found.id


@dataclass
class Office:
    """What tests of extraction work with; ``new_demand`` makes one that is ready for a plan."""

    databases: object
    register: object
    demands: DemandService
    service: ExtractionService
    folder: object
    agency: str = ""
    person: str = ""
    numbers: dict = field(default_factory=dict)

    @property
    def house(self):
        return self.register.house

    @property
    def log(self):
        return self.register.log

    @property
    def transactions(self):
        return self.log.transactions

    def actor(self, name):
        return self.house.actor(name)

    def source(self, name="pbx1", kind="call", categories=None):
        """Declare a source; returns its id."""
        what = ("source", name, kind, repr(categories))
        return keep(self.log, what, partial(self._source, name, kind, categories))

    def _source(self, *source):
        with self.transactions.begin(WORKER) as tx:
            return declare_source(tx, *source)

    def calls(self, *starts, source="pbx1", caller=PHONE, callee=OTHER, **columns):
        """Add one call for each start."""
        rows = []
        for start in starts:
            n = self.numbers[source] = self.numbers.get(source, 0) + 1
            row = {"source": source, "row_id": f"r{n:05d}", "started_at": start, "flags": ""}
            rows.append(row | {"caller": caller, "callee": callee, "import_id": "im_1"} | columns)
        with self.databases.records.write() as session:
            make_room(session, TABLES["call"], rows)
            session.execute(insert(TABLES["call"]), rows)

    def new_demand(self, items=None, *, settled=True, **changes):
        """Record a demand for one phone in November, and settle its legal check; or put it back."""
        what = ("demand", self.agency, self.person, repr(items), settled, repr(changes))
        return keep(self.log, what, partial(self._new_demand, items, settled, changes))

    def _new_demand(self, items, settled, changes):
        changes = {
            "agency": {"ref": self.agency},
            "issuing_person": {"ref": self.person},
            "receivers": [self.person],
            "references": [{"kind": "case_number", "value": self.transactions.ids.new("n")}],
            "legal_basis": BASIS,
            "items": items or [make_item()],
            **changes,
        }
        demand = self.demands.record(self.actor("handler1"), content(**changes)).demand_id
        if settled:
            self.settle(demand)
        return demand

    def settle(self, demand):
        """Call the agency back, begin the review and let the checks pass."""
        call_back(self.transactions, self.actor("handler1"), demand)
        with self.transactions.begin(self.actor("handler1")) as tx:
            row = lock_demand(tx, demand)
            if row.state == "received":
                advance(tx, demand, "under_review", "demand.review_started")
            add_assessment(tx, row, FINDING | {"ref": "basis_known"})

    def plan(self, demand, **options):
        return self.service.compile_plan(self.actor("handler1"), demand, **options)

    def preview(self, demand):
        return self.service.preview(self.actor("handler1"), demand)

    def planned(self, demand=None, **options):
        """Compile and preview; returns the plan."""
        plan = self.plan(demand or self.new_demand(), **options)
        self.preview(plan.demand_id)
        return plan

    def propose(self, plan, **request):
        return self.house.propose("extraction.plan", {"plan": plan.id, **request})

    def approve(self, plan):
        return self.house.approve("extraction.plan", {"plan": plan.id})

    def decided(self, demand=None, **options):
        """Bring a demand up to an approved plan, or put one back; returns (demand, run)."""
        make = partial(self._decided, demand, options)
        what = ("decided", demand, repr(options))
        return keep(self.log, what, make, records=self.databases.records)

    def _decided(self, demand, options):
        plan = self.planned(demand, **options)
        self.approve(plan)
        return plan.demand_id, self.current_run(plan.demand_id)

    def current_run(self, demand):
        with self.transactions.read() as session:
            return find_current_run(session, demand)

    def begin(self, run):
        with self.transactions.begin(WORKER) as tx:
            return self.service.begin(tx, run)

    def finish(self, run, result):
        with self.transactions.begin(WORKER) as tx:
            return self.service.finish(tx, run, result)

    def work(self, run):
        """Do the worker's steps; returns how they ended."""
        self.begin(run)
        return self.finish(run, self.service.execute(WORKER, run))

    def result(self, run):
        with self.transactions.read() as session:
            return get_run(session, self.transactions.keys, run)

    def lines(self, run):
        """Return the spooled lines of a run by kind."""
        view, lines = self.result(run), {}
        with self.transactions.read() as session:
            key = self.transactions.keys.key(session, run, RESULT)
        for spool in view.spools:
            with SegmentReader(self.folder / spool.path, key, spool.context) as reader:
                lines[spool.kind] = reader.read().decode().splitlines()
        return lines

    def suspend(self):
        """Suspend the agency."""
        self.register.service.suspend(self.actor("handler1"), self.agency, "doubt")

    def release(self, demand, code):
        with self.transactions.begin(self.actor("handler1")) as tx:
            release_hold(tx, demand, code)

    def correct(self, demand, **changes):
        """Correct a demand and begin its review anew."""
        handler = self.actor("handler1")
        old = self.demands.get(handler, demand)
        new = load_content({**dump_content(old), **changes})
        self.demands.correct(handler, demand, new, old.version)

    def withdraw(self, demand):
        told = Withdrawal("Anna", Channel.PHONE)
        self.demands.withdraw(self.actor("handler1"), demand, told)

    def events(self, demand):
        """Return the events of a demand, in order."""
        with self.transactions.read() as session:
            return [entry.event for entry in list_stream(session, demand)]

    def force(self, demand, state):
        """Put a demand into a state behind the back of the code."""
        with self.databases.cases.write() as session:
            session.get(Demand, demand).state = state

    def forge(self, model, key, **values):
        """Change an evidence row as somebody does who owns the database."""
        table = model.__tablename__
        with self.databases.cases.write() as session:
            for drop in append_only_ddl(table, session.get_bind().dialect.name)[1]:
                session.execute(text(drop))
            session.execute(update(model).where(model.id == key).values(values))

    def view_plan(self, session, demand):
        return get_current_plan(session, self.transactions.keys, demand)

    def state(self, demand):
        with self.transactions.read() as session:
            return get_state(session, demand)


def make_item(value=PHONE, kind="phone_number", start=START, days=23, categories=None, **target):
    end = start + timedelta(days=days)
    return {
        "target": {"kind": kind, "value": value, **target},
        "period": {
            "start": format_instant(start),
            "end": format_instant(end),
            "zone": "Europe/Amsterdam",
        },
        "categories": categories or ["traffic_call_records"],
    }


def make_office(databases, log, folder, team=TEAM):
    """Build house, agency and service on both databases."""
    house = make_house(log, folder / "root.json", team)
    register = make_register(house)
    office = Office(
        databases,
        register,
        DemandService(
            log.transactions,
            log.looks,
            is_known_basis={BASIS}.__contains__,
            max_order_bytes=1 << 20,
            kept_until=partial(kept_until, grace=GRACE),
        ),
        ExtractionService(
            log.transactions,
            log.looks,
            reader=RecordReader(databases.records),
            custody=log.service,
            spool_dir=folder / "spool",
            load_root=house.load_root,
            working=load_working_days(),
            region="NL",
        ),
        folder / "spool",
    )
    office.agency, office.person = keep(log, "agency of the office", partial(_admit, register))
    return office


def _admit(register):
    agency = register.organisation()
    person = register.person(agency, roles=[ROLES[0]])
    register.certificate(person)
    add_number(register, agency)
    return agency, person
