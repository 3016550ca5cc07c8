"""The document of a plan: compiled from a demand, read back by the worker, published as a schema."""

import copy
import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from lea_service.demands.demand import Item, Period, Target, TargetKind
from lea_service.extraction.document import dump_plan, load_plan, read_plan
from lea_service.extraction.matched import MATCHED
from lea_service.extraction.plan import HOUR, compile_item
from lea_service.extraction.soundness import check_compiled
from lea_service.kernel.canonical import dump_canonical
from lea_service.kernel.clock import format_instant
from lea_service.kernel.errors import InvalidInput, WrongState
from lea_service.records.kinds import CALL, CATEGORIES
from tests.extraction.worlds import NOW, NUMBERS, SOURCES, T0, make_plan

SCHEMAS = Path(__file__).parents[2] / "schemas"
EXAMPLES = sorted((SCHEMAS / "examples" / "plan").glob("*.json"))
SCHEMA = json.loads((SCHEMAS / "plan" / "1.json").read_text())


def item(value, kind, *categories, **target):
    period = Period(T0, T0 + timedelta(days=1), "Europe/Amsterdam")
    return Item(1, Target(kind, value, **target), period, categories)


def is_plan(value, read=load_plan):
    try:
        read(value)
    except InvalidInput:
        return False
    return True


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_example_is_judged_alike(path):
    value = json.loads(path.read_text())
    wanted = path.stem.startswith("valid")
    assert Draft202012Validator(SCHEMA).is_valid(value) is wanted
    assert is_plan(value, read_plan) is wanted
    if wanted:
        check_compiled(read_plan(value))


def test_same_demand_compiles_to_the_same_bytes():
    asked = [item("06-12345678", TargetKind.PHONE_NUMBER, "traffic_call_records")]
    one, other = (dump_canonical(dump_plan(make_plan(asked))) for _ in range(2))
    assert one == other
    assert dump_plan(load_plan(dump_plan(make_plan(asked)))) == json.loads(one)


def test_number_matches_as_any_party_in_its_international_form():
    (ask,) = make_plan([item("06-12345678", TargetKind.PHONE_NUMBER, "location")]).items[0].asks
    assert ask.matches[0].columns == ("caller", "callee", "forwarded_to", "transfer_chain")
    assert ask.matches[0].values == ("+31612345678",)
    assert "cell" in ask.columns
    assert "account" not in ask.columns


def test_address_with_port_and_instant_asks_for_that_moment():
    at = T0 + timedelta(hours=1)
    asked = item("192.0.2.1", TargetKind.IP_ADDRESS, "ip_identification", port=443, at=at)
    (ask,) = make_plan([asked]).items[0].asks
    assert (ask.start, ask.end - ask.start) == (at, timedelta(microseconds=1))
    assert (ask.matches[1].values, ask.matches[1].or_missing) == ((443,), True)


def test_only_sources_that_are_asked_are_in_the_plan():
    plan = make_plan([item("K1", TargetKind.CUSTOMER_NUMBER, "usage_sessions", "content_stored")])
    assert [source.name for source in plan.sources] == ["radius"]
    assert plan.items[0].not_held == ("content_stored",)


def test_sources_come_in_the_order_of_their_bytes():
    plan = make_plan([item("K1", TargetKind.CUSTOMER_NUMBER, "traffic_call_records")])
    assert [source.name for source in plan.sources_of("call")] == ["PBX-a", "pbx-b"]


@pytest.mark.parametrize(
    ("value", "kind", "categories", "target", "pointer"),
    [
        ("192.0.2.1", "ip_address", ["subscriber_identity"], {}, "/items/0/categories/0"),
        ("a@b.example", "email", ["number_and_service", "location"], {}, "/items/0/categories/1"),
        ("+31612345678", "phone_number", ["usage_sessions"], {}, "/items/0/categories/0"),
        ("112", "phone_number", ["location"], {}, "/items/0/target/value"),
        ("192.0.2.1", "ip_address", ["usage_sessions"], {"at": NOW}, "/items/0/target/at"),
    ],
)
def test_what_cannot_be_answered_is_pointed_at(value, kind, categories, target, pointer):
    with pytest.raises(InvalidInput) as refused:
        make_plan([item(value, TargetKind(kind), *categories, **target)])
    assert [one.pointer for one in refused.value.errors] == [pointer]


