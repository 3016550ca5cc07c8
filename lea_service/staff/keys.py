"""Personal signing keys: Ed25519, made and kept by the person; only the public half is enrolled.

Key file: PKCS#8 PEM encrypted with a passphrase, mode 0600. Key id: the first 16 hex digits of
SHA-256 over the 32 raw public bytes.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from lea_service.kernel.canonical import Json, dump_canonical, encode_b64url, sha256
from lea_service.kernel.errors import Conflict, InvalidInput, NotFound, VerificationFailed
from lea_service.kernel.remembered import Remembered
from lea_service.staff.encoding import decode_b64url

REQUEST_FORMAT = "lea.key-request/1"
PASSPHRASE_MIN = 12

# Points of small order (RFC 8032 section 5.1, y coordinate with the sign bit off): a signature
# under one of these proves nothing, since anybody can make it.
_SMALL_ORDER = frozenset(
    bytes.fromhex(text)
    for text in (
        "00" * 32,
        "01" + "00" * 31,
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "ec" + "ff" * 30 + "7f",
        "ed" + "ff" * 30 + "7f",
        "ee" + "ff" * 30 + "7f",
    )
)

_VERIFIED: Remembered[tuple[bytes, bytes, bytes], bool] = Remembered(8192)
"""Key, signature and hash of the message, of those that verified: 3 MB at most."""


@dataclass(frozen=True, slots=True)
class KeyRequest:
    """A public key with the proof that its maker holds the private half."""

    public_key: bytes
    possession: bytes

    @property
    def key_id(self) -> str:
        """Return the id of the key."""
        return key_id(self.public_key)


def key_id(public_key: bytes) -> str:
    """Return the first 16 hex digits of the key's fingerprint."""
    return fingerprint(public_key)[:16]


def fingerprint(public_key: bytes) -> str:
    """Return SHA-256 over the raw public key in hex; what two people read out to each other."""
    return hashlib.sha256(public_key).hexdigest()


def public_bytes(key: Ed25519PrivateKey) -> bytes:
    """Return the 32 raw public bytes of a private key."""
    return key.public_key().public_bytes_raw()


def check_public_key(public_key: bytes) -> None:
    """Refuse what is no Ed25519 key that binds its holder. Raises InvalidInput."""
    masked = public_key[:31] + bytes([public_key[31] & 0x7F]) if len(public_key) == 32 else b""
    if not masked or masked in _SMALL_ORDER:
        raise InvalidInput.at("/public_key", "expected the 32 bytes of an Ed25519 public key")


def verify_signature(public_key: bytes, signature: bytes, message: bytes) -> None:
    """Check an Ed25519 signature. Raises VerificationFailed.

    The last that verified are remembered, for the staff is replayed from the same ones again and
    again: another key, signature or message is another one.
    """
    signed = public_key, signature, sha256(message)
    if _VERIFIED.find(signed):
        return
    try:
        check_public_key(public_key)
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except (InvalidSignature, InvalidInput, ValueError) as err:
        raise VerificationFailed("the signature does not verify under the enrolled key") from err
    _VERIFIED.keep(signed, True)


def write_key_file(path: Path, passphrase: str) -> Ed25519PrivateKey:
    """Make a key and write it encrypted, mode 0600, never over an existing file.

    Raises InvalidInput for a short passphrase and Conflict when the file exists.
    """
    if len(passphrase) < PASSPHRASE_MIN:
        raise InvalidInput.at(
            "/passphrase", f"expected a passphrase of at least {PASSPHRASE_MIN} characters"
        )
    key = Ed25519PrivateKey.generate()
    encryption = BestAvailableEncryption(passphrase.encode())
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as err:
        raise Conflict(f"{path} exists; a key is never overwritten") from err
    with os.fdopen(descriptor, "wb") as file:
        file.write(pem)
        file.flush()
        os.fsync(file.fileno())
    return key


def load_key_file(path: Path, passphrase: str) -> Ed25519PrivateKey:
    """Read a key file. Raises NotFound, InvalidInput (mode, passphrase, form)."""
    try:
        if path.is_dir():
            raise InvalidInput(f"{path}: expected the file of a key, not a folder")
        if path.stat().st_mode & 0o077:
            raise InvalidInput(f"{path} may be read by others; run: chmod 600 {path}")
        pem = path.read_bytes()
    except FileNotFoundError as err:
        raise NotFound(f"no key file at {path}; make one with: lea staff key new") from err
    try:
        key = load_pem_private_key(pem, passphrase.encode())
    except (ValueError, TypeError, UnsupportedAlgorithm) as err:
        raise InvalidInput(f"the key file {path} does not open with this passphrase") from err
    if not isinstance(key, Ed25519PrivateKey):
        raise InvalidInput(f"{path} holds no Ed25519 key")
    return key


def request_enrolment(key: Ed25519PrivateKey) -> dict[str, Json]:
    """Return what a person hands in to have the key enrolled."""
    public_key = public_bytes(key)
    return {
        "format": REQUEST_FORMAT,
        "key": key_id(public_key),
        "public_key": encode_b64url(public_key),
        "possession": encode_b64url(key.sign(_possession_message(public_key))),
    }


def load_request(value: Mapping[str, Json]) -> KeyRequest:
    """Read and check an enrolment request. Raises InvalidInput, VerificationFailed."""
    if set(value) != {"format", "key", "public_key", "possession"}:
        raise InvalidInput.at("/key", "expected format, key, public_key and possession")
    if value["format"] != REQUEST_FORMAT:
        raise InvalidInput.at("/key/format", f"expected {REQUEST_FORMAT}")
    request = KeyRequest(
        decode_b64url(value["public_key"], "/key/public_key"),
        decode_b64url(value["possession"], "/key/possession"),
    )
    check_request(request)
    if value["key"] != request.key_id:
        raise InvalidInput.at("/key/key", "expected the id of this public key")
    return request


def check_request(request: KeyRequest) -> None:
    """Check that the key is sound and held by its maker. Raises as ``load_request`` does."""
    check_public_key(request.public_key)
    message = _possession_message(request.public_key)
    verify_signature(request.public_key, request.possession, message)


def _possession_message(public_key: bytes) -> bytes:
    return dump_canonical({"act": "enrol", "public_key": encode_b64url(public_key), "v": 1})
