"""Use cases of the people who work here: who somebody is, their tokens, their suspension."""

from __future__ import annotations

from datetime import datetime, timedelta

from lea_service.custody.looks import Looks
from lea_service.kernel.actors import Actor, Permission, Role, permit
from lea_service.kernel.canonical import Json
from lea_service.kernel.coded import check_coded
from lea_service.kernel.database import lock_row
from lea_service.kernel.errors import (
    InvalidInput,
    NotAuthenticated,
    NotFound,
    NotPermitted,
    WrongState,
)
from lea_service.kernel.phrases import ENGLISH
from lea_service.kernel.transactions import SYSTEM_STREAM, Transaction, Transactions
from lea_service.staff.codes import set_code
from lea_service.staff.models import Account, ApiToken, SuspensionRow
from lea_service.staff.passwords import Passwords
from lea_service.staff.people_queries import PersonView, list_people, view_person
from lea_service.staff.printable import print_people
from lea_service.staff.proven import Doubt, StaffProofs
from lea_service.staff.queries import (
    TokenView,
    find_rights,
    find_token,
    get_account,
    list_tokens,
)
from lea_service.staff.reasons import SUSPENDED
from lea_service.staff.rules import check_label
from lea_service.staff.sign_in import SignIn
from lea_service.staff.tokens import (
    PREFIX,
    NewToken,
    add_token,
    digest_token,
    revoke_all,
    token_facts,
)

NO_TOKEN = "expected a token that is valid: sign in again (`lea staff sign-in`)"  # noqa: S105 a message


