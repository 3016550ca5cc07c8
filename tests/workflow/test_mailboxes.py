"""Whom notices reach: the mailboxes of the register, never one out of a demand's words."""

from email import message_from_bytes
from email.policy import default

import pytest

from lea_service.agencies.models import Agency
from lea_service.custody.entries import load_entry
from lea_service.custody.queries import list_stream
from lea_service.demands.admission import shut_out
from lea_service.kernel.actors import worker_actor
from lea_service.kernel.errors import Unavailable
from lea_service.kernel.outbox import enqueue_notice, enqueue_own_notice
from tests.support.agency import ROLES
from tests.support.service import OTHER, PHONE
from tests.support.staff import clearances

STRANGER = "stranger@elsewhere.example"
ANNA, BRAM = "anna.de.vries@politie.example", "bram@politie.example"
DESK = "team.ontvangst@politie.example"
CLEARED = {"approver2": "a@provider.example", "auditor1": "b@provider.example"}
PARKET = "post@parket.example"
AGENCY_MAIL = "post@politie.example"


@pytest.fixture
def filled(whole):
    whole.source()
    whole.calls(5)
    whole.work()
    return whole


def add_address(filled):
    contact = {"agency": filled.agency, "kind": "email", "value": AGENCY_MAIL}
    found = {"found_by_way": "public directory, read on its own site"}
    filled.register.approve("agency.contact", contact | found)


def test_acknowledgement_reaches_who_issued_it(filled):
    filled.record(issuing_person={"ref": filled.person, "name": STRANGER})
    assert sent(filled) == [(ANNA, "Acknowledgement")]


def test_contact_of_the_register_comes_first(filled):
    bram = filled.register.person(filled.agency, "Bram", email=BRAM)
    filled.record(contact={"ref": bram, "name": STRANGER})
    assert sent(filled) == [(BRAM, "Acknowledgement")]


def test_agency_is_written_to_where_nobody_else_is_known(filled):
    add_address(filled)
    filled.record(issuing_person={"name": STRANGER})
    assert sent(filled) == [(AGENCY_MAIL, "Acknowledgement")]


def test_agency_that_a_correction_left_out_is_written_to_itself(filled):
    add_address(filled)
    demand = filled.record()
    with filled.services.transactions.begin(worker_actor()) as tx:
        enqueue_notice(tx, "demand.withdrawn", demand=demand, receiver=filled.agency, occasion="x")
    assert (AGENCY_MAIL, "Withdrawal") in sent(filled)


def test_words_of_a_demand_are_never_written_to(filled):
    words = {"name": STRANGER}
    demand = filled.record(
        agency=words,
        issuing_person=words,
        contact=words,
        enforcing_authority=words,
        note=f"please answer to {STRANGER}",
    )
    assert sent(filled) == []
    assert "notice.unsent" in filled.events(demand)


def test_person_of_a_suspended_agency_hears_nothing(filled):
    filled.suspend(filled.person)
    demand = filled.record()
    assert sent(filled) == []
    assert "notice.unsent" in filled.events(demand)


def test_what_a_suspended_agency_did_not_hear_goes_out_once_it_is_lifted(filled):
    filled.suspend()
    demand = filled.record()
    assert sent(filled) == []
    filled.withdraw(demand)
    filled.clock.advance(seconds=300)
    assert sent(filled) == []
    assert filled.events(demand).count("notice.unsent") == 2
    filled.lift()
    filled.clock.advance(seconds=300)
    assert [to for to, _ in sent(filled)] == [ANNA, ANNA]
    assert filled.events(demand).count("notice.sent") == 2
    filled.clock.advance(seconds=300)
    assert sent(filled) == []


def test_question_and_refusal_reach_who_issued_it(filled):
    demand = filled.settle(filled.record())
    assert sent(filled) == [(ANNA, "Acknowledgement")]
    filled.services.legal.ask_clarification(
        filled.actor(), demand, f"whose number is {PHONE}?", reasons=["target"]
    )
    assert sent(filled) == [(ANNA, "Question")]
    wrong = filled.record(legal_basis="NL-SV-126nd")
    found = filled.services.legal.assess(filled.actor(), wrong)
    defects = [one for one in found.findings if one.outcome == "defect"]
    filled.services.legal.refuse(
        filled.actor(), wrong, defects[0].ground, [defects[0].ref], f"{PHONE}: no"
    )
    assert sent(filled) == [(ANNA, "Acknowledgement"), (ANNA, "Answer")]


