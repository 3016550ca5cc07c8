"""A live source on each engine, and the worker that pulls it."""

import copy

import pytest

from lea_service.kernel.actors import worker_actor
from lea_service.kernel.jobs import Job, JobQueue
from lea_service.records.live.connections import Connections
from lea_service.records.live.queries import JOB_KIND
from lea_service.records.live.service import PullService
from tests.records.conftest import ENGINEER, Store
from tests.support.live import CALLS, Provider
from tests.support.log import build_log


class Live(Store):
    """Live sources as an engineer and the worker use them."""

    def __init__(self, log, records, path, provider):
        super().__init__(log, records)
        self.path = path
        self.provider = provider
        self.size = 20_000
        self.places = {}

    @property
    def connections(self):
        return Connections(self.path)

    @property
    def pulls(self):
        service = (self.log.transactions, self.records, self.imports, self.connections)
        return PullService(*service, size=self.size)

    def connect(self, name="pbx", url=None, **more):
        """Write into the file of connections where a source is."""
        given = {"url": url or self.provider.reader_url(), **more}
        lines = [f"{key} = {_toml(value)}" for key, value in given.items()]
        self.places[name] = "\n".join([f"[{name}]", *lines, ""])
        self.path.write_text("\n".join(self.places.values()))
        self.path.chmod(0o600)

    def declare_live(self, source="pbx", mapping=CALLS, **table):
        document = copy.deepcopy(mapping)
        document["table"] |= table
        return self.declare(source, document)

    def queue(self, service=None):
        handlers = {JOB_KIND: (service or self.pulls).run}
        return JobQueue(self.log.transactions, worker_actor(), handlers, lease_seconds=30)

    def work(self, service=None):
        """Run every pull that is due; returns the states they were left in."""
        queue, states = self.queue(service), []
        while (claim := queue.claim()) is not None:
            states.append(queue.run(claim))
        return states

    def pull(self, name="pbx", whole=False):
        """Pull a source to its end; returns the pull."""
        asked = self.pulls.request(ENGINEER, name, whole=whole)
        self.work()
        return self.pulls.get(ENGINEER, name, asked.id)

    def ids(self, name="pbx"):
        """Return the ids of the rows that came in, as numbers."""
        return sorted(int(row["row_id"]) for row in self.rows(name))

    def alarms(self):
        """Return what alarms are about."""
        with self.log.transactions.read() as session:
            jobs = session.query(Job).filter(Job.kind == "notice.send")
            return [job.args["about"] for job in jobs if job.args["template"] == "alarm"]


def _toml(value):
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) else str(value)


@pytest.fixture
def provider(engine_name, new_database, request):
    server = request.getfixturevalue("postgres") if engine_name == "postgresql" else None
    made = Provider(new_database("provider"), server)
    yield made
    made.dispose()


@pytest.fixture
def live(databases, clock, ids, tmp_path, provider):
    log = build_log(databases.cases, clock, ids, tmp_path / "signer.json")
    return Live(log, databases.records, tmp_path / "sources.toml", provider)
