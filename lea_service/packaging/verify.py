"""Checks an opened container offline: no service, no database, no network.

What is trusted comes from a folder the receiver got on a way of its own: ``provider.cert.pem`` (or
any ``*.cert.pem``), ``policy`` (keys of the custody log) and ``staff-root.json``. What is missing
there leaves a doubt, never a pass.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography import x509

from lea_service.agencies.certificates import certificate_fingerprint, load_certificate
from lea_service.custody.entries import load_entry
from lea_service.custody.policy import Policy, parse_policy
from lea_service.custody.proofs import LogProof
from lea_service.custody.verify import verify_bundle
from lea_service.extraction import approval as _plans  # noqa: F401 declares who decides on plans
from lea_service.extraction.result import result_value
from lea_service.kernel.canonical import is_canonical, load_strict, salted_digest
from lea_service.kernel.errors import InvalidInput, VerificationFailed
from lea_service.packaging.cades import embedded_certificates, verify_cades
from lea_service.packaging.commands import MANIFEST, SIGNATURE, SIGNED, SUMS, encrypted_name
from lea_service.packaging.container import MIMETYPE, SHA256_URI
from lea_service.packaging.decided import check_decided
from lea_service.packaging.manifest import FORMAT
from lea_service.packaging.receipt import is_receipt_code, read_receipt_code
from lea_service.packaging.report import PackageReport
from lea_service.packaging.sealing import manifest_digest
from lea_service.packaging.verify_rows import read_layout, verify_rows
from lea_service.staff.approvals import verify_exported
from lea_service.staff.encoding import decode_b64url
from lea_service.staff.root import Root, load_root

CUSTODY = "custody/"
RECEIPT = "RECEIPT.txt"
CHUNK = 1 << 20
MAX_SMALL = 64 << 20
UNREADABLE = (zipfile.BadZipFile, zlib.error, OSError, EOFError, RuntimeError)
"""What reading an archive raises where it is damaged, or holds what we never write."""
_REFERENCE = re.compile(
    r'<asic:DataObjectReference URI="([^"]+)" MimeType="[^"]+">'
    rf'<ds:DigestMethod Algorithm="{re.escape(SHA256_URI)}"/>'
    r"<ds:DigestValue>([A-Za-z0-9+/]{43}=)</ds:DigestValue></asic:DataObjectReference>"
)


@dataclass(frozen=True)
class Trust:
    """What the receiver trusts beforehand; what is None was not given."""

    certificates: tuple[x509.Certificate, ...] = ()
    policy: Policy | None = None
    root: Root | None = None


def load_trust(folder: Path) -> Trust:
    """Read a trust folder. Raises InvalidInput, VerificationFailed, IntegrityFailure."""
    if not folder.is_dir():
        raise InvalidInput("expected a folder with what is trusted")
    certificates = tuple(
        load_certificate(path.read_bytes()) for path in sorted(folder.glob("*.cert.pem"))
    )
    policy, root = folder / "policy", folder / "staff-root.json"
    return Trust(
        certificates,
        parse_policy(policy.read_text()) if policy.is_file() else None,
        load_root(root) if root.is_file() else None,
    )


def verify_package(path: Path, trust: Trust) -> PackageReport:
    """Check an opened container, and the log proof beside it if there is one."""
    report = PackageReport()
    try:
        with zipfile.ZipFile(path) as archive:
            _Check(archive, trust, report).run()
    except UNREADABLE:
        report.add(path.name, "is not a readable container; it may be cut short")
        return report
    _verify_beside(path, trust, report)
    return report


class _Check:
    """One container under the magnifying glass."""

    def __init__(self, archive: zipfile.ZipFile, trust: Trust, report: PackageReport) -> None:
        self._archive = archive
        self._trust = trust
        self._report = report
        self._names = archive.namelist()
        self._manifest: dict[str, Any] = {}

    def run(self) -> None:
        """Do every check; later ones need the manifest."""
        guard = self._report.guard
        guard("container", "container: order and names of its members", self._structure)
        guard(SIGNATURE, "signature of the provider", self._signature)
        guard(SIGNED, "digest of each file as it was signed", self._signed_digests)
        guard(MANIFEST, "manifest", self._read_manifest)
        if not self._manifest:
            return
        guard(MANIFEST, "files as the manifest lists them", self._listed_files)
        for declared in self._manifest["records"]:
            name = f"rows of {declared['kind']}: form, order, count, CSV equal to JSON Lines"
            guard(str(declared["canonical"]), name, partial(self._rows, declared))
        guard("plan.json", "plan and decision of two people", self._decision)
        guard(CUSTODY, "excerpt of the custody log", self._custody)
        guard(RECEIPT, "receipt code", self._receipt)

    def _structure(self) -> None:
        if len(self._names) != len(set(self._names)):
            raise VerificationFailed("holds a name twice")
        if self._names[:1] != ["mimetype"] or self._small("mimetype") != MIMETYPE.encode():
            raise VerificationFailed("does not begin with its mimetype")
        if self._names[-3:] != [MANIFEST, SIGNED, SIGNATURE]:
            raise VerificationFailed("does not end with manifest, signed list and signature")
        for name in self._names:
            if name.startswith("/") or "\\" in name or ".." in name.split("/"):
                raise VerificationFailed("holds a name that leaves the folder")

    def _signature(self) -> None:
        signature, content = self._small(SIGNATURE), self._small(SIGNED)
        if self._trust.certificates:
            verify_cades(signature, content, self._trust.certificates)
            return
        verify_cades(signature, content, embedded_certificates(signature))
        self._report.doubts.append("no trusted certificate was given: the signer is unknown")

    def _signed_digests(self) -> None:
        references = _REFERENCE.findall(self._small(SIGNED).decode())
        listed = [name for name, _ in references]
        payload = [one for one in self._names if one not in ("mimetype", SIGNED, SIGNATURE)]
        for name in sorted(set(payload) - set(listed)):
            self._report.add(name, "is not among the signed files")
        if len(listed) != len(set(listed)):
            raise VerificationFailed("lists a file twice")
        for name, digest in references:
            if name not in payload:
                self._report.add(name, "was signed but is not there")
            elif self._digest(name)[0] != b64decode(digest):
                self._report.add(name, "is not the file that was signed")

    def _read_manifest(self) -> None:
        data = self._small(MANIFEST)
        value = load_strict(data)
        if not is_canonical(data) or value["format"] != FORMAT:
            raise VerificationFailed(f"is not canonical JSON of {FORMAT}")
        self._report.package = str(value["package"])
        signers = {certificate_fingerprint(one) for one in self._trust.certificates}
        if signers and value["signer"] not in signers:
            raise VerificationFailed("names another signer than is trusted")
        self._manifest = value

    def _listed_files(self) -> None:
        listed = {one["name"]: one for one in self._manifest["files"]}
        payload = self._names[1:-3]
        if [one["name"] for one in self._manifest["files"]] != payload:
            raise VerificationFailed("lists other files than the container holds")
        lines = [line.partition("  ") for line in self._small(SUMS).decode().splitlines()]
        sums = {name: hexadecimal for hexadecimal, _, name in lines}
        for name in payload:
            digest, size = self._digest(name)
            if (digest.hex(), size) != (listed[name]["sha256"], listed[name]["bytes"]):
                self._report.add(name, "is not the file that the manifest lists")
            if name != SUMS and sums.get(name) != digest.hex():
                self._report.add(SUMS, f"says something else of {name}")

    def _rows(self, declared: Mapping[str, Any]) -> None:
        layout = read_layout(declared)
        with (
            self._archive.open(declared["canonical"]) as jsonl,
            self._archive.open(declared["csv"]) as table,
        ):
            # readers of the archive are binary files in all but their declared type
            verify_rows(layout, jsonl, table, declared["rows"], self._report)  # type: ignore[arg-type]

    def _decision(self) -> None:
        if self._trust.root is None:
            self._report.doubts.append("no staff root was given: the two signers are unknown")
            return
        decision = verify_exported(load_strict(self._small("decision.json")), self._trust.root)
        plan, demand = self._manifest["plan"], self._manifest["demand"]
        if plan["digest"] != decision.digest:
            raise VerificationFailed("the manifest names another plan than was decided on")
        if decision.facts.get("demand") != demand:
            raise VerificationFailed("the decision is about another demand")
        check_decided(
            decision,
            approval_id=self._manifest["decision"]["approval"],
            plan_id=plan["id"],
            plan=self._small(plan["file"]),
            plan_salt=plan["salt"],
            fingerprints=[one["certificate"] for one in self._manifest["receivers"]],
        )

    def _custody(self) -> None:
        if self._trust.policy is None:
            self._report.doubts.append("no log policy was given: the custody log is unknown")
            return
        files = {
            name.removeprefix(CUSTODY): self._small(name)
            for name in self._names
            if name.startswith(CUSTODY)
        }
        found = verify_bundle(files, self._trust.policy)
        for problem in found.problems + found.doubts:
            self._report.add(CUSTODY, problem)
        if not found.problems:
            self._check_result(files)

    def _check_result(self, files: Mapping[str, bytes]) -> None:
        """Compare with the log: it holds the digest of exactly these rows, for this demand."""
        # of a narrow bundle that verified, these are exactly the entries that were proven
        entries = [load_entry(files[name]) for name in sorted(files) if name.endswith(".json")]
        entry = entries[-1]
        result = self._manifest["result"]
        facts = entry.get("facts")
        if entry["ev"] != "extraction.done" or entry["case"] != self._manifest["demand"]:
            raise VerificationFailed("the excerpt does not end with the extraction of this demand")
        held = (facts.get("digest"), facts.get("run")) if isinstance(facts, dict) else ()
        if held != (result["digest"], self._manifest["run"]):
            raise VerificationFailed("the log holds another result")
        if not any(self._is_approval(one) for one in entries):
            raise VerificationFailed("the log does not hold that this plan was approved")
        listed = {one["name"]: one["sha256"] for one in self._manifest["files"]}
        rows = [
            (one["kind"], one["version"], one["rows"], listed[one["canonical"]])
            for one in self._manifest["records"]
        ]
        salt = decode_b64url(result["salt"], "/result/salt")
        if salted_digest(salt, result_value(rows)) != result["digest"]:
            raise VerificationFailed("the rows are not those whose digest the log holds")

    def _is_approval(self, entry: Mapping[str, Any]) -> bool:
        """Say whether an entry ties the run of this package to its plan and decision."""
        manifest, facts = self._manifest, entry.get("facts")
        if entry["ev"] != "plan.approved" or not isinstance(facts, dict):
            return False
        plan = manifest["plan"]
        wanted = (manifest["run"], plan["id"], plan["digest"], manifest["decision"]["approval"])
        return tuple(facts.get(name) for name in ("run", "plan", "digest", "approval")) == wanted

    def _receipt(self) -> None:
        code = read_receipt_code(self._small(RECEIPT))
        receipt = self._manifest["receipt"]
        if not is_receipt_code(code, decode_b64url(receipt["salt"], "/salt"), receipt["digest"]):
            raise VerificationFailed("the code is not the one of this package")

    def _small(self, name: str) -> bytes:
        with self._archive.open(name) as file:
            data = file.read(MAX_SMALL + 1)
        if len(data) > MAX_SMALL:
            raise VerificationFailed(f"{name} is larger than any such file")
        return data

    def _digest(self, name: str) -> tuple[bytes, int]:
        total, size = sha256(), 0
        with self._archive.open(name) as file:
            while block := file.read(CHUNK):
                total.update(block)
                size += len(block)
        return total.digest(), size


def _verify_beside(path: Path, trust: Trust, report: PackageReport) -> None:
    """Check ``<package>.tlog-proof`` with ``<package>.entry.json`` and the encrypted file."""
    if report.package is None or not re.fullmatch(r"pk_[0-9a-f]{32}", report.package):
        return
    proof, entry = (
        path.with_name(report.package + ending) for ending in (".tlog-proof", ".entry.json")
    )
    if not proof.is_file() or not entry.is_file():
        return
    if trust.policy is None:
        report.doubts.append("no log policy was given: the proof beside the package is unread")
        return
    check = partial(_check_sealed_entry, path, proof, entry, trust.policy, report.package)
    report.guard(proof.name, "proof that the log holds the sealed package", check)


def _check_sealed_entry(path: Path, proof: Path, entry: Path, policy: Policy, package: str) -> None:
    data = entry.read_bytes()
    LogProof.parse(proof.read_bytes()).verify(data, policy)
    loaded = load_entry(data)
    facts: Any = loaded["facts"]
    if loaded["ev"] != "package.sealed" or facts["package"] != package:
        raise VerificationFailed("the proof is of another entry")
    with zipfile.ZipFile(path) as archive:
        if manifest_digest(archive.read(MANIFEST)) != facts["manifest"]:
            raise VerificationFailed("the log holds another manifest of this package")
    encrypted = path.with_name(encrypted_name(package))
    if encrypted.is_file() and _file_digest(encrypted) != facts["sha256"]:
        raise VerificationFailed("the encrypted file is not the one in the log")


def _file_digest(path: Path) -> str:
    total = sha256()
    with path.open("rb") as file:
        while block := file.read(CHUNK):
            total.update(block)
    return total.hexdigest()
