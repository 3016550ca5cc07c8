"""What one signature on a PDF comes to, for whoever does not read it but asks what it is."""

from __future__ import annotations

from dataclasses import dataclass, field

from asn1crypto import pem, x509

from lea_service.legal.authenticity.observations import Sight

TOKEN = b"/ByteRange"


@dataclass(slots=True)
class SignatureFacts:
    """What one signature comes to; the signer as the certificate names them.

    ``anchor`` is the fingerprint of the issuer that its certificate leads to, ``painters`` are the
    good signatures of later (counted from 1) that put something on a page.
    """

    sights: list[Sight] = field(default_factory=list)
    name: str = ""
    organisation: str = ""
    emails: list[str] = field(default_factory=list)
    is_good: bool = False
    anchor: str = ""
    painters: list[int] = field(default_factory=list)


def may_be_signed(data: bytes) -> bool:
    """Say whether there can be a signature: its ranges cannot be packed away."""
    return TOKEN in data


def load_anchor(data: bytes) -> x509.Certificate:
    """Return a certificate in PEM. Raises ValueError."""
    certificate = x509.Certificate.load(pem.unarmor(data)[2])
    _ = certificate.subject.native, certificate.public_key  # read now: it is lazy
    return certificate


def fingerprint(certificate: x509.Certificate) -> str:
    """Return the SHA-256 over a certificate, in hex as a policy has it."""
    return str(certificate.sha256.hex())
