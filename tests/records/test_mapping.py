import copy
import json
from pathlib import Path

import jsonschema
import pytest

from lea_service.kernel.errors import InvalidInput, NotFound
from lea_service.records.kinds import CATEGORIES, KINDS
from lea_service.records.mapping import list_filled, list_hosts, parsers_of, settable
from lea_service.records.mapping_loading import declare, list_shipped, load_mapping, load_shipped
from lea_service.records.schemas import PARSERS

SCHEMAS = Path(__file__).parents[2] / "schemas"
SCHEMA = json.loads((SCHEMAS / "mapping" / "1.json").read_text())
ZONE_TO_BE_SAID = {"broadworks-csv", "calls-csv"}
"""Shipped mappings of systems of which no zone is the likely one."""
EXAMPLES = sorted((SCHEMAS / "examples" / "mapping").glob("*.json"))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_examples_pass_or_fail_both(path):
    document = json.loads(path.read_text())
    valid = path.name.startswith("valid-")
    assert jsonschema.Draft202012Validator(SCHEMA).is_valid(document) == valid
    if valid:
        load_mapping(document)
    else:
        with pytest.raises(InvalidInput):
            load_mapping(document)


@pytest.mark.parametrize("name", list_shipped())
def test_shipped_mappings_are_valid(name):
    document = load_shipped(name)
    jsonschema.validate(document, SCHEMA)
    zone = "UTC" if name in ZONE_TO_BE_SAID else None
    assert load_mapping(declare(document, zone, None)).name == name


@pytest.mark.parametrize("name", sorted(ZONE_TO_BE_SAID))
def test_zone_that_nobody_knows_has_to_be_said(name):
    with pytest.raises(InvalidInput) as caught:
        declare(load_shipped(name), None, None, "/mapping")
    assert [error.pointer for error in caught.value.errors] == ["/mapping/time/zone"]


def test_each_field_has_a_parser():
    for kind in KINDS:
        for field in settable(kind):
            assert set(parsers_of(field, kind)) <= set(PARSERS)


def change(path, value):
    document = copy.deepcopy(load_shipped("asterisk-master-csv"))
    place = document
    *steps, last = path
    for step in steps:
        place = place[step]
    place[last] = value
    return document


@pytest.mark.parametrize(
    ("path", "value", "pointer", "words"),
    [
        (("fields", "caller", "column"), "source", "/fields/caller/column", "'source'"),
        (("row_id", "columns"), ["id"], "/row_id/columns", "'id'"),
        (("row_id", "shown"), ["uniqueid", "userfield"], "/row_id/shown/1", "row id's columns"),
        (("row_id",), {"columns": ["src"], "shown": ["src"]}, "/row_id/shown/0", "no field"),
        (("time", "zone"), "Europe/Amsterdm", "/time/zone", "IANA"),
        (("time", "zone"), None, "/time/zone", "without"),
        (("time", "format"), "%H:%M", "/time/format", "year"),
        (("time", "format"), "%Q", "/time/format", "directives"),
        (("kind",), "content", "/kind", "one of"),
        (("fields", "transcript"), {"column": "src"}, "/fields/transcript", "no such field"),
        (("fields", "row_id"), {"column": "src"}, "/fields/row_id", "no such field"),
        (("fields", "caller_uri"), {"column": "src"}, "/fields/caller_uri", "no such field"),
        (("fields", "caller", "as"), "sip", "/fields/caller/as", "phone"),
        (("fields", "caller", "as"), "text", "/fields/caller/as", "phone"),
        (("fields", "caller_raw"), {"column": "src"}, "/fields/caller_raw", "caller"),
        (("fields", "result", "time"), {"format": "iso"}, "/fields/result/time", "not a time"),
        (("fields",), {"caller": {"column": "src"}}, "/fields", "started_at"),
        (("region",), "XX", "/region", "country"),
        (("categories",), ["subscriber_identity"], "/categories/0", "call"),
        (("categories",), ["traffic_call_records", "location"], "/categories/1", "fields cell"),
        (("fields",), {"started_at": {"column": "start"}}, "/categories/0", "caller"),
        (("file", "quote"), ",", "/file/quote", "another"),
        (("guess",), 1, "/guess", "Unknown"),
        (("fields", "ended_at", "then"), "hour", "/fields/ended_at/then", "'hour'"),
        (("fields", "result", "then"), "end", "/fields/result/then", "not a time"),
        (("fields", "duration_s", "wraps"), "end", "/fields/duration_s/wraps", "octets_in"),
        (("fields", "caller", "host"), "realm", "/fields/caller/host", "'realm'"),
        (("fields", "callee", "unless"), "dest", "/fields/callee/unless", "'dest'"),
        (("fields", "result", "host"), "dcontext", "/fields/result/host", "party"),
        (("fields", "result", "separator"), ";", "/fields/result/separator", "transfer_chain"),
        (("fields", "callee", "newest_first"), True, "/fields/callee/newest_first", "chain"),
        (
            ("fields", "transfer_chain"),
            {"column": "lastdata"},
            "/fields/transfer_chain/separator",
            "one text",
        ),
        (
            ("fields", "transfer_chain"),
            {"column": "lastdata", "separator": ">", "member": "a"},
            "/fields/transfer_chain",
            "neither",
        ),
        (
            ("fields", "transfer_chain_raw"),
            {"column": "lastdata"},
            "/fields/transfer_chain_raw",
            "no such field",
        ),
        (("fields", "signalling_in"), {"column": "src"}, "/ipv6", "`signalling_in` can hold"),
        (("ipv6",), True, "/ipv6", "alone only"),
        (("sip_hosts",), ["caller", "forwarded_to"], "/sip_hosts/1", "a party"),
        (("sip_hosts",), ["caller", "caller"], "/sip_hosts/1", "once"),
        (
            ("fields", "caller_imei"),
            {"column": "src", "as": "text"},
            "/fields/caller_imei/as",
            "imei",
        ),
        (("categories",), ["device_identifiers"], "/categories/0", "callee_imei"),
        (("categories",), ["ip_identification"], "/categories/0", "signalling_in"),
        (("categories",), ["billing_payment"], "/categories/0", "call"),
        (
            ("fields", "caller"),
            {"column": "src", "member": "a", "host": "clid"},
            "/fields/caller/member",
            "second",
        ),
    ],
)
def test_faults_are_named_at_their_place(path, value, pointer, words):
    with pytest.raises(InvalidInput) as caught:
        load_mapping(change(path, value), "/mapping")
    places = {error.pointer: error.detail for error in caught.value.errors}
    assert words in places["/mapping" + pointer]


