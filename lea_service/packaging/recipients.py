"""To whom an encrypted package goes, read from the head of the message; nothing is decrypted."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from asn1crypto import cms, core
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from lea_service.kernel.errors import VerificationFailed
from lea_service.packaging.cms import AUTH_ENVELOPED_DATA, INDEFINITE, SEQUENCE, SET

MAX_HEAD = 4 << 20


@dataclass(frozen=True, slots=True)
class Recipient:
    """Issuer (DER) and serial number of the certificate that a key was encrypted to."""

    issuer: bytes
    serial: int


def recipient_of(certificate: x509.Certificate) -> Recipient:
    """Return how a message names the holder of a certificate."""
    parsed = asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER))
    return Recipient(parsed.issuer.dump(), int(parsed.serial_number))


def read_recipients(path: Path) -> list[Recipient]:
    """Return everybody whose key opens a package. Raises VerificationFailed.

    Whatever is not of the form that packages have is refused, since it could hide somebody.
    """
    with path.open("rb") as file:
        head = file.read(MAX_HEAD)
    opened = bytes([SEQUENCE]) + INDEFINITE
    before = b"".join(
        [
            opened,
            core.ObjectIdentifier(AUTH_ENVELOPED_DATA).dump(),
            b"\xa0" + INDEFINITE,
            opened,
            core.Integer(0).dump(),
        ]
    )
    if not head.startswith(before + bytes([SET])):
        raise VerificationFailed("is not an encrypted message of the form packages have")
    try:
        infos: Any = cms.RecipientInfos.load(head[len(before) :])
        return [one for info in infos for one in _read(info)]
    except (ValueError, TypeError, KeyError) as err:
        raise VerificationFailed("names its recipients in no form packages have") from err


def _read(info: Any) -> list[Recipient]:
    if info.name == "ktri":
        return [_identify(info.chosen["rid"])]
    if info.name == "kari":
        return [_identify(one["rid"]) for one in info.chosen["recipient_encrypted_keys"]]
    raise VerificationFailed("can be opened in a way that packages do not have")


def _identify(rid: Any) -> Recipient:
    if rid.name != "issuer_and_serial_number":
        raise VerificationFailed("names a recipient otherwise than by certificate")
    return Recipient(rid.chosen["issuer"].dump(), rid.chosen["serial_number"].native)
