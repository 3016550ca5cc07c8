import threading
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from lea_service.kernel.actors import worker_actor
from lea_service.kernel.crypto import BlindIndex, LocalKeyEncryption
from lea_service.kernel.database import CaseBase, Database
from lea_service.kernel.datakeys import DataKeys
from lea_service.kernel.errors import InvalidInput
from lea_service.kernel.ids import RandomIds
from lea_service.kernel.jobs import (
    Job,
    JobQueue,
    JobStep,
    LeaseLost,
    Postponed,
    _heartbeat,
    enqueue,
    prune_done,
    retry_failed,
)
from lea_service.kernel.transactions import Transactions
from tests.support.application import quiet_logs
from tests.support.clock import FixedClock
from tests.support.jobs import run_due


class NoJournal:
    def append(self, session, keys, drafts, now):
        raise AssertionError("jobs of these tests enter nothing")


@pytest.fixture
def clock():
    return FixedClock()


@pytest.fixture
def transactions(cases_url, clock):
    database = Database(cases_url)
    CaseBase.metadata.create_all(database.engine, tables=[*_tables()])
    keys, index = DataKeys(LocalKeyEncryption(bytes(32))), BlindIndex(bytes(32))
    yield Transactions(database, clock, RandomIds(), keys, index, NoJournal())
    database.dispose()


def _tables():
    names = ("jobs", "job_steps", "data_keys")
    return [CaseBase.metadata.tables[name] for name in names]


def queue(transactions, **handlers):
    return JobQueue(
        transactions,
        worker_actor(),
        {k.replace("_", "."): h for k, h in handlers.items()},
        lease_seconds=60,
    )


def add(transactions, kind="count.rows", **kwargs):
    with transactions.begin(worker_actor()) as tx:
        return enqueue(tx, kind, {"demand": "c_1"}, **kwargs)


def state(transactions, job_id):
    with transactions.read() as session:
        return session.scalar(select(Job.state).where(Job.id == job_id))


def test_job_exists_only_if_its_use_case_commits(transactions):
    def change_of_mind():
        with transactions.begin(worker_actor()) as tx:
            enqueue(tx, "count.rows", {})
            raise InvalidInput("changed my mind")

    with pytest.raises(InvalidInput):
        change_of_mind()
    assert run_due(queue(transactions, count_rows=lambda ctx: None)) == 0


def test_finished_step_is_never_done_again(transactions, clock):
    done = []

    def handler(ctx):
        ctx.step("first", lambda tx: done.append("first"))
        if ctx.attempts == 1:
            raise ConnectionError
        ctx.step("second", lambda tx: done.append("second"))

    job_id = add(transactions)
    jobs = queue(transactions, count_rows=handler)
    run_due(jobs)
    clock.advance(seconds=10)
    run_due(jobs)
    assert done == ["first", "second"]
    assert state(transactions, job_id) == "done"


def test_step_result_is_given_back(transactions, clock):
    seen = []

    def handler(ctx):
        seen.append(ctx.effect("outside", lambda: {"attempt": ctx.attempts}))
        if ctx.attempts == 1:
            raise ConnectionError

    add(transactions)
    jobs = queue(transactions, count_rows=handler)
    run_due(jobs)
    clock.advance(seconds=10)
    run_due(jobs)
    assert seen == [{"attempt": 1}, {"attempt": 1}]


def test_silent_worker_is_overtaken_and_fenced_off(transactions, clock):
    job_id = add(transactions)
    slow, fast = queue(transactions, count_rows=lambda ctx: None), []

    claim = slow.claim()
    clock.advance(seconds=61)
    other = queue(transactions, count_rows=lambda ctx: ctx.step("write", lambda tx: fast.append(1)))
    assert run_due(other) == 1

    late = JobQueue(transactions, worker_actor(), {"count.rows": _write_late}, lease_seconds=60)
    assert late.run(claim) == "running"
    assert fast == [1]
    assert state(transactions, job_id) == "done"


def _write_late(ctx):
    ctx.step("write again", lambda tx: pytest.fail("a fenced worker wrote"))


