"""How it is known that a source has all from before an instant, so that its instalment may go."""

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import Integer

from lea_service.demands.demand import Channel
from lea_service.extraction import instalment_service
from lea_service.extraction.instalment_service import Shortening
from lea_service.extraction.models import ExtractionRun
from lea_service.extraction.queries import list_sources, plan_source
from lea_service.extraction.store import WRITTEN_LATER, has_come
from lea_service.kernel.errors import WrongState
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


def begin_due(office, begin=None):
    begin = begin or partial(office.transactions.begin, WORKER)
    return office.service.instalments.begin_due(begin)


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


def decide(office, *days):
    """Decide on plans whose first instalment ends tonight, with all that it needs."""
    office.source()
    office.calls(MIDNIGHT - HOUR, MIDNIGHT + WRITTEN_LATER)
    return [office.decided(office.new_demand([make_item(days=one)])) for one in days]


@pytest.fixture
def due(office, clock):
    """A demand whose first instalment is past; returns (demand, run)."""
    (found,) = decide(office, 30)
    clock.advance(days=1)
    return found


def shorten(office, demand, until):
    told = Shortening("Anna", Channel.PHONE, until, "She rang.")
    return office.service.instalments.shorten(office.actor("handler1"), demand, told)


def begin_late(office, demand, change):
    """Look what is due, and have a demand change before what is found begins."""
    changed = []

    def begin():
        if not changed:
            changed.append(change(office, demand))
        return office.transactions.begin(WORKER)

    return begin_due(office, begin)


def test_order_that_ends_after_the_look_is_begun_only_as_it_is_then(office, due):
    demand, _ = due
    assert begin_late(office, demand, partial(shorten, until=MIDNIGHT - HOUR)) == 0
    assert begin_due(office) == 1
    assert office.work(office.current_run(demand)) == "done"


def test_demand_that_is_withdrawn_after_the_look_begins_nothing(office, due):
    demand, _ = due
    assert begin_late(office, demand, type(office).withdraw) == 0
    assert office.state(demand) == "withdrawn"


def test_instalment_of_other_sources_than_were_decided_on_halts(office, due):
    demand, _ = due
    office.source("pbx2")
    assert begin_due(office) == 0
    assert office.service.get_progress(office.actor("handler1"), demand).halt == "sources_changed"


def test_damaged_run_begins_nothing_and_keeps_no_other_from_going_on(office, clock):
    (_, run), _ = decide(office, 30, 31)
    clock.advance(days=1)
    office.forge(ExtractionRun, run, until=MIDNIGHT + 300 * DAY)
    assert begin_due(office) == 1


def test_demand_that_waits_for_no_instalment_any_more_is_left_alone(office, due, monkeypatch):
    """It was on the list, and its order was answered since."""
    whole, _ = office.decided(office.new_demand())
    fresh = office.new_demand()
    monkeypatch.setattr(instalment_service, "list_continuing", lambda _: [whole, fresh])
    assert begin_due(office) == 0


def test_order_of_which_nothing_was_given_or_is_left_is_withdrawn_and_not_ended(office, due):
    demand, _ = due
    with pytest.raises(WrongState, match="withdraw the demand"):
        shorten(office, demand, END - 365 * DAY)
    for other in (office.new_demand(), office.decided(office.new_demand())[0]):
        with pytest.raises(WrongState, match="shortened"):
            shorten(office, other, MIDNIGHT)