class StaffService:
    """Everything about staff that one person does alone; the rest are approvals."""

    def __init__(
        self,
        transactions: Transactions,
        looks: Looks,
        proofs: StaffProofs,
        *,
        token_days: int,
        passwords: Passwords | None = None,
    ) -> None:
        self._transactions = transactions
        self._looks = looks
        self._token_days = token_days
        self._proofs = proofs
        self._sign_in = SignIn(transactions, passwords or Passwords())

    def authenticate(self, token: str) -> Actor:
        """Return who holds a token, with the roles that count now. Raises NotAuthenticated.

        That the log holds the token is proven, and the roles by the signatures; where the tables
        say otherwise of somebody, no role counts. Raises Unavailable without a staff root.
        """
        now = self._transactions.clock.now()
        with self._transactions.read() as session:
            row = find_token(session, digest_token(token)) if token.startswith(PREFIX) else None
            if row is None or row.revoked_at is not None or now >= row.expires_at:
                raise NotAuthenticated(NO_TOKEN)
            rights = find_rights(session, row.account_id, now)
            if rights is None or rights.is_suspended:
                raise NotAuthenticated(NO_TOKEN)
            doubt = self._proofs.find_doubt(session, row, now)
        if doubt is not None:
            self._proofs.raise_alarm(row.id, doubt)
        if doubt is Doubt.TOKEN:
            raise NotAuthenticated(NO_TOKEN)
        roles = rights.roles if doubt is None else frozenset[Role]()
        return Actor(rights.account, roles, row.id)

    def sign_in(self, login: str, password: str) -> NewToken:
        """Return a token for the day. Raises NotAuthenticated, TooManyAttempts."""
        new = self._sign_in.sign_in(login, password)
        if new is None:
            raise NotAuthenticated("the login or the password is wrong")
        return new

    def set_password(self, login: str, code: str, password: str, proof: Json) -> None:
        """Set a password with a one-time code and a signature by one's own key.

        Raises NotAuthenticated, InvalidInput (weak password), TooManyAttempts.
        """
        if not self._sign_in.set_password(login, code, password, proof):
            raise NotAuthenticated("expected a login with its one-time code, signed by its key")

    def issue_code(self, actor: Actor, account_id: str) -> str:
        """Return a one-time code with which somebody else sets a password.

        Raises NotPermitted, NotFound, WrongState.
        """
        permit(actor, Permission.STAFF_PROPOSE)
        if account_id == actor.id:
            raise NotPermitted("nobody issues a one-time code to themselves")
        with self._transactions.begin(actor) as tx:
            account = lock_row(tx.session, Account, account_id, "person")
            if account.suspended_at is not None:
                raise WrongState("this person is suspended")
            code = set_code(tx, account_id)
            tx.record("staff.code_issued", account_id)
            return code

    def issue_token(self, actor: Actor, label: str, days: int | None = None) -> NewToken:
        """Return a token of one's own for a program. Raises NotPermitted, InvalidInput."""
        permit(actor, Permission.STAFF_SELF)
        check_label(label)
        days = self._token_days if days is None else days
        if not 1 <= days <= self._token_days:
            raise InvalidInput.at("/days", f"expected 1 to {self._token_days} days")
        with self._transactions.begin(actor) as tx:
            lock_row(tx.session, Account, actor.id, "person")
            new = add_token(tx, actor.id, label, timedelta(days=days))
            tx.record("staff.token_issued", actor.id, facts=token_facts(new))
            return new

    def list_tokens(
        self,
        actor: Actor,
        account_id: str | None = None,
        after: tuple[datetime, str] | None = None,
        limit: int | None = None,
    ) -> list[TokenView]:
        """Return one's own tokens, newest first; somebody else's need the right to suspend.

        A look at somebody else's is entered first. Raises NotPermitted, NotFound.
        """
        owner = actor.id if account_id is None else account_id
        _permit_tokens(actor, owner)
        with self._transactions.read(actor) as session:
            get_account(session, owner)
        if owner != actor.id:
            self._looks.note(actor, owner, "tokens", "staff.viewed")
        with self._transactions.read(actor) as session:
            return list_tokens(session, owner, after, limit)

    def revoke_token(self, actor: Actor, token_id: str) -> None:
        """End a token at once; one that ended already stays as it is.

        Of the tokens one holds oneself, the one in use ends without any role. Raises NotPermitted,
        NotFound.
        """
        if actor.session_id != token_id:
            permit(actor, Permission.STAFF_SELF)
        with self._transactions.begin(actor) as tx:
            row = lock_row(tx.session, ApiToken, token_id, "token")
            if row.account_id != actor.id and not actor.has(Permission.STAFF_SUSPEND):
                raise NotFound("no such token")
            if row.revoked_at is None:
                row.revoked_at = tx.now
                tx.record("staff.token_revoked", row.account_id, facts={"token": token_id})

    def suspend(self, actor: Actor, account_id: str, ground: str) -> str:
        """Stop somebody's rights and tokens at once; returns the id of the suspension.

        One person is enough to stop somebody, two are needed to lift it. Raises NotPermitted,
        InvalidInput, NotFound, WrongState.
        """
        permit(actor, Permission.STAFF_SUSPEND)
        check_coded(ground, SUSPENDED, "/ground")
        with self._transactions.begin(actor) as tx:
            account = lock_row(tx.session, Account, account_id, "person")
            if account.suspension_id is not None:
                raise WrongState("this person is suspended already")
            return _suspend(tx, account, ground)

    def me(self, actor: Actor) -> PersonView:
        """Return who one is; needs no role, so that somebody sees why none counts."""
        with self._transactions.read(actor) as session:
            account = session.get(Account, actor.id)
            if account is None:
                permit(actor, Permission.STAFF_SELF)
                raise NotFound("no such person")
            now = self._transactions.clock.now()
            return view_person(session, self._transactions.keys, account, now)

    def list_people(
        self, actor: Actor, after: tuple[datetime, str] | None = None, limit: int | None = None
    ) -> list[PersonView]:
        """Return who works or worked here; the look is entered first. Raises NotPermitted."""
        permit(actor, Permission.STAFF_LIST)
        self._looks.note(actor, SYSTEM_STREAM, "staff", "staff.listed")
        now = self._transactions.clock.now()
        with self._transactions.read(actor) as session:
            return list_people(session, self._transactions.keys, now, after=after, limit=limit)

    def print_people(self, actor: Actor, language: str = ENGLISH) -> str:
        """Return the list for paper, with clearances and what lapses next. Raises NotPermitted."""
        return print_people(self.list_people(actor), self._transactions.clock.now(), language)


def _permit_tokens(actor: Actor, owner: str) -> None:
    permit(actor, Permission.STAFF_SELF if owner == actor.id else Permission.STAFF_SUSPEND)


def _suspend(tx: Transaction, account: Account, ground: str) -> str:
    row = SuspensionRow(
        id=tx.ids.new("su"),
        account_id=account.id,
        suspended_by=tx.actor.id,
        ground=ground,
        since=tx.now,
    )
    tx.session.add(row)
    account.suspension_id, account.suspended_at = row.id, tx.now
    facts: dict[str, Json] = {
        "ground": ground,
        "suspension": row.id,
        "tokens_ended": revoke_all(tx, account.id),
    }
    tx.record("staff.suspended", account.id, facts=facts, evidence=[row])
    return row.id
