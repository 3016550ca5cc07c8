"""Which job follows which, and the steps of each; a finished step is never done again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import wraps

from lea_service.custody.service import Checkpointer
from lea_service.delivery.letters.service import LetterService
from lea_service.delivery.release import HALTED as KEPT_BACK
from lea_service.delivery.service import DeliveryService
from lea_service.demands.queries import get_state
from lea_service.demands.states import OVER, State
from lea_service.extraction.queries import RELEASE_JOB, RUN_JOB
from lea_service.extraction.service import DONE, HALTED, ExtractionService
from lea_service.kernel.actors import Actor
from lea_service.kernel.canonical import Json
from lea_service.kernel.clock import format_instant
from lea_service.kernel.errors import WrongState
from lea_service.kernel.jobs import Claim, Handler, JobContext, enqueue, prune_done
from lea_service.kernel.logs import get_log
from lea_service.kernel.outbox import ALARM, NOTICE_JOB, enqueue_alarm, raise_daily_alarm
from lea_service.kernel.transactions import SYSTEM_STREAM, Transaction, Transactions
from lea_service.legal.clock_service import ClockService
from lea_service.legal.preservation.service import PreservationService
from lea_service.oversight.service import OversightService
from lea_service.packaging.service import PackagingService, SealedFile
from lea_service.records.import_service import ImportService
from lea_service.records.live.queries import JOB_KIND as PULL_JOB
from lea_service.records.live.service import PullService
from lea_service.retention.backups.service import BackupService
from lea_service.retention.processing.service import ProcessingService
from lea_service.retention.service import JOB_KIND as PURGE_JOB
from lea_service.retention.service import RetentionService
from lea_service.staff.reach.service import ReachService
from lea_service.workflow.outgoing import Outgoing
from lea_service.workflow.worker import Periodic

SEAL_JOB = "package.seal"
SWEEP_JOB = "delivery.sweep"
SETTLE_JOB = "imports.settle"
CLOCKS_JOB = "deadlines.watch"
PERIODIC = (PURGE_JOB, SWEEP_JOB, SETTLE_JOB, CLOCKS_JOB)
PRUNED = (*PERIODIC, PULL_JOB)
SHORT = (NOTICE_JOB, SWEEP_JOB, SETTLE_JOB, CLOCKS_JOB)
"""None of these takes as long as what a demand, or a purge, asks for."""
SWEEP_SECONDS, SETTLE_SECONDS, CLOCKS_SECONDS = 3600, 60, 300
KEPT = timedelta(days=30)
log = get_log("workflow")


@dataclass(frozen=True)
class Parts:
    """What the steps work with."""

    transactions: Transactions
    checkpointer: Checkpointer
    extraction: ExtractionService
    packaging: PackagingService
    delivery: DeliveryService
    retention: RetentionService
    processing: ProcessingService
    backups: BackupService
    imports: ImportService
    pulls: PullService
    clocks: ClockService
    preservation: PreservationService
    oversight: OversightService
    reach: ReachService
    letters: LetterService
    outgoing: Outgoing


def periodic(purge_seconds: int) -> tuple[Periodic, ...]:
    """Return what is done again and again."""
    return (
        Periodic(PURGE_JOB, purge_seconds),
        Periodic(SWEEP_JOB, SWEEP_SECONDS),
        Periodic(SETTLE_JOB, SETTLE_SECONDS),
        Periodic(CLOCKS_JOB, CLOCKS_SECONDS),
    )


class Steps:
    """The handlers of the jobs, and what happens when one fails for good."""

    def __init__(self, parts: Parts, actor: Actor) -> None:
        self._parts = parts
        self._actor = actor

    def handlers(self) -> Mapping[str, Handler]:
        """Return the handler of each kind of job."""
        return {
            RUN_JOB: self._unless_over(self.extract),
            SEAL_JOB: self._unless_over(self.seal),
            RELEASE_JOB: self._unless_over(self.release),
            PURGE_JOB: self.purge,
            PULL_JOB: self.pull,
            SWEEP_JOB: self.sweep,
            SETTLE_JOB: self.settle,
            CLOCKS_JOB: self.watch_clocks,
            NOTICE_JOB: self._parts.outgoing.send,
        }

    def extract(self, context: JobContext) -> None:
        """Extract what was decided and prove it; then have it sealed."""
        demand, run = _subject(context)
        extraction = self._parts.extraction
        context.step("begin", lambda tx: extraction.begin(tx, run))
        result = context.effect(
            "execute", lambda: extraction.execute(context.actor, run, context.progress)
        )

        def finish(tx: Transaction) -> Json:
            outcome = extraction.finish(tx, run, result)
            if outcome == DONE:
                _follow(tx, SEAL_JOB, context, {"demand": demand, "run": run})
            if outcome == HALTED:
                enqueue_alarm(tx, about=demand, occasion=context.job_id)
            return outcome

        context.step("finish", finish)
        context.effect("sweep", lambda: extraction.sweep(run))

    def seal(self, context: JobContext) -> None:
        """Render, sign and encrypt what was extracted; then have it handed over."""
        demand, run = _subject(context)
        packaging = self._parts.packaging

        def begin(tx: Transaction) -> Json:
            self._parts.extraction.check_current(tx, run)
            packaging.begin(tx, demand, run)
            return None

        context.step("begin", begin)
        sealed = context.effect(
            "write",
            lambda: packaging.write(context.actor, demand, run, context.progress).dump(),
        )

        def finish(tx: Transaction) -> Json:
            self._parts.extraction.check_current(tx, run)
            package = packaging.finish(tx, SealedFile.load(sealed))
            args: dict[str, Json] = {"demand": demand, "run": run, "package": package}
            _follow(tx, RELEASE_JOB, context, args)
            return package

        context.step("finish", finish)
        context.effect("sweep", lambda: packaging.sweep(demand))

    def release(self, context: JobContext) -> None:
        """Let the receivers collect the package, or halt when it may not leave any more."""
        demand, package = str(context.args["demand"]), str(context.args["package"])
        delivery = self._parts.delivery
        release = delivery.check_release(context.actor, demand, package)
        if release is None:
            return

        def finish(tx: Transaction) -> Json:
            outcome = delivery.make_available(tx, release)
            if outcome == KEPT_BACK:
                enqueue_alarm(tx, about=demand, occasion=context.job_id)
            return outcome

        context.step("release", finish)

    def purge(self, context: JobContext) -> None:
        """Enforce the retention rules; remind of reviews of their register, and of old backups."""
        self._parts.processing.remind(context.begin)
        self._parts.backups.remind(context.begin)
        self._parts.retention.purge(context.actor, context.progress)

    def pull(self, context: JobContext) -> None:
        """Read a live source on."""
        self._parts.pulls.run(context)

    def sweep(self, context: JobContext) -> None:
        """Close, erase, remind and warn of what is due; forget what was done again and again."""
        self._parts.delivery.closing.sweep(context.begin)
        context.step("remind", self._parts.delivery.remind_overdue)
        context.step("watch", self._parts.oversight.look_at_flow)
        context.step("prune", lambda tx: prune_done(tx, PRUNED, tx.now - KEPT))

    def settle(self, context: JobContext) -> None:
        """Settle imports that a crash left open, and have live sources pulled that are due."""
        self._parts.imports.reconcile(context.actor)
        self._parts.pulls.request_due(context.actor, context.begin)

    def watch_clocks(self, context: JobContext) -> None:
        """Enter which terms near or passed their ends, or were moved; let go of what ran out.

        Begin the instalments that are due. And ask approvers whether they can be reached; where too
        few can, a letter is kept ready.
        """
        self._parts.clocks.watch(context.begin)
        self._parts.extraction.instalments.begin_due(context.begin)
        self._parts.preservation.release_expired(context.begin)
        self._parts.reach.watch(context.begin)
        self._parts.letters.prepare_late(context.begin)

    def publish_checkpoint(self) -> None:
        """Sign the head of the log; when that is refused, nothing is handed over and we say so."""
        try:
            self._parts.checkpointer.publish(self._actor)
        except Exception as error:  # whatever it is, the worker goes on and people hear of it
            log.critical("no checkpoint", exc_info=error)
            self._raise_alarm("checkpoint")

    def give_up(self, tx: Transaction, claim: Claim, reason: str) -> None:
        """Enter that a job failed for good, halt its demand and raise the alarm."""
        demand, run = claim.args.get("demand"), claim.args.get("run")
        facts: dict[str, Json] = {"job": claim.job_id, "kind": claim.kind, "reason": reason}
        tx.record("job.failed", str(demand) if demand else SYSTEM_STREAM, facts=facts)
        if run is not None:
            self._parts.extraction.halt(tx, str(run))
        if claim.args.get("template") != ALARM:
            enqueue_alarm(
                tx, about=claim.job_id, occasion=f"{claim.job_id}/{format_instant(tx.now)}"
            )

    def cry(self, claim: Claim) -> None:
        """Raise the alarm about a failure that the log does not take; once a day for each job."""
        if claim.args.get("template") == ALARM:
            return
        self._raise_alarm(claim.job_id)

    def _raise_alarm(self, about: str) -> None:
        raise_daily_alarm(self._parts.transactions, self._actor, about=about, occasion=about)

    def _unless_over(self, handler: Handler) -> Handler:
        """Let a job end quietly when its demand was withdrawn or decided anew on the way."""

        @wraps(handler)
        def handle(context: JobContext) -> None:
            try:
                handler(context)
            except WrongState:
                demand, run = _subject(context)
                if not self._is_over(demand) and not self._parts.extraction.is_replaced(run):
                    raise

        return handle

    def _is_over(self, demand: str) -> bool:
        with self._parts.transactions.read() as session:
            return State(get_state(session, demand)) in OVER


def _subject(context: JobContext) -> tuple[str, str]:
    return str(context.args["demand"]), str(context.args["run"])


def _follow(tx: Transaction, kind: str, context: JobContext, args: Mapping[str, Json]) -> None:
    """Have the next job done, once for this one."""
    subject = str(args["demand"])
    enqueue(tx, kind, args, subject=subject, dedup=f"{kind}:{context.job_id}")
