"""Whole package contents for tests: rows in a sealed spool, a signed decision, a real log."""

import hashlib
import io
import shlex
import subprocess
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding

from lea_service.agencies.certificates import certificate_fingerprint
from lea_service.demands.demand import Item, Period, Target, TargetKind
from lea_service.extraction.document import dump_plan
from lea_service.extraction.holders import HOLDERS, dump_spans, state_holders
from lea_service.extraction.models import PLAN_KIND
from lea_service.extraction.outcome import Loss, Outcome
from lea_service.extraction.plan import PlanReceiver, PlanSource, compile_plan
from lea_service.extraction.reasons import PLAN_REASONS
from lea_service.extraction.result import accounted_value, result_value
from lea_service.kernel.actors import Actor, Role, worker_actor
from lea_service.kernel.canonical import dump_canonical, encode_b64url, salted_digest
from lea_service.kernel.clock import format_instant
from lea_service.kernel.coded import codes_of
from lea_service.kernel.database import CaseBase, Database
from lea_service.kernel.keystore import generate_keystore, load_keystore
from lea_service.kernel.sealed_file import SegmentReader, SegmentWriter
from lea_service.packaging.commands import container_name, encrypted_name, opening_commands
from lea_service.packaging.contents import (
    Correspondence,
    ItemAnswer,
    PackageContents,
    PackageReceiver,
    RecordSpool,
    SourceCoverage,
)
from lea_service.packaging.receipt import new_receipt_secret
from lea_service.packaging.sealing import write_package
from lea_service.packaging.signature import PackageSigner
from lea_service.records.kinds import CALL
from lea_service.staff.chain import EFFECTS
from lea_service.staff.changes import ACCOUNT, ROLES, Change, dump_change
from lea_service.staff.exported import EXPORT_FORMAT
from lea_service.staff.history import Signed, entry_facts
from lea_service.staff.keys import load_request, request_enrolment
from lea_service.staff.root import Founder, Root, dump_root
from lea_service.staff.rules import REQUIRED, Clearance
from lea_service.staff.statement import Act, Statement, dump_statement, sign_statement
from lea_service.staff.statement import Outcome as Decided
from tests.support.certificates import certificate, write_pair
from tests.support.clock import FixedClock
from tests.support.databases import load_models
from tests.support.ids import SeededIds
from tests.support.log import build_log
from tests.support.rows import PHONE, call_rows
from tests.support.sources import categories_of

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
SPOOL_KEY = bytes(range(32))
SALT = bytes(16)
RULE = "CALL-6M"
TERM = NOW - timedelta(days=180)
DEMAND, RUN, PLAN = f"c_{1:032x}", f"e_{2:032x}", f"pl_{3:032x}"
PACKAGE, APPROVAL = f"pk_{4:032x}", f"ap_{5:032x}"
PLAN_DOCUMENT = {"v": 1, "demand": DEMAND, "items": [{"n": 1, "target": "+31612345678"}]}


@dataclass(frozen=True)
class Case:
    """Contents with all that it takes to seal and to verify them."""

    contents: PackageContents
    signer: PackageSigner
    trust: Path
    log: Any
    team: Any

    def open_spool(self, spool):
        return SegmentReader(spool.path, SPOOL_KEY, spool.context)


def nothing(*_):
    """Do nothing."""


