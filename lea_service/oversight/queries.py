"""Reads of what warnings rest on, over every demand but those of the sealed lane; and of warnings.

Whoever records a demand must not be kept from setting off a warning by what they may not know of:
so these statements find everything, whomever the session was opened for.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, func, or_, select, union
from sqlalchemy.orm import Session, aliased

from lea_service.demands.concerned import Mark
from lea_service.demands.demand import Lane
from lea_service.demands.models import Demand, DemandTarget, MarkedIdentifier
from lea_service.kernel.actors import Role
from lea_service.kernel.database import WHOLE, Place, newest_first
from lea_service.kernel.datakeys import DataKeys, open_text
from lea_service.kernel.transactions import SYSTEM_STREAM
from lea_service.legal.annex.models import AnnexForm
from lea_service.legal.annex.table import Effect
from lea_service.legal.authenticity.call_back import CallOutcome
from lea_service.legal.authenticity.models import CallBack
from lea_service.legal.models import Refusal
from lea_service.oversight.models import RaisedWarning, WarningRecipient, WarningSettlement
from lea_service.oversight.rules import (
    EARLIER_SPANS,
    REFUSALS,
    RELATED_SPAN,
    VOLUME_SPAN,
    WarningKind,
    is_unusual,
)
from lea_service.staff.queries import find_rights

NOTHING_HERE = frozenset({"not_stored", "de_facto_impossibility", "other_addressee"})
"""Reasons of Annex III that say that we have nothing, and nothing of who asks."""


@dataclass(frozen=True, slots=True)
class WarningView:
    """A warning, with what somebody made of it."""

    id: str
    kind: WarningKind
    demand: str | None
    subject: str | None
    count: int
    raised_at: datetime
    settled_at: datetime | None
    settled_by: str | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class Seen:
    """An officer or agency that something was seen of, and how often."""

    subject: str
    count: int


def count_asked_by_others(
    session: Session, demand_id: str, now: datetime, related: Collection[str] = ()
) -> int:
    """Return how many demands of others ask about what a demand asks about.

    ``related`` are the digests of what else is of the same subscribers. Of whoever is not in the
    register nobody knows that it is the same person.
    """
    own, other = DemandTarget, aliased(DemandTarget)
    digests = select(own.digest).where(own.demand_id == demand_id)
    asker = select(_asker(own)).where(own.demand_id == demand_id).limit(1).scalar_subquery()
    query = (
        select(func.count(other.demand_id.distinct()))
        .select_from(other)
        .join(Demand, Demand.id == other.demand_id)
        .where(or_(other.digest.in_(digests), other.digest.in_(related)))
        .where(other.demand_id != demand_id, _is_open(Demand))
        .where(_asker(other) != asker, Demand.recorded_at >= now - RELATED_SPAN)
    )
    return session.scalar(query, execution_options=WHOLE) or 0


def _asker(asked: type[DemandTarget]) -> ColumnElement[str]:
    return func.coalesce(asked.asked_by, asked.demand_id)


def count_watched(session: Session, demand_id: str) -> int:
    """Return how many identifiers of a demand are watched over."""
    query = (
        select(func.count(MarkedIdentifier.digest.distinct()))
        .join(DemandTarget, DemandTarget.digest == MarkedIdentifier.digest)
        .where(DemandTarget.demand_id == demand_id, MarkedIdentifier.mark == str(Mark.WATCH))
    )
    return session.scalar(query, execution_options=WHOLE) or 0


def list_refused_again(session: Session, now: datetime) -> list[Seen]:
    """Return the officers whose demands were turned away again and again, in whatever way."""
    turned_away = _turned_away(session, now - RELATED_SPAN).subquery()
    count = func.count(Demand.id.distinct())
    query = (
        select(DemandTarget.asked_by, count)
        .join(Demand, Demand.id == DemandTarget.demand_id)
        .join(turned_away, turned_away.c.demand_id == Demand.id)
        .where(DemandTarget.asked_by.is_not(None), _is_open(Demand))
        .group_by(DemandTarget.asked_by)
        .having(count >= REFUSALS)
        .order_by(DemandTarget.asked_by)
    )
    found = session.execute(query, execution_options=WHOLE)
    return [Seen(str(subject), number) for subject, number in found]


def list_unusual_volumes(session: Session, now: datetime) -> Iterator[Seen]:
    """Yield the agencies that send far more than they usually do."""
    begins = now - VOLUME_SPAN
    long_ago = begins - EARLIER_SPANS * VOLUME_SPAN
    before = (Demand.recorded_at < begins) & (Demand.recorded_at >= long_ago)
    recent = _count_by_agency(session, Demand.recorded_at >= begins)
    earlier = _count_by_agency(session, before)
    for agency, (count, _) in sorted(recent.items()):
        usual, since = earlier.get(agency, (0, begins))
        if is_unusual(count, usual, begins - since):
            yield Seen(agency, count)


def list_recipients(session: Session, now: datetime) -> list[str]:
    """Return who is on the list of those whom warnings go to, and oversees at this instant."""
    listed = session.scalars(select(WarningRecipient.account_id).order_by("account_id")).all()
    return [one for one in listed if oversees(session, one, now)]


def oversees(session: Session, account: str, now: datetime) -> bool:
    """Say whether somebody's role as an overseer counts: outside the flow, and screened."""
    rights = find_rights(session, account, now)
    return rights is not None and Role.OVERSEER in rights.roles


