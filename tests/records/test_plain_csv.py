"""Shipped mappings for files with a header line that a provider writes or completes."""

import json

from click.testing import CliRunner

from lea_service.records.cli import sources
from lea_service.records.mapping import load_shipped
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
    values = "c1,2026-06-03T10:00:00,2026-06-03T08:00:05Z,,65,60,inbound,0612345678"
    values += ",sip:200@voice.example,,K1,,,answered"
    run = store.take_in(f"{','.join(columns)}\n{values}\n".encode())
    assert (run.added, run.rejected) == (1, 0)
    (row,) = store.rows()
    assert row["started_at"] == "2026-06-03T08:00:00.000000Z"
    assert row["answered_at"] == "2026-06-03T08:00:05.000000Z"
    assert (row["row_id"], row["callee_uri"]) == ("c1", "sip:200@voice.example")
    assert (row["direction"], row["duration_s"], row["talk_s"]) == ("inbound", 65, 60)


def test_a_shipped_mapping_is_printed_as_a_file_to_begin_with():
    run = CliRunner().invoke(sources, ["mappings", "calls-csv"])
    assert (run.exit_code, json.loads(run.output)) == (0, load_shipped("calls-csv"))
    assert "calls-csv" in CliRunner().invoke(sources, ["mappings"]).output
