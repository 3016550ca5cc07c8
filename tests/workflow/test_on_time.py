"""What falls due during a long job is done during it, by the one worker there is."""

from threading import Event

import pytest

from lea_service.custody.queries import find_checkpoint, list_stream
from lea_service.kernel.actors import worker_actor
from lea_service.kernel.jobs import JobQueue, enqueue
from lea_service.kernel.outbox import enqueue_alarm
from lea_service.workflow.steps import SETTLE_JOB, SWEEP_JOB
from tests.support.service import make_environ, make_whole

PATIENCE = 30
"""Seconds after which a test gives up; where the code is right it never waits them out."""


@pytest.fixture
def whole(copy_database, tmp_path, clock, ids, key_store):
    urls = copy_database("cases"), copy_database("records")
    environ = make_environ(tmp_path, *urls, checkpoint_seconds=1)
    whole = make_whole(tmp_path, environ, key_store, clock, ids)
    yield whole
    whole.services.dispose()


def tell(monkeypatch, owner, name):
    """Return an event that is set each time the method has returned."""
    method, done = getattr(owner, name), Event()

    def telling(*args):
        result = method(*args)
        done.set()
        return result

    monkeypatch.setattr(owner, name, telling)
    return done


def again(event):
    """Say whether it ends once more from now on; twice means that it began since."""
    event.clear()
    return event.wait(PATIENCE)


def is_covered(whole, stream):
    """Say whether a checkpoint covers the last entry of a stream."""
    with whole.services.transactions.read() as session:
        return (
            find_checkpoint(session, at_least=list_stream(session, stream)[-1].idx + 1) is not None
        )


def test_long_job_keeps_nothing_waiting(whole, monkeypatch):
    whole.source()
    whole.calls(3)
    whole.work()
    whole.clock.advance(hours=2)
    demand, worker, seen = whole.decided(), whole.new_worker(), {}
    services = whole.services
    execute = services.extraction.execute
    told = tell(monkeypatch, services.notices, "send")
    signed = tell(monkeypatch, services.custody.checkpointer, "publish")
    settled = tell(monkeypatch, services.imports, "reconcile")
    swept = tell(monkeypatch, services.delivery.closing, "sweep")

    def long(*args):
        told.clear()
        with services.transactions.begin(worker_actor()) as tx:
            enqueue_alarm(tx, about=demand, occasion="amid the job")
        seen["notice"] = told.wait(PATIENCE)
        seen["checkpoint"] = all(again(signed) for _ in "12") and is_covered(whole, demand)
        seen["recurring"] = settled.wait(PATIENCE) and swept.wait(PATIENCE)
        worker.stop()
        seen["checkpoint of the last job"] = again(signed)
        return execute(*args)

    monkeypatch.setattr(services.extraction, "execute", long)
    worker.run()
    assert [name for name, happened in seen.items() if not happened] == []
    assert {one.state for one in whole.jobs("extraction.run")} == {"done"}
    whole.work()
    assert whole.state(demand) == "delivered"
    assert {len(whole.jobs(kind)) for kind in (SWEEP_JOB, SETTLE_JOB)} == {2}
    whole.check()


def test_claim_of_some_kinds_leaves_the_others(whole):
    handlers = {"long": None, "short": None}
    transactions = whole.services.transactions
    queue = JobQueue(transactions, worker_actor(), handlers, lease_seconds=30)
    with transactions.begin(worker_actor()) as tx:
        enqueue(tx, "long", {})
        short = enqueue(tx, "short", {})
    assert queue.claim(["short"]).job_id == short
    assert queue.claim(["short"]) is None
    assert queue.claim().kind == "long"
