import threading

from lea_service.custody.queries import list_stream
from lea_service.kernel.actors import Actor, Role
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