def make_case(
    folder,
    *,
    kinds=("rsa",),
    rows=50,
    items=None,
    sources=("pbx1",),
    previewed=None,
    extracted=None,
    approved=None,
    before=nothing,
    meanwhile=nothing,
    after=nothing,
):
    """Build contents with ``rows`` call rows of the first source, for receivers with ``kinds``.

    ``items`` are answered instead of those of the sample, out of ``sources`` of calls.
    ``extracted`` and ``approved`` are what the log holds instead of the truth. Called with log and
    team are ``before`` before the decision, ``meanwhile`` between its signature and its entry,
    ``after`` when the run was approved.
    """
    receivers = tuple(
        PackageReceiver(f"p_{n:032x}", f"Ontvanger {kind}", certificate(kind, f"r-{kind}"))
        for n, kind in enumerate(kinds)
    )
    items = items or make_items(rows)
    plan = dump_plan(make_plan(items, receivers, sources))
    spool = write_spool(folder / "spool", rows)
    digest = salted_digest(SALT, result_value([("call", 1, spool.rows, spool.sha256)]))
    plan_digest = salted_digest(SALT, plan)
    log, team = make_log(folder), Team()
    team.let_in(log)
    at(log, days=-2)
    with log.transactions.begin(worker_actor()) as tx:
        tx.new_key(DEMAND, "file")
        tx.record("demand.recorded", DEMAND, facts={"channel": "api"}, disclose={"ref": "05/1"})
    spans = {item.n: [one.span for one in item.held] for item in items if item.held}
    if spans:
        team.holders = {HOLDERS: state_holders(dump_spans(spans), encode_b64url(SALT))}
    before(log, team)
    bound = rows if previewed is None else previewed
    decision = team.decide(log, plan_digest, plan, bound, meanwhile)
    approved = approved or {
        "run": RUN, "plan": PLAN, "digest": plan_digest, "approval": APPROVAL,
    }  # fmt: skip
    enter(log, "plan.approved", DEMAND, approved)
    after(log, team)
    at(log)
    coverage = tuple(cover(source, rows if source == sources[0] else 0) for source in sources)
    done = {
        "digest": digest,
        "run": RUN,
        "rows": rows,
        "past_term": 0,
        "accounted": account_for(coverage),
    }
    enter(log, "extraction.done", DEMAND, done | (extracted or {}))
    custody = log.service.excerpt(worker_actor(), DEMAND, until="extraction.done").files()
    contents = PackageContents(
        demand_id=DEMAND,
        run_id=RUN,
        plan_id=PLAN,
        plan=dump_canonical(plan),
        plan_salt=encode_b64url(SALT),
        plan_digest=plan_digest,
        approval_id=APPROVAL,
        decision=dump_canonical(decision),
        result_salt=encode_b64url(SALT),
        result_digest=digest,
        letter=Correspondence(
            provider="Voorbeeld Telecom B.V.",
            authority="Politie Eenheid Oost, team Opsporing",
            references=(("parketnummer", "05/123456-26"), ("zaaknummer", "PL0600-2026")),
            legal_basis="Sv 126n",
            issuing_role=("officier van justitie", "public prosecutor"),
            order_date="2026-11-20",
            received_at=NOW - timedelta(days=2),
            contact="vorderingen@voorbeeld.example",
        ),
        items=items,
        coverage=coverage,
        records=(spool,),
        receivers=receivers,
        custody=custody,
    )
    signer = make_signer(folder)
    trust = write_trust(folder / "trust", signer, log, team.root)
    return Case(contents, signer, trust, log, team)


def cover(source, rows):
    """Return the coverage of a source of which ``rows`` are delivered and two withheld."""
    withheld = {RULE: 2}
    counts = (rows + 2, rows, withheld, {})
    return SourceCoverage(source, "call", TERM, NOW, *counts, rule=RULE, kept_from=TERM)


def account_for(coverage):
    """Return the digest by which the log vouches for the rows of each source."""
    return salted_digest(
        SALT,
        accounted_value(
            (one.source, one.kind, one.rows_read, one.rows_delivered, one.withheld)
            for one in coverage
        ),
    )


def make_plan(items, receivers, sources):
    """Return the plan of which ``items`` are the answers."""
    asked = [
        Item(
            item.n,
            Target(TargetKind(item.target_kind), item.target, source=item.source),
            Period(item.start, item.end, item.zone),
            item.categories,
        )
        for item in items
    ]
    return compile_plan(
        SimpleNamespace(id=DEMAND, items=asked),
        demand_version=1,
        sources=[
            PlanSource(
                f"so_{n:032x}",
                source,
                "call",
                categories_of("call"),
                CALL.names,
                False,
                None,
                RULE,
                TERM,
            )
            for n, source in enumerate(sources, 6)
        ],
        receivers=[
            PlanReceiver(one.id, certificate_fingerprint(one.certificate)) for one in receivers
        ],
        compiled_at=NOW - timedelta(days=1),
    )


