import copy
import csv
import io
from collections import Counter
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from lea_service.custody.entries import load_entry
from lea_service.custody.queries import list_stream
from lea_service.demonstration.sample_data import CALLS, SESSIONS, SUBSCRIBERS, write_samples
from lea_service.extraction.store import find_told_until
from lea_service.kernel.actors import Actor, Role, worker_actor
from lea_service.kernel.clock import day_of, format_instant
from lea_service.kernel.errors import InvalidInput, NotFound, NotPermitted
from lea_service.records import import_service
from lea_service.records.reader import RecordReader
from lea_service.records.selection import Match
from lea_service.records.store import ImportLedger, Reject
from lea_service.records.writer import BATCH
from tests.records.conftest import ENGINEER, SMALL, counts
from tests.records.test_purged_rows import CRM
from tests.support.log import check_log

ENDS = ("", "_raw", "_uri")
LINE = b"1,0612345678,+31201234567,2026-06-03 10:00:00,60\n"
OTHER = b"2,201,0612345678,2026-06-03 11:00:00,61\n"
VAST = {
    "format": "lea.mapping/1",
    "name": "vast-2008",
    "kind": "call",
    "file": {
        "header": True,
        "columns": ["From", "To", "Datetime", "Duration(seconds)", "Cell Tower"],
    },
    "time": {"format": "%Y%m%d %H%M", "zone": "America/New_York"},
    "row_id": {"line_digest": True},
    "fields": {
        "started_at": {"column": "Datetime"},
        "caller_raw": {"column": "From"},
        "callee_raw": {"column": "To"},
        "duration_s": {"column": "Duration(seconds)"},
        "cell": {"column": "Cell Tower"},
    },
    "categories": ["traffic_call_records", "location"],
}


def events(store):
    with store.log.transactions.read() as session:
        return [entry.event for entry in list_stream(session, "r_records")]


def test_values_are_kept_beside_their_normal_form(store):
    store.declare()
    assert counts(store.take_in(LINE + OTHER)) == (2, 0, 0, 0)
    first, second = store.rows()
    assert first["started_at"] == "2026-06-03T08:00:00.000000Z"
    assert (first["caller"], first["caller_raw"]) == ("+31612345678", "0612345678")
    assert (second["caller"], second["caller_raw"]) == (None, "201")
    assert (first["flags"], second["flags"]) == ("", "not-e164")
    assert (first["row_id"], first["source"], first["cell"]) == ("1", "pbx", None)
    check_log(store.log)


def test_sip_addresses_are_read_out_of_parties(store):
    forwarding = copy.deepcopy(SMALL)
    forwarding["file"]["columns"].append("via")
    forwarding["fields"] |= {"forwarded_to": {"column": "via"}}
    store.declare(mapping=forwarding)
    lines = [
        '1,"""A"" <sip:+31201234567@X.example;user=phone>",SIP:bob@y:5060,2026-06-03 10:00:00,1,9',
        "2,SIP/200-1,tel:+31201234567,2026-06-03 10:00:01,1,bob@y",
    ]
    assert counts(store.take_in("\n".join(lines).encode())) == (2, 0, 0, 0)
    forms = [f"{party}{end}" for party in ("caller", "callee", "forwarded_to") for end in ENDS]
    first, second = ([row[form] for form in forms] for row in store.rows())
    raw = '"A" <sip:+31201234567@X.example;user=phone>'
    assert first[:3] == ["+31201234567", raw, "sip:+31201234567@x.example"]
    assert first[3:] == [None, "SIP:bob@y:5060", "sip:bob@y", None, "9", None]
    assert second[:6] == [None, "SIP/200-1", None, "+31201234567", "tel:+31201234567", None]
    assert second[6:] == [None, "bob@y", "sip:bob@y"]
    assert [row["flags"] for row in store.rows()] == ["not-e164", "not-e164"]


