from functools import partial

import pytest

from lea_service.agencies.approval import ISSUING_ROLES
from lea_service.agencies.audit import check_agencies
from lea_service.agencies.models import Agency, AgencyPerson
from lea_service.agencies.queries import (
    StandingProblem,
    desks_of,
    find_agency,
    find_desk,
    find_mailbox,
    find_person,
    list_receivers,
    list_standing_problems,
)
from lea_service.custody.queries import list_stream
from lea_service.kernel.actors import Actor, Role
from lea_service.kernel.errors import (
    Duplicate,
    InvalidInput,
    NotFound,
    NotPermitted,
    StaleVersion,
    Unavailable,
    VerificationFailed,
    WrongState,
)
from lea_service.staff.decisions import Decisions
from tests.support.agency import ROLES, certificate_pem
from tests.support.kept import keep
from tests.support.log import check_log


@pytest.fixture
def agency(register):
    return keep(register.log, "agency", register.organisation)


@pytest.fixture
def person(register, agency):
    return keep(register.log, "person", partial(register.person, agency))


def read(register, query, *args, **kwargs):
    with register.log.transactions.read() as session:
        return query(session, *args, **kwargs)


def found(register):
    """Return what in the register nobody entered or nobody decided on."""
    with register.log.transactions.read() as session:
        decisions = Decisions(session, register.house.load_root())
        return check_agencies(session, register.log.keys, decisions)


def opened(register, query, *args):
    return read(register, query, register.log.keys, *args)


def problems(register, **wanted):
    asked = {"people": [], "receivers": []} | wanted
    return [(one.code, one.ref) for one in read(register, list_standing_problems, **asked)]


def events(register, stream):
    with register.log.transactions.read() as session:
        return [entry.event for entry in list_stream(session, stream)]


def test_approved_agency_is_found(register, agency, person):
    view = opened(register, find_agency, agency)
    assert (view.name, view.country, view.version) == ("Politie Eenheid Oost", "NL", 1)
    assert view.roles == tuple(sorted(ROLES))
    found = opened(register, find_person, person)
    assert (found.agency, found.name, found.email) == (
        agency,
        "Anna de Vries",
        "anna.de.vries@politie.example",
    )
    assert opened(register, find_person, "p_unknown") is None
    check_log(register.log)


def test_refused_proposal_changes_nothing(register, house):
    request = {"name": "Onbekend", "kind": "police", "country": "NL", "roles": []}
    waiting = house.propose("agency.organisation", request)
    house.decide(waiting, outcome="refused", reasons=["not_verified"])
    subject = house.approvals.open(house.actor("handler1"), waiting).view.subject
    assert opened(register, find_agency, subject) is None
    check_log(register.log)


def test_names_rest_sealed_only(register, agency, person, databases):
    with databases.cases.engine.connect() as connection:
        for table in ("agencies", "agency_people", "approvals", "log_entries"):
            rows = connection.exec_driver_sql(f"SELECT * FROM {table}").all()
            assert "Vries" not in str(rows)
            assert "politie" not in str(rows).lower()


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"country": "Nederland"}, "/request/country"),
        ({"kind": "Police Force"}, "/request/kind"),
        ({"kind": "politie"}, "/request/kind"),
        ({"roles": ["opsporingsambtenaar"]}, "/request/roles"),
        ({"roles": [ROLES[0], "eu.prosecutor"]}, "/request/roles"),
        ({"roles": ["Officier van justitie"]}, "/request/roles/0"),
        ({"name": "\u0000"}, "/request/name"),
        ({"version": 3}, "/request/id"),
        ({"other": 1}, "/request/other"),
    ],
)
def test_malformed_organisation_is_refused(register, changes, pointer):
    with pytest.raises(InvalidInput) as refused:
        register.organisation(**changes)
    assert [error.pointer for error in refused.value.errors] == [pointer]


def test_unknown_codes_are_refused_with_those_there_are(register, agency):
    with pytest.raises(InvalidInput, match=r"court, .*police, |police, .*court, "):
        register.organisation("Parket", kind="politie")
    with pytest.raises(InvalidInput, match=r"nl\.officier_van_justitie, .*us\.court"):
        register.organisation("Parket", roles=["eu.prosecutor"])
    with pytest.raises(InvalidInput, match=", ".join(sorted(ROLES))):
        register.person(agency, "Bram Bakker", roles=["us.court"])