def test_lease_that_was_renewed_is_not_taken(transactions, clock):
    add(transactions)
    first = queue(transactions, count_rows=lambda ctx: None)

    def handler(ctx):
        clock.advance(seconds=50)
        ctx.progress(5, 10)
        clock.advance(seconds=50)
        assert first.claim() is None
        ctx.step("end", lambda tx: None)

    assert run_due(queue(transactions, count_rows=handler)) == 1


def test_many_workers_claim_each_job_once(transactions):
    for _ in range(20):
        add(transactions)
    ran, lock = [], threading.Lock()

    def handler(ctx):
        with lock:
            ran.append(ctx.job_id)

    threads = [
        threading.Thread(target=run_due, args=[queue(transactions, count_rows=handler)])
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(ran) == len(set(ran)) == 20


def test_failing_job_is_tried_five_times_and_reported(transactions, clock):
    failures = []

    def handler(ctx):
        raise ConnectionError("secret text")

    job_id = add(transactions)
    jobs = JobQueue(
        transactions,
        worker_actor(),
        {"count.rows": handler},
        lease_seconds=60,
        on_failure=lambda tx, claim, reason: failures.append((claim.job_id, reason)),
    )
    for _ in range(6):
        run_due(jobs)
        clock.advance(seconds=120)
    assert failures == [(job_id, "ConnectionError")]
    assert state(transactions, job_id) == "failed"


def test_job_that_kills_its_workers_fails(transactions, clock):
    failures = []
    job_id = add(transactions)
    jobs = JobQueue(
        transactions,
        worker_actor(),
        {"count.rows": lambda ctx: pytest.fail("no worker lived to run it")},
        lease_seconds=60,
        on_failure=lambda tx, claim, reason: failures.append((claim.job_id, reason)),
    )
    for attempt in range(1, 6):
        assert jobs.claim().attempts == attempt
        clock.advance(seconds=61)
    other = add(transactions)
    assert jobs.claim().job_id == other
    assert failures == [(job_id, "WorkerLost")]
    assert state(transactions, job_id) == "failed"


def failing_queue(transactions, enter, troubles):
    """Return a queue whose jobs never succeed; ``enter`` takes in that one failed for good."""
    return JobQueue(
        transactions,
        worker_actor(),
        {"count.rows": lambda context: 1 / 0},
        lease_seconds=60,
        on_failure=enter,
        on_trouble=lambda claim: troubles.append(claim.job_id),
    )


def test_lost_job_waits_until_its_failure_is_entered(transactions, clock):
    entered, troubles = [], []

    def enter(tx, claim, reason):
        if not troubles:
            raise OSError("no room in the log")
        entered.append(claim.job_id)

    job_id = add(transactions)
    jobs = failing_queue(transactions, enter, troubles)
    for _ in range(5):
        jobs.claim()
        clock.advance(seconds=61)
    assert jobs.claim() is None
    assert (state(transactions, job_id), troubles) == ("ready", [job_id])
    clock.advance(seconds=61)
    run_due(jobs)
    assert (state(transactions, job_id), entered) == ("failed", [job_id])


def test_failure_that_cannot_be_entered_is_no_failure(transactions, clock):
    entered, troubles, is_full = [], [], [True]

    def enter(tx, claim, reason):
        if is_full:
            raise OSError("no room in the log")
        entered.append(claim.job_id)

    job_id = add(transactions)
    jobs = failing_queue(transactions, enter, troubles)
    for _ in range(6):
        run_due(jobs)
        clock.advance(seconds=120)
    assert (state(transactions, job_id), entered, set(troubles)) == ("ready", [], {job_id})
    is_full.clear()
    run_due(jobs)
    assert (state(transactions, job_id), entered) == ("failed", [job_id])


def test_failed_job_is_tried_anew_when_asked(transactions, clock):
    ran = []

    def handler(context):
        ran.append(context.attempts)
        if len(ran) < 6:
            raise ConnectionError

    job_id = add(transactions, subject="c_1")
    jobs = queue(transactions, count_rows=handler)
    for _ in range(6):
        run_due(jobs)
        clock.advance(seconds=120)
    with transactions.begin(worker_actor()) as tx:
        assert retry_failed(tx, "count.rows", "c_2", {"demand": "c_1"}) is None
        assert retry_failed(tx, "count.rows", "c_1", {"demand": "c_2"}) is None
        assert retry_failed(tx, "count.rows", "c_1", {"demand": "c_1"}) == job_id
    run_due(jobs)
    assert ran == [1, 2, 3, 4, 5, 1]
    assert state(transactions, job_id) == "done"


def test_postponed_job_waits_without_counting(transactions, clock):
    tries = []

    def handler(ctx):
        tries.append(ctx.attempts)
        if len(tries) < 8:
            raise Postponed("not yet", 30)

    job_id = add(transactions)
    jobs = queue(transactions, count_rows=handler)
    for _ in range(8):
        run_due(jobs)
        clock.advance(seconds=31)
    assert tries == [1] * 8
    assert state(transactions, job_id) == "done"


def test_same_dedup_adds_one_job(transactions):
    assert add(transactions, dedup="once") == add(transactions, dedup="once")


def test_periodic_job_is_added_once_a_slot(transactions, clock):
    ran = []
    jobs = queue(transactions, purge_rows=lambda ctx: ran.append(ctx.args["slot"]))
    for _ in range(3):
        jobs.enqueue_periodic("purge.rows", 3600)
    run_due(jobs)
    clock.advance(hours=1)
    jobs.enqueue_periodic("purge.rows", 3600)
    run_due(jobs)
    assert len(ran) == len(set(ran)) == 2


class Flaky:
    """A job whose lease cannot be renewed twice, then can, then is lost."""

    job_id = "j_1"

    def __init__(self):
        self.outcomes = [ConnectionError("Jan"), OperationalError("Jan", {}, OSError()), None]
        self.renewed, self.lost = threading.Event(), threading.Event()

    def renew(self):
        if not self.outcomes:
            assert not self.lost.is_set()
            self.lost.set()
            raise LeaseLost("another worker holds this job now")
        outcome = self.outcomes.pop(0)
        if outcome is not None:
            raise outcome
        self.renewed.set()


def test_lease_is_renewed_after_a_database_was_away():
    job = Flaky()
    with quiet_logs() as lines, _heartbeat(job, 0.03):
        assert job.renewed.wait(10)
        assert job.lost.wait(10)
    assert lines.getvalue().count("lease not renewed") == 2


def test_old_periodic_jobs_are_forgotten_with_their_steps(transactions, clock):
    jobs = queue(transactions, purge_rows=lambda ctx: ctx.step("once", lambda tx: None))
    for days in (31, 1, 0):
        jobs.enqueue_periodic("purge.rows", 3600)
        add(transactions, "purge.rows", subject="c_1")
        add(transactions, "other.kind")
        run_due(jobs)
        clock.advance(days=days)
    jobs.enqueue_periodic("purge.rows", 3600)
    with transactions.begin(worker_actor()) as tx:
        assert prune_done(tx, ["purge.rows"], tx.now - timedelta(days=30)) == 1
    with transactions.read() as session:
        rows = list(session.scalars(select(Job)))
        steps = set(session.scalars(select(JobStep.job_id)))
    assert sorted((one.kind, one.subject, one.state) for one in rows if one.subject is None) == [
        *[("other.kind", None, "ready")] * 3,
        *[("purge.rows", None, "done")] * 2,
    ]
    assert sum(one.subject is not None for one in rows) == 3
    assert steps == {one.id for one in rows if one.state == "done"}


def test_progress_needs_the_lease(transactions, clock):
    def handler(ctx):
        clock.advance(seconds=61)
        run_due(queue(transactions, count_rows=lambda other: None))
        with pytest.raises(LeaseLost):
            ctx.progress(1, 2)

    add(transactions)
    run_due(queue(transactions, count_rows=handler))
