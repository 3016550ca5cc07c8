"""Reads of staff and approvals; whatever counts as evidence is compared with the log as well."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, partial

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lea_service.custody.entries import load_entry
from lea_service.custody.evidence import row_digest, row_key
from lea_service.custody.models import LogEntry, LogEvidence
from lea_service.custody.queries import find_size
from lea_service.custody.relied import rely_on_entry
from lea_service.custody.replay import Stream, read_stream
from lea_service.kernel.actors import Role
from lea_service.kernel.canonical import load_strict
from lea_service.kernel.clock import parse_instant
from lea_service.kernel.database import get_row, newest_first
from lea_service.kernel.errors import IntegrityFailure
from lea_service.staff.changes import KINDS
from lea_service.staff.delegations import list_delegations
from lea_service.staff.engagements import find_engagement
from lea_service.staff.history import LOG_DELAY, Case, History, Signed, Suspension
from lea_service.staff.models import (
    Account,
    ApiToken,
    Approval,
    ApprovalDecision,
    ApprovalEndorsement,
    ClearanceRow,
    Password,
    PersonalKey,
    RoleGrant,
)
from lea_service.staff.root import Root
from lea_service.staff.rules import (
    Clearance,
    ClearanceKind,
    is_cleared,
    with_lent,
)
from lea_service.staff.statement import Outcome, load_statement

ACCOUNT_LABEL = "account"
ApprovalRow = Approval | ApprovalEndorsement | ApprovalDecision
MAX_NAMED = 1000
"""So many rows are asked for by name; more are picked out of all."""


@dataclass(frozen=True, slots=True)
class Rights:
    """What the tables say of a person at one instant.

    ``granted`` are their own roles; ``roles`` are those that count, with what is lent to them.
    """

    account: str
    granted: frozenset[Role]
    roles: frozenset[Role]
    key: str | None
    public_key: bytes
    is_suspended: bool


@dataclass(frozen=True, slots=True)
class TokenView:
    """A token without its secret."""

    id: str
    label: str
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class ApprovalView:
    """An approval without its payload."""

    id: str
    kind: str
    subject: str
    digest: str
    beneficiary: str | None
    proposed_by: str
    proposed_at: datetime
    needs_deciders: int
    endorsed_by: tuple[str, ...]
    decided_by: str | None
    outcome: str | None
    reasons: tuple[str, ...]
    looked_at: tuple[str, ...]
    decided_at: datetime | None


def find_rights(session: Session, account_id: str, now: datetime) -> Rights | None:
    """Return what a person may do at ``now``; None for an unknown account."""
    account = session.get(Account, account_id)
    if account is None:
        return None
    granted = frozenset(Role(grant.role) for grant in list_grants(session, account_id))
    key = find_key(session, account_id)
    return Rights(
        account=account_id,
        granted=granted,
        roles=_roles(session, account, granted, now),
        key=key.id if key else None,
        public_key=key.public_key if key else b"",
        is_suspended=account.suspended_at is not None,
    )


def _roles(
    session: Session, account: Account, granted: frozenset[Role], now: datetime
) -> frozenset[Role]:
    """Return the roles that count, with what others lend."""
    if not _counts(session, account, now):
        return frozenset()
    lent = list_delegations(session, account.id)
    return with_lent(granted, lent, now, lambda of: _own_roles(session, of, now))


def _own_roles(session: Session, account_id: str, now: datetime) -> frozenset[Role]:
    account = session.get(Account, account_id)
    if account is None or not _counts(session, account, now):
        return frozenset()
    return frozenset(Role(grant.role) for grant in list_grants(session, account_id))


def _counts(session: Session, account: Account, now: datetime) -> bool:
    is_suspended = account.suspended_at is not None
    is_engaged = find_engagement(session, account.id).covers(now)
    is_allowed = is_engaged and not is_suspended
    return is_allowed and is_cleared(list_clearances(session, account.id), now)


def lock_accounts(session: Session, ids: Iterable[str]) -> dict[str, Account]:
    """Lock the accounts among ``ids`` in one order, so that nobody waits in a circle."""
    query = select(Account).where(Account.id.in_(sorted(set(ids)))).order_by(Account.id)
    rows = session.scalars(
        query.with_for_update(), execution_options={"populate_existing": True}
    ).all()
    return {row.id: row for row in rows}


def list_grants(session: Session, account_id: str) -> Sequence[RoleGrant]:
    """Return the role grants that were not ended."""
    query = select(RoleGrant).where(
        RoleGrant.account_id == account_id, RoleGrant.ended_at.is_(None)
    )
    return session.scalars(query.order_by(RoleGrant.role)).all()


def find_key(session: Session, account_id: str) -> PersonalKey | None:
    """Return the person's current key."""
    query = select(PersonalKey).where(
        PersonalKey.account_id == account_id, PersonalKey.replaced_at.is_(None)
    )
    return session.scalars(query).one_or_none()


