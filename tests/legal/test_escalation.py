"""Who is told of a clock, and when: each threshold at its instant, and once."""

from datetime import UTC, datetime, timedelta

import pytest

from lea_service.custody.replay import Entered, Stream
from lea_service.kernel.clock import format_instant
from lea_service.legal.deadlines import Clock, Deadline, Status, Whose
from lea_service.legal.escalation import (
    ESCALATED,
    THRESHOLDS,
    Audience,
    find_reached,
    list_escalations,
)

DUE = datetime(2026, 12, 1, 12, tzinfo=UTC)
BEGUN = DUE - timedelta(days=60)
SECOND = timedelta(seconds=1)
NOBODY_TOLD = Stream("c_1", ())


def clock(which=Clock.ANSWER, status=Status.RUNNING, rule="at_most", due=DUE, **changes):
    return Deadline(which, Whose.OURS, status, rule, "law", None, due=due, **changes)


def told(reached, at=DUE):
    """Return a stream in which somebody was told of what was reached."""
    end = {} if reached.end is None else {"end": format_instant(reached.end)}
    facts = {"clock": reached.clock.value, "step": reached.code, "told": reached.tell.value, **end}
    return Stream("c_1", (Entered(1, ESCALATED, "sys:worker", format_instant(at), facts, ()),))


@pytest.mark.parametrize(
    ("which", "code", "before", "audience"),
    [
        (Clock.ANSWER, "three_days_left", timedelta(hours=72), Audience.DESK),
        (Clock.ANSWER, "one_day_left", timedelta(hours=24), Audience.DESK),
        (Clock.ANSWER, "two_hours_left", timedelta(hours=2), Audience.OVERSEER),
        (Clock.ANSWER, "due", timedelta(), Audience.OVERSEER),
        (Clock.EMERGENCY_ANSWER, "two_hours_left", timedelta(hours=2), Audience.OVERSEER),
        (Clock.CONFIRMATION, "one_day_left", timedelta(hours=24), Audience.DESK),
        (Clock.PRESERVATION, "two_weeks_left", timedelta(days=14), Audience.DESK),
        (Clock.PRESERVATION, "three_days_left", timedelta(days=3), Audience.DESK),
        (Clock.PRESERVATION, "due", timedelta(), Audience.DESK),
    ],
)
def test_threshold_is_reached_at_its_instant(which, code, before, audience):
    at = DUE - before
    found = find_reached(clock(which), BEGUN, NOBODY_TOLD, at)
    assert (found.clock, found.code, found.tell, found.end) == (which, code, audience, DUE)
    earlier = find_reached(clock(which), BEGUN, NOBODY_TOLD, at - SECOND)
    assert earlier is None or earlier.code != code
    assert find_reached(clock(which), BEGUN, told(found), at) is None
    assert find_reached(clock(which), BEGUN, told(found), at + SECOND) is None


def test_end_that_moved_is_told_anew():
    found = find_reached(clock(), BEGUN, NOBODY_TOLD, DUE)
    later = clock(due=DUE + timedelta(days=1))
    again = find_reached(later, BEGUN, told(found), DUE + timedelta(days=1))
    assert (again.code, again.end) == ("due", DUE + timedelta(days=1))


@pytest.mark.parametrize("which", [Clock.ANSWER, Clock.EMERGENCY_ANSWER])
def test_steps_of_a_term_in_hours_are_in_proportion(which):
    begun = DUE - timedelta(hours=8)
    steps = {
        timedelta(hours=8): ("begun", Audience.DESK),
        timedelta(hours=4): ("half_left", Audience.DESK),
        timedelta(hours=2): ("two_hours_left", Audience.OVERSEER),
        timedelta(hours=1): ("one_hour_left", Audience.DESK),
        timedelta(): ("due", Audience.OVERSEER),
    }
    before = None
    for left, step in steps.items():
        at = DUE - left
        earlier = find_reached(clock(which), begun, NOBODY_TOLD, at - SECOND)
        assert (earlier and (earlier.code, earlier.tell)) == before
        found = find_reached(clock(which), begun, NOBODY_TOLD, at)
        assert (found.code, found.tell, found.end) == (*step, DUE)
        assert find_reached(clock(which), begun, told(found), at + SECOND) is None
        before = step


def test_term_of_more_than_a_day_has_none_of_those_steps():
    begun = DUE - timedelta(hours=24)
    assert find_reached(clock(), begun, NOBODY_TOLD, begun).code == "begun"
    longer = begun - SECOND
    assert find_reached(clock(), longer, NOBODY_TOLD, longer) is None
    assert find_reached(clock(), longer, NOBODY_TOLD, DUE - timedelta(hours=1)).code == (
        "two_hours_left"
    )


def test_what_lies_before_the_begin_of_a_clock_says_nothing():
    at_once = DUE - timedelta(hours=2)
    assert find_reached(clock(), at_once, NOBODY_TOLD, at_once).code == "begun"


@pytest.mark.parametrize("status", [Status.MET, Status.HALTED])
def test_clock_that_stands_is_told_to_nobody(status):
    assert find_reached(clock(status=status), BEGUN, NOBODY_TOLD, DUE + SECOND) is None


def test_clock_that_ran_out_is_still_told():
    assert find_reached(clock(status=Status.OVER), BEGUN, NOBODY_TOLD, DUE).code == "due"


def test_end_that_nobody_knows_is_told_once():
    unknown = clock(status=Status.NO_END, rule="unknown", due=None)
    found = find_reached(unknown, BEGUN, NOBODY_TOLD, BEGUN)
    assert (found.code, found.tell, found.end) == ("unknown", Audience.DESK, None)
    stream = told(found)
    assert find_reached(unknown, BEGUN, stream, DUE) is None
    (entry,) = list_escalations(stream)
    assert (entry.step, entry.told, entry.end, entry.at) == ("unknown", "desk", None, DUE)
    known = clock(status=Status.NO_END, rule="without_delay", due=None)
    assert find_reached(known, BEGUN, NOBODY_TOLD, DUE) is None
    running = clock(status=Status.RUNNING, rule="unknown", due=None)
    assert find_reached(running, BEGUN, NOBODY_TOLD, DUE) is None


def test_every_clock_has_its_thresholds():
    assert set(THRESHOLDS) == set(Clock)
