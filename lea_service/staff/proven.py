"""Holds a token of staff, and what its person may do, against the log and the signatures.

Whoever owns the database can write a token, or a role beside a name. Neither opens anything: what
was not entered, or not decided on by two, counts for nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from enum import StrEnum

from sqlalchemy.orm import Session

from lea_service.custody.followed import FollowedStreams
from lea_service.custody.replay import Entered, Stream
from lea_service.custody.signed import SignedLog
from lea_service.custody.verdicts import Verdicts
from lea_service.kernel.canonical import encode_b64url
from lea_service.kernel.clock import format_instant
from lea_service.kernel.errors import IntegrityFailure
from lea_service.kernel.logs import get_log
from lea_service.kernel.outbox import raise_daily_alarm
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
MATTERING = frozenset({*TOKEN_EVENTS, REVOKED, *ALL_ENDED, *RIGHTS_CHANGED})
Key = tuple[object, ...]

log = get_log("staff")


class Doubt(StrEnum):
    """What of somebody who comes in does not hold: the token, or the rights beside it."""

    TOKEN = "token"  # noqa: S105 no secret
    RIGHTS = "rights"


class StaffProofs:
    """Proves what a token, its person and their lenders stand for, and remembers it for a while.

    A token is proven anew when it or its stream's beginning is another, the rights when anything
    that they rest on changes in the tables or was changed by an entry. What was not wholly signed
    is, once more, with the next checkpoint. Until the first one the entries alone have to do, for
    whoever makes it possible comes in by a token.
    """

    def __init__(
        self, transactions: Transactions, load_root: Callable[[], Root], signed: SignedLog
    ) -> None:
        self._transactions = transactions
        self._load_root = load_root
        self._streams = FollowedStreams()
        self._tokens = Verdicts(signed, "staff", Doubt.TOKEN, may_begin=True)
        self._rights = Verdicts(signed, "staff", Doubt.TOKEN, may_begin=True)

    def find_doubt(self, session: Session, row: ApiToken, now: datetime) -> Doubt | None:
        """Return what about a token does not hold; None when all of it does.

        Raises Unavailable without a staff root.
        """
        people = sorted(with_lenders(session, [row.account_id]))
        try:
            streams = {one: self._streams.read(session, one, MATTERING) for one in people}
            issued = check_issued(streams[row.account_id].stream, row)
        except IntegrityFailure as err:
            log.critical(str(Doubt.TOKEN), actor=row.account_id, exc_info=err)
            return Doubt.TOKEN
        readings = tuple(one.reading for one in streams.values())
        changes = tuple(_last_change(one.stream) for one in streams.values())
        footings = tuple(_footing(session, one) for one in people)

        def judge_rights() -> Doubt | None:
            return Doubt.RIGHTS if self._doubts(session, people, now) else None

        token, rights = (_fixed(row), issued.idx, readings), (footings, changes, readings)
        return self._tokens.find_doubt(
            session, row.id, token, now, lambda: None
        ) or self._rights.find_doubt(session, row.account_id, rights, now, judge_rights)

    def raise_alarm(self, row_id: str, doubt: Doubt) -> None:
        """Have our own people told, once a day, that somebody came in by what does not hold."""
        raise_daily_alarm(self._transactions, SIGN_IN, about=row_id, occasion=f"{doubt}/{row_id}")

    def _doubts(self, session: Session, people: Iterable[str], now: datetime) -> bool:
        """Compare people with the replay of what was signed. Raises IntegrityFailure, Unavailable.

        That is as of a while ahead, for the clocks of several processes differ.
        """
        history, at = load_history(session, self._load_root()), now + LOG_DELAY
        rows = [get_account(session, one) for one in people]
        return any(any(check_account(session, history, row, at)) for row in rows)


def check_issued(entries: Stream, row: ApiToken) -> Entered:
    """Return the entry by which its person was given a token that did not end.

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
    return issued


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


def _last_change(stream: Stream) -> int | None:
    entry = stream.last(*RIGHTS_CHANGED)
    return entry.idx if entry else None