def make_items(rows):
    start, end = NOW - timedelta(days=30), NOW
    one = ItemAnswer(
        1,
        "phone_number",
        PHONE,
        start,
        end,
        "Europe/Amsterdam",
        ("traffic_call_records",),
        Outcome.DELIVERED if rows else Outcome.NOTHING_FOUND,
        rows,
    )
    lost = (Loss("pbx1", RULE, end),)
    gone = replace(
        one, n=2, target="+31201234567", outcome=Outcome.DESTROYED, rows=0, destroyed=lost
    )
    nothing = replace(gone, n=3, outcome=Outcome.NOTHING_FOUND, destroyed=())
    return (one, gone, nothing)


def write_spool(folder, rows):
    return spool_rows(folder, list(call_rows(rows)))


def spool_rows(folder, rows):
    """Seal canonical rows in a spool of their own."""
    folder.mkdir(exist_ok=True)
    path, total = folder / "call-1", hashlib.sha256()
    with SegmentWriter(path, SPOOL_KEY, "spool/call") as file:
        for row in rows:
            total.update(row)
            file.write(row)
    return RecordSpool(CALL, path, "spool/call", len(rows), total.hexdigest())


def make_signer(folder):
    keys = folder / "keys"
    generate_keystore(keys, provider="Voorbeeld Telecom B.V.", now=NOW)
    store = load_keystore(keys)
    return PackageSigner(store.signing_key, store.signing_certificate)


def make_log(folder):
    """Return an empty log on SQLite."""
    load_models()
    database = Database(f"sqlite:///{folder / 'log.db'}")
    CaseBase.metadata.create_all(database.engine)
    return build_log(database, FixedClock(NOW), SeededIds(), folder / "signer.json")


def at(log, **ago):
    """Set the clock of a log so far from the moment of sealing."""
    log.transactions.clock.set(NOW + timedelta(**ago))


def enter(log, event, stream, facts):
    """Enter what the worker did."""
    with log.transactions.begin(worker_actor()) as tx:
        tx.record(event, stream, facts=facts)


def write_trust(folder, signer, log, root):
    """Write what a receiver got on a way of its own."""
    folder.mkdir()
    pem = signer.certificate.public_bytes(Encoding.PEM)
    (folder / "provider.cert.pem").write_bytes(pem)
    (folder / "policy").write_text(log.service.policy.format())
    (folder / "staff-root.json").write_bytes(dump_canonical(dump_root(root)))
    return folder


