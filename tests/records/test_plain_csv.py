"""Shipped mappings for files with a header line that a provider writes or completes."""

import json

import pytest
from click.testing import CliRunner

from lea_service.records.cli import sources
from lea_service.records.identifiers import match_values
from lea_service.records.mapping_loading import load_shipped
from tests.support.engines import ANY_ENGINE

HEADER = "recordId,serviceProvider,type,userNumber,groupNumber,direction,callingNumber"
HEADER += ",callingPresentationIndicator,calledNumber,startTime,userTimeZone,answerIndicator"
HEADER += ",answerTime,releaseTime,terminationCause,networkType"


def record(n, kind, caller, callee, *times):
    started, answered, ended = times
    line = (
        f"{n:010}Host20260603080000.2501+020000,Provider,{kind},+31201234567,,Originating,{caller}"
    )
    return f"{line},Public,{callee},{started},1+020000,Yes,{answered},{ended},016,in"


@ANY_ENGINE
def test_records_of_broadworks_are_calls_and_its_marks_are_not(store):
    store.declare("switch", "broadworks-csv", zone="UTC")
    times = ("20260603080000.250", "20260603080005.000", "20260603080105.500")
    lines = [
        HEADER,
        record(1, "Start", "", "", "", "", ""),
        record(2, "Normal", "0612345678", "+31201234567", *times),
        record(3, "Normal", "200", "0612345678", times[0], "", times[2]),
        record(4, "Normal", "200", "0612345678", "2026-06-03 08:00:00", "", ""),
        record(5, "Normal", "200", "300", *times) + ",too,many",
        record(6, "End", "", "", "", "", ""),
    ]
    run = store.take_in("\n".join(lines).encode("iso-8859-1"), "switch")
    assert (run.lines, run.added, run.left_out, run.rejected) == (6, 2, 2, 2)
    assert store.rejects(run, "switch") == [(5, "time", "started_at"), (6, "columns", None)]
    first, second = sorted(store.rows("switch"), key=lambda row: row["answered_at"] is None)
    assert first["started_at"] == "2026-06-03T08:00:00.250000Z"
    assert first["ended_at"] == "2026-06-03T08:01:05.500000Z"
    assert (first["caller"], first["callee"]) == ("+31612345678", "+31201234567")
    assert (first["account"], first["result"], first["duration_s"]) == ("+31201234567", "016", None)
    assert "Host" not in first["row_id"]
    assert (second["answered_at"], second["caller_raw"]) == (None, "200")


@ANY_ENGINE
def test_any_system_can_write_the_columns_of_calls(store):
    store.declare("pbx", "calls-csv", zone="Europe/Amsterdam")
    columns = load_shipped("calls-csv")["file"]["columns"]
    values = {
        "id": "c1",
        "started_at": "2026-06-03T10:00:00",
        "answered_at": "2026-06-03T08:00:05Z",
        "duration_s": "65",
        "talk_s": "60",
        "direction": "inbound",
        "caller": "0612345678",
        "callee": "sip:200@voice.example",
        "transfer_chain": "0201234567 > the hall >>sip:Bob@Voice.example:5060",
        "account": "K1",
        "agent": "Jan",
        "queue": "support",
        "trunk": "carrier-1",
        "signalling_in": "2001:DB8:0::7",
        "caller_device": "Yealink T46U",
        "caller_mac": "001A.2B3C.4D5E",
        "caller_imei": "35-693803-564380-9",
        "callee_imei": "356938035643800",
        "caller_imsi": "204081234567890",
        "callee_imsi": "204",
        "result": "answered",
        "cause": "16",
    }
    line = ",".join(values.get(name, "") for name in columns)
    run = store.take_in(f"{','.join(columns)}\n{line}\n".encode())
    assert (run.added, run.rejected) == (1, 0)
    (row,) = store.rows()
    assert row["started_at"] == "2026-06-03T08:00:00.000000Z"
    assert row["answered_at"] == "2026-06-03T08:00:05.000000Z"
    assert (row["row_id"], row["callee_uri"]) == ("c1", "sip:200@voice.example")
    assert (row["direction"], row["duration_s"], row["talk_s"]) == ("inbound", 65, 60)
    as_they_are = ("agent", "queue", "trunk", "caller_device", "caller_imsi", "cause", "result")
    assert {name: row[name] for name in as_they_are} == {name: values[name] for name in as_they_are}
    assert (row["signalling_in"], row["signalling_out"]) == ("2001:db8::7", None)
    assert (row["caller_mac"], row["caller_imei"]) == ("00:1a:2b:3c:4d:5e", "356938035643809")
    assert (row["callee_imei"], row["callee_imsi"]) == ("356938035643800", "204")
    assert row["flags"] == "not-e164 odd-imei odd-imsi"
    assert row["transfer_chain"] == "+31201234567"
    assert row["transfer_chain_raw"] == "0201234567 the%20hall sip:Bob@Voice.example:5060"
    assert row["transfer_chain_uri"] == "sip:Bob@voice.example"