ASK = ("items", 0, "asks", 0)
LIES = {
    "another number": (*ASK, "matches", 0, "values", 0, NUMBERS[1]),
    "another column": (*ASK, "matches", 0, "columns", 0, "account"),
    "whoever is empty": (*ASK, "matches", 0, "or_missing", True),
    "with or without a place": (*ASK, "filled", []),
    "with another column": (*ASK, "filled", 0, "caller"),
    "with a column outside": (*ASK, "filled", 0, "account"),
    "an earlier start": (*ASK, "start", format_instant(T0 - timedelta(days=1))),
    "a later end": (*ASK, "end", format_instant(T0 + timedelta(days=2))),
    "no span": (*ASK, "end", format_instant(T0)),
    "another first column": (*ASK, "columns", 0, "account"),
    "another kind": (*ASK, "kind", "subscriber"),
    "no kind at all": (*ASK, "kind", "content"),
    "another version": (*ASK, "version", 2),
    "another category": ("items", 0, "categories", 0, "traffic_call_records"),
    "another target": ("items", 0, "target", "value", NUMBERS[1]),
    "another period": ("items", 0, "period", "start", format_instant(T0 + timedelta(hours=1))),
    "a country less": ("region", None),
    "held after all": ("items", 0, "not_held", 0, "billing_payment"),
    "a source without it": ("sources", 0, "categories", 1, "traffic_call_records"),
    "no source of it": ("sources", 0, "categories", 0, "subscriber_identity"),
    "content": ("sources", 0, "kind", "content"),
}


@pytest.mark.parametrize("lie", LIES)
def test_plan_that_asks_for_something_else_than_it_says_is_not_read(lie):
    national = item("06-12345678", TargetKind.PHONE_NUMBER, "location", "content_stored")
    document = dump_plan(make_plan([national]))
    assert is_plan(document)
    *way, last, value = LIES[lie]
    place = document
    for step in way:
        place = place[step]
    place[last] = value
    assert not is_plan(document)


FORMS = {
    "item 0": ("items", 0, "n", 0),
    "a region in words": ("region", "nowhere"),
    "a region that is an object": ("region", {}),
    "a category twice": ("items", 0, "categories", ["location"] * 2),
    "what is not held twice": ("items", 0, "not_held", ["content_stored"] * 2),
    "a category of another target": ("items", 0, "categories", ["location", "usage_sessions"]),
    "a value that is a number": ("items", 0, "target", "value", 31612345678),
    "a zone that is none": ("items", 0, "period", "zone", "Moon/Base"),
    "no id of a source": ("sources", 0, "id", "pbx"),
    "a category of a source twice": ("sources", 0, "categories", ["location"] * 2),
    "a column of another kind": ("sources", 0, "columns", ["caller", "octets_in"]),
    "no certificate": ("receivers", 0, "certificate", "mine"),
    "a version that is a truth": ("demand_version", True),
    "a list for an ask": ("items", 0, "asks", [["pbx-b"]]),
    "an ask without matches": ("items", 0, "asks", 0, "matches", 7),
    "a moment of a number": ("items", 0, "target", "at", format_instant(T0)),
}


@pytest.mark.parametrize("lie", FORMS)
def test_document_of_another_form_is_not_read(lie):
    document = dump_plan(
        make_plan([item(NUMBERS[0], TargetKind.PHONE_NUMBER, "location", "content_stored")])
    )
    assert is_plan(document)
    *way, last, value = FORMS[lie]
    place = document
    for step in way:
        place = place[step]
    place[last] = value
    assert not is_plan(document)


