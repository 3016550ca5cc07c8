"""Why the clocks of a demand stand otherwise than when they were counted last."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from lea_service.legal.counted import Cause, CountedClock, Standing, find_cause
from lea_service.legal.deadlines import Clock

END = datetime(2026, 12, 1, tzinfo=UTC)
CLOCK = CountedClock(Clock.ANSWER, END, END + timedelta(days=1), (date(2026, 11, 30),))
BEFORE = Standing(1, "row", (CLOCK,))
MOVED = replace(CLOCK, due=END + timedelta(days=1))
CLOSED = replace(MOVED, holidays=(*CLOCK.holidays, date(2026, 12, 1)))


@pytest.mark.parametrize(
    ("changes", "cause"),
    [
        ({}, None),
        ({"version": 2, "basis": "other"}, None),
        ({"clocks": (MOVED,)}, Cause.CASE),
        ({"clocks": (CLOSED,)}, Cause.HOLIDAYS),
        ({"clocks": (replace(MOVED, holidays=()),)}, Cause.HOLIDAYS),
        ({"clocks": (CLOSED,), "basis": "other"}, Cause.CATALOGUE),
        ({"clocks": (CLOSED,), "basis": None}, Cause.CATALOGUE),
        ({"clocks": (CLOSED,), "basis": "other", "version": 2}, Cause.CORRECTED),
        ({"clocks": ()}, Cause.CASE),
    ],
)
def test_cause_is_the_first_that_there_is(changes, cause):
    assert find_cause(BEFORE, replace(BEFORE, **changes)) is cause
