"""Jobs: work that outlives a request, done by any worker, each step recorded once.

A job exists if and only if the use case that asked for it committed. A worker holds a job by a
lease with a random fencing token, which is compared in the same transaction as the effect of each
step: a worker that slept past its lease can change nothing any more. Arguments hold ids only.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    String,
    and_,
    delete,
    or_,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from lea_service.kernel.actors import Actor
from lea_service.kernel.canonical import Json
from lea_service.kernel.database import CaseBase, UtcDateTime
from lea_service.kernel.errors import Conflict, LeaError
from lea_service.kernel.logs import get_log
from lea_service.kernel.transactions import Transaction, Transactions

READY, RUNNING, DONE, FAILED = "ready", "running", "done", "failed"
MAX_ATTEMPTS = 5
PROGRESS_SECONDS = 1.0
"""A commit costs more than the work between two calls of ``progress``."""
UNENTERED_SECONDS = 60
WORKER_LOST = "WorkerLost"
"""Why a job failed whose last worker fell silent, as one does that is killed."""
PRUNED_AT_ONCE = 5000
log = get_log("jobs")


class Job(CaseBase):
    """One piece of work; ``token`` fences off whoever held it before."""

    __tablename__ = "jobs"
    __table_args__ = (
        Index(None, "state", "run_after"),
        CheckConstraint("state IN ('ready', 'running', 'done', 'failed')", name="state"),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    kind: Mapped[str] = mapped_column(String(60))
    subject: Mapped[str | None] = mapped_column(String(40), index=True)
    args: Mapped[dict[str, Json]] = mapped_column(JSON)
    dedup: Mapped[str | None] = mapped_column(String(120), unique=True)
    state: Mapped[str] = mapped_column(String(8), default=READY)
    run_after: Mapped[datetime] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    token: Mapped[str | None] = mapped_column(String(32))
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    progress_done: Mapped[int | None]
    progress_total: Mapped[int | None]
    progress_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    error: Mapped[str | None] = mapped_column(String(200))


class JobStep(CaseBase):
    """The recorded result of a step; its presence means: never again."""

    __tablename__ = "job_steps"

    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id"), primary_key=True)
    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    result: Mapped[Json] = mapped_column(JSON)


class LeaseLost(Conflict):
    """Another worker took the job over; whatever this one still did was rolled back."""

    code = "lease-lost"


class Postponed(LeaError):
    """The handler asks to be run again later, without counting an attempt."""

    code = "postponed"

    def __init__(self, detail: str, seconds: int) -> None:
        super().__init__(detail)
        self.seconds = seconds


def has_job(session: Session, dedup: str) -> bool:
    """Say whether a job was added under this name."""
    return session.scalar(select(Job.id).where(Job.dedup == dedup)) is not None


def enqueue(
    tx: Transaction,
    kind: str,
    args: Mapping[str, Json],
    *,
    subject: str | None = None,
    dedup: str | None = None,
    run_after: datetime | None = None,
) -> str:
    """Add a job to the caller's transaction; returns its id.

    ``args`` hold ids, never personal data. A second job with the same ``dedup`` is not added: the
    id of the first is returned.
    """
    if dedup is not None:
        earlier = tx.session.scalar(select(Job.id).where(Job.dedup == dedup))
        if earlier is not None:
            return earlier
    job = Job(
        id=tx.ids.new("j"),
        kind=kind,
        subject=subject,
        args=dict(args),
        dedup=dedup,
        run_after=run_after or tx.now,
    )
    tx.session.add(job)
    tx.session.flush()
    return job.id


def retry_failed(tx: Transaction, kind: str, subject: str, args: Mapping[str, Json]) -> str | None:
    """Have the newest job with just these arguments that failed for good tried anew.

    Returns its id, None where there is none about ``subject``.
    """
    failed = select(Job).where(Job.subject == subject, Job.kind == kind, Job.state == FAILED)
    found = tx.session.scalars(failed.order_by(Job.finished_at.desc(), Job.id).with_for_update())
    job = next((one for one in found.all() if one.args == args), None)
    if job is None:
        return None
    job.state, job.attempts, job.error = READY, 0, None
    job.run_after, job.finished_at = tx.now, None
    return job.id


def prune_done(tx: Transaction, kinds: Collection[str], before: datetime) -> int:
    """Forget jobs of these kinds about nobody that were done before then; returns how many.

    At most ``PRUNED_AT_ONCE``, the oldest first.
    """
    done = select(Job.id).where(
        Job.state == DONE, Job.subject.is_(None), Job.kind.in_(kinds), Job.finished_at < before
    )
    ids = tx.session.scalars(done.order_by(Job.finished_at).limit(PRUNED_AT_ONCE)).all()
    tx.session.execute(delete(JobStep).where(JobStep.job_id.in_(ids)))
    tx.session.execute(delete(Job).where(Job.id.in_(ids)))
    return len(ids)


@dataclass(frozen=True, slots=True)
class Claim:
    """A job in this worker's hands until the lease ends."""

    job_id: str
    kind: str
    args: dict[str, Json]
    token: str
    attempts: int


