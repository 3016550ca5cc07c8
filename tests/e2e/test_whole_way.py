"""The whole way of a demand through every part as it is wired, from arrival to erasure."""

import json

import pytest

from lea_service.custody.queries import list_stream
from lea_service.kernel.actors import worker_actor
from lea_service.kernel.errors import Unavailable, WrongState
from lea_service.packaging.receipt import read_receipt_code
from tests.support.death import AFTER, Killed, dying_at
from tests.support.service import OTHER, make_item, read_members

UNSEEN = "+31887654321"
GRACE_DAYS = 14


@pytest.fixture
def filled(whole):
    whole.source()
    whole.calls(30)
    return whole


@pytest.fixture
def shared(filled):
    """A demand for a person with an RSA key and a desk with an EC key, delivered."""
    clerk = filled.receiver("p384", "Bram Clerk")
    desk = filled.desk([clerk])
    items = [make_item(), make_item(UNSEEN)]
    demand = filled.record(items, receivers=[filled.person, desk])
    return filled, filled.delivered(demand), clerk, desk


def test_each_item_has_an_outcome_of_its_own(shared):
    whole, demand, _, _ = shared
    members = whole.opened(demand)
    items = json.loads(members["manifest.json"])["items"]
    assert [(one["outcome"], one["rows"]) for one in items] == [
        ("delivered", 30),
        ("nothing_found", 0),
    ]
    said = members["LETTER.en.txt"].decode()
    assert "Delivered: 30 records in this package." in said
    assert "Nothing found" in said
    assert "Niets aangetroffen" in members["LETTER.nl.txt"].decode()


def test_every_receiver_opens_it_with_a_key_of_theirs(shared):
    whole, demand, clerk, desk = shared
    package = whole.package(demand)
    data = whole.fetch(whole.sign_in(), package)
    assert whole.fetch(whole.sign_in(clerk), package) == data
    containers = [whole.open(data, holder) for holder in (whole.person, desk)]
    assert len({one.read_bytes() for one in containers}) == 1
    report = whole.verify(containers[0])
    assert (report.problems, report.doubts, report.rows) == ([], [], 30)


def test_member_of_a_desk_gives_the_receipt(shared):
    whole, demand, clerk, desk = shared
    member, package = whole.sign_in(clerk), whole.package(demand)
    container = whole.open(whole.fetch(member, package), desk)
    assert whole.state(demand) == "delivered"
    code = read_receipt_code(read_members(container)["RECEIPT.txt"])
    assert whole.services.delivery.give_receipt(member, package, code).is_accepted
    assert whole.state(demand) == "acknowledged"
    whole.check()


def test_result_ends_after_grace_and_the_log_verifies_on(filled):
    demand = filled.delivered()
    package = filled.package(demand)
    receiver = filled.sign_in()
    filled.acknowledge(demand, receiver)
    before = filled.bundle(demand), filled.bundle()
    entries = stream_bytes(filled, demand)
    filled.clock.advance(days=GRACE_DAYS, seconds=1)
    filled.work()
    assert filled.state(demand) == "erased"
    filled.check_bundle(before[0])
    filled.check_bundle(before[1])
    assert stream_bytes(filled, demand)[: len(entries)] == entries
    assert not (filled.settings.packages_dir / demand).exists()
    assert not (filled.settings.spool_dir / demand).exists()
    with pytest.raises(WrongState, match="gone"):
        filled.services.delivery.fetch(receiver, package)
    with pytest.raises(Unavailable, match="destroyed"):
        filled.services.packaging.open_ciphertext(package)
    filled.check_bundle(filled.bundle(demand))
    filled.check_bundle(filled.bundle())
    filled.check()
    assert filled.services.demands.get(filled.actor(), demand).items  # the file key lives on


def test_copy_of_an_erased_package_stays_unreadable(filled):
    demand = filled.delivered()
    package = filled.package(demand)
    path = filled.settings.packages_dir / demand / f"{package}.sealed"
    copy = path.read_bytes()
    filled.acknowledge(demand)
    filled.clock.advance(days=GRACE_DAYS, seconds=1)
    filled.work()
    path.parent.mkdir()
    path.write_bytes(copy)
    with pytest.raises(Unavailable, match="destroyed"):
        filled.services.packaging.open_ciphertext(package)


@pytest.mark.parametrize("state", ["received", "under_review", "clarification", "approved"])
def test_demand_is_withdrawn_before_work_begins(filled, state):
    demand = bring_to(filled, state)
    check_withdrawn(filled, demand)
    assert not (filled.settings.spool_dir / demand).exists()