@pytest.mark.parametrize(
    "odd",
    [
        *("sip:a@b@c", "sip:gateway", "a@b:port", "sip:a@x,sip:b@x", "<sip:a@x> <sip:b@x>"),
        "sip:jan@stra\u00dfe.de",
    ],
)
def test_address_that_cannot_be_read_is_flagged(store, odd):
    store.declare()
    store.take_in(f'1,"{odd}",Local/2@x,2026-06-03 10:00:00,60\n'.encode())
    (row,) = store.rows()
    assert (row["caller_raw"], row["caller_uri"], row["callee_uri"]) == (odd, None, None)
    assert row["flags"] == "not-e164 odd-sip-uri"


def test_domain_that_may_be_another_stays_as_it_came(store):
    store.declare("crm", "subscribers-csv")
    header = "customer_number,name,address,postcode,city,country,number,sip_uri,email,service,"
    header += "payer_name,payer_number,payer_account,device,mac,imei,imsi,iccid,valid_from,valid_to"
    mails = ("jan@stra\u00dfe.de", "jan@strasse.de")
    lines = [
        f"K{n},Jan,,,,NL,0612345678,,{mail},mobile,,,,,,,,,2020-01-01,"
        for n, mail in enumerate(mails)
    ]
    store.take_in("\n".join([header, *lines, ""]).encode(), "crm")
    kept = {row["email"]: row["flags"] for row in store.rows("crm", "subscriber")}
    assert kept == {mails[0]: "odd-email", mails[1]: ""}


def test_parties_kept_as_text_give_addresses_too(store):
    fields = {"started_at": {"column": "at"}, "callee_raw": {"column": "to"}}
    store.declare(mapping={**SMALL, "fields": fields})
    store.take_in(b"1,x,<sip:+31201234567@X>,2026-06-03 10:00:00,60\n")
    (row,) = store.rows()
    assert (row["callee"], row["callee_uri"]) == (None, "sip:+31201234567@x")
    assert row["flags"] == "not-e164", "a demand for a number must say what was not compared"


def test_the_same_file_twice_adds_nothing(store):
    store.declare()
    assert counts(store.take_in(LINE + OTHER)) == (2, 0, 0, 0)
    assert counts(store.take_in(LINE + OTHER)) == (0, 2, 0, 0)
    assert events(store) == ["source.declared", *["import.started", "import.done"] * 2]
    check_log(store.log)


@pytest.mark.parametrize("by_line", [True, False])
def test_overlapping_files_add_what_is_new(store, by_line):
    store.declare(by_line=by_line)
    lines = [b"%d,201,202,2026-06-03 10:00:00,1\n" % n for n in range(2 * BATCH + 10)]
    assert counts(store.take_in(b"".join(lines[: BATCH + 5]))) == (BATCH + 5, 0, 0, 0)
    assert counts(store.take_in(b"".join(lines[BATCH:]))) == (BATCH + 5, 5, 0, 0)
    assert len(store.rows()) == len(lines)


def test_equal_lines_are_as_many_rows(store):
    store.declare(by_line=True)
    many = LINE * (BATCH + 1) + OTHER + LINE
    assert counts(store.take_in(many)) == (BATCH + 3, 0, 0, 0)
    assert counts(store.take_in(many)) == (0, BATCH + 3, 0, 0)
    assert counts(store.take_in(LINE * 3 + OTHER * 2)) == (1, 4, 0, 0)
    assert Counter(row["duration_s"] for row in store.rows()) == {60: BATCH + 2, 61: 2}


def test_one_id_for_two_rows_is_reported(store):
    store.declare()
    changed = LINE.replace(b",60", b",99")
    run = store.take_in(LINE + changed + LINE)
    assert counts(run) == (1, 1, 0, 1)
    assert store.rejects(run) == [(2, "row-id-taken", "row_id")]
    run = store.take_in(changed)
    assert store.rejects(run) == [(1, "row-id-taken", "row_id")]
    assert store.rows()[0]["duration_s"] == 60
    check_log(store.log)


