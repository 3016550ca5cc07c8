"""An order for data still to come, on its way: one decision, and a package for each instalment."""

import json
from datetime import datetime
from functools import partial

import pytest
from sqlalchemy import select

from lea_service.demands.demand import Channel
from lea_service.extraction.instalment_service import Shortening
from lea_service.extraction.instalments import Rhythm, Wanted
from lea_service.kernel.clock import HOME_ZONE
from lea_service.kernel.errors import InvalidInput, Unavailable, WrongState
from lea_service.legal.deadlines import Clock
from lea_service.packaging.receipt import read_receipt_code
from lea_service.records.store import TABLES
from tests.support.death import AFTER, BEFORE, STEPS, Killed, dying_at
from tests.support.delivery import WORKER
from tests.support.retention import rule_request
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
    """Import calls of the target at local times, and one of somebody else just now."""
    now = f"{whole.clock.now().astimezone(HOME_ZONE):%Y-%m-%d %H:%M:%S}"
    lines = [f"{one},{PHONE},+31201234567,{one},9" for one in starts]
    lines.append(f"{now},+31107654321,+31201234567,{now},9")
    whole.take_in(("\n".join(lines) + "\n").encode())


def work(whole):
    """Let a worker find out what is due, and do it."""
    whole.work()
    whole.work()


def at(whole, when, *calls):
    """Let it be a local time in winter, with calls that come in then; the worker does what is due."""
    whole.clock.set(datetime.fromisoformat(f"{when}+01:00"))
    if calls:
        call(whole, *calls)
    work(whole)


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
    assert "instalments: those before, and the bound of all" in report.checked
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
    at(filled, "2026-12-01T07:00", "2026-12-01 00:00:00")
    second = given(filled, demand)[1]
    at(filled, "2026-12-05T06:10", "2026-12-05 00:00:01")
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
    at(filled, "2026-12-01T07:00")
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
    at(filled, "2026-12-01T07:00", "2026-12-01 00:00:00")
    assert len(given(filled, demand)) == 1
    filled.lift()
    at(filled, "2026-12-01T07:30")
    assert len(given(filled, demand)) == 2


def test_withdrawn_between_two_gives_nothing_more(filled):
    demand = decided(filled)
    receiver, package = filled.sign_in(), given(filled, demand)[0]
    filled.withdraw(demand)
    at(filled, "2026-12-01T07:00", "2026-12-01 00:00:00")
    assert filled.state(demand) == "withdrawn"
    assert len(given(filled, demand)) == 1
    with pytest.raises(WrongState):
        filled.fetch(receiver, package)


def stored(whole, demand):
    """Return the files of packages and spools of a demand."""
    top = whole.folder
    return sorted(path.name for path in top.rglob("*") if demand in path.parts and path.is_file())


def test_each_instalment_is_erased_after_its_own_receipt(filled):
    demand = decided(filled)
    receiver, first = filled.sign_in(), given(filled, demand)[0]
    receive(filled, receiver, first)
    at(filled, "2026-12-01T07:00", "2026-12-01 00:00:00")
    second = given(filled, demand)[1]
    at(filled, "2026-12-05T06:10", "2026-12-05 00:00:01")
    at(filled, "2026-12-08T10:59")
    assert f"{first}.sealed" in stored(filled, demand)
    filled.fetch(receiver, first)
    at(filled, "2026-12-08T11:01")
    assert filled.state(demand) == "delivered"
    assert filled.events(demand).count("package.erased") == 1
    assert f"{first}.sealed" not in stored(filled, demand)
    with pytest.raises(WrongState, match="its time is over"):
        filled.fetch(receiver, first)
    with pytest.raises(Unavailable):
        filled.services.packaging.open_ciphertext(first)
    views = filled.services.delivery.list_collectable(receiver, None, 10)
    assert {one.package: one.is_open for one in views}[first] is False
    assert standings(filled, demand)[0] == (1, 3, "given", 1)
    receive(filled, receiver, second)  # nobody gave a receipt for it: it ends by no clock
    receive(filled, receiver, given(filled, demand)[2])
    at(filled, "2027-02-01T00:00")
    assert filled.state(demand) == "erased"
    assert stored(filled, demand) == []
    filled.check()


