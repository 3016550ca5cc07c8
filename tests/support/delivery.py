"""A real sealed package on its way: a demand, two people's decision, receivers with keys."""

import hashlib
import io
import subprocess
import zipfile
from dataclasses import dataclass, field

from cryptography import x509

from lea_service.agencies.queries import list_receivers
from lea_service.delivery import approval  # noqa: F401 declares the kind of receivers' tokens
from lea_service.delivery.service import DeliveryService
from lea_service.demands.changes import advance
from lea_service.demands.queries import get_state
from lea_service.demands.service import DemandService
from lea_service.kernel.actors import worker_actor
from lea_service.kernel.canonical import dump_canonical, encode_b64url, salted_digest
from lea_service.kernel.datakeys import RESULT
from lea_service.kernel.sealed_file import SegmentWriter
from lea_service.packaging.contents import (
    Correspondence,
    PackageContents,
    PackageReceiver,
    RecordSpool,
    SourceCoverage,
)
from lea_service.packaging.receipt import read_receipt_code
from lea_service.packaging.service import PackagingService
from lea_service.staff import approvals
from lea_service.staff.statement import Outcome, sign_statement
from tests.demands.samples import KNOWN_BASIS, content
from tests.support.certificates import write_pair
from tests.support.package import NOW, PLAN_DOCUMENT, PLAN_KIND, SALT, make_items
from tests.support.rows import CALL, call_rows

WORKER = worker_actor()


class Contents:
    """The one contents that a test puts in."""

    def __init__(self):
        self.contents = None

    def load_contents(self, _actor, demand_id, run_id):
        return self.contents


