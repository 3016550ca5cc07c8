"""What happens to a job whose worker dies, and to a demand whose job fails for good."""

from collections import Counter

import pytest

from lea_service.kernel.actors import worker_actor
from lea_service.kernel.errors import WrongState
from tests.support.death import AFTER, BEFORE, STEPS, Killed, dying_at

ONCE = (
    "extraction.started",
    "extraction.done",
    "package.sealing_started",
    "package.sealed",
    "package.made_available",
)
LEASE = 31


@pytest.fixture
def filled(whole):
    whole.source()
    whole.calls(30)
    whole.work()
    return whole


def test_worker_that_dies_at_every_point_ends_after_all(filled, monkeypatch):
    demand = filled.decided()
    for kind in ("extraction.run", "package.seal", "package.release"):
        for step in STEPS[kind]:
            with dying_at(monkeypatch, kind, step, AFTER), pytest.raises(Killed):
                filled.work()
            filled.clock.advance(seconds=LEASE)
    filled.work()
    check_once(filled, demand, "all")
    assert filled.verify(filled.open(filled.fetch(filled.sign_in(), filled.package(demand)))).rows


@pytest.mark.parametrize("moment", ["write", "execute"])
def test_job_that_fails_for_good_halts_the_demand(filled, moment):
    folder = {"write": filled.settings.packages_dir, "execute": filled.settings.spool_dir}[moment]
    folder.write_text("a file where a folder belongs")
    demand = filled.decided()
    fail_for_good(filled)
    assert filled.state(demand) == "halted"
    assert Counter(filled.events(demand))["job.failed"] == 1
    (failed,) = [one for one in filled.jobs() if one.state == "failed"]
    assert filled.alarms() == [failed.id]
    folder.unlink()
    filled.services.extraction.resume(filled.actor(), demand)
    filled.work()
    again = "extraction.started" if moment == "execute" else "package.sealing_started"
    check_once(filled, demand, moment, **{again: 2})
    filled.check()


def test_release_that_fails_for_good_is_resumed(filled, monkeypatch):
    demand = filled.decided()
    root = filled.settings.staff_root
    with dying_at(monkeypatch, "package.seal", "finish", AFTER), pytest.raises(Killed):
        filled.work()
    kept = root.read_bytes()
    root.write_bytes(b"{}")
    fail_for_good(filled)
    assert filled.state(demand) == "halted"
    assert filled.events(demand)[-2:] == ["job.failed", "extraction.halted"]
    assert filled.services.extraction.get_progress(filled.actor(), demand).halt == "failed"
    assert len(filled.alarms()) == 1
    root.write_bytes(kept)
    filled.services.extraction.resume(filled.actor(), demand)
    assert filled.state(demand) == "ready"
    filled.work()
    check_once(filled, demand, "release")
    filled.check()


def test_old_release_stops_no_later_run(filled, monkeypatch):
    """A worker was away with a hand-over that halted; the demand is at another run by then."""
    demand = filled.decided()
    with dying_at(monkeypatch, "package.release", "release", BEFORE), pytest.raises(Killed):
        filled.work()
    (old,) = filled.jobs("package.release")
    halt(filled, old.args["run"])
    assert filled.state(demand) == "halted"
    plan, _ = filled.plan(demand)
    filled.house.decide(filled.propose(plan))
    with dying_at(monkeypatch, "extraction.run", "execute", BEFORE), pytest.raises(Killed):
        filled.work()
    halt(filled, old.args["run"])
    assert filled.state(demand) == "extracting"
    fail_for_good(filled)
    assert filled.state(demand) == "delivered"
    counts = Counter(filled.events(demand))
    assert (counts["package.sealed"], counts["package.made_available"]) == (2, 1)
    assert {one.state for one in filled.jobs("package.release")} == {"done"}
    assert filled.alarms() == []
    filled.check()


def test_resumed_run_gives_way_to_a_new_plan(filled, monkeypatch):
    """Somebody resumes and somebody compiles anew before a worker comes by."""
    demand = filled.decided()
    with dying_at(monkeypatch, "package.seal", "write", BEFORE), pytest.raises(Killed):
        filled.work()
    (job,) = filled.jobs("package.seal")
    halt(filled, job.args["run"])
    filled.services.extraction.resume(filled.actor(), demand)
    plan, _ = filled.plan(demand)
    with pytest.raises(WrongState, match="two people decide"):
        filled.services.extraction.resume(filled.actor(), demand)
    fail_for_good(filled)
    assert filled.state(demand) == "halted"
    assert filled.alarms() == []
    filled.house.decide(filled.propose(plan))
    filled.work()
    twice = ("extraction.started", "extraction.done", "package.sealing_started")
    check_once(filled, demand, "anew", **dict.fromkeys(twice, 2))
    filled.check()


def test_withdrawn_demand_ends_its_job_quietly(filled):
    demand = filled.decided()
    filled.withdraw(demand)
    filled.work()
    assert filled.state(demand) == "withdrawn"
    assert {one.state for one in filled.jobs("extraction.run")} == {"done"}
    assert filled.alarms() == []


def halt(whole, run):
    """Halt the demand of a run as the worker does when a job failed for good."""
    with whole.services.transactions.begin(worker_actor()) as tx:
        whole.services.extraction.halt(tx, run)


def fail_for_good(whole):
    """Let time pass until a failing job has been tried five times, and notices went out."""
    for _ in range(8):
        whole.work()
        whole.clock.advance(seconds=LEASE)


def check_once(whole, demand, point, **others):
    """Fail unless everything was entered and made exactly once."""
    assert whole.state(demand) == "delivered", point
    counts = Counter(whole.events(demand))
    assert {name: counts[name] for name in ONCE} == dict.fromkeys(ONCE, 1) | others, point
    package = whole.package(demand)
    files = [path.name for path in (whole.settings.packages_dir / demand).iterdir()]
    assert files == [f"{package}.sealed"], point
    (spool,) = (whole.settings.spool_dir / demand).glob("*/*")
    assert spool.is_file(), point
    (delivery,) = whole.services.delivery.list_deliveries(whole.actor(), demand)
    assert delivery.package == package, point
    told = [one for one in whole.jobs("notice.send") if one.args.get("demand") == demand]
    assert Counter(one.args["template"] for one in told)["package.available"] == 1, point
