"""What the use cases and the decision do to plans and runs inside one transaction."""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lea_service.agencies.queries import list_receivers
from lea_service.custody.queries import last_facts
from lea_service.demands.changes import advance, lock_demand
from lea_service.demands.demand import Demand
from lea_service.demands.narrowing import Cut
from lea_service.demands.queries import check_not_held, get_demand
from lea_service.demands.states import State, wrong_state
from lea_service.extraction.document import dump_plan
from lea_service.extraction.halts import HaltCode
from lea_service.extraction.instalments import BEGUN, Instalment, tell_next
from lea_service.extraction.models import (
    CurrentRun,
    ExtractionRun,
    Plan,
    PlanState,
    RunHalt,
)
from lea_service.extraction.not_held_queries import check_still_none_holds
from lea_service.extraction.plan import Plan as PlanDocument
from lea_service.extraction.plan import is_concerned
from lea_service.extraction.queries import (
    RELEASE_JOB,
    RUN_JOB,
    PlanView,
    find_current_plan,
    find_halt,
    get_plan_row,
    is_current_plan,
    plan_label,
    plan_source,
    salt_label,
)
from lea_service.kernel.canonical import Json, encode_b64url, salted_digest
from lea_service.kernel.clock import format_instant
from lea_service.kernel.database import lock_row
from lea_service.kernel.datakeys import RESULT, DataKeys
from lea_service.kernel.errors import NotFound, WrongState
from lea_service.kernel.jobs import enqueue
from lea_service.kernel.transactions import Transaction
from lea_service.legal.annex.queries import list_stating
from lea_service.legal.annex.table import is_european
from lea_service.legal.narrowing.queries import list_cuts
from lea_service.legal.narrowing.rules import check_taken_out
from lea_service.legal.powers import check_powers
from lea_service.legal.queries import check_settled, find_basis
from lea_service.records.queries import list_sources

SALT_BYTES = 16
SEALED, STOPPED = "package.sealed", "extraction.halted"
OPEN = frozenset({State.UNDER_REVIEW, State.HALTED})
"""States in which a plan is made and decided: before the first run, and after one that stopped."""


def check_open(tx: Transaction, demand_id: str) -> int:
    """Let a plan be made or decided: nothing holds the demand and the law is settled.

    Returns the version of the record. Raises NotFound, WrongState.
    """
    row = lock_demand(tx, demand_id)
    if State(row.state) not in OPEN:
        raise wrong_state(row.state, "given a plan")
    check_not_held(tx.session, tx.keys, demand_id)
    check_settled(tx.session, demand_id)
    if State(row.state) is State.UNDER_REVIEW:  # later it cannot be assessed again
        check_powers(tx.session, get_demand(tx.session, tx.keys, demand_id))
    return row.record_version


def add_plan(tx: Transaction, plan: PlanDocument) -> str:
    """Record a plan as the current one of its demand; returns its id.

    The plan before it is superseded for good, and so is a run of it.
    """
    demand_id, document = plan.demand, dump_plan(plan)
    salt = secrets.token_bytes(SALT_BYTES)
    supersede(tx, demand_id)
    plan_id = tx.ids.new("pl")
    sealed: dict[str, Json] = {"salt": encode_b64url(salt), "document": document}
    row = Plan(
        id=plan_id,
        demand_id=demand_id,
        number=_next_number(tx.session, demand_id),
        demand_version=plan.demand_version,
        digest=salted_digest(salt, document),
        sealed=tx.seal(demand_id, sealed, plan_label(plan_id)),
        compiled_by=tx.actor.id,
        compiled_at=tx.now,
    )
    tx.session.add(row)
    tx.session.flush()
    tx.session.add(PlanState(plan_id=row.id, demand_id=demand_id, is_current=True))
    tx.session.flush()
    facts: dict[str, Json] = {
        "plan": row.id,
        "number": row.number,
        "digest": row.digest,
        "items": len(plan.items),
        "sources": len(plan.sources),
        "past_term": plan.past_term,
    }
    if plan.cuts:
        facts["cuts"] = len(plan.cuts)
    tx.record("plan.compiled", demand_id, facts=facts, evidence=[row])
    return row.id


def check_current(tx: Transaction, plan_id: str) -> None:
    """Refuse a plan that another one replaced, until the transaction ends. Raises WrongState."""
    lock_row(tx.session, PlanState, plan_id, "plan")
    if not is_current_plan(tx.session, plan_id):
        raise WrongState("this plan is no longer current", plan=plan_id)


