"""Destroyed means gone from the files: those of a PostgreSQL server are searched, its log included."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from lea_service.kernel.actors import worker_actor
from lea_service.records.partitions import make_room
from lea_service.records.selection import Match, Selection
from lea_service.records.store import TABLES, Residue
from tests.retention.test_partitions import POSTGRESQL, left, months, reading
from tests.support.postgres import PostgresProcess
from tests.support.retention import make_retention

WORKER = worker_actor()
NUMBER = "+31612349876"
pytestmark = POSTGRESQL


@pytest.fixture(scope="module")
def own_server():
    """A server whose files are ours to read, and which writes no log into an old file."""
    process = PostgresProcess(wal_recycle="off", wal_keep_size="0", autovacuum="off")
    yield process.start(), process
    process.stop()


@pytest.fixture(scope="module")
def postgres(own_server):
    return own_server[0]


@pytest.fixture(scope="module")
def templates(tmp_path_factory):
    return {"folder": tmp_path_factory.mktemp("templates")}


def files_with(process, words, database):
    """Return the files of the server that hold any of some words, once its log was cut twice."""
    with database.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        for _ in range(2):
            connection.exec_driver_sql("CHECKPOINT")
            connection.exec_driver_sql("SELECT pg_switch_wal()")
        connection.exec_driver_sql("CHECKPOINT")
    found = {path: path.read_bytes() for path in Path(process.data).rglob("*") if path.is_file()}
    return {path.name for path, data in found.items() if any(word in data for word in words)}


@pytest.mark.parametrize("whole", [True, False])
def test_destroyed_row_is_in_no_file_of_the_server(kept, databases, own_server, whole):
    """Nor in its log, once that was cut; nor in its statistics, although it was analysed."""
    _, process = own_server
    kept.source()
    gone, other = NUMBER, "+31612341111"
    for age in (400, 190) if whole else (190,):
        kept.add("pbx1", "call", *([age] * 40), caller=gone, caller_raw="gone-for-good")
    kept.add("pbx1", "call", *([185] * 40), caller=gone, caller_raw="gone-for-good")
    kept.add("pbx1", "call", 180, 10, caller=other)
    kept.rejects("pbx1", 300)
    with databases.records.engine.begin() as connection:
        connection.exec_driver_sql("ANALYZE")
    words = [gone.encode(), b"gone-for-good", b"-call-190-", b"Jan,?"]
    assert files_with(process, words, databases.records)
    kept.rule()
    kept.service.purge(WORKER)
    assert left(kept) == []
    assert files_with(process, words, databases.records) == set()
    assert files_with(process, [other.encode()], databases.records)


def test_what_could_not_be_written_anew_is_noted(kept, databases, own_server):
    kept.source()
    kept.add("pbx1", "call", *([190] * 5), 180, caller=NUMBER)
    kept.rule()
    with reading(kept):
        kept.service.purge(WORKER)
        assert left(kept) == ["call_pbx1_2026_05"]
    assert files_with(own_server[1], [b"-call-190-"], databases.records)
    kept.service.purge(WORKER)
    assert files_with(own_server[1], [b"-call-190-"], databases.records) == set()
    with databases.records.read() as session:
        assert session.scalars(select(Residue)).all() == []


def test_what_a_row_was_before_its_end_was_told_goes_with_it(kept, databases, own_server):
    """It lay among those without an end, and moved to the month of its end."""
    table = TABLES["subscriber"]
    kept.source("crm", "subscriber")
    kept.add("crm", "subscriber", 800, city="gone-for-good")
    kept.add("crm", "subscriber", 10, city="stays-here")
    with databases.records.write() as session:
        (row,) = session.execute(select(table).where(table.c.city == "gone-for-good")).mappings()
        ended = {**row, "valid_to": kept.now - timedelta(days=400)}
        make_room(session, table, [ended])
        mine = table.c.row_id == ended["row_id"]
        session.execute(update(table).where(mine).values(valid_to=ended["valid_to"]))
    kept.rule(kind="subscriber")
    (done,) = kept.service.purge(WORKER)
    assert (done.rows, left(kept)) == (1, [])
    assert files_with(own_server[1], [b"gone-for-good"], databases.records) == set()
    assert files_with(own_server[1], [b"stays-here"], databases.records)


def test_what_a_session_was_before_its_end_was_told_goes_with_it(kept, databases, own_server):
    """It lay in the month of its begin, where an order holds another row."""
    table, held = TABLES["usage"], Selection("usage", "nas", (Match(("account",), ("held",)),))
    kept.source("nas", "usage")
    kept.add("nas", "usage", 400, account="gone-for-good")
    kept.add("nas", "usage", 401, account="held")
    with databases.records.write() as session:
        (row,) = session.execute(select(table).where(table.c.account != "held")).mappings()
        ended = {**row, "ended_at": kept.now - timedelta(days=300)}
        make_room(session, table, [ended])
        mine = table.c.row_id == ended["row_id"]
        session.execute(update(table).where(mine).values(ended_at=ended["ended_at"]))
    kept.rule(kind="usage")
    service = make_retention(
        kept.log, kept.house, databases.records, preserved=lambda _source, _since: [held]
    )
    (done,) = service.purge(WORKER)
    assert (done.rows, left(kept), months(kept, "usage", "nas")) == (1, [], ["2025_10"])
    assert files_with(own_server[1], [b"gone-for-good"], databases.records) == set()
