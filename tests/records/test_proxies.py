"""Shipped mappings of SIP proxies, on lines of our own making."""

import pytest

from tests.support.engines import ANY_ENGINE

pytestmark = ANY_ENGINE

ACC = "id,method,from_tag,to_tag,callid,sip_code,sip_reason,time"
ACC += ",src_user,src_domain,src_ip,dst_ouser,dst_user,dst_domain"
CDRS = "id,start_time,end_time,duration,caller,callee"


def file_of(header, *lines):
    return "\n".join([header, *lines, ""]).encode()


def acc(n, method, code, time, *parties):
    caller, host, dialled, user, domain = parties
    tags = f"{n},{method},as{n},bt{n},c{n}@192.0.2.7,{code},Text,{time}"
    return f"{tags},{caller},{host},192.0.2.7,{dialled},{user},{domain}"


def parties(row, *names):
    return [row[f"{name}{form}"] for name in names for form in ("", "_raw", "_uri")]


def test_acc_gives_one_call_for_each_answer_to_an_invite(store):
    store.declare("proxy", "kamailio-acc-csv")
    who = ("0612345678", "voice.example", "+31201234567", "+31201234567", "198.51.100.4")
    run = store.take_in(
        file_of(
            ACC,
            acc(1, "INVITE", 200, "2026-06-03 10:00:00", *who),
            acc(2, "BYE", 200, "2026-06-03 10:04:00", *who),
            acc(3, "INVITE", 486, "2026-06-03 11:00:00", *who),
            acc(4, "ACK", 200, "2026-06-03 11:00:01", *who),
        ),
        "proxy",
    )
    assert (run.lines, run.added, run.left_out, run.rejected) == (4, 2, 2, 0)
    first, second = store.rows("proxy")
    assert (first["row_id"], first["started_at"]) == ("1", "2026-06-03T08:00:00.000000Z")
    assert [first[name] for name in ("answered_at", "ended_at", "duration_s", "talk_s")] == [
        None
    ] * 4
    assert (first["result"], second["result"]) == ("200", "486")
    raw = "0612345678@voice.example"
    assert parties(first, "caller") == ["+31612345678", raw, f"sip:{raw}"]
    assert parties(first, "callee") == ["+31201234567", "+31201234567", None]
    assert parties(first, "forwarded_to") == [None] * 3
    assert (first["signalling_in"], first["flags"]) == ("192.0.2.7", "")


def test_acc_names_whom_the_request_was_for_where_that_is_another(store):
    store.declare("proxy", "kamailio-acc-csv")
    who = ("bob", "voice.example", "+31201234567", "carol", "198.51.100.4")
    store.take_in(file_of(ACC, acc(1, "INVITE", 200, "2026-06-03 10:00:00", *who)), "proxy")
    (row,) = store.rows("proxy")
    assert parties(row, "forwarded_to") == [None, "carol@198.51.100.4", "sip:carol@198.51.100.4"]
    assert parties(row, "caller") == [None, "bob@voice.example", "sip:bob@voice.example"]


def test_number_that_the_proxy_only_wrote_out_was_forwarded_nowhere(store):
    store.declare("proxy", "kamailio-acc-csv")
    who = ("bob", "voice.example", "0201234567", "+31201234567", "198.51.100.4")
    store.take_in(file_of(ACC, acc(1, "INVITE", 200, "2026-06-03 10:00:00", *who)), "proxy")
    (row,) = store.rows("proxy")
    assert parties(row, "callee")[:2] == ["+31201234567", "0201234567"]
    assert parties(row, "forwarded_to") == [None] * 3


@pytest.mark.parametrize("nothing", ["", "NULL", "\\N"])
def test_user_or_host_may_be_missing(store, nothing):
    store.declare("proxy", "kamailio-acc-csv")
    who = ("0612345678", nothing, nothing, nothing, "voice.example")
    store.take_in(file_of(ACC, acc(1, "INVITE", 200, "2026-06-03 10:00:00", *who)), "proxy")
    (row,) = store.rows("proxy")
    assert parties(row, "caller") == ["+31612345678", "0612345678", None]
    assert parties(row, "callee", "forwarded_to") == [None] * 6


def test_cdrs_are_calls_with_begin_and_end(store):
    store.declare("proxy", "kamailio-acc-cdrs-csv")
    run = store.take_in(
        file_of(
            CDRS,
            "7,2026-06-03 10:00:00,2026-06-03 10:01:05,65.250000,"
            "sip:0612345678@voice.example,sip:+31201234567@voice.example;user=phone",
            "8,2026-06-03 10:05:00,2000-01-01 00:00:00,0,sip:bob@voice.example,sip:200@voice.example",
            "9,2000-01-01 00:00:00,2026-06-03 10:06:00,0,sip:bob@voice.example,",
        ),
        "proxy",
    )
    assert (run.added, run.rejected) == (2, 1)
    assert store.rejects(run, "proxy") == [(4, "no-begin", "started_at")]
    first, second = store.rows("proxy")
    assert first["ended_at"] == "2026-06-03T08:01:05.000000Z"
    assert (first["duration_s"], first["flags"]) == (65, "fraction-cut")
    assert parties(first, "callee")[::2] == ["+31201234567", "sip:+31201234567@voice.example"]
    assert (second["ended_at"], second["duration_s"]) == (None, 0)
    assert second["flags"] == "not-e164 zero-duration"
