from functools import partial

import pytest
from sqlalchemy import select

from lea_service.demands.demand import Channel, Hold
from lea_service.demands.queries import check_not_held, current_holds
from lea_service.demands.withdrawal import Withdrawal
from lea_service.kernel.errors import WrongState
from lea_service.kernel.jobs import Job
from tests.demands.samples import HANDLER, content
from tests.support.agency import make_register
from tests.support.kept import keep
from tests.support.log import check_log
from tests.support.staff import make_house


@pytest.fixture
def register(log, tmp_path):
    team = {"handler1": "handler", "approver1": "approver"}
    return make_register(make_house(log, tmp_path / "root.json", team=team))


@pytest.fixture
def parties(register):
    """An agency with a person and a desk that can receive, as a demand names them."""
    agency, person, desk = keep(register.log, "parties", partial(admit, register))
    return {"agency": {"ref": agency}, "issuing_person": {"ref": person}, "receivers": [desk]}


def admit(register):
    agency = register.organisation()
    person = register.person(agency)
    desk = register.desk(agency, [person])
    register.certificate(desk)
    return agency, person, desk


def suspend(register, subject):
    register.service.suspend(register.house.actor("handler1"), subject, "doubt")


def test_known_parties_hold_nothing(log, service, parties):
    recorded = service.record(HANDLER, content(**parties))
    assert recorded.holds == ()
    with log.transactions.read() as session:
        check_not_held(session, log.keys, recorded.demand_id)
    check_log(log)


@pytest.mark.parametrize("role", ["agency", "person", "receiver"])
def test_suspension_holds_at_once_what_was_recorded_before(log, service, register, parties, role):
    demand = service.record(HANDLER, content(**parties)).demand_id
    subject = {
        "agency": parties["agency"]["ref"],
        "person": parties["issuing_person"]["ref"],
        "receiver": parties["receivers"][0],
    }[role]
    suspend(register, subject)
    assert Hold(f"{role}_suspended", subject) in service.holds(HANDLER, demand)
    ends = rf"{role}_suspended. What ends it: .*two people lift the suspension"
    refused = pytest.raises(WrongState, match=ends)
    with log.transactions.read() as session, refused:
        check_not_held(session, log.keys, demand)
    check_log(log)


def test_receiver_without_living_certificate_holds(log, service, register, parties, clock):
    person = parties["issuing_person"]["ref"]
    without = service.record(HANDLER, content(**parties | {"receivers": [person]}))
    assert without.holds == (Hold("receiver_without_certificate", person),)
    demand = service.record(HANDLER, content(**parties)).demand_id
    clock.advance(days=3 * 366)
    with log.transactions.read() as session:
        now = current_holds(session, log.keys, demand, clock.now())
        later = current_holds(session, log.keys, demand)
    assert [one.code for one in now] == ["receiver_without_certificate"]
    assert later == ()


def test_parties_of_another_agency_hold(service, register, parties):
    other = register.organisation("Koninklijke Marechaussee")
    holds = service.record(HANDLER, content(**parties | {"agency": {"ref": other}})).holds
    codes = {one.code for one in holds}
    assert {"person_of_other_agency", "receiver_of_other_agency"} <= codes


def test_correction_to_known_parties_lets_the_demand_go_on(log, service, parties):
    demand = service.record(HANDLER, content()).demand_id
    assert service.holds(HANDLER, demand)
    service.correct(HANDLER, demand, content(**parties), 1)
    assert service.holds(HANDLER, demand) == ()
    check_log(log)


@pytest.mark.parametrize("receivers", [[], [{"name": "B. Klerk"}], "mixed"])
def test_demand_without_known_receiver_is_recorded_and_held(log, service, parties, receivers):
    asked = [*parties["receivers"], {"name": "Bo"}] if receivers == "mixed" else receivers
    recorded = service.record(HANDLER, content(**parties | {"receivers": asked}))
    assert recorded.holds == (Hold("receiver_unknown"),)
    assert notices(log) == [None]
    service.correct(HANDLER, recorded.demand_id, content(**parties), 1)
    assert service.holds(HANDLER, recorded.demand_id) == ()
    check_log(log)


