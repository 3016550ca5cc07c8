"""What somebody goes by in the log is what was signed, whatever a process remembers of it."""

import pytest
from sqlalchemy import text

from lea_service.custody.merkle import leaf_hash
from lea_service.custody.models import Checkpoint, LogHead
from lea_service.custody.queries import find_checkpoint, find_head
from lea_service.custody.relied import relied_on, rely_on_entry
from lea_service.custody.replay import read_setting, read_stream
from lea_service.custody.signed import SignedLog
from lea_service.kernel.actors import Actor, Role, worker_actor
from lea_service.kernel.canonical import dump_canonical, load_strict
from lea_service.kernel.database import append_only_ddl
from lea_service.kernel.errors import IntegrityFailure, Unavailable
from lea_service.kernel.transactions import SYSTEM_STREAM
from tests.support.counted import count_statements
from tests.support.log import build_log

HANDLER = Actor("s_handler", frozenset({Role.HANDLER}))
WORKER = worker_actor()
SETTING = "policy.authenticity_set"


def enter(log, stream, *events):
    for event in events:
        with log.transactions.begin(HANDLER) as tx:
            tx.record(event, stream, facts={"code": event})


@pytest.fixture
def streams(log):
    """Two streams of three entries each, all signed; nothing refuses changes any more."""
    with log.transactions.begin(HANDLER) as tx:
        one, other = tx.new_stream("c"), tx.new_stream("c")
    for event in ("demand.recorded", "demand.held", "demand.closed"):
        enter(log, one, event)
        enter(log, other, event)
    log.checkpointer.publish(WORKER)
    with log.transactions.database.write() as session:
        for table in ("log_entries", "log_disclosures", "checkpoints"):
            for drop in append_only_ddl(table, session.get_bind().dialect.name)[1]:
                session.execute(text(drop))
    return one, other


def verify(log, stream, signed=None):
    with log.transactions.read() as session:
        read_stream(session, stream)
        return (signed or log.service.signed).is_covered(session)


def sql(log, *statements):
    with log.transactions.database.write() as session:
        for statement, *values in statements:
            session.execute(text(statement), *values)


def rewrite(log, stream):
    """Give the last entry of a stream other facts, with leaf and all, so that it reads well."""
    with log.transactions.read() as session:
        last = session.execute(
            text("SELECT idx, data FROM log_entries WHERE stream = :stream AND n = 2"),
            {"stream": stream},
        ).one()
    entry = load_strict(bytes(last.data))
    entry["facts"] = {"code": "another"}
    data = dump_canonical(entry)
    update = "UPDATE log_entries SET data = :data, leaf = :leaf WHERE idx = :idx"
    sql(log, (update, {"data": data, "leaf": leaf_hash(data), "idx": last.idx}))


def move_away(log, stream):
    moved = "UPDATE log_entries SET stream = 'c_other' WHERE stream = :stream AND n = 2"
    sql(log, (moved, {"stream": stream}))


def cut_off(log, stream):
    """Take the last entry out, and make the head fit what is left."""
    sql(
        log,
        ("DELETE FROM log_disclosures",),
        ("DELETE FROM checkpoints",),
        ("DELETE FROM log_entries WHERE idx = (SELECT max(idx) FROM log_entries)",),
        ("UPDATE log_head SET size = size - 1",),
    )


@pytest.mark.parametrize("is_warm", [True, False], ids=["warm", "cold"])
@pytest.mark.parametrize("change", [rewrite, move_away])
def test_changed_stream_is_noticed(log, streams, change, is_warm):
    for stream in streams:
        assert not is_warm or verify(log, stream)
    changed = streams[1]
    change(log, changed)
    with log.transactions.read() as session:
        assert read_stream(session, changed).entries
    with pytest.raises(IntegrityFailure, match=r"not (those|the one) that w"):
        verify(log, changed)


