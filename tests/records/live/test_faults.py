"""What keeps a live source from being read is named, and nothing that was read is lost."""

import pytest

from lea_service.kernel.jobs import Job
from lea_service.records.live import database, rows
from lea_service.records.live.connections import Connection, SourceFault
from lea_service.records.live.database import opened
from lea_service.records.reader import RecordReader
from tests.records.conftest import ENGINEER
from tests.support.live import CALLS
from tests.support.log import check_log

PASSWORD = "s3cr3t-word"


def last_run(live, name="pbx"):
    runs = live.sources.list_imports(ENGINEER, name, None, 100)
    return max(runs, key=lambda run: run.part)


def give_up(live, name="pbx"):
    """Run a pull whose fault does not pass until it is given up; returns the pull."""
    asked = live.pulls.request(ENGINEER, name, whole=False)
    for _ in range(5):
        live.work()
        live.log.transactions.clock.advance(seconds=60)
    return live.pulls.get(ENGINEER, name, asked.id)


@pytest.fixture
def started(live):
    """A source of ten calls, declared and connected, read four at a time."""
    live.provider.make_calls(10)
    live.connect()
    live.declare_live()
    live.size = 4
    return live


@pytest.mark.parametrize(
    ("change", "reason", "words"),
    [
        ('ALTER TABLE "Call Records" RENAME COLUMN "to" TO "dst"', "no-column", "'to'"),
        ('ALTER TABLE "Call Records" RENAME TO "Calls"', "no-table", "'Call Records'"),
        ('DROP TABLE "Call Records"', "no-table", "'Call Records'"),
    ],
)
def test_changed_schema_is_named_and_what_was_read_stays(
    started, monkeypatch, change, reason, words
):
    run_batch, taken = started.imports.run_batch, []

    def take(actor, source, pull, fetch):
        taken.append(pull)
        if len(taken) == 2:
            started.provider.run(change)
        return run_batch(actor, source, pull, fetch)

    monkeypatch.setattr(started.imports, "run_batch", take)
    pull = started.pull()
    assert (pull.state, pull.reason, pull.added) == ("failed", reason, 4)
    assert words in pull.detail
    assert (started.ids(), last_run(started).watermark_to) == ([1, 2, 3, 4], None)
    assert started.alarms() == [pull.source_id]
    check_log(started.log)


def test_source_that_is_away_is_tried_again_and_then_told(live, tmp_path):
    live.provider.make_calls(3)
    live.declare_live()
    url = live.provider.reader_url()
    gone = f"sqlite:///{tmp_path}/none.db" if live.provider.is_sqlite else _elsewhere(url)
    live.connect(url=gone)
    pull = give_up(live)
    assert (pull.state, pull.reason, pull.batches) == ("failed", "unreachable", 0)
    runs = live.sources.list_imports(ENGINEER, "pbx", None, 10)
    assert [run.reason for run in runs] == ["unreachable"] * 5
    assert live.alarms() == [pull.source_id]
    live.connect()
    assert live.pull().added == 3


def _elsewhere(url):
    head, _, tail = url.rpartition("@")
    port = tail.partition(":")[2].partition("/")[0]
    return f"{head}@{tail.replace(port, '1')}"


def test_source_that_disappears_in_the_middle_is_gone_on_from(started, monkeypatch):
    run_batch, taken = started.imports.run_batch, []

    def take(actor, source, pull, fetch):
        taken.append(pull)
        if len(taken) == 2:
            started.path.rename(started.path.with_suffix(".away"))
        return run_batch(actor, source, pull, fetch)

    with monkeypatch.context() as patch:
        patch.setattr(started.imports, "run_batch", take)
        pull = started.pull()
    assert (pull.state, pull.reason, pull.added) == ("failed", "no-connection", 4)
    started.path.with_suffix(".away").rename(started.path)
    assert started.pull().state == "done"
    assert started.ids() == list(range(1, 11))


@pytest.mark.postgres
@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
def test_server_that_ends_the_session_while_rows_come_is_gone_on_from(started, monkeypatch):
    """Some rows of the second batch had come: they are read again, and nothing of them was kept."""
    started.size, line_of, seen = 6, rows.line_of, []

    def cut_off(columns, row, number):
        seen.append(row)
        if len(seen) == 10:
            started.provider.run(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE application_name = 'lea' AND datname = current_database()"
            )
        return line_of(columns, row, number)

    monkeypatch.setattr(rows, "FETCHED", 2)
    monkeypatch.setattr(rows, "line_of", cut_off)
    asked = started.pulls.request(ENGINEER, "pbx", whole=False)
    assert started.work() == ["ready"]
    assert (last_run(started).reason, started.ids()) == ("lost", [1, 2, 3, 4, 5, 6])
    assert last_run(started).detail.endswith("AdminShutdown 57P01")
    started.log.transactions.clock.advance(seconds=60)
    assert started.work() == ["done"]
    pull = started.pulls.get(ENGINEER, "pbx", asked.id)
    assert (pull.state, started.ids()) == ("done", list(range(1, 11)))


@pytest.mark.postgres
@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
def test_server_that_hangs_is_given_up(started, monkeypatch):
    monkeypatch.setattr(database, "SAFE", database.SAFE.replace("=600s", "=100ms"))
    with opened(started.connections.get("pbx")) as reader:
        given = reader.connection.driver_connection.info.get_parameters()
    assert {name: int(given[name]) for name in database.ALIVE} == database.ALIVE
    with (
        pytest.raises(SourceFault, match="took longer than 600 seconds") as caught,
        opened(started.connections.get("pbx")) as reader,
    ):
        reader.exec_driver_sql("SELECT pg_sleep(30)")
    assert (caught.value.reason, caught.value.is_passing) == ("lost", True)


