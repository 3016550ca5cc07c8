"""Checks an opened container offline: no service, no database, no network.

What is trusted comes from a folder the receiver got on a way of its own: ``provider.cert.pem`` (or
any ``*.cert.pem``), ``policy`` (keys of the custody log) and ``staff-root.json``. What is missing
there leaves a doubt, never a pass.
"""

from __future__ import annotations

import re
import zipfile
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography import x509

from lea_service.agencies.certificates import certificate_fingerprint, load_certificate
from lea_service.custody.bundle import BundleFiles, is_packed_as_ours
from lea_service.custody.entries import load_entry
from lea_service.custody.note import Head
from lea_service.custody.policy import Policy, parse_policy
from lea_service.custody.verify import NO_WITNESS, Progress, verify_bundle
from lea_service.extraction import approval as _plans  # noqa: F401 declares who decides on plans
from lea_service.extraction.instalments import BEGUN
from lea_service.extraction.result import result_value
from lea_service.kernel.canonical import load_strict, salted_digest
from lea_service.kernel.clock import parse_instant
from lea_service.kernel.errors import InvalidInput, VerificationFailed
from lea_service.kernel.phrases import LANGUAGES
from lea_service.packaging.cades import embedded_certificates, signing_time, verify_cades
from lea_service.packaging.commands import (
    LOG,
    MANIFEST,
    RECEIVER_CERTIFICATE,
    SIGNATURE,
    SIGNED,
    SUMS,
    verify_command,
)
from lea_service.packaging.container import MIMETYPE, SHA256_URI
from lea_service.packaging.decided import check_decided
from lea_service.packaging.manifest import load_manifest
from lea_service.packaging.receipt import is_receipt_code, read_receipt_code
from lea_service.packaging.report import PackageReport
from lea_service.packaging.sealing import manifest_digest
from lea_service.packaging.verify_beside import CHUNK, CLOCKS, Opened, verify_beside
from lea_service.packaging.verify_log import MADE, GivenLog, check_decision, verify_log
from lea_service.packaging.verify_rows import read_layout, verify_rows
from lea_service.packaging.verify_scope import Scope, read_scope
from lea_service.packaging.watched import WatchedFile
from lea_service.packaging.zip_layout import check_layout
from lea_service.staff.chain import StaffLog, compare_entries, facts_of
from lea_service.staff.encoding import decode_b64url
from lea_service.staff.exported import load_exported, verify_exported
from lea_service.staff.history import Case, VerifiedDecision
from lea_service.staff.root import Root, load_root

CUSTODY = "custody/"
RECEIPT = "RECEIPT.txt"
PLAN, DECISION, COVERAGE = "plan.json", "decision.json", "coverage.json"
PROPOSED, DECIDED = "approval.proposed", "approval.decided"
ENDORSED = "approval.endorsed"
MAX_SMALL = 64 << 20
MAX_NAMES = 100_000
MAX_UNPACKED = 1 << 40
"""Far above any package of ours, whose ciphertext holds at most 64 GiB."""
LEFT_OUT = (
    "whether a suspension, a role taken away or another key of the people behind the decision was "
    "left out of it"
)
UNDONE = (
    "whether, after the extraction and before the package was sealed and handed over, another plan "
    "replaced this one or the demand was withdrawn"
)
FIXED = frozenset(
    {"records/LEGEND.txt", "HOW-TO-VERIFY.txt", RECEIPT, PLAN, DECISION, COVERAGE, SUMS}
    | {f"LETTER.{language}.txt" for language in LANGUAGES}
)
_REFERENCE = re.compile(
    r'<asic:DataObjectReference URI="([^"]+)" MimeType="[^"]+">'
    rf'<ds:DigestMethod Algorithm="{re.escape(SHA256_URI)}"/>'
    r"<ds:DigestValue>([A-Za-z0-9+/]{43}=)</ds:DigestValue></asic:DataObjectReference>"
)


@dataclass(frozen=True)
class Trust:
    """What the receiver trusts beforehand; what is None was not given.

    ``files`` are the names of the files in which the ``certificates`` lie, in their order.
    """

    certificates: tuple[x509.Certificate, ...] = ()
    files: tuple[str, ...] = ()
    policy: Policy | None = None
    root: Root | None = None


def load_trust(folder: Path) -> Trust:
    """Read a trust folder. Raises InvalidInput, VerificationFailed, IntegrityFailure."""
    if not folder.is_dir():
        raise InvalidInput("expected a folder with what is trusted")
    if (folder / MANIFEST).exists() or (folder / SIGNATURE).exists():
        raise InvalidInput("expected what is trusted from another way than an opened package")
    paths = [one for one in sorted(folder.glob("*.cert.pem")) if one.name != RECEIVER_CERTIFICATE]
    policy, root = folder / "policy", folder / "staff-root.json"
    return Trust(
        tuple(load_certificate(path.read_bytes()) for path in paths),
        tuple(path.name for path in paths),
        parse_policy(policy.read_text()) if policy.is_file() else None,
        load_root(root) if root.is_file() else None,
    )


