"""On what footing people work here, as rows: each stays, the newest counts."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from lea_service.kernel.datakeys import DataKeys, open_object
from lea_service.kernel.transactions import Transaction
from lea_service.staff.engagement import EMPLOYED, Contact, Engagement, EngagementKind
from lea_service.staff.models import EngagementRow


def find_engagement(session: Session, account_id: str) -> Engagement:
    """Return the footing of a person that was decided last; an employee where nobody decided."""
    row = _find_row(session, account_id)
    if row is None:
        return EMPLOYED
    return Engagement(EngagementKind(row.kind), row.valid_from, row.valid_until)


def open_contact(session: Session, keys: DataKeys, account_id: str) -> Contact:
    """Return of which house somebody is and how they are reached; empty where nobody said."""
    row = _find_row(session, account_id)
    if row is None:
        return Contact()
    return _open(session, keys, row)


def list_reached(session: Session, keys: DataKeys) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Yield each person with the (kind, value) by which they are reached, or once were."""
    for row in session.scalars(select(EngagementRow)).all():
        contact = _open(session, keys, row)
        known = (("phone", contact.phone), ("email", contact.mailbox))
        yield row.account_id, [(kind, value) for kind, value in known if value]


def add_engagement(
    tx: Transaction,
    account_id: str,
    generation: int,
    engagement: Engagement,
    contact: Contact,
    approval_id: str,
) -> EngagementRow:
    """Put somebody on another footing; returns the row, which is evidence."""
    row_id = tx.ids.new("eg")
    row = EngagementRow(
        id=row_id,
        account_id=account_id,
        generation=generation,
        kind=str(engagement.kind),
        valid_from=engagement.since,
        valid_until=engagement.until,
        sealed=tx.seal(account_id, contact.dump(), _label(row_id)),
        approval_id=approval_id,
    )
    tx.session.add(row)
    tx.session.flush()
    return row


def _open(session: Session, keys: DataKeys, row: EngagementRow) -> Contact:
    return Contact(**open_object(session, keys, row.account_id, row.sealed, _label(row.id)))


def _find_row(session: Session, account_id: str) -> EngagementRow | None:
    query = select(EngagementRow).where(EngagementRow.account_id == account_id)
    return session.scalars(query.order_by(EngagementRow.generation.desc()).limit(1)).first()


def _label(row_id: str) -> str:
    return f"engagement/{row_id}"
