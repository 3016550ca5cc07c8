"""What the worker proves to itself before it touches a record: the run was decided as it stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from lea_service.agencies.queries import WITHOUT_CERTIFICATE, is_suspended
from lea_service.custody.queries import last_facts
from lea_service.demands.queries import current_holds
from lea_service.extraction.changes import check_receivers
from lea_service.extraction.halts import HaltCode, MustHalt
from lea_service.extraction.models import PLAN_KIND, ExtractionRun
from lea_service.extraction.plan import Plan
from lea_service.extraction.queries import (
    PlanView,
    get_plan,
    get_run_row,
    is_current_plan,
    is_current_run,
)
from lea_service.kernel.datakeys import DataKeys
from lea_service.kernel.errors import (
    IntegrityFailure,
    InvalidInput,
    NotFound,
    Unavailable,
    VerificationFailed,
    WrongState,
)
from lea_service.staff.approvals import verify_decision
from lea_service.staff.history import VerifiedDecision
from lea_service.staff.root import Root


@dataclass(frozen=True, slots=True)
class Decided:
    """A run with the plan that two people decided on."""

    run: ExtractionRun
    plan: Plan


def load_decided(
    session: Session, keys: DataKeys, run_id: str, *, root: Root, now: datetime
) -> Decided:
    """Return a run that may go on, be it to extract, or to hand over what was sealed of it.

    Raises NotFound, MustHalt, Unavailable (key destroyed).
    """
    run = get_run_row(session, run_id)
    if not is_current_run(session, run_id) or not is_current_plan(session, run.plan_id):
        raise MustHalt(HaltCode.PLAN_SUPERSEDED, "another plan or run replaced this one")
    view = get_plan(session, keys, run.plan_id)
    try:
        decision = verify_decision(session, run.approval_id, root=root)
        plan = view.read()
    except (VerificationFailed, InvalidInput, NotFound) as err:
        raise MustHalt(HaltCode.DECISION_INVALID, err.detail) from err
    if _signed(decision) != _standing(run, view, plan):
        raise MustHalt(HaltCode.DECISION_INVALID, "the decision is about something else")
    if is_held(session, keys, run.demand_id):
        raise MustHalt(HaltCode.ON_HOLD, "the demand is on hold")
    try:
        check_receivers(session, keys, view, now)
    except (WrongState, Unavailable) as err:
        raise MustHalt(HaltCode.CERTIFICATE_CHANGED, err.detail) from err
    return Decided(run, plan)


def is_held(session: Session, keys: DataKeys, demand_id: str) -> bool:
    """Say whether something keeps decided work waiting that may pass by itself.

    A receiver without a certificate is none of it: another certificate needs another decision.
    """
    holds = current_holds(session, keys, demand_id)
    return any(one.code != WITHOUT_CERTIFICATE for one in holds)


def is_last_decided(session: Session, run: ExtractionRun) -> bool:
    """Say whether the log holds no later plan of the demand, and no later decision on one."""
    found: Any = {
        event: last_facts(session, run.demand_id, event)
        for event in ("plan.compiled", "plan.approved")
    }
    plan, decided = found["plan.compiled"]["plan"], found["plan.approved"]["run"]
    return (plan, decided) == (run.plan_id, run.id)


def why_failed(session: Session, keys: DataKeys, run: ExtractionRun, now: datetime) -> HaltCode:
    """Return why the work on a run failed for good: whether it may go on, or only be decided anew.

    A receiver who is suspended is no other receiver: once that is lifted, the work goes on.
    """
    try:
        view = get_plan(session, keys, run.plan_id)
        if not any(is_suspended(session, one.id) for one in view.read().receivers):
            check_receivers(session, keys, view, now)
    except (WrongState, Unavailable):
        return HaltCode.CERTIFICATE_CHANGED
    except (InvalidInput, IntegrityFailure):
        return HaltCode.DECISION_INVALID
    return HaltCode.FAILED


def _signed(decision: VerifiedDecision) -> tuple[Any, ...]:
    bounds: Any = decision.facts.get("bounds")
    return (
        decision.kind,
        decision.subject,
        decision.digest,
        decision.facts.get("demand"),
        decision.facts.get("receivers"),
        bounds.get("max_rows") if isinstance(bounds, dict) else None,
        decision.facts.get("past_term"),
    )


def _standing(run: ExtractionRun, view: PlanView, plan: Plan) -> tuple[Any, ...]:
    return (
        PLAN_KIND,
        run.plan_id,
        view.digest,
        plan.demand,
        sorted({receiver.certificate for receiver in plan.receivers}),
        run.max_rows,
        None if plan.past_term is None else {"ground": plan.past_term},
    )
