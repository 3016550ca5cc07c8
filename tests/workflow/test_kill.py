"""Real worker processes are killed at any moment; another one ends what they began."""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from lea_service.kernel.jobs import MAX_ATTEMPTS
from tests.support import shifted_lea
from tests.support.clock import START
from tests.support.service import make_environ, make_whole
from tests.workflow.test_steps import check_once

CALLS, SEED = 20_000, 20_261_124
KILLS = MAX_ATTEMPTS - 1  # a job that kills more workers has failed for good
PATIENCE = 120


@pytest.fixture
def engine_name(request):
    return getattr(request, "param", "sqlite")


@pytest.fixture
def clock():
    return shifted_lea.ShiftedClock((START - datetime.now(UTC)).total_seconds())


@pytest.fixture
def environ(copy_database, tmp_path):
    urls = copy_database("cases"), copy_database("records")
    return make_environ(tmp_path, *urls, lease_seconds=2, checkpoint_seconds=1)


@pytest.fixture
def whole(environ, tmp_path, clock, ids, key_store):
    whole = make_whole(tmp_path, environ, key_store, clock, ids)
    yield whole
    whole.services.dispose()


@contextmanager
def worker(environ, clock):
    """Run a real worker; it is killed at the end if it is still there."""
    command = [sys.executable, "-m", shifted_lea.__name__, str(clock.seconds), "worker"]
    log = Path(environ["LEA_HOME"]) / "worker.log"
    with log.open("ab") as output:
        process = subprocess.Popen(
            command,
            cwd=Path(shifted_lea.__file__).parents[2],
            env={**os.environ, **environ},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def wait_until(find):
    """Ask again and again until ``find`` finds something, for a limited time."""
    deadline = time.monotonic() + PATIENCE
    while not (found := find()):
        assert time.monotonic() < deadline, "nothing happened in time"
        time.sleep(0.02)
    return found


@pytest.mark.slow
def test_killed_workers_end_with_one_of_everything(whole, environ, clock):
    whole.source()
    assert whole.calls(CALLS).added == CALLS
    demand = whole.decided()
    rng, kills = random.Random(SEED), 0
    while kills < KILLS and whole.state(demand) != "delivered":
        with worker(environ, clock) as process:
            wait_until(lambda: is_at_work(whole) or whole.state(demand) == "delivered")
            time.sleep(rng.uniform(0, 0.6))
            kills += whole.state(demand) != "delivered"
            process.send_signal(signal.SIGKILL)
    assert kills, "the machine was too fast for the test: raise CALLS"
    with worker(environ, clock):
        wait_until(lambda: whole.state(demand) == "delivered")
        wait_until(lambda: not is_at_work(whole))
    check_once(whole, demand, f"{kills} kills")
    report = whole.verify(whole.open(whole.fetch(whole.sign_in(), whole.package(demand))))
    assert (report.problems, report.doubts) == ([], [])
    assert report.rows == whole.services.extraction.get_progress(whole.actor(), demand).rows
    whole.check()


@pytest.mark.slow
@pytest.mark.postgres
@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
def test_another_worker_ends_what_a_killed_one_began(whole, environ, clock):
    whole.source()
    assert whole.calls(CALLS).added == CALLS
    demand = whole.decided()
    with worker(environ, clock) as process:
        wait_until(lambda: is_at_work(whole))
        process.send_signal(signal.SIGKILL)
        assert process.wait(PATIENCE) == -signal.SIGKILL
    assert whole.state(demand) != "delivered"
    assert is_at_work(whole)  # what it held is not given back: the lease must run out
    with worker(environ, clock):
        wait_until(lambda: whole.state(demand) == "delivered")
        wait_until(lambda: not is_at_work(whole))
    check_once(whole, demand, "one kill")
    whole.check()


@pytest.mark.slow
def test_worker_asked_to_stop_ends_its_job_first(whole, environ, clock):
    whole.source()
    whole.calls(2_000)
    demand = whole.decided()
    with worker(environ, clock) as process:
        wait_until(lambda: is_at_work(whole))
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0
    assert "running" not in {one.state for one in whole.jobs()}
    assert Counter(whole.events(demand))["extraction.started"] <= 1


def is_at_work(whole):
    kinds = {one.kind for one in whole.jobs() if one.state == "running"}
    return kinds & {"extraction.run", "package.seal", "package.release"}
