"""What is lent to whom, as rows: the role of an approver, for a period."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from lea_service.kernel.transactions import Transaction
from lea_service.staff.models import DelegationRow
from lea_service.staff.rules import Delegation


def list_delegations(session: Session, account_id: str) -> tuple[Delegation, ...]:
    """Return what was lent to a person and not ended before its time."""
    return tuple(
        Delegation(row.lent_by, row.valid_from, row.valid_until)
        for row in _list_rows(session, [account_id])
    )


def with_lenders(session: Session, ids: Collection[str]) -> set[str]:
    """Return people together with those by whose role they may act."""
    return {*ids, *(row.lent_by for row in _list_rows(session, ids))}


def add_delegation(
    tx: Transaction, account_id: str, delegation: Delegation, approval_id: str
) -> None:
    """Lend a role."""
    tx.session.add(
        DelegationRow(
            id=tx.ids.new("dg"),
            account_id=account_id,
            lent_by=delegation.of,
            valid_from=delegation.since,
            valid_until=delegation.until,
            approval_id=approval_id,
        )
    )
    tx.session.flush()


def end_delegations(session: Session, account_id: str, now: datetime) -> None:
    """End at once whatever is or will be lent to a person."""
    for row in _list_rows(session, [account_id]):
        row.ended_at = now
    session.flush()


def _list_rows(session: Session, ids: Collection[str]) -> Sequence[DelegationRow]:
    query = select(DelegationRow).where(
        DelegationRow.account_id.in_(sorted(ids)), DelegationRow.ended_at.is_(None)
    )
    return session.scalars(query.order_by(DelegationRow.valid_from, DelegationRow.id)).all()
