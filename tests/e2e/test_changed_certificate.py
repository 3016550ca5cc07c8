"""A receiver's certificate that changes between decision and hand-over: nothing goes out."""

import json
from collections import Counter

import pytest
from cryptography.hazmat.primitives.hashes import SHA256

from lea_service.kernel.errors import WrongState
from tests.support.certificates import certificate
from tests.support.death import BEFORE, Killed, dying_at
from tests.support.service import read_members

LEASE = 31


@pytest.fixture
def filled(whole):
    whole.source()
    whole.calls(30)
    return whole


def revoke(whole):
    """End our trust in the receiver's certificate."""
    detail = whole.services.agencies.get_agency(whole.actor(), whole.agency)
    (known,) = detail.certificates
    whole.services.agencies.revoke_certificate(whole.actor(), known.id, "key_lost")


def replace(whole):
    """Let two people record another certificate of the receiver; the newest counts."""
    whole.register.certificate(whole.person, "p384")
    whole.kinds[whole.person] = "p384"


MOMENTS = [
    ("extraction.run", "begin", revoke),
    ("extraction.run", "execute", revoke),
    ("extraction.run", "execute", replace),
    ("package.seal", "write", revoke),
    ("package.seal", "write", replace),
    ("package.seal", "finish", revoke),
    ("package.seal", "finish", replace),
    ("package.release", "release", revoke),
    ("package.release", "release", replace),
]


@pytest.fixture(params=MOMENTS, ids=lambda moment: f"{moment[1]}-{moment[2].__name__}")
def stopped(filled, request, monkeypatch):
    """A demand whose worker died before a step; then the certificate changed."""
    kind, step, change = request.param
    demand = filled.decided()
    with dying_at(monkeypatch, kind, step, BEFORE), pytest.raises(Killed):
        filled.work()
    filled.clock.advance(seconds=1)
    change(filled)
    work_until_it_stops(filled)
    return demand


def test_nothing_goes_out_without_a_new_decision(filled, stopped):
    assert filled.state(stopped) == "halted"
    seen = filled.services.extraction.get_progress(filled.actor(), stopped)
    assert (seen.halt, seen.needs_decision) == ("certificate_changed", True)
    assert len(filled.alarms()) == 1
    assert filled.services.delivery.list_deliveries(filled.actor(), stopped) == []
    with pytest.raises(WrongState, match="only a new decision"):
        filled.services.extraction.resume(filled.actor(), stopped)
    work_until_it_stops(filled)
    assert filled.state(stopped) == "halted"
    assert len(filled.alarms()) == 1
    filled.check()


def test_new_decision_seals_for_the_new_certificate(filled, stopped):
    before = Counter(filled.events(stopped))["package.sealed"]
    if filled.kinds[filled.person] == "rsa":
        replace(filled)
    plan, _ = filled.plan(stopped)
    filled.house.decide(filled.propose(plan))
    work_until_it_stops(filled)
    assert filled.state(stopped) == "delivered"
    counts = Counter(filled.events(stopped))
    assert (counts["plan.approved"], counts["package.sealed"]) == (2, before + 1)
    assert counts["package.made_available"] == 1
    check_nothing_old_is_left(filled, stopped)
    container = filled.open(filled.fetch(filled.sign_in(), filled.package(stopped)))
    (receiver,) = json.loads(read_members(container)["manifest.json"])["receivers"]
    assert receiver["certificate"] == fingerprint("p384", filled.person)
    assert filled.verify(container).problems == []
    assert len(filled.alarms()) == 1
    filled.check()


def check_nothing_old_is_left(whole, demand):
    """Fail when a file of a run or package that was replaced is there still."""
    folder = whole.settings.packages_dir / demand
    assert [one.stem for one in folder.iterdir()] == [whole.package(demand)]
    progress = whole.services.extraction.get_progress(whole.actor(), demand)
    spools = (whole.settings.spool_dir / demand).glob("*/*")
    assert {one.parent.name for one in spools} == {progress.run_id}
    assert len({one.id for one in whole.jobs() if one.state == "failed"}) <= 1


def test_lifted_suspension_needs_no_new_decision(filled, monkeypatch):
    demand = filled.decided()
    with dying_at(monkeypatch, "package.seal", "write", BEFORE), pytest.raises(Killed):
        filled.work()
    filled.suspend(filled.person)
    work_until_it_stops(filled)
    assert filled.state(demand) == "halted"
    filled.lift(filled.person)
    filled.services.extraction.resume(filled.actor(), demand)
    filled.work()
    assert filled.state(demand) == "delivered"


def work_until_it_stops(whole):
    """Let more time pass than a job that fails is given."""
    for _ in range(8):
        whole.clock.advance(seconds=LEASE)
        whole.work()


def fingerprint(kind, name):
    return certificate(kind, name).fingerprint(SHA256()).hex()