HEAD = "acctuniqueid,acctsessionid,username,nasipaddress,acctstarttime,acctstoptime,acctsessiontime"
HEAD += ",acctinputoctets,acctoutputoctets,framedipaddress,acctterminatecause,callingstationid\n"
OPEN = "u1,s1,joe,192.0.2.1,2026-06-03 10:00:00,NULL,NULL,0,0,198.51.100.7,,\n"
SHUT = "u1,s1,joe,192.0.2.1,2026-06-03 10:00:00,2026-06-03 11:00:00,3600,5,6,198.51.100.7,Bye,\n"


def test_an_open_session_is_completed(store):
    store.declare("aaa", "freeradius-ipv4-csv")
    assert counts(store.take_in((HEAD + OPEN).encode(), "aaa")) == (1, 0, 0, 0)
    assert store.rows("aaa", "usage")[0]["ended_at"] is None
    assert counts(store.take_in((HEAD + SHUT).encode(), "aaa")) == (0, 0, 1, 0)
    assert counts(store.take_in((HEAD + SHUT).encode(), "aaa")) == (0, 1, 0, 0)
    (row,) = store.rows("aaa", "usage")
    assert (row["ended_at"], row["octets_in"]) == ("2026-06-03T09:00:00.000000Z", 5)
    run = store.take_in((HEAD + SHUT.replace("joe", "ann")).encode(), "aaa")
    assert counts(run) == (0, 0, 0, 1)
    fresh = (HEAD + OPEN.replace("u1", "u2") + SHUT.replace("u1", "u2")).encode()
    assert counts(store.take_in(fresh, "aaa")) == (1, 0, 1, 0)
    assert store.rows("aaa", "usage")[1]["cause"] == "Bye"


HEAD6 = HEAD.replace(
    "framedipaddress,", "framedipaddress,delegatedipv6prefix,framedipv6prefix,framedipv6address,"
)
OPEN6 = OPEN.replace("198.51.100.7,", "NULL,NULL,NULL,NULL,")
SHUT6 = SHUT.replace("198.51.100.7,", "198.51.100.7,2001:DB8:1:200::/56,{},2001:db8:0::0001,")


def test_a_session_keeps_its_addresses_of_both_kinds(store):
    store.declare("aaa", "freeradius-csv")
    with pytest.raises(InvalidInput, match="framedipv6address"):
        store.take_in((HEAD + OPEN).encode(), "aaa")
    assert counts(store.take_in((HEAD6 + OPEN6).encode(), "aaa")) == (1, 0, 0, 0)
    assert counts(store.take_in((HEAD6 + SHUT6.format("")).encode(), "aaa")) == (0, 0, 1, 0)
    (row,) = store.rows("aaa", "usage")
    addresses = [row[name] for name in ("address", "address6", "prefix6", "delegated6")]
    assert addresses == ["198.51.100.7", "2001:db8::1", None, "2001:db8:1:200::/56"]
    other = SHUT6.format("").replace("198.51.100.7", "198.51.100.8")
    assert counts(store.take_in((HEAD6 + other).encode(), "aaa")) == (0, 0, 0, 1)


@pytest.mark.parametrize("odd", ["2001:db8::/29", "2001:db8::/112", "fe80"])
def test_prefix_that_no_demand_finds_is_flagged(store, odd):
    store.declare("aaa", "freeradius-csv")
    store.take_in((HEAD6 + SHUT6.format(odd)).encode(), "aaa")
    (row,) = store.rows("aaa", "usage")
    assert (row["prefix6"], row["flags"]) == (odd, "odd-address")


