"""From contents to the encrypted message in one pass: render, sign, encrypt; nothing at rest."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from lea_service.agencies.certificates import certificate_fingerprint
from lea_service.custody.verify import Progress
from lea_service.kernel.canonical import Json, dump_canonical, encode_b64url
from lea_service.kernel.errors import IntegrityFailure
from lea_service.kernel.phrases import LANGUAGES
from lea_service.packaging.cms import CmsWriter
from lea_service.packaging.commands import MANIFEST, SUMS
from lea_service.packaging.container import CSV, JSON, JSON_LINES, TEXT, ContainerWriter
from lea_service.packaging.contents import PackageContents, RecordSpool, describe_coverage
from lea_service.packaging.letter import write_letter
from lea_service.packaging.manifest import build_manifest, checksums
from lea_service.packaging.ports import ByteSink, Spool
from lea_service.packaging.receipt import ReceiptSecret, receipt_text
from lea_service.packaging.renderings import csv_blocks, line_blocks
from lea_service.packaging.signature import PackageSigner
from lea_service.packaging.verify_text import how_to_verify, legend

OpenSpool = Callable[[RecordSpool], AbstractContextManager[Spool]]
RENDERINGS = 2
"""Called with the rows written so far and how many there will be, counting each rendering."""


@dataclass(frozen=True, slots=True)
class Written:
    """What was written: SHA-256 (hex) and size of the ciphertext, digest of the manifest."""

    sha256: str
    size: int
    manifest_digest: str


class _Hashing:
    """A sink that counts and hashes what goes through it."""

    def __init__(self, sink: ByteSink) -> None:
        self._sink = sink
        self._hash = sha256()
        self.size = 0

    def write(self, data: bytes) -> int:
        self._hash.update(data)
        self.size += len(data)
        self._sink.write(data)
        return len(data)

    def hexdigest(self) -> str:
        return self._hash.hexdigest()


def write_package(
    sink: ByteSink,
    contents: PackageContents,
    *,
    package_id: str,
    receipt: ReceiptSecret,
    signer: PackageSigner,
    open_spool: OpenSpool,
    now: datetime,
    progress: Progress = lambda _done, _total: None,
) -> Written:
    """Write the encrypted package to ``sink``; memory does not grow with rows.

    Raises VerificationFailed for a certificate that cannot receive, Unavailable for a signing
    certificate out of its dates, IntegrityFailure when rows are not what the extraction proved.
    """
    hashing = _Hashing(sink)
    message = CmsWriter(hashing, [one.certificate for one in contents.receivers], now)
    container = ContainerWriter(message, now)
    _add_records(container, contents.records, open_spool, progress)
    _add_papers(container, contents, package_id, receipt, signer, now)
    container.add(SUMS, TEXT, checksums(container.members))
    manifest = build_manifest(
        contents,
        container.members,
        package_id=package_id,
        receipt=receipt,
        signing_certificate=signer.certificate,
        sealed_at=now,
    )
    container.add(MANIFEST, JSON, manifest)
    container.finish(signer)
    message.close()
    return Written(hashing.hexdigest(), hashing.size, manifest_digest(manifest))


def manifest_digest(manifest: bytes) -> str:
    """Return the SHA-256 of a manifest in base64url; salted by the salt inside it."""
    return encode_b64url(sha256(manifest).digest())


def _add_records(
    container: ContainerWriter,
    spools: Sequence[RecordSpool],
    open_spool: OpenSpool,
    progress: Progress,
) -> None:
    done, total = 0, RENDERINGS * sum(spool.rows for spool in spools)
    progress(done, total)
    for spool in spools:
        layout = spool.layout
        with open_spool(spool) as rows:
            report = _Reporter(progress, done, total)
            member = container.add_stream(
                f"{layout.stem}.jsonl", JSON_LINES, report.watch(line_blocks(rows.iter_chunks()))
            )
            if member.lines != spool.rows or member.digest.hex() != spool.sha256:
                raise IntegrityFailure(f"the {layout.kind} rows are not what the run proved")
            again = sha256()
            blocks = report.watch(_watch_digest(line_blocks(rows.iter_chunks()), again.update))
            container.add_stream(f"{layout.stem}.csv", CSV, csv_blocks(blocks, layout))
            if again.hexdigest() != spool.sha256:
                raise IntegrityFailure(f"the {layout.kind} rows of the CSV are other ones")
            done = report.rows


def _watch_digest(blocks: Iterator[bytes], update: Callable[[bytes], object]) -> Iterator[bytes]:
    for block in blocks:
        update(block)
        yield block


def _add_papers(
    container: ContainerWriter,
    contents: PackageContents,
    package_id: str,
    receipt: ReceiptSecret,
    signer: PackageSigner,
    now: datetime,
) -> None:
    if contents.records:
        layouts = [spool.layout for spool in contents.records]
        container.add("records/LEGEND.txt", TEXT, legend(layouts))
    for language in LANGUAGES:
        text = write_letter(contents, package_id=package_id, sealed_at=now, language=language)
        container.add(f"LETTER.{language}.txt", TEXT, text)
    fingerprint = certificate_fingerprint(signer.certificate)
    container.add("HOW-TO-VERIFY.txt", TEXT, how_to_verify(package_id, fingerprint))
    container.add("RECEIPT.txt", TEXT, receipt_text(package_id, receipt.code))
    container.add("plan.json", JSON, contents.plan)
    container.add("decision.json", JSON, contents.decision)
    for name in sorted(contents.custody):
        container.add(f"custody/{name}", _custody_type(name), contents.custody[name])
    coverage: list[Json] = [describe_coverage(one) for one in contents.coverage]
    coverage += [one.dump() for one in contents.holding]
    container.add("coverage.json", JSON, dump_canonical(coverage))


def _custody_type(name: str) -> str:
    if name.endswith(".json"):
        return JSON
    return JSON_LINES if name.endswith(".jsonl") else TEXT


class _Reporter:
    """Counts rows on their way and tells how many there were of how many."""

    def __init__(self, progress: Progress, start: int, total: int) -> None:
        self._progress = progress
        self.rows = start
        self._total = total

    def watch(self, blocks: Iterator[bytes]) -> Iterator[bytes]:
        for block in blocks:
            yield block
            self.rows += block.count(b"\n")
            self._progress(self.rows, self._total)
