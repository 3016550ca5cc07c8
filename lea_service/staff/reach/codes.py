"""The short code of a test: derived from its id under our index key, so that none is kept."""

from __future__ import annotations

import hmac

from lea_service.kernel.crypto import BlindIndex
from lea_service.staff.codes import ALPHABET
from lea_service.staff.encoding import decode_b64url

PURPOSE = "staff.reach"
LENGTH, BITS = 8, 5


def code_of(index: BlindIndex, test_id: str) -> str:
    """Return the code by which a test is answered: 40 bits in two groups."""
    number = int.from_bytes(decode_b64url(index.digest(PURPOSE, test_id), ""))
    signs = "".join(ALPHABET[(number >> BITS * place) & 31] for place in range(LENGTH))
    return f"{signs[:4]}-{signs[4:]}"


def is_formed(given: str) -> bool:
    """Say whether something has the form of a code."""
    plain = _plain(given)
    return len(plain) == LENGTH and set(plain) <= set(ALPHABET)


def is_code(index: BlindIndex, test_id: str, given: str) -> bool:
    """Say whether a code is that of a test, whatever its case and its hyphens."""
    wanted = code_of(index, test_id).replace("-", "")
    return hmac.compare_digest(wanted.encode(), _plain(given).encode())


def _plain(given: str) -> str:
    return given.replace("-", "").replace(" ", "").upper()
