"""Reads of what was confirmed, and of what those who oversee have to assess."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, exists, or_, select
from sqlalchemy.orm import Session

from lea_service.custody.replay import read_stream
from lea_service.demands.demand import Lane
from lea_service.demands.models import Demand, DemandHold, DemandTarget
from lea_service.demands.queries import get_demand, lane_of
from lea_service.demands.states import DECLINED, OVER, State
from lea_service.kernel.database import WHOLE, Place, newest_first
from lea_service.kernel.datakeys import DataKeys, open_text
from lea_service.kernel.errors import Unavailable, WrongState
from lea_service.kernel.outbox import has_alarm
from lea_service.legal.basis import Term
from lea_service.legal.confirmations.models import (
    BreachAssessment,
    BreachNotice,
    WrittenConfirmation,
)
from lea_service.legal.confirmations.rules import (
    HOLDS,
    REPORT_TERMS,
    Assessed,
    Cause,
    find_pressing,
    is_held_for,
)
from lea_service.legal.counting import AT_MOST
from lea_service.legal.deadlines import ASKED_AT_END, OF_DEBT, Clock
from lea_service.legal.owed import list_owed
from lea_service.legal.queries import find_basis
from lea_service.legal.times import collect_times

GIVEN = frozenset({State.DELIVERED, State.ACKNOWLEDGED})


@dataclass(frozen=True, slots=True)
class ReportBy:
    """By when a law wants a breach to be reported, and how sure that is."""

    law: str
    confidence: str
    at: datetime


@dataclass(frozen=True, slots=True)
class BreachView:
    """A breach notice, with what somebody made of it; ``None`` where nobody did yet."""

    id: str
    demand: str
    cause: Cause
    officer: str | None
    agency: str | None
    late: datetime
    has_produced: bool
    opened_at: datetime
    outcome: Assessed | None
    assessment: str | None
    assessed_by: str | None
    assessed_at: datetime | None

    @property
    def report_by(self) -> tuple[ReportBy, ...]:
        """Return by when it is reported to the authority for personal data, if it is a breach."""
        return tuple(
            ReportBy(one.law, one.confidence, one.end(self.opened_at)) for one in REPORT_TERMS
        )


def has_open_denial(session: Session, demand_id: str) -> bool:
    """Say whether nobody assessed yet that the agency denies what was answered."""
    return (Cause.DENIED, False) in _list_breaches_of(session, demand_id)


def list_pressing(session: Session, now: datetime) -> list[tuple[str, str]]:
    """Return each notice that nobody assessed although a term ends, and the occasion to tell it.

    Of a notice the last term that ends within ``REMINDED_BEFORE``, or has ended, and of which
    nobody was told. The sealed lane is told to no mailbox of ours.
    """
    table, done = BreachNotice, BreachAssessment
    query = (
        select(table.id, table.opened_at)
        .outerjoin(done, done.notice_id == table.id)
        .join(Demand, Demand.id == table.demand_id)
        .where(done.notice_id.is_(None), Demand.lane == str(Lane.ORDINARY))
        .order_by(table.id)
    )
    rows = session.execute(query, execution_options=WHOLE)
    found = ((notice, find_pressing(opened_at, now)) for notice, opened_at in rows)
    pressing = [(one, f"breach/{one}/{term.hours}") for one, term in found if term is not None]
    return [one for one in pressing if not has_alarm(session, one[1])]


def list_breaches(
    session: Session, keys: DataKeys, *, is_open: bool | None, after: Place | None, limit: int
) -> list[BreachView]:
    """Return breach notices, the newest first, that the viewer may know of."""
    table, done = BreachNotice, BreachAssessment
    query = select(table, done).outerjoin(done, done.notice_id == table.id)
    if is_open is not None:
        query = query.where(done.notice_id.is_(None) == is_open)
    newest = newest_first(query, table.opened_at, table.id, after=after, limit=limit)
    return [view_breach(session, keys, row, found) for row, found in session.execute(newest)]


def view_breach(
    session: Session, keys: DataKeys, row: BreachNotice, done: BreachAssessment | None
) -> BreachView:
    """Return a notice, opened; of an erased demand nobody reads the words any more."""
    return BreachView(
        id=row.id,
        demand=row.demand_id,
        cause=Cause(row.cause),
        officer=row.officer,
        agency=row.agency_id,
        late=row.late,
        has_produced=row.has_produced,
        opened_at=row.opened_at,
        outcome=Assessed(done.outcome) if done else None,
        assessment=_open(session, keys, done) if done else None,
        assessed_by=done.assessed_by if done else None,
        assessed_at=done.assessed_at if done else None,
    )


def owes_confirmation(session: Session, demand_id: str, officer: str, at: datetime) -> bool:
    """Say whether an officer had left another order unconfirmed by then.

    Until somebody assessed it as no breach, or it was confirmed and assessed; or while it is held
    because nobody proved in time that it was validated. ``demand_id`` is the
    demand that is asked for. It does not count, nor do those of the other lane: the plan of an
    ordinary demand must not show that there was a sealed one. Whoever asks need not know of the
    others.
    """
    table, done = BreachNotice, BreachAssessment
    query = (
        select(table.id)
        .join(Demand, Demand.id == table.demand_id)
        .outerjoin(done, (done.notice_id == table.id) & (done.assessed_at <= at))
        .where(table.officer == officer, table.opened_at <= at, table.cause != str(Cause.DENIED))
        .where(or_(done.notice_id.is_(None), _is_unpaid(at)))
        .where(table.demand_id != demand_id, Demand.lane == lane_of(demand_id))
        .limit(1)
    )
    is_breach = session.scalar(query, execution_options=WHOLE) is not None
    return is_breach or _owes_validation(session, demand_id, officer, at)


def _owes_validation(session: Session, demand_id: str, officer: str, at: datetime) -> bool:
    """Say whether another order of an officer was held by then for want of its validation."""
    held, asked = DemandHold, DemandTarget
    query = (
        select(held.id)
        .join(Demand, Demand.id == held.demand_id)
        .join(asked, asked.demand_id == held.demand_id)
        .where(held.code == HOLDS[Clock.VALIDATION], held.since <= at, asked.asked_by == officer)
        .where(or_(held.released_at.is_(None), held.released_at > at))
        .where(Demand.state.not_in([one.value for one in OVER | DECLINED]))
        .where(held.demand_id != demand_id, Demand.lane == lane_of(demand_id))
        .limit(1)
    )
    return session.scalar(query, execution_options=WHOLE) is not None


def _is_unpaid(at: datetime) -> ColumnElement[bool]:
    """Select a breach that still stands: nothing that was owed had come ``at`` an instant."""
    paper = WrittenConfirmation
    paid = exists().where(
        paper.demand_id == BreachNotice.demand_id, paper.is_whole, paper.recorded_at <= at
    )
    is_breach = BreachAssessment.outcome == str(Assessed.BREACH)
    return (BreachNotice.cause == str(Cause.UNPAID)) & is_breach & ~paid


def check_closable(
    session: Session, keys: DataKeys, demand_id: str, *, by_person: bool = False
) -> None:
    """Keep open what was given on an order until it is confirmed, or the breach assessed.

    A notice that nobody assessed keeps its demand open in any state. A person may close what waits
    for its validation, or the writing of a judge, since its clock ran out; the worker does not.
    Raises WrongState.
    """
    breaches = _list_breaches_of(session, demand_id)
    if not all(is_assessed for _, is_assessed in breaches):
        raise WrongState("the breach notice of this demand was not assessed")
    if any(cause is not Cause.DENIED for cause, _ in breaches):
        return
    demand = get_demand(session, keys, demand_id)
    basis = find_basis(session, demand)
    if demand.state not in GIVEN or basis is None:
        return
    entries = read_stream(session, demand_id)
    left = {one for one in ASKED_AT_END if by_person and is_held_for(OF_DEBT[one], entries)}
    owed = [
        one
        for one in list_owed(basis, collect_times(demand, entries))
        if _has_end(one.term) and one.met_at is None and one.debt not in left
    ]
    if owed:
        raise WrongState("the order of this demand was not confirmed")


def assessment_label(notice_id: str) -> str:
    """Return what the words of an assessment are bound to."""
    return f"breach/{notice_id}"


def _has_end(term: Term | None) -> bool:
    return term is not None and term.rule == AT_MOST


def _list_breaches_of(session: Session, demand_id: str) -> list[tuple[Cause, bool]]:
    """Return the cause of each breach notice of a demand, and whether somebody assessed it."""
    table, done = BreachNotice, BreachAssessment
    query = select(table.cause, done.notice_id).outerjoin(done, done.notice_id == table.id)
    rows = session.execute(query.where(table.demand_id == demand_id), execution_options=WHOLE)
    return [(Cause(cause), assessed is not None) for cause, assessed in rows]


def _open(session: Session, keys: DataKeys, done: BreachAssessment) -> str | None:
    label = assessment_label(done.notice_id)
    try:
        return open_text(session, keys, done.demand_id, done.assessment_sealed, label)
    except Unavailable:
        return None