def test_correction_acknowledges_once_to_whom_it_makes_known(log, service, register, parties):
    agency, issuer, desk = parties["agency"], parties["issuing_person"]["ref"], parties["receivers"]
    clerk = register.person(agency["ref"], "Bram Clerk")
    words = {"name": "parket"}
    demand = service.record(
        HANDLER, content(agency=words, issuing_person=words, receivers=[])
    ).demand_id
    steps = [
        ({"agency": words, "issuing_person": words, "receivers": desk}, set()),
        ({"agency": agency, "issuing_person": words, "receivers": desk}, {*desk}),
        (parties, {*desk, issuer}),
        (parties | {"receivers": [*desk, clerk, "p_" + "9" * 32]}, {*desk, issuer, clerk}),
        (parties | {"contact": {"ref": clerk}}, {*desk, issuer, clerk}),
    ]
    for version, (changes, told) in enumerate(steps, 1):
        service.correct(HANDLER, demand, content(**changes), version)
        assert sorted(notices(log), key=str) == sorted([None, *told], key=str)
    check_log(log)


def test_no_correction_writes_to_a_suspended_agency(log, service, register, parties):
    demand = service.record(HANDLER, content(**parties | {"receivers": []})).demand_id
    suspend(register, parties["agency"]["ref"])
    service.correct(HANDLER, demand, content(**parties), 1)
    assert notices(log) == [None]


def test_authority_that_a_correction_left_out_hears_of_a_withdrawal(log, service, parties):
    demand = service.record(HANDLER, content(**parties)).demand_id
    words = {"name": "parket"}
    nobody = content(agency=words, issuing_person=words, receivers=[])
    service.correct(HANDLER, demand, nobody, 1)
    service.withdraw(HANDLER, demand, Withdrawal("the clerk", Channel.PHONE))
    told = [None, *sorted([*parties["receivers"], parties["issuing_person"]["ref"]])]
    assert sorted(notices(log, "demand.withdrawn"), key=str) == sorted(told, key=str)
    check_log(log)


def notices(log, template="demand.acknowledged"):
    """Return to whom notices are queued; None is whoever the authority is written at."""
    with log.transactions.read() as session:
        jobs = session.scalars(select(Job).where(Job.kind == "notice.send")).all()
    assert {job.args["template"] for job in jobs} == {"demand.acknowledged", template}
    return [job.args["receiver"] for job in jobs if job.args["template"] == template]


OTHERS = ("validating_authority", "enforcing_authority", "contact")


@pytest.mark.parametrize("role", OTHERS)
@pytest.mark.parametrize("prefix", ["a_", "p_", "d_"])
def test_other_party_that_nobody_registered_holds(service, parties, role, prefix):
    ref = prefix + "9" * 32
    holds = service.record(HANDLER, content(**parties | {role: {"ref": ref}})).holds
    assert holds == (Hold(f"{role}_unknown", ref),)


@pytest.mark.parametrize("role", OTHERS)
def test_other_party_holds_while_it_or_its_agency_is_suspended(
    log, service, register, parties, role
):
    agency, desk = parties["agency"]["ref"], parties["receivers"][0]
    clerk = register.person(agency, "Bram Clerk")
    court = agency if role == "contact" else register.organisation("Rechtbank Amsterdam")
    judge = register.person(court, "Amalia Dietrich")
    named = {one: service.record(HANDLER, content(**parties | {role: {"ref": one}})).demand_id
             for one in (judge, court, clerk, desk)}  # fmt: skip
    assert {service.holds(HANDLER, demand) for demand in named.values()} == {()}
    suspend(register, judge)
    assert service.holds(HANDLER, named[judge]) == (Hold(f"{role}_suspended", judge),)
    suspend(register, court)
    for one in (judge, court):
        assert Hold(f"{role}_suspended", one) in service.holds(HANDLER, named[one])
        with log.transactions.read() as session, pytest.raises(WrongState, match=f"{role}_susp"):
            check_not_held(session, log.keys, named[one])
    assert (service.holds(HANDLER, named[clerk]) == ()) == (role != "contact")
    check_log(log)


@pytest.mark.parametrize("role", OTHERS)
def test_other_party_in_words_holds_nothing(service, parties, role):
    assert service.record(HANDLER, content(**parties | {role: {"name": "griffie"}})).holds == ()


def test_only_the_contact_has_to_be_of_the_agency(service, register, parties):
    court = register.organisation("Rechtbank Amsterdam")
    clerk = register.person(court, "Bram Clerk")
    holds = {}
    for role in OTHERS:
        for one in (court, clerk, register.desk(court, [clerk], f"Griffie {role}")):
            asked = content(**parties | {role: {"ref": one}})
            holds.setdefault(role, set()).update(service.record(HANDLER, asked).holds)
    codes = {role: {one.code for one in found} for role, found in holds.items()}
    assert codes == {
        "validating_authority": set(),
        "enforcing_authority": set(),
        "contact": {"contact_of_other_agency"},
    }
    assert len(holds["contact"]) == 3
