"""What a purge took does not come back with the next file."""

import threading
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from lea_service.kernel.errors import IntegrityFailure
from lea_service.records.selection import Match, Selection
from lea_service.records.store import Reject
from lea_service.records.writer import BATCH
from lea_service.retention.rules import Action
from lea_service.retention.store import Order, find_rows_purged, take_batch
from tests.records.conftest import counts
from tests.support.log import check_log
from tests.support.race import waits_for_a_lock

CUTOFF = datetime(2026, 6, 1, tzinfo=UTC)
OLD = b"1,0612345678,0201234567,2026-01-01 10:00:00,5\n"
YOUNG = b"2,0612345678,0201234567,2026-06-01 02:00:00,5\n"
RADIUS = b"acctsessionid,acctuniqueid,username,nasipaddress,acctstarttime,acctstoptime,"
RADIUS += b"acctsessiontime,acctinputoctets,acctoutputoctets,framedipaddress,acctterminatecause,callingstationid\n"
CRM = b"customer_number,name,address,postcode,city,country,number,sip_uri,email,service,"
CRM += b"payer_name,payer_number,payer_account,device,mac,imei,imsi,iccid,"
CRM += b"valid_from,valid_to\n"


def purge(store, action, cutoff=CUTOFF, name="pbx", kind="call"):
    order = Order(f"pu_{name}_{kind}_{cutoff:%m}", "R", name, kind, action, cutoff)
    with store.records.write() as session:
        while take_batch(session, order, CUTOFF):
            pass
        return find_rows_purged(session, order.purge_id)


@pytest.mark.parametrize("action", list(Action))
def test_purged_row_is_not_taken_in_again(store, action):
    store.declare()
    assert counts(store.take_in(OLD + YOUNG)) == (2, 0, 0, 0)
    assert purge(store, action) == 1
    left = store.rows()
    again = store.take_in(OLD + YOUNG)
    assert (counts(again), again.past_term) == ((0, 1, 0, 0), 1)
    assert store.rows() == left
    check_log(store.log)


def test_newest_cutoff_of_own_source_and_kind_counts(store):
    store.declare("pbx2")
    purge(store, Action.DESTROY, name="pbx")
    purge(store, Action.DESTROY, name="pbx2", kind="usage")
    assert store.take_in(OLD, "pbx2").past_term == 0
    for month in (6, 2):
        purge(store, Action.DESTROY, datetime(2026, month, 1, tzinfo=UTC), "pbx2")
    assert store.take_in(OLD.replace(b"01-01", b"05-31"), "pbx2").past_term == 1


NAMED = Selection("call", "pbx", (Match(("caller",), ("+31612345678",)),))


def test_late_line_that_an_order_preserves_is_taken_in(store):
    store.declare()
    purge(store, Action.DESTROY)
    store.preserve(lambda _source, _at: [NAMED])
    other = OLD.replace(b"1,0612345678", b"2,0611111111")
    run = store.take_in(OLD + other)
    assert (counts(run), run.past_term) == ((0, 0, 0, 0), 2)
    assert [row["caller"] for row in store.rows()] == ["+31612345678"]


@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize(
    "put",
    [
        (b",5\n", b",5\n"),
        (b",5\n", b",0\n"),  # flagged
        (b"1,06", b",06"),  # without a row id
    ],
)
def test_answer_does_not_tell_whom_an_order_names(store, put, times):
    store.declare()
    purge(store, Action.DESTROY)
    store.preserve(lambda _source, _at: [NAMED])
    named = OLD.replace(*put)
    other = named.replace(b"0612345678", b"0611111111")
    answers = [[store.take_in(line) for line in [one] * times] for one in (named, other)]
    shown = [[(counts(run), run.past_term, run.flagged) for run in runs] for runs in answers]
    assert shown == [[((0, 0, 0, 0), 1, 0)] * times] * 2
    assert [store.rejects(run) for runs in answers for run in runs] == [[]] * 2 * times


