"""Reads of where an agency itself is written to, and the one that is its prosecution."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from lea_service.agencies.models import Agency
from lea_service.agencies.queries import is_suspended, list_contacts
from lea_service.kernel.datakeys import DataKeys

EMAIL = "email"


def find_prosecution(session: Session, agency_id: str) -> str | None:
    """Return the agency that an agency of the register named as its prosecution."""
    return session.scalar(select(Agency.prosecution).where(Agency.id == agency_id))


def find_agency_address(session: Session, keys: DataKeys, agency_id: str) -> str | None:
    """Return the mail address of an agency itself, of none of its people; None if suspended."""
    if is_suspended(session, agency_id):
        return None
    for one in list_contacts(session, keys, agency_id):
        if (one.subject, one.kind) == (agency_id, EMAIL) and one.is_current:
            return one.value
    return None
