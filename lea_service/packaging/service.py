"""Use cases of sealing: begin, write (outside any transaction), finish; and what people may see."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from lea_service.agencies.certificates import certificate_fingerprint
from lea_service.agencies.queries import find_certificate
from lea_service.custody.entries import load_entry
from lea_service.custody.looks import Looks
from lea_service.custody.queries import get_entry, last_index
from lea_service.custody.verify import Progress
from lea_service.kernel.actors import Actor, Permission, permit
from lea_service.kernel.canonical import Json, encode_b64url
from lea_service.kernel.clock import format_instant, parse_instant
from lea_service.kernel.datakeys import RESULT
from lea_service.kernel.errors import IntegrityFailure, VerificationFailed, WrongState
from lea_service.kernel.folders import make_folders
from lea_service.kernel.sealed_file import SegmentReader, SegmentWriter
from lea_service.kernel.transactions import Transaction, Transactions
from lea_service.packaging.contents import PackageContents
from lea_service.packaging.decided import check_decided
from lea_service.packaging.models import Package
from lea_service.packaging.ports import AdvanceDemand, ContentsSource, StateOf
from lea_service.packaging.queries import (
    PackageView,
    find_package_of_run,
    get_package,
    list_handed_over,
    list_packages,
    open_ciphertext,
    seal_context,
)
from lea_service.packaging.receipt import new_receipt_secret
from lea_service.packaging.sealing import write_package
from lea_service.packaging.signature import PackageSigner
from lea_service.staff.approvals import verify_decision
from lea_service.staff.encoding import decode_b64url
from lea_service.staff.root import Root

SEALING, READY = "sealing", "ready"
SUFFIX = ".sealed"


@dataclass(frozen=True, slots=True)
class SealedFile:
    """One finished attempt: what ``finish`` will record. Ids and digests only."""

    package_id: str
    demand_id: str
    run_id: str
    plan_id: str
    approval_id: str
    file: str
    sha256: str
    size: int
    manifest_digest: str
    receipt_salt: str
    receipt_digest: str
    receivers: tuple[str, ...]
    sealed_at: str

    def dump(self) -> dict[str, Json]:
        """Return the plain form that a job step keeps."""
        return asdict(self) | {"receivers": list(self.receivers)}

    @classmethod
    def load(cls, value: Any) -> SealedFile:
        """Read what ``dump`` returned. Raises IntegrityFailure."""
        try:
            return cls(**{**value, "receivers": tuple(value["receivers"])})
        except (TypeError, KeyError) as err:
            raise IntegrityFailure("a job step does not hold a sealed file") from err


class PackagingService:
    """Makes packages for the worker and shows people which there are."""

    def __init__(
        self,
        transactions: Transactions,
        *,
        contents: ContentsSource,
        signer: PackageSigner,
        folder: Path,
        load_root: Callable[[], Root],
        advance: AdvanceDemand,
        state_of: StateOf,
        looks: Looks,
    ) -> None:
        self._transactions = transactions
        self._contents = contents
        self._signer = signer
        self._folder = folder
        self._load_root = load_root
        self._advance = advance
        self._state_of = state_of
        self._looks = looks

    def begin(self, tx: Transaction, demand_id: str, run_id: str) -> None:
        """Move the demand to sealing, once; a repetition changes nothing.

        Raises NotPermitted, NotFound, WrongState.
        """
        permit(tx.actor, Permission.PACKAGE_SEAL)
        if self._state_of(tx.session, demand_id) == SEALING:
            return
        self._advance(tx, demand_id, SEALING, "package.sealing_started", facts={"run": run_id})

    def write(
        self,
        actor: Actor,
        demand_id: str,
        run_id: str,
        progress: Progress = lambda _done, _total: None,
    ) -> SealedFile:
        """Render, sign and encrypt into a file of this attempt alone; no transaction is open.

        Each call is an attempt with a package id, a file and a receipt code of its own, so that
        repeating it harms nothing. Raises NotPermitted, VerificationFailed (decision, plan,
        certificates), Unavailable (key destroyed, signing certificate out of date),
        IntegrityFailure (rows).
        """
        permit(actor, Permission.PACKAGE_SEAL)
        contents = self._contents.load_contents(actor, demand_id, run_id)
        with self._transactions.read(actor) as session:
            # the clock may have been put back since the extraction was entered
            now = max(self._transactions.clock.now(), _extracted_at(session, demand_id))
            self._check_decision(session, contents)
            key = self._transactions.keys.key(session, run_id, RESULT)
        package_id = self._transactions.ids.new("pk")
        receipt = new_receipt_secret()
        name = f"{demand_id}/{package_id}{SUFFIX}"
        path = self._folder / name
        make_folders(self._folder, demand_id)
        with SegmentWriter(path, key, seal_context(package_id)) as sink:
            written = write_package(
                sink,
                contents,
                package_id=package_id,
                receipt=receipt,
                signer=self._signer,
                open_spool=lambda spool: SegmentReader(spool.path, key, spool.context),
                now=now,
                progress=progress,
            )
        return SealedFile(
            package_id=package_id,
            demand_id=demand_id,
            run_id=run_id,
            plan_id=contents.plan_id,
            approval_id=contents.approval_id,
            file=name,
            sha256=written.sha256,
            size=written.size,
            manifest_digest=written.manifest_digest,
            receipt_salt=encode_b64url(receipt.salt),
            receipt_digest=receipt.digest,
            receivers=tuple(sorted(_fingerprints(contents))),
            sealed_at=format_instant(now),
        )

    def finish(self, tx: Transaction, sealed: SealedFile) -> str:
        """Record the package and make the demand ready; returns the id of the package.

        The first attempt that is recorded wins: for a run that has a package already, nothing
        changes and its id is returned. Raises NotPermitted, WrongState.
        """
        permit(tx.actor, Permission.PACKAGE_SEAL)
        earlier = find_package_of_run(tx.session, sealed.run_id)
        if earlier is not None:
            return earlier.id
        if self._state_of(tx.session, sealed.demand_id) != SEALING:
            raise WrongState("the demand is not being sealed any more")
        _check_trusted(tx.session, sealed.receivers)
        row = _row(sealed)
        tx.session.add(row)
        tx.session.flush()
        facts: dict[str, Json] = {
            "package": row.id,
            "run": row.run_id,
            "sha256": row.sha256,
            "size": row.size,
            "manifest": row.manifest_digest,
            "receivers": list(row.receivers),
        }
        self._advance(tx, row.demand_id, READY, "package.sealed", facts=facts, evidence=[row])
        return row.id

    def sweep(self, demand_id: str) -> int:
        """Remove attempts that were not recorded, and what a later package replaced.

        Returns how many files. Call after ``finish``.
        """
        with self._transactions.read() as session:
            current = [one for one in list_packages(session, demand_id) if one.is_current]
            current += list_handed_over(session, demand_id)
        kept = {f"{one.id}{SUFFIX}" for one in current}
        if not kept:
            return 0
        stray = [
            path for path in (self._folder / demand_id).glob(f"*{SUFFIX}") if path.name not in kept
        ]
        for path in stray:
            path.unlink(missing_ok=True)
        return len(stray)

    def list_packages(self, actor: Actor, demand_id: str) -> list[PackageView]:
        """Return the packages of a demand; the look is entered first."""
        permit(actor, Permission.PACKAGE_READ)
        with self._transactions.read(actor) as session:
            self._state_of(session, demand_id)
        self._looks.note(actor, demand_id, "packages", "package.listed")
        with self._transactions.read(actor) as session:
            return list_packages(session, demand_id)

    def get_package(self, actor: Actor, package_id: str) -> PackageView:
        """Return one package; the look is entered first. Raises NotFound."""
        permit(actor, Permission.PACKAGE_READ)
        with self._transactions.read(actor) as session:
            demand_id = get_package(session, package_id).demand_id
        self._looks.note(actor, demand_id, "package", "package.viewed")
        with self._transactions.read(actor) as session:
            return get_package(session, package_id)

    def open_ciphertext(self, package_id: str) -> SegmentReader:
        """Open what receivers fetch, for the hand-over, which answers for permission itself."""
        with self._transactions.read() as session:
            return open_ciphertext(session, self._transactions.keys, self._folder, package_id)

    def _check_decision(self, session: Session, contents: PackageContents) -> None:
        decision = verify_decision(session, contents.approval_id, root=self._load_root())
        check_decided(
            decision,
            approval_id=contents.approval_id,
            plan_id=contents.plan_id,
            plan=contents.plan,
            plan_salt=contents.plan_salt,
            fingerprints=_fingerprints(contents),
        )


def _extracted_at(session: Session, demand_id: str) -> datetime:
    entry = get_entry(session, last_index(session, demand_id, "extraction.done"))
    return parse_instant(str(load_entry(entry.data)["t"]))


def _fingerprints(contents: PackageContents) -> list[str]:
    return [certificate_fingerprint(one.certificate) for one in contents.receivers]


def _check_trusted(session: Session, fingerprints: Iterable[str]) -> None:
    found = [find_certificate(session, one) for one in fingerprints]
    if any(one is None or one.revoked_at is not None for one in found):
        raise VerificationFailed("a receiver's certificate is unknown or was revoked")


def _row(sealed: SealedFile) -> Package:
    moment: datetime = parse_instant(sealed.sealed_at)
    return Package(
        id=sealed.package_id,
        demand_id=sealed.demand_id,
        run_id=sealed.run_id,
        plan_id=sealed.plan_id,
        approval_id=sealed.approval_id,
        file=sealed.file,
        sha256=sealed.sha256,
        size=sealed.size,
        manifest_digest=sealed.manifest_digest,
        receipt_salt=decode_b64url(sealed.receipt_salt, "/receipt_salt"),
        receipt_digest=sealed.receipt_digest,
        receivers=list(sealed.receivers),
        sealed_at=moment,
    )
