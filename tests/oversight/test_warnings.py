from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from lea_service.custody.queries import list_stream
from lea_service.kernel.actors import worker_actor
from lea_service.kernel.errors import InvalidInput, NotFound, NotPermitted, WrongState
from lea_service.kernel.jobs import Job
from lea_service.kernel.transactions import SYSTEM_STREAM
from lea_service.legal.annex.models import AnnexForm
from lea_service.legal.models import Assessment, Refusal
from lea_service.oversight.queries import NOTHING_HERE
from lea_service.oversight.rules import is_unusual
from lea_service.oversight.schemas import RecipientRequest
from lea_service.web.schemas import load_form
from tests.staff.edge import build_staff
from tests.support.call_backs import add_number, call_back
from tests.support.log import check_log

PHONE = "+31612345678"


def notices(world, template="warning"):
    with world.log.transactions.read() as session:
        jobs = session.scalars(select(Job).where(Job.kind == "notice.send")).all()
    return [one.args["recipient"] for one in jobs if one.args["template"] == template]


def look(world):
    with world.log.transactions.begin(worker_actor()) as tx:
        world.oversight.look_at_flow(tx)


def test_same_subscriber_asked_by_others_is_told_once(world):
    first, second = world.officer("Parket Oost"), world.officer("Parket West")
    world.ask(first)
    world.ask(first, note="once more")
    assert world.kinds() == []
    demand = world.ask(second, "06-12345678")
    (told,) = world.warnings()
    assert (told.kind, told.demand, told.count) == ("target.asked_by_others", demand, 2)
    assert notices(world) == [None]
    world.clock.advance(days=91)
    world.ask(world.officer("Parket Noord"))
    assert len(world.warnings()) == 1
    check_log(world.log)


def test_warning_and_its_entry_name_no_target(world):
    world.ask(world.officer("Parket Oost"))
    world.ask(world.officer("Parket West"))
    (told,) = world.warnings()
    assert PHONE.strip("+") not in str(told)
    with world.log.transactions.read() as session:
        data = [one.data for one in list_stream(session, SYSTEM_STREAM) if "warning" in one.event]
    assert told.demand.encode() not in b"".join(data)


def test_sealed_demands_take_no_part(world):
    world.ask(world.officer("Parket Oost"))
    world.ask(world.officer("Dienst"), lane="sealed")
    world.ask(world.officer("Dienst 2"), lane="sealed")
    assert world.kinds() == []
    world.ask(world.officer("Parket West"))
    (told,) = world.warnings()
    assert told.count == 1


def test_watched_identifier_is_told(world):
    listed = [{"kind": "customer_number", "value": "ADMIN-1"}]
    world.approve("oversight.watch", {"identifiers": listed})
    world.ask(world.officer("Parket Oost"))
    assert world.kinds() == []
    world.ask(world.officer("Parket West"), "ADMIN-1", "customer_number")
    assert world.kinds() == ["target.watched"]
    world.approve("oversight.watch", {"identifiers": []})
    world.ask(world.officer("Parket Noord"), "ADMIN-1", "customer_number", note="again")
    assert world.kinds() == ["target.asked_by_others", "target.watched"]
    check_log(world.log)


def test_ten_times_the_usual_volume_is_told_once_a_month(world):
    officer = world.officer()
    world.ask(officer, PHONE)
    world.clock.advance(days=40)
    for n in range(9):
        world.ask(officer, f"+3161000000{n}")
    look(world)
    assert world.kinds() == []
    world.ask(officer, "+31610000010")
    look(world)
    look(world)
    (told,) = world.warnings()
    assert (told.kind, told.subject, told.count) == ("agency.volume", officer[0], 10)
    check_log(world.log)


def test_repeated_refusals_of_an_officer_are_told(world):
    officer, other = world.officer("Parket Oost"), world.officer("Parket West")
    for n, one in enumerate((officer, officer, other, officer)):
        refuse(world, world.ask(one, f"+3161000000{n}"))
        look(world)
        assert len(world.warnings()) == (n == 3)
    assert world.warnings()[0].subject == officer[1]


