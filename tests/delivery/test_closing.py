from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import select

from lea_service.delivery.closing import Closing
from lea_service.demands.changes import advance
from lea_service.extraction.queries import list_runs
from lea_service.kernel.datakeys import RESULT, DataKey
from lea_service.kernel.errors import NotFound, NotPermitted, Unavailable, WrongState
from tests.delivery.test_handover import events
from tests.support.delivery import WORKER
from tests.support.log import check_log


def sweep(handover):
    return handover.service.closing.sweep(partial(handover.log.transactions.begin, WORKER))


def acknowledged(handover):
    demand, package = handover.deliver()
    _, actor = handover.sign_in()
    code = handover.code(handover.collect(actor, package))
    handover.service.give_receipt(actor, package, code)
    return demand, package, actor


def files(handover, demand):
    return [path for path in handover.folder.rglob("*") if demand in path.parts and path.is_file()]


def test_receipt_and_grace_end_the_result(handover, log, clock):
    demand, package, actor = acknowledged(handover)
    assert len(files(handover, demand)) == 2
    clock.advance(days=30, seconds=-1)
    assert sweep(handover).closed == ()
    clock.advance(seconds=1)
    swept = sweep(handover)
    assert (swept.closed, swept.erased) == ((demand,), (demand,))
    assert handover.state(demand) == "erased"
    assert files(handover, demand) == []
    assert events(log, demand)[-2:] == ["demand.closed", "demand.erased"]
    with pytest.raises(Unavailable):
        handover.packaging.open_ciphertext(package)
    with pytest.raises(WrongState):
        handover.collect(actor, package)
    (view,) = handover.service.list_collectable(actor, None, 10)
    assert (view.state, view.is_open) == ("erased", False)
    assert sweep(handover).erased == ()
    check_log(log)


def test_a_person_waits_for_the_grace_as_well(handover, clock):
    demand, package, actor = acknowledged(handover)
    handler = handover.house.actor("handler1")
    clock.advance(days=30, seconds=-1)
    with pytest.raises(WrongState):
        handover.demands.close(handler, demand)
    assert sweep(handover).erased == ()
    assert handover.collect(actor, package)
    clock.advance(seconds=1)
    assert handover.demands.close(handler, demand).state == "closed"
    assert sweep(handover).erased == (demand,)


def test_one_receipt_leaves_the_others_their_term(handover, log, clock):
    closing = Closing(log.transactions, folders=(), grace=timedelta(0))
    demand, package = handover.deliver(receivers=[handover.person, handover.desk])
    _, actor = handover.sign_in()
    code = handover.code(handover.collect(actor, package))
    handover.service.give_receipt(actor, package, code)
    clock.advance(days=14, seconds=-1)
    assert closing.sweep(partial(log.transactions.begin, WORKER)).closed == ()
    with log.transactions.begin(WORKER) as tx, pytest.raises(WrongState):
        closing.close(tx, demand)
    assert handover.collect(actor, package)
    clock.advance(seconds=1)
    assert closing.sweep(partial(log.transactions.begin, WORKER)).erased == (demand,)


def test_destroyed_key_is_in_no_file_of_the_database(handover, log, clock):
    if not log.transactions.database.is_sqlite:
        pytest.skip("the files of a server are its own")
    demand, _, _ = acknowledged(handover)
    with log.transactions.read() as session:
        (run,) = list_runs(session, demand)
        query = select(DataKey.wrapped).where(DataKey.stream == run, DataKey.kind == RESULT)
        wrapped = session.scalar(query)
    path = Path(log.transactions.database.engine.url.database)
    clock.advance(days=31)
    assert sweep(handover).erased == (demand,)
    for file in path.parent.glob(f"{path.name}*"):
        assert wrapped not in file.read_bytes(), file.name


def test_closing_says_how_many_entries(handover, log, clock):
    demand, _, _ = acknowledged(handover)
    clock.advance(days=31)
    with log.transactions.begin(WORKER) as tx:
        handover.service.closing.close(tx, demand)
    found = log.service.excerpt(WORKER, demand, until="demand.closed").files()
    lines = b"".join(found.values()).decode()
    assert f'"entries":{len(events(log, demand))}' in lines.replace("\\", "")


def test_no_receipt_no_end_by_the_clock(handover, log, clock):
    demand, _ = handover.deliver()
    clock.advance(days=4000)
    swept = sweep(handover)
    assert (swept.closed, swept.erased) == ((), ())
    with log.transactions.begin(WORKER) as tx:
        advance(tx, demand, "closed", "demand.closed")
    assert sweep(handover).erased == ()
    with log.transactions.begin(WORKER) as tx, pytest.raises(WrongState):
        handover.service.closing.erase(tx, demand)
    assert len(files(handover, demand)) == 2
    check_log(log)


def test_a_person_ends_what_nobody_collected(handover, log, clock):
    demand, _ = handover.deliver()
    handler = handover.house.actor("handler1")
    with pytest.raises(WrongState):
        handover.service.closing.erase_uncollected(handler, demand)
    clock.advance(days=15)
    handover.demands.close(handler, demand)
    with pytest.raises(NotPermitted):
        handover.service.closing.erase_uncollected(handover.house.actor("approver1"), demand)
    erased = handover.service.closing.erase_uncollected(handler, demand)
    assert (erased.demand, len(erased.keys)) == (demand, 1)
    assert handover.state(demand) == "erased"
    assert files(handover, demand) == []
    with pytest.raises(WrongState):
        handover.service.closing.erase_uncollected(handler, demand)
    with pytest.raises(NotFound):
        handover.service.closing.erase_uncollected(handler, "c_unknown")
    check_log(log)


def test_refused_demand_is_erased_when_closed(handover, log):
    demand = handover.record([handover.person])
    with log.transactions.begin(WORKER) as tx:
        advance(tx, demand, "under_review", "demand.review_started")
        advance(tx, demand, "refused", "demand.refused")
        advance(tx, demand, "closed", "demand.closed")
    assert sweep(handover).erased == (demand,)
    check_log(log)


def test_files_left_by_a_crash_go_later(handover, log, clock):
    demand, _, _ = acknowledged(handover)
    clock.advance(days=31)
    with log.transactions.begin(WORKER) as tx:
        handover.service.closing.close(tx, demand)
        handover.service.closing.erase(tx, demand)
    assert len(files(handover, demand)) == 2
    assert handover.service.closing.remove_files() == [demand]
    assert files(handover, demand) == []
    assert handover.service.closing.remove_files() == []
