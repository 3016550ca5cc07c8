"""The mappings that are shipped for tables, on tables as their programs make them."""

import pytest

from lea_service.records.mapping_loading import load_shipped
from tests.records.conftest import ENGINEER

CDR = """CREATE TABLE cdr (accountcode VARCHAR(20), src VARCHAR(80), dst VARCHAR(80),
  dcontext VARCHAR(80), clid VARCHAR(80), channel VARCHAR(80), dstchannel VARCHAR(80),
  lastapp VARCHAR(80), lastdata VARCHAR(80), "start" TIMESTAMP, answer TIMESTAMP,
  "end" TIMESTAMP, duration INTEGER, billsec INTEGER, disposition VARCHAR(45),
  amaflags VARCHAR(45), userfield VARCHAR(256), uniqueid VARCHAR(150), linkedid VARCHAR(150),
  peeraccount VARCHAR(20), sequence INTEGER)"""
RADACCT = """CREATE TABLE radacct (radacctid {serial} PRIMARY KEY, acctsessionid TEXT NOT NULL,
  acctuniqueid TEXT NOT NULL UNIQUE, username TEXT, nasipaddress {inet} NOT NULL,
  acctstarttime {zoned}, acctupdatetime {zoned}, acctstoptime {zoned}, acctsessiontime BIGINT,
  acctinputoctets BIGINT, acctoutputoctets BIGINT, acctterminatecause TEXT, callingstationid TEXT,
  framedipaddress {inet}, framedipv6address {inet}, framedipv6prefix {inet},
  delegatedipv6prefix {inet})"""
ACC = """CREATE TABLE acc (id {serial} PRIMARY KEY, method VARCHAR(16) DEFAULT '' NOT NULL,
  from_tag VARCHAR(128), to_tag VARCHAR(128), callid VARCHAR(255), sip_code VARCHAR(3),
  sip_reason VARCHAR(128), time TIMESTAMP NOT NULL, src_user VARCHAR(64), src_domain VARCHAR(128),
  src_ip VARCHAR(64), dst_ouser VARCHAR(64), dst_user VARCHAR(64), dst_domain VARCHAR(128))"""
ACC_CDRS = """CREATE TABLE acc_cdrs (id {serial} PRIMARY KEY,
  start_time TIMESTAMP DEFAULT '2000-01-01 00:00:00' NOT NULL,
  end_time TIMESTAMP DEFAULT '2000-01-01 00:00:00' NOT NULL, duration {real} DEFAULT 0 NOT NULL,
  caller VARCHAR(255), callee VARCHAR(255))"""
POSTGRESQL = {
    "serial": "BIGSERIAL", "inet": "INET", "zoned": "TIMESTAMP WITH TIME ZONE", "real": "REAL"
}  # fmt: skip
SQLITE = {"serial": "INTEGER", "inet": "TEXT", "zoned": "TEXT", "real": "FLOAT"}


@pytest.fixture
def shipped(live):
    """A function that makes a table and declares the mapping for it."""

    def make(ddl, mapping, *inserts):
        words = SQLITE if live.provider.is_sqlite else POSTGRESQL
        live.provider.run(ddl.format(**words) if "{" in ddl else ddl, *inserts)
        live.connect()
        live.declare_live(mapping=load_shipped(mapping))
        return live

    return make


def test_legs_of_asterisk(shipped):
    leg = (
        'INSERT INTO cdr (accountcode, src, dst, channel, dstchannel, "start", answer, "end", '
        "duration, billsec, disposition, uniqueid, sequence) VALUES ('', '0612345678', "
        "'+31201234567', 'SIP/1', 'SIP/2', '2026-06-03 10:00:00', {answer}, "
        "'2026-06-03 10:01:00', 60, 55, 'ANSWERED', '1780473600.1', {n})"
    )
    live = shipped(
        CDR,
        "asterisk-cdr-table",
        leg.format(answer="'2026-06-03 10:00:05'", n=1),
        leg.format(answer="NULL", n=2),
    )
    assert live.pull().added == 2
    first, second = sorted(live.rows(), key=lambda row: row["answered_at"] or "")[::-1]
    assert first["started_at"] == "2026-06-03T08:00:00.000000Z"
    assert first["answered_at"] == "2026-06-03T08:00:05.000000Z"
    assert (first["caller"], first["callee"]) == ("+31612345678", "+31201234567")
    assert (first["duration_s"], first["talk_s"], second["answered_at"]) == (60, 55, None)
    assert (live.pull().added, len(live.rows())) == (0, 2)


