"""Reads of instalments: which demands go on, and what of each was given or is ahead."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from lea_service.custody.replay import Stream, read_stream
from lea_service.demands.models import Demand
from lea_service.demands.queries import get_state
from lea_service.demands.states import State
from lea_service.extraction.document import read_plan
from lea_service.extraction.instalments import Instalments, Standing, cut
from lea_service.extraction.models import CurrentRun, ExtractionRun
from lea_service.extraction.queries import (
    find_current_plan,
    find_current_run,
    get_plan,
    get_run_row,
)
from lea_service.extraction.turns import find_end, list_given
from lea_service.extraction.within import is_asked_in
from lea_service.kernel.datakeys import DataKeys

GOING_ON = (
    State.APPROVED,
    State.EXTRACTING,
    State.SEALING,
    State.READY,
    State.HALTED,
    State.CONTINUING,
)


@dataclass(frozen=True, slots=True)
class InstalmentView:
    """One instalment; ``rows`` once it was handed over, ``until`` as it was or will be cut."""

    number: int
    of: int
    start: datetime
    until: datetime
    due: datetime
    standing: Standing
    rows: int | None
    run: str | None


def list_continuing(session: Session) -> list[str]:
    """Return the demands of which an instalment is at work, or ahead."""
    query = (
        select(CurrentRun.demand_id)
        .join(ExtractionRun, ExtractionRun.id == CurrentRun.run_id)
        .join(Demand, Demand.id == CurrentRun.demand_id)
        .where(ExtractionRun.until.is_not(None), Demand.state.in_([one.value for one in GOING_ON]))
    )
    return sorted(session.scalars(query))


def list_instalments(
    session: Session, keys: DataKeys, demand_id: str, now: datetime
) -> list[InstalmentView]:
    """Return the instalments of a demand in their order; none where it is given at once.

    Raises NotFound, Unavailable (key destroyed), IntegrityFailure.
    """
    state, entries = State(get_state(session, demand_id)), read_stream(session, demand_id)
    plan_id = find_current_plan(session, demand_id)
    plan = None if plan_id is None else read_plan(get_plan(session, keys, plan_id).document)
    divided = None if plan is None else plan.instalments
    given = list(_iter_given(session, keys, entries, divided))
    if plan is None or divided is None:
        return given
    known, end = {one.number for one in given}, find_end(entries)
    run_id = find_current_run(session, demand_id)
    at_work = None if run_id is None else get_run_row(session, run_id)
    ahead = []
    for part in divided.parts:
        if part.number in known:
            continue
        left = cut(part, end)
        left = left if left is not None and is_asked_in(plan, left) else None
        is_ours = at_work is not None and at_work.instalment == part.number
        standing = Standing.AHEAD if now < part.until else Standing.DUE
        if left is None or state not in (*GOING_ON, State.UNDER_REVIEW):
            standing = Standing.DROPPED
        elif is_ours and state in (State.EXTRACTING, State.SEALING, State.READY):
            standing = Standing.AT_WORK
        shown = part if left is None else left
        ahead.append(
            InstalmentView(
                part.number,
                divided.of,
                shown.start,
                shown.until,
                shown.due,
                standing,
                None,
                at_work.id if at_work is not None and is_ours else None,
            )
        )
    return [*given, *ahead]


def _iter_given(
    session: Session, keys: DataKeys, entries: Stream, divided: Instalments | None
) -> Iterator[InstalmentView]:
    """Yield what was handed over, each as the plan has it that it was made of."""
    done = {str(one.facts["run"]): one.facts["rows"] for one in entries.of("extraction.done")}
    for run in list_given(session, entries):
        plan = read_plan(get_plan(session, keys, run.plan_id).document).instalments
        part = None if plan is None else plan.find(run.instalment)
        if plan is None or part is None or run.until is None:
            continue
        rows = done.get(run.id)
        yield InstalmentView(
            part.number,
            (divided or plan).of,
            part.start,
            run.until,
            part.due,
            Standing.GIVEN,
            rows if isinstance(rows, int) else None,
            run.id,
        )