def test_denials_by_the_agency_count_as_refusals_once_a_demand(world):
    officer = world.officer("Parket Oost")
    add_number(world.register, officer[0])
    transactions = world.log.transactions
    demands = [world.ask(officer, f"+3161000000{n}") for n in range(4)]
    world.clock.advance(seconds=1)
    call_back(transactions, world.house.actor("handler1"), demands[0], "unreachable")
    for n, one in enumerate(demands[1:], 1):
        look(world)
        assert world.warnings() == []
        call_back(transactions, world.house.actor("handler1"), one, "denied")
        if n == 1:
            refuse(world, one)
            call_back(transactions, world.house.actor("handler2"), one, "confirmed")
    look(world)
    (told,) = world.warnings()
    assert (told.kind, told.subject, told.count) == ("officer.refused_again", officer[1], 3)


def test_form_that_says_that_we_have_nothing_turns_nobody_away(world):
    officer = world.officer("Parket Oost")
    demands = [world.ask(officer, f"+3161000000{n}") for n in range(6)]
    for demand, reason in zip(demands[:3], sorted(NOTHING_HERE), strict=True):
        end_by_form(world, demand, [reason])
    look(world)
    assert world.warnings() == []
    for demand in demands[3:]:
        end_by_form(world, demand, ["not_stored", "not_by_issuing_authority"])
    look(world)
    assert world.kinds() == ["officer.refused_again"]


def end_by_form(world, demand, reasons):
    """Keep a form that ends a European order, without the way to it."""
    with world.log.transactions.begin(worker_actor()) as tx:
        row = AnnexForm(
            id=tx.ids.new("ax"), demand_id=demand, n=1, assessment_id=assess(tx, demand),
            certificate="production", reasons=reasons, effect="ends", findings=[],
            table_digest="d" * 43, statement_sealed=b"", filed_by="s_x", filed_at=tx.now,
        )  # fmt: skip
        tx.session.add(row)


def assess(tx, demand):
    """Keep an assessment; returns its id."""
    row = Assessment(
        id=tx.ids.new("as"), demand_id=demand, n=1, record_version=1, catalogue_version="1",
        catalogue_digest="d" * 43, outcome="defect", findings=[], compared_sealed=b"",
        assessed_by="s_x", assessed_at=tx.now,
    )  # fmt: skip
    tx.session.add(row)
    tx.session.flush()
    return row.id


def refuse(world, demand):
    """Keep a refusal as the legal check would, without the way to it."""
    with world.log.transactions.begin(worker_actor()) as tx:
        row = Refusal(
            demand_id=demand, assessment_id=assess(tx, demand), ground="x", findings=[],
            explanation_sealed=b"", refused_by="s_x", refused_at=tx.now,
        )  # fmt: skip
        tx.session.add(row)


def test_list_says_who_reads_and_is_written_to(world):
    overseer2 = world.house.hire("overseer2", "overseer", by="admin1", decided_by="overseer1")
    world.house.hire("admin2", "administrator", by="admin1", decided_by="overseer1")
    listed = {"account": overseer2, "mailbox": "o2@provider.example", "is_listed": True}
    other = {**listed, "account": world.house.id("handler1")}
    with pytest.raises(WrongState, match="overseers"):
        world.approve("oversight.recipient", other)
    world.approve("oversight.recipient", listed, decided_by="overseer1")
    world.ask(world.officer("Parket Oost"))
    world.ask(world.officer("Parket West"))
    assert notices(world) == [overseer2]
    with pytest.raises(NotPermitted, match="on the list"):
        world.warnings()
    assert world.oversight.list_warnings(world.house.actor("overseer2"), None, None, 9)
    off = {"account": overseer2, "is_listed": False}
    world.approve("oversight.recipient", off, decided_by="overseer1")
    assert len(world.warnings()) == 1
    check_log(world.log)


