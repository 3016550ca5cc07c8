"""Reads of plans, previews, runs and what they came to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lea_service.demands.queries import get_state
from lea_service.demands.states import State
from lea_service.extraction.document import load_plan
from lea_service.extraction.halts import NEEDS_DECISION, HaltCode
from lea_service.extraction.models import (
    CurrentRun,
    ExtractionRun,
    Plan,
    PlanPreview,
    PlanState,
    RunHalt,
    RunResult,
)
from lea_service.extraction.outcome import Coverage, HolderSource, ItemOutcome, load_items
from lea_service.extraction.plan import Plan as PlanDocument
from lea_service.extraction.plan import PlanSource
from lea_service.extraction.run import SpoolFile
from lea_service.kernel.canonical import Json, dump_canonical, salted_digest
from lea_service.kernel.database import get_row
from lea_service.kernel.datakeys import RESULT, DataKeys, open_object, open_text
from lea_service.kernel.errors import IntegrityFailure, NotFound, WrongState
from lea_service.kernel.jobs import Job
from lea_service.kernel.outbox import NOTICE_JOB
from lea_service.legal.times import Wait
from lea_service.records.queries import SourceView, list_sources
from lea_service.retention.queries import rule_for
from lea_service.retention.rules import cutoff
from lea_service.staff.encoding import decode_b64url

RUN_JOB = "extraction.run"
RELEASE_JOB = "package.release"


@dataclass(frozen=True, slots=True)
class PlanView:
    """A plan, opened. ``data`` is the canonical document, ``salt`` (base64url) its digest's."""

    id: str
    demand_id: str
    number: int
    demand_version: int
    digest: str
    salt: str
    document: dict[str, Any]
    is_current: bool
    compiled_by: str
    compiled_at: datetime

    @property
    def data(self) -> bytes:
        """Return the document's canonical bytes: what packages hold and digests are over."""
        return dump_canonical(self.document)

    def read(self) -> PlanDocument:
        """Return the plan to act on it. Raises InvalidInput, WrongState (other rules)."""
        return load_plan(self.document)


@dataclass(frozen=True, slots=True)
class PreviewView:
    """What a plan would hand over, in counts only."""

    id: str
    plan_id: str
    number: int
    rows: int
    past_term: int
    counts: dict[str, Any]
    previewed_by: str
    previewed_at: datetime


@dataclass(frozen=True, slots=True)
class RunView:
    """A run that came to a result. ``past_term`` are rows past their term that it holds.

    ``items`` are outcomes by number, ``coverage`` the sources, ``holding`` those that tell who
    held what, ``spools`` the sealed files whose paths are relative to the spool folder. The salt
    is base64url. It is of an ``instalment`` where it has an ``until``.
    """

    id: str
    demand_id: str
    plan_id: str
    approval_id: str
    result_salt: str
    result_digest: str
    rows: int
    past_term: int
    items: tuple[ItemOutcome, ...]
    coverage: tuple[Coverage, ...]
    holding: tuple[HolderSource, ...]
    spools: tuple[SpoolFile, ...]
    finished_at: datetime
    instalment: int
    until: datetime | None


@dataclass(frozen=True, slots=True)
class JobProgress:
    """How far the newest job of a demand is; ``rate`` in rows a second."""

    kind: str
    state: str
    done: int | None
    total: int | None
    rate: int | None
    attempts: int
    error: str | None


@dataclass(frozen=True, slots=True)
class ProgressView:
    """Where the work on a demand stands; ``halt`` says why it stopped, if it did.

    ``wait`` is by what the law keeps back a package that is ready, if it does.
    """

    demand_id: str
    state: str
    plan_id: str | None
    run_id: str | None
    job: JobProgress | None
    halt: str | None
    needs_decision: bool
    rows: int | None
    wait: Wait | None = None


def plan_label(plan_id: str) -> str:
    """Return what the sealed document of a plan is bound to."""
    return f"plan/{plan_id}"


def preview_label(preview_id: str) -> str:
    """Return what the sealed part of a preview is bound to."""
    return f"preview/{preview_id}"


def salt_label(run_id: str) -> str:
    """Return what the sealed salt of a run is bound to."""
    return f"run/{run_id}"


def result_label(run_id: str) -> str:
    """Return what the sealed part of a result is bound to."""
    return f"result/{run_id}"


