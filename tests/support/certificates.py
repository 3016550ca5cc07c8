"""Receivers' keys and certificates for tests, made once per kind and test run."""

from datetime import UTC, datetime, timedelta
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
CURVES = {"p256": ec.SECP256R1, "p384": ec.SECP384R1, "p521": ec.SECP521R1, "k1": ec.SECP256K1}


def private_key(kind: str, name: str = "receiver"):
    """Make the key ``name`` of ``kind``: rsa, rsa1024, p256, p384, p521, k1 or ed25519."""
    return _private_key(kind, name)


@cache
def _private_key(kind, name):
    if kind.startswith("rsa"):
        return rsa.generate_private_key(65537, int(kind[3:] or 2048))
    if kind == "ed25519":
        return ed25519.Ed25519PrivateKey.generate()
    return ec.generate_private_key(CURVES[kind]())


def certificate(
    kind: str,
    name: str = "receiver",
    usage: str | None = "both",
    start=-1,
    end=365,
    purpose: str | None = None,
    *,
    subject: str | None = None,
    serial: int | None = None,
):
    """Make a self-signed certificate; ``start`` and ``end`` are days from NOW.

    ``purpose`` is None, or ``server`` for one that may serve web pages and nothing else.
    """
    subject = subject or f"Bureau Ontvangst {name}"
    return _certificate(kind, name, usage, start, end, purpose, subject, serial)


@cache
def _certificate(kind, name, usage, start, end, purpose, common_name, serial):
    key = private_key(kind, name)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(serial or x509.random_serial_number())
        .not_valid_before(NOW + timedelta(days=start))
        .not_valid_after(NOW + timedelta(days=end))
    )
    if usage is not None:
        builder = builder.add_extension(_usage(usage), critical=True)
    if purpose == "server":
        only = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
        builder = builder.add_extension(only, critical=False)
    return builder.sign(key, None if kind == "ed25519" else SHA256())


def write_pair(folder, kind: str, name: str = "receiver", stem: str | None = None):
    """Write ``<stem>.cert.pem`` and ``<stem>.key.pem``; returns both paths."""
    stem = stem or name
    cert_path, key_path = folder / f"{stem}.cert.pem", folder / f"{stem}.key.pem"
    cert_path.write_bytes(certificate(kind, name).public_bytes(Encoding.PEM))
    key_path.write_bytes(
        private_key(kind, name).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )
    return cert_path, key_path


def _usage(kind: str) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=kind == "sign",
        content_commitment=False,
        key_encipherment=kind in ("both", "encipher"),
        data_encipherment=False,
        key_agreement=kind in ("both", "agree"),
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