def is_key_known(session: Session, public_key: bytes, key_id: str) -> bool:
    """Say whether the key was ever enrolled, for anybody."""
    query = select(PersonalKey.id).where(
        (PersonalKey.public_key == public_key) | (PersonalKey.id == key_id)
    )
    return session.scalars(query).first() is not None


def list_clearances(session: Session, account_id: str) -> tuple[Clearance, ...]:
    """Return every clearance the person ever had."""
    query = select(ClearanceRow).where(ClearanceRow.account_id == account_id)
    rows = session.scalars(query.order_by(ClearanceRow.valid_from, ClearanceRow.kind))
    return tuple(
        Clearance(ClearanceKind(row.kind), row.valid_from, row.valid_until) for row in rows
    )


def is_person_known(session: Session, person_digest: str, login_digest: str) -> bool:
    """Say whether the person or the login has an account."""
    query = select(Account.id).where(
        (Account.person_digest == person_digest) | (Account.login_digest == login_digest)
    )
    return session.scalars(query).first() is not None


def find_account_by_login(session: Session, login_digest: str) -> Account | None:
    """Return the account behind a login."""
    return session.scalars(
        select(Account).where(Account.login_digest == login_digest)
    ).one_or_none()


def get_account(session: Session, account_id: str) -> Account:
    """Return an account. Raises NotFound."""
    return get_row(session, Account, account_id, "person")


def has_accounts(session: Session) -> bool:
    """Say whether anybody works here yet."""
    return session.scalars(select(Account.id).limit(1)).first() is not None


def find_password_hash(session: Session, account_id: str) -> str | None:
    """Return the person's password hash."""
    row = session.get(Password, account_id)
    return row.hash if row else None


def list_tokens(
    session: Session,
    account_id: str,
    after: tuple[datetime, str] | None = None,
    limit: int | None = None,
) -> list[TokenView]:
    """Return the person's tokens, newest first, from behind ``after`` on; ended ones too."""
    query = select(ApiToken).where(ApiToken.account_id == account_id)
    newest = newest_first(query, ApiToken.created_at, ApiToken.id, after=after, limit=limit)
    return [
        TokenView(row.id, row.label, row.created_at, row.expires_at, row.revoked_at)
        for row in session.scalars(newest)
    ]


def find_token(session: Session, secret_digest: bytes) -> ApiToken | None:
    """Return the token with this digest of its secret, revoked or not."""
    query = select(ApiToken).where(ApiToken.secret_digest == secret_digest)
    return session.scalars(query).one_or_none()


def list_live_tokens(session: Session, account_id: str) -> Sequence[ApiToken]:
    """Return the person's tokens that were not revoked."""
    query = select(ApiToken).where(ApiToken.account_id == account_id, ApiToken.revoked_at.is_(None))
    return session.scalars(query).all()


def get_approval(session: Session, approval_id: str) -> Approval:
    """Return an approval. Raises NotFound."""
    return get_row(session, Approval, approval_id, "approval")


def find_decision(session: Session, approval_id: str) -> ApprovalDecision | None:
    """Return the decision on an approval."""
    return session.get(ApprovalDecision, approval_id)


def list_endorsements(session: Session, *approvals: str) -> Sequence[ApprovalEndorsement]:
    """Return who agreed to approvals that take more than one to decide, the first first."""
    table = ApprovalEndorsement
    query = select(table).where(table.approval_id.in_(approvals))
    return session.scalars(query.order_by(table.endorsed_at, table.endorsed_by)).all()


