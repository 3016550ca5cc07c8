"""Which rows approved plans and orders to preserve need, whatever their term."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from lea_service.demands.demand import Demand
from lea_service.demands.models import Demand as DemandRow
from lea_service.demands.states import State
from lea_service.extraction.document import read_plan
from lea_service.extraction.models import ExtractionRun, RunResult
from lea_service.extraction.plan import HOUR, OVERLAPPING, select_named, select_rows
from lea_service.extraction.plan import Plan as PlanDocument
from lea_service.extraction.queries import get_plan, plan_source
from lea_service.extraction.tenure_queries import SUBSCRIBER, list_told
from lea_service.extraction.within import since_instalment
from lea_service.kernel.datakeys import DataKeys
from lea_service.kernel.errors import Unavailable
from lea_service.records.queries import get_source
from lea_service.records.selection import Selection

HELD_STATES = (
    State.UNDER_REVIEW,
    State.CLARIFICATION,
    State.APPROVED,
    State.EXTRACTING,
    State.SEALING,
    State.HALTED,
    State.READY,
    State.CONTINUING,
)
"""States of a demand that had a run, in which it may have to be extracted: the first two after a
halt, when it is reviewed anew."""
ALWAYS = datetime(1, 1, 1, tzinfo=UTC)
"""Before any record."""


def find_held_back(
    session: Session, keys: DataKeys, source_id: str, kind: str, since: datetime
) -> datetime | None:
    """Return from when on approved plans needed rows of a source after ``since``; None for none.

    The plan that was approved last needs them until its package may leave, or its demand ends some
    other way, whatever one person compiles meanwhile: until then it may have to be extracted anew.
    The instant is that from which a row's term is counted.
    """
    needed = [
        moment
        for plan in _iter_needing(session, keys, since)
        for moment in (
            *_needs(plan, source_id, kind),
            *_needs_of_holders(session, plan, source_id, kind),
        )
    ]
    return min(needed, default=None)


def list_needed(
    session: Session, keys: DataKeys, source_id: str, kind: str, since: datetime
) -> list[Selection]:
    """Return the rows of a source that approved plans needed after ``since``, and no others.

    Each begins an hour earlier than its plan asks, where a clock may have shown that hour twice.
    """
    return [
        replace(one, start=None if one.start is None else one.start - HOUR)
        for plan in _iter_needing(session, keys, since)
        for source in plan.sources
        if (source.id, source.kind) == (source_id, kind)
        for one in select_rows(plan, source)
    ]


def _iter_needing(session: Session, keys: DataKeys, since: datetime) -> Iterator[PlanDocument]:
    """Yield the plans that were approved last and still needed rows after ``since``."""
    later = aliased(ExtractionRun)
    is_last = ~exists().where(
        later.demand_id == ExtractionRun.demand_id, later.created_at > ExtractionRun.created_at
    )
    query = (
        select(ExtractionRun, DemandRow.state, RunResult.run_id)
        .join(DemandRow, DemandRow.id == ExtractionRun.demand_id)
        .outerjoin(RunResult, RunResult.run_id == ExtractionRun.id)
        .where(is_last, or_(DemandRow.state.in_(HELD_STATES), _ended_at() > since))
        .order_by(ExtractionRun.demand_id)
    )
    for run, state, done in session.execute(query).all():
        plan = _find_document(session, keys, run.plan_id)
        is_given = state == State.CONTINUING and done is not None
        if plan is not None:
            yield since_instalment(plan, run.instalment + is_given)


def list_preserved(
    session: Session,
    frozen: Iterable[Demand],
    source_id: str,
    since: datetime,
    region: str | None,
) -> list[Selection]:
    """Return the rows of a source that orders to preserve name, as ``since`` has them."""
    source = plan_source(session, get_source(session, source_id), since)
    return select_named([item for one in frozen for item in one.items], source, region)


def _find_document(session: Session, keys: DataKeys, plan_id: str) -> PlanDocument | None:
    """Return a plan, of other rules too; None when its demand was erased, and it needs nothing."""
    try:
        return read_plan(get_plan(session, keys, plan_id).document)
    except Unavailable:
        return None


def _needs(plan: PlanDocument, source_id: str, kind: str) -> list[datetime]:
    """Return from when on a plan needs rows of a source, where it needs any.

    Only a call counts from the instant by which it lies in the period, or from an hour earlier
    where its clock showed that hour twice. A session that is still open counts from its begin, long
    before the period maybe.
    """
    source = next((one for one in plan.sources if (one.id, one.kind) == (source_id, kind)), None)
    asked = [] if source is None else [ask.start for _, ask in plan.asks_to(source)]
    if source is None or not asked:
        return []
    start = ALWAYS if kind in OVERLAPPING else min(asked) - HOUR
    return [max(start, plan.limit_of(source) or ALWAYS)]


def _needs_of_holders(
    session: Session, plan: PlanDocument, source_id: str, kind: str
) -> list[datetime]:
    """Return from when on a plan needs what a source tells of who held what: two signed that."""
    if kind != SUBSCRIBER:
        return []
    source = plan_source(session, get_source(session, source_id), plan.compiled_at)
    told = list_told(source, plan)
    return [max(min(told) - HOUR, plan.limit_of(source) or ALWAYS)] if told else []


def _ended_at() -> ColumnElement[datetime]:
    return func.coalesce(
        RunResult.finished_at, DemandRow.state_since, type_=RunResult.finished_at.type
    )
