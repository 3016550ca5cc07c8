"""How it is known that a source has all from before an instant, so that its instalment may go."""

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import Integer

from lea_service.extraction.queries import list_sources, plan_source
from lea_service.extraction.store import WRITTEN_LATER, has_come
from lea_service.records.reader import RecordReader
from lea_service.records.store import ImportLedger
from tests.support.engines import ANY_ENGINE
from tests.support.extraction import WORKER, make_item

END = datetime(2026, 11, 1, tzinfo=UTC)
MIDNIGHT = datetime(2026, 11, 23, 23, tzinfo=UTC)
"""Where the first instalment of a plan of today ends, in Amsterdam."""
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def source(office):
    office.source()
    office.calls(END - HOUR)
    return office


def is_there(office, now):
    with office.transactions.read() as session:
        (one,) = (plan_source(session, each, now) for each in list_sources(session))
    with RecordReader(office.databases.records).snapshot() as snapshot:
        return has_come(snapshot.connection, one, END, now)


def take_in(office, at, told_until, source="pbx1"):
    """Bring a file in that tells of nothing later than an instant."""
    with office.databases.records.write() as session:
        table = ImportLedger.__table__
        counts = {one.name: 0 for one in table.columns if isinstance(one.type, Integer)}
        name = f"im_{session.query(ImportLedger).count()}"
        row = ImportLedger(id=name, source=source, state="done", finished_at=at, **counts)
        row.told_until = told_until
        session.add(row)


@ANY_ENGINE
def test_a_call_that_goes_on_over_the_end_is_waited_for(source):
    """It began before the end, and is written when it is over: later than shorter ones after it."""
    source.calls(END, END + WRITTEN_LATER - HOUR)
    assert not is_there(source, END + WRITTEN_LATER)
    source.calls(END + WRITTEN_LATER)
    assert not is_there(source, END + WRITTEN_LATER - HOUR)  # by a clock that runs ahead
    assert is_there(source, END + WRITTEN_LATER)


@ANY_ENGINE
def test_a_day_after_it_what_is_brought_in_holds_all(source):
    take_in(source, END + DAY - HOUR, END - HOUR)
    assert not is_there(source, END + 2 * DAY)
    take_in(source, END + DAY, END - HOUR)
    assert is_there(source, END + 2 * DAY)


@ANY_ENGINE
def test_a_file_of_long_ago_says_nothing_of_what_came_since(source):
    take_in(source, END - HOUR, END - HOUR)
    take_in(source, END + DAY, END - 30 * DAY)
    assert not is_there(source, END + 2 * DAY)
    take_in(source, END + DAY, None)  # one without any row
    assert is_there(source, END + 2 * DAY)


def begin_due(office):
    return office.service.instalments.begin_due(partial(office.transactions.begin, WORKER))


@pytest.mark.parametrize(
    ("brought_in", "told_until", "begun"),
    [(HOUR, HOUR, 1), (HOUR, -HOUR, 0), (HOUR, None, 0), (DAY, -HOUR, 1)],
    ids=["told", "not told", "empty", "a day after"],
)
def test_who_held_it_is_known_before_an_instalment_goes(
    office, clock, brought_in, told_until, begun
):
    """A number that somebody else has by now is not given as that of who had it before."""
    office.source()
    office.calls(MIDNIGHT - HOUR, MIDNIGHT + WRITTEN_LATER)
    office.source("crm", "subscriber")
    office.decided(office.new_demand([make_item(days=30)]))
    clock.advance(days=1)
    assert begin_due(office) == 0
    told = None if told_until is None else MIDNIGHT + told_until
    take_in(office, MIDNIGHT + brought_in, told, "crm")
    assert begin_due(office) == begun


def test_what_nobody_is_asked_to_hold_waits_for_no_holder(office, clock):
    office.source()
    office.calls(MIDNIGHT - HOUR, MIDNIGHT + WRITTEN_LATER)
    office.source("crm", "subscriber", ["subscriber_identity"])
    item = make_item("10.0.0.1", "ip_address", days=30)
    office.decided(office.new_demand([item]))
    clock.advance(days=1)
    assert begin_due(office) == 1