class JobContext:
    """What a handler gets: its arguments, and the two ways to do a step."""

    def __init__(
        self, transactions: Transactions, actor: Actor, claim: Claim, lease_seconds: int
    ) -> None:
        self.transactions = transactions
        self.actor = actor
        self.job_id = claim.job_id
        self.kind = claim.kind
        self.args = claim.args
        self.attempts = claim.attempts
        self._token = claim.token
        self._lease = timedelta(seconds=lease_seconds)
        self._told = -PROGRESS_SECONDS

    @contextmanager
    def begin(self) -> Iterator[Transaction]:
        """Open a transaction that commits only while the lease is still ours."""
        with self.transactions.begin(self.actor) as tx:
            self._fence(tx.session, tx.now)
            yield tx

    def step(self, name: str, act: Callable[[Transaction], Json]) -> Json:
        """Do a step whose effect is in the case database: exactly once, ever."""
        with self.begin() as tx:
            done = tx.session.get(JobStep, (self.job_id, name))
            if done is not None:
                return done.result
            result = act(tx)
            tx.session.add(JobStep(job_id=self.job_id, name=name, result=result))
            return result

    def effect(self, name: str, act: Callable[[], Json]) -> Json:
        """Do a step whose effect lies outside: at least once, so ``act`` must bear repetition."""
        with self.transactions.read() as session:
            done = session.get(JobStep, (self.job_id, name))
        if done is not None:
            return done.result
        result = act()
        return self.step(name, lambda _tx: result)

    def progress(self, done: int, total: int | None) -> None:
        """Say how far the work is, at most once a second; renews the lease. Raises LeaseLost."""
        if monotonic() - self._told < PROGRESS_SECONDS and done != total:
            return
        self._told = monotonic()
        with self.transactions.database.write() as session:
            now = self.transactions.clock.now()
            self._fence(session, now)
            session.execute(
                update(Job)
                .where(Job.id == self.job_id)
                .values(progress_done=done, progress_total=total, progress_at=now)
            )

    def renew(self) -> None:
        """Extend the lease. Raises LeaseLost."""
        with self.transactions.database.write() as session:
            self._fence(session, self.transactions.clock.now())

    def _fence(self, session: Session, now: datetime) -> None:
        mine = and_(Job.id == self.job_id, Job.token == self._token, Job.state == RUNNING)
        renewed = session.execute(
            update(Job)
            .where(mine)
            .values(lease_until=now + self._lease)
            .execution_options(synchronize_session=False)
        )
        if renewed.rowcount != 1:  # type: ignore[attr-defined]
            raise LeaseLost("another worker holds this job now")


Handler = Callable[[JobContext], None]


