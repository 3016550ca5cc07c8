from concurrent.futures import ThreadPoolExecutor, TimeoutError
from functools import partial

import pytest
from sqlalchemy import text

from lea_service.custody.queries import list_stream
from lea_service.demands.admission import PEOPLE_MISSING, is_admitted
from lea_service.demands.audit import FoundBy, check_demands
from lea_service.demands.queries import current_holds
from lea_service.kernel.errors import InvalidInput, NotPermitted
from lea_service.kernel.outbox import has_alarm
from lea_service.legal.service import LegalService
from lea_service.legal.working_days import load_working_days
from lea_service.oversight.audit import check_marks
from lea_service.records.identifiers import normalise_target
from tests.demands.samples import content
from tests.oversight.conftest import content_item
from tests.support.log import check_log
from tests.support.orders import make_orders


@pytest.fixture
def legal(log):
    return LegalService(log.transactions, log.looks, load_working_days(), make_orders())


def own_phone(world, person):
    contact = {"holder": person, "kind": "phone", "value": "+31 6 12345678"}
    world.register.approve("agency.contact", contact | {"found_by_way": "the site of the agency"})


def seen_of(world, demand, person):
    """Return whether a person may know of a demand, and the receivers who hold it for that."""
    now = world.clock.now()
    with world.log.transactions.read() as session:
        held = current_holds(session, world.log.keys, demand, now)
        refs = [one.ref for one in held if one.code == "receiver_shut_out"]
        return is_admitted(session, demand, person, now), refs


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("phone_number", "06 123 456 78"),
        ("phone_number", "0031612345678"),
        ("sip_uri", "sips:+31612345678@pbx.example"),
        ("sip_uri", "sip:+31612345678;ext=1@pbx.example"),
        ("sip_uri", "sip:0612345678%3Bisub=2;phone-context=+31@pbx.example"),
        ("email", "Colleague@Provider.example"),
        ("customer_number", "K-1"),
    ],
)
def test_colleague_asked_about_knows_of_nothing(world, kind, value):
    world.own("handler2", "+31 6 12345678")
    world.own("auditor1", "K-1", kind="customer_number")
    world.own("approver1", "colleague@provider.example", kind="email")
    demand = world.ask(world.officer(), value, kind)
    concerned = {"email": "approver1", "customer_number": "auditor1"}.get(kind, "handler2")
    for name in ("handler1", "handler2", "approver1", "auditor1"):
        assert world.finds(name, demand) == (name != concerned)
    check_log(world.log)


def test_colleague_whose_telephone_is_asked_about_knows_of_nothing(world):
    world.own("handler2", "356938035643809", kind="imei")
    demand = world.ask(world.officer(), "35-693803-564380-9", "imei")
    assert [world.finds(name, demand) for name in ("handler1", "handler2")] == [True, False]


def test_colleague_is_asked_about_by_extension_and_address(world):
    """An extension is theirs in its own source alone."""
    extension = {"kind": "phone_id", "value": "200", "source": "pbx1"}
    address = {"kind": "ip_address", "value": "2001:db8::1"}
    request = {"account": world.house.id("handler2"), "identifiers": [extension, address]}
    world.approve("oversight.own_identifiers", request)
    officer, found = world.officer(), {}
    for name, item in {
        "theirs": content_item("200", "phone_id", source="pbx1"),
        "elsewhere": content_item("200", "phone_id", source="pbx2"),
        "address": content_item("2001:DB8:0::1", "ip_address"),
        "another": content_item("2001:db8::2", "ip_address"),
    }.items():
        found[name] = world.finds("handler2", world.ask(officer, items=[item], note=name))
    assert found == {"theirs": False, "elsewhere": True, "address": False, "another": True}
    check_log(world.log)


@pytest.mark.parametrize(
    "identifier",
    [
        {"kind": "phone_id", "value": "200"},
        {"kind": "phone_number", "value": "+31612345678", "source": "pbx1"},
        {"kind": "ip_address", "value": "192.0.2.0/24"},
    ],
)
def test_own_identifier_is_whole_and_of_its_kind(world, identifier):
    request = {"account": world.house.id("handler2"), "identifiers": [identifier]}
    with pytest.raises(InvalidInput):
        world.approve("oversight.own_identifiers", request)