BAD = [
    (b"1,201,202,2026-06-03 10:00:00", "columns", None),
    (b"1,201,202,2026-06-31 10:00:00,1", "time", "started_at"),
    (b"1,201,202,,1", "no-begin", "started_at"),
    (b"1,201,202,2026-06-03 10:00:00,soon", "number", "duration_s"),
    (b"1,201,202,2026-06-03 10:00:00,99999999999999999", "number", "duration_s"),
    (b",201,202,2026-06-03 10:00:00,1", "no-row-id", "row_id"),
    (b"1," + b"9" * 501 + b",202,2026-06-03 10:00:00,1", "value-too-long", "caller_raw"),
    (b"1" * 201 + b",201,202,2026-06-03 10:00:00,1", "value-too-long", "row_id"),
    (b"1,\xe9,202,2026-06-03 10:00:00,1", "encoding", None),
    (b"1,\x00,202,2026-06-03 10:00:00,1", "nul", None),
    (b'1,"x"y,202,2026-06-03 10:00:00,1', "quotes", None),
]


def test_file_of_another_source_leaves_nothing_behind(store):
    """A source is not marked for good by lines that were never of it."""
    store.declare()
    with pytest.raises(InvalidInput, match="nothing of this file fits the mapping of the source"):
        store.take_in(b"a;b\n" * 3000)
    (run,) = store.sources.list_imports(ENGINEER, "pbx", None, 10)
    assert (run.state, run.reason) == ("failed", "invalid-input")
    with RecordReader(store.records).snapshot() as snapshot:
        assert (snapshot.count_set_aside("pbx"), snapshot.count_lost("pbx")) == (0, 0)


def test_bad_lines_are_kept_aside_with_their_reason(store):
    store.declare()
    data = b"".join(
        OTHER.replace(b"2,", b"%d," % (n + 10), 1) + bad + b"\n"
        for n, (bad, _, _) in enumerate(BAD)
    )
    run = store.take_in(data)
    assert counts(run) == (len(BAD), 0, 0, len(BAD))
    expected = [(2 * n + 2, reason, field) for n, (_, reason, field) in enumerate(BAD)]
    assert store.rejects(run) == expected
    with store.records.read() as session:
        raw = session.scalars(select(Reject.raw).order_by(Reject.line))
        assert list(raw) == [bad for bad, _, _ in BAD]
    assert events(store)[-1] == "rejects.viewed"
    check_log(store.log)


@pytest.mark.parametrize(
    ("line", "flags"),
    [
        (b"1,0612345678,0612345679,2026-06-03 10:00:00,-5", "negative-duration"),
        (b"1,0612345678,0612345679,2026-06-03 10:00:00,0", "zero-duration"),
        (b"1,0612345678,0612345679,2026-06-03 10:00:00,1.5", "fraction-cut"),
        (b"1,,,2026-06-03 10:00:00,1", "no-party"),
        (b"1,0612345678,0612345679,2099-06-03 10:00:00,1", "in-the-future"),
        (b"1,0612345678,0612345679,2025-10-26 02:30:00,1", "ambiguous-time"),
        (b"1,0612345678,0612345679,2026-03-29 02:30:00,1", "skipped-time"),
        (b"1,0612345678,0612345679,2017-01-01 00:59:60,1", "leap-second"),
        (b"1,anonymous,112,2026-03-29 02:30:00,0", "not-e164 skipped-time zero-duration"),
    ],
)
def test_odd_values_are_kept_and_flagged(store, line, flags):
    store.declare()
    run = store.take_in(line)
    assert (run.added, run.flagged) == (1, 1)
    assert store.rows()[0]["flags"] == flags


def test_odd_sessions_and_subscribers_are_flagged(store):
    store.declare("aaa", "freeradius-ipv4-csv")
    odd = [
        "u1,s,joe,n,2026-06-03 10:00:00,2026-06-03 09:00:00,5,4294967295,-1,198.51.100.7,,",
        "u2,s,,n,2026-06-03 10:00:01,,,,,host,,310612345678",
        "u3,s,,n,2026-06-03 10:00:02,,,,,,,",
    ]
    store.take_in((HEAD + "\n".join(odd)).encode(), "aaa")
    flags = [row["flags"] for row in store.rows("aaa", "usage")]
    assert flags == ["end-before-begin odd-counter", "odd-address odd-mac", "no-party"]
    second = store.rows("aaa", "usage")[1]
    assert (second["address"], second["mac"]) == ("host", "310612345678")


