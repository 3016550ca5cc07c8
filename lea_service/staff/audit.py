"""Compares the tables of staff with what the signatures prove, and finds what was slipped in.

The check of the log (custody/fsck) finds rows that were changed or taken away; this one replays the
signed changes from the two founders and finds rows that nobody signed for.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from lea_service.custody.entries import load_entry
from lea_service.custody.models import LogEntry
from lea_service.kernel.actors import Role
from lea_service.kernel.canonical import encode_b64url
from lea_service.kernel.clock import format_instant
from lea_service.kernel.errors import LeaError
from lea_service.staff.changes import Standing
from lea_service.staff.delegations import list_delegations
from lea_service.staff.engagements import find_engagement
from lea_service.staff.history import History
from lea_service.staff.kinds import get_kind
from lea_service.staff.models import Account, ApiToken, ApprovalDecision
from lea_service.staff.queries import (
    find_key,
    list_approved_cases,
    list_clearances,
    list_grants,
    load_history,
)
from lea_service.staff.root import Root
from lea_service.staff.statement import load_statement
from lea_service.staff.tokens import EXPIRES

TOKEN_EVENTS = ("staff.signed_in", "staff.token_issued")


def check_staff(session: Session, root: Root, now: datetime) -> list[str]:
    """Return a line for each account, role, key, clearance, token or approval without proof."""
    try:
        history = load_history(session, root)
    except LeaError as err:
        return [f"staff root: {err.detail}"]
    return [
        *_check_approvals(session, history),
        *_check_accounts(session, history, now),
        *_check_tokens(session),
    ]


def _check_approvals(session: Session, history: History) -> Iterator[str]:
    proven = set()
    for case in list_approved_cases(session):
        try:
            kind = load_statement(case.proposal.statement).kind
            history.verify(case, get_kind(kind).rule)
            proven.add(case.approval)
        except LeaError as err:
            yield f"approvals: {case.approval}: {err.detail}"
    counted = {case.approval for case in history.accepted}
    query = select(ApprovalDecision.approval_id).where(ApprovalDecision.outcome == "approved")
    for approval_id in session.scalars(query.order_by(ApprovalDecision.approval_id)):
        if approval_id in history.rejected and approval_id not in counted:
            yield f"approvals: {approval_id}: a change of staff that counts for nothing"
        elif approval_id not in proven:
            yield f"approvals: {approval_id}: not one that the log holds and signatures prove"


def check_account(session: Session, history: History, row: Account, now: datetime) -> Iterator[str]:
    """Yield a line for each thing that the tables say of a person and the signatures do not."""
    standing = history.standing(row.id, now)
    if standing is None:
        yield f"accounts: {row.id} was let in by nobody"
        return
    yield from _compare(session, row, standing)
    yield from _check_suspended(history, row, now)


def _check_accounts(session: Session, history: History, now: datetime) -> Iterator[str]:
    rows = {row.id: row for row in session.scalars(select(Account).order_by(Account.id))}
    for account in sorted(history.accounts - set(rows)):
        yield f"accounts: {account} is gone"
    for row in rows.values():
        yield from check_account(session, history, row, now)


def _check_suspended(history: History, row: Account, now: datetime) -> Iterator[str]:
    try:
        is_suspended = history.is_suspended(row.id, now)
    except LeaError as err:
        yield f"accounts: {row.id}: {err.detail}"
        return
    if (row.suspended_at is not None) != is_suspended:
        yield f"accounts: {row.id} is suspended in one place and not in the other"


def _compare(session: Session, row: Account, standing: Standing) -> Iterator[str]:
    key = find_key(session, row.id)
    compared = {
        "accounts: generation": (row.generation, standing.generation),
        "accounts: person": (row.person_digest, standing.person),
        "personal_keys: key": (key.public_key if key else b"", standing.public_key),
        "role_grants: roles": (
            {Role(grant.role) for grant in list_grants(session, row.id)},
            set(standing.roles),
        ),
        "delegations: periods": (
            set(list_delegations(session, row.id)),
            set(standing.delegations),
        ),
        "engagements: footing": (find_engagement(session, row.id), standing.engagement),
        "clearances: days": (
            set(list_clearances(session, row.id)),
            set(standing.clearances),
        ),
    }
    for name, (found, proven) in compared.items():
        if found != proven:
            yield f"{name} of {row.id} differ from what was signed"


def _check_tokens(session: Session) -> Iterator[str]:
    query = select(LogEntry.data).where(LogEntry.event.in_(TOKEN_EVENTS))
    issued = set()
    for data in session.scalars(query):
        entry = load_entry(data)
        facts = entry.get("facts")
        if isinstance(facts, dict):
            said = (facts.get("token"), entry["case"], facts.get("digest"))
            issued.add((*said, facts.get(EXPIRES)))
    for row in session.scalars(select(ApiToken).order_by(ApiToken.id)):
        said = (row.id, row.account_id, encode_b64url(row.secret_digest))
        until = format_instant(row.expires_at)
        if issued.isdisjoint({(*said, until), (*said, None)}):  # None: of an earlier version
            yield f"api_tokens: {row.id} was issued by nobody"
