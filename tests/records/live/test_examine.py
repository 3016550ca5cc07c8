"""What a test of a live source finds, what a sample shows, and what the grants allow."""

import secrets
from dataclasses import replace
from datetime import timedelta

import pytest

from lea_service.custody.queries import list_stream
from lea_service.kernel.actors import Actor, Role
from lea_service.kernel.errors import InvalidInput, NotPermitted, Unavailable
from lea_service.records.live.examine_service import ExamineService
from lea_service.records.live.grants import write_grants
from lea_service.records.live.shapes import pattern_of
from lea_service.records.mapping import TableRule, WatermarkRule
from tests.records.conftest import ENGINEER
from tests.support.live import CALLS
from tests.support.log import check_log

CHANGES = "may change tables"
WRITES_ALL = "is a member of a role that writes everything, files or by programs"


@pytest.fixture
def examining(live):
    return ExamineService(live.log.transactions, live.log.looks, live.connections)


def findings(found):
    """Return what was found but for the right to a file, which whoever runs the tests has."""
    return [one for one in found.findings if one.code != "file-writable"]


def codes(found):
    return [one.code for one in findings(found)]


def test_source_without_faults_can_be_pulled(live, examining):
    live.provider.make_calls(3)
    live.connect()
    live.declare_live()
    found = examining.examine(ENGINEER, "pbx")
    assert (codes(found), found.can_be_pulled, found.can_write) == ([], True, False)
    is_told = [one.code for one in found.findings] == ["file-writable"]
    assert is_told == live.provider.is_sqlite
    assert live.provider.engine.url.database in found.place
    assert live.alarms() == []
    if live.provider.is_sqlite:
        assert (found.clock_ms, found.clock_how[:12]) == (None, "not measured")
    assert live.pull().added == 3
    check_log(live.log)


def test_clock_of_the_server_is_measured_against_ours(live, examining, clock, monkeypatch):
    live.provider.make_calls(1)
    live.connect()
    live.declare_live()
    ahead = clock.now() + timedelta(milliseconds=1500)
    monkeypatch.setattr("lea_service.records.live.clock.find_now", lambda *_: ahead)
    found = examining.examine(ENGINEER, "pbx")
    assert (found.clock_ms, found.clock_to_ms) == (1500, 1)
    monkeypatch.undo()
    found = examining.examine(ENGINEER, "pbx")
    assert (found.clock_ms is None) == live.provider.is_sqlite


def test_what_is_missing_is_named(live, examining):
    live.provider.make_calls(1)
    live.connect()
    live.declare_live("none", name="nothing")
    live.declare_live("short", columns=[*CALLS["table"]["columns"], "nine", "ten"])
    live.connect("none")
    live.connect("short")
    (none,) = findings(examining.examine(ENGINEER, "none"))
    assert (none.code, none.detail[:20]) == ("no-table", "no table 'nothing' i")
    short = examining.examine(ENGINEER, "short")
    assert not short.can_be_pulled
    assert [one.detail for one in findings(short)] == ["no column 'nine', 'ten' in 'Call Records'"]
    live.declare_live("unnamed")
    assert codes(examining.examine(ENGINEER, "unnamed")) == ["no-connection"]


def test_types_that_are_read_wrongly_are_named(live, examining):
    blob = "BLOB" if live.provider.is_sqlite else "BYTEA"
    live.provider.run(
        f"CREATE TABLE t (id BIGINT, at BIGINT, upto TIMESTAMP, cell {blob})",
        "INSERT INTO t (at) VALUES (1)",
    )
    live.connect()
    mapping = CALLS | {
        "fields": {
            "started_at": {"column": "at"},
            "ended_at": {"column": "upto", "time": {"format": "epoch_s"}},
            "cell": {"column": "cell"},
        },
        "categories": ["location"],
    }
    live.declare_live(mapping=mapping, name="t", columns=["id", "at", "upto", "cell"])
    found = {(one.code, one.column) for one in findings(examining.examine(ENGINEER, "pbx"))}
    assert found == {
        ("unreadable-type", "cell"),
        ("time-format", "at"),
        ("time-format", "upto"),
        ("no-index", "id"),
        ("no-watermark", "id"),
    }
    mark = {"column": "upto", "kind": "number", "overlap": 0}
    live.declare_live(
        "other", mapping, name="t", columns=["at", "upto", "cell", "id"], watermark=mark
    )
    live.connect("other")
    assert ("watermark-type", "upto") in {
        (one.code, one.column) for one in examining.examine(ENGINEER, "other").findings
    }


