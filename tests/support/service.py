"""The whole service as it is wired, in this process: its people, an agency, a worker, real keys."""

import io
import shutil
import subprocess
import zipfile
from dataclasses import asdict, dataclass, field
from functools import partial
from types import SimpleNamespace
from typing import Any

from sqlalchemy import select

from lea_service.custody.fsck import check_database
from lea_service.custody.looks import Looks
from lea_service.custody.queries import list_stream
from lea_service.custody.verify import verify_bundle
from lea_service.demands.demand import Channel
from lea_service.demands.queries import get_state
from lea_service.demands.schemas import load_demand
from lea_service.demands.service import Withdrawal
from lea_service.extraction.models import RunResult
from lea_service.kernel.actors import worker_actor
from lea_service.kernel.jobs import Job
from lea_service.kernel.keystore import generate_keystore
from lea_service.packaging.receipt import read_receipt_code
from lea_service.packaging.verify import load_trust, verify_package
from lea_service.services import Services
from lea_service.settings import load_settings
from lea_service.wiring import build, build_worker
from tests.support.agency import ROLES, make_register
from tests.support.call_backs import add_number, call_back, find_numbers
from tests.support.certificates import NOW, write_pair
from tests.support.kept import keep
from tests.support.orders import retyped
from tests.support.staff import make_house

TEAM = {
    "handler1": "handler",
    "approver1": "approver",
    "approver2": "approver",
    "auditor1": "auditor",
    "engineer1": "engineer",
}
ZONE = "Europe/Amsterdam"
BASIS, ROLE = "NL-SV-126n", ROLES[0]
PHONE, OTHER = "+31612345678", "+31201234567"
SCANNED = object()
"""In the place of an order: a paper of its own in which nothing is read."""
MANY = 100
"""Calls that take longer to be put back than to be imported."""
CALLS = {
    "format": "lea.mapping/1",
    "name": "small",
    "kind": "call",
    "file": {"header": False, "columns": ["id", "from", "to", "at", "seconds"]},
    "time": {"format": "%Y-%m-%d %H:%M:%S", "zone": ZONE},
    "region": "NL",
    "row_id": {"columns": ["id"], "shown": ["id"]},
    "fields": {
        "started_at": {"column": "at"},
        "caller": {"column": "from"},
        "callee": {"column": "to"},
        "duration_s": {"column": "seconds"},
    },
    "categories": ["traffic_call_records"],
}


