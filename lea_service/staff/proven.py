"""Holds a token of staff, and what its person may do, against the log and the signatures.

Whoever owns the database can write a token, or a role beside a name. Neither opens anything: what
was not entered, or not decided on by two, counts for nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from enum import StrEnum

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lea_service.custody.models import LogEntry
from lea_service.custody.queries import find_checkpoint
from lea_service.custody.replay import Stream, read_stream
from lea_service.custody.signed import SignedLog
from lea_service.kernel.canonical import encode_b64url
from lea_service.kernel.clock import format_instant
from lea_service.kernel.errors import IntegrityFailure
from lea_service.kernel.logs import get_log
from lea_service.kernel.outbox import enqueue_daily_alarm
from lea_service.kernel.transactions import Transactions
from lea_service.staff.audit import TOKEN_EVENTS, check_account
from lea_service.staff.delegations import list_delegations, with_lenders
from lea_service.staff.engagements import find_engagement
from lea_service.staff.history import LOG_DELAY
from lea_service.staff.models import Account, ApiToken
from lea_service.staff.queries import get_account, list_clearances, list_grants, load_history
from lea_service.staff.root import Root
from lea_service.staff.sign_in import SIGN_IN
from lea_service.staff.tokens import EXPIRES

REVOKED, ALL_ENDED = "staff.token_revoked", ("staff.suspended", "staff.password_set")
RIGHTS_CHANGED = ("approval.decided", "staff.suspended")
Key = tuple[object, ...]

log = get_log("staff")


class Doubt(StrEnum):
    """What of somebody who comes in does not hold: the token, or the rights beside it."""

    TOKEN = "token"  # noqa: S105 no secret
    RIGHTS = "rights"


class StaffProofs:
    """Proves once in the life of a process what a token, its person and their lenders stand for.

    It is proven anew when any of it changes in the tables, or anything is entered about them.
    """

    def __init__(
        self, transactions: Transactions, load_root: Callable[[], Root], signed: SignedLog
    ) -> None:
        self._transactions = transactions
        self._load_root = load_root
        self._signed = signed
        self._proven: set[Key] = set()
        self._unsigned: set[Key] = set()
        self._rights: set[Key] = set()

    def find_doubt(self, session: Session, row: ApiToken, now: datetime) -> Doubt | None:
        """Return what about a token does not hold; None when all of it does.

        Raises Unavailable without a staff root.
        """
        people = sorted(with_lenders(session, [row.account_id]))
        footings = tuple(_footing(session, one) for one in people)
        key = (_fixed(row), footings, _last_entries(session, people))
        if self._is_known(session, key):
            return None
        try:
            streams = {one: read_stream(session, one) for one in people}
            check_issued(streams[row.account_id], row)
            rights = (footings, tuple(_last_change(streams[one]) for one in people))
            is_doubted = rights not in self._rights and self._doubts(session, people, now)
            is_signed = self._is_signed(session)
        except IntegrityFailure as err:
            log.critical("token", actor=row.account_id, exc_info=err)
            return Doubt.TOKEN
        if is_doubted:
            log.critical("rights", actor=row.account_id)
            return Doubt.RIGHTS
        self._rights.add(rights)
        (self._proven if is_signed else self._unsigned).add(key)
        return None

    def raise_alarm(self, row_id: str, doubt: Doubt) -> None:
        """Have our own people told, once a day, that somebody came in by what does not hold."""
        with self._transactions.begin(SIGN_IN) as tx:
            enqueue_daily_alarm(tx, about=row_id, occasion=f"{doubt}/{row_id}")

    def _is_known(self, session: Session, key: Key) -> bool:
        if key in self._proven:
            return True
        return key in self._unsigned and find_checkpoint(session) is None

    def _doubts(self, session: Session, people: Iterable[str], now: datetime) -> bool:
        """Compare people with the replay of what was signed. Raises IntegrityFailure, Unavailable.

        That is as of a while ahead, for the clocks of several processes differ.
        """
        history, at = load_history(session, self._load_root()), now + LOG_DELAY
        rows = [get_account(session, one) for one in people]
        return any(any(check_account(session, history, row, at)) for row in rows)

    def _is_signed(self, session: Session) -> bool:
        """Hold what was read against the checkpoint; False while an installation has none."""
        if find_checkpoint(session) is None:
            return False
        self._signed.verify(session)
        return True


def check_issued(entries: Stream, row: ApiToken) -> None:
    """Let a token through that its person was given, and that did not end.

    Raises IntegrityFailure.
    """
    issued = entries.last(*TOKEN_EVENTS, token=row.id)
    given = {"token": row.id, "digest": encode_b64url(row.secret_digest)}
    until = {EXPIRES: format_instant(row.expires_at)}
    # entries of an earlier version do not say until when
    if issued is None or dict(issued.facts) not in ({**given, **until}, given):
        raise IntegrityFailure(f"api_tokens: {row.id} was issued by nobody")
    if issued.by != row.account_id:
        raise IntegrityFailure(f"api_tokens: {row.id} was issued to somebody else")
    ended = [one for one in entries.of(*ALL_ENDED) if one.idx > issued.idx]
    if ended or entries.last(REVOKED, token=row.id) is not None:
        raise IntegrityFailure(f"api_tokens: {row.id} was revoked")


def _fixed(row: ApiToken) -> Key:
    """Return whatever of a token does not change any more once it was issued."""
    return row.id, row.account_id, row.secret_digest, row.expires_at


def _footing(session: Session, account_id: str) -> Key:
    """Return on what the rights of a person rest, as the tables have it."""
    account = session.get(Account, account_id)
    return (
        account_id,
        account and account.suspension_id,
        tuple(grant.role for grant in list_grants(session, account_id)),
        list_delegations(session, account_id),
        find_engagement(session, account_id),
        list_clearances(session, account_id),
    )


def _last_entries(session: Session, streams: Sequence[str]) -> Key:
    last = select(func.max(LogEntry.n))
    return tuple(session.scalar(last.where(LogEntry.stream == one)) for one in streams)


def _last_change(stream: Stream) -> int | None:
    entry = stream.last(*RIGHTS_CHANGED)
    return entry.idx if entry else None