def test_number_at_a_moment_is_not_read_whatever_it_asks():
    """Or a month would shrink to an instant, with signatures under what people read as a month."""
    document = dump_plan(make_plan([item(NUMBERS[0], TargetKind.PHONE_NUMBER, "location")]))
    document["items"][0]["target"]["at"] = format_instant(T0)
    (ask,) = document["items"][0]["asks"]
    ask["end"] = format_instant(T0 + timedelta(microseconds=1))
    with pytest.raises(InvalidInput, match="with an IP address or a time and place only"):
        load_plan(document)


@pytest.mark.parametrize("name", ["id", "name"])
def test_two_sources_of_one_name_or_id_are_not_read(name):
    asked = item(NUMBERS[0], TargetKind.PHONE_NUMBER, "traffic_call_records")
    document = dump_plan(make_plan([asked]))
    one, other = document["sources"]
    other[name] = one[name]
    assert not is_plan(document)


def test_source_whose_mapping_has_no_place_for_the_target_is_not_asked():
    asked = item("K1", TargetKind.CUSTOMER_NUMBER, "traffic_call_records")
    plan = make_plan([asked], columns={"PBX-a": set(CALL.names) - {"account"}})
    assert [ask.source for ask in plan.items[0].asks] == ["pbx-b"]
    assert load_plan(dump_plan(plan)) == plan
    assert (plan.items[0].not_held, plan.items[0].not_searched) == ((), ("PBX-a",))
    nobody = make_plan([asked], columns={"PBX-a": {"caller"}, "pbx-b": {"caller"}})
    assert (nobody.items[0].asks, nobody.items[0].not_held) == ((), ())
    assert nobody.items[0].not_searched == ("PBX-a", "pbx-b")
    assert load_plan(dump_plan(nobody)) == nobody


@pytest.mark.parametrize(("holds", "asked_of"), [(True, 1), (False, 0)])
@pytest.mark.parametrize("address", ["2001:db8::1", "2001:DB8:0::0001"])
def test_source_without_ipv6_is_not_searched_for_it(address, holds, asked_of):
    asked = item(address, TargetKind.IP_ADDRESS, "usage_sessions")
    sources = [one for one in make_plan([asked]).sources if one.kind == "usage"]
    found = compile_item(asked, [replace(sources[0], holds_ipv6=holds)], "NL")
    assert (len(found.asks), len(found.not_searched)) == (asked_of, 1 - asked_of)
    mapped = item("::ffff:192.0.2.7", TargetKind.IP_ADDRESS, "usage_sessions")
    assert compile_item(mapped, [replace(sources[0], holds_ipv6=holds)], "NL").asks


def test_source_that_could_be_searched_is_not_left_out():
    document = dump_plan(
        make_plan([item(NUMBERS[0], TargetKind.PHONE_NUMBER, "traffic_call_records")])
    )
    (asked,) = document["items"]
    asked["not_searched"] = [asked["asks"].pop(0)["source"]]
    assert not is_plan(document)


@pytest.mark.parametrize("part", ["columns", "matches"])
def test_plan_that_asks_with_more_or_less_is_not_read(part):
    for change in (list.pop, lambda given: given.append(given[0])):
        document = dump_plan(make_plan([item(NUMBERS[0], TargetKind.PHONE_NUMBER, "location")]))
        change(document["items"][0]["asks"][0][part])
        assert not is_plan(document)


def test_moment_of_an_address_is_all_that_is_asked_for():
    at = T0 + timedelta(hours=1)
    asked = item("192.0.2.1", TargetKind.IP_ADDRESS, "ip_identification", port=443, at=at)
    document = dump_plan(make_plan([asked]))
    assert is_plan(document)
    for name, value in (("at", None), ("port", 80), ("at", format_instant(T0 - HOUR))):
        lie = copy.deepcopy(document)
        lie["items"][0]["target"][name] = value
        assert not is_plan(lie)


def test_columns_that_count_where_they_are_empty_are_always_shown():
    """Otherwise a value that is hidden would pass for none."""
    by_absence = {"call": set(), "usage": {"ended_at", "port"}, "subscriber": {"valid_to"}}
    for one in CATEGORIES.values():
        assert by_absence[one.kind] <= one.columns