@ANY_ENGINE
def test_subscriber_file_tells_of_payer_and_equipment(store):
    store.declare("crm", "subscribers-csv")
    columns = load_shipped("subscribers-csv")["file"]["columns"]
    values = {
        "customer_number": "K1",
        "name": "Jan",
        "valid_from": "2026-01-01",
        "payer_name": "De Werkgever B.V.",
        "payer_number": "K9",
        "payer_account": "NL91ABNA0417164300",
        "device": "Fritz!Box",
        "mac": "00-1A-2B-3C-4D-5E",
        "imei": "35693803564380",
        "imsi": "204081234567890",
        "iccid": "8931080012345678905",
    }
    lines = [
        ",".join((values | more).get(name, "") for name in columns)
        for more in ({}, {"mac": "001A2B3C4D5F", "iccid": "8931080012345678904F"})
    ]
    run = store.take_in("\n".join([",".join(columns), *lines, ""]).encode(), "crm")
    assert (run.added, run.rejected) == (2, 0)
    first, second = sorted(store.rows("crm", "subscriber"), key=lambda row: row["mac"])
    for name in ("payer_name", "payer_number", "payer_account", "device", "imsi"):
        assert first[name] == second[name] == values[name]
    assert (first["mac"], first["imei"]) == ("00:1a:2b:3c:4d:5e", "356938035643809")
    assert (first["iccid"], first["flags"]) == ("8931080012345678905", "odd-iccid")
    assert (second["iccid"], second["flags"]) == ("8931080012345678904", "")


def test_a_shipped_mapping_is_printed_as_a_file_to_begin_with():
    run = CliRunner().invoke(sources, ["mappings", "calls-csv"])
    assert (run.exit_code, json.loads(run.output)) == (0, load_shipped("calls-csv"))
    assert "calls-csv" in CliRunner().invoke(sources, ["mappings"]).output


@pytest.mark.parametrize(
    ("written", "stored", "flags"),
    [
        ("urn:gsma:imei:90420156-025763-0;svn=42;vers=0", "904201560257630", "odd-imei"),
        ("90-420156-025763-0", "904201560257630", "odd-imei"),
        ("urn:gsma:imei:90420156-025763-7;vers=0", "904201560257637", ""),
        ("90-420156-025763-1", "90-420156-025763-1", "odd-imei"),
    ],
)
def test_imei_is_stored_as_it_is_looked_for(store, written, stored, flags):
    store.declare("pbx1", "calls-csv", zone="Europe/Amsterdam")
    known = load_shipped("calls-csv")["file"]["columns"]
    values = {"id": "c1", "caller": "0612345678", "caller_imei": written}
    values["started_at"] = "2026-06-03T08:00:00Z"
    line = ",".join(values.get(name, "") for name in known)
    run = store.take_in(f"{','.join(known)}\n{line}\n".encode(), "pbx1")
    assert run.added == 1
    (row,) = store.rows("pbx1")
    assert (row["caller_imei"], row["flags"]) == (stored, flags)
    is_found = stored in match_values("imei", "904201560257637", "NL")
    assert is_found == stored.startswith("904201560257")
