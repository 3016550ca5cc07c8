"""A demand from plan to result, and whatever must stop it on the way."""

from datetime import timedelta

import pytest

from lea_service.extraction.outcome import Outcome
from tests.support.extraction import START
from tests.support.log import check_log

DAY = timedelta(days=1)


@pytest.fixture
def filled(office):
    """One source with three calls inside the sample's period and one outside."""
    office.source()
    office.calls(START, START + DAY, START + 2 * DAY, START - timedelta(microseconds=1))
    return office


def test_decided_plan_comes_to_its_rows(filled):
    demand, run = filled.decided()
    assert filled.state(demand) == "approved"
    assert filled.work(run) == "done"
    view = filled.result(run)
    assert (view.rows, view.past_term, view.items[0].outcome) == (3, 0, Outcome.DELIVERED)
    assert [one.rows_delivered for one in view.coverage] == [3]
    assert len(filled.lines(run)["call"]) == 3
    assert filled.state(demand) == "extracting"
    check_log(filled.log)