def due(whole, demand):
    """Return the clock of the awaited instalment, as the list of all demands has it too."""
    whole.services.clocks.watch(partial(whole.services.transactions.begin, WORKER))
    listed = [
        one.due
        for one in whole.services.clocks.list_open(whole.actor(), None, 100)
        if (one.demand, one.clock) == (demand, Clock.INSTALMENT)
    ]
    found = whole.services.legal.get_deadlines(whole.actor(), demand).deadlines
    clocks = [one for one in found if one.clock is Clock.INSTALMENT]
    assert [one.due for one in clocks] == listed
    return [
        (str(one.status), one.due.isoformat(), one.reasons[0].facts["number"]) for one in clocks
    ]


def test_each_instalment_has_a_clock_while_it_is_awaited(filled):
    demand = filled.decided(filled.record([WEEKS]))
    assert due(filled, demand) == [("running", "2026-11-25T23:00:00+00:00", 1)]
    at(filled, "2026-11-24T11:00")
    assert due(filled, demand) == [("running", "2026-12-02T23:00:00+00:00", 2)]
    at(filled, "2026-12-03T00:01")
    assert due(filled, demand) == [("over", "2026-12-02T23:00:00+00:00", 2)]
    filled.services.extraction.resume(filled.actor(), demand)
    filled.work()
    assert due(filled, demand) == [("running", "2026-12-06T23:00:00+00:00", 3)]
    shorten(filled, demand, "2026-12-04T12:00")
    assert due(filled, demand) == [("running", "2026-12-06T11:00:00+00:00", 3)]
    at(filled, "2026-12-04T18:30", "2026-12-04 12:00:01")
    assert filled.state(demand) == "delivered"
    assert due(filled, demand) == []


def test_no_instalment_is_awaited_once_the_order_ended(filled):
    demand = decided(filled)
    shorten(filled, demand, "2026-11-23T12:00")
    assert due(filled, demand) == []
    withdrawn = decided(filled)
    filled.withdraw(withdrawn)
    assert due(filled, withdrawn) == []


def shorten(whole, demand, until):
    told = Shortening("Anna", Channel.PHONE, datetime.fromisoformat(f"{until}+01:00"))
    return whole.services.extraction.instalments.shorten(whole.actor(), demand, told)


def test_authority_ends_the_order_between_two(filled):
    demand = decided(filled)
    found = shorten(filled, demand, "2026-11-24T11:00")
    assert [(one.number, str(one.standing)) for one in found] == [
        (1, "given"),
        (2, "ahead"),
        (3, "dropped"),
    ]
    at(filled, "2026-11-24T17:00", "2026-11-24 10:59:59", "2026-11-24 11:00:00")
    assert filled.state(demand) == "delivered"
    receiver = filled.sign_in()
    manifest, calls, _ = receive(filled, receiver, given(filled, demand)[1])
    assert calls == ["2026-11-23T23:10:00.000000Z", "2026-11-24T09:59:59.000000Z"]
    assert manifest["instalment"]["end"] == "2026-11-24T10:00:00.000000Z"
    at(filled, "2026-12-08T01:00", "2026-12-07 00:00:00")
    assert len(given(filled, demand)) == 2
    filled.check()


def test_nothing_left_is_an_end(filled):
    demand = decided(filled)
    shorten(filled, demand, "2026-11-23T12:00")
    assert filled.state(demand) == "delivered"
    assert [one[2] for one in standings(filled, demand)] == ["given", "dropped", "dropped"]
    with pytest.raises(WrongState):
        shorten(filled, demand, "2026-11-22T12:00")


def test_order_that_ends_after_every_receipt_is_done_with(filled):
    demand = decided(filled)
    receive(filled, filled.sign_in(), given(filled, demand)[0])
    assert filled.state(demand) == "continuing"
    shorten(filled, demand, "2026-11-24T00:00")
    assert filled.state(demand) == "acknowledged"
    at(filled, "2027-02-01T00:00")
    assert filled.state(demand) == "erased"
    filled.check()


def test_a_later_end_is_a_new_order(filled):
    demand = decided(filled)
    for until in ("2026-12-05T00:00", "2026-12-24T00:00"):
        with pytest.raises(InvalidInput):
            shorten(filled, demand, until)
    shorten(filled, demand, "2026-12-01T00:00")
    with pytest.raises(InvalidInput):
        shorten(filled, demand, "2026-12-03T00:00")


