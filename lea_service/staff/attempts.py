"""Failures in a row for one login: each attempt is counted before it is judged."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from lea_service.kernel.database import lock_row
from lea_service.kernel.errors import TooManyAttempts
from lea_service.kernel.transactions import Transaction
from lea_service.staff.models import SignInAttempts
from lea_service.staff.rules import wait_after

FORGOTTEN = timedelta(days=1)
SWEEP = 100


def count_attempt(tx: Transaction, login_digest: str) -> None:
    """Count an attempt as failed until it succeeds, so that many at once gain nothing.

    Raises TooManyAttempts while the login is closed, whether it exists or not.
    """
    row = _lock(tx, login_digest)
    if tx.now - row.last_at > FORGOTTEN:
        row.failures = 0
    if row.failures and tx.now < row.last_at + wait_after(row.failures):
        raise TooManyAttempts("this login is closed for a while after too many failures")
    row.failures += 1
    row.last_at = tx.now


def forget_attempts(tx: Transaction, login_digest: str) -> None:
    """Begin anew after a success, and drop what is too old to count."""
    own = SignInAttempts.login_digest == login_digest
    tx.session.execute(delete(SignInAttempts).where(own))
    old = select(SignInAttempts.login_digest).where(SignInAttempts.last_at < tx.now - FORGOTTEN)
    found = tx.session.scalars(old.limit(SWEEP).with_for_update(skip_locked=True)).all()
    tx.session.execute(delete(SignInAttempts).where(SignInAttempts.login_digest.in_(found)))


def _lock(tx: Transaction, login_digest: str) -> SignInAttempts:
    if tx.session.get(SignInAttempts, login_digest) is None:
        try:
            with tx.session.begin_nested():
                tx.session.add(
                    SignInAttempts(login_digest=login_digest, failures=0, last_at=tx.now)
                )
        except IntegrityError:
            tx.session.expire_all()  # another attempt made the row first; it serves both
    return lock_row(tx.session, SignInAttempts, login_digest, "login")