@pytest.mark.parametrize(
    ("kind", "value"), [("phone_number", "06 12345678"), ("email", "Anna@Provider.example")]
)
def test_colleague_is_known_by_how_they_are_reached_here(world, kind, value):
    reached = {"phone": "+31 6 12345678", "mailbox": "anna@provider.example", "company": None}
    footing = {"kind": "employee", "from": None, "until": None, **reached}
    before = world.ask(world.officer("Parket West"), value, kind)
    person = world.house.id("handler2")
    world.approve("staff.engagement", {"account": person, "engagement": footing})
    demand = world.ask(world.officer(), value, kind, note="after")
    assert world.finds("handler2", before)  # what came before is not looked at again
    assert not world.finds("handler2", demand)
    assert world.finds("handler1", demand)
    world.approve(
        "staff.engagement",
        {"account": person, "engagement": {**footing, "phone": "+31201110000", "mailbox": None}},
    )
    later = world.ask(world.officer("Parket Zuid"), value, kind, note="it was theirs")
    assert not world.finds("handler2", later)
    check_log(world.log)


def test_colleague_who_records_it_gets_the_receipt_only(world):
    world.own("handler1", "+31612345678")
    demand = world.ask(world.officer())
    assert not world.finds("handler1", demand)
    assert world.finds("handler2", demand)
    with world.log.transactions.read() as session:
        data = b"".join(one.data for one in list_stream(session, demand) if "shut" in one.event)
        assert world.house.id("handler1").encode() in data  # as who recorded it, like always
        assert check_demands(session, world.log.keys) == []
    check_log(world.log)


@pytest.mark.parametrize(
    ("theirs", "is_left"),
    [
        (("handler1", "approver1"), True),
        (("approver1", "approver2"), False),
        (("handler1", "handler2"), False),
    ],
)
def test_demand_that_is_left_to_nobody_raises_an_alarm(world, theirs, is_left):
    """Nobody who could act sees it; its terms would run out without a word."""
    for name in theirs:
        world.own(name, "+31612345678")
    demand = world.ask(world.officer())
    with world.log.transactions.read() as session:
        assert has_alarm(session, f"{PEOPLE_MISSING}/{demand}") is not is_left
    world.ask(world.officer("Parket West"), "+31201234567")
    check_log(world.log)


def test_own_identifiers_set_later_raise_that_alarm_too(world):
    demand = world.ask(world.officer())
    world.own("handler1", "+31612345678")
    with world.log.transactions.read() as session:
        assert not has_alarm(session, f"{PEOPLE_MISSING}/{demand}")
    world.own("handler2", "+31612345678")
    with world.log.transactions.read() as session:
        assert has_alarm(session, f"{PEOPLE_MISSING}/{demand}")


def test_entry_names_nobody_who_is_shut_out(world):
    world.own("handler2", "+31612345678")
    demand = world.ask(world.officer())
    with world.log.transactions.read() as session:
        data = b"".join(one.data for one in list_stream(session, demand))
    assert world.house.id("handler2").encode() not in data


def test_correction_shuts_out_whom_it_is_about_now(world):
    world.own("handler2", "+31699999999")
    officer = world.officer()
    demand = world.ask(officer)
    assert world.finds("handler2", demand)
    agency, person = officer
    first = world.demands.get(world.house.actor("handler1"), demand)
    changed = content(
        agency={"ref": agency},
        issuing_person={"ref": person},
        items=[content_item("+31699999999", "phone_number")],
    )
    world.demands.correct(world.house.actor("handler1"), demand, changed, first.version)
    assert not world.finds("handler2", demand)
    assert world.finds("handler1", demand)


def test_identifiers_set_later_close_what_is_open(world):
    demand = world.ask(world.officer())
    assert world.finds("handler2", demand)
    world.own("handler2", "+31612345678")
    assert not world.finds("handler2", demand)
    check_log(world.log)