@pytest.mark.parametrize(
    ("category", "field"),
    [
        ("location", "cell"),
        ("traffic_call_records", "callee_raw"),
        ("usage_sessions", "account"),
        ("ip_identification", "prefix6"),
        ("subscriber_identity", "city"),
        ("number_and_service", "email"),
        ("billing_payment", "payer_account"),
        ("device_identifiers", "iccid"),
    ],
)
def test_category_needs_a_field_that_holds_something_of_it(category, field):
    kind = CATEGORIES[category].kind
    document = change(("categories",), [category]) | {"kind": kind}
    begin = {"valid_from" if kind == "subscriber" else "started_at": {"column": "start"}}
    with pytest.raises(InvalidInput):
        load_mapping(document | {"fields": begin})
    begin[field] = {"column": "src"}
    assert load_mapping(document | {"fields": begin}).categories == (category,)


@pytest.mark.parametrize(
    ("kind", "category", "field"),
    [
        ("call", "device_identifiers", "callee_device"),
        ("usage", "device_identifiers", "mac"),
        ("call", "ip_identification", "signalling_out"),
    ],
)
def test_what_comes_beside_needs_a_field_of_it_too(kind, category, field):
    document = change(("categories",), [category]) | {"kind": kind}
    fields = {"started_at": {"column": "start"}, "account": {"column": "src"}}
    with pytest.raises(InvalidInput):
        load_mapping(document | {"fields": fields})
    fields[field] = {"column": "src"}
    more = {"ipv6": False} if field == "signalling_out" else {}
    assert load_mapping(document | {"fields": fields} | more).categories == (category,)


def test_list_in_an_object_is_read_for_a_list_alone():
    document = load_shipped("freeswitch-json")
    several = "callflow/*/caller_profile/destination_number"
    for field, rule, pointer in (
        ("callee", {"column": several}, "/fields/callee/column"),
        (
            "transfer_chain",
            {"column": several, "separator": ";"},
            "/fields/transfer_chain/separator",
        ),
        (
            "transfer_chain",
            {"column": "variables/accountcode"},
            "/fields/transfer_chain/separator",
        ),
    ):
        with pytest.raises(InvalidInput) as caught:
            load_mapping(document | {"fields": document["fields"] | {field: rule}})
        assert pointer in [error.pointer for error in caught.value.errors]


