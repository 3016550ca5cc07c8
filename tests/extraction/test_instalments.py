"""How a plan divides time to come, and that all its parts together are the whole."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from lea_service.extraction.instalments import (
    BEGUN,
    HANDED_OVER,
    LATEST,
    MOST,
    Rhythm,
    Wanted,
    count_given,
    cut,
    divide,
    is_to_come,
    list_numbers_given,
)
from lea_service.extraction.turns import reaches_ahead
from lea_service.kernel.clock import HOME_ZONE
from lea_service.kernel.errors import InvalidInput
from lea_service.legal.catalogue import load_catalogue

NOW = datetime(2026, 10, 20, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def at(*when):
    return datetime(*when, tzinfo=HOME_ZONE)


def test_the_past_is_the_first_and_then_come_weeks():
    periods = [(at(2026, 9, 1), at(2026, 11, 4))]
    found = divide(periods, NOW, Wanted())
    assert [(one.number, one.start, one.until) for one in found.parts] == [
        (1, at(2026, 9, 1), at(2026, 10, 20)),
        (2, at(2026, 10, 20), at(2026, 10, 27)),  # the clock is put back on the 25th
        (3, at(2026, 10, 27), at(2026, 11, 3)),
        (4, at(2026, 11, 3), at(2026, 11, 4)),
    ]
    assert (found.of, found.rhythm) == (4, Rhythm.WEEKLY)
    assert found.rows_together == 4 * found.rows_each
    assert all(one.due == one.until + LATEST for one in found.parts)


@pytest.mark.parametrize(
    ("rhythm", "count"), [(Rhythm.DAILY, 10), (Rhythm.WEEKLY, 2), (Rhythm.AT_THE_END, 1)]
)
def test_what_lies_ahead_is_divided_as_often_as_was_chosen(rhythm, count):
    found = divide([(at(2026, 11, 1), at(2026, 11, 11))], NOW, Wanted(rhythm))
    assert len(found.parts) == count


def test_end_in_time_of_which_nothing_was_asked_leaves_nothing():
    periods = [(at(2026, 11, 1), at(2026, 11, 3)), (at(2026, 12, 1), at(2026, 12, 3))]
    with pytest.raises(InvalidInput, match="not given yet"):
        divide(periods, NOW, Wanted(), given=(1, at(2026, 11, 8)), end=at(2026, 11, 20))


def test_no_instalment_is_empty():
    """Two periods far from each other: nothing is handed over in the weeks between."""
    periods = [(at(2026, 11, 1), at(2026, 11, 3)), (at(2026, 12, 1), at(2026, 12, 3))]
    found = divide(periods, NOW, Wanted())
    assert [(one.start, one.until) for one in found.parts] == [
        (at(2026, 11, 1), at(2026, 11, 8)),
        (at(2026, 11, 8), at(2026, 12, 3)),
    ]


def test_part_in_which_nothing_is_asked_any_more_is_part_of_the_next():
    periods = [(at(2026, 11, 1), at(2026, 11, 8)), (at(2026, 12, 1), at(2026, 12, 3))]
    assert ends(divide(periods, NOW, Wanted())) == [at(2026, 11, 8), at(2026, 12, 3)]


def ends(found):
    return [one.until for one in found.parts]


@pytest.mark.parametrize(
    ("end", "expected"),
    [
        (at(2026, 10, 19), [at(2026, 10, 19)]),
        (at(2026, 10, 20), [at(2026, 10, 20)]),
        (at(2026, 10, 27), [at(2026, 10, 20), at(2026, 10, 27)]),
        (at(2026, 10, 28), [at(2026, 10, 20), at(2026, 10, 27), at(2026, 10, 28)]),
        (at(2027, 1, 1), [at(2026, 10, 20), at(2026, 10, 27), at(2026, 11, 2)]),
    ],
)
def test_order_that_was_ended_is_divided_up_to_its_end(end, expected):
    """Also where it ends at the very midnight at which a part does."""
    found = divide([(at(2026, 9, 1), at(2026, 11, 2))], NOW, Wanted(), end=end)
    assert ends(found) == expected


def test_what_was_given_ahead_of_today_leaves_no_empty_part():
    periods, given = [(at(2026, 10, 1), at(2026, 11, 4))], (2, at(2026, 10, 27))
    found = divide(periods, NOW, Wanted(), given=given)
    assert [(one.number, one.start, one.until) for one in found.parts] == [
        (3, at(2026, 10, 27), at(2026, 11, 3)),
        (4, at(2026, 11, 3), at(2026, 11, 4)),
    ]


def test_a_second_round_divides_what_is_left():
    periods = [(at(2026, 10, 1), at(2026, 11, 4))]
    first = divide(periods, NOW, Wanted())
    given = first.parts[1]
    again = divide(periods, NOW + 9 * DAY, Wanted(), given=(given.number, given.until))
    assert again.parts[0].number == 3
    assert again.parts[0].start == given.until
    assert again.parts[-1].until == at(2026, 11, 4)
    with pytest.raises(InvalidInput, match=r"^/instalments: expected something that was not given"):
        divide(periods, NOW, Wanted(), given=(4, at(2026, 11, 4)))


def test_more_than_anybody_can_follow_is_refused():
    start = at(2026, 11, 1)
    most = divide([(start, start + MOST * DAY)], NOW, Wanted(Rhythm.DAILY))
    assert len(most.parts) == MOST
    with pytest.raises(InvalidInput, match=r"^/instalments/rhythm: expected at most 100 instal"):
        divide([(start, start + (MOST + 1) * DAY)], NOW, Wanted(Rhythm.DAILY))


def test_the_order_may_end_within_an_instalment():
    parts = divide([(at(2026, 11, 1), at(2026, 11, 20))], NOW, Wanted())
    one = parts.parts[1]
    assert cut(one, None) == one == cut(one, one.until)
    short = cut(one, one.start + DAY)
    assert (short.number, short.until, short.due) == (2, one.start + DAY, one.start + DAY + LATEST)
    assert cut(one, one.start) is None
    assert parts.find_after(1, one.start) is None
    assert parts.find_after(None, one.start) == parts.parts[0]
    assert parts.find_after(1, None) == parts.parts[1]
    assert parts.find_after(3, None) is None
    assert parts.find_after(3, one.until) is None


@pytest.mark.parametrize(
    ("end", "is_ahead"), [(at(2026, 10, 20), False), (NOW, False), (at(2026, 10, 22), True)]
)
def test_what_is_to_come_is_younger_than_order_and_plan(end, is_ahead):
    assert is_to_come([(at(2026, 9, 1), end)], at(2026, 10, 15), NOW) is is_ahead
    assert not is_to_come([(at(2026, 9, 1), end)], at(2026, 10, 23), NOW)


def test_instalments_have_neither_gap_nor_overlap():
    rng = random.Random(26)
    for _ in range(300):
        starts = [NOW + timedelta(hours=rng.randrange(-900, 900)) for _ in range(rng.randint(1, 3))]
        periods = [(one, one + timedelta(hours=rng.randint(1, 1200))) for one in starts]
        found = divide(periods, NOW, Wanted(rng.choice(list(Rhythm)))).parts
        assert [one.number for one in found] == list(range(1, len(found) + 1))
        assert found[0].start == min(starts)
        assert found[-1].until == max(end for _, end in periods)
        assert all(one.until == other.start for one, other in pairwise(found))
        assert all(one.start < one.until for one in found)
        for one in found:
            assert any(start < one.until and one.start < end for start, end in periods)


LOG = [
    ("plan.approved", {"approval": "ap_1", "run": "x_1"}),
    ("extraction.done", {"run": "x_1", "rows": 3}),
    (HANDED_OVER, {"run": "x_1", "instalment": 1}),
    ("plan.approved", {"approval": "ap_2", "run": "x_2"}),
    ("extraction.done", {"run": "x_2", "rows": 5}),
    (HANDED_OVER, {"run": "x_2", "instalment": 2}),
    (BEGUN, {"approval": "ap_2", "run": "x_3"}),
    ("extraction.done", {"run": "x_3", "rows": 7}),
    (HANDED_OVER, {"run": "x_3", "instalment": 3}),
    (BEGUN, {"approval": "ap_2", "run": "x_4"}),
    ("extraction.done", {"run": "x_4", "rows": 11}),
    (HANDED_OVER, {"run": "x_5"}),
]


def test_what_was_given_is_counted_by_the_log_for_each_decision():
    """Not what was extracted and is here still, nor on another decision, nor no instalment."""
    assert [count_given(LOG, one) for one in ("ap_1", "ap_2", "ap_3")] == [3, 12, 0]
    assert list_numbers_given(LOG) == [1, 2, 3]


def test_only_a_basis_that_says_how_far_it_reaches_has_any():
    bases = {one.id: one for one in load_catalogue().bases}
    reaching = {name for name, one in bases.items() if reaches_ahead(one)}
    assert {"NL-SV-126n", "NL-SV-126ne"} <= reaching
    assert reaching.isdisjoint({"NL-SV-126na-1", "NL-SV-126nd", "NL-SV-126ni", "EU-EPO-TRAFFIC"})
    forward = bases["NL-SV-126n"].look_forward
    assert not reaches_ahead(replace(bases["EU-EPO-TRAFFIC"], look_forward=forward))
    assert not reaches_ahead(None)


def test_order_for_what_is_past_is_answered_at_once(office):
    demand = office.new_demand()
    assert office.plan(demand).read().instalments is None
    with pytest.raises(InvalidInput):
        office.plan(demand, wanted=Wanted())


@pytest.fixture
def engine_name():
    """Nothing here goes by an engine."""
    return "sqlite"
