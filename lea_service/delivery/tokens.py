"""Receivers' tokens: granted by two of us, claimed by the named person, kept as digests only."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from lea_service.agencies.audit import check_standing
from lea_service.agencies.queries import get_agency_of, is_suspended
from lea_service.custody.looks import Looks
from lea_service.custody.queries import find_size
from lea_service.custody.signed import SignedLog
from lea_service.custody.verdicts import Verdicts
from lea_service.delivery.models import ReceiverToken
from lea_service.delivery.proven import check_code, check_token
from lea_service.delivery.rules import CODE_LIFETIME, digest_token, new_token
from lea_service.kernel.actors import Actor, Permission, Role, permit
from lea_service.kernel.canonical import Json, encode_b64url
from lea_service.kernel.database import get_row, lock_row
from lea_service.kernel.errors import (
    IntegrityFailure,
    NotAuthenticated,
    NotFound,
    NotPermitted,
    VerificationFailed,
    WrongState,
)
from lea_service.kernel.outbox import raise_daily_alarm
from lea_service.kernel.transactions import Transaction, Transactions
from lea_service.staff.codes import digest_code, new_code
from lea_service.staff.decisions import Decisions
from lea_service.staff.queries import find_decision, get_approval
from lea_service.staff.root import Root

Place = tuple[datetime, str]
"""Where a token stands in the list: when it was granted, and its id."""
Check = Callable[[Session, Decisions, ReceiverToken], None]
ReliedOn = Callable[[Session], Collection[str]]
DELIVERY = Actor("sys:delivery", frozenset())
WHAT = "token"
NO_CODE = "the code is unknown, used or expired"
UNPROVEN = "token"
NOT_STANDING = (
    "the token is unknown, expired or revoked, or you or your agency are suspended here; "
    "if you know no reason, call us"
)
"""One for all of these: who has somebody's token is not told which of them it is (ADR 0027)."""


@dataclass(frozen=True, slots=True)
class TokenView:
    """A token without any secret."""

    id: str
    person: str
    granted_at: datetime
    expires_at: datetime
    claimed_at: datetime | None
    revoked_at: datetime | None


@dataclass(frozen=True, repr=False, slots=True)
class ClaimCode:
    """A code on its way to the named person; it is kept nowhere."""

    token: str
    code: str
    expires_at: datetime


@dataclass(frozen=True, repr=False, slots=True)
class Claimed:
    """A token in its person's hands; it is kept nowhere else."""

    token: str
    person: str
    expires_at: datetime


