from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from lea_service.kernel.clock import day_of, start_of
from lea_service.legal.facts import ItemFacts, item_facts

EVENING = datetime(2026, 6, 30, 22, 30, tzinfo=UTC)
"""Half past midnight of 1 July in Amsterdam, half past six in the evening in New York."""
GIVEN = {
    "target_kind": "ip_address",
    "has_instant": True,
    "zone": "America/New_York",
    "categories": ("location",),
}


def test_day_is_that_of_the_zone():
    assert day_of(EVENING) == date(2026, 7, 1)
    assert day_of(EVENING, ZoneInfo("America/New_York")) == date(2026, 6, 30)


@pytest.mark.parametrize(
    ("day", "instant"),
    [
        (date(2026, 7, 1), datetime(2026, 6, 30, 22, tzinfo=UTC)),
        (date(2026, 12, 1), datetime(2026, 11, 30, 23, tzinfo=UTC)),
    ],
)
def test_day_begins_at_midnight_in_amsterdam(day, instant):
    begun = start_of(day)
    assert (begun, begun.tzinfo) == (instant, UTC)


def test_item_is_told_by_the_days_of_its_zone():
    end = datetime(2026, 7, 3, 4, tzinfo=UTC)  # midnight there: the day before is the last
    told = item_facts(3, start=EVENING, end=end, breadth="cell", protection="lawyer", **GIVEN)
    assert told == ItemFacts(
        n=3,
        target_kind="ip_address",
        has_instant=True,
        starts_on=date(2026, 6, 30),
        last_on=date(2026, 7, 2),
        ends_at=end,
        is_reversed=False,
        categories=("location",),
        breadth="cell",
        protection="lawyer",
    )


def test_item_is_one_unprotected_target_unless_told_otherwise():
    told = item_facts(1, start=EVENING, end=EVENING, **GIVEN)
    assert (told.breadth, told.protection, told.is_reversed) == ("one", None, True)


def test_days_of_an_item_are_those_of_the_place_it_names():
    """In New York it is still the day before."""
    begin = datetime(2026, 7, 1, 1, tzinfo=UTC)
    end = begin + timedelta(days=1)
    told = item_facts(1, start=begin, end=end, **GIVEN | {"zone": "America/New_York"})
    assert (told.starts_on, told.last_on) == (date(2026, 6, 30), date(2026, 7, 1))
