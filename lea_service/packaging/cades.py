"""Verifies a detached CAdES-B-B signature by one pinned certificate (RFC 5652, RFC 5035)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any

from asn1crypto import cms, tsp
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from lea_service.agencies.certificates import certificate_fingerprint
from lea_service.kernel.errors import VerificationFailed


def verify_cades(
    signature: bytes, content: bytes, trusted: Sequence[x509.Certificate]
) -> x509.Certificate:
    """Check the signature over ``content``; returns the signer's certificate.

    It must be one of ``trusted`` itself (no chain is built) and valid at the stated signing time.
    Raises VerificationFailed.
    """
    try:
        return _verify(signature, content, trusted)
    except (ValueError, TypeError, KeyError, IndexError) as err:
        raise VerificationFailed("the signature is not a well-formed CMS message") from err


def signing_time(signature: bytes) -> datetime:
    """Return when a signature that verified says it was made."""
    (info,) = cms.ContentInfo.load(signature, strict=True)["content"]["signer_infos"]
    attributes = {one["type"].native: one["values"][0] for one in info["signed_attrs"]}
    stated: datetime = attributes["signing_time"].native
    return stated


def _verify(
    signature: bytes, content: bytes, trusted: Sequence[x509.Certificate]
) -> x509.Certificate:
    signed = cms.ContentInfo.load(signature, strict=True)["content"]
    (info,) = signed["signer_infos"]
    if info["digest_algorithm"]["algorithm"].native != "sha256":
        raise VerificationFailed("expected a signature with SHA-256")
    attributes: dict[str, Any] = {}
    for attribute in info["signed_attrs"]:
        name = attribute["type"].native
        if name in attributes or len(attribute["values"]) != 1:
            raise VerificationFailed("a signed attribute is there twice")
        attributes[name] = attribute["values"][0]
    if attributes["message_digest"].native != sha256(content).digest():
        raise VerificationFailed("the signature is over something else")
    if attributes["content_type"].native != "data":
        raise VerificationFailed("the signature is over another type of content")
    signer = _pick_signer(attributes["signing_certificate_v2"], trusted)
    stated = attributes["signing_time"].native
    if not signer.not_valid_before_utc <= stated <= signer.not_valid_after_utc:
        raise VerificationFailed("the signer's certificate was not valid at the signing time")
    # signed as a SET OF, carried as [0] IMPLICIT (RFC 5652 section 5.4)
    _check_value(signer, info["signature"].native, info["signed_attrs"].untag().dump())
    return signer


def _pick_signer(
    named: tsp.SigningCertificateV2, trusted: Sequence[x509.Certificate]
) -> x509.Certificate:
    first = named["certs"][0]
    if first["hash_algorithm"]["algorithm"].native != "sha256":
        raise VerificationFailed("expected the signer's certificate by its SHA-256")
    wanted = first["cert_hash"].native.hex()
    for certificate in trusted:
        if certificate_fingerprint(certificate) == wanted:
            return certificate
    raise VerificationFailed("the signer's certificate is not one that is trusted")


def _check_value(signer: x509.Certificate, value: bytes, signed: bytes) -> None:
    key = signer.public_key()
    try:
        if isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(value, signed, ec.ECDSA(hashes.SHA256()))
        elif isinstance(key, rsa.RSAPublicKey):
            key.verify(value, signed, padding.PKCS1v15(), hashes.SHA256())
        else:
            raise VerificationFailed("expected a signature by an EC or RSA key")
    except InvalidSignature as err:
        raise VerificationFailed("the signature does not verify") from err


def embedded_certificates(signature: bytes) -> list[x509.Certificate]:
    """Return the certificates that travel inside a signature. Raises VerificationFailed."""
    try:
        found = cms.ContentInfo.load(signature, strict=True)["content"]["certificates"]
        return [x509.load_der_x509_certificate(one.chosen.dump()) for one in found]
    except (ValueError, TypeError, KeyError, AttributeError) as err:
        raise VerificationFailed("the signature is not a well-formed CMS message") from err