def view_approval(
    approval: Approval,
    decision: ApprovalDecision | None,
    endorsements: Iterable[ApprovalEndorsement] = (),
) -> ApprovalView:
    """Return an approval without its payload."""
    said = load_statement(decision.statement) if decision else None
    return ApprovalView(
        id=approval.id,
        kind=approval.kind,
        subject=approval.subject,
        digest=approval.digest,
        beneficiary=approval.beneficiary,
        proposed_by=approval.proposed_by,
        proposed_at=approval.proposed_at,
        needs_deciders=approval.needs_deciders,
        endorsed_by=tuple(
            one.endorsed_by for one in endorsements if one.approval_id == approval.id
        ),
        decided_by=decision.decided_by if decision else None,
        outcome=decision.outcome if decision else None,
        reasons=said.reasons if said else (),
        looked_at=said.looked_at if said else (),
        decided_at=decision.decided_at if decision else None,
    )


def list_pending(
    session: Session,
    kinds: Iterable[str],
    after: str | None,
    limit: int,
    decider: str | None = None,
) -> list[ApprovalView]:
    """Return undecided approvals of ``kinds`` by id, from the one behind ``after`` on.

    With ``decider`` without what that person proposed, is about them, or has their agreement.
    """
    query = (
        select(Approval)
        .outerjoin(ApprovalDecision, ApprovalDecision.approval_id == Approval.id)
        .where(ApprovalDecision.approval_id.is_(None), Approval.kind.in_(list(kinds)))
        .order_by(Approval.id)
        .limit(limit)
    )
    if after is not None:
        query = query.where(Approval.id > after)
    if decider is not None:
        agreed = select(ApprovalEndorsement.approval_id).where(
            ApprovalEndorsement.endorsed_by == decider
        )
        is_theirs = Approval.beneficiary.is_not_distinct_from(decider)
        is_theirs |= (Approval.proposed_by == decider) | Approval.id.in_(agreed)
        query = query.where(~is_theirs)
    rows = session.scalars(query).all()
    endorsements = list_endorsements(session, *(row.id for row in rows))
    return [view_approval(row, None, endorsements) for row in rows]


def list_suspensions(
    session: Session, account: str, before: int | None = None
) -> tuple[Suspension, ...]:
    """Return every suspension of an account there ever was, as its stream of the log has it.

    No column picks them out, since one can be changed. With ``before`` only those that stand before
    that entry. Raises IntegrityFailure for a stream that is not as it was appended.
    """
    return _suspensions_in(read_stream(session, account), before)


def _suspensions_in(stream: Stream, before: int | None = None) -> tuple[Suspension, ...]:
    found = []
    for entry in stream.of("staff.suspended"):
        if before is not None and entry.idx >= before:
            break
        if "suspension" not in entry.facts:
            raise IntegrityFailure("an entry of a suspension does not name it")
        since = parse_instant(entry.at)
        found.append(Suspension(str(entry.facts["suspension"]), stream.name, since))
    return tuple(found)


def load_case(session: Session, approval_id: str) -> Case | None:
    """Return a decided approval as evidence; None when the log does not vouch for it."""
    cases = _load_cases(session, Approval.id == approval_id)
    return cases[0] if cases else None


def find_decided_index(session: Session, approval_id: str) -> int | None:
    """Return where in the log the decision on an approval stands."""
    decision = find_decision(session, approval_id)
    if decision is None:
        return None
    return _Logged(session, [decision]).find_index(decision, decision.decided_at)


def list_staff_cases(session: Session, before: int | None = None) -> list[Case]:
    """Return every approved change of staff that the log vouches for.

    With ``before`` only those whose decision stands before that entry.
    """
    condition = Approval.kind.in_(KINDS) & (ApprovalDecision.outcome == "approved")
    return _load_cases(session, condition, before)


def list_approved_cases(session: Session) -> list[Case]:
    """Return every approved approval, of whatever kind, that the log vouches for."""
    return _load_cases(session, ApprovalDecision.outcome == "approved")


def load_history(session: Session, root: Root) -> History:
    """Replay the staff from ``root``. Raises IntegrityFailure when root and log differ.

    Asked about somebody, it raises IntegrityFailure too when their stream holds a change of theirs
    that the tables do not: a role that ended would count again.
    """
    check_root(session, root)
    size = find_size(session)  # before the cases are read: a change in between is in neither
    cases = list_staff_cases(session)
    known = frozenset(case.approval for case in cases)
    history = History(root, cache(partial(_follow_account, session, known, size)))
    history.replay(cases)
    return history