def check_terms(session: Session, plan: PlanDocument) -> None:
    """Refuse a plan with other sources, or another rule for one, than there are now.

    Rows are found by the name of a source and rules by its id. Raises WrongState.
    """
    declared = [plan_source(session, one, plan.compiled_at) for one in list_sources(session)]
    present = {one.id: one for one in declared if is_concerned(one, plan.items)}
    if added := sorted(present.keys() - {one.id for one in plan.sources}):
        raise WrongState("a source was declared since; compile the plan anew", source=added[0])
    for one in plan.sources:
        found = present.get(one.id)
        if found is None or replace(found, rule=one.rule, cutoff=one.cutoff) != one:
            raise WrongState(
                "a source is declared in another way; compile the plan anew", source=one.id
            )
        if found != one:
            raise WrongState(
                "a source has another retention rule now; compile the plan anew", source=one.id
            )


def load_cuts(session: Session, keys: DataKeys, demand: Demand) -> tuple[Cut, ...]:
    """Return what of a demand is not given, as was decided.

    Raises WrongState where that is said not to be held and a source was declared for it, and where
    Annex III says otherwise of a European order.
    """
    cuts = list_cuts(session, demand.id)
    check_still_none_holds(session, cuts, demand)
    _check_stated(session, keys, demand, cuts)
    return cuts


def _check_stated(session: Session, keys: DataKeys, demand: Demand, cuts: tuple[Cut, ...]) -> None:
    """Let through what Annex III says of a European order. Raises WrongState."""
    if is_european(find_basis(session, demand)):
        forms = list_stating(session, keys, demand.id, None)
        check_taken_out(cuts, [left for one in forms for left in one.said.left_out])


def check_cuts(tx: Transaction, plan: PlanDocument) -> None:
    """Refuse a plan that gives less, or more, than was decided since. Raises WrongState."""
    demand = get_demand(tx.session, tx.keys, plan.demand)
    _check_same(plan, load_cuts(tx.session, tx.keys, demand))


def check_decided_cuts(
    session: Session, keys: DataKeys, demand: Demand, plan: PlanDocument
) -> None:
    """Refuse a decided plan that gives less, or more, than is decided or stated now.

    A source that was declared since is none of it: the plan was right when it was decided. Raises
    WrongState.
    """
    cuts = list_cuts(session, demand.id)
    _check_stated(session, keys, demand, cuts)
    _check_same(plan, cuts)


def _check_same(plan: PlanDocument, cuts: tuple[Cut, ...]) -> None:
    if cuts != plan.cuts:
        raise WrongState("what is given was decided on anew; compile the plan anew")


def check_receivers(session: Session, keys: DataKeys, plan: PlanDocument, now: datetime) -> None:
    """Refuse a plan whose receivers have other certificates now. Raises WrongState, Unavailable."""
    planned = {one.id: one.certificate for one in plan.receivers}
    present = {
        one.id: one.fingerprint for one in list_receivers(session, keys, sorted(planned), now)
    }
    if planned != present:
        raise WrongState("a receiver has another certificate now; compile the plan anew")


def start_run(
    tx: Transaction, view: PlanView, *, approval_id: str, max_rows: int, part: Instalment | None
) -> ExtractionRun:
    """Make the run of a plan that was just decided on, and the job that does it.

    That of an instalment gets its job once it is due.
    """
    run = add_run(
        tx, view.id, view.demand_id, approval_id=approval_id, max_rows=max_rows, part=part
    )
    if part is None:
        enqueue_run(tx, run)
    return run


def add_run(
    tx: Transaction,
    plan_id: str,
    demand_id: str,
    *,
    approval_id: str,
    max_rows: int,
    part: Instalment | None,
    cut: int = 0,
) -> ExtractionRun:
    """Make a run the one that counts for its demand, with a result key of its own."""
    run_id, salt = tx.ids.new("e"), encode_b64url(secrets.token_bytes(SALT_BYTES))
    tx.new_key(run_id, RESULT)
    run = ExtractionRun(
        id=run_id,
        demand_id=demand_id,
        plan_id=plan_id,
        approval_id=approval_id,
        instalment=1 if part is None else part.number,
        cut=cut,
        until=None if part is None else part.until,
        max_rows=max_rows,
        sealed=tx.seal(run_id, salt, salt_label(run_id), RESULT),
        created_at=tx.now,
    )
    tx.session.add(run)
    tx.session.flush()
    _drop_current_run(tx, demand_id)
    tx.session.add(
        CurrentRun(demand_id=demand_id, run_id=run_id, plan_id=plan_id, plan_is_current=True)
    )
    tx.session.flush()
    return run


