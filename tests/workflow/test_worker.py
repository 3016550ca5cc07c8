from threading import current_thread

import pytest

from lea_service.workflow import worker as module
from lea_service.workflow.worker import Periodic, Tick, Worker


class Queue:
    """Holds nothing; whatever is asked first fails as a database does that is away."""

    kinds = frozenset({"long", "short"})

    def __init__(self, failures=0):
        self.failures = failures
        self.asked = 0
        self.added = []
        self.then = lambda: None

    def enqueue_periodic(self, kind, every_seconds):
        self.added.append((kind, every_seconds))

    def claim(self, kinds=None):
        if kinds is not None and "long" not in kinds:
            return
        self.asked += 1
        if self.asked <= self.failures:
            raise ConnectionError
        self.then()


def test_worker_outlives_a_database_that_is_away(monkeypatch):
    monkeypatch.setattr(module, "TROUBLE_SECONDS", 0)
    queue = Queue(failures=3)
    worker = Worker(queue, poll_seconds=0)
    queue.then = worker.stop
    worker.run()
    assert queue.asked == 4


def test_clock_is_kept_by_a_tick_that_failed(monkeypatch):
    monkeypatch.setattr(module, "TROUBLE_SECONDS", 0)
    rounds = []

    def act():
        rounds.append(1)
        if len(rounds) < 4:
            raise ConnectionError
        worker.stop()

    worker = Worker(Queue(), ticks=[Tick(act, 0)], poll_seconds=0)
    worker.run()
    assert len(rounds) >= 4


def test_worker_that_is_stopped_claims_nothing():
    queue = Queue()
    worker = Worker(queue)
    worker.stop()
    worker.run()
    assert (worker.run_once(), queue.asked) == (0, 0)


def test_worker_adds_what_recurs():
    queue = Queue()
    Worker(queue, periodic=[Periodic("retention.purge", 60)]).run_once()
    assert queue.added == [("retention.purge", 60)]


def test_long_jobs_wait_behind_no_short_one():
    asked = {}

    class Seen(Queue):
        def claim(self, kinds=None):
            asked[current_thread().name] = set(kinds)
            if len(asked) == 2:
                worker.stop()

    worker = Worker(Seen(), short={"short"}, poll_seconds=0)
    worker.run()
    assert asked == {current_thread().name: {"long"}, "short": {"short"}}


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_worker_whose_clock_died_ends(monkeypatch):
    def fail(*_args, **_fields):
        raise OSError  # the log cannot be written

    def act():
        raise ConnectionError

    monkeypatch.setattr(module.log, "critical", fail, raising=False)
    Worker(Queue(), ticks=[Tick(act, 0)], poll_seconds=0).run()
