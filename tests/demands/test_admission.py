from datetime import timedelta

import pytest
from sqlalchemy import delete, event, select, update

from lea_service.custody.entries import load_entry
from lea_service.custody.models import LogEntry
from lea_service.custody.queries import list_stream
from lea_service.demands import models
from lea_service.demands.admission import (
    PEOPLE_MISSING,
    conceal,
    is_admitted,
    is_kept_from_some,
    is_sealed,
    lane_holds,
    list_cleared,
    list_shut_out,
    put_in_sealed_lane,
    show_known,
    shut_out,
)
from lea_service.demands.audit import check_demands
from lea_service.demands.changes import lock_demand
from lea_service.demands.demand import Channel
from lea_service.demands.queries import check_not_held, current_holds
from lea_service.demands.service import DemandService, Withdrawal
from lea_service.kernel.actors import worker_actor
from lea_service.kernel.clock import parse_instant
from lea_service.kernel.errors import InvalidInput, NotFound, WrongState
from lea_service.kernel.jobs import Job
from lea_service.kernel.outbox import has_alarm
from lea_service.staff.bootstrap import bootstrap
from tests.demands.samples import AGENCY, DESK, KNOWN_BASIS, PERSON, content
from tests.staff.attacker import Attacker
from tests.support.agency import make_register
from tests.support.engines import ANY_ENGINE
from tests.support.log import check_log
from tests.support.staff import clearances, founders, make_house, new_key

SECRET_BASIS = "NL-WIV2017-55"
SECRET_ROLE = "nl.hoofd_aivd"


@pytest.fixture
def house(log, tmp_path):
    return make_house(log, tmp_path / "root.json")


@pytest.fixture
def service(log):
    return DemandService(
        log.transactions,
        log.looks,
        is_known_basis={KNOWN_BASIS, SECRET_BASIS}.__contains__,
        is_sealed_basis={SECRET_BASIS}.__contains__,
        is_sealed_role={SECRET_ROLE}.__contains__,
        max_order_bytes=4096,
        kept_until=lambda _session, _demand: None,
    )


def clear(house, name):
    given = {"account": house.id(name), "clearances": clearances(kinds=("sealed",))}
    return house.approve("staff.clearance", given, by="admin1", decided_by="overseer1")


def alarms(log):
    with log.transactions.read() as session:
        jobs = session.scalars(select(Job).where(Job.kind == "notice.send")).all()
    return [one.args["about"] for one in jobs if one.args["template"] == "alarm"]


def entries(log, stream):
    with log.transactions.read() as session:
        return [load_entry(one.data) for one in list_stream(session, stream)]


def is_found(service, actor, demand):
    try:
        service.get(actor, demand)
    except NotFound:
        return False
    return True


@pytest.mark.parametrize(
    "asked",
    [{"legal_basis": SECRET_BASIS}, {"lane": "sealed"}, {"issuing_role": SECRET_ROLE}],
)
def test_who_records_without_clearance_is_shut_out(log, house, service, asked):
    handler = house.actor("handler1")
    recorded = service.record(handler, content(**asked), idempotency_key="once")
    assert not is_found(service, handler, recorded.demand_id)
    assert service.list(handler, None, None, 10) == []
    assert alarms(log) == [recorded.demand_id]
    clear(house, "handler2")
    assert is_found(service, house.actor("handler2"), recorded.demand_id)
    assert not is_found(service, house.actor("auditor1"), recorded.demand_id)
    check_log(log)


@pytest.mark.parametrize("named", ["agency", "issuing_person", "contact", "receivers"])
def test_demand_of_a_service_is_sealed_whatever_its_basis_says(log, house, service, named):
    """A basis that was mistyped must not show to everybody that a service asks."""
    register, handler = make_register(house), house.actor("handler1")
    agency = register.organisation("Dienst", kind="intelligence")
    person = register.person(agency)
    desk = {"ref": register.desk(agency, [person])}
    party = {"agency": {"ref": agency}, "receivers": [desk], "contact": desk}
    asked = content(**{named: party.get(named, {"ref": person})})
    recorded = service.record(handler, asked)
    assert not is_found(service, handler, recorded.demand_id)
    clear(house, "handler2")
    assert is_found(service, house.actor("handler2"), recorded.demand_id)
    facts = str([one["facts"] for one in entries(log, recorded.demand_id)])
    assert agency not in facts
    ordinary = service.record(handler, content())
    assert is_found(service, handler, ordinary.demand_id)
    service.correct(handler, ordinary.demand_id, asked, ordinary.version)
    assert not is_found(service, handler, ordinary.demand_id)


