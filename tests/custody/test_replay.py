"""What the log says of a stream, and that a stream somebody changed says nothing any more."""

import pytest
from sqlalchemy import event, text

from lea_service.custody.replay import check_complete, read_stream
from lea_service.kernel.actors import Actor, Role
from lea_service.kernel.database import append_only_ddl
from lea_service.kernel.errors import IntegrityFailure
from lea_service.records.models import Source
from tests.support.log import check_log

HANDLER = Actor("s_handler", frozenset({Role.HANDLER}))


@pytest.fixture
def stream(log):
    """A stream of three entries, the last of which vouches for a row."""
    with log.transactions.begin(HANDLER) as tx:
        stream = tx.new_stream("c")
        tx.record("demand.recorded", stream, facts={"state": "received"})
    with log.transactions.begin(HANDLER) as tx:
        tx.record("demand.held", stream, facts={"code": "one", "since": 1})
        row = Source(
            id="so_1",
            name="pbx",
            kind="call",
            mapping="as it was",
            mapping_digest="x" * 43,
            declared_by="s_1",
            declared_at=tx.now,
        )
        tx.session.add(row)
        tx.record("source.declared", stream, evidence=[row])
    return stream


def sql(log, *statements, fences=("log_entries", "log_evidence")):
    with log.transactions.database.write() as session:
        for table in fences:
            for drop in append_only_ddl(table, session.get_bind().dialect.name)[1]:
                session.execute(text(drop))
        for statement in statements:
            session.execute(text(statement))


def read(log, stream):
    with log.transactions.read() as session:
        return read_stream(session, stream)


def test_stream_is_read_as_it_was_entered(log, stream):
    found = read(log, stream)
    assert [one.event for one in found.entries] == [
        "demand.recorded",
        "demand.held",
        "source.declared",
    ]
    assert found.last("demand.held", code="one").facts["since"] == 1
    assert found.last("demand.held", code="two") is None
    assert [one.by for one in found.of("demand.recorded")] == [HANDLER.id]
    assert read(log, "c_unknown").entries == []
    check_log(log)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE log_entries SET event = 'demand.closed' WHERE n = 1",
        "UPDATE log_entries SET data = (SELECT data FROM log_entries WHERE n = 0) WHERE n = 1",
        "UPDATE log_entries SET leaf = (SELECT leaf FROM log_entries WHERE n = 0) WHERE n = 1",
        "DELETE FROM log_entries WHERE n = 0",
        "DELETE FROM log_entries WHERE n = 1",
    ],
)
def test_stream_that_was_changed_is_not_read(log, stream, change):
    sql(log, "DELETE FROM log_disclosures", change, fences=("log_entries", "log_disclosures"))
    with pytest.raises(IntegrityFailure, match=r"entry . of the log"):
        read(log, stream)


def test_entry_vouches_for_a_row_as_it_was(log, stream):
    with log.transactions.read() as session:
        row = session.get(Source, "so_1")
        found = read_stream(session, stream)
        assert found.find_vouching(session, row) == found.entries[2]
    sql(log, "UPDATE sources SET mapping = 'another'", fences=("sources",))
    with log.transactions.read() as session:
        row = session.get(Source, "so_1")
        assert read_stream(session, stream).find_vouching(session, row) is None


def test_other_stream_vouches_for_nothing(log, stream):
    with log.transactions.begin(HANDLER) as tx:
        other = tx.new_stream("c")
        tx.record("demand.recorded", other)
    with log.transactions.read() as session:
        row = session.get(Source, "so_1")
        assert read_stream(session, other).find_vouching(session, row) is None


def test_log_that_grows_meanwhile_is_complete(log, stream):
    if log.transactions.database.is_sqlite:
        pytest.skip("SQLite has one writer at a time")

    def grow(*_):
        if grown:
            return
        grown.append(True)
        with log.transactions.begin(HANDLER) as tx:
            tx.record("demand.listed", stream)

    grown = []
    with log.transactions.database.write() as session:
        event.listen(session.connection().engine, "after_cursor_execute", grow)
        check_complete(session)
    assert grown


def test_cut_log_is_noticed(log, stream):
    with log.transactions.read() as session:
        check_complete(session)
    sql(log, "DELETE FROM log_evidence", "DELETE FROM log_entries WHERE n = 2")
    with (
        pytest.raises(IntegrityFailure, match="another number of entries"),
        log.transactions.read() as session,
    ):
        check_complete(session)