def test_rows_without_a_watermark_are_never_passed_over_in_silence(live):
    live.provider.make_calls(3)
    live.provider.run("""UPDATE "Call Records" SET "At" = NULL WHERE id = 2""")
    live.connect()
    live.declare_live(watermark={"column": "At", "kind": "instant", "overlap": 7200})
    pull = live.pull()
    assert (pull.state, pull.reason, pull.added) == ("failed", "no-watermark", 2)
    assert pull.detail == "not read: 1 row without a value in 'At'"
    assert live.ids() == [1, 3]
    assert live.alarms() == [pull.source_id]
    with RecordReader(live.records).snapshot() as snapshot:
        assert snapshot.count_unmarked("pbx") == 1
    live.provider.run("""UPDATE "Call Records" SET "At" = '2026-06-01 12:00:00' WHERE id = 2""")
    assert live.pull().state == "done"
    with RecordReader(live.records).snapshot() as snapshot:
        assert snapshot.count_unmarked("pbx") == 0


def test_null_in_a_key_is_a_rejected_row(live):
    live.provider.make_calls(2)
    live.provider.run("""UPDATE "Call Records" SET "from" = NULL WHERE id = 2""")
    live.connect()
    live.declare_live(mapping=CALLS | {"row_id": {"columns": ["from"]}})
    pull = live.pull()
    assert (pull.state, pull.added, pull.rejected) == ("done", 1, 1)
    (reject,) = live.sources.list_rejects(ENGINEER, "pbx", last_run(live).id, 0, 10)
    assert (reject.line, reject.reason, reject.field) == (2, "no-row-id", "row_id")
    assert '"from": null' in reject.text


def test_row_that_is_rejected_with_each_pull_is_kept_aside_once(live):
    live.provider.make_calls(3)
    live.provider.run("""UPDATE "Call Records" SET "At" = NULL WHERE id = 2""")
    live.connect()
    live.declare_live()
    assert live.pull().rejected == 1
    first = last_run(live)
    assert live.pull().rejected == 1
    with RecordReader(live.records).snapshot() as snapshot:
        assert snapshot.count_set_aside("pbx") == 1
    assert live.rejects(first) == [(2, "no-begin", "started_at")]
    live.provider.run('UPDATE "Call Records" SET seconds = 61 WHERE id = 2')
    live.pull()
    with RecordReader(live.records).snapshot() as snapshot:
        assert snapshot.count_set_aside("pbx") == 2


def test_other_database_is_read_from_its_begin_or_not_at_all(started, monkeypatch):
    started.pull()
    monkeypatch.setattr(Connection, "place", "another")
    pull = started.pull()
    assert (pull.state, pull.reason) == ("failed", "moved")
    assert started.pull(whole=True).known == 10
    assert started.pull().state == "done"


def test_watermark_of_another_kind_is_named(started):
    mark = {"column": "from", "kind": "number", "overlap": 0}
    started.declare_live("other", watermark=mark)
    started.connect("other")
    pull = started.pull("other")
    assert pull.state == "failed"
    if started.provider.is_sqlite:
        told = ("watermark", "row 1: 'from' holds no number to read on by")
    else:
        cast = "VARCHAR(80) is no number whose order can be relied on: read a view that casts"
        told = ("watermark-type", f"{cast} 'from' to numeric")
    assert (pull.reason, pull.detail) == told


def test_no_password_stands_in_what_is_told(live, capsys, tmp_path):
    live.declare_live()
    live.connect(url=f"postgresql://lea:{PASSWORD}@127.0.0.1:1/pbx")
    pull = give_up(live)
    assert pull.detail == "postgresql://127.0.0.1:1/pbx: OperationalError"
    live.connect(url=f"postgresql://lea:{PASSWORD}@127.0.0.1:{PASSWORD}/pbx")
    assert PASSWORD not in live.pull().detail
    with pytest.raises(SourceFault) as caught:
        live.connections.get("pbx")
    assert PASSWORD not in str(caught.value)
    live.connect(url=f"postgresql://lea:{PASSWORD}@127.0.0.1/pbx")
    assert PASSWORD not in repr(live.connections.get("pbx"))
    with live.log.transactions.read() as session:
        assert all(PASSWORD not in str(job.error) for job in session.query(Job))
    told = capsys.readouterr()
    assert PASSWORD not in told.out + told.err


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[pbx]\nurl = 'oracle://db/x'", "a URL of"),
        ("[pbx]\nurl = 'postgresql://db'", "names a database"),
        ("[pbx]\nurl = 'sqlite:///calls.db'", "whole path"),
        ("[pbx]\nurl = 'sqlite://'", "names a database"),
        ("[pbx]\nurl = 7", "a URL of"),
        ("[pbx]\nurl = 'sqlite:////x.db'\nevery_minutes = 0", "every_minutes from 1"),
        ("[pbx]\nurl = 'sqlite:////x.db'\nmay_write = 1", "true or false"),
        ("[pbx]\nurl = 'sqlite:////x.db'\npassword = 'x'", "alone"),
        ("pbx = 'sqlite:////x.db'", "alone"),
        ("[pbx", "no TOML"),
        ("[other]\nurl = 'sqlite:////x.db'", "no database for pbx"),
    ],
)
def test_file_of_connections_is_held_to_its_form(live, text, words):
    live.path.write_text(text)
    live.path.chmod(0o600)
    with pytest.raises(SourceFault, match=words):
        live.connections.get("pbx")


def test_file_of_connections_is_for_nobody_else(live):
    live.connect(url="sqlite:////x.db")
    assert live.connections.get("pbx").place == "sqlite:/x.db"
    live.path.chmod(0o640)
    with pytest.raises(SourceFault, match="0600"):
        live.connections.get("pbx")
