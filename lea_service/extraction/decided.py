"""What the worker proves to itself before it touches a record: the run was decided as it stands."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from lea_service.agencies.audit import check_standing
from lea_service.agencies.queries import WITHOUT_CERTIFICATE, is_suspended
from lea_service.custody.replay import Stream
from lea_service.demands.audit import check_demand
from lea_service.demands.demand import parties_of
from lea_service.demands.queries import current_holds, get_demand
from lea_service.extraction.changes import check_decided_cuts, check_receivers
from lea_service.extraction.document import read_plan
from lea_service.extraction.extra_decider import count_deciders, list_reasons
from lea_service.extraction.halts import HaltCode, MustHalt
from lea_service.extraction.holders import HOLDERS, Spans, dump_spans, state_holders
from lea_service.extraction.instalments import BEGUN, Instalment, count_given
from lea_service.extraction.models import PLAN_KIND, REOPENED, ExtractionRun
from lea_service.extraction.plan import Plan, is_concerned
from lea_service.extraction.queries import (
    PlanView,
    get_plan,
    get_plan_row,
    get_run_row,
    is_current_plan,
    is_current_run,
    plan_source,
)
from lea_service.extraction.rules import OURS
from lea_service.extraction.run import Earlier
from lea_service.extraction.soundness import check_compiled
from lea_service.extraction.turns import check_turn, find_given
from lea_service.extraction.within import within
from lea_service.kernel.canonical import Json
from lea_service.kernel.clock import parse_instant
from lea_service.kernel.datakeys import DataKeys
from lea_service.kernel.errors import (
    IntegrityFailure,
    InvalidInput,
    NotFound,
    Unavailable,
    VerificationFailed,
    WrongState,
)
from lea_service.legal.authenticity.audit import check_authentic
from lea_service.legal.queries import check_settled
from lea_service.records.queries import get_source
from lea_service.records.service import DECLARED
from lea_service.retention.approval import RULE_SET
from lea_service.retention.audit import check_ground_entered, check_register_entered
from lea_service.retention.queries import get_rule
from lea_service.retention.rules import cutoff
from lea_service.staff.decisions import Decisions
from lea_service.staff.history import VerifiedDecision
from lea_service.staff.root import Root


@dataclass(frozen=True, slots=True)
class Decided:
    """A run with the plan that two people decided on, and what the log has of its demand.

    ``holders`` is what both signed of who held what, under the ``salt`` of the plan. Of a plan in
    instalments ``part`` is the one whose turn it is, ``earlier`` what was given before it.
    """

    run: ExtractionRun
    plan: Plan
    entries: Stream
    holders: Json
    salt: str
    part: Instalment | None = None
    earlier: Earlier | None = None

    @property
    def asked(self) -> Plan:
        """Return what of the plan is extracted now."""
        return self.plan if self.part is None else within(self.plan, self.part)

    @property
    def max_rows(self) -> int:
        """Return how many rows this run may come to."""
        divided = self.plan.instalments
        if divided is None:
            return self.run.max_rows
        steps = ((one.event, one.facts) for one in self.entries.entries)
        left = self.run.max_rows - count_given(steps, self.run.approval_id)
        return min(divided.rows_each, left)

    def check_holders(self, spans: Spans) -> None:
        """Let through what changed hands just as was decided. Raises MustHalt."""
        if self.holders != state_holders(dump_spans(spans), self.salt):
            raise MustHalt(
                HaltCode.HOLDER_CHANGED,
                "what is asked about changed hands otherwise than was decided",
            )


def load_decided(
    session: Session, keys: DataKeys, run_id: str, *, root: Root, now: datetime
) -> Decided:
    """Return a run that may go on, be it to extract, or to hand over what was sealed of it.

    No table is relied on alone: whatever counts is held against the log and the signatures. Raises
    NotFound, MustHalt, Unavailable (key destroyed), IntegrityFailure (root and log differ).
    """
    run = get_run_row(session, run_id)
    if not is_current_run(session, run_id) or not is_current_plan(session, run.plan_id):
        raise MustHalt(HaltCode.PLAN_SUPERSEDED, "another plan or run replaced this one")
    decisions = Decisions(session, root)
    try:
        view = get_plan(session, keys, run.plan_id)
        decided = _check_decided(session, keys, decisions, run, view, now)
    except WrongState as err:
        raise MustHalt(HaltCode.RULES_CHANGED, err.detail) from err
    except (VerificationFailed, InvalidInput, IntegrityFailure, NotFound) as err:
        raise MustHalt(HaltCode.DECISION_INVALID, err.detail) from err
    if is_held(session, keys, run.demand_id):
        raise MustHalt(HaltCode.ON_HOLD, "the demand is on hold")
    try:
        check_settled(session, run.demand_id)
    except WrongState as err:
        raise MustHalt(HaltCode.ON_HOLD, err.detail) from err
    try:
        check_receivers(session, keys, decided.plan, now)
    except (WrongState, Unavailable) as err:
        raise MustHalt(HaltCode.CERTIFICATE_CHANGED, err.detail) from err
    return decided


def _check_decided(
    session: Session,
    keys: DataKeys,
    decisions: Decisions,
    run: ExtractionRun,
    view: PlanView,
    now: datetime,
) -> Decided:
    """Hold run, plan, demand and parties against the log and the signatures.

    Raises WrongState (a plan of other rules or cuts), VerificationFailed, InvalidInput,
    IntegrityFailure, NotFound.
    """
    decision, plan = decisions.verify(run.approval_id), view.read()
    if _signed(decision) != _standing(run, view, plan):
        raise VerificationFailed("the decision is about something else")
    entries = check_demand(session, run.demand_id)
    if not is_last_decided(entries, run):
        raise IntegrityFailure("the log holds a later plan or decision")
    for row in (run, get_plan_row(session, run.plan_id)):
        if entries.find_vouching(session, row) is None:
            raise IntegrityFailure(f"{row.__tablename__}: {row.id} is not as it was recorded")
    _check_planned(session, plan, check_register_entered(session), entries)
    if plan.past_term is not None:
        check_ground_entered(session, decisions, plan.past_term)
    check_authentic(session, decisions, run.demand_id, entries)
    demand = get_demand(session, keys, run.demand_id)
    check_decided_cuts(session, keys, demand, plan)
    reasons = list_reasons(
        session, demand, [one.certificate for one in plan.receivers], decision.proposed_at
    )
    if decision.deciders < count_deciders(reasons):
        raise VerificationFailed("fewer people agreed to the plan than had to")
    check_standing(session, keys, decisions, parties_of(demand))
    part = check_turn(session, entries, run, plan, now)
    earlier = _find_earlier(session, entries, plan, part)
    return Decided(run, plan, entries, decision.facts.get(HOLDERS), view.salt, part, earlier)


def _find_earlier(
    session: Session, entries: Stream, plan: Plan, part: Instalment | None
) -> Earlier | None:
    """Return what was given before an instalment; None where nothing was."""
    given = None if part is None else find_given(session, entries)
    if given is None or part is None:
        return None
    begun = entries.last("extraction.started", run=given.id)
    if begun is None:
        raise IntegrityFailure("the instalment before was never extracted")
    start = min(item.start for item in plan.items)
    before = replace(part, start=start, until=part.start)
    return Earlier(within(plan, before), parse_instant(begun.at))


def _check_planned(session: Session, plan: Plan, records: Stream, entries: Stream) -> None:
    """Compare the sources of a plan and their rules with the log, when the plan was approved.

    Raises IntegrityFailure, NotFound.
    """
    approved = entries.last("plan.approved")
    before = [one for one in records.entries if approved and one.idx < approved.idx]
    declared = [str(one.facts["source"]) for one in before if one.event == DECLARED]
    known = {one.id: one for one in plan.sources}
    for source in (one for one in declared if one not in known):
        found = plan_source(session, get_source(session, source), plan.compiled_at)
        if is_concerned(found, plan.items):
            raise IntegrityFailure(f"the plan leaves out {source}, which was declared before")
    rules = {
        (one.facts["source"], one.facts["kind"]): str(one.facts["code"])
        for one in before
        if one.event == RULE_SET
    }
    for one in plan.sources:
        code = rules.get((one.id, one.kind), rules.get((None, one.kind)))
        end = None if code is None else cutoff(get_rule(session, code), plan.compiled_at)
        if (one.rule, one.cutoff) != (code, end):
            raise IntegrityFailure(f"the plan has another rule for {one.id} than was in force")


def is_held(session: Session, keys: DataKeys, demand_id: str) -> bool:
    """Say whether something keeps decided work waiting that may pass by itself.

    A receiver without a certificate is none of it: another certificate needs another decision.
    """
    holds = current_holds(session, keys, demand_id)
    return any(one.code != WITHOUT_CERTIFICATE for one in holds)


def is_last_decided(entries: Stream, run: ExtractionRun) -> bool:
    """Say whether the log holds no later plan of the demand, decision on one, or review anew."""
    compiled, approved = entries.last("plan.compiled"), entries.last("plan.approved", BEGUN)
    if compiled is None or approved is None:
        return False
    reopened = entries.last(REOPENED)
    if reopened is not None and reopened.idx > approved.idx:
        return False
    found = (compiled.facts.get("plan"), approved.facts.get("run"))
    return found == (run.plan_id, run.id)


def why_failed(session: Session, keys: DataKeys, run: ExtractionRun, now: datetime) -> HaltCode:
    """Return why the work on a run failed for good: whether it may go on, or only be decided anew.

    A receiver who is suspended is no other receiver: once that is lifted, the work goes on.
    """
    try:
        plan = read_plan(get_plan(session, keys, run.plan_id).document)
        if plan.rules != OURS:
            return HaltCode.RULES_CHANGED
        check_compiled(plan)
        if not any(is_suspended(session, one.id) for one in plan.receivers):
            check_receivers(session, keys, plan, now)
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
