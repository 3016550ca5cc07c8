import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from lea_service.kernel import migration
from lea_service.kernel.actors import Actor, Role
from lea_service.kernel.database import Database
from lea_service.kernel.errors import Unavailable
from tests.support.databases import BASES, create_tables, load_models
from tests.support.ddl import read_ddl
from tests.support.log import build_log, check_log
from tests.support.one_of_each import count_rows, fill_tables

LINES = [migration.CASES, migration.RECORDS]
HANDLER = Actor("s_handler", frozenset({Role.HANDLER}))


@pytest.fixture(params=LINES)
def line(request):
    return request.param


@pytest.fixture
def empty(new_database, line):
    database = Database(new_database(line))
    yield database
    database.dispose()


def test_head_equals_the_models(empty, line, new_database):
    migration.upgrade(empty, line)
    url = new_database("models")
    create_tables(url, line)
    models = Database(url)
    wanted = read_ddl(models)
    models.dispose()
    assert len(wanted) > 10
    assert read_ddl(empty) == wanted


def test_each_revision_goes_up_and_down(empty, line):
    before = {}
    for revision in migration.list_revisions(line):
        before[revision] = read_ddl(empty)
        migration.upgrade(empty, line, revision)
        assert migration.find_revision(empty) == revision
    for revision in reversed(migration.list_revisions(line)):
        migration.downgrade(empty, line, "-1")
        assert read_ddl(empty) == before[revision]
    assert migration.find_revision(empty) is None
    migration.upgrade(empty, line)
    migration.check_current(empty, line)


def test_last_revision_goes_down_and_up_over_data(empty, line):
    load_models()
    metadata = BASES[line].metadata
    migration.upgrade(empty, line)
    made = read_ddl(empty)
    fill_tables(empty, metadata)
    assert set(count_rows(empty, metadata).values()) == {1}
    migration.downgrade(empty, line, "-1")
    migration.upgrade(empty, line)
    assert read_ddl(empty) == made
    fill_tables(empty, metadata)  # what the revision made came back empty, and takes rows
    assert set(count_rows(empty, metadata).values()) == {1}


def test_a_database_behind_is_refused(empty, line):
    with pytest.raises(Unavailable, match="lea db upgrade"):
        migration.check_current(empty, line)


def test_a_migration_that_fails_leaves_nothing(empty, line):
    with empty.write() as session:
        last = "log_disclosures" if line == migration.CASES else "rejects"
        session.execute(text(f"CREATE TABLE {last} (id INTEGER)"))
    before = read_ddl(empty)
    with pytest.raises(DatabaseError):
        migration.upgrade(empty, line)
    assert read_ddl(empty) == before


@pytest.fixture
def cases(new_database):
    database = Database(new_database("cases"))
    migration.upgrade(database, migration.CASES)
    yield database
    database.dispose()


def test_migrated_database_holds_a_log_and_fences_it(cases, clock, ids, tmp_path):
    log = build_log(cases, clock, ids, tmp_path / "state.json")
    with log.transactions.begin(HANDLER) as tx:
        stream = tx.new_stream("c")
        tx.record("demand.recorded", stream, disclose={"target": "+31612345678"})
    check_log(log)
    for statement in ("UPDATE log_entries SET event = 'x'", "DELETE FROM log_entries"):
        with pytest.raises(DatabaseError, match="append-only"), cases.write() as session:
            session.execute(text(statement))
    migration.downgrade(cases, migration.CASES, "base")
    migration.upgrade(cases, migration.CASES)
    with log.transactions.read() as session:
        assert session.scalar(text("SELECT count(*) FROM log_entries")) == 0