def test_earlier_demands_of_what_becomes_a_service_are_sealed(log, house, service):
    """Whatever became of them, and by whomever of it they name; those of others stay."""
    register, handler = make_register(house), house.actor("handler1")
    agency, other = register.organisation("Dienst"), register.organisation("Parket")
    person = register.person(agency)
    named = (
        {"agency": {"ref": agency}},
        {"contact": {"ref": person}},
        {"issuing_person": {"ref": person}},
    )
    found = [service.record(handler, content(**one)).demand_id for one in named]
    service.withdraw(handler, found[0], told())
    service.close(handler, found[0])
    ordinary = service.record(handler, content(agency={"ref": other})).demand_id
    service.record(handler, content(lane="sealed"))
    clear(house, "handler2")
    change = {"id": agency, "version": 1, "name": "Dienst", "kind": "police", "country": "NL", "roles": [],
              "prosecution": None}  # fmt: skip
    house.approve("agency.organisation", change)
    assert all(is_found(service, handler, one) for one in found)
    house.approve("agency.organisation", {**change, "version": 2, "kind": "intelligence"})
    assert not any(is_found(service, handler, one) for one in found)
    assert all(is_found(service, house.actor("handler2"), one) for one in found)
    assert is_found(service, handler, ordinary)
    assert {*found} <= {*alarms(log)}
    house.approve("agency.organisation", {**change, "version": 3, "kind": "intelligence"})
    assert [one["ev"] for one in entries(log, found[1])].count("demand.sealed") == 1
    with log.transactions.read() as session:
        assert check_demands(session, log.keys) == []
    check_log(log)


def test_shut_out_recorder_gets_the_receipt_again(log, house, service):
    handler, asked = house.actor("handler1"), content(lane="sealed")
    first = service.record(handler, asked, idempotency_key="once")
    clear(house, "handler2")
    service.withdraw(house.actor("handler2"), first.demand_id, told())
    assert service.record(handler, asked, idempotency_key="once") == first
    again = service.record(handler, asked)
    assert (again.demand_id, again.is_replay) == (first.demand_id, True)
    assert (again.state, again.version, again.holds) == ("received", 1, ())
    check_log(log)


def told():
    return Withdrawal("Anna", Channel.PHONE)


def test_leaf_of_a_sealed_demand_tells_nothing(log, house, service):
    clear(house, "handler1")
    recorded = service.record(house.actor("handler1"), content(legal_basis=SECRET_BASIS))
    assert alarms(log) == []
    told = str([one["facts"] for one in entries(log, recorded.demand_id)])
    assert AGENCY not in told
    assert SECRET_BASIS not in told
    with log.transactions.read() as session:
        assert check_demands(session, log.keys) == []


def test_correction_brings_a_demand_into_the_sealed_lane_for_good(log, house, service):
    handler = house.actor("handler1")
    recorded = service.record(handler, content())
    service.correct(handler, recorded.demand_id, content(lane="sealed"), recorded.version)
    assert not is_found(service, handler, recorded.demand_id)
    clear(house, "handler2")
    cleared = house.actor("handler2")
    version = service.get(cleared, recorded.demand_id).version
    service.correct(cleared, recorded.demand_id, content(), version)
    assert not is_found(service, handler, recorded.demand_id)
    assert alarms(log) == [recorded.demand_id]
    check_log(log)


def test_sealed_demand_waits_for_a_second_cleared_person(log, house, service, clock):
    clear(house, "handler1")
    demand = service.record(house.actor("handler1"), content(lane="sealed")).demand_id
    held = {one.code for one in service.holds(house.actor("handler1"), demand)}
    assert "cleared_people_missing" in held
    with log.transactions.read() as session, pytest.raises(WrongState, match="cleared_people"):
        check_not_held(session, log.keys, demand)
    clear(house, "approver1")
    with log.transactions.read() as session:
        for now in (None, clock.now()):
            holds = current_holds(session, log.keys, demand, now)
            assert "cleared_people_missing" not in {one.code for one in holds}
    with log.transactions.begin(worker_actor()) as tx:
        shut_out(tx, demand, [house.id("approver1")])
    with log.transactions.read() as session:
        codes = {one.code for one in current_holds(session, log.keys, demand, clock.now())}
        assert has_alarm(session, f"cleared_people_missing/{demand}")
    assert "cleared_people_missing" in codes  # who may not know of it decides nothing


def test_lapsed_clearance_ends_what_it_opened(log, house, service, clock):
    clear(house, "handler1")
    handler = house.actor("handler1")
    demand = service.record(handler, content(lane="sealed")).demand_id
    assert is_found(service, handler, demand)
    clock.advance(days=800)
    assert not is_found(service, handler, demand)