def test_session_of_freeradius_is_followed_to_its_end(shipped):
    live = shipped(
        RADACCT,
        "freeradius-table",
        "INSERT INTO radacct (acctsessionid, acctuniqueid, username, nasipaddress, acctstarttime, "
        "acctupdatetime, acctsessiontime, acctinputoctets, acctoutputoctets, framedipaddress, "
        "framedipv6prefix) VALUES ('s1', 'u1', 'jan@isp.example', '192.0.2.1', "
        "'2026-06-03 10:00:00+02:00', '2026-06-03 10:00:00+02:00', NULL, 0, 0, '198.51.100.7', "
        "'2001:db8:1:2::/64')",
    )
    assert live.pull().added == 1
    interim = (
        "UPDATE radacct SET acctupdatetime = '2026-06-03 10:10:00+02:00', acctsessiontime = 600, "
        "acctinputoctets = 5000000000"
    )
    live.provider.run(interim)
    assert live.pull().completed == 1
    (row,) = live.rows(kind="usage")
    assert (row["duration_s"], row["octets_in"], row["ended_at"]) == (600, 5_000_000_000, None)
    live.provider.run(
        "UPDATE radacct SET acctupdatetime = '2026-06-03 10:20:00+02:00', acctsessiontime = 1200, "
        "acctstoptime = '2026-06-03 10:20:00+02:00', acctterminatecause = 'User-Request'"
    )
    assert live.pull().completed == 1
    (row,) = live.rows(kind="usage")
    assert row["started_at"] == "2026-06-03T08:00:00.000000Z"
    assert row["ended_at"] == "2026-06-03T08:20:00.000000Z"
    assert (row["account"], row["address"]) == ("jan@isp.example", "198.51.100.7")
    assert (row["prefix6"], row["server"]) == ("2001:db8:1:2::/64", "192.0.2.1")
    assert (row["cause"], row["flags"]) == ("User-Request", "")
    live.provider.run("UPDATE radacct SET acctstoptime = NULL, acctsessiontime = 1")
    assert live.pull().rejected == 1  # a session that ended is open again: a person looks at it


def test_answered_calls_of_kamailio(shipped):
    row = (
        "INSERT INTO acc (method, sip_code, time, src_user, src_domain, dst_ouser, dst_user, "
        "dst_domain) VALUES ('{method}', '200', '2026-06-03 10:00:00', '+31612345678', "
        "'x.example', '+31201234567', '+31201234567', 'y.example')"
    )
    inserts = [row.format(method=method) for method in ("INVITE", "BYE")]
    live = shipped(ACC, "kamailio-acc-table", *inserts)
    pull = live.pull()
    assert (pull.added, pull.left_out) == (1, 1)
    (call,) = live.rows()
    assert (call["row_id"], call["caller_uri"]) == ("1", "sip:+31612345678@x.example")
    assert (call["callee"], call["forwarded_to"]) == ("+31201234567", None)


def test_calls_of_kamailio(shipped):
    live = shipped(
        ACC_CDRS,
        "kamailio-acc-cdrs-table",
        "INSERT INTO acc_cdrs (start_time, end_time, duration, caller, callee) VALUES "
        "('2026-06-03 10:00:00', '2026-06-03 10:01:00', 60.25, 'sip:+31612345678@x.example', "
        "'sip:bob@y.example')",
        "INSERT INTO acc_cdrs (end_time, caller) VALUES ('2026-06-03 10:01:00', 'sip:a@x.example')",
    )
    pull = live.pull()
    assert (pull.added, pull.rejected) == (1, 1)
    (call,) = live.rows()
    assert (call["duration_s"], call["flags"]) == (60, "fraction-cut not-e164")
    assert (call["caller"], call["callee_uri"]) == ("+31612345678", "sip:bob@y.example")
    (run,) = live.sources.list_imports(ENGINEER, "pbx", None, 10)
    assert live.rejects(run) == [(2, "no-begin", "started_at")]
