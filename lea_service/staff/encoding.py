"""Strict base64url, the text form of keys and signatures."""

from __future__ import annotations

import binascii
from base64 import urlsafe_b64decode

from lea_service.kernel.canonical import encode_b64url
from lea_service.kernel.errors import InvalidInput


def decode_b64url(text: object, pointer: str) -> bytes:
    """Read unpadded base64url (RFC 4648 section 5) in its one form. Raises InvalidInput."""
    if isinstance(text, str):
        try:
            data = urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
        except (binascii.Error, UnicodeEncodeError):
            data = b""
        if data and encode_b64url(data) == text:
            return data
    raise InvalidInput.at(pointer, "expected base64url without padding")
