"""The whole application on given databases: real keys, and people of every role with tokens."""

import io
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import SimpleNamespace

import structlog
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import func, select

from lea_service.app import create_app
from lea_service.custody.looks import Looks
from lea_service.kernel import migration
from lea_service.kernel.actors import worker_actor
from lea_service.kernel.database import CaseBase, RecordBase
from lea_service.kernel.keystore import generate_keystore
from lea_service.services import Services
from lea_service.settings import load_settings
from lea_service.wiring import build, build_worker
from tests.support.agency import Register, make_register
from tests.support.clock import FixedClock
from tests.support.ids import SeededIds
from tests.support.staff import House, make_house

PEOPLE = {
    "handler": "handler1",
    "approver": "approver1",
    "auditor": "auditor1",
    "overseer": "overseer1",
    "engineer": "engineer1",
    "administrator": "admin1",
}
"""One person of each role that staff can have."""

_KEYS = {}


@dataclass
class Application:
    """The service, the people in it and their tokens."""

    services: Services
    app: object
    house: House
    register: Register
    tokens: dict = field(default_factory=dict)

    @property
    def log(self):
        return self.house.log

    @property
    def clock(self):
        return self.services.transactions.clock

    def token(self, role):
        """Return a token of the person who has a role; a receiver is of an agency."""
        if role not in self.tokens:
            self.tokens[role] = self._receiver() if role == "receiver" else self._staff(role)
        return self.tokens[role]

    def sign(self, role):
        """Return the header of somebody; none for a stranger."""
        return {} if role == "stranger" else {"Authorization": f"Bearer {self.token(role)}"}

    def call(self, role, method, path, **options):
        """Send a request as somebody."""
        headers = {**self.sign(role), **options.pop("headers", {})}
        return self.app.test_client().open(
            path, method=method, headers=headers, buffered=True, **options
        )

    def work(self):
        """Let the worker do what is due."""
        return build_worker(self.services).run_once()

    def count(self):
        """Return how many rows each table of both databases has."""
        found = {}
        for database, base in (
            (self.services.cases, CaseBase),
            (self.services.records, RecordBase),
        ):
            with database.read() as session:
                for table in base.metadata.sorted_tables:
                    rows = select(func.count()).select_from(table)
                    found[table.name] = session.scalar(rows)
        return found

    def _staff(self, role):
        actor = self.house.actor(PEOPLE[role])
        return self.services.staff.issue_token(actor, "test").token

    def _receiver(self):
        return self.admit(self.register.person(self.register.organisation()))

    def admit(self, person):
        """Let two people grant a token to somebody of an agency, who claims it; returns it."""
        self.services.custody.checkpointer.publish(worker_actor())
        tokens, handler = self.services.delivery.tokens, self.house.actor("handler1")
        granted = self.house.approve("delivery.receiver_token", {"person": person, "days": 90})
        payload = self.house.approvals.open(handler, granted).payload
        return tokens.claim(tokens.issue_code(handler, payload["token"]).code).token


def make_environ(cases_url, records_url, folder, **changes):
    """Return settings for a service that has everything in ``folder``."""
    return {
        "LEA_HOME": str(folder / "home"),
        "LEA_KEYS_DIR": str(folder / "keys"),
        "LEA_DATABASE_URL": cases_url,
        "LEA_RECORDS_URL": records_url,
        "LEA_PURGE_WARNING_SECONDS": "0",
        "LEA_STRANGER_LIMIT": "10000",
        **changes,
    }


def make_application(environ):
    """Build the service on databases with all tables, as `lea serve` does, and let people in."""
    settings, clock = load_settings(environ), FixedClock()
    write_keys(settings.keys_dir, clock.now())
    settings.home.mkdir(exist_ok=True)
    services = build(settings, clock=clock, ids=SeededIds())
    for database, line in ((services.cases, "cases"), (services.records, "records")):
        stamp(database, line)
    log = SimpleNamespace(
        transactions=services.transactions,
        keys=services.keys,
        signer=services.signer,
        checkpointer=services.custody.checkpointer,
        looks=Looks(services.transactions),
        service=services.custody,
    )
    house = make_house(log, settings.staff_root)
    return Application(services, create_app(settings, services), house, make_register(house))


def stamp(database, line):
    """Note in a database that has all tables that its migrations were run."""
    scripts = ScriptDirectory(str(migration.migrations_folder() / line))
    with database.engine.execution_options(write=True).begin() as connection:
        MigrationContext.configure(connection).stamp(scripts, "head")


def write_keys(folder, now):
    """Write a key store, the same one each time in a test process."""
    if not _KEYS:
        generate_keystore(folder, provider="Voorbeeld Telecom B.V.", now=now)
        _KEYS.update({path.name: path.read_bytes() for path in folder.iterdir()})
        return
    folder.mkdir(mode=0o700, parents=True)
    for name, data in _KEYS.items():
        (folder / name).touch(0o600)
        (folder / name).write_bytes(data)


@contextmanager
def quiet_logs():
    """Keep log lines off the terminal; yields where they go."""
    saved, lines = structlog.get_config(), io.StringIO()
    structlog.configure(logger_factory=structlog.WriteLoggerFactory(lines))
    try:
        yield lines
    finally:
        structlog.configure(**saved)