APART = b"2026-06-03,10:00:00,2026-06-03,11:00:00,5,1,joe"
APART_OPEN = b"2026-06-04,10:00:00,,,7,NULL,ann"


def declare_wrapped(store):
    """Declare sessions with day and time apart, and a counter that began anew."""
    document = {
        "format": "lea.mapping/1",
        "name": "wrapped",
        "kind": "usage",
        "file": {"header": False, "columns": ["d1", "t1", "d2", "t2", "in", "times", "user"]},
        "missing": ["", "NULL"],
        "time": {"format": "%Y-%m-%d %H:%M:%S", "zone": "Europe/Amsterdam"},
        "row_id": {"line_digest": True},
        "fields": {
            "started_at": {"column": "d1", "then": "t1"},
            "ended_at": {"column": "d2", "then": "t2"},
            "octets_in": {"column": "in", "wraps": "times"},
            "account": {"column": "user"},
        },
        "categories": ["usage_sessions"],
    }
    store.declare("net", document)


def test_day_and_time_apart_and_a_counter_that_began_anew(store):
    declare_wrapped(store)
    store.take_in(APART + b"\n" + APART_OPEN, "net")
    first, second = store.rows("net", "usage")
    assert first["started_at"] == "2026-06-03T08:00:00.000000Z"
    assert first["ended_at"] == "2026-06-03T09:00:00.000000Z"
    assert first["octets_in"] == 2**32 + 5
    assert (second["ended_at"], second["octets_in"]) == (None, 7)


@pytest.mark.parametrize(
    ("was", "now", "reason", "field"),
    [
        (b"11:00:00", b"", "time", "ended_at"),
        (b"2026-06-03,11", b",11", "time", "ended_at"),
        (b"5,1,", b"5,often,", "number", "octets_in"),
        (b"5,1,", b"5,9999999999,", "number", "octets_in"),
    ],
)
def test_half_of_such_a_value_is_set_aside(store, was, now, reason, field):
    declare_wrapped(store)
    run = store.take_in(APART.replace(was, now), "net")
    assert store.rejects(run, "net") == [(1, reason, field)]


@pytest.mark.parametrize("data", [b"PK\x03\x04zip", "1,2".encode("utf-16")])
def test_what_is_no_file_of_the_source_records_nothing(store, data):
    store.declare()
    with pytest.raises(InvalidInput):
        store.take_in(data)
    store.declare("aaa", "freeradius-ipv4-csv")
    with pytest.raises(InvalidInput, match="acctsessionid"):
        store.take_in(b"a,b\n1,2\n", "aaa")
    with pytest.raises(NotFound):
        store.take_in(LINE, "none")
    assert events(store) == ["source.declared"] * 2


class Broken(io.BytesIO):
    """A stream whose sender goes away."""

    def read(self, size, /):
        found = super().read(min(size, 40))
        if not found:
            raise OSError("connection reset")
        return found


def test_a_broken_upload_takes_nothing_in(store):
    store.declare()
    with pytest.raises(OSError, match="reset"):
        store.take_in(Broken(LINE + OTHER))
    assert store.rows() == []
    assert events(store)[1:] == ["import.started", "import.failed"]
    (run,) = store.sources.list_imports(ENGINEER, "pbx", None, 10)
    assert (run.state, run.reason, run.lines) == ("failed", "interrupted", None)
    assert counts(store.take_in(LINE + OTHER)) == (2, 0, 0, 0)
    check_log(store.log)


class Crash(BaseException):
    """The process ends here: nothing after it runs."""


def crash(*_args, **_options):
    raise Crash