def test_codes_are_looked_at_again_when_it_is_approved(register, house, databases, monkeypatch):
    request = {"name": "Parket", "kind": "prosecution", "country": "NL", "roles": [ROLES[0]]}
    waiting = house.propose("agency.organisation", request)
    monkeypatch.setitem(databases.cases._info, ISSUING_ROLES, (ROLES[1],))
    with pytest.raises(InvalidInput, match=f"/roles: .*{ROLES[1]}"):
        house.decide(waiting)
    monkeypatch.delitem(databases.cases._info, ISSUING_ROLES)
    with pytest.raises(InvalidInput, match="/roles"):
        house.decide(waiting)


def test_same_name_is_a_duplicate(register, agency):
    with pytest.raises(Duplicate):
        register.organisation("POLITIE  eenheid oost")
    assert register.organisation(country="BE") != agency


def test_same_address_is_one_person(register, agency, person):
    with pytest.raises(Duplicate):
        register.person(agency, "Bram Bakker", email="Anna.de.Vries@POLITIE.example")


def test_person_holds_roles_of_agency_only(register, agency, person):
    with pytest.raises(InvalidInput, match="/roles"):
        register.person(agency, "Bram Bakker", roles=["us.court"])
    assert opened(register, find_person, person).roles == (ROLES[1],)


def test_change_starts_from_the_version_read(register, house, agency):
    change = {"id": agency, "version": 1, "name": "Politie Oost", "kind": "police"}
    change |= {"country": "NL", "roles": []}
    first = house.propose("agency.organisation", change)
    second = house.propose("agency.organisation", change | {"name": "Politie Oost-Nederland"})
    house.decide(first)
    with pytest.raises(StaleVersion):
        house.decide(second)
    view = opened(register, find_agency, agency)
    assert (view.name, view.version, view.roles) == ("Politie Oost", 2, ())
    with pytest.raises(StaleVersion):
        house.propose("agency.organisation", change)
    check_log(register.log)


def test_person_stays_with_the_agency(register, house, agency, person):
    other = register.organisation("Rechtbank Oost")
    request = {"id": person, "version": 1, "agency": other, "name": "Anna de Vries"}
    request |= {"function": "griffier", "email": "a@rechtbank.example", "roles": []}
    with pytest.raises(InvalidInput, match="/request/agency"):
        house.propose("agency.person", request)


def test_desk_members_come_and_go(register, house, agency, person):
    second = register.person(agency, "Bram Bakker")
    desk = register.desk(agency, [person, second])
    assert set(opened(register, find_desk, desk).members) == {person, second}
    assert read(register, desks_of, person) == [desk]
    register.desk(agency, [second], id=desk, version=1)
    assert read(register, desks_of, person) == []
    register.desk(agency, [second, person], id=desk, version=2)
    assert read(register, desks_of, person) == [desk]
    assert opened(register, find_mailbox, desk) == "team.ontvangst@politie.example"
    check_log(register.log)


def test_desk_takes_people_of_its_agency(register, agency, person):
    other = register.organisation("Rechtbank Oost")
    with pytest.raises(InvalidInput, match="/request/members"):
        register.desk(other, [person])


def test_suspension_acts_at_once(register, house, agency, person):
    desk = register.desk(agency, [person])
    suspended = register.service.suspend(house.actor("handler1"), desk, "mailbox_taken")
    assert suspended.subject == desk
    assert read(register, desks_of, person) == []
    with pytest.raises(WrongState):
        register.service.suspend(house.actor("approver1"), desk, "mailbox_taken")
    register.approve("agency.lift", {"subject": desk})
    assert read(register, desks_of, person) == [desk]
    check_log(register.log)


def test_suspended_agency_stops_its_people(register, house, agency, person):
    register.service.suspend(house.actor("handler1"), agency, "impersonation")
    assert opened(register, find_person, person).is_suspended
    assert opened(register, find_mailbox, person) is None
    with pytest.raises(WrongState):
        register.person(agency, "Bram Bakker")
    with pytest.raises(WrongState):
        register.certificate(person)
    with pytest.raises(WrongState, match="itself"):
        register.approve("agency.lift", {"subject": person})
    check_log(register.log)


@pytest.mark.parametrize("subject", ["agency", "person"])
def test_suspension_undone_in_the_database_is_found(register, house, agency, person, subject):
    subject = {"agency": agency, "person": person}[subject]
    assert found(register) == []
    register.service.suspend(house.actor("handler1"), subject, "impersonation")
    assert found(register) == []
    model = Agency if subject == agency else AgencyPerson
    with register.log.transactions.database.write() as session:
        row = session.get_one(model, subject)
        row.suspension_id = row.suspended_at = None
    (problem,) = found(register)
    assert f"{subject} is suspended in one place" in problem