def begin_instalment(
    tx: Transaction, before: ExtractionRun, part: Instalment, cut: int = 0
) -> ExtractionRun:
    """Make the run of an instalment that follows another run of the same decision."""
    run = add_run(
        tx,
        before.plan_id,
        before.demand_id,
        approval_id=before.approval_id,
        max_rows=before.max_rows,
        part=part,
        cut=cut,
    )
    facts: dict[str, Json] = {
        "plan": run.plan_id,
        "digest": get_plan_row(tx.session, run.plan_id).digest,
        "approval": run.approval_id,
        "run": run.id,
        "instalment": part.number,
        "until": format_instant(part.until),
        **tell_next(part),
    }
    tx.record(BEGUN, run.demand_id, facts=facts, evidence=[run])
    return run


def enqueue_run(tx: Transaction, run: ExtractionRun) -> str:
    """Have a worker do the run, once after its decision and once after each halt."""
    args: dict[str, Json] = {"demand": run.demand_id, "run": run.id}
    dedup = run_dedup(tx.session, run)
    return enqueue(tx, RUN_JOB, args, subject=run.demand_id, dedup=dedup)


def run_dedup(session: Session, run: ExtractionRun) -> str:
    """Return what keeps a run from being done twice, but after a halt."""
    return f"{RUN_JOB}:{run.id}:{count_halts(session, run.id)}"


def enqueue_release(tx: Transaction, run: ExtractionRun, package_id: str) -> str:
    """Have a worker hand over what was sealed of a run, once after each halt."""
    args: dict[str, Json] = {"demand": run.demand_id, "run": run.id, "package": package_id}
    dedup = f"{RELEASE_JOB}:{run.id}:{count_halts(tx.session, run.id)}"
    return enqueue(tx, RELEASE_JOB, args, subject=run.demand_id, dedup=dedup)


def find_sealed(session: Session, run: ExtractionRun) -> str | None:
    """Return the package that the log says was sealed of a run."""
    try:
        sealed = last_facts(session, run.demand_id, SEALED)
    except NotFound:
        return None
    return str(sealed["package"]) if sealed["run"] == run.id else None


def halt_run(
    tx: Transaction, run: ExtractionRun, code: HaltCode, reason: str | None = None
) -> None:
    """Stop the demand; of a person with a coded reason. One that is halted already stays so.

    Raises WrongState when it cannot halt.
    """
    number = count_halts(tx.session, run.id) + 1
    row = RunHalt(run_id=run.id, number=number, code=str(code), halted_at=tx.now)
    tx.session.add(row)
    tx.session.flush()
    facts: dict[str, Json] = {"run": run.id, "code": str(code)}
    facts |= {} if reason is None else {"reason": reason}
    if State(lock_demand(tx, run.demand_id).state) is State.HALTED:
        tx.record(STOPPED, run.demand_id, facts=facts, evidence=[row])
    else:
        advance(tx, run.demand_id, State.HALTED, STOPPED, facts=facts, evidence=[row])


def count_halts(session: Session, run_id: str) -> int:
    """Return how often a run stopped."""
    halt = find_halt(session, run_id)
    return 0 if halt is None else halt.number


def supersede(tx: Transaction, demand_id: str) -> None:
    """Let no plan of a demand count any more, nor a run of one."""
    plan_id = find_current_plan(tx.session, demand_id)
    if plan_id is None:
        return
    _drop_current_run(tx, demand_id)
    row = lock_row(tx.session, PlanState, plan_id, "plan")
    row.is_current, row.superseded_at = False, tx.now
    tx.session.flush()


def _drop_current_run(tx: Transaction, demand_id: str) -> None:
    row = tx.session.get(CurrentRun, demand_id)
    if row is not None:
        tx.session.delete(row)
        tx.session.flush()


def _next_number(session: Session, demand_id: str) -> int:
    query = select(func.max(Plan.number)).where(Plan.demand_id == demand_id)
    return (session.scalar(query) or 0) + 1
