"""A row id comes with every category, and tells nothing that one of them withholds."""

import copy
import hashlib
from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lea_service.kernel.crypto import BlindIndex
from lea_service.records.conversion import BadLine
from lea_service.records.kinds import CATEGORIES, STRUCTURAL
from lea_service.records.mapping_loading import declare, list_shipped, load_mapping, load_shipped
from lea_service.records.row_ids import DIGEST_SIZE, RowNames, number_row_id
from lea_service.records.store import PurgeLedger
from tests.records.conftest import SMALL, counts

COLUMNS = ("customer_number", "name", "number", "valid_from")
KEY, OTHER_KEY = bytes(32), bytes([1]) * 32
HEADER = b"customer_number,name,address,postcode,city,country,number,sip_uri,email,service,"
HEADER += b"payer_name,payer_number,payer_account,device,mac,imei,imsi,iccid,"
HEADER += b"valid_from,valid_to\n"
JAN = b"K100,Jan Jansen,Kade 1,1011AA,Amsterdam,NL,0612345678,,jan@example.nl,mobile,,,,,,,,,2020-01-01,"


def names_of(mapping="subscribers-csv", source="crm", key=KEY, **row_id):
    document = load_shipped(mapping)
    document["row_id"] |= row_id
    rules = load_mapping(declare(document, "UTC", None))
    return rules, RowNames(rules, source, rules.columns, BlindIndex(key))


def name(values, raw=b"raw", **options):
    rules, names = names_of(**options)
    return names.name([values.get(one, "") for one in rules.columns], raw)


VALUES = {"customer_number": "K100", "number": "0612345678", "valid_from": "2020-01-01"}


@pytest.mark.parametrize("mapping", list_shipped())
def test_no_withheld_value_is_read_in_a_shipped_row_id(mapping):
    rules, names = names_of(mapping)
    values = [f"<{n}>" for n in range(len(rules.columns))]
    found = names.name(values, ",".join(values).encode())
    hidden = [rule for rule in rules.fields if rule.field not in STRUCTURAL]
    withheld = {column for rule in hidden for column in rule.columns}
    for column, value in zip(rules.columns, values, strict=True):
        assert not (column in withheld and value in found)


def test_what_every_category_shows_stays_readable():
    shown, digest = name(VALUES).split(":")
    assert (shown, len(digest)) == ("2020-01-01", DIGEST_SIZE)
    assert all("valid_from" in one.columns for one in CATEGORIES.values() if one.kind[0] == "s")


@pytest.mark.parametrize("change", [{"number": "0612345679"}, {"customer_number": "K10"}])
def test_another_record_has_another_id(change):
    assert name(VALUES) == name(VALUES | {"name": "Jansen"})
    assert name(VALUES | change) != name(VALUES)


def test_parts_are_not_run_together():
    split = [{"customer_number": "K1", "number": "00"}, {"customer_number": "K10", "number": "0"}]
    assert len({name(VALUES | one) for one in split}) == 2


@pytest.mark.parametrize("mapping", ["subscribers-csv", "asterisk-master-csv"])
def test_digest_cannot_be_guessed_without_the_key(mapping):
    rules, names = names_of(mapping)
    values = ["x"] * len(rules.columns)
    found = names.name(values, b"line")
    for other in (names_of(mapping, key=OTHER_KEY), names_of(mapping, source="crm2")):
        assert other[1].name(values, b"line") != found
    assert hashlib.sha256(b"line").hexdigest()[:16] not in found


def test_line_stands_for_columns_that_are_withheld():
    options = {"columns": ["number", "valid_from"], "line_digest": True}
    one, other = (name(VALUES, raw, **options) for raw in (b"a", b"b"))
    assert one != other
    assert {one.split(":")[0], other.split(":")[0]} == {"2020-01-01"}
    assert [number_row_id(one, n) for n in (1, 2)] == [one, f"{one}-2"]


def test_record_without_any_part_of_its_id_is_refused():
    with pytest.raises(BadLine, match="no-row-id"):
        name({})


