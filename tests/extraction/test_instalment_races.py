"""An order ends earlier while a worker is at work on it: nothing from beyond the end is given."""

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import select

from lea_service.demands.demand import Channel
from lea_service.extraction.instalment_service import Shortening
from lea_service.extraction.models import ExtractionRun
from lea_service.extraction.queries import RUN_JOB
from lea_service.kernel.errors import WrongState
from lea_service.kernel.jobs import Job
from tests.support.depth import examples
from tests.support.extraction import START, WORKER, make_item
from tests.support.log import check_log
from tests.support.race import race

MIDNIGHT = datetime(2026, 11, 23, 23, tzinfo=UTC)
"""Where the first instalment ends, in Amsterdam."""
HOUR = timedelta(hours=1)
ROUNDS = examples(4, full=200)


@pytest.fixture
def ahead(office):
    office.source()
    office.calls(START + HOUR, MIDNIGHT - HOUR / 2, MIDNIGHT + 6 * HOUR)
    return office


def begin_run(office):
    _, run = found = office.decided(office.new_demand([make_item(days=30)]))
    office.begin(run)
    return found


def shorten(office, demand):
    told = Shortening("Anna", Channel.PHONE, MIDNIGHT - HOUR)
    return office.service.instalments.shorten(office.actor("handler1"), demand, told)


def begin_due(office):
    return office.service.instalments.begin_due(partial(office.transactions.begin, WORKER))


def check_cut(office, demand, before):
    """Only what is left of the instalment is at work, and holds nothing of behind the end."""
    run = office.current_run(demand)
    with office.transactions.read() as session:
        assert session.get(ExtractionRun, run).until == MIDNIGHT - HOUR
    with pytest.raises(WrongState):
        office.begin(before)
    assert office.work(run) == "done"
    assert office.result(run).rows == 1


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_order_that_ends_as_its_instalment_begins(ahead, turn):
    demand, run = ahead.decided(ahead.new_demand([make_item(days=30)]))
    acts = [partial(shorten, ahead, demand), *[partial(begin_due, ahead)] * 2]
    results = race(*(acts if turn % 2 else reversed(acts)))
    assert not [one for one in results if isinstance(one, Exception)]
    begin_due(ahead)
    with ahead.transactions.read() as session:
        jobs = [one.args["run"] for one in session.scalars(select(Job)) if one.kind == RUN_JOB]
    assert jobs.count(ahead.current_run(demand)) == 1
    assert len(jobs) == len(set(jobs))
    check_cut(ahead, demand, run)
    check_log(ahead.log)


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_order_that_ends_as_its_instalment_is_extracted(ahead, turn):
    demand, run = begin_run(ahead)
    result = ahead.service.execute(WORKER, run)
    acts = [partial(shorten, ahead, demand), partial(ahead.finish, run, result)]
    results = race(*(acts if turn % 2 else reversed(acts)))
    assert not [one for one in results if isinstance(one, Exception)]
    assert ahead.state(demand) == "halted"
    check_cut(ahead, demand, run)
    check_log(ahead.log)
