"""Reads of referrals."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from lea_service.kernel.datakeys import DataKeys, open_text
from lea_service.legal.referral.models import Referral
from lea_service.legal.referral.table import ReferralKind, load_referrals
from lea_service.staff.people_queries import find_name


@dataclass(frozen=True, slots=True)
class ReferralView:
    """To whom a demand was referred, opened."""

    demand_id: str
    assessment_id: str
    kind: ReferralKind
    name: str | None
    reason: str
    referred_by: str
    referred_by_name: str | None
    referred_at: datetime


def name_label(demand_id: str) -> str:
    """Return what the name in a referral is bound to."""
    return f"referral/{demand_id}/name"


def reason_label(demand_id: str) -> str:
    """Return what the reason of a referral is bound to."""
    return f"referral/{demand_id}/reason"


def find_referral(session: Session, keys: DataKeys, demand_id: str) -> ReferralView | None:
    """Return the referral of a demand. Raises Unavailable."""
    row = session.get(Referral, demand_id)
    if row is None:
        return None
    name, label = row.name_sealed, name_label(demand_id)
    return ReferralView(
        demand_id=row.demand_id,
        assessment_id=row.assessment_id,
        kind=load_referrals().kinds[row.kind],
        name=None if name is None else open_text(session, keys, demand_id, name, label),
        reason=open_text(session, keys, demand_id, row.reason_sealed, reason_label(demand_id)),
        referred_by=row.referred_by,
        referred_by_name=find_name(session, keys, row.referred_by),
        referred_at=row.referred_at,
    )