def test_source_is_asked_for_what_it_was_declared_for_alone():
    asked = item(NUMBERS[0], TargetKind.PHONE_NUMBER, "location", "traffic_call_records")
    one, other = make_plan([asked]).items[0].asks
    assert (one.source, "cell" in one.columns) == ("PBX-a", False)
    assert (other.source, "cell" in other.columns) == ("pbx-b", True)


def test_category_that_no_source_declares_is_not_held():
    asked = item(NUMBERS[0], TargetKind.PHONE_NUMBER, "location", "traffic_call_records")
    plan = make_plan([asked], sources=[one for one in SOURCES if one[1] != "pbx-b"])
    assert plan.items[0].not_held == ("location",)
    alone = make_plan([replace(asked, categories=("location",))], sources=SOURCES[1:])
    assert (alone.items[0].asks, alone.sources) == ((), ())


OF_CALLS = {
    "ip_address": ("signalling_in", "signalling_out"),
    **{one: (f"caller_{one}", f"callee_{one}") for one in ("imei", "imsi")},
    "mac_address": ("caller_mac", "callee_mac"),
}
OF_SUBSCRIBERS = {
    "phone_number": "number",
    "phone_id": "number_raw",
    "sip_uri": "sip_uri",
    "email": "email",
}
OF_EQUIPMENT = {"imei": "imei", "imsi": "imsi", "mac_address": "mac"}


def test_only_these_are_found_by_what_their_category_does_not_show():
    """Each by a column that holds the very value asked for, so that showing it tells nothing else.

    Of a call it also tells whose the value was, without which nobody could read the call.
    """
    found = {
        (str(target), name, columns)
        for target, places in MATCHED.items()
        for name, one in CATEGORIES.items()
        if one.kind in places and not one.columns >= set(columns := places[one.kind])
    }
    own, payer = ("subscriber_identity", "number_and_service"), "billing_payment"
    assert found == {
        ("customer_number", "location", ("account",)),
        *(
            (target, category, columns)
            for target, columns in OF_CALLS.items()
            for category in ("traffic_call_records", "location")
        ),
        *(
            (target, category, (column,))
            for target, column in OF_SUBSCRIBERS.items()
            for category in ("subscriber_identity", payer, "device_identifiers")
        ),
        *(
            (target, category, (column,))
            for target, column in OF_EQUIPMENT.items()
            for category in (*own, payer, "usage_sessions", "ip_identification")
        ),
        *(("iccid", category, ("iccid",)) for category in (*own, payer)),
    }


def extension(*categories, source="PBX-a", n=1, value="200"):
    asked = item(
        value, TargetKind.PHONE_ID, *categories or ("traffic_call_records",), source=source
    )
    return replace(asked, n=n)


def test_nobody_but_the_source_of_an_identifier_is_asked():
    plan = make_plan([extension("subscriber_identity", "traffic_call_records", "content_stored")])
    (asked,) = plan.items
    assert [(ask.kind, ask.source) for ask in asked.asks] == [("call", "PBX-a")]
    assert [source.name for source in plan.sources] == ["PBX-a"]
    assert asked.not_held == ("subscriber_identity", "content_stored")
    assert load_plan(dump_plan(plan)) == plan


def test_other_items_ask_every_source_all_the_same():
    number = item(NUMBERS[0], TargetKind.PHONE_NUMBER, "traffic_call_records")
    plan = make_plan([number, extension(n=2)])
    asked = {source.name: [n for n, _ in plan.asks_to(source)] for source in plan.sources}
    assert asked == {"PBX-a": [1, 2], "pbx-b": [1]}


def test_what_nobody_records_is_not_held_in_a_source_either():
    plan = make_plan([extension("content_stored")])
    assert (plan.items[0].not_held, plan.sources) == (("content_stored",), ())


@pytest.mark.parametrize("source", ["pbx-c", "pbx-a", "radius", "crm", None])
def test_source_that_cannot_answer_is_pointed_at(source):
    with pytest.raises(InvalidInput) as refused:
        make_plan([extension(), extension(source=source, n=2)])
    assert [one.pointer for one in refused.value.errors] == ["/items/1/target/source"]


