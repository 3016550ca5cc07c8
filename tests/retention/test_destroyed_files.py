"""Destroyed means gone from the files: those of a PostgreSQL server are searched, its log included."""

from pathlib import Path

import pytest
from sqlalchemy import select

from lea_service.kernel.actors import worker_actor
from lea_service.records.store import Residue
from tests.retention.test_partitions import POSTGRESQL, left, reading
from tests.support.postgres import PostgresProcess

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