def test_shut_out_person_can_do_nothing_with_a_demand(log, house, service):
    first, second = house.actor("handler1"), house.actor("handler2")
    demand = service.record(first, content()).demand_id
    with log.transactions.begin(worker_actor()) as tx:
        shut_out(tx, demand, [second.id])
    assert is_found(service, first, demand)
    for act in (
        lambda: service.get(second, demand),
        lambda: service.holds(second, demand),
        lambda: service.get_order(second, demand),
        lambda: service.withdraw(second, demand, told()),
        lambda: service.correct(second, demand, content(note="else"), 1),
        lambda: service.close(second, demand),
        lambda: log.service.list_entries(second, demand),
    ):
        with pytest.raises(NotFound, match="no such"):
            act()
    assert service.list(second, None, None, 10) == []
    assert second.id not in str([one["facts"] for one in entries(log, demand)])
    check_log(log)


def test_a_row_alone_shuts_nobody_in_or_out(log, house, service, databases):
    handler, second = house.actor("handler1"), house.actor("handler2")
    demand = service.record(handler, content(lane="sealed")).demand_id
    with databases.cases.write() as session:
        session.execute(update(models.Demand).values(lane="ordinary"))
        now = log.transactions.clock.now()
        session.add(models.DemandShutOut(demand_id=demand, party=second.id, since=now))
        session.flush()
        assert not is_admitted(session, demand, second.id, now)
    with log.transactions.read() as session:
        found = check_demands(session, log.keys)
    assert [one.split(":")[0] for one in found] == ["demands", "demand_shut_outs"]


def test_bootstrap_gives_nobody_the_sealed_lane(log, tmp_path):
    keys = {name: new_key(name) for name in ("admin1", "overseer1")}
    all_kinds = ("screening", "secrecy", "training", "sealed")
    two = founders(keys, clearances=clearances(kinds=all_kinds))
    with pytest.raises(InvalidInput, match="two people give it"):
        bootstrap(log.transactions, tmp_path / "root", *two)


@pytest.mark.parametrize("table", ["lane", "shut_out"])
def test_what_is_hidden_stays_so_whatever_the_tables_say(log, house, service, table):
    """Somebody who has the database moves a demand, or takes a name off whom it is kept from."""
    handler = house.actor("handler1")
    demand = service.record(handler, content()).demand_id
    with log.transactions.begin(worker_actor()) as tx:
        if table == "lane":
            put_in_sealed_lane(tx, lock_demand(tx, demand))
        else:
            shut_out(tx, demand, [handler.id])
    assert not is_found(service, handler, demand)
    before = len(entries(log, demand))
    statement = (
        update(models.Demand).values(lane="ordinary")
        if table == "lane"
        else delete(models.DemandShutOut)
    )
    Attacker(house).sql(fences=("demand_shut_outs",))
    with log.transactions.database.write() as session:
        session.execute(statement)
    for _ in range(2):
        for look in (service.get, service.get_order, service.holds):
            with pytest.raises(NotFound, match="no such demand") as caught:
                look(handler, demand)
            assert caught.value.was_hidden
    assert len(entries(log, demand)) == before
    assert alarms(log)[-1] == "sealed-lane"
    assert len(alarms(log)) == (2 if table == "lane" else 1)


@pytest.mark.parametrize(
    "taken", ["DELETE FROM log_entries", "UPDATE log_entries SET stream = 'c_x'"]
)
def test_what_was_hidden_when_it_was_looked_at_stays_so_without_its_entry(
    log, house, service, taken
):
    """The process read the entry before somebody took it out, from between the others."""
    handler, approver = house.actor("handler1"), house.actor("approver1")
    demand = service.record(handler, content()).demand_id
    with log.transactions.begin(worker_actor()) as tx:
        shut_out(tx, demand, [handler.id])
    for _ in range(2):  # what the first one enters is read before the second
        assert is_found(service, approver, demand)
    Attacker(house).sql(
        "DELETE FROM demand_shut_outs",
        "DELETE FROM log_disclosures",
        "DELETE FROM log_evidence",
        f"{taken} WHERE event = 'demand.shut_out'",
        fences=("demand_shut_outs", "log_entries", "log_disclosures", "log_evidence"),
    )
    assert not is_found(service, handler, demand)
    assert alarms(log) == ["sealed-lane"]