def test_zone_that_is_not_known_any_more_is_named(live, examining, monkeypatch):
    live.provider.make_calls(1)
    live.connect()
    live.declare_live()
    monkeypatch.setattr("lea_service.records.mapping_faults.ZONES", frozenset())
    (finding,) = examining.examine(ENGINEER, "pbx").findings
    assert (finding.code, finding.detail[:10]) == ("mapping", "/time/zone")


@pytest.mark.postgres
@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
@pytest.mark.parametrize(
    ("grant", "words"),
    [
        ('GRANT SELECT, DELETE ON "Call Records" TO {role}', "may change tables"),
        ('GRANT SELECT, UPDATE (seconds) ON "Call Records" TO {role}', "may change tables"),
        ('ALTER TABLE "Call Records" OWNER TO {role}', "may change tables"),
        ("GRANT CREATE ON SCHEMA public TO {role}", "may make things in a schema"),
        ("ALTER ROLE {role} CREATEROLE", "may make or change roles and databases"),
        ("GRANT pg_write_all_data TO {role}", f"may change tables; {WRITES_ALL}"),
        ("GRANT pg_execute_server_program TO {role}", WRITES_ALL),
        ("CREATE SEQUENCE counted; GRANT UPDATE ON SEQUENCE counted TO {role}", CHANGES),
    ],
)
def test_account_that_can_write_is_a_finding_and_an_alarm(live, examining, grant, words):
    live.provider.make_calls(1)
    select = 'GRANT SELECT ON "Call Records" TO {role}'
    live.connect(url=live.provider.reader_url(select, grant))
    source = live.declare_live()
    found = examining.examine(ENGINEER, "pbx")
    assert (found.can_write, found.can_be_pulled) == (True, False)
    assert [(one.code, one.detail) for one in found.findings] == [("may-write", words)]
    assert live.alarms() == [source.id]


@pytest.fixture
def group(live):
    """A role that somebody may be a member of."""
    name = f"g_{secrets.token_hex(6)}"
    live.provider.run(f"CREATE ROLE {name}")
    yield name
    live.provider.run(f"DROP OWNED BY {name}", f"DROP ROLE {name}")


@pytest.mark.postgres
@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
@pytest.mark.parametrize(
    ("power", "words"),
    [
        ('GRANT UPDATE (seconds) ON "Call Records" TO {group}', CHANGES),
        ('ALTER TABLE "Call Records" OWNER TO {group}', CHANGES),
        ("ALTER ROLE {group} SUPERUSER", "may make or change roles and databases"),
    ],
)
def test_what_a_role_may_that_the_account_can_become_is_its_own(
    live, examining, group, power, words
):
    """Also where it is granted later, and does not come by itself: SET ROLE is enough."""
    live.provider.make_calls(1)
    live.connect(url=live.provider.reader_url('GRANT SELECT ON "Call Records" TO {role}'))
    live.declare_live()
    assert live.pull().added == 1
    grant = f"GRANT {group} TO {{role}} WITH INHERIT FALSE"
    live.connect(url=live.provider.reader_url(power.replace("{group}", group), grant))
    found = examining.examine(ENGINEER, "pbx")
    assert (found.can_write, found.can_be_pulled) == (True, False)
    assert words in found.findings[0].detail
    live.provider.add_calls(2)
    assert (live.pull().reason, live.ids()) == ("may-write", [1])


@pytest.mark.postgres
@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
def test_superuser_and_account_of_many_tables_are_found(live, examining):
    live.provider.make_calls(1)
    live.provider.run("CREATE TABLE other (id INTEGER)")
    live.connect(url=live.provider.url)
    live.declare_live()
    superuser = examining.examine(ENGINEER, "pbx")
    assert codes(superuser) == ["may-write", "reads-more"]
    live.connect()
    assert codes(examining.examine(ENGINEER, "pbx")) == ["reads-more"]


