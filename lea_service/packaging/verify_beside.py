"""What lies beside a container: the encrypted file it came from, and the log's proof of that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

from lea_service.agencies.certificates import certificate_fingerprint, load_certificate
from lea_service.custody.entries import load_entry
from lea_service.custody.policy import Policy
from lea_service.custody.proofs import LogProof
from lea_service.kernel.clock import parse_instant
from lea_service.kernel.errors import VerificationFailed
from lea_service.packaging.commands import RECEIVER_CERTIFICATE, encrypted_name
from lea_service.packaging.recipients import read_recipients, recipient_of
from lea_service.packaging.report import PackageReport

CHUNK = 1 << 20
CLOCKS = timedelta(minutes=5)
"""So far the clocks of two machines of ours may differ."""

NOT_NAMED = (
    "is of no receiver that the manifest names; expected the certificate with which it was opened"
)


@dataclass(frozen=True, slots=True)
class Opened:
    """A container whose manifest was read, and the files that may lie beside it."""

    container: Path
    manifest: Mapping[str, Any]
    digest: str

    @property
    def package(self) -> str:
        """Return the id of the package."""
        return str(self.manifest["package"])

    @property
    def encrypted(self) -> Path:
        """Return where the encrypted file would be."""
        return self.container.with_name(encrypted_name(self.package))

    @property
    def proof(self) -> Path:
        """Return where the proof of its entry would be."""
        return self.container.with_name(f"{self.package}.tlog-proof")

    @property
    def entry(self) -> Path:
        """Return where the entry would be."""
        return self.container.with_name(f"{self.package}.entry.json")

    @property
    def has_proof(self) -> bool:
        """Say whether the log's proof lies there."""
        return self.proof.is_file() and self.entry.is_file()


def verify_beside(
    opened: Opened, policy: Policy | None, report: PackageReport, *, has_log: bool
) -> None:
    """Check the encrypted file, and the proof that the log holds it, as far as they are there."""
    if opened.encrypted.is_file():
        name = "encrypted file: to the receivers of the manifest and nobody else"
        report.guard(opened.encrypted.name, name, partial(_check_recipients, opened, report))
    if opened.has_proof and policy is None:
        report.doubts.append("no log policy was given: the proof beside the package is unread")
    elif opened.has_proof and policy is not None:
        check = partial(_check_proof, opened, policy)
        report.guard(opened.proof.name, "proof that the log holds the sealed package", check)
    elif not has_log:
        report.open.append(
            f"whether the log holds this very package: {opened.proof.name} and "
            f"{opened.entry.name} do not lie beside it"
        )


def check_sealed(entry: Mapping[str, Any], opened: Opened) -> None:
    """Compare an entry ``package.sealed`` with the package. Raises VerificationFailed."""
    facts, manifest = entry["facts"], opened.manifest
    if entry["ev"] != "package.sealed" or facts["package"] != opened.package:
        raise VerificationFailed("the proof is of another entry")
    if entry["case"] != manifest["demand"] or facts["run"] != manifest["run"]:
        raise VerificationFailed("the log holds this package for another demand or run")
    if opened.digest != facts["manifest"]:
        raise VerificationFailed("the log holds another manifest of this package")
    if sorted(facts["receivers"]) != sorted(one["certificate"] for one in manifest["receivers"]):
        raise VerificationFailed("the log holds other receivers of this package")
    if parse_instant(entry["t"]) < parse_instant(manifest["sealed_at"]) - CLOCKS:
        raise VerificationFailed("the package is younger than its entry in the log")
    if opened.encrypted.is_file() and _file_digest(opened.encrypted) != facts["sha256"]:
        raise VerificationFailed("the encrypted file is not the one in the log")


def _check_proof(opened: Opened, policy: Policy) -> None:
    data = opened.entry.read_bytes()
    LogProof.parse(opened.proof.read_bytes()).verify(data, policy)
    check_sealed(load_entry(data), opened)


def _check_recipients(opened: Opened, report: PackageReport) -> None:
    recipients = read_recipients(opened.encrypted)
    named = [one["certificate"] for one in opened.manifest["receivers"]]
    if len(set(recipients)) != len(recipients) or len(recipients) != len(named):
        raise VerificationFailed(
            f"can be opened by {len(recipients)} keys, the manifest names {len(named)} receivers"
        )
    own = opened.container.with_name(RECEIVER_CERTIFICATE)
    if own.is_file():
        certificate = load_certificate(own.read_bytes())
        if certificate_fingerprint(certificate) not in named:
            # it may be the newer one of a receiver who opened the file with the older
            report.doubts.append(f"{RECEIVER_CERTIFICATE}: {NOT_NAMED}")
        elif recipient_of(certificate) not in recipients:
            raise VerificationFailed(f"is not encrypted to {RECEIVER_CERTIFICATE}")


def _file_digest(path: Path) -> str:
    total = sha256()
    with path.open("rb") as file:
        while block := file.read(CHUNK):
            total.update(block)
    return total.hexdigest()