def test_late_end_of_a_row_that_is_there_is_kept(store):
    """Otherwise who left long ago would stay the customer for ever, beyond any purge."""
    store.declare("crm", "subscribers-csv")
    store.take_in(HEADER + JAN + b"\n", "crm")
    with store.records.write() as session:
        at = datetime(2026, 6, 1, tzinfo=UTC)
        fields = {"id": "pu_1", "source": "crm", "kind": "subscriber", "rule": "SUB-6M"}
        session.add(PurgeLedger(**fields, cutoff=at, rows=0, finished_at=at))
    other = JAN.replace(b"K100", b"K200")
    run = store.take_in(HEADER + JAN + b"2026-01-01\n" + other + b"2026-01-01\n", "crm")
    assert (run.completed, run.past_term, run.added, run.rejected) == (0, 2, 0, 0)
    (row,) = store.rows("crm", "subscriber")
    assert row["valid_to"] == "2025-12-31T23:00:00.000000Z"


def test_subscriber_is_the_same_record_in_a_later_file(store):
    store.declare("crm", "subscribers-csv")
    store.take_in(HEADER + JAN + b"\n", "crm")
    store.take_in(HEADER + JAN + b"2026-01-01\n", "crm")
    (row,) = store.rows("crm", "subscriber")
    assert (row["name"], row["valid_to"]) == ("Jan Jansen", "2025-12-31T23:00:00.000000Z")
    assert not any(secret in row["row_id"] for secret in ("K100", "0612345678"))


def radius_line(account, session, server):
    """Return a line whose unique id is made as FreeRADIUS makes it: without a key."""
    unique = hashlib.md5(f"{account},{session},{server},,,".encode()).hexdigest()
    return (
        f"{session},{unique},{account},{server},2026-11-01 10:00:00,,60,1,2,192.0.2.1,x,\n",
        unique,
    )


def test_digest_that_a_system_made_is_not_shown(store):
    store.declare("nas", "freeradius-ipv4-csv")
    header = ",".join(load_shipped("freeradius-ipv4-csv")["file"]["columns"]) + "\n"
    line, unique = radius_line("jan", "0000A1B2", "10.0.0.7")
    store.take_in((header + line).encode(), "nas")
    (row,) = store.rows("nas", "usage")
    assert (unique in row["row_id"], len(row["row_id"])) == (False, DIGEST_SIZE)


TWO = ("node", "seq")


def names_of_two(shown):
    document = copy.deepcopy(SMALL)
    document["file"]["columns"] += TWO
    document["row_id"] = {"columns": list(TWO), "shown": shown}
    return RowNames(load_mapping(document), "pbx", TWO, BlindIndex(KEY))


PARTS = st.lists(st.text("a/1:", max_size=4).filter(bool), min_size=2, max_size=2)


@given(st.sets(PARTS.map(tuple), min_size=2, max_size=40), st.sampled_from([[], TWO[:1], TWO]))
@example({("a/1", "2"), ("a", "1/2")}, TWO)
def test_different_parts_never_have_one_name(records, shown):
    names = names_of_two(list(shown))
    assert len({names.name(parts, b"") for parts in records}) == len(records)


def test_parts_without_slash_are_read_in_the_name():
    assert names_of_two(list(TWO)).name(("a", "1"), b"") == "a/1"
    assert names_of_two(list(TWO)).name(("a/1", "2"), b"").startswith("a/1/2:")


def test_each_service_of_a_customer_is_a_row(store):
    store.declare("crm", "subscribers-csv")
    first = JAN.replace(b"0612345678,,jan@example.nl", b",sip:a@voice.example,")
    changes = ((b"sip:a@", b"sip:b@"), (b"sip:a@voice.example,", b",a@b.example"), (b"mob", b"aut"))
    lines = [first, *(first.replace(*change) for change in changes)]
    run = store.take_in(HEADER + b"\n".join(lines) + b"\n", "crm")
    assert counts(run) == (4, 0, 0, 0)


@pytest.mark.parametrize("columns", [["id"], ["id", "from"]])
def test_line_without_anything_in_its_id_is_set_aside(store, columns):
    """Also where the mapping does not count an empty text as missing."""
    document = copy.deepcopy(SMALL) | {"missing": ["-"]}
    document["row_id"] = {"columns": columns, "shown": ["id"]}
    store.declare(mapping=document)
    run = store.take_in(b",,202,2026-06-03 10:00:00,1\n9,201,202,2026-06-03 10:00:00,1\n")
    assert (run.added, store.rejects(run)) == (1, [(1, "no-row-id", "row_id")])
    (row,) = store.rows()
    assert row["row_id"].startswith("9")
