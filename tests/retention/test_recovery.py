"""An older copy of the record store comes back; what it lost is made good before it is read."""

import io
from datetime import timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import delete, insert, select

from lea_service.custody.entries import load_entry
from lea_service.custody.queries import iter_entries
from lea_service.kernel.actors import worker_actor
from lea_service.kernel.database import RecordBase
from lea_service.kernel.errors import Unavailable
from lea_service.records.import_service import ImportService
from lea_service.records.models import ImportRun
from lea_service.records.partitions import make_room
from lea_service.records.reader import RecordReader
from lea_service.records.selection import Match, Selection
from lea_service.records.service import SourceService
from lea_service.retention import service as service_module
from lea_service.retention.standing import Standing
from tests.records.conftest import ENGINEER, SMALL
from tests.retention.test_purge import alarms, events
from tests.support.engines import ANY_ENGINE
from tests.support.log import check_log
from tests.support.retention import make_retention

WORKER = worker_actor()
LINES = b"1,0201234567,0207654321,2026-06-01 10:00:00,5\n"
MORE = b"2,0201234567,0207654321,2026-06-02 10:00:00,5\n"


def copy_store(kept):
    """Return every row of the record store, as a copy of it would hold them."""
    with kept.databases.records.read() as session:
        return {
            table: [dict(row) for row in session.execute(select(table)).mappings()]
            for table in RecordBase.metadata.sorted_tables
        }


def put_back(kept, copy):
    """Put an older copy in the place of the store."""
    with kept.databases.records.write() as session:
        for table in reversed(RecordBase.metadata.sorted_tables):
            session.execute(delete(table))
        for table, rows in copy.items():
            if rows:
                make_room(session, table, rows)
                session.execute(insert(table), rows)


@pytest.fixture
def reader(kept):
    standing = Standing(kept.log.transactions, kept.databases.records)
    return RecordReader(kept.databases.records, standing.check)


@pytest.fixture
def pbx(kept):
    """A source of which files are brought in."""
    sources = SourceService(kept.log.transactions, kept.log.looks, kept.databases.records)
    sources.declare(ENGINEER, "pbx1", SMALL)
    check = Standing(kept.log.transactions, kept.databases.records).check
    imports = ImportService(kept.log.transactions, kept.databases.records, check=check)
    return SimpleNamespace(
        take_in=lambda data: imports.run(ENGINEER, "pbx1", io.BytesIO(data)),
        imports=imports,
    )


def count_lost(reader):
    with reader.snapshot() as snapshot:
        return snapshot.count_lost("pbx1")


def test_what_was_destroyed_is_destroyed_again_before_anything_is_read(kept, reader):
    kept.source()
    kept.add("pbx1", "call", 400, 1)
    kept.rejects("pbx1", 300)
    kept.rule()
    old = copy_store(kept)
    (done,) = kept.service.purge(WORKER)
    put_back(kept, old)
    with pytest.raises(Unavailable, match="older copy"), reader.snapshot():
        pass
    assert [one.id for one in kept.service.purge(WORKER)] == [done.id]
    assert [row["row_id"] for row in kept.rows()] == ["pbx1-call-1-1"]
    assert kept.count_rejects() == 0
    with reader.snapshot() as snapshot:
        assert snapshot.count_source("pbx1", "call") == 1
    assert events(kept, "purge.repeated", "records.") == ["records.found_behind", "purge.repeated"]
    assert done.id in alarms(kept)
    assert kept.service.purge(WORKER) == []
    check_log(kept.log)


def test_purge_that_was_cut_off_by_the_copy_goes_on(kept, reader, monkeypatch):
    kept.source()
    kept.add("pbx1", "call", 195, 193, 191)
    kept.rule()
    monkeypatch.setattr("lea_service.retention.store.BATCH", 1)
    copies = []
    kept.service.purge(WORKER, lambda _done, _total: copies.append(copy_store(kept)))
    put_back(kept, copies[0])
    assert len(kept.rows()) == 2
    with pytest.raises(Unavailable), reader.snapshot():
        pass
    kept.service.purge(WORKER)
    assert kept.rows() == []
    with reader.snapshot():
        pass


def test_a_longer_rule_since_then_brings_nothing_back(kept, reader):
    kept.source()
    kept.add("pbx1", "call", 400)
    kept.rule()
    old = copy_store(kept)
    kept.service.purge(WORKER)
    kept.rule("CALL-24M", term=24, action="anonymise")
    put_back(kept, old)
    kept.service.purge(WORKER)
    assert kept.rows() == []
    with reader.snapshot():
        pass


def test_what_a_longer_rule_kept_back_is_not_taken_by_the_second_time(kept, reader, monkeypatch):
    """A purge that was held back while it ran is repeated as far as it went, no further."""
    kept.source()
    kept.add("pbx1", "call", 400, 300)
    kept.rule()
    old = copy_store(kept)
    monkeypatch.setattr(kept.service, "_carry_out", lambda *_: None)
    kept.service.purge(WORKER)
    monkeypatch.undo()
    kept.rule("CALL-12M", term=12)
    kept.service.purge(WORKER)
    assert [row["row_id"] for row in kept.rows()] == ["pbx1-call-300-1"]
    put_back(kept, old)
    kept.service.purge(WORKER)
    assert [row["row_id"] for row in kept.rows()] == ["pbx1-call-300-1"]
    with reader.snapshot():
        pass


