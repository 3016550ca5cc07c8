"""Streams that are read on from where they ended say what they do when they are read whole."""

import pytest
from sqlalchemy import text

from lea_service.custody.followed import FollowedStreams
from lea_service.custody.merkle import leaf_hash
from lea_service.custody.replay import read_stream
from lea_service.kernel.actors import Actor, Role, worker_actor
from lea_service.kernel.canonical import dump_canonical, load_strict
from lea_service.kernel.database import append_only_ddl
from lea_service.kernel.errors import IntegrityFailure
from tests.support.counted import count_statements

HANDLER = Actor("s_handler", frozenset({Role.HANDLER}))
HELD = "demand.held"
HOLDING = frozenset({HELD})


@pytest.fixture
def stream(log):
    with log.transactions.begin(HANDLER) as tx:
        stream = tx.new_stream("c")
    enter(log, stream, "demand.recorded", HELD, "demand.viewed")
    return stream


@pytest.fixture
def followed():
    return FollowedStreams(most=2)


def enter(log, stream, *events):
    for event in events:
        with log.transactions.begin(HANDLER) as tx:
            tx.record(event, stream, facts={"code": event})


def read(log, followed, stream):
    with log.transactions.read() as session:
        return followed.read(session, stream, HOLDING)


def sql(log, *statements, **values):
    with log.transactions.database.write() as session:
        for table in ("log_entries", "log_disclosures"):
            for drop in append_only_ddl(table, session.get_bind().dialect.name)[1]:
                session.execute(text(drop))
        for statement in statements:
            session.execute(text(statement), values)


def data_read(sent):
    return [one for one in sent if "log_entries.data" in one]


def test_stream_is_read_on(log, followed, stream):
    first = read(log, followed, stream)
    enter(log, stream, "demand.viewed", HELD)
    second = read(log, followed, stream)
    with log.transactions.read() as session:
        whole = [one for one in read_stream(session, stream).entries if one.event == HELD]
    assert [one.idx for one in first.stream.entries] == [1]
    assert list(second.stream.entries) == whole
    assert first.reading == second.reading


def test_what_is_relied_on_is_all_of_it(log, followed, stream):
    read(log, followed, stream)
    enter(log, stream, "demand.viewed")
    log.checkpointer.publish(worker_actor())
    with log.transactions.read() as session:
        followed.read(session, stream, HOLDING)
        assert log.service.signed.is_covered(session)
    sql(log, "UPDATE log_entries SET stream = 'c_x' WHERE n = 3")
    with log.transactions.read() as session:
        followed.read(session, stream, HOLDING)
        with pytest.raises(IntegrityFailure, match="not those that were signed"):
            log.service.signed.is_covered(session)


def test_entry_that_was_read_stays_what_it_was(log, followed, stream):
    first = read(log, followed, stream)
    sql(log, "UPDATE log_entries SET event = 'demand.viewed' WHERE event = :held", held=HELD)
    assert read(log, followed, stream) == first
    enter(log, stream, "demand.viewed")
    assert read(log, followed, stream).stream == first.stream


@pytest.mark.parametrize("change", ["rewritten", "gone"])
def test_stream_with_another_end_is_read_whole(log, followed, stream, change):
    first = read(log, followed, stream)
    if change == "gone":
        sql(log, "DELETE FROM log_disclosures", "DELETE FROM log_entries WHERE n = 2")
    else:
        with log.transactions.read() as session:
            query = text("SELECT data FROM log_entries WHERE n = 2")
            entry = load_strict(bytes(session.execute(query).scalar_one()))
        data = dump_canonical(entry | {"facts": {"code": "another"}})
        update = "UPDATE log_entries SET data = :data, leaf = :leaf WHERE n = 2"
        sql(log, update, data=data, leaf=leaf_hash(data))
    again = read(log, followed, stream)
    assert again.reading != first.reading
    assert again.stream == first.stream


def test_entry_that_does_not_follow_is_refused(log, followed, stream):
    read(log, followed, stream)
    enter(log, stream, "demand.viewed", "demand.viewed")
    sql(log, "DELETE FROM log_disclosures", "DELETE FROM log_entries WHERE n = 3")
    for _ in range(2):
        with pytest.raises(IntegrityFailure, match="damaged"):
            read(log, followed, stream)


def test_older_instant_is_read_as_it_was(log, followed, stream):
    with log.transactions.read() as session:
        session.execute(text("SELECT count(*) FROM log_entries")).scalar_one()
        enter(log, stream, HELD)
        assert len(read(log, followed, stream).stream.entries) == 2
        assert len(followed.read(session, stream, HOLDING).stream.entries) == 1
    assert len(read(log, followed, stream).stream.entries) == 2


def test_stream_that_nobody_asks_for_is_forgotten(log, followed, stream):
    others = []
    for _ in range(2):
        with log.transactions.begin(HANDLER) as tx:
            others.append(tx.new_stream("c"))
        enter(log, others[-1], HELD)
    first = read(log, followed, stream)
    for one in others:
        read(log, followed, one)
    assert read(log, followed, stream).reading != first.reading


def test_stream_without_entries_is_none(log, followed):
    assert read(log, followed, "c_none").stream.entries == ()


def test_reading_on_reads_one_entry_that_is_known(log, followed, stream):
    read(log, followed, stream)
    with count_statements(log.transactions.database) as sent:
        read(log, followed, stream)
    assert len(sent) == 2
    assert "log_entries.n >" in data_read(sent)[0]
