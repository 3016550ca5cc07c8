"""Transfers among the channel events of Asterisk, on lines of our own making."""

import csv
import io
import json

import pytest

from tests.support.engines import ANY_ENGINE

pytestmark = ANY_ENGINE

BLIND = {
    "extension": "0201234567",
    "context": "outbound",
    "bridge_id": "b1",
    "transferee_channel_name": "PJSIP/trunk-0000000a",
}
ATTENDED = {
    "bridge1_id": "b1",
    "channel2_name": "PJSIP/200-0000000c",
    "transferee_channel_name": "N/A",
    "transfer_target_channel_name": "PJSIP/300-0000000d",
}


def event(kind, extra=""):
    text = json.dumps(extra) if isinstance(extra, dict) else extra
    row = [kind, "1780473600.250000", "Jan", "200", "", "", "", "s", "from-trunk"]
    row += ["PJSIP/200-0000000b", "Dial", "PJSIP/200", "3", "K1", "1780473590.5", "1780473580.4"]
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL).writerow([*row, "", "", "", text])
    return out.getvalue().encode()


FILE = event("CHAN_START") + event("BLINDTRANSFER", BLIND) + event("ATTENDEDTRANSFER", ATTENDED)


def take_in(store, mapping, data=FILE):
    store.declare("pbx", mapping)
    run = store.take_in(data)
    return run, store.rows()


def test_blind_transfer_is_a_record_of_who_it_went_to(store):
    run, (row,) = take_in(store, "asterisk-cel-blind-csv")
    assert (run.lines, run.added, run.left_out, run.rejected) == (3, 1, 2, 0)
    assert row["started_at"] == "2026-06-03T08:00:00.250000Z"
    assert (row["forwarded_to"], row["forwarded_to_raw"]) == ("+31201234567", "0201234567")
    assert row["channel_in"] == "PJSIP/200-0000000b"
    assert row["channel_out"] == "PJSIP/trunk-0000000a"
    assert (row["caller_raw"], row["callee_raw"], row["ended_at"]) == (None, None, None)
    assert (row["account"], row["result"], row["flags"]) == ("K1", "BLINDTRANSFER", "no-party")
    assert row["row_id"].startswith("1780473580.4/1780473590.5:")


def test_attended_transfer_names_the_channel_it_went_to(store):
    run, (row,) = take_in(store, "asterisk-cel-attended-csv")
    assert (run.added, run.left_out) == (1, 2)
    assert (row["forwarded_to"], row["forwarded_to_raw"]) == (None, "PJSIP/300-0000000d")
    assert (row["channel_out"], row["result"]) == (None, "ATTENDEDTRANSFER")
    assert row["flags"] == "no-party not-e164"


@pytest.mark.parametrize(
    ("extra", "reason"),
    [
        ('{"extension": ["1"]}', "member"),
        ('{"extension": "\\u0000"}', "nul"),
    ],
)
def test_event_whose_member_cannot_be_read_is_set_aside(store, extra, reason):
    run, rows = take_in(store, "asterisk-cel-blind-csv", event("BLINDTRANSFER", extra))
    assert rows == []
    assert store.rejects(run) == [(1, reason, "forwarded_to")]


@pytest.mark.parametrize("extra", ["{", "[]", '{"extension": "1", "extension": "2"}'])
def test_event_with_no_object_is_set_aside(store, extra):
    run, rows = take_in(store, "asterisk-cel-blind-csv", event("BLINDTRANSFER", extra))
    assert rows == []
    ((line, reason, _),) = store.rejects(run)
    assert (line, reason) == (1, "json")


@pytest.mark.parametrize("extra", ["", "{}", '{"extension": null}', '{"extension": ""}'])
def test_event_without_the_extension_names_nobody(store, extra):
    _, (row,) = take_in(store, "asterisk-cel-blind-csv", event("BLINDTRANSFER", extra))
    assert (row["forwarded_to_raw"], row["channel_out"]) == (None, None)
