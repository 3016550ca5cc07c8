"""Pulls read each row once, whatever happens between two of them."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from lea_service.extraction.store import find_told_until
from lea_service.kernel.actors import worker_actor
from lea_service.kernel.clock import format_instant
from lea_service.kernel.errors import InvalidInput
from lea_service.records.clocks import SourceClock
from lea_service.records.import_service import ImportService
from lea_service.records.live.database import opened
from lea_service.records.live.rows import TableReader
from lea_service.records.live.service import PullService
from lea_service.records.reader import RecordReader
from lea_service.records.store import ImportLedger
from tests.records.conftest import ENGINEER
from tests.support.live import CALLS
from tests.support.log import check_log

WORKER = worker_actor()


def test_rows_come_in_as_out_of_a_file_and_a_second_pull_adds_none(live):
    live.provider.make_calls(5)
    live.connect()
    live.declare_live()
    first = live.pull()
    assert (first.state, first.lines, first.added, first.rejected) == ("done", 5, 5, 0)
    assert (first.watermark_from, first.watermark_to, first.batches) == ("1", "5", 1)
    row = live.rows()[0]
    assert (row["row_id"], row["started_at"]) == ("1", "2026-06-02T22:01:00.000000Z")
    assert (row["caller"], row["caller_raw"]) == ("+31612345678", "0612345678")
    assert (row["callee"], row["duration_s"], row["flags"]) == ("+31201234567", 60, "")
    coverage = live.sources.coverage(ENGINEER, "pbx")
    assert (coverage.rows, coverage.watermark) == (5, "5")
    assert coverage.read_at == live.log.transactions.clock.now()
    with live.records.read() as session:
        assert find_told_until(session.connection(), "pbx") == coverage.read_at
    again = live.pull()
    assert (again.state, again.added, again.known) == ("done", 0, 4)  # ids from 2 on are read again
    assert live.ids() == [1, 2, 3, 4, 5]
    assert live.alarms() == []
    check_log(live.log)


def test_source_tells_until_it_was_read_and_not_until_that_was_written(live, clock, monkeypatch):
    """Who leaves in the minutes between stands in what was read without an end."""
    read, asked = TableReader.read, clock.now()

    def read_slowly(*given):
        found = read(*given)
        clock.advance(seconds=300)
        return found

    monkeypatch.setattr(TableReader, "read", read_slowly)
    live.provider.make_calls(2)
    live.connect()
    live.declare_live()
    live.pull()
    with live.records.read() as session:
        assert find_told_until(session.connection(), "pbx") == asked


def test_rows_are_read_on_from_the_watermark_less_the_overlap(live):
    live.provider.make_calls(10)
    live.connect()
    live.declare_live()
    live.pull()
    live.provider.add_calls(11, 12)
    late = live.pull()
    assert (late.added, late.known, late.watermark_from, late.watermark_to) == (2, 4, "7", "12")


def test_late_row_within_the_overlap_is_read_and_one_before_it_by_a_whole_pull(live):
    live.provider.make_calls()
    live.provider.add_calls(1, 4, 6, 7)
    live.connect()
    live.declare_live()
    live.pull()
    live.provider.add_calls(2, 5)
    assert (live.pull().added, live.ids()) == (1, [1, 4, 5, 6, 7])
    whole = live.pull(whole=True)
    assert (whole.is_whole, whole.lines, whole.added) == (True, 6, 1)
    assert live.ids() == [1, 2, 4, 5, 6, 7]
    live.provider.add_calls(8)
    assert live.pull().added == 1


def test_batches_are_imports_of_their_own(live):
    live.provider.make_calls(10)
    live.connect()
    live.declare_live()
    live.size = 4
    pull = live.pull()
    assert (pull.batches, pull.lines, pull.added) == (3, 10, 10)
    runs = live.sources.list_imports(ENGINEER, "pbx", None, 10)
    assert {run.pull for run in runs} == {pull.id}
    spans = {(run.watermark_from, run.watermark_to, run.added) for run in runs}
    assert spans == {("1", "4", 4), ("5", "8", 4), ("9", "10", 2)}
    with live.records.read() as session:
        told = sorted(session.scalars(select(ImportLedger.told_until)))
    begins = [row["started_at"] for row in live.rows()]
    assert [format_instant(at) for at in told[:2]] == [begins[3], begins[7]]
    assert told[2] == live.log.transactions.clock.now()  # only then the table was read


def test_rows_with_one_watermark_are_never_torn_apart(live):
    live.provider.make_calls(20)
    live.connect()
    live.declare_live(watermark={"column": "seconds", "kind": "number", "overlap": 0})
    live.provider.run('UPDATE "Call Records" SET seconds = id WHERE id > 5')
    live.size = 2
    pull = live.pull()
    assert (pull.lines, pull.added) == (20, 20)
    assert (pull.batches, pull.watermark_to) == (9, "60")
    assert (live.pull().added, live.ids()) == (0, list(range(1, 21)))


def test_equal_rows_are_as_many_rows_however_often_they_are_read(live):
    live.provider.run("CREATE TABLE t (at TIMESTAMP, caller VARCHAR(20))")
    insert = "INSERT INTO t VALUES ('2026-06-03 10:00:00', '201')"
    live.provider.run(insert, insert)
    live.connect()
    live.declare_live(
        mapping=CALLS
        | {
            "row_id": {"line_digest": True},
            "fields": {"started_at": {"column": "at"}, "caller": {"column": "caller"}},
        },
        name="t",
        columns=["at", "caller"],
        watermark={"column": "at", "kind": "instant", "overlap": 7200},
    )
    live.size = 1
    assert live.pull().added == 2
    live.provider.run(insert)
    assert (live.pull().added, len(live.rows())) == (1, 3)


def test_instants_are_read_on_from_the_last_one(live, clock):
    live.provider.make_calls(200)
    live.connect()
    live.declare_live(watermark={"column": "At", "kind": "instant", "overlap": 7200})
    first = live.pull()
    assert (first.added, first.watermark_to) == (200, "2026-06-03 03:20:00")
    live.provider.add_calls(201)
    again = live.pull()
    assert (again.added, again.known) == (1, 121)
    assert again.watermark_from == "2026-06-03 01:20:00"


def test_row_dated_in_the_future_keeps_no_other_from_being_read(live, clock):
    live.provider.make_calls(2)
    live.provider.run("""UPDATE "Call Records" SET "At" = '2062-01-01 00:00:00' WHERE id = 2""")
    live.connect()
    live.declare_live(watermark={"column": "At", "kind": "instant", "overlap": 7200})
    pull = live.pull()
    assert (pull.state, pull.added) == ("done", 2)
    (run,) = live.sources.list_imports(ENGINEER, "pbx", None, 10)
    assert run.detail == "row 2 is dated in the future by 'At'"
    assert live.rows()[1]["flags"] == "in-the-future"
    assert live.alarms() == [run.source_id]
    local = clock.now().astimezone().strftime("%Y-%m-%d %H:%M:%S")
    live.provider.add_calls(3)
    live.provider.run(f"""UPDATE "Call Records" SET "At" = '{local}' WHERE id = 3""")
    assert live.pull().added == 1


def test_clock_of_the_server_is_measured_with_each_pull(live, clock, monkeypatch):
    live.provider.make_calls(3)
    live.connect()
    live.declare_live()

    def pull(ahead):
        off = timedelta(milliseconds=ahead)
        monkeypatch.setattr("lea_service.records.live.clock.find_now", lambda *_: clock.now() + off)
        live.pull()
        with RecordReader(live.records).snapshot() as snapshot:
            found = snapshot.find_clock("pbx")
        return found.how, found.latest.ms, found.largest.ms

    assert pull(20) == ("server-asked", 20, 20)
    assert pull(-3000) == ("server-asked", -3000, -3000)
    assert pull(7) == ("server-asked", 7, -3000)


def test_clock_of_a_file_or_of_a_source_never_pulled_is_not_measured(live):
    live.provider.make_calls(1)
    live.connect()
    live.declare_live()
    with RecordReader(live.records).snapshot() as snapshot:
        assert snapshot.find_clock("pbx") == SourceClock()
    live.pull()
    with RecordReader(live.records).snapshot() as snapshot:
        found = snapshot.find_clock("pbx")
    assert (found.how == "not-measured") == live.provider.is_sqlite
    assert SourceClock.load(found.dump()) == found


def test_source_of_files_is_not_pulled_and_a_live_one_not_imported(live):
    live.declare()
    live.declare_live("live")
    with pytest.raises(InvalidInput, match="files"):
        live.pulls.request(ENGINEER, "pbx", whole=False)
    with pytest.raises(InvalidInput, match="database"):
        live.take_in(b"1,2,3,4,5\n", "live")


def test_pull_that_waits_is_not_asked_for_twice(live):
    live.declare_live()
    first = live.pulls.request(ENGINEER, "pbx", whole=False)
    assert live.pulls.request(ENGINEER, "pbx", whole=False).id == first.id
    whole = live.pulls.request(ENGINEER, "pbx", whole=True)
    assert whole.id != first.id
    assert live.pulls.request(ENGINEER, "pbx", whole=True).id == whole.id


def test_nothing_but_the_named_columns_is_read(live):
    live.provider.make_calls(1)
    grants = [
        'GRANT SELECT (id, "from", "to", "At", seconds) ON "Call Records" TO {role}',
    ]
    live.connect(url=live.provider.reader_url(*grants))
    live.declare_live()
    assert live.pull().added == 1
    assert "hidden" not in str(live.rows())


def test_worker_that_lost_the_pull_writes_nothing_more(live, clock):
    live.provider.make_calls(10)
    live.connect()
    live.declare_live()
    live.size = 4
    asked = live.pulls.request(ENGINEER, "pbx", whole=False)
    slept = live.pulls
    run_batch, taken = live.imports.run_batch, []

    def sleep(actor, source, pull, fetch):
        def fetch_late():
            found = fetch()
            if len(taken) == 2:
                clock.advance(seconds=31)
                assert live.work(PullService(*other, size=4)) == ["done"]
            return found

        taken.append(pull)
        return run_batch(actor, source, pull, fetch_late)

    imports = ImportService(live.log.transactions, live.records)
    other = (live.log.transactions, live.records, imports, live.connections)
    live.imports.run_batch = sleep
    queue = live.queue(slept)
    assert queue.run(queue.claim()) == "running"
    pull = live.pulls.get(ENGINEER, "pbx", asked.id)
    assert (pull.state, pull.added, pull.known, live.ids()) == ("done", 10, 0, list(range(1, 11)))
    reasons = [run.reason for run in live.sources.list_imports(ENGINEER, "pbx", None, 10)]
    assert sorted(filter(None, reasons)) == ["lease-lost"]


def test_pull_is_due_once_in_each_slot(live, clock):
    live.provider.make_calls(2)
    live.connect(every_minutes=15)
    live.connect("other")
    source = live.declare_live()
    live.declare_live("other")

    def ask():
        live.pulls.request_due(WORKER, lambda: live.log.transactions.begin(WORKER))
        return live.work()

    assert ask() == ["done"]
    assert ask() == []
    clock.advance(seconds=900)
    assert ask() == ["done"]
    runs = live.sources.list_imports(ENGINEER, "pbx", None, 10)
    assert {run.started_by for run in runs} == {WORKER.id}
    assert live.alarms() == []
    live.connect("typo", every_minutes=1)
    ask()
    assert live.alarms() == ["sources"]
    assert source.name == "pbx"


@pytest.mark.parametrize("may_write", [False, True])
def test_account_that_can_write_is_told_and_read_only_where_that_is_accepted(live, may_write):
    if live.provider.is_sqlite:
        pytest.skip("a file is opened for reading alone, whatever its mode")
    live.provider.make_calls(2)
    url = live.provider.reader_url(
        'GRANT SELECT, UPDATE ON "Call Records" TO {role}',
    )
    live.connect(url=url, may_write=may_write)
    live.declare_live()
    pull = live.pull()
    assert (pull.state, pull.added) == (("done", 2) if may_write else ("failed", 0))
    (run,) = live.sources.list_imports(ENGINEER, "pbx", None, 10)
    assert run.detail == "the account is not known to read only: may change tables"
    assert live.alarms() == [pull.source_id]


def test_rows_that_a_policy_hides_are_never_missing_in_silence(live):
    if live.provider.is_sqlite:
        pytest.skip("SQLite has no policies")
    live.provider.make_calls(2)
    live.provider.run(
        'ALTER TABLE "Call Records" ENABLE ROW LEVEL SECURITY',
        'CREATE POLICY first ON "Call Records" USING (id = 1)',
    )
    live.connect()
    live.declare_live()
    pull = live.pull()
    assert (pull.state, pull.reason, pull.added) == ("failed", "refused", 0)


def test_file_of_sqlite_cannot_be_written_through_the_source(live):
    live.provider.make_calls(1)
    live.connect()
    with opened(live.connections.get("pbx")) as reader, pytest.raises(DBAPIError):
        reader.exec_driver_sql('DELETE FROM "Call Records"')


def test_values_of_every_type_come_in_as_the_conversion_reads_them(live):
    at = "TIMESTAMP WITH TIME ZONE" if not live.provider.is_sqlite else "TEXT"
    real, blob = ("REAL", "BLOB") if live.provider.is_sqlite else ("DOUBLE PRECISION", "BYTEA")
    binary = "x'3031'" if live.provider.is_sqlite else "'\\x3031'"
    live.provider.run(
        f"CREATE TABLE t (id INTEGER, at {at}, julian {real}, talk NUMERIC(12, 3), cell {blob}, "
        "ok BOOLEAN)",
        "INSERT INTO t VALUES (1, '2026-06-03 10:00:00+02:00', 2461194.8333333335, 59.5, NULL, "
        "true)",
        f"INSERT INTO t (id, at, cell) VALUES (2, '2026-06-03 08:00:00+00:00', {binary})",
    )
    live.connect()
    live.declare_live(
        mapping=CALLS
        | {
            "fields": {
                "started_at": {"column": "at"},
                "ended_at": {"column": "julian", "time": {"format": "julian_day"}},
                "talk_s": {"column": "talk"},
                "result": {"column": "ok"},
                "cell": {"column": "cell"},
            },
            "categories": ["location"],
        },
        name="t",
        columns=["id", "at", "julian", "talk", "cell", "ok"],
    )
    pull = live.pull()
    assert (pull.added, pull.rejected) == (1, 1)
    (row,) = live.rows()
    assert row["started_at"] == row["ended_at"] == "2026-06-03T08:00:00.000000Z"
    assert (row["talk_s"], row["cell"], row["flags"]) == (59, None, "fraction-cut no-party")
    assert row["result"] == ("1" if live.provider.is_sqlite else "true")
    (run,) = live.sources.list_imports(ENGINEER, "pbx", None, 10)
    (reject,) = live.sources.list_rejects(ENGINEER, "pbx", run.id, 0, 10)
    assert (reject.line, reject.reason, reject.field) == (2, "value-type", "cell")
    assert '"cell": "3031"' in reject.text


def test_instant_that_no_calendar_has_is_a_rejected_row(live):
    live.provider.make_calls(2)
    when = "infinity" if not live.provider.is_sqlite else "never"
    live.provider.run(f"""UPDATE "Call Records" SET "At" = '{when}' WHERE id = 1""")
    live.connect()
    live.declare_live()
    pull = live.pull()
    assert (pull.added, pull.rejected, live.ids()) == (1, 1, [2])


def test_text_that_is_none_is_a_rejected_row(live):
    if not live.provider.is_sqlite:
        pytest.skip("PostgreSQL keeps no such text")
    live.provider.make_calls(2)
    live.provider.run("""UPDATE "Call Records" SET "from" = CAST(x'ff41' AS TEXT) WHERE id = 1""")
    live.connect()
    live.declare_live()
    pull = live.pull()
    assert (pull.added, pull.rejected) == (1, 1)
    (run,) = live.sources.list_imports(ENGINEER, "pbx", None, 10)
    (reject,) = live.sources.list_rejects(ENGINEER, "pbx", run.id, 0, 10)
    assert (reject.reason, reject.field) == ("encoding", "from")


def test_table_is_read_in_turns_so_that_no_demand_waits_behind_it(live, monkeypatch):
    """What was odd is told after each turn, and rights are looked at anew in each."""
    monkeypatch.setattr("lea_service.records.live.service.BATCHES_A_TURN", 2)
    live.size = 2
    live.provider.make_calls(9)
    live.connect()
    live.declare_live()
    asked = live.pulls.request(ENGINEER, "pbx", whole=False)
    assert live.work() == ["ready", "ready", "done"]
    assert live.ids() == list(range(1, 10))
    assert live.pulls.get(ENGINEER, "pbx", asked.id).state == "done"
