"""What only adds to rows of a kind gives no right to them, and names come with nothing else."""

from dataclasses import replace

import pytest

from lea_service.demands.demand import Item, Target, TargetKind
from lea_service.extraction.plan import select_named
from lea_service.records.kinds import BESIDE, CATEGORIES, EQUIPMENT, KINDS, PAYER, SIGNALLING
from tests.extraction import worlds
from tests.extraction.test_scope import DAY

NUMBER = Target(TargetKind.PHONE_NUMBER, worlds.NUMBERS[0])
DEVICE = Target(TargetKind.IMEI, "356938035643809")
ADDRESS = Target(TargetKind.IP_ADDRESS, "192.0.2.1")
PBX = ("pbx-b",)


def asked(target, *categories):
    (item,) = worlds.make_plan([Item(1, target, DAY, categories)]).items
    return item, {one.source: set(one.columns) for one in item.asks}


@pytest.mark.parametrize("target", [NUMBER, DEVICE, ADDRESS])
@pytest.mark.parametrize("category", BESIDE)
def test_order_for_equipment_or_addresses_alone_tells_of_no_call(target, category):
    if target is ADDRESS and category == "device_identifiers":
        target = NUMBER
    item, columns = asked(target, category)
    assert "pbx-b" in item.not_searched
    assert item.not_held == ()
    assert {"pbx-b", "PBX-a"}.isdisjoint(columns)


def test_order_for_equipment_alone_tells_of_no_session():
    item, columns = asked(DEVICE, "device_identifiers")
    assert set(columns) == {"crm"}
    assert item.not_searched == ("pbx-b", "radius")


def test_sessions_are_identified_by_an_address_at_an_instant_and_nothing_else():
    at = replace(ADDRESS, at=DAY.start)
    account = Target(TargetKind.CUSTOMER_NUMBER, "K1")
    imsi = Target(TargetKind.IMSI, worlds.IMSIS[0])
    mac = Target(TargetKind.MAC_ADDRESS, "001A.2B3C.4D5E")
    for target in (account, DEVICE, imsi, mac, ADDRESS):
        item, columns = asked(target, "ip_identification")
        assert columns == {}
        assert "radius" in item.not_searched
        equipped, columns = asked(target, "ip_identification", "usage_sessions")
        assert set(columns) == {"radius"}
        assert "radius" not in equipped.not_searched
    assert set(asked(at, "ip_identification")[1]) == {"radius"}


def test_equipment_beside_an_address_at_an_instant_alone():
    at = replace(ADDRESS, at=DAY.start)
    both = ("ip_identification", "device_identifiers")
    assert asked(at, *both)[1]["radius"] >= EQUIPMENT["usage"]
    _, columns = asked(DEVICE, *both)
    assert set(columns) == {"crm"}


@pytest.mark.parametrize(
    ("categories", "filled"),
    [
        (("location",), ("cell",)),
        (("location", *BESIDE), ("cell",)),
        (("location", "traffic_call_records"), ()),
        (("traffic_call_records",), ()),
    ],
)
def test_call_without_a_cell_is_none_of_location(categories, filled):
    (item,) = worlds.make_plan([Item(1, NUMBER, DAY, categories)]).items
    (ask,) = [one for one in item.asks if one.source == "pbx-b"]
    assert ask.filled == filled


def test_equipment_and_addresses_come_beside_calls_where_both_are_asked():
    _, plain = asked(NUMBER, "traffic_call_records")
    _, both = asked(NUMBER, "traffic_call_records", "device_identifiers")
    _, all_three = asked(NUMBER, *BESIDE, "traffic_call_records")
    assert not plain["pbx-b"] & (EQUIPMENT["call"] | SIGNALLING)
    assert both["pbx-b"] == plain["pbx-b"] | EQUIPMENT["call"]
    assert all_three["pbx-b"] == both["pbx-b"] | SIGNALLING
    assert all_three["PBX-a"] == plain["PBX-a"]  # was declared for calls only
    assert "cell" not in all_three["pbx-b"]


def test_sessions_show_equipment_only_where_it_is_asked():
    account = Target(TargetKind.CUSTOMER_NUMBER, "K1")
    _, plain = asked(account, "usage_sessions")
    _, both = asked(account, "usage_sessions", "device_identifiers")
    assert not plain["radius"] & EQUIPMENT["usage"]
    assert both["radius"] == set(KINDS["usage"].names)


def test_payer_and_equipment_come_without_a_name():
    own = {
        name: CATEGORIES[name].columns
        for name in (
            *("subscriber_identity", "number_and_service"),
            *("billing_payment", "device_identifiers"),
        )
    }
    common = {"source", "row_id", "valid_from", "valid_to", "customer_number", "flags"}
    assert own["billing_payment"] == common | PAYER
    assert own["device_identifiers"] == common | EQUIPMENT["subscriber"]
    for name, columns in own.items():
        others = set().union(*(one for other, one in own.items() if other != name))
        assert columns & others == common
    assert set().union(*own.values()) == set(KINDS["subscriber"].names)


def test_who_had_an_address_at_an_instant_is_looked_up_in_no_call():
    at = replace(ADDRESS, at=DAY.start, port=443)
    item, columns = asked(at, "traffic_call_records", "ip_identification")
    assert set(columns) == {"radius"}
    assert item.not_searched == ("PBX-a", "pbx-b")
    _, columns = asked(ADDRESS, "traffic_call_records", "ip_identification")
    assert columns["pbx-b"] >= SIGNALLING
    assert SIGNALLING.isdisjoint(columns["PBX-a"])


@pytest.mark.parametrize("target", [NUMBER, replace(ADDRESS, at=DAY.start)])
def test_calls_that_an_order_may_not_read_are_kept_for_it_all_the_same(target):
    item = Item(1, target, DAY, ("device_identifiers", "ip_identification"))
    source = next(one for one in worlds.make_plan([item]).sources if one.name == "pbx-b")
    (named,) = select_named([item], source, "NL")
    assert (named.kind, named.end) == ("call", DAY.end)
    assert named.start < DAY.start