@pytest.mark.parametrize("point", ["begin", "execute"])
def test_demand_is_withdrawn_while_it_is_extracted(filled, point, monkeypatch):
    demand = die_at(filled, monkeypatch, "extraction.run", point)
    assert filled.state(demand) == "extracting"
    check_withdrawn(filled, demand)


@pytest.mark.parametrize("point", ["begin", "write"])
def test_demand_is_withdrawn_while_it_is_sealed(filled, point, monkeypatch):
    demand = die_at(filled, monkeypatch, "package.seal", point)
    assert filled.state(demand) == "sealing"
    check_withdrawn(filled, demand)


def test_sealed_demand_is_withdrawn(filled, monkeypatch):
    demand = die_at(filled, monkeypatch, "package.seal", "finish")
    assert filled.state(demand) == "ready"
    check_withdrawn(filled, demand)


def test_halted_demand_is_withdrawn(filled):
    demand = filled.decided()
    with filled.services.transactions.begin(worker_actor()) as tx:
        run = filled.jobs("extraction.run")[0].args["run"]
        filled.services.extraction.begin(tx, run)
        filled.services.extraction.halt(tx, run)
    check_withdrawn(filled, demand)


def test_delivered_demand_is_not_withdrawn(filled):
    demand = filled.delivered()
    with pytest.raises(WrongState):
        filled.withdraw(demand)


def test_suspension_after_approval_keeps_records_unread(filled, monkeypatch):
    demand = filled.decided()
    filled.suspend()
    looked = []
    reader = filled.services.extraction._reader
    snapshot = reader.snapshot
    monkeypatch.setattr(reader, "snapshot", lambda: looked.append(1) or snapshot())
    for _ in range(3):
        filled.work()
        filled.clock.advance(seconds=301)
    assert (filled.state(demand), looked) == ("approved", [])
    assert "extraction.started" not in filled.events(demand)
    filled.lift()
    filled.clock.advance(seconds=301)
    filled.work()
    assert filled.state(demand) == "delivered"
    assert len(looked) == 1
    filled.check()


def test_suspension_after_sealing_keeps_the_package_in(filled, monkeypatch):
    demand = die_at(filled, monkeypatch, "package.seal", "finish")
    filled.suspend()
    filled.clock.advance(seconds=31)
    filled.work()
    assert filled.state(demand) == "ready"
    filled.lift()
    filled.clock.advance(seconds=301)
    filled.work()
    assert filled.state(demand) == "delivered"


def test_nothing_found_is_answered_formally(filled):
    demand = filled.delivered(filled.record([make_item(UNSEEN)]))
    members = filled.opened(demand)
    manifest = json.loads(members["manifest.json"])
    assert [one["outcome"] for one in manifest["items"]] == ["nothing_found"]
    assert members.get("records/call-1.jsonl", b"") == b""
    filled.acknowledge(demand)
    filled.check()


def test_both_parties_of_a_call_match(filled):
    demand = filled.delivered(filled.record([make_item(OTHER)]))
    rows = filled.opened(demand)["records/call-1.jsonl"].splitlines()
    assert {json.loads(row)["callee"] for row in rows} == {OTHER}
    assert len(rows) == 30


def stream_bytes(whole, demand):
    """Return the entries of a demand as they are stored."""
    with whole.services.transactions.read() as session:
        return [one.data for one in list_stream(session, demand)]


def bring_to(whole, state):
    """Bring a new demand to a state in which no work has begun."""
    demand = whole.record()
    if state != "received":
        whole.settle(demand)
    if state == "clarification":
        whole.services.legal.ask_clarification(
            whole.actor(), demand, "which of the two?", reasons=["target"]
        )
    if state == "approved":
        plan, _ = whole.plan(demand)
        whole.house.decide(whole.propose(plan))
    assert whole.state(demand) == state
    return demand


def die_at(whole, monkeypatch, kind, step):
    """Decide on a new demand and let the worker die after a step; returns the demand."""
    demand = whole.decided()
    with dying_at(monkeypatch, kind, step, AFTER), pytest.raises(Killed):
        whole.work()
    return demand


def check_withdrawn(whole, demand):
    """Withdraw; whatever was at work ends quietly, and the rest ends when it is closed."""
    whole.withdraw(demand)
    whole.clock.advance(seconds=301)
    whole.work()
    assert whole.state(demand) == "withdrawn"
    assert "package.made_available" not in whole.events(demand)
    assert whole.alarms() == []
    assert {one.state for one in whole.jobs()} == {"done"}
    whole.services.demands.close(whole.actor(), demand)
    whole.clock.advance(hours=1)
    whole.work()
    assert whole.state(demand) == "erased"
    assert not (whole.settings.packages_dir / demand).exists()
    assert not (whole.settings.spool_dir / demand).exists()
    whole.check()
