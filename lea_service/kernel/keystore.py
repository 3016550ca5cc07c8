"""The local key store: private material in files that only the service's account may read.

Files in the folder (mode 0700, files 0600):

* ``key-encryption.key``   32 bytes, hex: wraps every data key
* ``index.key``            32 bytes, hex: keyed look-up digests
* ``package-signing.key.pem`` and ``package-signing.cert.pem``: ECDSA P-256, signs packages
* ``log-ed25519.key`` and ``log-mldsa44.key``  32-byte seeds, hex: sign checkpoints

Only ``lea keys generate`` writes here; an existing file is never overwritten.
"""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from lea_service.kernel.crypto import KEY_BYTES
from lea_service.kernel.errors import Conflict, IntegrityFailure, Unavailable

SEEDS = ("key-encryption.key", "index.key", "log-ed25519.key", "log-mldsa44.key")
SIGNING_KEY = "package-signing.key.pem"
SIGNING_CERTIFICATE = "package-signing.cert.pem"
SIGNING_YEARS = 2


@dataclass(frozen=True, repr=False)
class KeyStore:
    """Everything private the service holds, loaded once at the start."""

    key_encryption: bytes
    index: bytes
    log_ed25519: bytes
    log_mldsa44: bytes
    signing_key: ec.EllipticCurvePrivateKey
    signing_certificate: x509.Certificate


def load_keystore(folder: Path) -> KeyStore:
    """Read the key store. Raises Unavailable when a file is missing, IntegrityFailure when bad."""
    missing = [
        name for name in (*SEEDS, SIGNING_KEY, SIGNING_CERTIFICATE) if not (folder / name).is_file()
    ]
    if missing:
        raise Unavailable(f"the key store lacks {', '.join(missing)}; run: lea keys generate")
    check_modes(folder)
    seeds = [_read_seed(folder / name) for name in SEEDS]
    try:
        key = load_pem_private_key((folder / SIGNING_KEY).read_bytes(), None)
        certificate = x509.load_pem_x509_certificate((folder / SIGNING_CERTIFICATE).read_bytes())
    except ValueError as err:
        raise IntegrityFailure("the package signing key or certificate does not parse") from err
    if (
        not isinstance(key, ec.EllipticCurvePrivateKey)
        or key.public_key() != certificate.public_key()
    ):
        raise IntegrityFailure("the package signing certificate is not for its key")
    return KeyStore(seeds[0], seeds[1], seeds[2], seeds[3], key, certificate)


def check_modes(folder: Path) -> None:
    """Refuse a key store that others on the machine may read. Raises IntegrityFailure."""
    for path in (folder, *(folder / name for name in (*SEEDS, SIGNING_KEY))):
        if path.stat().st_mode & 0o077:
            raise IntegrityFailure(f"{path.name} may be read by others; expected mode 0700 or 0600")


def generate_keystore(folder: Path, *, provider: str, now: datetime) -> None:
    """Make a whole key store. Raises Conflict when any of its files is already there."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder.chmod(0o700)
    if any((folder / name).exists() for name in (*SEEDS, SIGNING_KEY, SIGNING_CERTIFICATE)):
        raise Conflict("the key store already holds keys; they are never overwritten")
    for name in SEEDS:
        _write(folder / name, secrets.token_bytes(KEY_BYTES).hex().encode() + b"\n")
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = _self_signed(key, provider, now)
    _write(
        folder / SIGNING_KEY, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )
    _write(folder / SIGNING_CERTIFICATE, certificate.public_bytes(Encoding.PEM))


def _self_signed(key: ec.EllipticCurvePrivateKey, provider: str, now: datetime) -> x509.Certificate:
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, provider),
            x509.NameAttribute(NameOID.COMMON_NAME, "lea-service package signing"),
        ]
    )
    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=True,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(days=365 * SIGNING_YEARS))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False
        )
        .add_extension(identifier, critical=False)
        .sign(key, SHA256())
    )


def _read_seed(path: Path) -> bytes:
    try:
        seed = bytes.fromhex(path.read_text().strip())
    except ValueError as err:
        raise IntegrityFailure(f"{path.name} is not hexadecimal") from err
    if len(seed) != KEY_BYTES:
        raise IntegrityFailure(f"{path.name} does not hold 32 bytes")
    return seed


def _write(path: Path, data: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