def unsettled(store, monkeypatch, where, name):
    """Run an import that ends at ``name``; return what reconciling later does."""
    store.declare()
    with monkeypatch.context() as patch:
        patch.setattr(where, name, crash)
        with pytest.raises(Crash):
            store.take_in(LINE + OTHER)
    assert store.imports.reconcile(worker_actor()) == 0  # too young: it may be alive


@pytest.mark.parametrize(
    ("name", "where", "event", "rows"),
    [
        ("_take_in", import_service.ImportService, "import.failed", 0),
        ("_close_ledger", import_service, "import.failed", 0),
        ("_settle", import_service.ImportService, "import.done", 2),
    ],
)
def test_a_crash_at_each_boundary_is_reconciled(
    store, clock, monkeypatch, name, where, event, rows
):
    unsettled(store, monkeypatch, where, name)
    clock.advance(hours=1)
    assert store.imports.reconcile(worker_actor()) == 1
    assert store.imports.reconcile(worker_actor()) == 0
    assert events(store)[1:] == ["import.started", event]
    assert len(store.rows()) == rows
    assert counts(store.take_in(LINE + OTHER)) == (2 - rows, rows, 0, 0)
    check_log(store.log)


def test_an_import_given_up_can_never_take_effect(store, clock, monkeypatch):
    unsettled(store, monkeypatch, import_service.ImportService, "_take_in")
    clock.advance(hours=1)
    store.imports.reconcile(worker_actor())
    with store.records.read() as session:
        (ledger,) = session.scalars(select(ImportLedger))
    assert (ledger.state, ledger.added) == ("abandoned", 0)
    with pytest.raises(Exception, match="imports"), store.records.write() as session:
        session.add(import_service.new_ledger(ledger.id, "pbx", "running"))


class GivenUp(Exception):
    """The import at work ends without effect."""


def test_an_import_at_work_is_left_alone(store, clock, monkeypatch):
    if store.records.is_sqlite:
        pytest.skip("on SQLite a second writer waits for half a minute")
    unsettled(store, monkeypatch, import_service.ImportService, "_take_in")
    clock.advance(hours=1)
    (run,) = store.sources.list_imports(ENGINEER, "pbx", None, 10)
    with suppress(GivenUp), store.records.write() as session:
        session.add(import_service.new_ledger(run.id, "pbx", "running"))
        session.flush()
        assert store.imports.reconcile(worker_actor()) == 0
        raise GivenUp
    assert store.imports.reconcile(worker_actor()) == 1


def test_permissions(store):
    store.declare()
    handler = Actor("s_1", frozenset({Role.HANDLER}))
    assert store.sources.get(handler, "pbx").name == "pbx"
    for act in (
        lambda: store.imports.run(handler, "pbx", io.BytesIO(LINE)),
        lambda: store.sources.declare(handler, "b", SMALL),
        lambda: store.sources.list_rejects(handler, "pbx", "im_1", 0, 1),
        lambda: store.imports.reconcile(ENGINEER),
    ):
        with pytest.raises(NotPermitted):
            act()
    assert events(store) == ["source.declared"]


def test_sample_files_are_read_whole(store, tmp_path):
    files = write_samples(tmp_path / "samples", date(2026, 11, 24))
    for name, mapping, path, kind, expected in (
        ("pbx", "asterisk-master-csv", files.calls, "call", CALLS),
        ("aaa", "freeradius-csv", files.sessions, "usage", SESSIONS),
        ("crm", "subscribers-csv", files.subscribers, "subscriber", SUBSCRIBERS),
    ):
        store.declare(name, mapping)
        with path.open("rb") as stream:
            assert counts(store.take_in(stream, name)) == (expected, 0, 0, 0)
        coverage = store.sources.coverage(ENGINEER, name)
        assert (coverage.rows, coverage.kind) == (expected, kind)
    with files.calls.open(newline="") as lines:
        mine = sum(files.busiest.number in row[1:3] for row in csv.reader(lines))
    number = "+31" + files.busiest.number[1:]
    found = store.rows(matches=(Match(("caller", "callee"), (number,)),))
    assert len(found) == mine > 100
    (who,) = store.rows("crm", "subscriber", matches=(Match(("number",), (number,)),))
    assert (who["name"], who["flags"]) == (files.busiest.name, "")


