"""RFC 9901 disclosures: what names somebody, as a salted commitment in the leaf."""

from __future__ import annotations

import json
import secrets
from base64 import urlsafe_b64decode
from dataclasses import dataclass
from hashlib import sha256

from lea_service.kernel.canonical import Json, dump_canonical, encode_b64url, load_strict
from lea_service.kernel.errors import InvalidInput, VerificationFailed

SALT_BYTES = 16


@dataclass(frozen=True, slots=True)
class Disclosure:
    """Salt, name and value; the leaf holds only ``digest``."""

    salt: str
    name: str
    value: Json

    @property
    def encoded(self) -> str:
        """Return base64url of the JSON array [salt, name, value]."""
        return encode_b64url(dump_canonical([self.salt, self.name, self.value]))

    @property
    def digest(self) -> str:
        """Return base64url(SHA-256(ASCII(encoded)))."""
        return digest_of(self.encoded)


def new_disclosure(name: str, value: Json) -> Disclosure:
    """Make a disclosure with 128 fresh random bits."""
    return Disclosure(encode_b64url(secrets.token_bytes(SALT_BYTES)), name, value)


def digest_of(encoded: str) -> str:
    """Return the digest of an encoded disclosure."""
    return encode_b64url(sha256(encoded.encode("ascii")).digest())


def parse_disclosure(encoded: str) -> Disclosure:
    """Read an encoded disclosure. Raises VerificationFailed."""
    try:
        data = urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))
        parts = load_strict(data)
    except (ValueError, json.JSONDecodeError, InvalidInput) as err:
        raise VerificationFailed("a disclosure is malformed") from err
    if not isinstance(parts, list) or len(parts) != 3 or not isinstance(parts[1], str):
        raise VerificationFailed("a disclosure is [salt, name, value]")
    return Disclosure(str(parts[0]), parts[1], parts[2])