def is_current_plan(session: Session, plan_id: str) -> bool:
    """Say whether a plan is the one that counts for its demand."""
    row = session.get(PlanState, plan_id)
    return row is not None and row.is_current


def find_current_plan(session: Session, demand_id: str) -> str | None:
    """Return the id of the plan that counts for a demand."""
    query = select(PlanState.plan_id).where(
        PlanState.demand_id == demand_id, PlanState.is_current.is_(True)
    )
    return session.scalar(query)


def get_plan_row(session: Session, plan_id: str) -> Plan:
    """Return the row of a plan. Raises NotFound."""
    return get_row(session, Plan, plan_id, "plan")


def get_plan(session: Session, keys: DataKeys, plan_id: str) -> PlanView:
    """Return a plan, opened.

    Raises NotFound, Unavailable (key destroyed), IntegrityFailure (not what was digested).
    """
    row = get_plan_row(session, plan_id)
    opened = open_object(session, keys, row.demand_id, row.sealed, plan_label(row.id))
    if set(opened) != {"salt", "document"}:
        raise IntegrityFailure("a plan does not hold its document")
    salt, document = str(opened["salt"]), opened["document"]
    if salted_digest(decode_b64url(salt, "/salt"), document) != row.digest:
        raise IntegrityFailure("the document of a plan is not the one that was digested")
    return PlanView(
        id=row.id,
        demand_id=row.demand_id,
        number=row.number,
        demand_version=row.demand_version,
        digest=row.digest,
        salt=salt,
        document=document if isinstance(document, dict) else {},
        is_current=is_current_plan(session, row.id),
        compiled_by=row.compiled_by,
        compiled_at=row.compiled_at,
    )


def get_current_plan(session: Session, keys: DataKeys, demand_id: str) -> PlanView:
    """Return the plan that counts for a demand, opened. Raises NotFound."""
    plan_id = find_current_plan(session, demand_id)
    if plan_id is None:
        get_state(session, demand_id)
        raise NotFound("this demand has no plan yet")
    return get_plan(session, keys, plan_id)


def find_preview(session: Session, keys: DataKeys, plan_id: str) -> PreviewView | None:
    """Return the newest preview of a plan, opened. Raises Unavailable, IntegrityFailure."""
    query = select(PlanPreview).where(PlanPreview.plan_id == plan_id)
    row = session.scalars(query.order_by(PlanPreview.number.desc()).limit(1)).first()
    if row is None:
        return None
    demand_id = get_plan_row(session, plan_id).demand_id
    private = open_object(session, keys, demand_id, row.sealed, preview_label(row.id))
    return view_preview(row, private)


def view_preview(row: PlanPreview, private: Mapping[str, Json]) -> PreviewView:
    """Return a preview as people see it; ``private`` are the counts that rest sealed."""
    return PreviewView(
        id=row.id,
        plan_id=row.plan_id,
        number=row.number,
        rows=row.rows,
        past_term=row.past_term,
        counts={**row.counts, **private},
        previewed_by=row.previewed_by,
        previewed_at=row.previewed_at,
    )


def get_run_row(session: Session, run_id: str) -> ExtractionRun:
    """Return the row of a run. Raises NotFound."""
    return get_row(session, ExtractionRun, run_id, "run")


def list_runs(session: Session, demand_id: str) -> list[str]:
    """Return the ids of all runs of a demand, those that were replaced among them."""
    query = select(ExtractionRun.id).where(ExtractionRun.demand_id == demand_id)
    return sorted(session.scalars(query))


def find_current_run(session: Session, demand_id: str) -> str | None:
    """Return the id of the run that counts for a demand."""
    row = session.get(CurrentRun, demand_id)
    return None if row is None else row.run_id


def is_current_run(session: Session, run_id: str) -> bool:
    """Say whether a run is the one that counts for its demand."""
    query = select(CurrentRun.run_id).where(CurrentRun.run_id == run_id)
    return session.scalar(query) is not None


def open_run_salt(session: Session, keys: DataKeys, row: ExtractionRun) -> str:
    """Return the salt (base64url) of a run's result digest. Raises Unavailable."""
    return open_text(session, keys, row.id, row.sealed, salt_label(row.id), kind=RESULT)