def find_recipient_mailbox(session: Session, keys: DataKeys, account: str) -> str | None:
    """Return where somebody on the list is written to."""
    row = session.get(WarningRecipient, account)
    return None if row is None else open_text(session, keys, account, row.sealed, mailbox_label())


def list_warnings(
    session: Session, keys: DataKeys, *, is_open: bool | None, after: Place | None, limit: int
) -> list[WarningView]:
    """Return warnings, the newest first, that the viewer may know of."""
    table, settled = RaisedWarning, WarningSettlement
    query = select(table, settled).outerjoin(settled, settled.warning_id == table.id)
    if is_open is not None:
        query = query.where(settled.warning_id.is_(None) == is_open)
    newest = newest_first(query, table.raised_at, table.id, after=after, limit=limit)
    return [view_warning(session, keys, row, done) for row, done in session.execute(newest)]


def view_warning(
    session: Session, keys: DataKeys, row: RaisedWarning, done: WarningSettlement | None
) -> WarningView:
    """Return a warning, opened."""
    reason = None
    if done is not None:
        label = reason_label(row.id)
        reason = open_text(session, keys, SYSTEM_STREAM, done.reason_sealed, label)
    return WarningView(
        id=row.id,
        kind=WarningKind(row.kind),
        demand=row.demand_id,
        subject=row.subject,
        count=row.count,
        raised_at=row.raised_at,
        settled_at=done.settled_at if done else None,
        settled_by=done.settled_by if done else None,
        reason=reason,
    )


def reason_label(warning_id: str) -> str:
    """Return what the reason of a settlement is bound to."""
    return f"warning/{warning_id}"


def mailbox_label() -> str:
    """Return what the mailbox of a recipient is bound to."""
    return "warning-mailbox"


def _turned_away(session: Session, since: datetime) -> CompoundSelect[tuple[str]]:
    """Return the statement for demands that were refused, ended by Annex III or denied since then.

    European orders are never refused; the form that ends one stands in its place, but for one that
    says no more than that we have nothing. A denial counts though it was taken back: that it
    happens again and again is what people should know.
    """
    ending = select(AnnexForm.demand_id, AnnexForm.reasons).where(
        AnnexForm.effect == str(Effect.ENDS), AnnexForm.filed_at >= since
    )
    rows = session.execute(ending, execution_options=WHOLE)
    ended = {demand for demand, reasons in rows if not NOTHING_HERE.issuperset(reasons)}
    return union(
        select(Refusal.demand_id).where(Refusal.refused_at >= since),
        select(Demand.id).where(Demand.id.in_(ended)),
        select(CallBack.demand_id).where(
            CallBack.outcome == str(CallOutcome.DENIED), CallBack.recorded_at >= since
        ),
    )


def _count_by_agency(
    session: Session, condition: ColumnElement[bool]
) -> dict[str, tuple[int, datetime]]:
    """Return how many demands each agency sent, and when the first of them was recorded."""
    query = (
        select(Demand.agency_id, func.count(), func.min(Demand.recorded_at))
        .where(Demand.agency_id.is_not(None), condition, _is_open(Demand))
        .group_by(Demand.agency_id)
    )
    found = session.execute(query, execution_options=WHOLE)
    return {str(agency): (count, first) for agency, count, first in found}


def _is_open(demand: Any) -> ColumnElement[bool]:
    """Return that a demand takes part at all."""
    condition: ColumnElement[bool] = demand.lane == str(Lane.ORDINARY)
    return condition