def test_no_other_target_is_asked_of_one_source():
    number = item(NUMBERS[0], TargetKind.PHONE_NUMBER, "location", source="PBX-a")
    with pytest.raises(InvalidInput) as refused:
        make_plan([number])
    assert [one.pointer for one in refused.value.errors] == ["/items/0/target/source"]


def test_identifier_without_any_source_is_pointed_at():
    with pytest.raises(InvalidInput) as refused:
        make_plan([extension()], sources=SOURCES[2:])
    assert [one.pointer for one in refused.value.errors] == ["/items/0/target/source"]


def both_sources():
    """Return the document of a plan that asks one exchange for 200, and both for a number."""
    number = item(NUMBERS[0], TargetKind.PHONE_NUMBER, "traffic_call_records")
    return dump_plan(make_plan([extension(), replace(number, n=2)]))


@pytest.mark.parametrize(
    "change",
    [
        lambda plan: plan["items"][0]["asks"][0].update(source="pbx-b"),
        lambda plan: plan["items"][0]["asks"][0].update(source=None),
        lambda plan: plan["items"][0]["target"].update(source="pbx-b"),
        lambda plan: plan["items"][0]["target"].update(source=None),
        lambda plan: plan["items"][1]["asks"][0].update(source="pbx-b"),
        lambda plan: plan["items"][1]["target"].update(source="pbx-b"),
        lambda plan: plan["sources"].pop(0),
        lambda plan: plan["items"].pop(),
    ],
)
def test_plan_that_asks_other_sources_than_it_says_is_not_read(change):
    document = both_sources()
    assert is_plan(document)
    change(document)
    assert not is_plan(document)


OTHER = {"version": 8, "phonenumbers": "8.0.0", "unicode": "9.0.0"}


@pytest.mark.parametrize("name", OTHER)
def test_plan_of_other_rules_is_read_and_not_acted_on(name):
    document = both_sources()
    document["rules"][name] = OTHER[name]
    assert dump_plan(read_plan(document)) == document
    with pytest.raises(WrongState, match="compile the plan anew"):
        load_plan(document)


NO_TABLE = (
    "whoever is empty",
    "with a column outside",
    "an earlier start",
    "a later end",
    "no span",
    "another first column",
    "another kind",
    "no kind at all",
    "another version",
    "another period",
    "held after all",
    "a source without it",
    "content",
)
"""Lies that other rules do not explain."""


@pytest.mark.parametrize("lie", LIES)
def test_other_rules_excuse_what_tables_decide_alone(lie):
    national = item("06-12345678", TargetKind.PHONE_NUMBER, "location", "content_stored")
    document = dump_plan(make_plan([national])) | {"rules": OTHER}
    *way, last, value = LIES[lie]
    place = document
    for step in way:
        place = place[step]
    place[last] = value
    assert is_plan(document, read_plan) is (lie not in NO_TABLE)


STRUCTURE = {
    "a source twice": lambda plan: plan["items"][1]["asks"].append(plan["items"][1]["asks"][0]),
    "sources in another order": lambda plan: plan["items"][1]["asks"].reverse(),
    "the other exchange": lambda plan: plan["items"][0]["asks"][0].update(source="pbx-b"),
    "a column of nobody": lambda plan: plan["items"][0]["asks"][0]["columns"].append("octets_in"),
    "a place of nobody": lambda plan: plan["items"][0]["asks"][0]["matches"][0].update(
        columns=["octets_in"]
    ),
    "a second match": lambda plan: plan["items"][0]["asks"][0]["matches"].append(
        plan["items"][0]["asks"][0]["matches"][0]
    ),
    "a truth for a value": lambda plan: plan["items"][0]["asks"][0]["matches"][0].update(
        values=[True]
    ),
    "rules in words": lambda plan: plan["rules"].update(unicode="the\nnewest"),
}


@pytest.mark.parametrize("lie", STRUCTURE)
def test_plan_of_other_rules_has_the_form_of_a_plan(lie):
    document = both_sources() | {"rules": dict(OTHER)}
    assert is_plan(document, read_plan)
    STRUCTURE[lie](document)
    assert not is_plan(document, read_plan)