class JobQueue:
    """Claims jobs, runs their handlers, keeps their leases alive and records how they ended.

    ``on_failure`` takes part in the transaction in which a job fails for good. While that cannot
    be committed the job has not failed: ``on_trouble`` hears of it and the job is tried again.
    """

    def __init__(
        self,
        transactions: Transactions,
        actor: Actor,
        handlers: Mapping[str, Handler],
        *,
        lease_seconds: int,
        on_failure: Callable[[Transaction, Claim, str], None] | None = None,
        on_trouble: Callable[[Claim], None] | None = None,
    ) -> None:
        self._transactions = transactions
        self._actor = actor
        self._handlers = handlers
        self._lease = lease_seconds
        self._on_failure = on_failure
        self._on_trouble = on_trouble

    @property
    def kinds(self) -> frozenset[str]:
        """Return every kind that this queue can run."""
        return frozenset(self._handlers)

    def claim(self, kinds: Collection[str] | None = None) -> Claim | None:
        """Take the job that has been due longest, or one whose worker fell silent.

        Of ``kinds`` only, if they are given. One whose worker fell silent at the last attempt has
        failed for good and is not run again.
        """
        while (taken := self._take(kinds)) is not None:
            claim, is_spent = taken
            if not is_spent:
                return claim
            log.error("worker lost", job=claim.job_id, kind=claim.kind)
            self._fail(claim, WORKER_LOST)
        return None

    def _take(self, kinds: Collection[str] | None) -> tuple[Claim, bool] | None:
        """Take a job, and say whether its attempts are used up."""
        wanted = list(self._handlers if kinds is None else kinds)
        with self._transactions.database.write() as session:
            now = self._transactions.clock.now()
            due = or_(
                and_(Job.state == READY, Job.run_after <= now),
                and_(Job.state == RUNNING, Job.lease_until < now),
            )
            query = select(Job).where(due, Job.kind.in_(wanted))
            job = session.scalars(
                query.order_by(Job.run_after, Job.id).limit(1).with_for_update(skip_locked=True)
            ).one_or_none()
            if job is None:
                return None
            # one that is ready was given another attempt, whatever their number
            is_spent = job.state == RUNNING and job.attempts >= MAX_ATTEMPTS
            job.state, job.token = RUNNING, secrets.token_hex(16)
            job.lease_until = now + timedelta(seconds=self._lease)
            if not is_spent:
                job.attempts += 1
                job.started_at = now
            claim = Claim(job.id, job.kind, dict(job.args), job.token, job.attempts)
            return claim, is_spent

    def run(self, claim: Claim) -> str:
        """Run one claimed job to its end; returns the state it was left in."""
        context = JobContext(self._transactions, self._actor, claim, self._lease)
        with _heartbeat(context, self._lease):
            try:
                self._handlers[claim.kind](context)
            except LeaseLost:
                return RUNNING
            except Postponed as wait:
                return self._finish(claim, READY, wait.code, wait.seconds, counted=False)
            except Exception as err:  # the worker outlives whatever a handler raises
                log.error("job", job=claim.job_id, kind=claim.kind, exc_info=err)
                return self._fail(claim, type(err).__name__)
        return self._finish(claim, DONE, None, 0)

    def enqueue_periodic(self, kind: str, every_seconds: int) -> None:
        """Add the job of the present time slot unless some worker already did."""
        slot = int(self._transactions.clock.now().timestamp()) // every_seconds
        dedup = f"{kind}:{slot}"
        with self._transactions.read() as session:  # so that no writer waits in vain
            if has_job(session, dedup):
                return
        try:
            with self._transactions.begin(self._actor) as tx:
                enqueue(tx, kind, {"slot": slot}, dedup=dedup)
        except IntegrityError:
            return  # another worker was first

    def _fail(self, claim: Claim, reason: str) -> str:
        if claim.attempts < MAX_ATTEMPTS:
            return self._finish(claim, READY, reason, 2**claim.attempts)
        try:
            with self._transactions.begin(self._actor) as tx:
                if _end(tx.session, claim, tx.now, FAILED, reason) and self._on_failure is not None:
                    self._on_failure(tx, claim, reason)
        except Exception as err:  # without its entry a failure is none
            log.critical("failure of a job cannot be entered", job=claim.job_id, exc_info=err)
            if self._on_trouble is not None:
                self._on_trouble(claim)
            return self._finish(claim, READY, reason, UNENTERED_SECONDS)
        return FAILED

    def _finish(
        self, claim: Claim, state: str, error: str | None, delay: int, *, counted: bool = True
    ) -> str:
        with self._transactions.database.write() as session:
            now = self._transactions.clock.now()
            _end(session, claim, now, state, error, delay=delay, counted=counted)
        return state


def _end(
    session: Session,
    claim: Claim,
    now: datetime,
    state: str,
    error: str | None,
    *,
    delay: int = 0,
    counted: bool = True,
) -> bool:
    """Record how a run of a job ended; False when another worker holds the job by now."""
    ended = session.execute(
        update(Job)
        .where(Job.id == claim.job_id, Job.token == claim.token)
        .values(
            state=state,
            error=error,
            attempts=claim.attempts if counted else claim.attempts - 1,
            token=None,
            lease_until=None,
            run_after=now + timedelta(seconds=delay),
            finished_at=None if state == READY else now,
        )
    )
    return bool(ended.rowcount == 1)  # type: ignore[attr-defined]


@contextmanager
def _heartbeat(context: JobContext, lease_seconds: int) -> Iterator[None]:
    """Renew the lease in the background while the handler works."""
    stop = threading.Event()

    def beat() -> None:
        while not stop.wait(lease_seconds / 3):
            try:
                context.renew()
            except LeaseLost:
                return
            except Exception as err:  # a database that is away for a moment comes back
                log.warning("lease not renewed", job=context.job_id, exc_info=err)

    thread = threading.Thread(target=beat, name=f"lease-{context.job_id}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