def test_log_that_was_cut_short_is_noticed(log, streams):
    assert verify(log, streams[1])
    cut_off(log, streams[1])
    for signed in (log.service.signed, SignedLog(log.transactions, log.service.policy, log.signer)):
        with pytest.raises(
            IntegrityFailure, match="shorter"
        ):  # the signer remembers the longer one
            verify(log, streams[1], signed)
    with pytest.raises(IntegrityFailure, match="shorter"):
        log.checkpointer.publish(WORKER)


def test_checkpoint_that_says_more_than_was_signed_is_none(log, streams):
    planted = "UPDATE checkpoints SET size = size + 1000"
    sql(log, (planted,))
    enter(log, streams[0], "demand.viewed")
    with pytest.raises(IntegrityFailure, match="not the one that its row says"):
        log.checkpointer.publish(WORKER)
    with pytest.raises(IntegrityFailure):
        verify(log, streams[0])


def test_log_put_back_to_an_older_checkpoint_is_signed_no_more(log, streams):
    with log.transactions.database.read() as session:
        older, edge = find_checkpoint(session), session.get(LogHead, 1).edge
    enter(log, streams[1], "demand.viewed")
    log.checkpointer.publish(WORKER)
    cut_off(log, streams[1])
    row = {"size": older.size, "root": older.root, "note": older.note}
    with log.transactions.database.write() as session:
        session.add(Checkpoint(**row, made_at=log.transactions.clock.now()))
        session.get(LogHead, 1).edge = edge
    with pytest.raises(IntegrityFailure, match="shorter"):
        log.checkpointer.publish(WORKER)
    for signed in (log.service.signed, SignedLog(log.transactions, log.service.policy, log.signer)):
        with pytest.raises(IntegrityFailure, match="shorter"):
            verify(log, streams[1], signed)


def test_entry_that_came_while_streams_were_read_is_no_change(log, streams):
    """A transaction that writes sees what others commit meanwhile: the second stream has it."""
    with log.transactions.read() as session:
        read_stream(session, streams[0])
    enter(log, streams[0], "demand.viewed")
    enter(log, streams[1], "demand.viewed")
    log.checkpointer.publish(WORKER)
    with log.transactions.read() as other:
        relied = relied_on(other)
        read_stream(other, streams[1])
        relied.streams |= relied_on(session).streams
        relied.size = relied_on(session).size
        assert not log.service.signed.is_covered(other)


def test_entry_of_its_own_is_compared_too(log, streams):
    verify(log, streams[0])
    for data, outcome in ((None, True), (b"{}", False)):
        with log.transactions.read() as session:
            entry = read_stream(session, streams[0]).entries[1]
            real = session.execute(
                text("SELECT data FROM log_entries WHERE idx = :idx"), {"idx": entry.idx}
            ).scalar_one()
            rely_on_entry(session, entry.idx, data or bytes(real))
            if outcome:
                assert log.service.signed.is_covered(session)
            else:
                with pytest.raises(IntegrityFailure, match=f"entry {entry.idx}"):
                    log.service.signed.verify(session)


@pytest.mark.parametrize("is_warm", [True, False], ids=["warm", "cold"])
def test_setting_under_another_event_is_noticed(log, streams, is_warm):
    with log.transactions.begin(HANDLER) as tx:
        tx.record(SETTING, SYSTEM_STREAM, facts={"version": 1})
    log.checkpointer.publish(WORKER)

    def verify_setting():
        with log.transactions.read() as session:
            return len(read_setting(session, SETTING)), log.service.signed.is_covered(session)

    assert not is_warm or verify_setting() == (1, True)
    sql(log, (f"UPDATE log_entries SET event = 'demand.viewed' WHERE event = '{SETTING}'",))
    with pytest.raises(IntegrityFailure, match="not those that were signed"):
        verify_setting()


def test_what_comes_after_the_checkpoint_is_told_apart(log, streams):
    enter(log, streams[0], "demand.viewed")
    assert verify(log, streams[1])
    assert not verify(log, streams[0])
    log.checkpointer.publish(WORKER)
    assert verify(log, streams[0])


