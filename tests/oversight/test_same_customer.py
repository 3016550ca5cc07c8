"""Two identifiers of one customer, asked about by unrelated officers, warn as one does."""

from datetime import UTC, datetime
from functools import partial

import pytest
from sqlalchemy import event, insert
from sqlalchemy.exc import DatabaseError, InterfaceError, OperationalError

from lea_service.demands.concerned import RELATED, forms_of
from lea_service.demands.demand import Item, Period, Target, TargetKind
from lea_service.demands.service import SUBSCRIBERS_UNREAD
from lea_service.kernel.actors import worker_actor
from lea_service.kernel.errors import Unavailable
from lea_service.kernel.outbox import has_alarm
from lea_service.records.customer_queries import Customers
from lea_service.records.identifiers import normalise_target
from lea_service.records.partitions import make_room
from lea_service.records.store import SubscriberRecord
from tests.support.engines import ANY_ENGINE
from tests.support.log import check_log
from tests.support.sources import declare_source

PHONE, OTHER = "+31612345678", "+31201234567"
START, END = datetime(2026, 6, 3, tzinfo=UTC), datetime(2026, 6, 6, tzinfo=UTC)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture
def customers(databases, demands):
    """Let warnings and shut-outs go by the subscriber records, as the service does."""
    found = Customers(databases.records, "NL")
    demands._list_related = found.list_identifiers
    return found


@pytest.fixture
def hold(databases, log, customers):
    """Return what holds rows of subscribers in a source."""

    def add(*rows, source="crm"):
        with log.transactions.begin(worker_actor()) as tx:
            declare_source(tx, source, "subscriber")
        base = {"valid_from": LONG_AGO, "valid_to": None, "flags": "", "import_id": "im_1"}
        with databases.records.write() as session:
            for n, row in enumerate(rows):
                one = {**base, "source": source, "row_id": f"r{n}", **row}
                make_room(session, SubscriberRecord.__table__, [one])
                session.execute(insert(SubscriberRecord).values(**one))

    return add


def of(customer, **columns):
    return {"customer_number": customer, **columns}


BOTH = (of("K1", number=PHONE, email="jan@huis.example"), of("K1", number=OTHER), of("K2"))


@pytest.mark.parametrize(
    ("value", "kind"),
    [(OTHER, "phone_number"), ("jan@huis.example", "email"), ("K1", "customer_number")],
)
def test_two_identifiers_of_a_customer_are_told(world, hold, value, kind):
    hold(*BOTH)
    world.ask(world.officer("Parket Oost"))
    assert world.kinds() == []
    demand = world.ask(world.officer("Parket West"), value, kind)
    (told,) = world.warnings()
    assert (told.kind, told.demand, told.count) == ("target.asked_by_others", demand, 1)
    assert not [one for one in (PHONE, OTHER, "K1", "jan") if one in str(told)]
    check_log(world.log)


@pytest.mark.parametrize(
    ("kind", "asked", "row", "is_theirs"),
    [
        ("sip_uri", f"sip:{PHONE}@voice.example", {"number": PHONE}, True),
        ("sip_uri", "sip:0612345678;ext=1@voice.example", {"number": PHONE}, True),
        ("sip_uri", f"sip:{PHONE}1@voice.example", {"number": PHONE}, False),
        ("sip_uri", "sip:piet@voice.example", {}, False),
        (
            "phone_number",
            PHONE,
            {"number": PHONE, "valid_to": datetime(1926, 6, 4, tzinfo=UTC)},
            True,
        ),
        ("phone_number", PHONE, {"number": PHONE, "valid_to": START}, False),
    ],
)
def test_customer_of_a_line_is_found_by_its_address_and_a_wrong_end(
    log, customers, hold, kind, asked, row, is_theirs
):
    """What ends before it begins may be held still: one of the two is wrong."""
    hold(of("K1", **row), of("K1", email="jan@huis.example"))
    item = Item(1, Target(TargetKind(kind), asked), Period(START, END, "UTC"), ())
    with log.transactions.read() as session:
        found = customers.list_identifiers(session, [item])
    assert (Target(TargetKind.EMAIL, "jan@huis.example") in found) is is_theirs