def test_prosecution_is_an_agency_of_the_same_state_or_itself(register, agency):
    parket = register.organisation("Parket Oost")
    for wrong in ("a_" + "0" * 32, register.organisation("Parket Brussel", country="BE")):
        with pytest.raises(InvalidInput) as refused:
            register.organisation("Politie West", prosecution=wrong)
        assert [error.pointer for error in refused.value.errors] == ["/request/prosecution"]
    for version, named in enumerate((parket, agency, None), 1):
        register.organisation(id=agency, version=version, prosecution=named)
        assert opened(register, find_agency, agency).prosecution == named
    assert found(register) == []
    check_log(register.log)


def test_prosecution_that_stands_in_the_database_only_is_found(register, agency):
    named = register.organisation("Parket Oost")
    with register.log.transactions.database.write() as session:
        session.get_one(Agency, agency).prosecution = named
    (problem,) = found(register)
    assert "is not what two people decided on" in problem


def test_lifted_suspension_is_no_fault(register, house, agency):
    register.service.suspend(house.actor("handler1"), agency, "impersonation")
    register.approve("agency.lift", {"subject": agency})
    assert found(register) == []


def test_lift_is_for_one_suspension(register, house, agency):
    register.service.suspend(house.actor("handler1"), agency, "impersonation")
    first = house.propose("agency.lift", {"subject": agency})
    second = house.propose("agency.lift", {"subject": agency})
    house.decide(first)
    register.service.suspend(house.actor("handler1"), agency, "impersonation")
    with pytest.raises(WrongState):
        house.decide(second)
    assert opened(register, find_agency, agency).is_suspended
    check_log(register.log)


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"start": -30, "end": -1}, "expired"),
        ({"start": 1, "end": 30}, "not valid before"),
        ({"purpose": "server"}, "another purpose"),
        ({"usage": "sign"}, "does not allow key_encipherment"),
        ({"kind": "rsa1024"}, "at least 2048 bits"),
        ({"kind": "k1"}, "P-256"),
        ({"kind": "ed25519"}, "RSA key or an EC key"),
    ],
)
def test_certificate_is_refused_with_reason(register, person, options, reason):
    with pytest.raises(VerificationFailed, match=reason):
        register.certificate(person, name="refused", **options)


def test_certificate_that_expires_while_waiting(register, house, person, clock):
    pem = certificate_pem("p256", "short", end=0.005)
    waiting = house.propose("agency.certificate", {"holder": person, "pem": pem})
    clock.advance(seconds=600)
    with pytest.raises(VerificationFailed, match="expired"):
        house.decide(waiting)
    check_log(register.log)


def test_key_belongs_to_one_holder(register, agency, person):
    register.certificate(person, "p256", "shared")
    with pytest.raises(Duplicate, match=f"before, for {person}"):
        register.certificate(person, "p256", "shared")
    other = register.person(agency, "Bram Bakker")
    with pytest.raises(Duplicate, match="somebody else"):
        register.certificate(other, "p256", "shared", end=300)


@pytest.mark.parametrize("issuer", ["Politie Oost", "POLITIE  oost "])
def test_issuer_and_serial_name_one_certificate(register, agency, person, issuer):
    register.certificate(person, "p256", "mine", subject="Politie Oost", serial=1)
    other = register.person(agency, "Bram Bakker")
    with pytest.raises(Duplicate, match="issuer and serial number"):
        register.certificate(other, "p256", "theirs", subject=issuer, serial=1)
    register.certificate(other, "p256", "theirs", subject=issuer, serial=2)
    check_log(register.log)


def test_newest_certificate_counts(register, house, person, clock):
    now = clock.now()
    with pytest.raises(Unavailable, match=person):
        opened(register, list_receivers, [person], now)
    register.certificate(person, "p256", "first")
    clock.advance(hours=1)
    newer = register.certificate(person, "rsa", "second", end=30)
    assert newer == person
    (receiver,) = opened(register, list_receivers, [person], clock.now())
    assert receiver.certificate_pem.decode() == certificate_pem("rsa", "second", end=30)
    assert (receiver.name, receiver.mailbox) == ("Anna de Vries", "anna.de.vries@politie.example")
    clock.advance(days=31)
    (receiver,) = opened(register, list_receivers, [person], clock.now())
    assert receiver.certificate_pem.decode() == certificate_pem("p256", "first")
    check_log(register.log)


