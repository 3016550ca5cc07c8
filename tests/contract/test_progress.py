"""How far a job is that is at work, as REST and the command line tell it meanwhile."""

import json
import re

from lea_service.extraction.queries import RUN_JOB
from lea_service.kernel.actors import worker_actor
from lea_service.kernel.jobs import JobQueue
from lea_service.retention import store
from tests.contract.whole import admit, answer, record, settle, take_in
from tests.support.engines import ANY_ENGINE
from tests.support.retention import rule_request


def while_at_work(service, kind, steps, look):
    """Let a worker be at a job of a kind: it says each step, ten seconds after the one before."""

    def handle(context):
        for done, total in steps:
            service.clock.advance(seconds=10)
            context._told = -1.0  # as if a second had gone by
            context.progress(done, total)
            look()

    handlers = {kind: handle}
    queue = JobQueue(
        service.services.transactions, worker_actor(), handlers, lease_seconds=3600
    )  # fmt: skip
    assert queue.run(queue.claim()) == "done"


@ANY_ENGINE
def test_extraction_tells_done_of_and_rate(service, lea):
    agency, person, _ = admit(service)
    take_in(service)
    demand = record(service, agency, person)
    settle(service, demand)
    plan = answer(service, "handler", "POST", f"/demands/{demand}/plan", 201, json={}).json
    answer(service, "approver", "POST", f"/demands/{demand}/preview", 201)
    service.house.approve("extraction.plan", {"plan": plan["id"]})
    seen = []

    def look():
        job = answer(service, "handler", "GET", f"/demands/{demand}/progress", 200).json["job"]
        again = json.loads(lea("handler", "plan", "progress", demand, "--json"))["job"]
        assert again == job
        seen.append([job[name] for name in ("state", "done", "total", "rate")])
        words = [line.split() for line in lea("handler", "plan", "progress", demand).splitlines()]
        assert ["rows", "done", str(job["done"])] in words
        assert ["of", str(job["total"])] in words
        assert ["rows", "a", "second", str(job["rate"])] in words

    while_at_work(service, RUN_JOB, [(400, 1000), (1000, 1000)], look)
    assert seen == [["running", 400, 1000, 40], ["running", 1000, 1000, 50]]


@ANY_ENGINE
def test_purge_tells_done_of_and_rate(service, lea, monkeypatch):
    monkeypatch.setattr(store, "BATCH", 2)
    take_in(service)
    service.house.approve("retention.rule", rule_request(term=1, unit="days"), by="engineer1")
    service.clock.advance(days=2)
    seen = []

    def look(_done, _total):
        (purge,) = answer(service, "auditor", "GET", "/retention/purges", 200).json["items"]
        (again,) = json.loads(lea("auditor", "retention", "purges", "--json"))
        assert again == purge
        seen.append([purge[name] for name in ("done", "found", "rate", "rows")])
        titles, _, line = lea("auditor", "retention", "purges").splitlines()
        told = dict(zip(re.split("  +", titles), re.split("  +", line), strict=True))
        rate = "-" if purge["rate"] is None else str(purge["rate"])
        assert (told["rows done"], told["of"]) == (str(purge["done"]), "5")
        assert told["rows a second"] == rate
        service.clock.advance(seconds=1)

    service.services.retention.purge(worker_actor(), look)
    assert seen == [[2, 5, None, None], [4, 5, 4, None], [5, 5, 2, None], [5, 5, 2, None]]
    look(None, None)
    assert seen[-1] == [5, 5, 1, 5]