def test_answer_does_not_tell_that_a_row_id_was_taken_by_what_an_order_names(store):
    store.declare()
    purge(store, Action.DESTROY)
    store.preserve(lambda _source, _at: [NAMED])
    for first, second in ((OLD, OLD[:-2] + b"6\n"), (OLD.replace(b"56", b"11"), OLD)):
        assert counts(run := store.take_in(first + second)) == (0, 0, 0, 0)
        assert (run.past_term, store.rejects(run)) == (2, [])


def test_order_to_preserve_that_comes_during_an_import_counts_from_the_next_batch_on(store):
    other = OLD.replace(b"0612345678", b"0611111111") * BATCH * 2
    named = []

    class Stream:
        def __init__(self):
            self.parts = [other[: len(other) // 2], other[len(other) // 2 :], OLD]

        def read(self, _size=-1):
            if len(self.parts) == 1:
                named.append(NAMED)
            return self.parts.pop(0) if self.parts else b""

    store.declare()
    purge(store, Action.DESTROY)
    store.preserve(lambda _source, _at: list(named))
    store.take_in(Stream())
    assert [row["caller"] for row in store.rows()] == ["+31612345678"]


def test_late_lines_stay_while_nobody_can_read_what_orders_name(store):
    def damaged(_source, _at):
        raise IntegrityFailure("a demand is damaged", demand="c_1")

    store.declare()
    purge(store, Action.DESTROY)
    store.preserve(damaged)
    assert counts(store.take_in(OLD + YOUNG)) == (1, 0, 0, 0)
    assert len(store.rows()) == 2


@pytest.mark.parametrize("action", list(Action))
def test_two_purges_at_once_count_each_row_once(store, action):
    """The second comes to the same rows and waits; what the first took it does not count."""
    if store.records.is_sqlite:
        pytest.skip("SQLite has one writer at a time")
    store.declare()
    store.take_in(OLD)
    orders = [Order(f"pu_{n}", "R", "pbx", "call", action, CUTOFF) for n in (1, 2)]

    def second():
        with store.records.write() as session:
            take_batch(session, orders[1], CUTOFF)

    waiting = threading.Thread(target=second)
    with store.records.write() as session:
        take_batch(session, orders[0], CUTOFF)
        waiting.start()
        assert waits_for_a_lock(store.records, waiting)
    waiting.join()
    with store.records.read() as session:
        assert [find_rows_purged(session, one.purge_id) for one in orders] == [1, 0]


def test_line_of_a_purged_row_is_not_kept_aside(store):
    store.declare()
    purge(store, Action.DESTROY)
    run = store.take_in(OLD.replace(b"1,", b",", 1))  # it has no row id either
    assert (counts(run), run.past_term) == ((0, 0, 0, 0), 1)
    with store.records.read() as session:
        assert list(session.scalars(select(Reject))) == []


@pytest.mark.parametrize(
    ("stop", "past_term"),
    [("2026-05-31 23:00:00", 1), ("2026-06-01 03:00:00", 0), ("", 1)],
)
def test_session_counts_from_its_end(store, stop, past_term):
    store.declare("nas", "freeradius-ipv4-csv")
    purge(store, Action.DESTROY, name="nas", kind="usage")
    line = f"s,u,jan,192.0.2.9,2026-05-01 10:00:00,{stop},60,1,2,192.0.2.1,x,\n"
    run = store.take_in(RADIUS + line.encode(), "nas")
    assert (run.past_term, run.added) == (past_term, 1 - past_term)


@pytest.mark.parametrize(("until", "past_term"), [("2026-05-31", 1), ("2026-06-02", 0), ("", 0)])
def test_subscriber_counts_from_the_day_it_ceased(store, until, past_term):
    store.declare("crm", "subscribers-csv")
    purge(store, Action.DESTROY, name="crm", kind="subscriber")
    line = f"K1,Jan,Kade 1,1011AA,Amsterdam,NL,0612345678,,,mobile,,,,,,,,,2020-01-01,{until}\n"
    run = store.take_in(CRM + line.encode(), "crm")
    assert (run.past_term, run.added) == (past_term, 1 - past_term)
