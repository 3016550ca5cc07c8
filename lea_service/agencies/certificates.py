"""Whose certificate may a package be encrypted to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, PublicKeyAlgorithmOID

from lea_service.kernel.canonical import dump_canonical
from lea_service.kernel.clock import format_instant
from lea_service.kernel.errors import VerificationFailed

MIN_RSA_BITS = 2048
CURVES = ("secp256r1", "secp384r1", "secp521r1")
OTHER_PURPOSES = frozenset(
    {
        ExtendedKeyUsageOID.SERVER_AUTH,
        ExtendedKeyUsageOID.CLIENT_AUTH,
        ExtendedKeyUsageOID.CODE_SIGNING,
        ExtendedKeyUsageOID.TIME_STAMPING,
        ExtendedKeyUsageOID.OCSP_SIGNING,
    }
)
"""Extended key usages that have nothing to do with receiving mail or documents."""


def certificate_fingerprint(certificate: x509.Certificate) -> str:
    """Return SHA-256 over the DER certificate, 64 lower-case hex digits."""
    return sha256(certificate.public_bytes(Encoding.DER)).hexdigest()


def key_digest(certificate: x509.Certificate) -> str:
    """Return SHA-256 over the certificate's public key (SPKI, DER), 64 lower-case hex digits."""
    spki = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return sha256(spki).hexdigest()


def recipient_name(certificate: x509.Certificate) -> bytes:
    """Return issuer and serial number, by which a package names whom it is encrypted to.

    Programs that open it compare issuers without regard to case and spaces (RFC 5280 section 7.1),
    so they are left out here too.
    """
    issuer = [
        sorted([one.oid.dotted_string, _fold(one.value)] for one in level)
        for level in certificate.issuer.rdns
    ]
    return dump_canonical([issuer, str(certificate.serial_number)])


def check_distinct(certificates: Sequence[x509.Certificate]) -> None:
    """Let through certificates that a package can tell apart. Raises VerificationFailed."""
    if len({recipient_name(one) for one in certificates}) < len(certificates):
        raise VerificationFailed(
            "two receivers' certificates have the same issuer and serial number, so one of them "
            "could not open the package: ask for another certificate"
        )


def load_certificate(data: bytes) -> x509.Certificate:
    """Read an X.509 certificate, PEM or DER. Raises VerificationFailed."""
    try:
        if data.lstrip().startswith(b"-----BEGIN"):
            return x509.load_pem_x509_certificate(data)
        return x509.load_der_x509_certificate(data)
    except ValueError as err:
        raise VerificationFailed("expected one X.509 certificate, PEM or DER") from err


def check_recipient(certificate: x509.Certificate, now: datetime) -> None:
    """Let through a certificate that can receive a package at ``now``.

    Raises VerificationFailed: expired, not yet valid, key usage without ``keyEncipherment`` (RSA)
    or ``keyAgreement`` (EC; RFC 5280 section 4.2.1.3), made for another purpose only (extended key
    usage), or a key of another kind.
    """
    try:
        _check_dates(certificate, now)
        _check_key(certificate)
        _check_purpose(certificate)
    except VerificationFailed as err:
        fingerprint = certificate_fingerprint(certificate)
        detail = f"{err.detail} (certificate {fingerprint[:16]}…)"
        raise VerificationFailed(detail, fingerprint=fingerprint) from err


def _fold(value: str | bytes) -> str:
    return value.hex() if isinstance(value, bytes) else " ".join(value.split()).casefold()


def _check_dates(certificate: x509.Certificate, now: datetime) -> None:
    start, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if now > end:
        raise VerificationFailed(f"the receiver's certificate expired at {format_instant(end)}")
    if now < start:
        raise VerificationFailed(
            f"the receiver's certificate is not valid before {format_instant(start)}"
        )


def _check_key(certificate: x509.Certificate) -> None:
    try:
        key = certificate.public_key()
    except (UnsupportedAlgorithm, ValueError) as err:
        raise VerificationFailed("the receiver's key is of an unknown kind") from err
    if isinstance(key, rsa.RSAPublicKey):
        if certificate.public_key_algorithm_oid != PublicKeyAlgorithmOID.RSAES_PKCS1_v1_5:
            raise VerificationFailed("the receiver's RSA key may only sign (RSASSA-PSS)")
        if key.key_size < MIN_RSA_BITS:
            raise VerificationFailed(f"expected an RSA key of at least {MIN_RSA_BITS} bits")
        _check_usage(certificate, "key_encipherment")
    elif isinstance(key, ec.EllipticCurvePublicKey):
        if key.curve.name not in CURVES:
            raise VerificationFailed("expected an EC key on P-256, P-384 or P-521")
        _check_usage(certificate, "key_agreement")
    else:
        raise VerificationFailed("expected an RSA key or an EC key in the receiver's certificate")


def _check_usage(certificate: x509.Certificate, needed: str) -> None:
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return
    except ValueError as err:
        raise VerificationFailed("the receiver's certificate has malformed extensions") from err
    if not getattr(usage, needed):
        raise VerificationFailed(f"the receiver's certificate does not allow {needed}")


def _check_purpose(certificate: x509.Certificate) -> None:
    try:
        extension = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    except x509.ExtensionNotFound:
        return
    except ValueError as err:
        raise VerificationFailed("the receiver's certificate has malformed extensions") from err
    if set(extension.value) <= OTHER_PURPOSES:
        raise VerificationFailed("the receiver's certificate is for another purpose")