def test_nobody_sets_own_identifiers_alone_or_a_number_in_part(world):
    with pytest.raises(NotPermitted):
        world.own("admin1", "+31612345678")
    with pytest.raises(InvalidInput, match="/identifiers/0/value"):
        world.own("handler1", "0612345678")


def test_officer_asked_about_does_not_receive_it(world):
    agency, person = world.officer("Parket West")
    own_phone(world, person)
    demand = world.ask((agency, person))
    assert seen_of(world, demand, person) == (False, [person])
    assert world.finds("handler1", demand)
    assert world.kinds() == ["officer.own_identifier"]
    check_log(world.log)


def test_reader_of_a_desk_does_not_receive_what_is_about_them(world):
    agency, person = world.officer("Parket West")
    other = world.register.person(agency, "Kees Doel")
    own_phone(world, other)
    desk = world.register.desk(agency, [other])
    demand = world.ask((agency, person), receivers=[desk])
    assert seen_of(world, demand, other) == (False, [desk])
    check_log(world.log)


def test_who_is_found_later_to_be_asked_about_is_shut_out_then(world):
    agency, person = world.officer("Parket West")
    desk = world.register.desk(agency, [person])
    to_desk = world.ask((agency, person), receivers=[desk])
    elsewhere = world.ask(world.officer("Parket Oost"))
    other = world.register.person(agency, "Kees Doel")
    own_phone(world, other)
    assert seen_of(world, to_desk, other) == (True, [])
    changed = {"id": desk, "version": 1, "members": [person, other]}
    world.register.desk(agency, **changed)
    assert seen_of(world, to_desk, other) == (False, [desk])
    own_phone(world, person)
    assert seen_of(world, to_desk, person) == (False, [desk])
    assert seen_of(world, elsewhere, person)[0]  # names another authority only
    check_log(world.log)


def test_own_sip_address_is_the_number_in_it_too(world):
    world.own("handler2", "sip:+31612345678@pbx.example", kind="sip_uri")
    assert not world.finds("handler2", world.ask(world.officer()))


def test_recording_and_setting_identifiers_wait_for_each_other(world, demands):
    """Neither can miss what the other writes at that moment."""
    officer = world.officer()
    with ThreadPoolExecutor(1) as pool:
        later = []

        def set_meanwhile(_tx, _demand, _related):
            later.append(pool.submit(world.own, "handler2", "+31612345678"))
            with pytest.raises(TimeoutError):
                later[0].result(0.5)

        demands._watch = set_meanwhile
        demand = world.ask(officer)
        later[0].result()
    assert not world.finds("handler2", demand)
    check_log(world.log)


def test_own_number_of_an_officer_takes_another_to_accept(world, legal):
    agency, person = world.officer("Parket West")
    demand = world.ask((agency, person), "officer.of.parket.west@politie.example", "email")
    first, second = world.house.actor("handler1"), world.house.actor("handler2")
    found = legal.assess(first, demand)
    assert "own.officer" in found.open
    with pytest.raises(NotPermitted, match="neither recorded nor assessed"):
        legal.accept_finding(first, demand, "own.officer", "called back")
    accepted = legal.accept_finding(second, demand, "own.officer", "called back")
    assert "own.officer" not in accepted.open
    check_log(world.log)


@pytest.mark.parametrize("table", ["marked_identifiers", "demand_targets", "demand_likenesses"])
def test_verification_finds_what_was_taken_out_of_an_index(world, databases, table):
    world.own("handler2", "+31699999999")
    world.approve("oversight.watch", {"identifiers": [{"kind": "email", "value": "a@b.example"}]})
    world.ask(world.officer(), "06-12345678")
    finding = FoundBy(world.log.transactions.index, partial(normalise_target, region="NL"))

    def check():
        with world.log.transactions.read() as session:
            keys = world.log.keys
            marks = check_marks(session, keys, finding.index)
            return check_demands(session, keys, finding) + marks

    assert check() == []
    with databases.cases.write() as session:
        session.execute(text(f"DELETE FROM {table}"))
    assert {one.partition(":")[0] for one in check()} == {table}