def get_run(session: Session, keys: DataKeys, run_id: str) -> RunView:
    """Return what a run came to, opened.

    Raises NotFound, WrongState (no result yet), Unavailable (result key destroyed).
    """
    run = get_run_row(session, run_id)
    row = session.get(RunResult, run_id)
    if row is None:
        raise WrongState("this run has no result yet")
    private = _open_result(session, keys, run, row)
    return RunView(
        id=run.id,
        demand_id=run.demand_id,
        plan_id=run.plan_id,
        approval_id=run.approval_id,
        result_salt=open_run_salt(session, keys, run),
        result_digest=row.digest,
        rows=row.rows,
        past_term=row.past_term,
        items=load_items(row.outcomes, private["held"]),
        coverage=tuple(Coverage.load(one) for one in row.coverage),
        holding=tuple(HolderSource.load(one) for one in private["holding"]),
        spools=_load_spools(private),
        finished_at=row.finished_at,
        instalment=run.instalment,
        until=run.until,
    )


def find_spools(session: Session, keys: DataKeys, run: ExtractionRun) -> tuple[SpoolFile, ...]:
    """Return the spool files of a run's result; none before it has one. Raises Unavailable."""
    row = session.get(RunResult, run.id)
    return () if row is None else _load_spools(_open_result(session, keys, run, row))


def _open_result(
    session: Session, keys: DataKeys, run: ExtractionRun, row: RunResult
) -> dict[str, Any]:
    label = result_label(run.id)
    opened = open_object(session, keys, run.id, row.sealed, label, kind=RESULT)
    if set(opened) != {"spools", "held", "holding"}:
        raise IntegrityFailure("the result of a run does not hold its files")
    return opened


def _load_spools(private: dict[str, Any]) -> tuple[SpoolFile, ...]:
    return tuple(SpoolFile(**one) for one in private["spools"])


def find_halt(session: Session, run_id: str) -> RunHalt | None:
    """Return why a run stopped last."""
    query = select(RunHalt).where(RunHalt.run_id == run_id)
    return session.scalars(query.order_by(RunHalt.number.desc()).limit(1)).first()


def get_progress(session: Session, demand_id: str) -> ProgressView:
    """Return where the work on a demand stands. Raises NotFound."""
    state = get_state(session, demand_id)
    run_id = find_current_run(session, demand_id)
    halt = find_halt(session, run_id) if run_id and state == State.HALTED else None
    result = session.get(RunResult, run_id) if run_id else None
    return ProgressView(
        demand_id=demand_id,
        state=state,
        plan_id=find_current_plan(session, demand_id),
        run_id=run_id,
        job=_find_job(session, demand_id),
        halt=None if halt is None else halt.code,
        needs_decision=halt is not None and HaltCode(halt.code) in NEEDS_DECISION,
        rows=None if result is None else result.rows,
    )


def plan_source(session: Session, source: SourceView, at: datetime) -> PlanSource:
    """Return a declared source as a plan that is compiled ``at`` an instant has it."""
    rule = rule_for(session, source.id, source.kind)
    return PlanSource(
        id=source.id,
        name=source.name,
        kind=source.kind,
        categories=source.categories,
        columns=source.columns,
        holds_ipv6=source.holds_ipv6,
        mapping=source.mapping_digest,
        rule=None if rule is None else rule.code,
        cutoff=None if rule is None else cutoff(rule, at),
    )


def list_holding(session: Session, at: datetime) -> list[PlanSource]:
    """Return the sources that tell who held what: all of subscribers."""
    found = (plan_source(session, one, at) for one in list_sources(session))
    return [one for one in found if one.kind == "subscriber"]


def _find_job(session: Session, demand_id: str) -> JobProgress | None:
    query = select(Job).where(Job.subject == demand_id, Job.kind != NOTICE_JOB)
    order = (Job.run_after.desc(), Job.started_at.desc(), Job.id)
    row = session.scalars(query.order_by(*order).limit(1)).first()
    if row is None:
        return None
    return JobProgress(
        kind=row.kind,
        state=row.state,
        done=row.progress_done,
        total=row.progress_total,
        rate=_rate(row),
        attempts=row.attempts,
        error=row.error,
    )


def _rate(row: Job) -> int | None:
    if row.progress_done is None or row.progress_at is None or row.started_at is None:
        return None
    seconds = (row.progress_at - row.started_at).total_seconds()
    return round(row.progress_done / seconds) if seconds > 0 else None
