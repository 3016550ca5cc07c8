"""What an order to preserve names stays, whatever its term; nothing else does."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from lea_service.demands.service import DemandService
from lea_service.extraction.needed_queries import list_preserved
from lea_service.extraction.plan import PlanSource, select_named
from lea_service.kernel.actors import worker_actor
from lea_service.legal.catalogue import load_catalogue
from lea_service.records.flags import AMBIGUOUS
from lea_service.records.kinds import get_layout
from lea_service.records.selection import Named
from lea_service.records.store import TABLES
from lea_service.records.times import TimeRule, time_reader
from lea_service.retention import approval as _rules  # noqa: F401 declares the kind of rules
from tests.demands.samples import content
from tests.support.extraction import OTHER, PHONE, START, make_item
from tests.support.frozen import make_freezes
from tests.support.retention import make_retention, rule_request

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
ADDRESS = "192.0.2.1"
STRANGERS = {"caller": "+31107654321", "callee": "+31101234567"}
PBX = PlanSource(
    "so_1", "pbx1", "call", ("traffic_call_records",), ("caller", "callee"), False, None, None, None
)


@pytest.fixture
def keeping(office):
    """The office, of which every basis of the catalogue is known, and its purge."""
    office.demands = DemandService(
        office.transactions,
        office.log.looks,
        is_known_basis=load_catalogue().has_basis,
        max_order_bytes=1 << 20,
        kept_until=lambda _session, _demand: None,
    )

    freezes = make_freezes(office.log)

    def find(source, since):
        frozen = freezes.list(since)
        with office.transactions.read() as session:
            return list_preserved(session, frozen, source, since, "NL")

    stores = (office.log, office.house, office.databases.records)
    retention = make_retention(*stores, preserved=find)

    def purge():
        office.log.checkpointer.publish(worker_actor())
        return retention.purge(worker_actor())

    office.purge = purge
    office.source()
    office.calls(START, START - DAY)
    office.calls(START, **STRANGERS)
    office.house.approve("retention.rule", rule_request("CALL-60", term=60, unit="days"))
    return office


def left(office):
    with office.databases.records.read() as session:
        table = TABLES["call"]
        return session.execute(select(table.c.caller, table.c.started_at)).all()


def test_what_is_preserved_stays_until_its_term_and_is_not_late(keeping, clock):
    keeping.new_demand([make_item()], legal_basis="NL-SV-126ni", settled=False)
    clock.advance(days=80)
    (done,) = keeping.purge()
    assert (done.rows, left(keeping)) == (2, [(PHONE, START)])
    clock.advance(days=7)  # the day after the ninetieth of the order
    (done,) = keeping.purge()
    assert (done.rows, done.late, left(keeping)) == (1, 0, [])


def test_european_order_freezes_from_receipt_until_it_is_over(keeping, clock):
    demand = keeping.new_demand([make_item()], legal_basis="EU-EPO-TRAFFIC", settled=False)
    clock.advance(days=300)
    assert [one.rows for one in keeping.purge()] == [2]
    keeping.withdraw(demand)
    clock.advance(days=89)
    assert keeping.purge() == []
    clock.advance(days=1)
    assert [(one.rows, one.late) for one in keeping.purge()] == [(1, 0)]


def test_order_to_produce_under_dutch_law_freezes_nothing(keeping, clock):
    keeping.new_demand([make_item()], settled=False)
    clock.advance(days=80)
    assert [one.rows for one in keeping.purge()] == [3]


def test_items_that_ask_in_the_same_way_are_one_selection():
    items = content(items=[make_item(one) for one in (PHONE, OTHER)]).items
    no_number = replace(items[0], target=replace(items[0].target, value="no number"))
    (found,) = select_named([*items, no_number], PBX, "NL")
    assert (found.start, found.end) == (START - HOUR, START + 23 * DAY)
    assert found.matches[0].columns == ("caller", "callee", "forwarded_to", "transfer_chain")
    assert {PHONE, OTHER} <= set(found.matches[0].values)
    later = content(items=[make_item(), make_item(start=START + DAY)]).items
    assert len(select_named(later, PBX, "NL")) == 2


def test_session_whose_clock_showed_an_hour_twice_is_spared():
    begin = datetime(2025, 10, 26, 1, tzinfo=UTC)
    asked = make_item(ADDRESS, "ip_address", begin, 1, ["usage_sessions"])
    read = time_reader(TimeRule("%Y-%m-%d %H:%M:%S", "Europe/Amsterdam"))
    ended, flag = read("2025-10-26 02:30:00")  # or an hour later, within the period
    names = get_layout("usage").names
    nas = PlanSource("so_2", "nas", "usage", ("usage_sessions",), names, False, None, None, None)
    named = Named(select_named(content(items=[asked]).items, nas, "NL"))
    row = dict.fromkeys(names) | {"address": ADDRESS, "started_at": begin - 3 * HOUR}
    assert flag == AMBIGUOUS
    assert named.holds(row | {"ended_at": ended})
    assert not named.holds(row | {"ended_at": begin - HOUR})


def test_chain_of_providers_is_said_not_to_be_held(office):
    office.source()
    office.calls(START)
    _, run = office.decided(office.new_demand([make_item(categories=["provider_chain"])]))
    assert office.work(run) == "done"
    (outcome,) = office.result(run).items
    assert (office.result(run).rows, outcome.outcome) == (0, "not_held")
