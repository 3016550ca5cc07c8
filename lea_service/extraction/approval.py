"""A plan takes effect when a second person agrees to it: the demand is approved, the run begins."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, event, select
from sqlalchemy.orm import Mapper

from lea_service.custody.replay import read_stream
from lea_service.demands.changes import advance, lock_demand
from lea_service.demands.queries import get_demand
from lea_service.demands.states import State
from lea_service.extraction.changes import (
    check_current,
    check_cuts,
    check_open,
    check_receivers,
    check_terms,
    start_run,
)
from lea_service.extraction.extra_decider import REASONS, count_deciders, list_reasons
from lea_service.extraction.holders import HOLDERS, state_holders
from lea_service.extraction.instalments import tell_next
from lea_service.extraction.models import PLAN_KIND, Plan, PlanState
from lea_service.extraction.outcome import largest_of
from lea_service.extraction.plan import Plan as PlanDocument
from lea_service.extraction.queries import PlanView, PreviewView, find_preview, get_plan
from lea_service.extraction.reasons import PLAN_REASONS
from lea_service.extraction.schemas import PlanRequestSchema
from lea_service.extraction.turns import check_divided, find_next
from lea_service.kernel.actors import Permission
from lea_service.kernel.canonical import Json
from lea_service.kernel.clock import format_instant
from lea_service.kernel.errors import IntegrityFailure, InvalidInput, WrongState
from lea_service.kernel.transactions import Transaction
from lea_service.records.queries import lock_register
from lea_service.retention.queries import check_ground
from lea_service.staff.encoding import decode_b64url
from lea_service.staff.kinds import Drafted, KindRule, register_kind
from lea_service.staff.models import Approval, ApprovalDecision
from lea_service.staff.statement import Outcome, load_statement
from lea_service.web.schemas import load_form

FRESH = timedelta(hours=24)
"""A plan is proposed within a day: its retention cut-offs are those of when it was compiled."""


def draft(tx: Transaction, request: Json) -> Drafted:
    """Check that a plan may be proposed now. Raises InvalidInput, NotFound, WrongState."""
    asked = load_form(PlanRequestSchema, request)
    view = get_plan(tx.session, tx.keys, asked["plan"])
    plan = _check_decidable(tx, view)
    if tx.now - view.compiled_at > FRESH:
        raise WrongState("this plan is older than a day; compile it anew")
    preview = _preview(tx, view, asked["preview"])
    ground = view.document["past_term"]
    if asked["past_term"] not in (None, ground):
        raise InvalidInput.at("/past_term", "expected the ground that the plan holds")
    if preview.past_term and ground is None:
        raise WrongState(
            "rows past their term are still held: purge them, or compile with a named ground",
            past_term=preview.past_term,
        )
    _check_bounds(view, preview)
    _check_per_holder(preview, is_asked=asked["per_holder"])
    completed = {
        "plan": view.id,
        "preview": preview.id,
        "past_term": ground,
        "per_holder": asked["per_holder"],
    }
    reasons = _reasons(tx, view)
    return Drafted(
        subject=view.id,
        stream=view.demand_id,
        payload=view.document,
        facts=_facts(view, plan, preview, reasons),
        request=completed,
        salt=decode_b64url(view.salt, "/salt"),
        deciders=count_deciders(reasons),
    )


def apply(tx: Transaction, approval: Approval, payload: Json) -> None:
    """Approve the demand and begin the run of the plan that both signed. Raises WrongState."""
    view = get_plan(tx.session, tx.keys, approval.subject)
    if view.digest != approval.digest or view.document != payload:
        raise IntegrityFailure("what was decided on is not the plan it names")
    plan = _check_decidable(tx, view)
    if count_deciders(_reasons(tx, view)) > approval.needs_deciders:
        raise WrongState("one more person has to agree to this plan by now; propose it anew")
    bounds: Any = load_statement(approval.statement).facts["bounds"]
    part = find_next(tx.session, read_stream(tx.session, view.demand_id), plan)
    run = start_run(tx, view, approval_id=approval.id, max_rows=bounds["max_rows"], part=part)
    facts: dict[str, Json] = {
        "plan": view.id,
        "digest": view.digest,
        "approval": approval.id,
        "run": run.id,
        "max_rows": run.max_rows,
    }
    if part is not None:
        facts |= {"instalment": part.number, "until": format_instant(part.until)}
        facts |= tell_next(part)
    if lock_demand(tx, view.demand_id).state == State.UNDER_REVIEW:
        advance(tx, view.demand_id, State.APPROVED, "plan.approved", facts=facts, evidence=[run])
    else:  # a second round: the run goes on from where the first one halted
        tx.record("plan.approved", view.demand_id, facts=facts, evidence=[run])


def decline(tx: Transaction, approval: Approval, payload: Json) -> None:  # noqa: ARG001
    """Enter that the plan went back; it stays current until another is compiled."""
    facts: dict[str, Json] = {"plan": approval.subject, "approval": approval.id}
    tx.record("plan.returned", approval.stream, facts=facts)


def _check_decidable(tx: Transaction, view: PlanView) -> PlanDocument:
    """Return a plan that may be decided on. Raises InvalidInput, NotFound, WrongState.

    From then on nothing that it rests on changes before the transaction ends, and no purge takes
    what the run needs.
    """
    version = check_open(tx, view.demand_id)
    check_current(tx, view.id)
    if version != view.demand_version:
        raise WrongState("the demand was corrected since; compile the plan anew")
    if view.document["past_term"] is not None:
        check_ground(tx.session, view.document["past_term"]["ground"])
    plan = view.read()
    lock_register(tx.session)
    check_terms(tx.session, plan)
    check_cuts(tx, plan)
    check_divided(tx.session, plan)
    check_receivers(tx.session, tx.keys, plan, tx.now)
    return plan


def _preview(tx: Transaction, view: PlanView, preview_id: str | None) -> PreviewView:
    preview = find_preview(tx.session, tx.keys, view.id)
    if preview is None:
        raise WrongState("this plan was not previewed yet")
    if preview_id not in (None, preview.id):
        raise WrongState("the plan was previewed again since this was prepared")
    return preview


def _check_bounds(view: PlanView, preview: PreviewView) -> None:
    """Refuse bounds that what is there already passes. Raises WrongState."""
    divided = view.document.get("instalments")
    if divided is not None and preview.rows > min(divided["rows_each"], divided["rows_together"]):
        raise WrongState(
            "there are more rows by now than an instalment may have; compile with more",
            rows=preview.rows,
        )


def _check_per_holder(preview: PreviewView, *, is_asked: bool) -> None:
    """Let nobody propose unawares what changed hands. Raises WrongState, InvalidInput."""
    items = [one["n"] for one in preview.counts["holders"]]
    if items and not is_asked:
        raise WrongState(
            "what is asked about was not in one hand throughout: propose to answer it per holder, "
            "or narrow it with the authority",
            items=", ".join(map(str, items)),
        )
    if is_asked and not items:
        raise InvalidInput.at("/per_holder", "expected only where something changed hands")


def _reasons(tx: Transaction, view: PlanView) -> list[str]:
    """Return why one more person has to agree to a plan now."""
    demand = get_demand(tx.session, tx.keys, view.demand_id)
    certificates = [one["certificate"] for one in view.document["receivers"]]
    return list_reasons(tx.session, demand, certificates, tx.now)


def _facts(
    view: PlanView, plan: PlanDocument, preview: PreviewView, reasons: list[str]
) -> dict[str, Json]:
    """Return what all sign in the open: demand, keys, bounds, and the ground if there is one.

    Also why one more person has to agree, where one has to, and what is answered per holder.
    """
    why: dict[str, Json] = {REASONS: [*reasons]} if reasons else {}
    if (holders := state_holders(preview.counts["holders"], view.salt)) is not None:
        why[HOLDERS] = holders
    return why | {
        "demand": view.demand_id,
        "receivers": sorted({one["certificate"] for one in view.document["receivers"]}),
        "bounds": {"rows": preview.rows, "max_rows": largest_of(plan, preview.rows)},
        "past_term": view.document["past_term"],
    }


def _refuse_superseded(
    _mapper: Mapper[ApprovalDecision], connection: Connection, decision: ApprovalDecision
) -> None:
    """Say so in our words before the trigger of the table does, which knows none."""
    if decision.outcome != Outcome.APPROVED:
        return
    query = (
        select(PlanState.is_current)
        .select_from(Plan)
        .join(Approval, Approval.subject == Plan.id)
        .outerjoin(PlanState, PlanState.plan_id == Plan.id)
        .where(Approval.id == decision.approval_id, Approval.kind == PLAN_KIND)
    )
    found = connection.execute(query).one_or_none()
    if found is not None and not found[0]:
        raise WrongState("this plan is no longer current")


event.listen(ApprovalDecision, "before_insert", _refuse_superseded)
register_kind(
    KindRule(
        PLAN_KIND,
        Permission.PLAN_PROPOSE,
        Permission.PLAN_DECIDE,
        apply,
        decline,
        draft=draft,
        reasons=PLAN_REASONS,
    )
)
