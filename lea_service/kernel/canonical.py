"""Canonical JSON: the subset of RFC 8785 that evidence is written in.

Allowed are objects with ASCII keys, arrays, strings without lone surrogates, integers of absolute
value below 2**53, booleans and null. Floats are refused: two implementations would have to agree
on their digits.
"""

from __future__ import annotations

import hashlib
import json
from base64 import urlsafe_b64encode
from typing import Any

from lea_service.kernel.errors import InvalidInput

Json = None | bool | int | str | list["Json"] | dict[str, "Json"]

MAX_INTEGER = 2**53 - 1
MAX_DEPTH = 64


def dump_canonical(value: Any) -> bytes:
    """Return the one byte string of ``value`` (RFC 8785 section 3.2). Raises InvalidInput."""
    _check(value, 0)
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def load_strict(data: bytes | str) -> Any:
    """Parse JSON, refusing what two parsers could read differently. Raises InvalidInput.

    Refused: duplicate keys, floats, NaN, integers of 2**53 and more, lone surrogates, more than
    64 levels, bytes that are not UTF-8.
    """
    try:
        text = data.decode() if isinstance(data, bytes) else data
        value = json.loads(
            text,
            object_pairs_hook=_unique,
            parse_float=_refuse_number,
            parse_constant=_refuse_number,
        )
    except UnicodeDecodeError as err:
        raise InvalidInput("expected JSON in UTF-8") from err
    except json.JSONDecodeError as err:
        raise InvalidInput(
            f"expected well-formed JSON (line {err.lineno}, column {err.colno})"
        ) from err
    except RecursionError as err:
        raise InvalidInput("expected well-formed JSON") from err
    except ValueError as err:  # an integer of thousands of digits
        raise InvalidInput("expected integers below 2**53") from err
    _check(value, 0)
    return value


def is_canonical(data: bytes) -> bool:
    """Say whether ``data`` is exactly the canonical form of the value it holds."""
    try:
        return dump_canonical(load_strict(data)) == data
    except InvalidInput:
        return False


def sha256(data: bytes) -> bytes:
    """Return the 32 bytes of SHA-256."""
    return hashlib.sha256(data).digest()


def canonical_digest(value: Any) -> str:
    """Return base64url(SHA-256(canonical JSON of the value)). Raises InvalidInput."""
    return encode_b64url(sha256(dump_canonical(value)))


def salted_digest(salt: bytes, value: Any) -> str:
    """Return base64url(SHA-256(canonical [salt, value])): a commitment that cannot be guessed.

    ``salt`` holds at least 16 random bytes; whoever knows salt and value can recompute it.
    """
    if len(salt) < 16:
        raise InvalidInput("a salt needs at least 128 bits")
    return canonical_digest([encode_b64url(salt), value])


def encode_b64url(data: bytes) -> str:
    """Return base64url without padding (RFC 4648 section 5)."""
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise InvalidInput("a JSON object names a key twice")
    return value


def _refuse_number(_text: str) -> Any:
    raise InvalidInput("expected integers only, got another kind of number")


def _check(value: Any, depth: int) -> None:
    if depth > MAX_DEPTH:
        raise InvalidInput(f"expected at most {MAX_DEPTH} levels")
    if value is None or isinstance(value, bool):
        return
    if isinstance(value, str):
        if not value.isascii() and any("\ud800" <= char <= "\udfff" for char in value):
            raise InvalidInput("a string holds a lone surrogate")
        return
    if isinstance(value, int):
        if abs(value) > MAX_INTEGER:
            raise InvalidInput("expected integers below 2**53")
    elif isinstance(value, list | tuple):
        for item in value:
            _check(item, depth + 1)
    elif isinstance(value, dict):
        for key, item in value.items():
            if not isinstance(key, str) or not key.isascii():
                raise InvalidInput("expected object keys in ASCII")
            _check(item, depth + 1)
    else:
        raise InvalidInput(f"a {type(value).__name__} has no canonical form")