def test_look_reads_on_in_the_stream_of_its_demand(log, house, service):
    """However much was entered about it, only the last entry is read again, and what came after it."""
    handler = house.actor("handler1")
    demand = service.record(handler, content()).demand_id
    for number in range(20):
        log.looks.note(handler, demand, f"view/{number}", "demand.followed")
    service.get(handler, demand)
    read = []

    def note(entry, _context):
        read.append(entry.n)

    event.listen(LogEntry, "load", note)
    try:
        service.get(handler, demand)
    finally:
        event.remove(LogEntry, "load", note)
    last = len(entries(log, demand)) - 1
    assert set(read) == {last - 1, last}


def test_people_of_an_authority_know_of_what_they_are_not_shut_out_from(log, house, service, clock):
    clear(house, "handler1")
    demand = service.record(house.actor("handler1"), content(lane="sealed")).demand_id
    with log.transactions.begin(worker_actor()) as tx:
        shut_out(tx, demand, [PERSON])
    with log.transactions.read() as session:
        found = [is_admitted(session, demand, one, clock.now()) for one in (DESK, PERSON)]
    assert found == [True, False]


@ANY_ENGINE
def test_clearance_counts_from_its_first_day_to_its_last_on_the_clock_of_the_house(
    log, house, service, clock
):
    clear(house, "handler2")
    demand = service.record(house.actor("handler2"), content(lane="sealed")).demand_id
    given = clearances(start="2026-12-01", end="2026-12-31", kinds=("sealed",))
    request = {"account": house.id("handler1"), "clearances": given}
    house.approve("staff.clearance", request, by="admin1", decided_by="overseer1")
    handler = house.actor("handler1")
    for at, finds in [
        ("2026-11-30T22:59:59Z", False),
        ("2026-11-30T23:00:00Z", True),
        ("2026-12-31T22:59:59Z", True),
        ("2026-12-31T23:00:00Z", False),
    ]:
        clock.set(parse_instant(at))
        assert is_found(service, handler, demand) is finds, at


@ANY_ENGINE
def test_whom_a_demand_is_kept_from_is_known_in_each_session(log, house, service, clock):
    """Also in one that was opened for somebody who may not know of it: the rules need it there."""
    clear(house, "handler1")
    first, second = house.actor("handler1"), house.actor("handler2")
    sealed = service.record(first, content(lane="sealed")).demand_id
    shut, of_theirs, open_to_all = (
        service.record(first, content(note=note)).demand_id for note in ("a", "b", "c")
    )
    with log.transactions.begin(worker_actor()) as tx:
        shut_out(tx, shut, [second.id, PERSON])
        shut_out(tx, of_theirs, [PERSON])
    every = (sealed, shut, of_theirs, open_to_all)
    for actor in (second, None):
        with log.transactions.read(actor) as session:
            assert [is_sealed(session, one) for one in every] == [True, False, False, False]
            assert [is_kept_from_some(session, one) for one in every] == [True, True, False, False]
            assert list_shut_out(session, shut) == {second.id, PERSON}
            told = {"basis": "b", "run": "r"}
            for demand, said in ((sealed, {"basis": "b"}), (open_to_all, {})):
                facts = dict(told)
                assert conceal(session, demand, facts, "basis", "agency") == said
                assert {**facts, **said} == told
                assert not set(facts) & set(said)
            known = [of_theirs] if actor else [sealed, shut, of_theirs]
            seen = {"demands": [sealed, shut, of_theirs], "count": 5, "of": "agency"}
            left = {"demands": known, "count": 5 - 3 + len(known), "of": "agency"}
            shown = show_known(session, {"code": "c", "seen": seen})
            assert shown == {"code": "c", "seen": left}
            assert show_known(session, {"seen": {"day": 1}}) == {"seen": {"day": 1}}


@ANY_ENGINE
def test_one_cleared_person_with_both_roles_is_not_two(log, house, service, clock):
    clear(house, "handler1")
    roles = {"account": house.id("handler1"), "roles": ["approver", "handler"]}
    house.approve("staff.roles", roles, "admin1", "overseer1")
    clock.advance(seconds=1)
    demand = service.record(house.actor("handler1"), content(lane="sealed")).demand_id
    with log.transactions.read() as session:
        assert [one.code for one in lane_holds(session, demand, clock.now())] == [PEOPLE_MISSING]
        cleared = {house.id("handler1"): {"approver", "handler"}}
        assert list_cleared(session, clock.now()) == cleared
        lapsed = clock.now() + timedelta(days=800)
        assert (list_cleared(session, lapsed), list_cleared(session, None)) == ({}, cleared)
    (sealing,) = [one for one in entries(log, demand) if one["ev"] == "demand.sealed"]
    assert sealing["facts"] == {"cleared": 1, "by_cleared": True}
