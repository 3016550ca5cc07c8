"""Whole package contents for tests: rows in a sealed spool, a signed decision, a real log."""

import hashlib
import io
import shlex
import subprocess
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding

from lea_service.agencies.certificates import certificate_fingerprint
from lea_service.extraction.models import PLAN_KIND
from lea_service.extraction.outcome import Outcome
from lea_service.extraction.result import result_value
from lea_service.kernel.actors import Role, worker_actor
from lea_service.kernel.canonical import dump_canonical, encode_b64url, salted_digest
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
from lea_service.staff.approvals import EXPORT_FORMAT
from lea_service.staff.changes import ACCOUNT, Change, dump_change
from lea_service.staff.keys import load_request, request_enrolment
from lea_service.staff.root import Founder, Root, dump_root
from lea_service.staff.rules import Clearance, ClearanceKind
from lea_service.staff.statement import Act, Statement, dump_statement, sign_statement
from lea_service.staff.statement import Outcome as Decided
from tests.support.certificates import certificate, write_pair
from tests.support.clock import FixedClock
from tests.support.databases import load_models
from tests.support.ids import SeededIds
from tests.support.log import build_log
from tests.support.rows import CALL, call_rows

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
SPOOL_KEY = bytes(range(32))
SALT = bytes(16)
DEMAND, RUN, PLAN = f"c_{1:032x}", f"e_{2:032x}", f"pl_{3:032x}"
PACKAGE, APPROVAL = f"pk_{4:032x}", f"ap_{5:032x}"
PLAN_DOCUMENT = {"v": 1, "demand": DEMAND, "items": [{"n": 1, "target": "+31612345678"}]}


@dataclass(frozen=True)
class Case:
    """Contents with all that it takes to seal and to verify them."""

    contents: PackageContents
    signer: PackageSigner
    trust: Path
    log: object

    def open_spool(self, spool):
        return SegmentReader(spool.path, SPOOL_KEY, spool.context)


def make_case(folder, *, kinds=("rsa",), rows=50, extracted=None):
    """Build contents with ``rows`` call rows for receivers with keys of ``kinds``."""
    receivers = tuple(
        PackageReceiver(f"p_{n:032x}", f"Ontvanger {kind}", certificate(kind, f"r-{kind}"))
        for n, kind in enumerate(kinds)
    )
    fingerprints = sorted(certificate_fingerprint(one.certificate) for one in receivers)
    spool = write_spool(folder / "spool", rows)
    digest = salted_digest(SALT, result_value([("call", 1, spool.rows, spool.sha256)]))
    plan_digest = salted_digest(SALT, PLAN_DOCUMENT)
    approved = {"run": RUN, "plan": PLAN, "digest": plan_digest, "approval": APPROVAL}
    extracted = extracted or {"digest": digest, "run": RUN}
    log, custody = make_excerpt(folder, approved, extracted)
    root, decision = make_decision(plan_digest, fingerprints)
    contents = PackageContents(
        demand_id=DEMAND,
        run_id=RUN,
        plan_id=PLAN,
        plan=dump_canonical(PLAN_DOCUMENT),
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
            issuing_role="officier van justitie",
            order_date="2026-11-20",
            received_at=NOW - timedelta(days=2),
            contact="vorderingen@voorbeeld.example",
        ),
        items=make_items(rows),
        coverage=(
            SourceCoverage(
                "pbx1", "call", NOW - timedelta(days=180), NOW, rows + 2, rows, {"R1": 2}, {}
            ),
        ),
        records=(spool,),
        receivers=receivers,
        custody=custody,
    )
    signer = make_signer(folder)
    return Case(contents, signer, write_trust(folder / "trust", signer, log, root), log)


