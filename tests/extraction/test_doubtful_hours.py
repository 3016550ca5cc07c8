"""A row whose clock showed its hour twice, where the later hour lies after what was asked."""

from datetime import UTC, datetime, timedelta

import pytest

from lea_service.extraction.doubts import AMBIGUOUS_GIVEN
from lea_service.records.flags import AMBIGUOUS
from tests.extraction.test_held_back import add_session
from tests.support.extraction import make_item

NIGHT = datetime(2026, 10, 25, 0, 10, tzinfo=UTC)
"""02:10 in the Netherlands, for the first time that night."""


def doubts(office, item):
    _, run = office.decided(office.new_demand([item]))
    assert office.work(run) == "done"
    (coverage,) = office.result(run).coverage
    return coverage.rows_delivered, coverage.doubts.get(AMBIGUOUS_GIVEN, 0)


@pytest.mark.parametrize(
    ("moment", "flags", "wanted"),
    [
        ("2026-10-25T00:30:00Z", AMBIGUOUS, (1, 1)),
        ("2026-10-25T00:30:00Z", "", (1, 0)),
        ("2026-10-25T01:30:00Z", AMBIGUOUS, (1, 0)),  # there by either hour
    ],
)
def test_who_had_an_address_may_have_had_it_later(office, moment, flags, wanted):
    office.source("nas", "usage")
    times = {"started_at": NIGHT, "ended_at": NIGHT + timedelta(hours=3)}
    add_session(office, address="192.0.2.7", flags=flags, **times)
    days = {"start": NIGHT - timedelta(days=1), "days": 3}
    item = make_item("192.0.2.7", "ip_address", categories=["ip_identification"], at=moment, **days)
    assert doubts(office, item) == wanted


def test_call_in_the_last_hour_of_the_period_is_told(office):
    office.source()
    office.calls(NIGHT, flags=AMBIGUOUS)
    office.calls(NIGHT - timedelta(hours=3), flags=AMBIGUOUS)
    item = make_item(start=NIGHT + timedelta(minutes=20) - timedelta(days=1), days=1)
    assert doubts(office, item) == (2, 1)
