"""The certificates of issuers that lie in a folder; which of them count, the policy says."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from asn1crypto import pem

from lea_service.kernel.errors import Unavailable
from lea_service.legal.authenticity.signatures import fingerprint, load_anchor

PATTERNS = ("*.pem", "*.crt", "*.cer")


@dataclass(frozen=True, slots=True)
class Anchor:
    """A certificate in the folder: its file, whose it is, and its SHA-256 in hex."""

    file: str
    fingerprint: str
    subject: str
    valid_until: str
    pem: bytes


def read_folder(folder: Path) -> tuple[list[Anchor], list[str]]:
    """Return the certificates in a folder, and the names of files that are none in PEM.

    Raises Unavailable.
    """
    if not folder.is_dir():
        raise Unavailable("the folder of trust anchors is not there")
    try:
        files = sorted({path for pattern in PATTERNS for path in folder.glob(pattern)})
    except OSError as err:
        raise Unavailable("the folder of trust anchors cannot be read") from err
    found = {path.name: _read(path) for path in files}
    return [one for one in found.values() if one], [name for name, one in found.items() if not one]


def load_anchors(folder: Path | None) -> tuple[Anchor, ...]:
    """Return the certificates in a folder; a file that is none is passed over.

    Raises Unavailable.
    """
    return () if folder is None else tuple(read_folder(folder)[0])


def choose(anchors: Collection[Anchor], decided: Collection[str]) -> list[bytes]:
    """Return the certificates among ``anchors`` that two people decided on, in PEM."""
    return [one.pem for one in anchors if one.fingerprint in decided]


def find_absent(anchors: Collection[Anchor], decided: Collection[str]) -> tuple[str, ...]:
    """Return the fingerprints that two people decided on and no certificate here has."""
    return tuple(sorted({*decided} - {one.fingerprint for one in anchors}))


def read_anchor(file: str, data: bytes) -> Anchor:
    """Return the certificate in a file. Raises ValueError, TypeError."""
    found = load_anchor(data)
    return Anchor(
        file=file,
        fingerprint=fingerprint(found),
        subject=found.subject.human_friendly,
        valid_until=found.not_valid_after.isoformat(),
        pem=pem.armor("CERTIFICATE", found.dump()),
    )


def _read(path: Path) -> Anchor | None:
    try:
        return read_anchor(path.name, path.read_bytes())
    except Exception:
        return None  # whatever lies there, it stops nothing: it counts for nothing either