class ReceiverTokens:
    """From a grant of two to a secret that only the named person has."""

    def __init__(
        self,
        transactions: Transactions,
        looks: Looks,
        load_root: Callable[[], Root],
        signed: SignedLog,
    ) -> None:
        self._transactions = transactions
        self._looks = looks
        self._load_root = load_root
        self._signed = signed
        self._verdicts = Verdicts(signed, "delivery", UNPROVEN, may_begin=False)

    def list_tokens(
        self, actor: Actor, agency_id: str, after: Place | None, limit: int
    ) -> list[TokenView]:
        """Return the tokens of an agency's people, newest first; the look is entered first."""
        permit(actor, Permission.AGENCY_READ)
        with self._transactions.read(actor) as session:
            get_agency_of(session, agency_id)
        self._looks.note(actor, agency_id, "tokens", "agency.viewed")
        table = ReceiverToken
        query = select(table).where(table.agency_id == agency_id)
        if after is not None:
            at, token_id = after
            same_instant = (table.granted_at == at) & (table.id > token_id)
            query = query.where(or_(table.granted_at < at, same_instant))
        query = query.order_by(table.granted_at.desc(), table.id).limit(limit)
        with self._transactions.read(actor) as session:
            return [_view(row) for row in session.scalars(query)]

    def issue_code(self, actor: Actor, token_id: str) -> ClaimCode:
        """Give one of the two who granted a token the code to hand over; it ends earlier codes.

        Raises NotFound, NotPermitted for anybody else, WrongState once it was claimed or ended.
        """
        permit(actor, Permission.AGENCY_PROPOSE)
        code = new_code()
        with self._transactions.begin(actor) as tx:
            row = lock_row(tx.session, ReceiverToken, token_id, WHAT)
            _check_granter(tx, row)
            if row.claimed_at is not None or not _is_alive(row, tx.now):
                raise WrongState("this token was claimed, has expired or was revoked")
            row.code_digest, row.code_issued_by = digest_code(code), actor.id
            row.code_expires_at = min(tx.now + CODE_LIFETIME, row.expires_at)
            facts = _facts(row) | {"digest": encode_b64url(row.code_digest)}
            tx.record("receiver.code_issued", row.agency_id, facts=facts)
            return ClaimCode(row.id, code, row.code_expires_at)

    def claim(self, code: str) -> Claimed:
        """Turn a code into the person's own token, once.

        Raises NotAuthenticated, and Unavailable before the first checkpoint.
        """
        digest, token = digest_code(code), new_token()
        found = self._find_claimed(digest)
        actor = Actor(found.person_id, frozenset({Role.RECEIVER}), found.id)
        with self._transactions.begin(actor) as tx:
            row = lock_row(tx.session, ReceiverToken, found.id, WHAT)
            if row.code_digest != digest or not _can_claim(tx, row):
                raise NotAuthenticated(NO_CODE)
            row.code_digest, row.token_digest = None, digest_token(token)
            row.claimed_at = tx.now
            facts = _facts(row) | {"digest": encode_b64url(row.token_digest)}
            tx.record("receiver.token_claimed", row.agency_id, facts=facts)
            return Claimed(token, row.person_id, row.expires_at)

    def _find_claimed(self, digest: bytes) -> ReceiverToken:
        """Return the token of a code that log and signatures bear out.

        It is judged once for each length of the log: whatever ends a code is entered. Raises
        NotAuthenticated, and Unavailable before the first checkpoint.
        """
        now = self._transactions.clock.now()
        with self._transactions.read() as session:
            row = _find_by_code(session, digest)
            if row is None:
                raise NotAuthenticated(NO_CODE)
            by = (_fixed(row), row.code_digest, find_size(session))
            is_doubted = self._is_doubted(session, row, by, check_code, now)
        if is_doubted:
            self._raise_token_alarm(row)
            raise NotAuthenticated(NO_CODE)
        return row

    def revoke(self, actor: Actor, token_id: str) -> TokenView:
        """End a token at once, claimed or not. Raises NotFound, WrongState when it ended before."""
        permit(actor, Permission.AGENCY_SUSPEND)
        with self._transactions.begin(actor) as tx:
            row = lock_row(tx.session, ReceiverToken, token_id, WHAT)
            if row.revoked_at is not None:
                raise WrongState("this token was revoked before")
            return _end(tx, row)

    def end_own(self, actor: Actor) -> TokenView:
        """End the token that a receiver came in with, at once. Raises NotAuthenticated."""
        permit(actor, Permission.DELIVERY_COLLECT)
        with self._transactions.begin(actor) as tx:
            self.check_stands(tx.session, actor)
            return _end(tx, lock_row(tx.session, ReceiverToken, actor.session_id, WHAT))

    def authenticate(self, token: str) -> Actor:
        """Return who stands behind a token.

        That two granted it and its person claimed it is proven once for each token as it stands in
        the table. Raises NotAuthenticated, and Unavailable before the first checkpoint: our own
        people come in by their entries alone until then, for they have to set up what signs;
        nobody of an authority has anything to do here before it.
        """
        query = select(ReceiverToken).where(ReceiverToken.token_digest == digest_token(token))
        now = self._transactions.clock.now()
        with self._transactions.read() as session:
            row = session.scalars(query).one_or_none()
            if row is None or not self._stands(session, row):
                raise NotAuthenticated(NOT_STANDING)
            is_doubted = self._is_doubted(session, row, _fixed(row), check_token, now)
        if is_doubted:
            self._raise_token_alarm(row)
            raise NotAuthenticated(NOT_STANDING)
        return Actor(row.person_id, frozenset({Role.RECEIVER}), row.id)

    def prove(self, actor: Actor, about: str, relied_on: ReliedOn) -> Collection[str]:
        """Hold what a receiver comes in by against log and signatures, or raise the alarm.

        ``relied_on`` makes checks of its own and returns whom of the register it goes by; so does
        this, once they are proven. Raises IntegrityFailure.
        """
        root, keys = self._load_root(), self._transactions.keys
        with self._transactions.read() as session:
            try:
                decisions = Decisions(session, root)
                row = get_row(session, ReceiverToken, actor.session_id or "", WHAT)
                check_token(session, decisions, row)
                relied = relied_on(session)
                check_standing(session, keys, decisions, relied)
                self._signed.verify(session)
            except (IntegrityFailure, VerificationFailed, NotFound) as err:
                found = IntegrityFailure(err.detail)
            else:
                return relied
        self.raise_alarm(actor, about)
        raise found

    def raise_alarm(self, actor: Actor, about: str) -> None:
        """Have our own people told, once a day, that a receiver came upon what does not hold."""
        raise_daily_alarm(self._transactions, actor, about=about, occasion=f"proof/{about}")

    def check_stands(self, session: Session, actor: Actor) -> None:
        """Let somebody go on whose token still stands. Raises NotAuthenticated."""
        row = session.get(ReceiverToken, actor.session_id) if actor.session_id else None
        if row is None or row.person_id != actor.id or not self._stands(session, row):
            raise NotAuthenticated(NOT_STANDING)

    def _is_doubted(
        self, session: Session, row: ReceiverToken, by: Hashable, check: Check, now: datetime
    ) -> bool:
        """Say whether log or signatures do not bear a row out. Raises Unavailable."""

        def judge() -> None:
            check(session, Decisions(session, self._load_root()), row)

        return self._verdicts.find_doubt(session, row.id, by, now, judge) is not None

    def _raise_token_alarm(self, row: ReceiverToken) -> None:
        """Have our own people told, once a day, of a row that was slipped in."""
        raise_daily_alarm(self._transactions, DELIVERY, about=row.id, occasion=f"token/{row.id}")

    def _stands(self, session: Session, row: ReceiverToken) -> bool:
        now = self._transactions.clock.now()
        return _is_alive(row, now) and not is_suspended(session, row.person_id)


