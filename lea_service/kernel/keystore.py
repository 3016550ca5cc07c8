"""The local key store: private material in files that only the service's account may read.

Files in the folder (mode 0700, files 0600):

* ``key-encryption.key``   32 bytes, hex: wraps every data key
* ``index.key``            32 bytes, hex: keyed look-up digests
* ``package-signing.key.pem`` and ``package-signing.cert.pem``: ECDSA P-256, signs packages
* ``package-signing-….cert.pem``: certificates of package keys that were renewed; packages sealed
  before are verified by them
* ``log-ed25519.key`` and ``log-mldsa44.key``  32-byte seeds, hex: sign checkpoints

Only ``lea keys generate`` and ``lea keys rotate-package`` write here. No key is ever overwritten
but the one that signs packages, which nothing needs once its certificate is kept.
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
from lea_service.kernel.folders import sync_folder

SEEDS = ("key-encryption.key", "index.key", "log-ed25519.key", "log-mldsa44.key")
SIGNING_KEY = "package-signing.key.pem"
SIGNING_CERTIFICATE = "package-signing.cert.pem"
RETIRED = "package-signing-*.cert.pem"
NEW = ".new"
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
    retired_certificates: tuple[x509.Certificate, ...] = ()
    """Of package keys that were renewed, the oldest first."""


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
        certificate = _read_certificate(folder / SIGNING_CERTIFICATE)
        retired = [_read_certificate(path) for path in folder.glob(RETIRED)]
    except ValueError as err:
        raise IntegrityFailure("the package signing key or certificate does not parse") from err
    if (
        not isinstance(key, ec.EllipticCurvePrivateKey)
        or key.public_key() != certificate.public_key()
    ):
        raise IntegrityFailure("the package signing certificate is not for its key")
    retired.sort(key=lambda one: (one.not_valid_before_utc, one.serial_number))
    others = tuple(one for one in retired if one != certificate)
    return KeyStore(seeds[0], seeds[1], seeds[2], seeds[3], key, certificate, others)


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
    _write_signing(folder / SIGNING_KEY, folder / SIGNING_CERTIFICATE, provider, now)


def renew_signing(folder: Path, *, provider: str, now: datetime) -> None:
    """Give the key store a new key that signs packages; the old certificate stays beside it.

    Broken off anywhere, it leaves the old pair, the new pair, or a store that does not load until
    this has run again, which then brings to its end what was begun. Raises Unavailable,
    IntegrityFailure as ``load_keystore`` does.
    """
    key, certificate = folder / (SIGNING_KEY + NEW), folder / (SIGNING_CERTIFICATE + NEW)
    if not _is_half_renewed(folder):
        _keep_certificate(folder, load_keystore(folder).signing_certificate)
        for left in (key, certificate):
            left.unlink(missing_ok=True)
        _write_signing(key, certificate, provider, now)
        key.replace(folder / SIGNING_KEY)
        sync_folder(folder)  # the key first, on disk too: the other order could not be mended
    certificate.replace(folder / SIGNING_CERTIFICATE)
    sync_folder(folder)


def _keep_certificate(folder: Path, certificate: x509.Certificate) -> None:
    path = folder / RETIRED.replace("*", certificate.fingerprint(SHA256()).hex())
    made = folder / (path.name + NEW)
    made.unlink(missing_ok=True)
    _write(made, certificate.public_bytes(Encoding.PEM))
    made.replace(path)
    sync_folder(folder)


def _is_half_renewed(folder: Path) -> bool:
    """Say whether the new key is in its place and its certificate is not."""
    key, certificate = folder / SIGNING_KEY, folder / (SIGNING_CERTIFICATE + NEW)
    if not (key.is_file() and certificate.is_file()):
        return False
    try:
        own = load_pem_private_key(key.read_bytes(), None).public_key()
        return own == _read_certificate(certificate).public_key()
    except ValueError:  # cut short while it was written: it is none yet
        return False


def _write_signing(key_path: Path, path: Path, provider: str, now: datetime) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    _write(key_path, pem)
    _write(path, _self_signed(key, provider, now).public_bytes(Encoding.PEM))


def _read_certificate(path: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(path.read_bytes())


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