@dataclass
class Handover:
    """An agency with people and a desk, packages for them, and the service that hands over."""

    register: object
    folder: object
    signer: object
    demands: DemandService
    service: DeliveryService
    packaging: PackagingService = None
    contents: Contents = field(default_factory=Contents)
    agency: str = ""
    person: str = ""
    desk: str = ""

    @property
    def house(self):
        return self.register.house

    @property
    def log(self):
        return self.register.log

    def record(self, receivers):
        """Record a demand for these receivers; returns its id."""
        asked = content(
            agency={"ref": self.agency},
            issuing_person={"ref": self.person},
            receivers=list(receivers),
            references=[{"kind": "case_number", "value": self.log.transactions.ids.new("n")}],
        )
        return self.demands.record(self.house.actor("handler1"), asked).demand_id

    def seal(self, receivers=None, rows=50):
        """Bring a demand up to a sealed package; returns (demand, package)."""
        receivers = receivers or [self.person]
        demand = self.record(receivers)
        plan, run = (self.log.transactions.ids.new(one) for one in ("pl", "e"))
        holders = self._holders(receivers)
        decided = self._decide(plan, sorted(one.fingerprint for one in holders))
        with self.log.transactions.begin(WORKER) as tx:
            advance(tx, demand, "under_review", "demand.review_started")
            advance(tx, demand, "approved", "plan.approved")
            advance(tx, demand, "extracting", "extraction.started")
        self.contents.contents = self._fill(demand, run, plan, decided, holders, rows)
        with self.log.transactions.begin(WORKER) as tx:
            self.packaging.begin(tx, demand, run)
        sealed = self.packaging.write(WORKER, demand, run)
        with self.log.transactions.begin(WORKER) as tx:
            return demand, self.packaging.finish(tx, sealed)

    def release(self, demand, package):
        """Make a sealed package available; returns its receivers."""
        release = self.service.check_release(WORKER, demand, package)
        with self.log.transactions.begin(WORKER) as tx:
            return self.service.make_available(tx, release)

    def deliver(self, receivers=None, rows=50):
        """Seal and release; returns (demand, package)."""
        made = self.seal(receivers, rows)
        self.release(*made)
        return made

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

    def code(self, data, holder=None, kind="p256"):
        """Open the encrypted file with openssl and return the receipt code that lies inside."""
        cert, key = write_pair(self.folder, kind, holder or self.person, "open")
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
        with zipfile.ZipFile(io.BytesIO(done.stdout)) as container:
            return read_receipt_code(container.read("RECEIPT.txt"))

    def _holders(self, receivers):
        with self.log.transactions.read() as session:
            now = self.log.transactions.clock.now()
            return list_receivers(session, self.log.keys, receivers, now)

    def _decide(self, plan, fingerprints):
        house = self.house
        handler = house.actor("handler1")
        stated = {
            "kind": PLAN_KIND,
            "subject": plan,
            "payload": PLAN_DOCUMENT,
            "salt": SALT,
            "facts": {"receivers": fingerprints},
        }
        with self.log.transactions.begin(handler) as tx:
            made = approvals.new_approval_id(tx.ids)
            statement = approvals.state_proposal(made, by=handler.id, now=tx.now, **stated)
            proof = sign_statement(house.key("handler1"), statement)
            approvals.propose(tx, **stated, stream=self.agency, proof=proof, statement=statement)
        house.decide(made, "approver1", Outcome.APPROVED)
        return made

    def _fill(self, demand, run, plan, decided, holders, rows):
        with self.log.transactions.read() as session:
            key = self.log.keys.key(session, demand, RESULT)
            decision = approvals.export_decision(session, decided)
        spool = self._spool(demand, key, rows)
        return PackageContents(
            demand_id=demand,
            run_id=run,
            plan_id=plan,
            plan=dump_canonical(PLAN_DOCUMENT),
            plan_salt=encode_b64url(SALT),
            plan_digest=salted_digest(SALT, PLAN_DOCUMENT),
            approval_id=decided,
            decision=dump_canonical(decision),
            result_salt=encode_b64url(SALT),
            result_digest=salted_digest(SALT, []),
            letter=Correspondence(
                provider="Voorbeeld Telecom B.V.",
                authority="Politie Eenheid Oost",
                references=(("zaaknummer", "PL0600-2026"),),
                legal_basis=KNOWN_BASIS,
                issuing_role="officier van justitie",
                order_date="2026-11-20",
                received_at=NOW,
            ),
            items=make_items(rows)[:1],
            coverage=(SourceCoverage("pbx1", "call", None, None, rows, rows, {}),),
            records=(spool,),
            receivers=tuple(
                PackageReceiver(
                    one.id, one.name, x509.load_pem_x509_certificate(one.certificate_pem)
                )
                for one in holders
            ),
            custody=self.log.service.excerpt(WORKER, demand, until="demand.recorded").files(),
        )

    def _spool(self, demand, key, rows):
        path, total = self.folder / "spool" / demand / "call-1", hashlib.sha256()
        path.parent.mkdir(parents=True)
        with SegmentWriter(path, key, "spool/call") as file:
            for row in call_rows(rows):
                total.update(row)
                file.write(row)
        return RecordSpool(CALL, path, "spool/call", rows, total.hexdigest())


def make_handover(register, folder, signer, *, pickup_days=14, grace_days=30):
    """Build the services around a register, with one agency, person, desk and certificates."""
    log, house = register.log, register.house
    handover = Handover(
        register,
        folder,
        signer,
        DemandService(
            log.transactions,
            log.looks,
            is_known_basis={KNOWN_BASIS}.__contains__,
            max_order_bytes=1 << 20,
            pickup_days=pickup_days,
        ),
        DeliveryService(
            log.transactions,
            log.looks,
            log.service,
            load_root=house.load_root,
            packages_dir=folder / "packages",
            spool_dir=folder / "spool",
            pickup_days=pickup_days,
            grace_days=grace_days,
        ),
    )
    handover.packaging = PackagingService(
        log.transactions,
        contents=handover.contents,
        signer=signer,
        folder=folder / "packages",
        load_root=house.load_root,
        advance=advance,
        state_of=get_state,
        looks=log.looks,
    )
    handover.agency = register.organisation()
    handover.person = register.person(handover.agency)
    handover.desk = register.desk(handover.agency, [handover.person])
    for holder in (handover.person, handover.desk):
        register.certificate(holder, "p256")
    return handover