class Team:
    """Two founders and the two people they let in, each change entered in a log."""

    def __init__(self):
        self.start = NOW - timedelta(days=90)
        self.keys = {name: Ed25519PrivateKey.generate() for name in ("adm", "ovr", "han", "app")}
        self.ids = {name: f"s_{n:032x}" for n, name in enumerate(self.keys)}
        self.cleared = tuple(
            Clearance(kind, self.start.date(), (NOW + timedelta(days=300)).date())
            for kind in REQUIRED
        )
        founders = (("adm", Role.ADMINISTRATOR), ("ovr", Role.OVERSEER))
        self.root = Root(self.start, tuple(self._founder(*one) for one in founders))
        self.chain, self.suspensions = [], []
        self.ground, self.looked_at = None, codes_of(PLAN_REASONS.looked_at)
        self.holders = {}

    def let_in(self, log):
        """Enter the founders, and let the handler and the approver in."""
        log.transactions.clock.set(self.start)
        for founder in self.root.founders:
            with log.transactions.begin(Actor("sys:bootstrap", frozenset())) as tx:
                facts = {"role": str(founder.role), "root": self.root.digest}
                tx.record("staff.bootstrapped", founder.account, facts=facts)
        for n, (name, role) in enumerate((("han", Role.HANDLER), ("app", Role.APPROVER))):
            log.transactions.clock.set(self.start + timedelta(hours=1 + n))
            change = self._change(name, 1, ACCOUNT, roles=(role,), person=f"person-{name}")
            self.chain.append(self.change(log, f"ap_{90 + n:032x}", change))

    def change(self, log, approval, change):
        """Have the founders decide on a change of staff; returns it as it is exported."""
        facts = dump_change(change)
        case = self._case(
            log,
            "adm",
            "ovr",
            change.account,
            approval=approval,
            kind=change.kind,
            subject=change.account,
            digest=salted_digest(SALT, {}),
            facts=facts,
            beneficiary=change.account,
        )
        told = {name: facts[name] for name in ("generation", "roles", "key") if name in facts}
        enter(log, EFFECTS[change.kind], change.account, {"approval": approval, **told})
        return case

    def take_roles(self, log, name):
        """Take every role of a person away."""
        return self.change(log, f"ap_{80:032x}", self._change(name, 2, ROLES, roles=()))

    def suspend(self, log, name):
        """Suspend a person; returns it as it is exported."""
        suspension, account = f"su_{70:032x}", self.ids[name]
        since = format_instant(log.transactions.clock.now())
        enter(log, "staff.suspended", account, {"suspension": suspension, "ground": "left"})
        self.suspensions.append({"id": suspension, "account": account, "since": since})

    def decide(self, log, digest, plan, rows, meanwhile):
        """Have the handler propose a plan and the approver decide; returns the export."""
        self._meanwhile = meanwhile
        at(log, days=-1)
        facts = {
            "demand": DEMAND,
            "receivers": sorted(one["certificate"] for one in plan["receivers"]),
            "bounds": {"rows": rows, "max_rows": rows + 10},
            "past_term": self.ground,
            **self.holders,
        }
        fields = {"approval": APPROVAL, "kind": PLAN_KIND, "subject": PLAN, "digest": digest}
        case = self._case(log, "han", "app", DEMAND, facts=facts, **fields)
        rest = {"chain": self.chain, "suspensions": self.suspensions}
        return {"format": EXPORT_FORMAT, "approval": case, **rest}

    def _founder(self, name, role):
        public = self.keys[name].public_key().public_bytes_raw()
        return Founder(self.ids[name], role, f"person-{name}", public, self.cleared)

    def _change(self, name, generation, kind, **fields):
        if kind == ACCOUNT:
            key = load_request(request_enrolment(self.keys[name]))
            fields |= {"key": key, "clearances": self.cleared}
        return Change(kind, self.ids[name], generation, **fields)

    def _case(self, log, proposer, decider, stream, **fields):
        clock = log.transactions.clock
        proposal = self._sign(log, stream, Act.PROPOSE, proposer, clock.now(), fields)
        clock.advance(seconds=300)
        decision = self._sign(log, stream, Act.DECIDE, decider, clock.now(), fields)
        return {"id": fields["approval"], "proposal": proposal, "decision": decision}

    def _sign(self, log, stream, act, name, now, fields):
        decided = {"outcome": Decided.APPROVED} if act is Act.DECIDE else {}
        if decided and fields["kind"] == PLAN_KIND:
            decided["looked_at"] = self.looked_at
        by = self.ids[name]
        data = dump_statement(Statement(act=act, by=by, stated_at=now, **fields, **decided))
        signed = Signed(data, sign_statement(self.keys[name], data))
        event = "approval.decided" if decided else "approval.proposed"
        if decided and stream == DEMAND:
            self._meanwhile(log, self)
        with log.transactions.begin(Actor(by, frozenset())) as tx:
            tx.record(event, stream, facts=entry_facts(signed))
        return {"statement": data.decode(), "proof": signed.proof}


def seal_case(case, contents=None, *, receipt=None, package_id=PACKAGE):
    """Return the encrypted package, what was written about it, and nothing kept anywhere."""
    sink = io.BytesIO()
    written = write_package(
        sink,
        contents or case.contents,
        package_id=package_id,
        receipt=receipt or new_receipt_secret(),
        signer=case.signer,
        open_spool=case.open_spool,
        now=NOW,
    )
    return sink.getvalue(), written


def open_package(folder, data, kind="rsa", package_id=PACKAGE):
    """Decrypt with openssl, as the letter says; returns the container."""
    write_pair(folder, kind, f"r-{kind}", "receiver")
    (folder / encrypted_name(package_id)).write_bytes(data)
    run_opening(folder, package_id)
    return folder / container_name(package_id)


def run_opening(folder, package_id):
    """Run the first printed command: from the encrypted file to the container."""
    command = shlex.split(opening_commands(package_id)[0])
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