def test_nothing_is_brought_into_a_store_that_is_behind(kept, reader, pbx, clock):
    kept.add("pbx1", "call", 400)
    kept.rule()
    old = copy_store(kept)
    kept.service.purge(WORKER)
    clock.advance(days=3)
    put_back(kept, old)
    with pytest.raises(Unavailable, match="brought into"):
        pbx.take_in(LINES)
    with pytest.raises(Unavailable), reader.snapshot():
        pass
    kept.service.purge(WORKER)
    assert pbx.take_in(LINES).added == 1


def test_newer_imports_hide_no_lost_purge(kept, reader, pbx, clock):
    """What was brought in while nobody looked counts for imports alone."""
    kept.add("pbx1", "call", 400)
    kept.rule()
    old = copy_store(kept)
    kept.service.purge(WORKER)
    clock.advance(days=3)
    put_back(kept, old)
    unchecked = ImportService(kept.log.transactions, kept.databases.records)
    unchecked.run(ENGINEER, "pbx1", io.BytesIO(LINES))
    with pytest.raises(Unavailable), reader.snapshot():
        pass


def test_what_an_order_freezes_is_not_destroyed_again(kept, reader):
    kept.source()
    kept.add("pbx1", "call", 400, 390, caller="+31201234567")
    kept.add("pbx1", "call", 380, caller="+31207654321")
    kept.rule()
    old = copy_store(kept)
    kept.service.purge(WORKER)
    put_back(kept, old)
    frozen = Selection("call", "pbx1", matches=(Match(("caller",), ("+31207654321",)),))
    make_retention(
        kept.log, kept.house, kept.databases.records, preserved=lambda *_: [frozen]
    ).purge(WORKER)
    assert [row["caller"] for row in kept.rows()] == ["+31207654321"]
    with reader.snapshot():
        pass


@ANY_ENGINE
def test_what_an_approved_plan_needs_is_not_destroyed_again(kept, reader):
    """It was frozen when the others went; since then the freeze ended and a plan was approved."""
    kept.source()
    kept.add("pbx1", "call", 400, caller="+31207654321")
    kept.add("pbx1", "call", 390, caller="+31201234567")
    kept.rule()
    old = copy_store(kept)
    named = Selection("call", "pbx1", matches=(Match(("caller",), ("+31207654321",)),))
    make_retention(
        kept.log, kept.house, kept.databases.records, preserved=lambda *_: [named]
    ).purge(WORKER)
    put_back(kept, old)
    since = kept.now - timedelta(days=800)
    planned = make_retention(
        kept.log,
        kept.house,
        kept.databases.records,
        held_back=lambda *_: since,
        needed=lambda *_: [named],
    )
    planned.purge(WORKER)
    assert [row["caller"] for row in kept.rows()] == ["+31207654321"]
    with reader.snapshot():
        pass
    with kept.log.transactions.read() as session:
        (entry,) = [one for one in iter_entries(session) if one.event == "purge.repeated"]
    said = load_entry(entry.data)["facts"]
    assert (said["rows"], said["kept"]) == (1, 1)
    assert planned.purge(WORKER) == []
    (done,) = kept.service.purge(WORKER)  # nothing needs it any more
    assert (done.rows, kept.rows()) == (1, [])


def test_what_is_needed_is_looked_up_when_nobody_can_approve_any_more(kept, monkeypatch):
    """A plan that is approved before a batch is spared by that batch."""
    kept.source()
    kept.add("pbx1", "call", 400)
    kept.rule()
    old = copy_store(kept)
    kept.service.purge(WORKER)
    put_back(kept, old)
    order, lock = [], service_module.lock_register
    watched = lambda session: (lock(session), order.append("locked"))  # noqa: E731
    monkeypatch.setattr(service_module, "lock_register", watched)
    needed = lambda *_: order.append("needed") or ()  # noqa: E731
    make_retention(kept.log, kept.house, kept.databases.records, needed=needed).purge(WORKER)
    before = {order[at - 1] for at, what in enumerate(order) if what == "needed"}
    assert (before, order[0]) == ({"locked"}, "locked")
    assert kept.rows() == []


def test_lost_import_counts_until_the_same_file_came_again(kept, reader, pbx):
    first = pbx.take_in(LINES)
    old = copy_store(kept)
    second = pbx.take_in(MORE)
    kept.rule()
    put_back(kept, old)
    with pytest.raises(Unavailable), reader.snapshot():
        pass
    kept.service.purge(WORKER)
    assert count_lost(reader) == 1
    assert events(kept, "import.lost") == ["import.lost"]
    pbx.take_in(LINES)
    assert count_lost(reader) == 1
    again = pbx.take_in(MORE)
    assert (again.added, count_lost(reader)) == (1, 0)
    kept.service.purge(WORKER)
    assert events(kept, "import.lost", "records.") == ["records.found_behind", "import.lost"]
    with kept.databases.cases.read() as session:
        states = {one.id: one.state for one in session.scalars(select(ImportRun))}
    assert (states[first.id], states[second.id]) == ("done", "lost")


def test_the_same_copy_put_back_twice_is_found_twice(kept, reader, pbx):
    old = copy_store(kept)
    pbx.take_in(LINES)
    for _ in range(2):
        put_back(kept, old)
        with pytest.raises(Unavailable), reader.snapshot():
            pass
        kept.service.purge(WORKER)
        assert count_lost(reader) == 1
    assert events(kept, "import.lost") == ["import.lost"]


def test_a_store_that_holds_all_is_read_without_a_word(kept, reader, pbx):
    pbx.take_in(LINES)
    kept.add("pbx1", "call", 400)
    kept.rule()
    kept.service.purge(WORKER)
    with reader.snapshot():
        pass
    kept.service.purge(WORKER)
    assert events(kept, "records.", "purge.repeated") == []
