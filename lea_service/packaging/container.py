"""The container: ASiC-E with CAdES (ETSI EN 319 162-1), written in one pass.

``mimetype`` comes first, then the payload in the order it is added, then the manifest of the
signed files and the signature over it. Nothing is held but the names and digests of members.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from xml.sax.saxutils import quoteattr

from lea_service.packaging.commands import SIGNATURE, SIGNED
from lea_service.packaging.ports import ByteSink
from lea_service.packaging.signature import PackageSigner
from lea_service.packaging.zip_stream import ZipStream

MIMETYPE = "application/vnd.etsi.asic-e+zip"
SHA256_URI = "http://www.w3.org/2001/04/xmlenc#sha256"
TEXT, JSON, JSON_LINES, CSV = (
    "text/plain;charset=utf-8",
    "application/json",
    "application/jsonl",
    "text/csv;charset=utf-8",
)


@dataclass(frozen=True, slots=True)
class Member:
    """One file of the payload: its name, media type, size in bytes, lines, SHA-256."""

    name: str
    media_type: str
    size: int
    lines: int
    digest: bytes


class ContainerWriter:
    """Writes one container; ``finish`` signs it and makes it whole."""

    def __init__(self, sink: ByteSink, now: datetime) -> None:
        self._zip = ZipStream(sink, now)
        self._now = now
        self._members: list[Member] = []
        self._zip.add("mimetype", MIMETYPE.encode())

    @property
    def members(self) -> tuple[Member, ...]:
        """Return what the payload holds so far."""
        return tuple(self._members)

    def add(self, name: str, media_type: str, data: bytes) -> Member:
        """Add a small file."""
        self._zip.add(name, data)
        return self._keep(name, media_type, [data])

    def add_stream(self, name: str, media_type: str, blocks: Iterable[bytes]) -> Member:
        """Add a file of any size, block by block."""
        tally = _Tally()
        self._zip.add_stream(name, tally.count(blocks))
        return self._keep(name, media_type, [], tally)

    def finish(self, signer: PackageSigner) -> None:
        """Sign the payload and write the end of the archive."""
        listed = asic_manifest(self._members)
        self._zip.add(SIGNED, listed)
        self._zip.add(SIGNATURE, signer.sign(listed, self._now))
        self._zip.close()

    def _keep(
        self, name: str, media_type: str, blocks: Iterable[bytes], tally: _Tally | None = None
    ) -> Member:
        tally = tally or _Tally()
        for _ in tally.count(blocks):
            pass
        member = Member(name, media_type, tally.size, tally.lines, tally.digest)
        self._members.append(member)
        return member


class _Tally:
    """Counts and hashes what passes through."""

    def __init__(self) -> None:
        self.size = 0
        self.lines = 0
        self._hash = sha256()

    @property
    def digest(self) -> bytes:
        return self._hash.digest()

    def count(self, blocks: Iterable[bytes]) -> Iterator[bytes]:
        for block in blocks:
            self.size += len(block)
            self.lines += block.count(b"\n")
            self._hash.update(block)
            yield block


def asic_manifest(members: Sequence[Member]) -> bytes:
    """Return the ASiCManifest (EN 319 162-1 annex A.4), one reference a line."""
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<asic:ASiCManifest xmlns:asic="http://uri.etsi.org/02918/v1.2.1#" '
        'xmlns:ds="http://www.w3.org/2000/09/xmldsig#">',
        f'<asic:SigReference URI="{SIGNATURE}" MimeType="application/pkcs7-signature"/>',
        *(_reference(member) for member in members),
        "</asic:ASiCManifest>",
    ]
    return ("\n".join(lines) + "\n").encode()


def _reference(member: Member) -> str:
    return (
        f"<asic:DataObjectReference URI={quoteattr(member.name)} "
        f"MimeType={quoteattr(member.media_type)}>"
        f'<ds:DigestMethod Algorithm="{SHA256_URI}"/>'
        f"<ds:DigestValue>{b64encode(member.digest).decode()}</ds:DigestValue>"
        "</asic:DataObjectReference>"
    )
