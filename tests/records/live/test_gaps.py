"""A table that does not go on from where it was read to is told, and never taken for whole."""

import pytest
from sqlalchemy import text

from lea_service.records.live.rows import TableReader
from lea_service.records.reader import RecordReader
from lea_service.records.store import ImportLedger
from tests.records.conftest import ENGINEER
from tests.support.engines import ANY_ENGINE
from tests.support.live import CALLS
from tests.support.log import check_log

LATER = """UPDATE "Call Records" SET "At" = '2026-06-04 10:00:00' WHERE id {}"""


def count_gaps(live):
    with RecordReader(live.records).snapshot() as snapshot:
        return len(snapshot.list_gaps("pbx"))


@pytest.fixture
def read(live):
    """A source of ten calls that was read, four at a time."""
    live.provider.make_calls(10)
    live.connect()
    live.declare_live()
    live.size = 4
    assert live.pull().added == 10
    return live


def begin_anew(live, count):
    live.provider.run('DELETE FROM "Call Records"')
    live.provider.add_calls(*range(1, count + 1))
    live.provider.run(LATER.format("> 0"))


@pytest.mark.parametrize("count", [0, 2, 30])
def test_table_that_began_anew_stops_the_pull_however_far_it_came(read, count):
    begin_anew(read, count)
    pull = read.pull()
    assert (pull.state, pull.reason, pull.added) == ("failed", "not-continued", 0)
    assert "pull the whole table" in pull.detail
    assert (read.alarms(), count_gaps(read)) == ([pull.source_id], 1)
    assert (read.pull().state, count_gaps(read)) == ("failed", 1)
    check_log(read.log)


def test_table_that_began_anew_is_read_from_its_begin_and_the_gap_stays(read):
    begin_anew(read, 30)
    before = read.log.transactions.clock.now()
    read.log.transactions.clock.advance(seconds=3600)
    read.pull()
    whole = read.pull(whole=True)
    assert (whole.state, whole.added, whole.rejected) == ("done", 20, 10)  # ten ids are taken
    (gap,) = read.sources.coverage(ENGINEER, "pbx").gaps
    assert (gap.read_until, gap.found_at) == (before, before.replace(hour=before.hour + 1))
    read.provider.add_calls(31)
    assert (read.pull().added, count_gaps(read)) == (1, 1)


@ANY_ENGINE
def test_whole_pull_that_nobody_saw_stop_tells_the_gap_as_well(read):
    begin_anew(read, 30)
    assert (read.pull(whole=True).state, count_gaps(read)) == ("done", 1)


def test_table_that_was_set_back_by_one_row_is_told(read):
    """Restored from an older copy: the id of the last row is another call's now."""
    read.provider.run('DELETE FROM "Call Records" WHERE id = 10')
    read.provider.add_calls(10, 11, 12, 13, 14, 15)
    read.provider.run(LATER.format(">= 10"))
    assert (read.pull().reason, count_gaps(read)) == ("not-continued", 1)


def test_table_that_comes_back_as_it_was_has_no_gap(read):
    read.provider.run('ALTER TABLE "Call Records" RENAME TO away')
    read.provider.make_calls(3)
    read.provider.run(LATER.format("> 0"))
    read.connect()
    assert (read.pull().state, count_gaps(read)) == ("failed", 1)
    read.provider.run('DROP TABLE "Call Records"', 'ALTER TABLE away RENAME TO "Call Records"')
    read.provider.add_calls(11)
    assert (read.pull().added, count_gaps(read)) == (1, 0)


@ANY_ENGINE
def test_table_that_begins_anew_between_two_batches_is_told(read, monkeypatch):
    read.provider.add_calls(*range(11, 21))
    run_batch, taken = read.imports.run_batch, []

    def take(actor, source, pull, fetch):
        taken.append(pull)
        if len(taken) == 2:
            begin_anew(read, 40)
        return run_batch(actor, source, pull, fetch)

    monkeypatch.setattr(read.imports, "run_batch", take)
    assert (read.pull().reason, count_gaps(read)) == ("not-continued", 1)


def lose(live, number):
    """Have the store lose a batch, as an older copy of it did; returns its lines."""
    with live.records.write() as session:
        query = session.query(ImportLedger).order_by(ImportLedger.batch)
        ledger = query.filter(ImportLedger.batch == number).one()
        ledger.state, ledger.batch, ledger.pull, lines = "lost", None, None, ledger.lines
    return lines


def count_lost(live):
    with RecordReader(live.records).snapshot() as snapshot:
        return snapshot.count_lost("pbx")


def test_lost_batch_is_regained_where_the_same_rows_are_there(read):
    assert lose(read, 2) == 4
    read.pull()
    assert count_lost(read) == 4
    read.pull(whole=True)
    assert count_lost(read) == 0


@pytest.mark.parametrize("late", [False, True])
def test_lost_batch_whose_rows_were_taken_out_is_never_regained(read, late):
    lose(read, 2)
    read.provider.run('DELETE FROM "Call Records" WHERE id IN (5, 6)')
    if late:
        read.provider.add_calls(5, 6)
        read.provider.run(LATER.format("IN (5, 6)"))
    read.pull(whole=True)
    assert count_lost(read) == 4


@ANY_ENGINE
def test_lost_batch_is_regained_in_whatever_order_equal_rows_come(live, monkeypatch):
    live.provider.make_calls(9)
    live.connect()
    live.declare_live(watermark={"column": "seconds", "kind": "number", "overlap": 0})
    live.pull()
    lose(live, 1)
    order = TableReader._query

    def backwards(table, start):
        return order(table, start).order_by(text("id DESC"))

    monkeypatch.setattr(TableReader, "_query", backwards)
    live.pull(whole=True)
    assert count_lost(live) == 0


def test_rows_that_change_and_move_on_are_there_still(live):
    """A session that was counted on has another watermark; what names it, and its begin, stay."""
    live.provider.make_calls(3)
    live.connect()
    mark = {"column": "At", "kind": "instant", "overlap": 7200}
    mapping = CALLS | {
        "fields": {
            "started_at": {"column": "seconds", "time": {"format": "epoch_s"}},
            "caller": {"column": "from"},
        }
    }
    live.declare_live(mapping=mapping, watermark=mark)
    live.pull()
    live.provider.run(LATER.format("< 3"))
    assert (live.pull().state, count_gaps(live)) == ("done", 0)
