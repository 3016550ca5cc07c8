"""Ended between any two steps and begun again, by this worker or another: the same result."""

import pytest

from lea_service.extraction.queries import RUN_JOB
from lea_service.kernel.actors import worker_actor
from lea_service.kernel.jobs import JobQueue
from tests.support.extraction import START
from tests.support.jobs import run_due
from tests.support.log import check_log

STEPS = ("begin", "begun", "execute", "executed", "finish", "finished")


class Killed(BaseException):
    """Stands for kill -9: nothing in the worker catches it."""


def work(office, dies_at=None, executed=None):
    """Run what is due as the worker does; die at one place of the way."""

    def at(place):
        if place == dies_at:
            raise Killed

    def extract(context):
        run = context.args["run"]
        at("begin")
        context.step("begin", lambda tx: office.service.begin(tx, run))
        at("begun")

        def execute():
            at("execute")
            result = office.service.execute(worker_actor(), run, context.progress)
            executed.append(result["digest"])
            at("executed")
            return result

        result = context.effect("execute", execute)
        at("finish")
        context.step("finish", lambda tx: office.service.finish(tx, run, result))
        at("finished")
        office.service.sweep(run)

    queue = JobQueue(office.transactions, worker_actor(), {RUN_JOB: extract}, lease_seconds=30)
    return run_due(queue)


@pytest.mark.parametrize("dies_at", STEPS)
def test_death_between_steps_changes_no_result(office, clock, dies_at):
    office.source()
    office.calls(*[START] * 5)
    demand, run = office.decided()
    executed = []
    with pytest.raises(Killed):
        work(office, dies_at, executed)
    clock.advance(seconds=60)
    assert work(office, None, executed) == 1
    view = office.result(run)
    assert set(executed) == {view.result_digest}
    assert len(executed) == (2 if dies_at == "executed" else 1)
    assert len([path for path in office.folder.rglob("*") if path.is_file()]) == 1
    assert len(office.lines(run)["call"]) == 5
    events = office.events(demand)
    assert [events.count(one) for one in ("extraction.started", "extraction.done")] == [1, 1]
    check_log(office.log)


def test_another_worker_comes_to_the_same_digest(office):
    office.source()
    office.calls(*[START] * 3)
    _, run = office.decided()
    office.begin(run)
    one, other = (
        office.service.execute(worker_actor(), run),
        office.service.execute(worker_actor(), run),
    )
    assert one["digest"] == other["digest"]
    assert office.finish(run, one) == office.finish(run, other) == "done"
    assert office.service.sweep(run) == 1
    assert office.lines(run)


def test_progress_says_how_many_of_how_many(office):
    office.source()
    office.calls(*[START] * 4)
    demand, run = office.decided()
    assert office.service.get_progress(office.actor("handler1"), demand).job.state == "ready"
    work(office, None, [])
    seen = office.service.get_progress(office.actor("handler1"), demand)
    assert (seen.job.state, seen.job.done, seen.job.total, seen.rows) == ("done", 4, 4, 4)
    assert (seen.run_id, seen.needs_decision, seen.halt) == (run, False, None)


def test_rate_is_that_of_the_present_attempt(office, clock):
    demand, _ = office.decided()

    def move(context, seconds, rows):
        assert rate(office, demand) is None
        clock.advance(seconds=seconds)
        context.progress(rows, 400)
        assert rate(office, demand) == rows / seconds

    def attempt(seconds, rows, error=None):
        def handle(context):
            move(context, seconds, rows)
            if error is not None:
                raise error

        actor = worker_actor()
        run_due(JobQueue(office.transactions, actor, {RUN_JOB: handle}, lease_seconds=30))

    with pytest.raises(Killed):
        attempt(4, 200, Killed)
    clock.advance(hours=3)
    attempt(2, 400)
    assert rate(office, demand) == 200


def rate(office, demand):
    return office.service.get_progress(office.actor("handler1"), demand).job.rate
