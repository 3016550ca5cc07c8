"""One-time codes: with one, and with their own key, a person sets a password."""

from __future__ import annotations

import secrets
from datetime import timedelta

from lea_service.kernel.canonical import sha256
from lea_service.kernel.transactions import Transaction
from lea_service.staff.models import OneTimeCode

LIFETIME = timedelta(days=3)
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # without letters that are read as digits
GROUPS, GROUP = 5, 5


def new_code() -> str:
    """Return 125 random bits in groups that can be read out on the telephone."""
    groups = ("".join(secrets.choice(ALPHABET) for _ in range(GROUP)) for _ in range(GROUPS))
    return "-".join(groups)


def digest_code(code: str) -> bytes:
    """Return SHA-256 of a code, whatever its case and its hyphens."""
    return sha256(code.replace("-", "").replace(" ", "").upper().encode())


def set_code(tx: Transaction, account_id: str) -> str:
    """Give an account a code in place of any other; returns the code, which is not kept."""
    code = new_code()
    row = tx.session.get(OneTimeCode, account_id, with_for_update=True)
    if row is None:
        row = OneTimeCode(account_id=account_id)
        tx.session.add(row)
    row.code_digest = digest_code(code)
    row.issued_by = tx.actor.id
    row.expires_at = tx.now + LIFETIME
    tx.session.flush()
    return code
