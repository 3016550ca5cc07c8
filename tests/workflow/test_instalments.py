"""An order for data still to come, on its way: one decision, and a package for each instalment."""

import json
from datetime import datetime

import pytest

from lea_service.kernel.errors import WrongState
from lea_service.packaging.receipt import read_receipt_code
from tests.support.service import PHONE, make_item, read_members

WEEKS = make_item(end="2026-12-05")
"""Three instalments: until 24 November, which is today, until 1 and until 5 December."""


@pytest.fixture
def engine_name():
    """Nothing here goes by an engine."""
    return "sqlite"


@pytest.fixture
def filled(whole):
    whole.source()
    call(whole, "2026-11-02 10:00:00", "2026-11-24 00:10:00")
    return whole


def call(whole, *starts):
    """Import calls of the target at local times."""
    lines = [f"{one},{PHONE},+31201234567,{one},9" for one in starts]
    whole.take_in(("\n".join(lines) + "\n").encode())


def at(whole, when, *calls):
    """Let it be a local time in winter, with calls that come in then; the worker does what is due."""
    whole.clock.set(datetime.fromisoformat(f"{when}+01:00"))
    if calls:
        call(whole, *calls)
    whole.work()
    whole.work()


def decided(whole):
    demand = whole.decided(whole.record([WEEKS]))
    at(whole, "2026-11-24T11:00")
    return demand


def given(whole, demand):
    """Return the packages that were handed over, oldest first."""
    found = whole.services.delivery.list_deliveries(whole.actor(), demand)
    return [one.package for one in found]


def standings(whole, demand):
    found = whole.services.extraction.instalments.list_instalments(whole.actor(), demand)
    return [(one.number, one.of, str(one.standing), one.rows) for one in found]


def receive(whole, receiver, package):
    """Fetch, open, verify and acknowledge a package; returns its manifest and its calls."""
    container = whole.open(whole.fetch(receiver, package))
    report = whole.verify(container)
    assert (report.problems, report.doubts) == ([], [])
    members = read_members(container)
    code = read_receipt_code(members["RECEIPT.txt"])
    assert whole.services.delivery.give_receipt(receiver, package, code).is_accepted
    rows = [json.loads(one) for one in members["records/call-1.jsonl"].splitlines()]
    return json.loads(members["manifest.json"]), [one["started_at"] for one in rows], members


def test_each_instalment_has_a_package_and_a_receipt_of_its_own(filled):
    demand = decided(filled)
    assert filled.state(demand) == "continuing"
    assert standings(filled, demand) == [
        (1, 3, "given", 1),
        (2, 3, "ahead", None),
        (3, 3, "ahead", None),
    ]
    receiver = filled.sign_in()
    manifest, calls, members = receive(filled, receiver, given(filled, demand)[0])
    assert manifest["instalment"] == {
        "number": 1,
        "of": 3,
        "start": "2026-10-31T23:00:00.000000Z",
        "end": "2026-11-23T23:00:00.000000Z",
    }
    assert b"Deel 1 van 3" in members["LETTER.nl.txt"]
    assert calls == ["2026-11-02T09:00:00.000000Z"]
    assert filled.state(demand) == "continuing"
    at(filled, "2026-11-30T23:59", "2026-11-25 10:00:00", "2026-11-30 23:59:59")
    assert len(given(filled, demand)) == 1
    at(filled, "2026-12-01T01:00", "2026-12-01 00:00:00")
    second = given(filled, demand)[1]
    at(filled, "2026-12-05T00:10", "2026-12-05 00:00:01")
    assert filled.state(demand) == "delivered"
    third = given(filled, demand)[2]
    assert receive(filled, receiver, third)[1] == ["2026-11-30T23:00:00.000000Z"]
    assert filled.state(demand) == "delivered"
    assert receive(filled, receiver, second)[1] == [
        "2026-11-23T23:10:00.000000Z",
        "2026-11-25T09:00:00.000000Z",
        "2026-11-30T22:59:59.000000Z",
    ]
    assert filled.state(demand) == "acknowledged"
    assert [one[2:] for one in standings(filled, demand)] == [
        ("given", 1),
        ("given", 3),
        ("given", 1),
    ]
    events = filled.events(demand)
    assert (events.count("plan.approved"), events.count("instalment.begun")) == (1, 2)
    assert filled.alarms() == []
    filled.check()


def test_instalment_waits_for_its_sources_and_halts_when_they_never_come(filled):
    demand = decided(filled)
    at(filled, "2026-12-01T01:00")
    assert standings(filled, demand)[1] == (2, 3, "due", None)
    assert filled.state(demand) == "continuing"
    at(filled, "2026-12-03T00:01")
    assert filled.state(demand) == "halted"
    assert filled.services.extraction.get_progress(filled.actor(), demand).halt == "source_behind"
    assert demand in filled.alarms()
    filled.services.extraction.resume(filled.actor(), demand)
    filled.work()
    assert standings(filled, demand)[1] == (2, 3, "given", 1)
    filled.check()


def test_nothing_is_given_while_the_agency_is_suspended(filled):
    demand = decided(filled)
    filled.suspend()
    at(filled, "2026-12-01T01:00", "2026-12-01 00:00:00")
    assert len(given(filled, demand)) == 1
    filled.lift()
    at(filled, "2026-12-01T01:30")
    assert len(given(filled, demand)) == 2


def test_withdrawn_between_two_gives_nothing_more(filled):
    demand = decided(filled)
    receiver, package = filled.sign_in(), given(filled, demand)[0]
    filled.withdraw(demand)
    at(filled, "2026-12-01T01:00", "2026-12-01 00:00:00")
    assert filled.state(demand) == "withdrawn"
    assert len(given(filled, demand)) == 1
    with pytest.raises(WrongState):
        filled.fetch(receiver, package)