@dataclass
class Whole:
    """What whole-way tests work with; each method is what a person, or the worker, would do."""

    services: Services
    house: Any
    register: Any
    log: Any
    clock: Any
    folder: Any
    agency: str = ""
    person: str = ""
    kinds: dict = field(default_factory=dict)

    @property
    def settings(self):
        return self.services.settings

    def actor(self, name="handler1"):
        return self.house.actor(name)

    def receiver(self, kind="rsa", name="Anna de Vries", **changes):
        """Put a person with a certificate into the register; returns the id."""
        person = self.register.person(self.agency, name, roles=[ROLE], **changes)
        return self._certify(person, kind)

    def desk(self, members, kind="p256", **changes):
        """Put a desk with a certificate into the register; returns the id."""
        return self._certify(self.register.desk(self.agency, members, **changes), kind)

    def source(self, name="pbx", mapping=CALLS, **options):
        """Declare a source; returns its id."""
        make = partial(self._source, name, mapping, options)
        return self._keep(("source", name, repr(mapping), repr(options)), make)

    def _source(self, name, mapping, options):
        return self.services.sources.declare(self.actor("engineer1"), name, mapping, **options).id

    def take_in(self, data, name="pbx"):
        """Import bytes; returns the counts."""
        return self.services.imports.run(self.actor("engineer1"), name, io.BytesIO(data))

    def calls(self, count, name="pbx", caller=PHONE):
        """Import ``count`` calls, one in each minute from 1 November 2026 on."""
        lines = [
            f"{n},{caller},{OTHER},2026-11-{1 + n // 1440:02d} {n // 60 % 24:02d}:{n % 60:02d}:00,9"
            for n in range(count)
        ]
        take_in = partial(self.take_in, ("\n".join(lines) + "\n").encode(), name)
        if count > MANY:
            return take_in()
        return self._keep(("calls", count, name, caller), take_in)

    def demand_json(self, reference, items=None):
        """Return a demand of the prosecutor, as the authority writes it."""
        return {
            "format": "lea.demand/1",
            "agency": {"ref": self.agency},
            "issuing_person": {"ref": self.person},
            "issuing_role": ROLE,
            "receivers": [self.person],
            "references": [{"kind": "parketnummer", "value": reference}],
            "legal_basis": BASIS,
            "order_date": f"{NOW.date()}",
            "judicial_authorisation": {"reference": "RC 26/1", "given_on": f"{NOW.date()}"},
            "form": "written",
            "addressee": {"capacity": "provider", "is_suspect": False},
            "states": ["data_requested", "legal_basis_title", "period", "target_person_or_number"],
            "channel": "portal",
            "received_at": NOW.isoformat(),
            "items": items or [make_item()],
        }

    def record(self, items=None, order=SCANNED, **changes):
        """Record a demand, with a paper of its own in which nothing is read; returns its id."""
        reference = self.services.transactions.ids.new("n")
        asked = self.demand_json(reference, items)
        order = reference.encode() if order is SCANNED else order
        command = load_demand(asked | changes)
        return self.services.demands.record(self.actor(), command, order).demand_id

    def call_back(self, demand):
        """Call the agency back on its number of the register, which is entered where it has none."""
        transactions = self.services.transactions
        if not find_numbers(transactions, demand):
            add_number(self.register, self.services.demands.get(self.actor(), demand).agency.ref)
        call_back(transactions, self.actor(), demand)

    def settle(self, demand):
        """Call the agency back, assess, and accept each question by a person."""
        legal = self.services.legal
        self.call_back(demand)
        found = legal.assess(self.actor(), demand)
        for ref in found.open:
            again = retyped(self.services.transactions, found, ref)
            found = legal.accept_finding(
                self.actor(), demand, ref, "read in the order", retyped=again
            )
        assert not found.open
        return demand

    def plan(self, demand, **options):
        """Compile and preview; returns plan and preview."""
        plan = self.services.extraction.compile_plan(self.actor(), demand, **options)
        return plan, self.services.extraction.preview(self.actor(), demand)

    def propose(self, plan):
        return self.house.propose("extraction.plan", {"plan": plan.id})

    def decided(self, demand=None, **options):
        """Bring a demand up to the decision of two people, or put one back; returns it."""
        make = partial(self._decided, demand, options)
        return self._keep(("decided", demand, repr(options)), make)

    def _decided(self, demand, options):
        demand = self.settle(demand or self.record())
        plan, _ = self.plan(demand, **options)
        self.house.decide(self.propose(plan))
        return demand

    def delivered(self, demand=None, **options):
        """Bring a demand up to the package being available, or put one back; returns it."""
        make = partial(self._delivered, demand, options)
        return self._keep(("delivered", demand, repr(options)), make, self.settings.home)

    def _delivered(self, demand, options):
        demand = self.decided(demand, **options)
        self.work()
        assert self.state(demand) == "delivered"
        return demand

    def new_worker(self):
        """Return a worker as another process would build it."""
        return build_worker(self.services)

    def work(self):
        """Do what is due; returns how many jobs ran."""
        return self.new_worker().run_once()

    def state(self, demand):
        with self.services.transactions.read() as session:
            return get_state(session, demand)

    def events(self, stream):
        """Return the events of a stream, in order."""
        with self.services.transactions.read() as session:
            return [one.event for one in list_stream(session, stream)]

    def jobs(self, kind=None):
        """Return jobs, those of a kind if one is given."""
        with self.services.transactions.read() as session:
            found = session.scalars(select(Job).order_by(Job.run_after, Job.id)).all()
        return [one for one in found if kind in {None, one.kind}]

    def alarms(self):
        """Return what alarms are about that are queued or sent."""
        notices = self.jobs("notice.send")
        return [one.args["about"] for one in notices if one.args["template"] == "alarm"]

    def digests(self, demand):
        """Return the result digests that the log holds of a demand."""
        with self.services.transactions.read() as session:
            return list(session.scalars(select(RunResult.digest)))

    def package(self, demand):
        """Return the one package of a demand that no other replaced."""
        listed = self.services.packaging.list_packages(self.actor(), demand)
        (package,) = [one.id for one in listed if one.is_current]
        return package

    def sign_in(self, person=None):
        """Let two people grant a token and its person claim it; returns the receiver."""
        person = person or self.person
        request = {"person": person, "days": 90}
        granted = self.house.approve("delivery.receiver_token", request)
        token = self.house.approvals.open(self.actor(), granted).payload["token"]
        self.services.custody.checkpointer.publish(worker_actor())
        tokens = self.services.delivery.tokens
        code = tokens.issue_code(self.actor(), token).code
        return self.services.authenticate(tokens.claim(code).token)

    def fetch(self, receiver, package):
        """Return the encrypted bytes as the receiver fetches them."""
        download = self.services.delivery.fetch(receiver, package)
        try:
            return b"".join(download)
        finally:
            download.close()

    def open(self, data, holder=None):
        """Open a package with openssl and the key of ``holder``; returns the container's path."""
        holder = holder or self.person
        folder = self.folder / "opened" / f"{holder}-{len(data)}"
        folder.mkdir(parents=True, exist_ok=True)
        cert, key = write_pair(folder, self.kinds[holder], holder)
        (folder / "package.p7m").write_bytes(data)
        command = ["openssl", "cms", "-decrypt", "-inform", "DER", "-binary", "-in", "package.p7m"]
        command += ["-recip", cert, "-inkey", key, "-out", "package.asice"]
        subprocess.run(command, cwd=folder, check=True, capture_output=True)
        return folder / "package.asice"

    def opened(self, demand, receiver=None):
        """Fetch and open what was delivered to the first receiver; returns members by name."""
        receiver = receiver or self.sign_in()
        return read_members(self.open(self.fetch(receiver, self.package(demand)), receiver.id))

    def acknowledge(self, demand, receiver=None):
        """Give the receipt with the code from inside the package."""
        receiver = receiver or self.sign_in()
        code = read_receipt_code(self.opened(demand, receiver)["RECEIPT.txt"])
        answer = self.services.delivery.give_receipt(receiver, self.package(demand), code)
        assert answer.is_accepted
        return answer

    def suspend(self, subject=None):
        self.services.agencies.suspend(self.actor(), subject or self.agency, "doubt")

    def lift(self, subject=None):
        self.house.approve("agency.lift", {"subject": subject or self.agency})

    def withdraw(self, demand):
        told = Withdrawal("Anna", Channel.PHONE)
        return self.services.demands.withdraw(self.actor(), demand, told)

    def verify(self, container):
        """Check a container offline with what was handed over beforehand."""
        return verify_package(container, load_trust(self.trust()))

    def trust(self):
        """Write what a receiver got on a way of its own; returns the folder."""
        folder = self.folder / "trust"
        folder.mkdir(exist_ok=True)
        certificate = self.settings.keys_dir / "package-signing.cert.pem"
        shutil.copy(certificate, folder / "provider.cert.pem")
        shutil.copy(self.settings.staff_root, folder / "staff-root.json")
        (folder / "policy").write_text(self.services.custody.policy.format())
        return folder

    def bundle(self, stream=None):
        """Export the log, or one stream of it, as an auditor does; returns the files."""
        return self.services.custody.export(self.actor("auditor1"), stream).files()

    def check_bundle(self, files):
        report = verify_bundle(files, self.services.custody.policy)
        assert report.problems == []
        assert report.doubts == []

    def check(self):
        """Fail when anything stored is not what the log vouches for."""
        services = self.services
        with services.transactions.read() as session:
            found = check_database(session, services.keys, services.custody.policy, services.signer)
        assert found.problems == []
        return found

    def _keep(self, what, make, folder=None):
        settings = {**asdict(self.settings), "records_url": "", "database_url": ""}
        given = repr(sorted(settings.items())).replace(str(self.folder), "")
        return keep(self.log, (*what, given), make, folder=folder, records=self.services.records)

    def _certify(self, holder, kind):
        self.register.certificate(holder, kind)
        self.kinds[holder] = kind
        return holder