def test_revoked_certificate_receives_nothing(register, house, agency, person, clock):
    register.certificate(person, "p256", "first")
    actor = house.actor("approver1")
    (known,) = register.service.get_agency(actor, agency).certificates
    revoked = register.service.revoke_certificate(actor, known.id, "key_lost")
    assert (revoked.revoked_at, revoked.revocation_ground) == (clock.now(), "key_lost")
    with pytest.raises(Unavailable):
        opened(register, list_receivers, [person], clock.now())
    with pytest.raises(WrongState):
        register.service.revoke_certificate(actor, known.id, "key_lost")
    assert problems(register, agency=agency, receivers=[person]) == [
        ("receiver_without_certificate", person)
    ]
    check_log(register.log)


def test_standing_problems_are_named(register, house, agency, person):
    other = register.organisation("Rechtbank Oost")
    register.certificate(person, "p256", "first")
    desk = register.desk(agency, [person])
    assert problems(register, agency=agency, people=[person], receivers=[person]) == []
    assert problems(register, agency=None, people=[None]) == [
        ("agency_unknown", ""),
        ("person_unknown", ""),
    ]
    assert problems(register, agency=other, people=[person], receivers=[person, "d_x"]) == [
        ("person_of_other_agency", person),
        ("receiver_of_other_agency", person),
        ("receiver_unknown", "d_x"),
    ]
    for subject in (agency, person, desk):
        register.service.suspend(house.actor("handler1"), subject, "doubt")
    assert problems(register, agency=agency, people=[person], receivers=[person, desk]) == [
        ("agency_suspended", agency),
        ("person_suspended", person),
        ("receiver_suspended", person),
        ("receiver_suspended", desk),
    ]


def test_expiry_counts_when_asked(register, agency, person, clock):
    register.certificate(person, "p256", "short", end=10)
    clock.advance(days=11)
    with register.log.transactions.read() as session:
        asked = {"agency": agency, "people": [], "receivers": [person]}
        assert list_standing_problems(session, **asked) == []
        found = list_standing_problems(session, **asked, now=clock.now())
    assert found == [StandingProblem("receiver_without_certificate", person)]


def test_contact_says_who_found_it(register, house, agency):
    request = {"agency": agency, "kind": "phone", "value": "+31 (0)26-1234567"}
    request |= {"found_by_way": "central switchboard in the printed directory"}
    with pytest.raises(InvalidInput, match="expected a phone"):
        register.approve("agency.contact", request | {"value": "026-1234567"})
    register.approve("agency.contact", request | {"value": "+31 26 1234567"})
    register.approve("agency.contact", request | {"value": "+31267654321"})
    newer, older = register.service.get_agency(house.actor("handler1"), agency).contacts
    assert {newer.value, older.value} == {"+31261234567", "+31267654321"}
    assert (older.found_by, older.approved_by) == (house.id("handler1"), house.id("approver1"))
    assert [newer.is_current, older.is_current] == [True, False]
    check_log(register.log)


def test_contact_is_of_one_subject(register, agency, person):
    request = {"kind": "email", "value": "a@b.example", "found_by_way": "website"}
    for subjects in ({}, {"agency": agency, "holder": person}):
        with pytest.raises(InvalidInput, match="either"):
            register.approve("agency.contact", request | subjects)


def test_look_is_entered_before_reading(register, house, agency):
    actor = house.actor("handler1")
    detail = register.service.get_agency(actor, agency)
    assert detail.agency.id == agency
    assert events(register, agency)[-1] == "agency.viewed"
    with pytest.raises(NotFound):
        register.service.get_agency(actor, "a_unknown")
    assert [one.id for one in register.service.list_agencies(actor, None, 10)] == [agency]
    assert register.service.list_agencies(actor, agency, 10) == []


@pytest.mark.parametrize("role", [Role.ENGINEER, Role.ADMINISTRATOR, Role.RECEIVER, Role.WORKER])
def test_others_see_no_agency(register, role):
    actor = Actor("s_other", frozenset({role}))
    for act in (
        lambda: register.service.list_agencies(actor, None, 1),
        lambda: register.service.get_agency(actor, "a_1"),
        lambda: register.service.suspend(actor, "a_1", "doubt"),
        lambda: register.service.revoke_certificate(actor, "ce_1", "doubt"),
    ):
        with pytest.raises(NotPermitted):
            act()