def verify_package(
    path: Path,
    trust: Trust,
    log: GivenLog | None = None,
    progress: Progress = lambda _done, _total: None,
) -> PackageReport:
    """Check an opened container, what lies beside it, and all of it against the whole log."""
    report = PackageReport()
    try:
        with WatchedFile(path, progress) as file, zipfile.ZipFile(file) as archive:
            if _is_too_large(archive):
                report.add(path.name, "unpacks to more than any package")
            elif not all(map(is_packed_as_ours, archive.infolist())):
                report.add(path.name, "is packed in a way that no package is")
            else:
                file.expect(archive)
                _Check(path, archive, trust, report, log).run()
                file.end()
    except Exception as err:
        # readers of archives raise whatever their libraries do
        detail = f"is not a readable container; it may be cut short ({type(err).__name__})"
        report.add(path.name, detail)
    return report


def _is_too_large(archive: zipfile.ZipFile) -> bool:
    infos = archive.infolist()
    return len(infos) > MAX_NAMES or sum(one.file_size for one in infos) > MAX_UNPACKED


class _Check:
    """One container under the magnifying glass."""

    def __init__(
        self,
        path: Path,
        archive: zipfile.ZipFile,
        trust: Trust,
        report: PackageReport,
        log: GivenLog | None,
    ) -> None:
        self._path = path
        self._archive = archive
        self._trust = trust
        self._report = report
        self._log = log
        self._names = archive.namelist()
        self._opened: Opened | None = None
        self._manifest: Mapping[str, Any] = {}
        self._signed_at: datetime | None = None
        self._signer: x509.Certificate | None = None
        self._scope: Scope | None = None
        self._head: Head | None = None
        self._entries: list[dict[str, Any]] = []
        self._decision: VerifiedDecision | None = None

    def run(self) -> None:
        """Do every check; later ones need the manifest."""
        guard = self._report.guard
        guard("container", "container: order and names of its members", self._structure)
        layout = partial(check_layout, self._archive)
        guard("container", "container: no byte but those of its members", layout)
        guard(SIGNATURE, "signature of the provider", self._signature)
        guard(SIGNED, "digest of each file as it was signed", self._signed_digests)
        guard(MANIFEST, "manifest", self._read_manifest)
        if self._opened is None:
            return
        guard(MANIFEST, "files as the manifest lists them", self._listed_files)
        for declared in self._manifest["records"]:
            name = f"rows of {declared['kind']}: form, order, count, CSV equal to JSON Lines"
            guard(str(declared["canonical"]), name, partial(self._rows, declared))
        guard(CUSTODY, "excerpt of the custody log", self._custody)
        guard(PLAN, "plan and decision of two people", self._decided)
        guard(
            PLAN,
            "plan: its parties and kinds; asks follow from its items",
            self._plan,
        )
        if self._scope is not None:
            self._judge(self._scope)
        guard(RECEIPT, "receipt code", self._receipt)
        verify_beside(self._opened, self._trust.policy, self._report, has_log=self._log is not None)
        self._whole_log()

    def _judge(self, scope: Scope) -> None:
        """Compare rows, outcomes, coverage, bounds and letters with the plan."""
        guard = self._report.guard
        for declared in self._manifest["records"]:
            name = f"rows of {declared['kind']}: each lies inside the plan"
            guard(str(declared["canonical"]), name, partial(self._rows_in_plan, scope, declared))
        if len(scope.tallies) < len(self._manifest["records"]):
            return
        guard(MANIFEST, "outcome of each item, as plan and rows have it", scope.check_items)
        guard(COVERAGE, "coverage: rows of each source", partial(self._coverage, scope))
        if self._entries:
            check = partial(scope.check_entered, facts_of(self._entries[-1]))
            guard(CUSTODY, "rows as the log counts them, and those past their term", check)
            check = partial(self._accounted, scope)
            guard(COVERAGE, "rows read, delivered and withheld, as the log has them", check)
        if self._decision is not None:
            check = partial(scope.check_bounds, self._decision)
            guard(DECISION, "bounds that two people signed", check)
            if self._entries and "instalment" in self._manifest:
                check = partial(scope.check_given, self._entries, self._decision)
                guard(DECISION, "instalments: those before, and the bound of all", check)
        for language in LANGUAGES:
            name = f"letter ({language}): says what plan, rows and coverage say"
            check = partial(self._letter, scope, language)
            guard(f"LETTER.{language}.txt", name, check)

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
            self._signer = verify_cades(signature, content, self._trust.certificates)
            self._signed_at = signing_time(signature)
            self._report.checked.append(self._tell_signer(self._signer))
            return
        verify_cades(signature, content, embedded_certificates(signature))
        self._report.doubts.append("no trusted certificate was given: the signer is unknown")

    def _tell_signer(self, signer: x509.Certificate) -> str:
        names = dict(zip(self._trust.certificates, self._trust.files, strict=False))
        name = names.get(signer, "a certificate that is trusted")
        return f"signed with {name}, SHA-256 {certificate_fingerprint(signer)}"

    def _signed_digests(self) -> None:
        references = _REFERENCE.findall(self._small(SIGNED).decode())
        listed = [name for name, _ in references]
        payload = set(self._names) - {"mimetype", SIGNED, SIGNATURE}
        for name in sorted(payload - set(listed)):
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
        value = load_manifest(data)
        self._report.package = value["package"]
        signer = self._signer
        if signer is not None and value["signer"] != certificate_fingerprint(signer):
            raise VerificationFailed("names another signer than the one who signed")
        if self._signed_at not in (None, parse_instant(value["sealed_at"]).replace(microsecond=0)):
            raise VerificationFailed("names another moment than the signature")
        self._manifest = value
        self._opened = Opened(self._path, value, manifest_digest(data))

    def _listed_files(self) -> None:
        listed = {one["name"]: one for one in self._manifest["files"]}
        payload = self._names[1:-3]
        if [one["name"] for one in self._manifest["files"]] != payload:
            raise VerificationFailed("lists other files than the container holds")
        self._check_names(payload)
        lines = [line.partition("  ") for line in self._small(SUMS).decode().splitlines()]
        sums = {name: hexadecimal for hexadecimal, _, name in lines}
        for name in payload:
            digest, size = self._digest(name)
            if (digest.hex(), size) != (listed[name]["sha256"], listed[name]["bytes"]):
                self._report.add(name, "is not the file that the manifest lists")
            if name != SUMS and sums.get(name) != digest.hex():
                self._report.add(SUMS, f"says something else of {name}")

    def _check_names(self, payload: list[str]) -> None:
        """Note every file that no package has: nothing may lie in it that nothing checks."""
        known = set(FIXED)
        for declared in self._manifest["records"]:
            stem = read_layout(declared).stem
            names = (f"{stem}.jsonl", f"{stem}.csv")
            if (declared["canonical"], declared["csv"]) != names:
                self._report.add(MANIFEST, f"does not name {names[0]} and {names[1]} as its rows")
            known.update(names)
        for name in payload:
            # what belongs in the excerpt is for its own check
            if name not in known and not name.startswith(CUSTODY):
                self._report.add(name, "does not belong in a package")

    def _rows(self, declared: Mapping[str, Any]) -> None:
        layout = read_layout(declared)
        with (
            self._archive.open(declared["canonical"]) as jsonl,
            self._archive.open(declared["csv"]) as table,
        ):
            # readers of the archive are binary files in all but their declared type
            verify_rows(layout, jsonl, table, declared["rows"], self._report)  # type: ignore[arg-type]

    def _custody(self) -> None:
        if self._trust.policy is None:
            self._report.doubts.append("no log policy was given: the custody log is unknown")
            return
        files = self._custody_files()
        found = verify_bundle(files, self._trust.policy)
        for problem in found.problems + found.doubts:
            self._report.add(CUSTODY, problem)
        if found.problems or found.head is None:
            return
        if NO_WITNESS in found.open:
            self._report.open.append(NO_WITNESS)
        # of a narrow bundle that verified, these are exactly the entries that were proven
        names = sorted(name for name in files if name.endswith(".json"))
        self._entries = [load_entry(files[name]) for name in names]
        self._head = found.head
        self._check_result()

    def _custody_files(self) -> Mapping[str, bytes]:
        sizes = {
            one.filename.removeprefix(CUSTODY): one.file_size
            for one in self._archive.infolist()
            if one.filename.startswith(CUSTODY)
        }
        return BundleFiles(sizes, lambda name, limit: self._read(CUSTODY + name, limit))

    def _check_result(self) -> None:
        """Compare with the log: it holds the digest of exactly these rows, for this demand."""
        entry, result = self._entries[-1], self._manifest["result"]
        facts = facts_of(entry)
        if entry["ev"] != "extraction.done" or entry["case"] != self._manifest["demand"]:
            raise VerificationFailed("the excerpt does not end with the extraction of this demand")
        if (facts["digest"], facts["run"]) != (result["digest"], self._manifest["run"]):
            raise VerificationFailed("the log holds another result")
        if parse_instant(entry["t"]) > parse_instant(self._manifest["sealed_at"]) + CLOCKS:
            raise VerificationFailed("the package is older than the extraction in the log")
        made = [one for one in self._entries if one["ev"] in MADE]
        if not made or not self._is_approval(made[-1]):
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
        manifest, facts = self._manifest, facts_of(entry)
        plan = manifest["plan"]
        part = manifest.get("instalment")
        if part is not None and (facts.get("instalment"), facts.get("until")) != (
            part["number"],
            part["end"],
        ):
            return False
        wanted = (manifest["run"], plan["id"], plan["digest"], manifest["decision"]["approval"])
        held = tuple(facts.get(name) for name in ("run", "plan", "digest", "approval"))
        is_made = entry["ev"] == "plan.approved" or (part is not None and entry["ev"] == BEGUN)
        return is_made and held == wanted

    def _decided(self) -> None:
        if self._trust.root is None:
            self._report.doubts.append("no staff root was given: the two signers are unknown")
            return
        exported = self._exported()
        entered = self._entered(load_exported(exported).case) if self._entries else None
        decision = verify_exported(exported, self._trust.root, entered=entered)
        plan, demand = self._manifest["plan"], self._manifest["demand"]
        if plan["digest"] != decision.digest:
            raise VerificationFailed("the manifest names another plan than was decided on")
        if decision.facts.get("demand") != demand:
            raise VerificationFailed("the decision is about another demand")
        check_decided(
            decision,
            approval_id=self._manifest["decision"]["approval"],
            plan_id=plan["id"],
            plan=self._small(PLAN),
            plan_salt=plan["salt"],
            fingerprints=[one["certificate"] for one in self._manifest["receivers"]],
        )
        self._decision = decision

    def _exported(self) -> Any:
        return load_strict(self._small(DECISION))

    def _entered(self, case: Case) -> datetime:
        """Return when the excerpt says that the decision was entered, with these signatures."""
        found = [one for one in self._entries if facts_of(one).get("approval") == case.approval]
        last = {str(one["ev"]): one for one in found}
        endorsed = [one for one in found if one["ev"] == ENDORSED]
        return compare_entries(case, last.get(PROPOSED), last.get(DECIDED), endorsed)

    def _plan(self) -> None:
        scope = read_scope(self._small(PLAN), self._manifest, self._report.doubts)
        scope.check_parties()
        scope.check_rules()
        self._scope = scope

    def _rows_in_plan(self, scope: Scope, declared: Mapping[str, Any]) -> None:
        with self._archive.open(declared["canonical"]) as file:
            scope.check_rows(declared["kind"], iter(partial(file.read, CHUNK), b""))

    def _coverage(self, scope: Scope) -> None:
        scope.check_coverage(load_strict(self._small(COVERAGE)))

    def _accounted(self, scope: Scope) -> None:
        scope.check_accounted(facts_of(self._entries[-1]), load_strict(self._small(COVERAGE)))

    def _letter(self, scope: Scope, language: str) -> None:
        text = self._small(f"LETTER.{language}.txt").decode()
        scope.check_letter(text, language, load_strict(self._small(COVERAGE)))

    def _whole_log(self) -> None:
        """Look for what was left out; without the whole log say that it was not looked for."""
        policy, root, opened = self._trust.policy, self._trust.root, self._opened
        if self._log is None:
            command = verify_command(self._report.package or "PACKAGE", LOG)
            ask = f"ask for the whole log and run {command}"
            if self._decision is not None:
                self._report.open.append(f"{LEFT_OUT}: {ask}")
            if self._head is not None:
                self._report.open.append(f"{UNDONE}: {ask}")
            return
        if policy is None or root is None or self._head is None or opened is None:
            self._report.doubts.append(f"{self._log.name}: not compared, see above")
            return
        staff = verify_log(self._log, opened, self._head, policy, self._report)
        if staff is not None:
            check = partial(self._left_out, root, staff)
            self._report.guard(DECISION, "decision: nothing was left out, as the log has it", check)

    def _left_out(self, root: Root, staff: StaffLog) -> None:
        for problem in check_decision(self._exported(), root, staff):
            self._report.add(DECISION, problem)

    def _receipt(self) -> None:
        code = read_receipt_code(self._small(RECEIPT))
        receipt = self._manifest["receipt"]
        if not is_receipt_code(code, decode_b64url(receipt["salt"], "/salt"), receipt["digest"]):
            raise VerificationFailed("the code is not the one of this package")

    def _small(self, name: str) -> bytes:
        data = self._read(name, MAX_SMALL + 1)
        if len(data) > MAX_SMALL:
            raise VerificationFailed(f"{name} is larger than any such file")
        return data

    def _read(self, name: str, limit: int) -> bytes:
        with self._archive.open(name) as file:
            return file.read(limit)

    def _digest(self, name: str) -> tuple[bytes, int]:
        total, size = sha256(), 0
        with self._archive.open(name) as file:
            while block := file.read(CHUNK):
                total.update(block)
                size += len(block)
        return total.digest(), size