def test_list_of_suspended_people_is_no_list(world):
    overseer2 = world.house.hire("overseer2", "overseer", by="admin1", decided_by="overseer1")
    listed = {"account": overseer2, "mailbox": "o2@provider.example", "is_listed": True}
    world.approve("oversight.recipient", listed)
    staff = build_staff(world.house)
    staff.suspend(world.house.actor("admin1"), overseer2, "left")
    world.ask(world.officer("Parket Oost"))
    world.ask(world.officer("Parket West"))
    assert notices(world) == [None]
    assert len(world.warnings()) == 1
    check_log(world.log)


@pytest.mark.parametrize("mailbox", ['"a\x0b"@x.example', '"a\x01"@x.example'])
def test_mailbox_that_fits_no_header_is_refused(mailbox):
    request = {"account": "s_1", "mailbox": mailbox, "is_listed": True}
    with pytest.raises(InvalidInput):
        load_form(RecipientRequest, request)


def test_overseer_asked_about_is_not_warned_and_somebody_is(world):
    """What goes out says that nobody on the list may read it, and nothing of whom it is about."""
    overseer2 = world.house.hire("overseer2", "overseer", by="admin1", decided_by="overseer1")
    listed = {"account": overseer2, "mailbox": "o2@provider.example", "is_listed": True}
    world.approve("oversight.recipient", listed)
    world.own("overseer2", PHONE)
    world.ask(world.officer("Parket Oost"))
    world.ask(world.officer("Parket West"))
    assert (notices(world), notices(world, "warning.unread")) == ([], [None])
    assert world.oversight.list_warnings(world.house.actor("overseer2"), None, None, 9) == []
    overseer1 = world.house.id("overseer1")
    also = {"account": overseer1, "mailbox": "o1@provider.example", "is_listed": True}
    world.house.hire("admin2", "administrator", by="admin1", decided_by="overseer1")
    world.approve("oversight.recipient", also, decided_by="admin2")
    assert [one.kind for one in world.warnings()] == ["target.asked_by_others"]
    world.ask(world.officer("Parket Noord"))
    assert (notices(world), notices(world, "warning.unread")) == ([overseer1], [None])
    check_log(world.log)


def test_warnings_come_page_by_page(world):
    overseer = world.house.actor("overseer1")
    for name in ("Oost", "West", "Noord", "Zuid"):  # all at one instant: the ids decide
        world.ask(world.officer(f"Parket {name}"))
    whole, after, found = world.warnings(), None, []
    assert len(whole) == 3
    while page := world.oversight.list_warnings(overseer, None, after, 1):
        found += page
        after = page[-1].raised_at, page[-1].id
    assert found == whole


def test_warning_is_settled_once_with_a_reason(world):
    world.ask(world.officer("Parket Oost"))
    world.ask(world.officer("Parket West"))
    overseer = world.house.actor("overseer1")
    (told,) = world.warnings(is_open=True)
    settled = world.oversight.settle(overseer, told.id, "two cases, both known")
    assert (settled.settled_by, settled.reason) == (overseer.id, "two cases, both known")
    assert (world.warnings(is_open=True), len(world.warnings(is_open=False))) == ([], 1)
    with pytest.raises(WrongState):
        world.oversight.settle(overseer, told.id, "again")
    with pytest.raises(NotFound):
        world.oversight.settle(overseer, "w_" + "0" * 32, "none")
    with pytest.raises(NotPermitted):
        world.oversight.settle(world.house.actor("handler1"), told.id, "mine")
    check_log(world.log)


@given(st.integers(0, 500), st.integers(0, 500), st.integers(0, 400).map(timedelta))
def test_unusual_is_ten_times_the_mean_and_ten_at_least(recent, earlier, known_for):
    spans = max(known_for.days / 30, 1)
    assert is_unusual(recent, earlier, known_for) == (
        recent >= 10 and recent >= 10 * earlier / spans - 1e-9
    )