def test_package_is_announced_to_each_receiver(filled):
    clerk = filled.receiver("p256", "Bram Clerk")
    desk = filled.desk([clerk])
    demand = filled.decided(filled.record(receivers=[filled.person, desk]))
    expected = [(ANNA, "Acknowledgement"), (ANNA, "Package"), (DESK, "Package")]
    assert sent(filled) == expected
    assert filled.state(demand) == "delivered"


def owed(whole, **changes):
    """Let an oral order of the police run out unconfirmed; returns what was sent then."""
    contact(whole, whole.agency, AGENCY_MAIL)
    officer = whole.register.person(whole.agency, "Bram", email=BRAM)
    contact(whole, officer, "bram@elsewhere.example")
    police = {"issuing_role": ROLES[1], "legal_basis": "NL-SV-126na-1"}
    whole.record(form="oral", issuing_person={"ref": officer}, **police, **changes)
    sent(whole)
    whole.clock.advance(days=10)
    return set(sent(whole) + sent(whole))


def contact(whole, holder, value):
    request = {"holder": holder, "kind": "email", "value": value}
    found = {"found_by_way": "public directory, read on its own site"}
    whole.register.approve("agency.contact", request | found)


def prosecution(whole, **changes):
    """Have the register name the prosecution of the police; returns its id."""
    named = whole.register.organisation("Parket Oost", kind="prosecution", **changes)
    with whole.services.transactions.read() as session:
        version = session.get_one(Agency, whole.agency).version
    whole.register.organisation(id=whole.agency, version=version, prosecution=named)
    return named


def test_prosecution_of_the_police_is_told_of_an_oral_order_without_its_writing(filled):
    contact(filled, prosecution(filled), PARKET)
    own = filled.settings.alarm_mailbox
    assert owed(filled) == {
        (PARKET, "Order"), (AGENCY_MAIL, "Confirmation"), (own, "Possible"), (own, "Term"),
        (own, "Letter"),
    }  # fmt: skip


@pytest.mark.parametrize("known", ["nothing", "no_address", "suspended"])
def test_overseers_are_told_that_no_prosecution_was(filled, known):
    if known != "nothing":
        named = prosecution(filled)
        if known == "suspended":
            contact(filled, named, PARKET)
            filled.suspend(named)
    own = filled.settings.alarm_mailbox
    assert owed(filled) == {
        (own, "No"), (AGENCY_MAIL, "Confirmation"), (own, "Possible"), (own, "Term"),
        (own, "Letter"),
    }  # fmt: skip


def test_prosecution_hears_nothing_of_the_sealed_lane(filled):
    contact(filled, prosecution(filled), PARKET)
    found = owed(filled, lane="sealed")
    assert found == {(filled.settings.alarm_mailbox, "No"), (AGENCY_MAIL, "Confirmation")}


def clear(whole, name, mailbox=None):
    """Let somebody into the sealed lane, and say how they are reached."""
    person, pair = whole.house.id(name), ("admin1", "overseer1")
    given = {"account": person, "clearances": clearances(kinds=("sealed",))}
    whole.house.approve("staff.clearance", given, *pair)
    if mailbox is not None:
        footing = {"kind": "employee", "from": None, "until": None, "mailbox": mailbox}
        given = {"account": person, "engagement": footing}
        whole.house.approve("staff.engagement", given, *pair)


def tell(whole, demand, template):
    """Have our own people told something of a demand; returns what was sent."""
    with whole.services.transactions.begin(worker_actor()) as tx:
        enqueue_own_notice(tx, template, about=demand, occasion=tx.ids.new("n"))
    return sent(whole)


