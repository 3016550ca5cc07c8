"""Shipped mappings of FreeSWITCH, on lines of our own making."""

import json

from lea_service.records.selection import Match
from tests.support.engines import ANY_ENGINE

pytestmark = ANY_ENGINE

UUID = "7e1f0c9a-3b1d-4a55-9a53-0c6b41d2f001"


def profile(destination, caller="0612345678"):
    return {
        "caller_profile": {
            "caller_id_number": caller,
            "destination_number": destination,
            "uuid": UUID,
            "chan_name": "sofia/internal/200@voice.example",
            "network_addr": "192.0.2.44",
        },
        "times": {"created_time": "1780473600000001"},
    }


def leg(*destinations, **variables):
    times = {"start_uepoch": "1780473600000001", "answer_uepoch": "1780473605250000"}
    told = {"duration": "65", "billsec": "60", "hangup_cause": "NORMAL_CLEARING"}
    told |= times | {"end_uepoch": "1780473665000000"} | variables
    callflow = [profile(one) for one in destinations]
    return json.dumps({"channel_data": {}, "variables": told, "callflow": callflow}) + "\n"


def take_in(store, *legs):
    store.declare("switch", "freeswitch-json")
    run = store.take_in("".join(legs).encode(), "switch")
    return run, store.rows("switch")


def test_leg_is_a_call_with_its_instants_to_the_microsecond(store):
    _, (row,) = take_in(store, leg("+31201234567", accountcode="K+1"))
    assert (row["row_id"], row["started_at"]) == (UUID, "2026-06-03T08:00:00.000001Z")
    assert row["answered_at"] == "2026-06-03T08:00:05.250000Z"
    assert row["ended_at"] == "2026-06-03T08:01:05.000000Z"
    assert (row["duration_s"], row["talk_s"], row["result"]) == (65, 60, "NORMAL_CLEARING")
    assert (row["caller"], row["callee"], row["forwarded_to_raw"]) == (
        "+31612345678",
        "+31201234567",
        None,
    )
    assert (row["account"], row["channel_in"]) == ("K+1", "sofia/internal/200@voice.example")
    assert (row["signalling_in"], row["agent"], row["cause"]) == ("192.0.2.44", None, None)
    assert row["flags"] == ""


def test_leg_tells_queue_agent_gateway_and_cause(store):
    told = {
        "cc_queue": "support@default",
        "cc_agent": "1000@default",
        "sip_gateway_name": "carrier",
    }
    _, (row,) = take_in(store, leg("+31201234567", hangup_cause_q850="16", **told))
    assert (row["queue"], row["agent"]) == ("support@default", "1000@default")
    assert (row["trunk"], row["cause"]) == ("carrier", "16")


CHAIN = ("transfer_chain", "transfer_chain_raw", "transfer_chain_uri")


def test_transferred_leg_tells_first_and_last_destination_and_those_between(store):
    _, (row,) = take_in(store, leg("0201111111", "the hall", "0612345679", "+31201234567"))
    assert (row["callee"], row["forwarded_to"]) == ("+31201234567", "+31201111111")
    assert [row[name] for name in CHAIN] == [
        "+31201234567 +31612345679 +31201111111",
        "+31201234567 0612345679 the%20hall 0201111111",
        None,
    ]
    assert row["flags"] == "not-e164"
    for column, value in (("transfer_chain", "+31612345679"), ("transfer_chain_raw", "the hall")):
        assert store.rows("switch", matches=(Match((column,), (value,)),)) == [row]
    for value in ("0612345679", "+3161234567", "12345679", "hall", "THE HALL"):
        assert store.rows("switch", matches=(Match(CHAIN, (value,)),)) == (
            [row] if value == "0612345679" else []
        )


def test_leg_with_two_destinations_needs_no_chain(store):
    _, (row,) = take_in(store, leg("0201111111", "+31201234567"))
    assert [row[name] for name in CHAIN] == [None] * 3


def test_leg_that_came_back_to_a_destination_tells_the_way(store):
    _, (row,) = take_in(store, leg("200", "201", "200", None))
    assert row["transfer_chain_raw"] == "200 201 200"
    assert (row["callee_raw"], row["forwarded_to_raw"]) == (None, "200")


def test_call_that_nobody_answered_has_no_answer(store):
    _, (row,) = take_in(store, leg("+31201234567", answer_uepoch="0", billsec="0"))
    assert (row["answered_at"], row["talk_s"], row["account"]) == (None, 0, None)


def test_object_without_its_times_is_set_aside(store):
    without = json.loads(leg("200"))
    del without["variables"]["end_uepoch"]
    run, rows = take_in(store, json.dumps(without) + "\n", leg("200", start_uepoch="0"))
    assert (run.rejected, rows) == (2, [])
    reasons = [(1, "member", None), (2, "no-begin", "started_at")]
    assert store.rejects(run, "switch") == reasons


def csv_line(name, answered="2026-06-03 10:00:05"):
    values = [name, "0612345678", "+31201234567", "default", "2026-06-03 10:00:00", answered]
    values += ["2026-06-03 10:01:05", "65", "60", "NORMAL_CLEARING", UUID, "", "K1", "PCMA", "PCMA"]
    return ",".join(f'"{one}"' for one in values) + "\n"


def test_lines_of_the_example_template_are_calls(store):
    store.declare("switch", "freeswitch-cdr-csv")
    run = store.take_in(csv_line("Jan").encode(), "switch")
    (row,) = store.rows("switch")
    assert (run.added, row["row_id"]) == (1, UUID)
    assert (row["started_at"], row["answered_at"]) == (
        "2026-06-03T08:00:00.000000Z",
        "2026-06-03T08:00:05.000000Z",
    )
    assert (row["caller"], row["callee"], row["account"]) == ("+31612345678", "+31201234567", "K1")
    assert (row["duration_s"], row["talk_s"], row["result"]) == (65, 60, "NORMAL_CLEARING")


def test_name_with_a_quote_which_the_template_does_not_double_is_set_aside(store):
    store.declare("switch", "freeswitch-cdr-csv")
    run = store.take_in((csv_line('Jan "J" Jansen') + csv_line("Jan", "")).encode(), "switch")
    assert (run.added, store.rejects(run, "switch")) == (1, [(1, "quotes", None)])
    assert store.rows("switch")[0]["answered_at"] is None
