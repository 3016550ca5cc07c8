"""Reads of the people who work here, as the list of staff has them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from lea_service.kernel.actors import Role
from lea_service.kernel.database import oldest_first
from lea_service.kernel.datakeys import DataKeys, open_object
from lea_service.kernel.errors import IntegrityFailure, Unavailable
from lea_service.staff.delegations import list_delegations
from lea_service.staff.engagement import EngagementKind
from lea_service.staff.engagements import find_engagement, open_contact
from lea_service.staff.models import Account
from lea_service.staff.queries import ACCOUNT_LABEL, find_rights, list_clearances
from lea_service.staff.rules import Clearance, Delegation, cleared_until


@dataclass(frozen=True, slots=True)
class EngagementView:
    """On what footing somebody works here, and how they are reached."""

    kind: EngagementKind
    since: datetime | None
    until: datetime | None
    company: str | None
    phone: str | None
    mailbox: str | None


@dataclass(frozen=True, slots=True)
class PersonView:
    """A person on the printed list."""

    account: str
    name: str
    login: str
    personnel_number: str
    roles: tuple[Role, ...]
    counts: bool
    cleared_until: date | None
    generation: int
    key: str | None
    clearances: tuple[Clearance, ...]
    delegations: tuple[Delegation, ...]
    engagement: EngagementView
    created_at: datetime
    suspended_at: datetime | None


def list_people(
    session: Session,
    keys: DataKeys,
    now: datetime,
    *,
    after: tuple[datetime, str] | None = None,
    limit: int | None = None,
) -> list[PersonView]:
    """Return who works or worked here in order of account age, from behind ``after`` on."""
    oldest = oldest_first(select(Account), Account.created_at, Account.id, after=after, limit=limit)
    return [view_person(session, keys, row, now) for row in session.scalars(oldest).all()]


def find_name(session: Session, keys: DataKeys, account_id: str) -> str | None:
    """Return the name of somebody who works or worked here; None where nobody knows it now."""
    row = session.get(Account, account_id)
    try:
        return None if row is None else _open_name(session, keys, row)
    except Unavailable:
        return None


def _open_name(session: Session, keys: DataKeys, row: Account) -> str:
    return str(open_object(session, keys, row.id, row.sealed, ACCOUNT_LABEL)["name"])


def view_person(session: Session, keys: DataKeys, row: Account, now: datetime) -> PersonView:
    """Open the sealed name of one person."""
    private = open_object(session, keys, row.id, row.sealed, ACCOUNT_LABEL)
    rights = find_rights(session, row.id, now)
    clearances = list_clearances(session, row.id)
    if rights is None:
        raise IntegrityFailure("an account does not hold a name")
    return PersonView(
        account=row.id,
        name=str(private["name"]),
        login=str(private["login"]),
        personnel_number=str(private["personnel_number"]),
        roles=tuple(sorted(rights.granted)),
        counts=bool(rights.roles),
        cleared_until=cleared_until(clearances, now),
        generation=row.generation,
        key=rights.key,
        clearances=clearances,
        delegations=list_delegations(session, row.id),
        engagement=_view_engagement(session, keys, row.id),
        created_at=row.created_at,
        suspended_at=row.suspended_at,
    )


def _view_engagement(session: Session, keys: DataKeys, account_id: str) -> EngagementView:
    footing, contact = find_engagement(session, account_id), open_contact(session, keys, account_id)
    return EngagementView(
        footing.kind, footing.since, footing.until, contact.company, contact.phone, contact.mailbox
    )
