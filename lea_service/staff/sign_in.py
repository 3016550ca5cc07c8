"""How somebody becomes known: by password, and before that by a one-time code and their key."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from hmac import compare_digest

from lea_service.kernel.actors import Actor
from lea_service.kernel.canonical import Json
from lea_service.kernel.errors import VerificationFailed
from lea_service.kernel.transactions import SYSTEM_STREAM, Transaction, Transactions
from lea_service.staff.accounts import digest_login
from lea_service.staff.attempts import count_attempt, forget_attempts
from lea_service.staff.codes import digest_code
from lea_service.staff.models import Account, OneTimeCode, Password
from lea_service.staff.passwords import Passwords, password_message
from lea_service.staff.queries import (
    find_account_by_login,
    find_key,
    find_password_hash,
    lock_accounts,
)
from lea_service.staff.rules import check_password
from lea_service.staff.statement import verify_proof
from lea_service.staff.tokens import NewToken, add_token, revoke_all, token_facts

SIGN_IN = Actor("sys:sign-in", frozenset())
SESSION = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class _Attempt:
    """An attempt that is counted and not judged yet."""

    login_digest: str
    account: str | None
    stored: str | None


class SignIn:
    """Signing in and setting a password; what is wrong with an attempt is never said."""

    def __init__(self, transactions: Transactions, passwords: Passwords) -> None:
        self._transactions = transactions
        self._passwords = passwords

    def sign_in(self, login: str, password: str) -> NewToken | None:
        """Return a token for the day; None when login and password do not belong together.

        Raises TooManyAttempts.
        """
        attempt = self._begin(login)
        is_right = self._passwords.verify(attempt.stored, password)
        with self._transactions.begin(_by(attempt, is_right)) as tx:
            account = _lock_account(tx, attempt)
            stored = find_password_hash(tx.session, account.id) if account else None
            if not is_right or account is None or stored != attempt.stored:
                _record_failure(tx, attempt)
                return None
            forget_attempts(tx, attempt.login_digest)
            new = add_token(tx, account.id, "sign-in", SESSION)
            tx.record("staff.signed_in", account.id, facts=token_facts(new))
            return new

    def set_password(self, login: str, code: str, password: str, proof: Json) -> bool:
        """Set a password and end every token of the person; False when something does not fit.

        ``proof`` is the person's own signature over ``password_message``: whoever issued the code
        cannot use it. Raises InvalidInput (weak password), TooManyAttempts.
        """
        check_password(password, login)
        attempt = self._begin(login)
        hashed = self._passwords.hash(password)
        with self._transactions.begin(SIGN_IN) as tx:
            account = _lock_account(tx, attempt)
            if account is None or not _is_entitled(tx, account.id, login, code, proof):
                _record_failure(tx, attempt)
                return False
            forget_attempts(tx, attempt.login_digest)
            tx.session.delete(tx.session.get_one(OneTimeCode, account.id))
            tx.session.merge(Password(account_id=account.id, hash=hashed, set_at=tx.now))
            ended = revoke_all(tx, account.id)
            tx.record("staff.password_set", account.id, facts={"tokens_ended": ended})
            return True

    def _begin(self, login: str) -> _Attempt:
        digest = digest_login(self._transactions.index, login)
        with self._transactions.begin(SIGN_IN) as tx:
            count_attempt(tx, digest)
            account = find_account_by_login(tx.session, digest)
            if account is None:
                return _Attempt(digest, None, None)
            return _Attempt(digest, account.id, find_password_hash(tx.session, account.id))


def _by(attempt: _Attempt, is_right: bool) -> Actor:
    known = attempt.account if is_right else None
    return Actor(known, frozenset()) if known else SIGN_IN


def _lock_account(tx: Transaction, attempt: _Attempt) -> Account | None:
    """Return the account unless it is suspended."""
    account = lock_accounts(tx.session, [attempt.account or ""]).get(attempt.account or "")
    return account if account and account.suspended_at is None else None


def _is_entitled(tx: Transaction, account: str, login: str, code: str, proof: Json) -> bool:
    issued = tx.session.get(OneTimeCode, account, with_for_update=True)
    key = find_key(tx.session, account)
    if issued is None or key is None or _is_over(issued.expires_at, tx.now):
        return False
    if not compare_digest(issued.code_digest, digest_code(code)):
        return False
    try:
        verify_proof(proof, password_message(login, code), key.id, key.public_key)
    except VerificationFailed:
        return False
    return True


def _is_over(until: datetime, now: datetime) -> bool:
    return now >= until


def _record_failure(tx: Transaction, attempt: _Attempt) -> None:
    tx.record("staff.sign_in_failed", attempt.account or SYSTEM_STREAM)