@pytest.mark.parametrize(
    ("kind", "step"),
    [("extraction.run", "execute"), ("package.seal", "write"), ("package.release", "release")],
)
def test_what_reaches_beyond_the_end_never_leaves(filled, monkeypatch, kind, step):
    """A worker is at work on an instalment, or about to hand it over, when its order ends."""
    demand = decided(filled)
    filled.clock.set(datetime.fromisoformat("2026-12-01T07:00+01:00"))
    call(filled, "2026-11-26 10:00:00", "2026-11-28 10:00:00", "2026-12-01 00:00:00")
    with dying_at(monkeypatch, kind, step, BEFORE), pytest.raises(Killed):
        work(filled)
    shorten(filled, demand, "2026-11-27T00:00")
    assert filled.state(demand) == "halted"
    filled.clock.advance(seconds=301)
    filled.work()
    filled.clock.advance(seconds=301)
    filled.work()
    assert filled.state(demand) == "delivered"
    assert standings(filled, demand)[1:] == [(2, 3, "given", 2), (3, 3, "dropped", None)]
    events = filled.events(demand)
    assert events.count("package.made_available") == 2
    calls = receive(filled, filled.sign_in(), given(filled, demand)[1])[1]
    assert calls == ["2026-11-23T23:10:00.000000Z", "2026-11-26T09:00:00.000000Z"]
    filled.check()


def halt_of(whole, demand):
    return whole.services.extraction.get_progress(whole.actor(), demand).halt


def test_what_somebody_held_back_is_not_let_go_by_an_earlier_end(filled, monkeypatch):
    """One person may stop, and enter that less is asked; together that is no decision of two."""
    demand = decided(filled)
    filled.clock.set(datetime.fromisoformat("2026-12-01T07:00+01:00"))
    call(filled, "2026-11-26 10:00:00", "2026-12-01 00:00:00")
    with dying_at(monkeypatch, "package.release", "release", BEFORE), pytest.raises(Killed):
        work(filled)
    filled.services.extraction.stop(filled.actor(), demand, "doubt")
    shorten(filled, demand, "2026-11-27T00:00")
    at(filled, "2026-12-01T07:10")
    assert (filled.state(demand), halt_of(filled, demand)) == ("halted", "stopped")
    with pytest.raises(WrongState, match="new decision"):
        filled.services.extraction.resume(filled.actor(), demand)
    plan, _ = filled.plan(demand)
    filled.house.decide(filled.propose(plan))
    at(filled, "2026-12-01T07:20")
    assert filled.state(demand) == "delivered"
    assert standings(filled, demand)[1][2:] == ("given", 2)
    filled.check()


def test_source_that_is_behind_is_so_after_an_earlier_end(filled):
    demand = decided(filled)
    at(filled, "2026-12-03T00:01")
    shorten(filled, demand, "2026-11-29T00:00")
    at(filled, "2026-12-03T00:10")
    assert halt_of(filled, demand) == "source_behind"
    filled.services.extraction.resume(filled.actor(), demand)
    filled.work()
    assert standings(filled, demand)[1] == (2, 3, "given", 1)
    filled.check()


def test_second_round_waits_for_its_sources_too(filled):
    """Whoever decided before an instalment was due did not know what would be missing."""
    demand = decided(filled)
    filled.register.certificate(filled.person, "rsa", "newer")
    at(filled, "2026-12-01T07:00", "2026-12-01 00:00:00")
    filled.clock.set(datetime.fromisoformat("2026-12-03T12:00+01:00"))
    plan, _ = filled.plan(demand)
    filled.house.decide(filled.propose(plan))
    at(filled, "2026-12-05T00:01")
    assert (filled.state(demand), halt_of(filled, demand)) == ("halted", "source_behind")
    assert len(given(filled, demand)) == 1
    filled.clock.set(datetime.fromisoformat("2026-12-07T12:00+01:00"))
    plan, _ = filled.plan(demand)
    filled.house.decide(filled.propose(plan))
    at(filled, "2026-12-07T12:10")
    assert len(given(filled, demand)) == 2


def test_order_that_ends_before_what_is_reviewed_anew_gives_nothing_more(filled):
    demand = decided(filled)
    filled.register.certificate(filled.person, "rsa", "newer")
    at(filled, "2026-12-01T07:00", "2026-12-01 00:00:00")
    reason = "A source was declared for it."
    request = {"demand": demand, "ground": "held_after_all", "reason": reason}
    filled.house.approve("extraction.reopening", request)
    filled.settle(demand)
    plan, _ = filled.plan(demand)
    filled.house.decide(filled.propose(plan))
    shorten(filled, demand, "2026-11-24T00:00")
    at(filled, "2026-12-01T07:10")
    assert filled.state(demand) == "delivered"
    assert len(given(filled, demand)) == 1