def make_item(
    value=PHONE,
    kind="phone_number",
    start="2026-11-01",
    end="2026-11-25",
    offset="+01:00",
    **target,
):
    """Return an item for the calls of a target in whole days."""
    period = {
        "start": f"{start}T00:00:00{offset}",
        "end": f"{end}T00:00:00{offset}",
        "zone": ZONE,
    }
    target = {"kind": kind, "value": value, **target}
    return {"target": target, "period": period, "categories": ["traffic_call_records"]}


def read_members(container):
    """Return the members of a container by name."""
    with zipfile.ZipFile(container) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def make_environ(folder, cases_url, records_url, **settings):
    """Return the environment of a service that keeps everything in ``folder``."""
    home = folder / "service"
    environ = {
        "LEA_HOME": str(home),
        "LEA_KEYS_DIR": str(home / "keys"),
        "LEA_DATABASE_URL": cases_url,
        "LEA_RECORDS_URL": records_url,
        "LEA_PURGE_WARNING_SECONDS": "0",
    }
    return environ | {f"LEA_{name.upper()}": str(value) for name, value in settings.items()}


def make_keys(folder):
    """Make a key store once, to be copied for each test."""
    generate_keystore(folder, provider="Voorbeeld Telecom B.V.", now=NOW)
    return folder


def make_whole(folder, environ, keys, clock, ids):
    """Build the service on databases with all tables; one agency with one prosecutor."""
    settings = load_settings(environ)
    settings.home.mkdir(parents=True, exist_ok=True)
    shutil.copytree(keys, settings.keys_dir)
    services = build(settings, clock=clock, ids=ids)
    log = SimpleNamespace(
        transactions=services.transactions,
        keys=services.keys,
        signer=services.signer,
        looks=Looks(services.transactions),
        service=services.custody,
    )
    house = make_house(log, settings.staff_root, TEAM)
    whole = Whole(services, house, make_register(house), log, clock, folder)
    whole.agency, whole.person = keep(log, "agency of the whole", partial(_admit, whole))
    whole.kinds[whole.person] = "rsa"
    return whole


def _admit(whole):
    whole.agency = whole.register.organisation()
    add_number(whole.register, whole.agency)
    return whole.agency, whole.receiver()
