"""Who is in the middle of a transfer is found there, counted there, and shown with the whole."""

import json

import pytest

from lea_service.extraction.plan import PlanSource, select_named
from lea_service.records.kinds import CALL, CATEGORIES, CHAINS
from lea_service.records.selection import Named
from tests.demands.samples import content
from tests.support.extraction import OTHER, PHONE, START, make_item

FIRST, MIDDLE, LAST = "+31887654321", "+31107654321", "+31301234567"
WAY = {
    "caller": OTHER,
    "callee": FIRST,
    "callee_raw": FIRST,
    "forwarded_to": LAST,
    "forwarded_to_raw": LAST,
    "transfer_chain": f"{FIRST} {MIDDLE} {LAST}",
    "transfer_chain_raw": f"{FIRST} the%20hall {MIDDLE} sip:Bob@y {LAST}",
    "transfer_chain_uri": "sip:Bob@y",
}


@pytest.fixture
def switchboard(office):
    """A source with one call that went a long way, one beside it, and one with none of them."""
    office.source()
    office.calls(START, **WAY)
    office.calls(
        START, **WAY | {"transfer_chain": f"{MIDDLE}1 {FIRST}", "transfer_chain_uri": None}
    )
    office.calls(START)
    return office


ASKED = [
    (MIDDLE, "phone_number", 1),
    (FIRST, "phone_number", 2),
    ("sip:Bob@Y:5060", "sip_uri", 1),
    ("sip:bob@y", "sip_uri", 0),
    ("the hall", "phone_id", 2),
    ("The hall", "phone_id", 0),
    ("hall", "phone_id", 0),
    ("_he hall", "phone_id", 0),
]


def test_party_in_the_middle_is_found_and_no_other(switchboard):
    items = [
        make_item(value, kind, **({"source": "pbx1"} if kind == "phone_id" else {}))
        for value, kind, _ in ASKED
    ]
    _, run = switchboard.decided(switchboard.new_demand(items))
    assert switchboard.work(run) == "done"
    assert [one.rows for one in switchboard.result(run).items] == [rows for *_, rows in ASKED]
    lines = [json.loads(line) for line in switchboard.lines(run)["call"]]
    assert [line["transfer_chain_raw"] for line in lines] == [WAY["transfer_chain_raw"]] * 2


def test_everybody_on_the_way_is_another_party(switchboard):
    plan = switchboard.plan(switchboard.new_demand([make_item(MIDDLE)]))
    counted = switchboard.preview(plan.demand_id).counts
    assert counted["other_parties"] == len({OTHER, FIRST, LAST, "sip:Bob@y"})


def test_call_is_kept_for_who_is_in_its_middle():
    pbx = PlanSource(
        "so_1", "pbx1", "call", ("traffic_call_records",), CALL.names, False, None, None, None
    )
    row = dict.fromkeys(CALL.names) | WAY | {"started_at": START}
    for value, is_named in ((MIDDLE, True), (LAST, True), (PHONE, False), ("+3110765432", False)):
        named = Named(select_named(content(items=[make_item(value)]).items, pbx, "NL"))
        assert named.holds(row) is is_named


def test_every_category_of_calls_shows_the_whole_list():
    for one in CATEGORIES.values():
        assert one.kind != "call" or one.columns >= {*CHAINS}
