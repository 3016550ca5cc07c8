"""What is left of rows that are made anonymous can be linked to nobody."""

import json
from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lea_service.kernel.clock import day_of
from lea_service.records.kinds import INTEGER, KINDS
from lea_service.records.store import TABLES
from lea_service.retention.statistics import (
    ALL,
    FEWEST_PARTIES,
    FEWEST_ROWS,
    GREATEST,
    GROUPED,
    SIDES,
    SUMMED,
    count_rows,
)
from tests.support.clock import FixedClock

NOW = FixedClock().now()
EMPTY = dict.fromkeys(TABLES["call"].columns.keys())


def call(caller, callee, *, days=0, **columns):
    started = NOW - timedelta(days=days)
    parties = {"caller": f"+3160000{caller}", "callee": f"+3160000{callee}"}
    return {**EMPTY, **parties, "started_at": started, **columns}


def calls(count, **columns):
    return [call(100 + one, 100 + one, **columns) for one in range(count)]


drawn = st.builds(
    call,
    st.integers(100, 112),
    st.integers(100, 112),
    days=st.integers(0, 1),
    duration_s=st.none() | st.integers(-3, 100) | st.sampled_from([10**6, 2**62]),
    talk_s=st.none() | st.integers(0, 100),
    direction=st.sampled_from([None, "in", "out"]),
    result=st.sampled_from([None, "answered", "busy" * 150]),
)


def rows_of(one, statistics, rows):
    """Return which rows a statistic is of, as whoever kept all of them finds out."""
    day = [row for row in rows if day_of(row["started_at"]) == one.day]
    if one.group != ALL:
        return [row for row in day if group_of(row) == json.loads(one.group)]
    apart = [json.loads(other.group) for other in statistics if other.day == one.day]
    return [row for row in day if group_of(row) not in apart or not group_of(row)]


def group_of(row):
    return {name: row[name] for name in GROUPED["call"] if row[name] is not None}


@example(calls(60, direction="in"))
@example([*calls(9, direction="in"), *calls(9, direction="out")])
@given(st.lists(drawn, max_size=80))
def test_whoever_has_every_row_links_no_sum_to_few(rows):
    """The linkage test: with all that was destroyed at hand, each sum is one of many parties.

    No one of them makes half of it, so nobody learns another's by taking off the own share.
    """
    statistics = count_rows("call", rows)
    for one in statistics:
        mine = rows_of(one, statistics, rows)
        assert len(mine) == one.rows >= FEWEST_ROWS
        for side in ("caller", "callee"):
            assert len({row[side] for row in mine}) >= FEWEST_PARTIES
        people = [{row["caller"], row["callee"]} for row in mine]
        assert 2 * max(Counter(who for each in people for who in each).values()) < one.rows
        for name, total in one.sums.items():
            shares, every = Counter(), [abs(row[name] or 0) for row in mine]
            for each, value in zip(people, every, strict=True):
                shares.update(dict.fromkeys(each, value))
            assert total == sum(row[name] or 0 for row in mine) <= GREATEST
            assert 2 * max(shares.values()) < max(1, sum(every))


def test_rows_alike_are_counted_apart_and_too_few_of_them_together():
    rows = [*calls(12, direction="in"), *calls(6, direction="out"), *calls(6, result="busy")]
    found = count_rows("call", [*rows, *calls(9, days=3)])
    assert [(one.group, one.rows) for one in found] == [('{"direction": "in"}', 12), (ALL, 12)]


@pytest.mark.parametrize(
    "rows",
    [
        calls(FEWEST_ROWS - 1),
        [call(100, n) for n in range(101, 115)]  # she is in most, on one side or the other
        + [call(n, 100) for n in range(101, 115)]
        + [call(n, n + 1) for n in range(115, 120)],
        [call(100, number) for number in range(100, 130)],
        [call(number, 100) for number in range(100, 130)],
        [call(100 + number % 4, number) for number in range(100, 130)],
        [*calls(20), *(call(100, number) for number in range(300, 321))],
        [*calls(20, duration_s=1), call(400, 401, duration_s=60)],
        [*calls(20, account="K-1")],
        [{**row, "caller": None, "callee": None} for row in calls(20)],
        calls(20, duration_s=2**60),
    ],
)
def test_what_tells_of_few_is_left_out(rows):
    assert count_rows("call", rows) == []


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_kept_of_a_row_are_columns_of_its_kind(kind):
    columns = {one.name: one.type for one in KINDS[kind].columns}
    sides = {name for side in SIDES[kind] for name in side}
    assert {*GROUPED[kind], *SUMMED[kind], *sides} <= set(columns)
    assert {columns[name] for name in SUMMED[kind]} <= {INTEGER}
    assert not sides & {*GROUPED[kind], *SUMMED[kind]}
