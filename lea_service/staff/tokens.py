"""API tokens: a random secret that is shown once; only its SHA-256 is kept."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from lea_service.kernel.canonical import Json, encode_b64url, sha256
from lea_service.kernel.clock import format_instant
from lea_service.kernel.transactions import Transaction
from lea_service.staff.models import ApiToken
from lea_service.staff.queries import list_live_tokens

EXPIRES = "expires_at"
PREFIX = "lea_s_"
"""Begins every token of staff, so that tokens of receivers are told apart, and leaks are found."""


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token with its secret, for the one answer that carries it."""

    id: str
    label: str
    token: str
    expires_at: datetime


def digest_token(token: str) -> bytes:
    """Return what is kept of a token."""
    return sha256(token.encode())


def add_token(tx: Transaction, account_id: str, label: str, lifetime: timedelta) -> NewToken:
    """Add a token of an account; the caller enters it in the log with ``token_facts``."""
    token = PREFIX + encode_b64url(secrets.token_bytes(32))
    row = ApiToken(
        id=tx.ids.new("tk"),
        account_id=account_id,
        secret_digest=digest_token(token),
        label=label,
        created_at=tx.now,
        expires_at=tx.now + lifetime,
    )
    tx.session.add(row)
    tx.session.flush()
    return NewToken(row.id, label, token, row.expires_at)


def token_facts(new: NewToken) -> dict[str, Json]:
    """Return what the log says of a token, so that one slipped into the table is found."""
    return {
        "token": new.id,
        "digest": encode_b64url(digest_token(new.token)),
        EXPIRES: format_instant(new.expires_at),
    }


def revoke_all(tx: Transaction, account_id: str) -> int:
    """End every live token of an account; returns how many."""
    live = list_live_tokens(tx.session, account_id)
    for row in live:
        row.revoked_at = tx.now
    return len(live)