def test_worker_that_dies_at_every_point_gives_an_instalment_once(filled, monkeypatch):
    demand = decided(filled)
    filled.clock.set(datetime.fromisoformat("2026-12-01T07:00+01:00"))
    call(filled, "2026-12-01 00:00:00")
    for kind in ("extraction.run", "package.seal", "package.release"):
        for step in STEPS[kind]:
            with dying_at(monkeypatch, kind, step, AFTER), pytest.raises(Killed):
                work(filled)
            filled.clock.advance(seconds=31)
    filled.work()
    assert [one[2] for one in standings(filled, demand)] == ["given", "given", "ahead"]
    assert filled.events(demand).count("instalment.begun") == 1
    filled.check()


def test_second_round_gives_nothing_again(filled):
    """A receiver has another key: two people decide anew on what is left."""
    demand = decided(filled)
    filled.register.certificate(filled.person, "rsa", "newer")
    at(filled, "2026-12-01T07:00", "2026-12-01 00:00:00")
    assert filled.state(demand) == "halted"
    plan, _ = filled.plan(demand, wanted=Wanted(Rhythm.AT_THE_END))
    assert [(one["number"]) for one in plan.document["instalments"]["parts"]] == [2, 3]
    filled.house.decide(filled.propose(plan))
    at(filled, "2026-12-01T07:10")
    assert [one[2:] for one in standings(filled, demand)] == [
        ("given", 1),
        ("given", 1),
        ("ahead", None),
    ]
    filled.check()


def test_no_more_rows_leave_than_was_decided(filled):
    demand = filled.settle(filled.record([WEEKS]))
    plan, _ = filled.plan(demand, wanted=Wanted(rows_each=2, rows_together=2))
    filled.house.decide(filled.propose(plan))
    at(filled, "2026-11-24T11:00")
    assert standings(filled, demand)[0] == (1, 3, "given", 1)
    at(filled, "2026-12-01T07:00", "2026-11-30 10:00:00", "2026-12-01 00:00:00")
    assert filled.state(demand) == "halted"
    assert filled.services.extraction.get_progress(filled.actor(), demand).halt == "over_bounds"


def test_what_comes_in_late_is_told_with_the_next_instalment(filled):
    """A call of the first instalment that was not there yet: nobody is told that there is none."""
    demand = decided(filled)
    at(filled, "2026-12-01T07:00", "2026-11-03 10:00:00", "2026-12-01 00:00:00")
    receiver = filled.sign_in()
    _, calls, members = receive(filled, receiver, given(filled, demand)[1])
    assert calls == ["2026-11-23T23:10:00.000000Z"]
    (coverage,) = json.loads(members["coverage.json"])
    assert coverage["doubts"]["came-late"] == 1
    letter = " ".join(members["LETTER.en.txt"].decode().split())
    assert "1 records from the time of earlier instalments" in letter
    at(filled, "2026-12-05T07:00", "2026-12-05 00:00:00")
    members = receive(filled, receiver, given(filled, demand)[2])[2]
    (coverage,) = json.loads(members["coverage.json"])
    assert coverage["doubts"] == {}


def test_what_is_to_come_outlives_its_term_until_it_is_given(filled):
    """Rows of an instalment that is awaited are frozen; those that were given are not."""
    demand = decided(filled)
    filled.house.approve("retention.rule", rule_request("CALL-2", term=2, unit="days"))
    at(filled, "2026-11-30T12:00", "2026-11-25 10:00:00")
    with filled.services.records.read() as session:
        calls = TABLES["call"].c
        kept = session.scalars(select(calls.row_id).where(calls.caller == PHONE)).all()
    assert len(kept) == 2  # of 24 and 25 November; that of the 2nd was given
    assert filled.state(demand) == "continuing"


@pytest.mark.parametrize("is_early", [True, False])
def test_end_between_two_periods_leaves_nothing_to_wait_for(filled, is_early):
    """Behind the end of the order only time is left of which nothing was asked."""
    asked = [make_item(end="2026-11-26"), make_item(start="2026-12-03", end="2026-12-05")]
    demand = filled.decided(filled.record(asked))
    at(filled, "2026-11-24T11:00")
    if is_early:
        shorten(filled, demand, "2026-12-02T00:00")
    at(filled, "2026-12-01T07:00", "2026-11-25 10:00:00")
    if not is_early:
        shorten(filled, demand, "2026-12-02T00:00")
    assert filled.state(demand) == "delivered"
    assert [one[2] for one in standings(filled, demand)] == ["given", "given", "dropped"]