def make_items(rows):
    start, end = NOW - timedelta(days=30), NOW
    one = ItemAnswer(
        1,
        "phone_number",
        "+31612345678",
        start,
        end,
        "Europe/Amsterdam",
        ("traffic_call_records",),
        Outcome.DELIVERED if rows else Outcome.NOTHING_FOUND,
        rows,
    )
    gone = replace(
        one, n=2, target="+31201234567", outcome=Outcome.DESTROYED, rows=0, rule="CALL-6M"
    )
    nothing = replace(gone, n=3, outcome=Outcome.NOTHING_FOUND, rule=None)
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


def make_excerpt(folder, approved, extracted):
    """Return a log on SQLite and the files of the demand's excerpt up to ``extraction.done``."""
    load_models()
    database = Database(f"sqlite:///{folder / 'log.db'}")
    CaseBase.metadata.create_all(database.engine)
    log = build_log(database, FixedClock(NOW), SeededIds(), folder / "signer.json")
    with log.transactions.begin(worker_actor()) as tx:
        tx.new_key(DEMAND, "file")
        tx.new_key(DEMAND, "result")
        tx.record("demand.recorded", DEMAND, facts={"channel": "api"}, disclose={"ref": "05/1"})
        tx.record("plan.approved", DEMAND, facts=approved)
        tx.record("extraction.done", DEMAND, facts=extracted)
    return log, log.service.excerpt(worker_actor(), DEMAND, until="extraction.done").files()


def write_trust(folder, signer, log, root):
    """Write what a receiver got on a way of its own."""
    folder.mkdir()
    pem = signer.certificate.public_bytes(Encoding.PEM)
    (folder / "provider.cert.pem").write_bytes(pem)
    (folder / "policy").write_text(log.service.policy.format())
    (folder / "staff-root.json").write_bytes(dump_canonical(dump_root(root)))
    return folder


def make_decision(plan_digest, fingerprints):
    """Return a root of two founders and an exported decision of two people they let in."""
    start = NOW - timedelta(days=90)
    keys = {name: Ed25519PrivateKey.generate() for name in ("adm", "ovr", "han", "app")}
    ids = {name: f"s_{n:032x}" for n, name in enumerate(keys)}
    cleared = tuple(
        Clearance(kind, start.date(), (NOW + timedelta(days=300)).date()) for kind in ClearanceKind
    )
    root = Root(
        start,
        tuple(
            Founder(
                ids[name],
                role,
                f"person-{name}",
                keys[name].public_key().public_bytes_raw(),
                cleared,
            )
            for name, role in (("adm", Role.ADMINISTRATOR), ("ovr", Role.OVERSEER))
        ),
    )

    def signed(act, by, at, **fields):
        decided = {"outcome": Decided.APPROVED} if act is Act.DECIDE else {}
        data = dump_statement(Statement(act=act, by=ids[by], stated_at=at, **fields, **decided))
        return {"statement": data.decode(), "proof": sign_statement(keys[by], data)}

    def case(one, other, at, **fields):
        return {
            "id": fields["approval"],
            "proposal": signed(Act.PROPOSE, one, at, **fields),
            "decision": signed(Act.DECIDE, other, at + timedelta(minutes=5), **fields),
        }

    chain = []
    for n, (name, role) in enumerate((("han", Role.HANDLER), ("app", Role.APPROVER))):
        change = Change(
            ACCOUNT,
            ids[name],
            1,
            roles=(role,),
            person=f"person-{name}",
            key=load_request(request_enrolment(keys[name])),
            clearances=cleared,
        )
        chain.append(
            case(
                "adm",
                "ovr",
                start + timedelta(hours=1 + n),
                approval=f"ap_{90 + n:032x}",
                kind=ACCOUNT,
                subject=ids[name],
                digest=salted_digest(SALT, {}),
                facts=dump_change(change),
                beneficiary=ids[name],
            )
        )
    decided = case(
        "han",
        "app",
        NOW - timedelta(days=1),
        approval=APPROVAL,
        kind=PLAN_KIND,
        subject=PLAN,
        digest=plan_digest,
        facts={"demand": DEMAND, "receivers": fingerprints},
    )
    exported = {"format": EXPORT_FORMAT, "approval": decided, "chain": chain, "suspensions": []}
    return root, exported


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