def _end(tx: Transaction, row: ReceiverToken) -> TokenView:
    row.revoked_by, row.revoked_at, row.code_digest = tx.actor.id, tx.now, None
    tx.record("receiver.token_revoked", row.agency_id, facts=_facts(row))
    return _view(row)


def _facts(row: ReceiverToken) -> dict[str, Json]:
    return {"person": row.person_id, "token": row.id}


def _fixed(row: ReceiverToken) -> tuple[object, ...]:
    """Return whatever of a token does not change any more once it was claimed."""
    return (
        row.id,
        row.person_id,
        row.agency_id,
        row.approval_id,
        row.granted_at,
        row.expires_at,
        row.token_digest,
        row.claimed_at,
    )


def _check_granter(tx: Transaction, row: ReceiverToken) -> None:
    decision = find_decision(tx.session, row.approval_id)
    granters = {get_approval(tx.session, row.approval_id).proposed_by}
    if tx.actor.id not in granters | ({decision.decided_by} if decision else set()):
        raise NotPermitted("only the two who granted a token hand over its code")


def _find_by_code(session: Session, digest: bytes) -> ReceiverToken | None:
    query = select(ReceiverToken).where(ReceiverToken.code_digest == digest)
    return session.scalars(query).one_or_none()


def _can_claim(tx: Transaction, row: ReceiverToken) -> bool:
    in_time = row.code_expires_at is not None and tx.now < row.code_expires_at
    return in_time and _is_alive(row, tx.now) and not is_suspended(tx.session, row.person_id)


def _is_alive(row: ReceiverToken, now: datetime) -> bool:
    return row.revoked_at is None and now < row.expires_at


def _view(row: ReceiverToken) -> TokenView:
    return TokenView(
        id=row.id,
        person=row.person_id,
        granted_at=row.granted_at,
        expires_at=row.expires_at,
        claimed_at=row.claimed_at,
        revoked_at=row.revoked_at,
    )