@pytest.mark.postgres
@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
def test_account_of_the_grants_can_pull_and_nothing_else(live, examining):
    live.provider.make_calls(2)
    live.provider.run("CREATE TABLE other (id INTEGER)", "CREATE SCHEMA billing")
    live.provider.run('ALTER TABLE "Call Records" SET SCHEMA billing')
    live.declare_live(schema="billing")
    live.connect(url=live.provider.reader_url("SELECT 1"))
    role = live.connections.get("pbx").url.username
    text = examining.write_grants(ENGINEER, "pbx", role)
    assert f'GRANT CONNECT ON DATABASE "{live.provider.engine.url.database}"' in text
    lines = [one for one in text.splitlines() if one and not one.startswith(("--", "CREATE ROLE"))]
    live.provider.run(*lines)
    live.connect(url=live.provider.reader_url("SELECT 1"))
    found = examining.examine(ENGINEER, "pbx")
    assert (found.findings, found.can_be_pulled) == ((), True)
    assert live.pull().added == 2


@pytest.mark.postgres
@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
def test_whole_text_of_the_grants_is_sql_whatever_the_names_are(live, examining):
    name = 'bad"; DROP TABLE x; --'
    live.provider.run("CREATE SCHEMA IF NOT EXISTS public")
    live.declare_live(name=name)
    text = examining.write_grants(ENGINEER, "pbx", "lea_reader")
    assert '"bad""; DROP TABLE x; --"' in text
    with pytest.raises(InvalidInput, match="/account"):
        examining.write_grants(ENGINEER, "pbx", "x; DROP")


def test_file_has_no_accounts(live, examining):
    if not live.provider.is_sqlite:
        pytest.skip("PostgreSQL has them")
    live.connect()
    live.declare_live()
    assert examining.write_grants(ENGINEER, "pbx", "lea_reader").startswith("-- SQLite has no")


def test_sample_shows_shapes_and_no_value(live, examining):
    live.provider.make_calls(3)
    live.connect()
    live.declare_live()
    rows = examining.sample(ENGINEER, "pbx", 2)
    assert len(rows) == 2
    shapes = {one.column: (one.type, one.length, one.pattern) for one in rows[0]}
    assert shapes["to"] == ("str", 12, "+31#########")
    assert shapes["from"] == ("str", 10, "##########")
    assert shapes["At"] == ("str", 19, "####-##-## ##:##:##")
    assert shapes["seconds"] == ("int", 2, "##")
    assert "0612345678" not in str(rows)
    with live.log.transactions.read() as session:
        assert [one.event for one in list_stream(session, "r_records")][-1] == "source.sampled"
    live.connect(url="sqlite:////nowhere/x.db")
    with pytest.raises(Unavailable, match="nowhere"):
        examining.sample(ENGINEER, "pbx", 1)


def test_source_of_files_is_not_examined(live, examining):
    live.declare()
    for call in (
        lambda: examining.examine(ENGINEER, "pbx"),
        lambda: examining.sample(ENGINEER, "pbx", 1),
        lambda: examining.write_grants(ENGINEER, "pbx", "a"),
    ):
        with pytest.raises(InvalidInput, match="files"):
            call()
    with pytest.raises(NotPermitted):
        examining.examine(Actor("s_hans", frozenset({Role.HANDLER})), "pbx")


@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        ("", ""),
        ("+31612345678", "+31#########"),
        ("+12025550123", "+1##########"),
        ("+3161", "+####"),
        ("+31 6 1234", "+## # ####"),
        ("Jan de Vries", "Aaa aa Aaaaa"),
        ("sip:bob@voice.example", "aaa:aaa@aaaaa.aaaaaaa"),
        ("Zoë\t1", "Aaa?#"),
        ("x" * 61, "a" * 60 + "…"),
        ("٣", "#"),
    ],
)
def test_pattern_tells_the_form_alone(text, pattern):
    assert pattern_of(text) == pattern


@pytest.mark.parametrize("engine", ["mysql", "mariadb"])
def test_grants_of_mysql_are_of_the_columns_that_are_read(engine):
    mark = WatermarkRule("id", "number", 1)
    table = TableRule("acc `x`", ("id", "src`ip"), mark)
    assert write_grants(table, engine, "kamailio", "lea_reader") == (
        "CREATE USER `lea_reader`; -- and set its password\n"
        "GRANT SELECT (`id`, `src``ip`) ON `kamailio`.`acc ``x``` TO `lea_reader`;\n"
    )
    there = replace(table, name="acc", schema="sip")
    assert "ON `sip`.`acc` TO" in write_grants(there, engine, "kamailio", "lea_reader")