def test_public_calls_are_read_exactly(store, reference_dir):
    path = reference_dir / "data" / "vast2008" / "cdr.csv"
    store.declare("vast", VAST)
    with path.open("rb") as stream:
        assert counts(store.take_in(stream, "vast")) == (9_834, 0, 0, 0)
    with path.open("rb") as stream:
        assert counts(store.take_in(stream, "vast")) == (0, 9_834, 0, 0)
    with path.open(newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if "200" in (row["From"], row["To"])]
    inside = [row for row in rows if "20060603" <= row["Datetime"][:8] <= "20060605"]
    assert (len(inside), len(rows)) == (16, 47)
    party = (Match(("caller_raw", "callee_raw"), ("200",)),)
    start = datetime(2006, 6, 3, 4, tzinfo=UTC)  # midnight in New York
    found = store.rows("vast", matches=party, start=start, end=start + timedelta(days=3))
    assert len(found) == 16
    assert len(store.rows("vast", matches=party)) == 47
    assert {row["caller"] for row in found} == {None}
    assert sorted(int(row["Duration(seconds)"]) for row in inside) == sorted(
        row["duration_s"] for row in found
    )


@pytest.mark.parametrize(
    ("until", "told"),
    [("", "2026-05-02"), ("2026-05-09", "2026-05-09"), ("2031-01-01", "2026-05-02")],
)
def test_import_of_an_old_list_tells_no_further_than_the_list(store, until, told):
    """Who is in it without an end may have left since; an end that is to come tells of no change."""
    store.declare("crm", "subscribers-csv")
    line = f"K{{}},Jan,,,,,0612345678{',' * 12}2026-05-0{{}},{{}}\n"
    lines = line.format(2, 2, "") + line.format(1, 1, until)
    store.take_in(CRM + lines.encode(), "crm")
    with RecordReader(store.records).snapshot() as snapshot:
        assert day_of(find_told_until(snapshot.connection, "crm")).isoformat() == told


def test_import_of_nothing_tells_nothing(store):
    store.declare("crm", "subscribers-csv")
    store.take_in(CRM, "crm")
    with RecordReader(store.records).snapshot() as snapshot:
        assert find_told_until(snapshot.connection, "crm") is None


@pytest.mark.parametrize("days", [0, 30])
def test_list_tells_until_it_was_made_where_that_is_known(store, days):
    """Of those who left that day, or later, nothing stands in it."""
    store.declare("crm", "subscribers-csv")
    made = store.log.transactions.clock.now() - timedelta(days=days)
    line = f"K1,Jan,,,,,0612345678{',' * 12}2026-05-02,\n"
    store.imports.run(ENGINEER, "crm", io.BytesIO(CRM + line.encode()), made)
    with RecordReader(store.records).snapshot() as snapshot:
        assert find_told_until(snapshot.connection, "crm") == made
    with store.log.transactions.read() as session:
        entered = [load_entry(one.data) for one in list_stream(session, "r_records")]
    (started,) = [one["facts"] for one in entered if one["ev"] == "import.started"]
    assert started["made_at"] == format_instant(made)
    check_log(store.log)


def test_list_of_tomorrow_is_refused(store):
    store.declare("crm", "subscribers-csv")
    late = store.log.transactions.clock.now() + timedelta(seconds=1)
    with pytest.raises(InvalidInput) as refused:
        store.imports.run(ENGINEER, "crm", io.BytesIO(CRM), late)
    assert refused.value.errors[0].pointer == "/made_at"
    assert events(store) == ["source.declared"]