@pytest.mark.parametrize(
    ("kind", "column", "stored", "asked"),
    [
        ("imsi", "imsi", "204081234567890", "204081234567890"),
        ("iccid", "iccid", "8931080012345678904", "8931080012345678904"),
        ("mac_address", "mac", "00:1a:2b:3c:4d:5e", "00-1A-2B-3C-4D-5E"),
        ("imei", "imei", "490154203237518", "49-015420-323751-8"),
        ("imei", "imei", "490154203237510", "490154203237518"),
    ],
)
def test_card_and_equipment_are_of_their_customer(
    log, customers, hold, kind, column, stored, asked
):
    hold(of("K1", number=PHONE, **{column: stored}))
    period = Period(START, END, "UTC")
    own = Target(TargetKind(kind), asked)
    with log.transactions.read() as session:
        by_card = customers.list_identifiers(session, [Item(1, own, period, ())])
        phone = Target(TargetKind.PHONE_NUMBER, PHONE)
        by_number = customers.list_identifiers(session, [Item(1, phone, period, ())])
    assert phone in by_card
    normalise = partial(normalise_target, region="NL")
    forms = {form for one in by_number for form in forms_of(one, normalise)}
    assert set(forms_of(own, normalise)) <= forms


def test_demand_counts_once_however_it_is_found(world, hold):
    hold(*BOTH)
    world.ask(world.officer("Parket Oost"))
    world.ask(world.officer("Parket West"))
    (told,) = world.warnings()
    assert told.count == 1


def test_same_officer_other_customer_and_sealed_lane_are_not_told(world, hold):
    hold(*BOTH, of("K3", number="+31201234568"))
    officer = world.officer("Parket Oost")
    world.ask(officer)
    world.ask(officer, OTHER)
    world.ask(world.officer("Parket West"), "+31201234568")
    world.ask(world.officer("Dienst"), OTHER, lane="sealed")
    assert world.kinds() == []


def test_customer_number_of_another_source_is_another_customer(world, hold):
    hold(of("K1", number=PHONE))
    hold(of("K1", number=OTHER), source="crm2")
    world.ask(world.officer("Parket Oost"))
    world.ask(world.officer("Parket West"), OTHER)
    assert world.kinds() == []


@pytest.mark.parametrize(
    ("span", "found"),
    [
        ({"valid_to": START}, False),
        ({"valid_to": datetime(2026, 6, 4, tzinfo=UTC)}, True),
        ({"valid_from": END}, False),
    ],
)
def test_customer_is_who_had_it_in_the_period(log, customers, hold, span, found):
    hold(of("K1", number=PHONE, **span), of("K1", sip_uri="sip:jan@huis.example"))
    period = Period(START, END, "Europe/Amsterdam")
    asked = Item(1, Target(TargetKind.PHONE_NUMBER, "06-12345678"), period, ())
    with log.transactions.read() as session:
        listed = customers.list_identifiers(session, [asked])
    sip = Target(TargetKind.SIP_URI, "sip:jan@huis.example")
    assert (sip in listed) == found


@pytest.mark.parametrize(
    "target",
    [
        Target(TargetKind.IP_ADDRESS, "192.0.2.1"),
        Target(TargetKind.TIME_AND_PLACE, "Markt 1, Assen"),
        Target(TargetKind.PHONE_NUMBER, "112"),
        Target(TargetKind.PHONE_ID, "200", source="pbx"),
    ],
)
def test_what_is_of_no_customer_here_finds_nothing(log, customers, hold, target):
    hold(of("K1", number=PHONE, number_raw="200"))
    with log.transactions.read() as session:
        asked = Item(1, target, Period(START, END, "UTC"), ())
        assert customers.list_identifiers(session, [asked]) == frozenset()


def test_identifier_of_a_source_is_of_its_customer(log, customers, hold):
    hold(of("K1", number_raw="200", number=PHONE))
    asked = Item(1, Target(TargetKind.PHONE_ID, "200", source="crm"), Period(START, END, "UTC"), ())
    with log.transactions.read() as session:
        listed = customers.list_identifiers(session, [asked])
    assert Target(TargetKind.PHONE_NUMBER, PHONE) in listed
    assert asked.target in listed


def test_customer_of_many_numbers_is_read_once(log, databases, customers, hold):
    """Else an order for 200 numbers of one company takes as many readings of all it has."""
    hold(*[of("K1", number=f"+3120123456{n}") for n in range(10)])
    asked = [
        Item(n, Target(TargetKind.PHONE_NUMBER, f"+3120123456{n}"), Period(START, END, "UTC"), ())
        for n in range(10)
    ]
    read = []
    event.listen(databases.records.engine, "after_cursor_execute", lambda *one: read.append(one[2]))
    with log.transactions.read() as session:
        found = customers.list_identifiers(session, asked)
    assert len([one for one in read if "LIMIT" in one]) == 1
    assert len(found) == len([*asked, "the customer number"])