def test_declaring_puts_in_zone_and_region():
    shipped = load_shipped("asterisk-master-csv")
    declared = declare(shipped, "Asia/Tokyo", "JP")
    rules = load_mapping(declared)
    assert (rules.time.zone, rules.region) == ("Asia/Tokyo", "JP")
    assert shipped["time"]["zone"] == "Europe/Amsterdam"
    for bad in (None, [], "asterisk"):
        with pytest.raises(InvalidInput):
            declare(bad, "Asia/Tokyo", None)


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"columns": ["id", "id"]}, "/table/columns"),
        (
            {"watermark": {"column": "no", "kind": "number", "overlap": 0}},
            "/table/watermark/column",
        ),
        ({"watermark": {"column": "id", "kind": "text", "overlap": 0}}, "/table/watermark/kind"),
        (
            {"watermark": {"column": "id", "kind": "number", "overlap": -1}},
            "/table/watermark/overlap",
        ),
        ({"name": ""}, "/table/name"),
        ({"columns": ["id"]}, "/fields/started_at/column"),
    ],
)
def test_faults_of_a_table_are_named_at_their_place(change, pointer):
    document = copy.deepcopy(load_shipped("kamailio-acc-cdrs-table"))
    document["table"] |= change
    with pytest.raises(InvalidInput) as caught:
        load_mapping(document)
    assert pointer in [error.pointer for error in caught.value.errors]


def test_null_of_a_table_is_no_value():
    document = load_shipped("kamailio-acc-cdrs-table") | {"missing": ["NULL"]}
    with pytest.raises(InvalidInput, match="/missing"):
        load_mapping(document)


def test_source_is_either_files_or_a_table():
    files, table = (load_mapping(load_shipped(f"kamailio-acc-{end}")) for end in ("csv", "table"))
    assert files.get_file().header
    assert table.get_table().watermark.column == "id"
    assert set(table.columns) == set(files.columns)
    with pytest.raises(InvalidInput, match="files"):
        files.get_table()
    with pytest.raises(InvalidInput, match="database"):
        table.get_file()


@pytest.mark.parametrize("name", ["kamailio-acc", "kamailio-acc-cdrs", "freeradius"])
def test_mapping_of_a_table_reads_the_fields_of_its_export(name):
    files, table = (load_shipped(f"{name}-{end}") for end in ("csv", "table"))
    assert files["fields"] == table["fields"]
    assert files["categories"] == table["categories"]


def test_unknown_shipped_mapping_names_those_there_are():
    with pytest.raises(NotFound, match="asterisk-master-csv"):
        load_shipped("../../../etc/passwd")


NO_HOSTS = set()
BOTH = {"caller", "callee"}
HOSTS = {
    **dict.fromkeys(("asterisk-cdr-table", "asterisk-master-csv", "broadworks-csv"), NO_HOSTS),
    **dict.fromkeys(("asterisk-cel-attended-csv", "asterisk-cel-blind-csv"), NO_HOSTS),
    **dict.fromkeys(("freeswitch-cdr-csv", "freeswitch-json"), NO_HOSTS),
    "kamailio-acc-csv": {"caller", "forwarded_to"},
    "kamailio-acc-table": {"caller", "forwarded_to"},
    **dict.fromkeys(("kamailio-acc-cdrs-csv", "kamailio-acc-cdrs-table"), BOTH),
    "calls-csv": {*BOTH, "forwarded_to", "transfer_chain"},
}
"""Of which parties the shipped mappings tell the host."""


@pytest.mark.parametrize("name", list_shipped())
def test_address_is_looked_for_only_where_a_party_has_a_host(name):
    document = load_shipped(name)
    filled = list_filled(document["kind"], document["fields"], list_hosts(document))
    addresses = {one.removesuffix("_uri") for one in filled if one.endswith("_uri")}
    assert addresses - {"sip"} == HOSTS.get(name, NO_HOSTS)
    assert (name in HOSTS) is (document["kind"] == "call")


def test_party_is_said_to_have_a_host_only_where_its_text_has_it():
    apart = {"column": "src", "host": "clid"}
    document = change(("fields", "caller"), apart) | {"sip_hosts": ["caller"]}
    with pytest.raises(InvalidInput, match="read from one column"):
        load_mapping(document)
    document["sip_hosts"] = ["callee"]
    assert list_hosts(document) == ("callee", "caller")
    assert load_mapping(document).sip_hosts == ("callee",)