def _follow_account(
    session: Session, known: Collection[str], size: int, account: str
) -> tuple[Suspension, ...]:
    stream = read_stream(session, account)
    for entry in stream.of("approval.decided"):
        is_change = entry.facts.get("kind") in KINDS and entry.idx < size
        is_approved = entry.facts.get("outcome") == Outcome.APPROVED
        if is_change and is_approved and entry.facts.get("approval") not in known:
            raise IntegrityFailure("a change of staff that the log holds is not in the tables")
    return _suspensions_in(stream)


def count_bootstraps(session: Session) -> int:
    """Return how often the log says that a first person was made."""
    query = select(func.count()).where(LogEntry.event == "staff.bootstrapped")
    return session.scalar(query) or 0


def check_root(session: Session, root: Root) -> None:
    """Compare the pin file with the two entries of the log. Raises IntegrityFailure."""
    query = select(LogEntry.idx, LogEntry.data).where(LogEntry.event == "staff.bootstrapped")
    wanted = [(founder.account, root.digest) for founder in root.founders]
    found = []
    for idx, data in session.execute(query.order_by(LogEntry.idx)):
        rely_on_entry(session, idx, data)
        entry = load_entry(data)
        facts = entry.get("facts")
        found.append((entry["case"], facts.get("root") if isinstance(facts, dict) else None))
    if found != wanted:
        raise IntegrityFailure("the staff root is not the one that the log holds")


def _load_cases(session: Session, condition: object, before: int | None = None) -> list[Case]:
    query = (
        select(Approval, ApprovalDecision)
        .join(ApprovalDecision, ApprovalDecision.approval_id == Approval.id)
        .where(condition)  # type: ignore[arg-type]
    )
    pairs = [(row[0], row[1]) for row in session.execute(query)]
    several = [approval.id for approval, _ in pairs if approval.needs_deciders > 1]
    endorsements = list_endorsements(session, *several) if several else []
    logged = _Logged(session, [*(row for pair in pairs for row in pair), *endorsements])
    cases = []
    for approval, decision in pairs:
        index = logged.find_index(decision, decision.decided_at)
        if index is None or (before is not None and index >= before):
            continue
        if logged.find_index(approval, approval.proposed_at) is not None:
            agreed = [
                one
                for one in endorsements
                if one.approval_id == approval.id
                and logged.find_index(one, one.endorsed_at) is not None
            ]
            cases.append(_case(approval, decision, agreed))
    return cases


def _case(
    approval: Approval, decision: ApprovalDecision, agreed: Sequence[ApprovalEndorsement]
) -> Case:
    others = tuple(signed_in(one) for one in agreed)
    return Case(approval.id, signed_in(approval), signed_in(decision), others)


def signed_in(row: ApprovalRow) -> Signed:
    """Return what somebody signed, as a row holds it."""
    return Signed(row.statement, load_strict(row.proof))


class _Logged:
    """Which rows of approvals the log vouches for, and where it took them in."""

    def __init__(self, session: Session, rows: Sequence[ApprovalRow]) -> None:
        self._session = session
        tables = {row.__tablename__ for row in rows}
        query = (
            select(LogEvidence, LogEntry.data)
            .join(LogEntry, LogEntry.idx == LogEvidence.idx)
            .where(LogEvidence.table_name.in_(tables))
        )
        if len(rows) <= MAX_NAMED:
            query = query.where(LogEvidence.row_key.in_({row_key(row) for row in rows}))
        self._found = {
            (row[0].table_name, row[0].row_key): (row[0], row[1]) for row in session.execute(query)
        }

    def find_index(self, row: ApprovalRow, stated_at: datetime) -> int | None:
        """Return where the log holds this very row, if it was entered when it says it was made."""
        found = self._found.get((row.__tablename__, row_key(row)))
        if found is None:
            return None
        evidence, data = found
        entry = load_entry(data)
        artefacts = entry.get("art")
        if not isinstance(artefacts, list) or len(artefacts) <= evidence.position:
            return None
        artefact = artefacts[evidence.position]
        entered = parse_instant(str(entry["t"]))
        is_same = (
            isinstance(artefact, dict)
            and artefact.get("digest") == row_digest(row, evidence.salt)
            and stated_at <= entered <= stated_at + LOG_DELAY
        )
        if not is_same:
            return None
        rely_on_entry(self._session, evidence.idx, data)
        return evidence.idx