class Silent:
    """A record store that does not answer, or not as it should."""

    def __init__(self, error=OperationalError):
        self._error = error

    def read(self):
        raise self._error("SELECT", {}, Exception("gone"))


@pytest.mark.parametrize("error", [OperationalError, DatabaseError, InterfaceError])
def test_demand_is_held_while_the_record_store_is_gone(world, demands, hold, error):
    """So it is where a file is damaged: an order that comes is recorded all the same."""
    hold(*BOTH)
    world.own("handler2", PHONE)
    demands._list_related = Customers(Silent(error), "NL").list_identifiers
    world.ask(world.officer("Parket Oost"), PHONE)
    second = world.ask(world.officer("Parket West"), OTHER)
    assert world.kinds() == []
    assert is_held(world, second)
    with world.log.transactions.read() as session:
        assert has_alarm(session, f"{SUBSCRIBERS_UNREAD}/{second}")
    world.ask(world.officer("Parket Noord"))
    assert world.kinds() == ["target.asked_by_others"]
    correct(world, second)
    assert is_held(world, second)


def test_correction_as_it_is_ends_that_once_the_store_answers(world, demands, customers, hold):
    hold(*BOTH)
    world.own("handler2", PHONE)
    demands._list_related = Customers(Silent(), "NL").list_identifiers
    demand = world.ask(world.officer(), OTHER)
    assert world.finds("handler2", demand)
    demands._list_related = customers.list_identifiers
    correct(world, demand)
    assert not is_held(world, demand)
    assert not world.finds("handler2", demand)
    check_log(world.log)


@ANY_ENGINE
@pytest.mark.parametrize(
    ("value", "kind"),
    [("K1", "customer_number"), (OTHER, "phone_number"), ("jan@huis.example", "email")],
)
def test_colleague_is_shut_out_from_what_else_is_theirs(world, hold, value, kind):
    world.own("handler2", PHONE)
    hold(*BOTH, of("K3", number="+31201234568"))
    officer = world.officer()
    assert not world.finds("handler2", world.ask(officer, value, kind))
    assert world.finds("handler2", world.ask(officer, "+31201234568"))
    assert world.finds("handler2", world.ask(officer, "K2", "customer_number"))
    check_log(world.log)


@ANY_ENGINE
def test_by_what_a_colleague_is_reached_only_that_itself_counts(world, hold):
    """Else everybody is shut out from a demand about a number of which we are the customer."""
    reached = {"phone": None, "mailbox": "jan@huis.example", "company": None}
    footing = {"kind": "employee", "from": None, "until": None, **reached}
    person = world.house.id("handler2")
    world.approve("staff.engagement", {"account": person, "engagement": footing})
    hold(*BOTH)
    officer = world.officer()
    assert world.finds("handler2", world.ask(officer, OTHER))
    assert not world.finds("handler2", world.ask(officer, "jan@huis.example", "email"))


@pytest.fixture
def carried(log, customers, monkeypatch):
    """Have sessions know the customers, as those of the service do."""
    monkeypatch.setitem(log.transactions.database._info, RELATED, customers.list_identifiers)


@ANY_ENGINE
def test_list_that_is_set_later_closes_what_else_is_theirs(world, carried, hold):
    hold(*BOTH)
    officer = world.officer()
    theirs = [
        world.ask(officer, OTHER),
        world.ask(officer, "K1", "customer_number"),
        world.ask(officer, "jan@huis.example", "email"),
    ]
    other = world.ask(officer, "K2", "customer_number")
    world.own("handler2", PHONE)
    assert [one for one in theirs if world.finds("handler2", one)] == []
    assert world.finds("handler2", other)
    check_log(world.log)


@ANY_ENGINE
def test_list_is_not_set_while_the_record_store_is_gone(world, log, hold, monkeypatch):
    gone = Customers(Silent(), "NL").list_identifiers
    monkeypatch.setitem(log.transactions.database._info, RELATED, gone)
    with pytest.raises(Unavailable):
        world.own("handler2", PHONE)


def is_held(world, demand):
    held = world.demands.holds(world.house.actor("handler1"), demand)
    return SUBSCRIBERS_UNREAD in {one.code for one in held}


def correct(world, demand):
    """Correct a demand as it is."""
    handler = world.house.actor("handler1")
    found = world.demands.get(handler, demand)
    world.demands.correct(handler, demand, found.content, found.version)
