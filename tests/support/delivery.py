"""A real sealed package on its way: a demand, two people's decision, receivers with keys."""

import io
import subprocess
import zipfile
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any

from lea_service.delivery import approval  # noqa: F401 declares the kind of receivers' tokens
from lea_service.delivery.service import DeliveryService
from lea_service.demands.queries import get_state
from lea_service.kernel.actors import worker_actor
from lea_service.legal.working_days import load_working_days
from lea_service.packaging.receipt import read_receipt_code
from tests.support.certificates import write_pair
from tests.support.extraction import GRACE, START
from tests.support.kept import keep
from tests.support.packaging import Sealery, make_sealery

WORKER = worker_actor()


@dataclass
class Handover:
    """An agency with people and a desk, packages for them, and the service that hands over."""

    sealery: Sealery
    folder: Any
    service: DeliveryService
    desk: str = ""
    pairs: dict = field(default_factory=dict)
    calls: int = 3

    @property
    def office(self):
        return self.sealery.office

    @property
    def register(self):
        return self.office.register

    @property
    def demands(self):
        return self.office.demands

    @property
    def packaging(self):
        return self.sealery.service

    @property
    def agency(self):
        return self.office.agency

    @property
    def person(self):
        return self.office.person

    @property
    def house(self):
        return self.register.house

    @property
    def log(self):
        return self.register.log

    def record(self, receivers):
        """Record a demand for these receivers; returns its id."""
        return self.office.new_demand(receivers=list(receivers), settled=False)

    def seal(self, receivers=None, rows=3, demand=None):
        """Bring a demand up to a sealed package, or put one back; returns (demand, package)."""
        starts = [START + timedelta(minutes=n) for n in range(self.calls, rows)]
        if starts:
            self.office.calls(*starts)
        self.calls = max(self.calls, rows)
        receivers = receivers or [self.person]
        return keep(
            self.log,
            ("sealed", demand, *receivers),
            partial(self._seal, receivers, demand),
            folder=self.folder,
            records=self.office.databases.records,
        )

    def _seal(self, receivers, demand):
        demand = demand or self.office.new_demand(receivers=receivers)
        demand, run = self.sealery.extracted(demand=demand)
        return demand, self.sealery.seal(demand, run)

    def release(self, demand, package):
        """Do the worker's step; returns how it ended."""
        release = self.service.check_release(WORKER, demand, package)
        if release is None:
            return None
        with self.log.transactions.begin(WORKER) as tx:
            return self.service.make_available(tx, release)

    def deliver(self, receivers=None, rows=3):
        """Seal and release; returns (demand, package)."""
        made = self.seal(receivers, rows)
        assert self.release(*made) == "made_available"
        return made

    def replace(self, kind="rsa", name="newer"):
        """Let two people record another certificate of the person; the newest counts."""
        self.log.transactions.clock.advance(seconds=1)
        self.register.certificate(self.person, kind, name)
        self.pairs[self.person] = (kind, name)

    def certificate(self, holder=None):
        """Return the id of the newest certificate of a receiver."""
        handler = self.house.actor("handler1")
        known = self.register.service.get_agency(handler, self.agency).certificates
        return next(one.id for one in known if one.holder == (holder or self.person))

    def revoke(self, holder=None):
        """End our trust in the newest certificate of a receiver."""
        handler, certificate = self.house.actor("handler1"), self.certificate(holder)
        self.register.service.revoke_certificate(handler, certificate, "key_lost")

    def state(self, demand):
        with self.log.transactions.read() as session:
            return get_state(session, demand)

    def grant(self, person=None, days=90):
        """Grant a token by two; returns its id."""
        request = {"person": person or self.person, "days": days}
        granted = self.house.approve("delivery.receiver_token", request)
        actor = self.house.actor("handler1")
        return self.house.approvals.open(actor, granted).payload["token"]

    def sign_in(self, person=None, days=90):
        """Grant a token and claim it; returns (token, actor)."""
        code = self.service.tokens.issue_code(
            self.house.actor("handler1"), self.grant(person, days)
        ).code
        token = self.service.tokens.claim(code).token
        return token, self.service.authenticate_receiver(token)

    def collect(self, actor, package):
        """Fetch the whole encrypted file."""
        download = self.service.fetch(actor, package)
        try:
            return b"".join(download)
        finally:
            download.close()

    def code(self, data, holder=None):
        """Return the receipt code that lies inside an encrypted file."""
        with zipfile.ZipFile(io.BytesIO(self.open(data, holder))) as container:
            return read_receipt_code(container.read("RECEIPT.txt"))

    def open(self, data, holder=None):
        """Open an encrypted file with openssl; returns the container."""
        cert, key = write_pair(self.folder, *self.pairs[holder or self.person], "open")
        done = subprocess.run(
            [
                *["openssl", "cms", "-decrypt", "-inform", "DER", "-binary", "-recip"],
                cert,
                "-inkey",
                key,
            ],
            input=data,
            capture_output=True,
            check=True,
        )
        return done.stdout


def make_handover(office, folder, signer, *, pickup_days=14, grace_days=GRACE.days):
    """Build the services around an office; its person and a desk of it have certificates."""
    log = office.log
    sealery = make_sealery(office, folder, signer)
    service = DeliveryService(
        log.transactions,
        log.looks,
        log.service,
        load_root=office.house.load_root,
        working=load_working_days(),
        packages_dir=sealery.packages,
        spool_dir=folder / "spool",
        pickup_days=pickup_days,
        grace_days=grace_days,
    )
    handover = Handover(sealery, folder, service)
    handover.desk = keep(log, "desk of the handover", partial(_add_desk, office))
    handover.pairs[office.person] = ("rsa", office.person)
    handover.pairs[handover.desk] = ("p256", handover.desk)
    log.checkpointer.publish(WORKER)
    return handover


def _add_desk(office):
    desk = office.register.desk(office.agency, [office.person])
    office.register.certificate(desk, "p256")
    return desk