def test_sealed_lane_alarms_cleared_people_alone(filled):
    """On arrival and later: nobody else is to know that there is anything in the lane."""
    for name, mailbox in CLEARED.items():
        clear(filled, name, mailbox)
    clear(filled, "approver1")
    demand = filled.record(lane="sealed")
    arrived = {(frozenset(to.split(", ")), what) for to, what in sent(filled)}
    assert arrived == {
        (frozenset(CLEARED.values()), "Alarm"),
        (frozenset([ANNA]), "Acknowledgement"),
    }
    with filled.services.transactions.begin(worker_actor()) as tx:
        shut_out(tx, demand, [filled.house.id("auditor1")])
    left = CLEARED["approver2"]
    told = tell(filled, demand, "preservation.changed")  # and that too few are left for it
    assert told == [(left, "Alarm"), (left, "Preservation")]
    filled.clock.advance(days=800)  # no clearance lasts that long
    own = filled.settings.alarm_mailbox
    assert (own, "Alarm") in tell(filled, demand, "alarm")


def test_leaf_of_a_sealed_demand_does_not_say_whom_a_notice_is_for(filled):
    """Sent or not; who may read the demand reads it."""
    demand = filled.record(lane="sealed")
    bram = filled.register.person(filled.agency, "Bram", email=BRAM)
    filled.suspend(bram)
    with filled.services.transactions.begin(worker_actor()) as tx:
        for one in (filled.person, bram):
            enqueue_notice(tx, "demand.withdrawn", demand=demand, receiver=one, occasion="x")
    assert (ANNA, "Withdrawal") in sent(filled)
    with filled.services.transactions.read() as session:
        found = [load_entry(one.data) for one in list_stream(session, demand)]
    told = [one for one in found if one["ev"].startswith("notice.")]
    assert {one["ev"] for one in told} == {"notice.sent", "notice.unsent"}
    assert all("receiver" not in one["facts"] and one["_sd"] for one in told)


def test_sealed_lane_without_a_mailbox_alarms_and_says_nothing_else(filled):
    """The one exception: else nobody hears that the lane has nobody who can be told."""
    clear(filled, "approver2")
    demand = filled.record(lane="sealed")
    assert (filled.settings.alarm_mailbox, "Alarm") in sent(filled)
    assert tell(filled, demand, "preservation.changed") == []
    (text,) = [
        one for one in (path.read_text() for path in filled.settings.notices_dir.glob("*.eml"))
        if "Subject: Alarm" in one
    ]  # fmt: skip
    assert "sealed-lane" in text
    assert demand not in text


def test_late_receivers_are_reminded_once(filled):
    filled.delivered()
    sent(filled)
    filled.clock.advance(days=15)
    assert sent(filled) == [(ANNA, "Reminder")]
    filled.clock.advance(days=1)
    assert sent(filled) == []


def test_alarm_reaches_our_own_people(filled):
    filled.settings.spool_dir.write_text("a file where a folder belongs")
    filled.decided()
    for _ in range(8):
        filled.work()
        filled.clock.advance(seconds=31)
    assert (filled.settings.provider_contact, "Alarm") in sent(filled)


def test_notices_carry_nothing_of_a_case(filled):
    demand = filled.record(note="dringend", references=[{"kind": "case_number", "value": "26-77"}])
    filled.delivered(demand)
    for path in filled.settings.notices_dir.glob("*.eml"):
        text = path.read_text()
        assert demand in text
        for word in (PHONE, PHONE[3:], OTHER, "26-77", "dringend", "126n", "Politie Eenheid"):
            assert word not in text


def test_notice_waits_for_its_mail_server(filled):
    transport, works = filled.services.notices, []
    send = transport.send
    demand = filled.record()
    transport.send = lambda notice: send(notice) if works else away()
    for _ in range(20):
        filled.work()
        filled.clock.advance(seconds=61)
    assert "notice.sent" not in filled.events(demand)
    assert filled.alarms() == []
    works.append(True)
    assert sent(filled) == [(ANNA, "Acknowledgement")]
    assert filled.events(demand).count("notice.sent") == 1
    filled.check()


def sent(whole):
    """Let the worker send; returns (mailbox, first English word of the subject) of new mails.

    Of those about demands: that approvers answer nothing shows here too, as days pass.
    """
    whole.work()
    seen = whole.__dict__.setdefault("seen", set())
    found = []
    folder = whole.settings.notices_dir
    for path in set(folder.glob("*.eml")) - seen if folder.exists() else ():
        mail = message_from_bytes(path.read_bytes(), policy=default)
        found.append((mail["To"], mail["Subject"].rpartition("/ ")[2].split()[0]))
        seen.add(path)
    return sorted(one for one in found if one[1] != "Too")


def away():
    raise Unavailable("the mail server does not answer")
