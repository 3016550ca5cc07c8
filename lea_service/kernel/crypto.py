"""Keys at rest: authenticated encryption, key wrapping and keyed look-up digests."""

from __future__ import annotations

import hmac
import secrets
from hashlib import sha256
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from lea_service.kernel.canonical import encode_b64url
from lea_service.kernel.errors import IntegrityFailure, InvalidInput

KEY_BYTES = 32
NONCE_BYTES = 12


def new_key() -> bytes:
    """Return 256 random bits."""
    return secrets.token_bytes(KEY_BYTES)


def seal_bytes(key: bytes, plaintext: bytes, aad: bytes) -> bytes:
    """Encrypt with AES-256-GCM; returns nonce (12 bytes), ciphertext and tag."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plaintext, aad)


def open_bytes(key: bytes, blob: bytes, aad: bytes) -> bytes:
    """Decrypt what ``seal_bytes`` made. Raises IntegrityFailure when one bit differs."""
    try:
        return AESGCM(key).decrypt(blob[:NONCE_BYTES], blob[NONCE_BYTES:], aad)
    except (InvalidTag, ValueError) as err:
        raise IntegrityFailure("sealed data does not open with its key") from err


class KeyEncryption(Protocol):
    """Wraps data keys under a key that is not in the database (a file, a token, an HSM)."""

    def wrap(self, key: bytes, context: str) -> bytes:
        """Return ``key`` encrypted and bound to ``context``."""

    def unwrap(self, blob: bytes, context: str) -> bytes:
        """Return the key that ``wrap`` was given. Raises IntegrityFailure."""


class LocalKeyEncryption:
    """Wraps under a 256-bit key held in memory, read from a file at the start."""

    def __init__(self, key: bytes) -> None:
        if len(key) != KEY_BYTES:
            raise InvalidInput("expected a key-encryption key of 32 bytes")
        self._key = key

    def wrap(self, key: bytes, context: str) -> bytes:
        """Return ``key`` encrypted and bound to ``context``."""
        return seal_bytes(self._key, key, context.encode())

    def unwrap(self, blob: bytes, context: str) -> bytes:
        """Return the key that ``wrap`` was given. Raises IntegrityFailure."""
        return open_bytes(self._key, blob, context.encode())


class BlindIndex:
    """Digests by which equal values are found without storing or guessing them (HMAC-SHA256)."""

    def __init__(self, key: bytes) -> None:
        if len(key) != KEY_BYTES:
            raise InvalidInput("expected an index key of 32 bytes")
        self._key = key

    def digest(self, purpose: str, value: str | bytes) -> str:
        """Return the digest of ``value`` for one purpose; purposes do not mix."""
        data = value.encode() if isinstance(value, str) else value
        message = len(purpose).to_bytes(2, "big") + purpose.encode() + data
        return encode_b64url(hmac.digest(self._key, message, sha256))