def test_stream_that_grew_since_it_was_read_is_as_it_was(log, streams):
    """An instant that is older than the checkpoint is no change."""
    with log.transactions.read() as session:
        read_stream(session, streams[0])
        enter(log, streams[0], "demand.viewed")
        log.checkpointer.publish(WORKER)
        assert log.service.signed.is_covered(session)


def test_nothing_is_gone_by_before_the_first_checkpoint(log):
    with log.transactions.begin(HANDLER) as tx:
        stream = tx.new_stream("c")
        tx.record("demand.recorded", stream)
    with pytest.raises(Unavailable):
        verify(log, stream)


def test_checkpoint_of_somebody_else_counts_for_nothing(
    log, streams, databases, clock, ids, tmp_path
):
    other = build_log(
        databases.cases, clock, ids, tmp_path / "other.json", origin="other.example/1"
    )
    with pytest.raises(IntegrityFailure, match="not signed by this log"):
        verify(log, streams[0], SignedLog(log.transactions, other.service.policy, other.signer))


def test_log_put_right_is_gone_by_again(log, streams):
    with log.transactions.read() as session:
        kept = session.execute(
            text("SELECT idx, data, leaf FROM log_entries WHERE n = 2 AND stream = :stream"),
            {"stream": streams[0]},
        ).one()
    rewrite(log, streams[0])
    with pytest.raises(IntegrityFailure):
        verify(log, streams[0])
    back = "UPDATE log_entries SET data = :data, leaf = :leaf WHERE idx = :idx"
    sql(log, (back, dict(kept._mapping)))
    assert verify(log, streams[0])


def test_reading_is_repeated_until_it_is_signed(log, streams):
    seen = []

    def read(session):
        seen.append(find_head(session).size)
        read_stream(session, streams[0])
        return len(seen)

    enter(log, streams[0], "demand.viewed")
    assert log.service.read_signed(WORKER, read) == 1  # what was there is signed first
    assert seen == [7]


def test_reading_of_a_log_that_always_grows_ends(log, streams, monkeypatch):
    """Each time somebody enters something between the signing and the reading."""
    publish = log.checkpointer.publish

    def slow(actor):
        publish(actor)
        enter(log, streams[0], "demand.viewed")

    monkeypatch.setattr(log.checkpointer, "publish", slow)
    with pytest.raises(Unavailable, match="grew faster"):
        log.service.read_signed(WORKER, lambda session: read_stream(session, streams[0]))


def leaves_read(sent):
    return [one for one in sent if "SELECT log_entries.leaf" in one]


def test_entry_that_was_proven_is_proven_no_more(log, streams):
    """What it costs a request when nothing changed: no leaf is read, nothing is counted whole."""
    assert verify(log, streams[0])
    with count_statements(log.transactions.database) as sent:
        assert verify(log, streams[0])
        assert leaves_read(sent) == []
        assert len(sent) == 5  # head and stream; the newest checkpoint, the head, and the tail
        enter(log, streams[1], "demand.viewed")
        log.checkpointer.publish(WORKER)
        sent.clear()
        assert verify(log, streams[0])  # a longer log that goes on from it holds it as well
        assert leaves_read(sent) == []
        assert verify(log, streams[1])
        assert leaves_read(sent) != []


def test_tail_that_was_cut_off_is_noticed(log, streams):
    """Of what no checkpoint covers yet, only the number says that some of it is gone."""
    enter(log, streams[0], "demand.viewed")
    assert verify(log, streams[1])
    sql(log, ("DELETE FROM log_disclosures",), ("DELETE FROM log_entries WHERE idx = 6",))
    with pytest.raises(IntegrityFailure, match="another number"):
        verify(log, streams[1])


def test_gap_in_another_stream_is_noticed_when_the_log_is_read(log, streams):
    gone = "DELETE FROM log_entries WHERE stream = :stream AND n = 1"
    sql(log, ("DELETE FROM log_disclosures",), (gone, {"stream": streams[1]}))
    with pytest.raises(IntegrityFailure, match="another number"):
        verify(log, streams[0])
