"""Use cases of extraction: compile, preview and follow a plan; and the worker's steps of a run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from lea_service.agencies.queries import list_receivers
from lea_service.custody.looks import Looks
from lea_service.custody.replay import read_stream
from lea_service.custody.service import CustodyService
from lea_service.demands.changes import advance, lock_demand
from lea_service.demands.look_service import note_look
from lea_service.demands.queries import get_demand, get_state
from lea_service.demands.states import State, wrong_state
from lea_service.extraction.changes import (
    add_plan,
    check_current,
    check_open,
    enqueue_release,
    enqueue_run,
    find_sealed,
    halt_run,
    load_cuts,
)
from lea_service.extraction.decided import (
    Decided,
    is_held,
    is_last_decided,
    load_decided,
    why_failed,
)
from lea_service.extraction.halts import NEEDS_DECISION, HaltCode, MustHalt
from lea_service.extraction.holder_sources import check_within_term, describe_holding
from lea_service.extraction.instalment_service import InstalmentService
from lea_service.extraction.instalments import Wanted
from lea_service.extraction.models import ExtractionRun, PlanPreview, RunResult
from lea_service.extraction.named_queries import seal_named
from lea_service.extraction.outcome import HolderSource, dump_held
from lea_service.extraction.plan import PlanReceiver, compile_plan
from lea_service.extraction.preview import count_plan
from lea_service.extraction.queries import (
    RUN_JOB,
    PlanView,
    PreviewView,
    ProgressView,
    find_current_run,
    find_halt,
    find_preview,
    find_spools,
    get_current_plan,
    get_plan,
    get_progress,
    get_run_row,
    is_current_run,
    list_holding,
    open_run_salt,
    plan_source,
    preview_label,
    result_label,
    view_preview,
)
from lea_service.extraction.reasons import STOPPING
from lea_service.extraction.result import accounted_value, result_value
from lea_service.extraction.run import Extracted, SpoolFolder, extract
from lea_service.extraction.tenure_queries import find_spans, read_tenures
from lea_service.extraction.turns import divide_ahead
from lea_service.extraction.within import since_instalment
from lea_service.kernel.actors import Actor, Permission, permit
from lea_service.kernel.canonical import Json, encode_b64url, salted_digest
from lea_service.kernel.coded import check_coded
from lea_service.kernel.datakeys import RESULT, seal_value
from lea_service.kernel.errors import IntegrityFailure, NotFound, WrongState
from lea_service.kernel.jobs import Postponed, retry_failed
from lea_service.kernel.outbox import enqueue_alarm
from lea_service.kernel.transactions import Transaction, Transactions
from lea_service.legal.queries import catalogue_of
from lea_service.legal.times import find_wait
from lea_service.legal.working_days import WorkingDays
from lea_service.records.queries import list_sources
from lea_service.records.reader import RecordReader
from lea_service.retention.queries import check_ground
from lea_service.staff.encoding import decode_b64url
from lea_service.staff.root import Root

Tell = Callable[[int, int], None]
HOLD_SECONDS = 300
DONE, HALTED, ENDED = "done", "halted", "ended"
AT_WORK = frozenset({State.EXTRACTING, State.SEALING, State.READY})
"""States that halt when the job at work in them fails for good."""
BEFORE_WORK = frozenset({State.APPROVED, State.CONTINUING})


def _silent(_done: int, _total: int) -> None:
    return None


class ExtractionService:
    """Makes plans for people and does what was decided for the worker.

    ``region`` is where numbers without a country code are dialled.
    """

    def __init__(
        self,
        transactions: Transactions,
        looks: Looks,
        *,
        reader: RecordReader,
        custody: CustodyService,
        spool_dir: Path,
        load_root: Callable[[], Root],
        working: WorkingDays,
        region: str,
    ) -> None:
        self._transactions = transactions
        self._looks = looks
        self._reader = reader
        self._custody = custody
        self._spool = spool_dir
        self._load_root = load_root
        self._working = working
        self._region = region
        self.instalments = InstalmentService(transactions, looks, reader)

    def compile_plan(
        self,
        actor: Actor,
        demand_id: str,
        past_term: str | None = None,
        wanted: Wanted | None = None,
    ) -> PlanView:
        """Compile the demand into the plan that counts from now on; no source is asked.

        What was left out of it on a ground is not given. ``past_term`` is the ground on which rows
        past their term are to be handed over, ``wanted`` how what is still to come is divided.
        Raises InvalidInput (a target or category that cannot be asked for, nothing to divide),
        WrongState (held, not settled, decided, no such ground), Unavailable (a receiver without
        certificate).
        """
        permit(actor, Permission.PLAN_COMPILE)
        with self._transactions.begin(actor) as tx:
            version = check_open(tx, demand_id)
            if past_term is not None:
                check_ground(tx.session, past_term)
            demand = get_demand(tx.session, tx.keys, demand_id)
            receivers = list_receivers(tx.session, tx.keys, demand.receiver_ids, tx.now)
            plan = compile_plan(
                demand,
                demand_version=version,
                sources=[plan_source(tx.session, one, tx.now) for one in list_sources(tx.session)],
                receivers=[PlanReceiver(one.id, one.fingerprint) for one in receivers],
                compiled_at=tx.now,
                region=self._region,
                past_term=past_term,
                cuts=load_cuts(tx.session, tx.keys, demand),
            )
            plan = replace(plan, instalments=divide_ahead(tx.session, demand, plan, wanted))
            return get_plan(tx.session, tx.keys, add_plan(tx, plan))

    def get_plan(self, actor: Actor, demand_id: str) -> PlanView:
        """Return the plan that counts for a demand; the look is entered first. Raises NotFound."""
        permit(actor, Permission.PLAN_READ)
        note_look(self._transactions, self._looks, actor, demand_id, "plan", "plan.viewed")
        with self._transactions.read(actor) as session:
            return get_current_plan(session, self._transactions.keys, demand_id)

    def get_preview(self, actor: Actor, demand_id: str) -> PreviewView:
        """Return the newest count of the plan that counts; the look is entered first.

        Raises NotFound.
        """
        view = self.get_plan(actor, demand_id)
        with self._transactions.read(actor) as session:
            found = find_preview(session, self._transactions.keys, view.id)
        if found is None:
            raise NotFound("this plan was not previewed yet")
        return found

    def preview(self, actor: Actor, demand_id: str) -> PreviewView:
        """Count what the current plan would hand over; entered before the store is asked.

        Raises NotFound (no plan), WrongState (held, not settled, decided).
        """
        permit(actor, Permission.PLAN_PREVIEW)
        with self._transactions.begin(actor) as tx:
            check_open(tx, demand_id)
            view = get_current_plan(tx.session, tx.keys, demand_id)
            tx.record("plan.preview_started", demand_id, facts={"plan": view.id})
            holding = list_holding(tx.session, view.compiled_at)
        with self._reader.snapshot() as snapshot:
            counted = count_plan(snapshot, since_instalment(view.read()), holding)
        with self._transactions.begin(actor) as tx:
            check_open(tx, demand_id)
            check_current(tx, view.id)
            earlier = find_preview(tx.session, tx.keys, view.id)
            preview_id = tx.ids.new("pv")
            row = PlanPreview(
                id=preview_id,
                plan_id=view.id,
                number=1 if earlier is None else earlier.number + 1,
                rows=counted.rows,
                past_term=counted.past_term,
                counts=counted.counts,
                sealed=tx.seal(demand_id, counted.private, preview_label(preview_id)),
                previewed_by=actor.id,
                previewed_at=tx.now,
            )
            tx.session.add(row)
            tx.session.flush()
            facts: dict[str, Json] = {
                "plan": view.id,
                "preview": row.id,
                "rows": row.rows,
                "past_term": row.past_term,
            }
            tx.record("plan.previewed", demand_id, facts=facts, evidence=[row])
            return view_preview(row, counted.private)

    def get_progress(self, actor: Actor, demand_id: str) -> ProgressView:
        """Return how far the work on a demand is: states and counts, nothing that names anybody."""
        permit(actor, Permission.JOB_READ)
        now = self._transactions.clock.now()
        with self._transactions.read(actor) as session:
            return self._get_progress(session, demand_id, now)

    def resume(self, actor: Actor, demand_id: str) -> ProgressView:
        """Have work go on that halted, or that failed for good before its run began.

        What was sealed already is ready again, to be handed over. Raises WrongState when nothing
        stopped, or when only a new decision helps.
        """
        permit(actor, Permission.PLAN_PROPOSE)
        with self._transactions.begin(actor) as tx:
            state = State(lock_demand(tx, demand_id).state)
            if state is State.HALTED:
                _go_on(tx, _get_halted_run(tx, demand_id))
            else:
                _begin_again(tx, demand_id, state)
            return self._get_progress(tx.session, demand_id, tx.now)

    def stop(self, actor: Actor, demand_id: str, reason: str) -> ProgressView:
        """Hold back what is ready to leave, which one person may; two decide how it goes on.

        ``reason`` is a code of ``STOPPING``. Raises InvalidInput, WrongState where nothing is
        ready.
        """
        permit(actor, Permission.PLAN_PREVIEW)
        check_coded(reason, STOPPING, "/reason")
        with self._transactions.begin(actor) as tx:
            state = State(lock_demand(tx, demand_id).state)
            run_id = find_current_run(tx.session, demand_id)
            if state is not State.READY or run_id is None:
                raise wrong_state(state, "held back")
            halt_run(tx, get_run_row(tx.session, run_id), HaltCode.STOPPED, reason)
            enqueue_alarm(tx, about=demand_id, occasion=f"stopped/{run_id}")
            return self._get_progress(tx.session, demand_id, tx.now)

    def _get_progress(self, session: Session, demand_id: str, now: datetime) -> ProgressView:
        """Return the progress, and what a package that is ready to leave waits for by the law."""
        found = get_progress(session, demand_id)
        if found.state != State.READY:
            return found
        demand = get_demand(session, self._transactions.keys, demand_id)
        entries, catalogue = read_stream(session, demand_id), catalogue_of(session)
        return replace(found, wait=find_wait(demand, entries, catalogue, self._working, now))

    # What follows are the worker's steps.

    def begin(self, tx: Transaction, run_id: str) -> Json:
        """Move the demand to extracting, once; a repetition changes nothing.

        Returns whether there is anything to execute. Raises WrongState when the demand ended some
        other way, and Postponed while it is on hold.
        """
        permit(tx.actor, Permission.EXTRACTION_RUN)
        run = get_run_row(tx.session, run_id)
        state = lock_demand(tx, run.demand_id).state
        self.check_current(tx, run_id)
        if tx.session.get(RunResult, run_id) is not None:
            return False
        if state != State.EXTRACTING:
            if run.until is not None and tx.now < run.until:
                raise Postponed("the instalment is not past yet", HOLD_SECONDS)
            if is_held(tx.session, tx.keys, run.demand_id):
                raise Postponed("the demand is on hold", HOLD_SECONDS)
            facts: dict[str, Json] = {
                "run": run.id,
                "plan": run.plan_id,
                "approval": run.approval_id,
            }
            advance(tx, run.demand_id, State.EXTRACTING, "extraction.started", facts=facts)
        return True

    def execute(self, actor: Actor, run_id: str, progress: Tell = _silent) -> dict[str, Json]:
        """Extract what was decided, and prove it; no transaction of the case database is open.

        Each call is an attempt with files of its own, so that repeating it harms nothing, and its
        digest is the same on the same records. The answer is what ``finish`` takes: a result whose
        digests are sealed, or the code for which the run halts. Raises NotPermitted, Unavailable.
        """
        permit(actor, Permission.EXTRACTION_RUN)
        try:
            decided = self._custody.read_signed(actor, lambda one: self._load(one, run_id))
            if decided is None:
                return {"outcome": ENDED}
            run, keys = decided.run, self._transactions.keys
            with self._transactions.read(actor) as session:
                key = keys.key(session, run_id, RESULT)
                file_key = keys.key(session, run.demand_id)
                salt = open_run_salt(session, keys, run)
                holding = list_holding(session, decided.plan.compiled_at)
            attempt = self._transactions.ids.new("at")
            folder = SpoolFolder(self._spool, key, run.demand_id, run_id, attempt)
            with self._reader.snapshot() as snapshot:
                told = read_tenures(snapshot.connection, decided.plan, holding)
                spans = find_spans(told)
                decided.check_holders(spans)
                described = describe_holding(snapshot, decided.plan, told)
                check_within_term(decided.plan, described)
                found = extract(
                    snapshot,
                    decided.asked,
                    folder,
                    progress,
                    decided.max_rows,
                    spans,
                    decided.earlier,
                )
                index = self._transactions.index
                named = seal_named(snapshot.connection, decided.asked, index, file_key, run_id)
        except MustHalt as stop:
            return {"outcome": HALTED, "code": str(stop.halt)}
        result = _dump_result(run, found, described, key, salt)
        return result | {"named": None if named is None else encode_b64url(named)}

    def _load(self, session: Session, run_id: str) -> Decided | None:
        """Return what was decided; None for a run whose demand is not at extraction any more."""
        if get_state(session, get_run_row(session, run_id).demand_id) != State.EXTRACTING:
            return None
        root, now = self._load_root(), self._transactions.clock.now()
        return load_decided(session, self._transactions.keys, run_id, root=root, now=now)

    def finish(self, tx: Transaction, run_id: str, result: Any) -> str:
        """Record what ``execute`` answered: ``done``, ``halted``, or ``ended`` some other way.

        The first result that is recorded wins; a repetition changes nothing.
        """
        permit(tx.actor, Permission.EXTRACTION_RUN)
        run = get_run_row(tx.session, run_id)
        state = lock_demand(tx, run.demand_id).state
        if tx.session.get(RunResult, run_id) is not None:
            return DONE
        if state != State.EXTRACTING or result["outcome"] == ENDED:
            return ENDED
        if not is_current_run(tx.session, run_id):  # what it found is about no work of now
            return ENDED
        if result["outcome"] == HALTED:
            halt_run(tx, run, HaltCode(result["code"]))
            return HALTED
        if result["rows"] > run.max_rows:
            halt_run(tx, run, HaltCode.OVER_BOUNDS)
            return HALTED
        row = _load_result(run_id, result, tx)
        tx.session.add(row)
        tx.session.flush()
        facts: dict[str, Json] = {
            "run": run_id,
            "digest": row.digest,
            "rows": row.rows,
            "past_term": row.past_term,
            "accounted": result["accounted"],
        }
        tx.record("extraction.done", run.demand_id, facts=facts, evidence=[row])
        return DONE

    def halt(self, tx: Transaction, run_id: str) -> None:
        """Halt the demand of a run whose job failed for good; nothing when none is at work."""
        permit(tx.actor, Permission.EXTRACTION_RUN)
        run = get_run_row(tx.session, run_id)
        is_at_work = lock_demand(tx, run.demand_id).state in AT_WORK
        if is_at_work and find_current_run(tx.session, run.demand_id) in (run_id, None):
            halt_run(tx, run, why_failed(tx.session, tx.keys, run, tx.now))

    def check_current(self, tx: Transaction, run_id: str) -> None:
        """Let work on a run go on that no other one replaces meanwhile. Raises WrongState."""
        lock_demand(tx, get_run_row(tx.session, run_id).demand_id)
        if not is_current_run(tx.session, run_id):
            raise WrongState("another run replaced this one")

    def is_replaced(self, run_id: str) -> bool:
        """Say whether a later plan or decision took the place of a run, as the log has it."""
        with self._transactions.read() as session:
            run = get_run_row(session, run_id)
            return not is_last_decided(read_stream(session, run.demand_id), run)

    def sweep(self, run_id: str) -> int:
        """Remove spool files of attempts that were not recorded, and of runs that were replaced.

        Returns how many. Call after ``finish``: an attempt that is still writing would lose its
        files.
        """
        with self._transactions.read() as session:
            run = get_run_row(session, run_id)
            keys = self._transactions.keys
            kept = {spool.path for spool in find_spools(session, keys, run)}
            if not is_current_run(session, run_id):
                return 0
        stray = [
            path
            for path in (self._spool / run.demand_id).glob("*/*")
            if str(path.relative_to(self._spool)) not in kept
        ]
        for path in stray:
            path.unlink(missing_ok=True)
        return len(stray)


def _get_halted_run(tx: Transaction, demand_id: str) -> ExtractionRun:
    """Return the run that stopped and may go on. Raises WrongState."""
    run_id = find_current_run(tx.session, demand_id)
    if run_id is None:
        raise WrongState("another plan was made since this halted; two people decide on it")
    halt = find_halt(tx.session, run_id)
    if halt is not None and HaltCode(halt.code) in NEEDS_DECISION:
        raise WrongState("only a new decision on a plan ends this halt", halt=halt.code)
    return get_run_row(tx.session, run_id)


def _go_on(tx: Transaction, run: ExtractionRun) -> None:
    package = find_sealed(tx.session, run)
    if package is None:
        job = enqueue_run(tx, run)
        tx.record("demand.resumed", run.demand_id, facts={"run": run.id, "job": job})
    else:
        job = enqueue_release(tx, run, package)
        facts: dict[str, Json] = {"run": run.id, "job": job, "package": package}
        advance(tx, run.demand_id, State.READY, "demand.resumed", facts=facts)


def _begin_again(tx: Transaction, demand_id: str, state: State) -> None:
    """Have a run begin whose job failed for good before it did. Raises WrongState."""
    run_id = find_current_run(tx.session, demand_id)
    args: dict[str, Json] = {"demand": demand_id, "run": run_id}
    job = retry_failed(tx, RUN_JOB, demand_id, args) if state in BEFORE_WORK else None
    if job is None:
        raise wrong_state(state, "resumed")
    tx.record("demand.resumed", demand_id, facts={"run": run_id, "job": job})


def _dump_result(
    run: ExtractionRun, found: Extracted, holding: Sequence[HolderSource], key: bytes, salt: str
) -> dict[str, Json]:
    records = [(one.kind, one.version, one.rows, one.sha256) for one in found.spools]
    private: dict[str, Json] = {
        "spools": [asdict(one) for one in found.spools],
        "held": dump_held(found.items),
        "holding": [one.dump() for one in holding],
    }
    sealed = seal_value(key, run.id, private, result_label(run.id))
    sources = [
        (one.source, one.kind, one.rows_read, one.rows_delivered, one.withheld)
        for one in found.coverage
    ]
    secret = decode_b64url(salt, "/salt")
    return {
        "outcome": DONE,
        "digest": salted_digest(secret, result_value(records)),
        "accounted": salted_digest(secret, accounted_value(sources)),
        "rows": found.rows,
        "past_term": found.past_term,
        "items": [replace(item, held=()).dump() for item in found.items],
        "coverage": [one.dump() for one in found.coverage],
        "sealed": encode_b64url(sealed),
    }


def _load_result(run_id: str, result: Any, tx: Transaction) -> RunResult:
    try:
        return RunResult(
            run_id=run_id,
            digest=result["digest"],
            rows=result["rows"],
            past_term=result["past_term"],
            outcomes=result["items"],
            coverage=result["coverage"],
            sealed=decode_b64url(result["sealed"], "/sealed"),
            named=result["named"] and decode_b64url(result["named"], "/named"),
            finished_at=tx.now,
        )
    except KeyError as err:
        raise IntegrityFailure("a job step does not hold the result of a run") from err
