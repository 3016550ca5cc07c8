import threading
from datetime import timedelta

import pytest
from sqlalchemy import event, text

from lea_service.custody.queries import PAGE, iter_newest, list_stream
from lea_service.kernel.actors import Actor, Role
from tests.support.engines import ANY_ENGINE
from tests.support.log import build_log, check_log

HANDLER = Actor("s_handler", frozenset({Role.HANDLER}))


def looks_of(log, stream):
    with log.transactions.read() as session:
        return [one for one in list_stream(session, stream) if one.event == "demand.viewed"]


def test_a_look_covers_its_view_for_a_while(databases, clock, ids, tmp_path):
    log = build_log(databases.cases, clock, ids, tmp_path / "state.json")
    with log.transactions.begin(HANDLER) as tx:
        stream = tx.new_stream("c")
        tx.record("demand.recorded", stream)
    for view in ("demand", "demand", "order"):
        log.looks.note(HANDLER, stream, view)
    assert len(looks_of(log, stream)) == 2
    clock.advance(seconds=15 * 60)
    log.looks.note(HANDLER, stream, "demand")
    assert len(looks_of(log, stream)) == 3
    check_log(log)


def test_the_same_look_at_once_is_entered_once(databases, clock, ids, tmp_path):
    log = build_log(databases.cases, clock, ids, tmp_path / "state.json")
    with log.transactions.begin(HANDLER) as tx:
        stream = tx.new_stream("c")
        tx.record("demand.recorded", stream)
    ready, failed = threading.Barrier(6), []

    def look():
        ready.wait()
        try:
            log.looks.note(HANDLER, stream, "demand")
        except Exception as err:
            failed.append(err)

    threads = [threading.Thread(target=look) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert len(looks_of(log, stream)) == 1
    check_log(log)


def write_cover(log, stream, view, until):
    """Write, as somebody who has the database alone, that a look is covered."""
    row = {"a": HANDLER.id, "s": stream, "v": view, "u": until.replace(tzinfo=None)}
    if log.transactions.database.engine.dialect.name != "sqlite":
        row["u"] = until
    with log.transactions.database.write() as session:
        session.execute(text("DELETE FROM looks"))
        session.execute(
            text("INSERT INTO looks (actor_id, stream, view, until) VALUES (:a, :s, :v, :u)"), row
        )


@pytest.mark.parametrize("minutes", [14, 16, 60 * 24 * 365])
def test_cover_that_stands_in_the_table_only_covers_nothing(
    databases, clock, ids, tmp_path, minutes
):
    log = build_log(databases.cases, clock, ids, tmp_path / "state.json")
    with log.transactions.begin(HANDLER) as tx:
        stream = tx.new_stream("c")
        tx.record("demand.recorded", stream)
    log.looks.note(HANDLER, stream, "order")
    log.looks.note(Actor("s_other", frozenset({Role.HANDLER})), stream, "demand")
    write_cover(log, stream, "demand", clock.now() + timedelta(minutes=minutes))
    log.looks.note(HANDLER, stream, "demand")
    assert len(looks_of(log, stream)) == 3
    log.looks.note(HANDLER, stream, "demand")
    assert len(looks_of(log, stream)) == 3
    check_log(log)


def test_cover_that_is_prolonged_in_the_table_ends_in_time(databases, clock, ids, tmp_path):
    log = build_log(databases.cases, clock, ids, tmp_path / "state.json")
    with log.transactions.begin(HANDLER) as tx:
        stream = tx.new_stream("c")
        tx.record("demand.recorded", stream)
    log.looks.note(HANDLER, stream, "demand")
    clock.advance(seconds=14 * 60)
    write_cover(log, stream, "demand", clock.now() + timedelta(minutes=14))
    log.looks.note(HANDLER, stream, "demand")
    assert len(looks_of(log, stream)) == 2


def test_cover_is_found_behind_many_other_looks(databases, clock, ids, tmp_path):
    log = build_log(databases.cases, clock, ids, tmp_path / "state.json")
    with log.transactions.begin(HANDLER) as tx:
        stream = tx.new_stream("c")
        tx.record("demand.recorded", stream)
    for number in range(PAGE + 2):
        log.looks.note(HANDLER, stream, f"view/{number}")
    log.looks.note(HANDLER, stream, "view/0")
    assert len(looks_of(log, stream)) == PAGE + 2


@ANY_ENGINE
def test_rare_event_is_found_without_a_walk_of_its_stream(databases, clock, ids, tmp_path):
    """SQLite tells by which index it would go; both engines have the same ones."""
    log = build_log(databases.cases, clock, ids, tmp_path / "state.json")
    asked = []

    def note(_connection, _cursor, statement, parameters, *_):
        asked.append((statement, parameters))

    with log.transactions.read() as session:
        event.listen(session.get_bind(), "before_cursor_execute", note)
        assert list(iter_newest(session, "c_1", "demand.viewed")) == []
        event.remove(session.get_bind(), "before_cursor_execute", note)
        (statement, parameters) = asked[-1]
        driver = session.connection().connection.driver_connection
        plan = driver.execute(f"EXPLAIN QUERY PLAN {statement}", parameters).fetchall()
    (step,) = [row[3] for row in plan]
    assert step.endswith("USING INDEX ix_log_entries_event_stream_n (event=? AND stream=?)")
