import re
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lea_service.delivery.rules import (
    FREE_FAILURES,
    Span,
    Standing,
    Unsatisfiable,
    count_failure,
    is_same_content,
    must_wait,
    parse_range,
)
from tests.support.clock import START

NONE_OF_OURS = [
    None,
    "",
    "bytes",
    "bytes=",
    "bytes=-",
    "bytes=7-5",
    "bytes=0-1,3-4",
    "rows=0-1",
    "bytes=a-b",
    "bytes=0-1 3",
    "bytes=+1-2",
    "bytes=1--2",
    "bytes=٣-٤",
]


@pytest.mark.parametrize(
    ("header", "span"),
    [
        ("bytes=0-0", Span(0, 1)),
        ("bytes=0-9", Span(0, 10)),
        ("bytes=0-", Span(0, 10)),
        ("bytes=5-7", Span(5, 8)),
        ("bytes=5-99", Span(5, 10)),
        ("bytes=-3", Span(7, 10)),
        ("bytes=-99", Span(0, 10)),
        (" bytes= 2-3 ", Span(2, 4)),
    ],
)
def test_one_range_is_taken(header, span):
    assert parse_range(header, 10) == span


@pytest.mark.parametrize("header", NONE_OF_OURS)
def test_other_ranges_are_the_whole(header):
    assert parse_range(header, 10) is None


@pytest.mark.parametrize(
    "header", ["bytes=10-", "bytes=10-12", "bytes=-0", "bytes=99999999999999999999-"]
)
def test_range_behind_the_end_is_refused(header):
    with pytest.raises(Unsatisfiable):
        parse_range(header, 10)


@given(st.integers(0, 50), st.integers(0, 50), st.integers(1, 40))
def test_span_lies_inside_the_file(first, last, size):
    data = bytes(range(size))
    try:
        span = parse_range(f"bytes={first}-{last}", size)
    except Unsatisfiable:
        assert first >= size
        return
    if last < first:
        assert span is None
        return
    assert data[span.start : span.end] == data[first : last + 1]
    assert span.content_range(size) == f"bytes {first}-{min(last, size - 1)}/{size}"


def test_only_the_same_content_goes_on():
    assert is_same_content(None, "abc")
    assert is_same_content('"abc"', "abc")
    for other in ('"abd"', 'W/"abc"', "abc", "Tue, 24 Nov 2026 09:00:00 GMT", "*"):
        assert not is_same_content(other, "abc")


def test_wrong_codes_close_the_door_for_a_while():
    failures, at = 0, START
    for _ in range(FREE_FAILURES):
        assert not must_wait(failures, at, START)
        failures = count_failure(failures, at, START)
    assert must_wait(failures, at, START + timedelta(minutes=14))
    assert not must_wait(failures, at, START + timedelta(minutes=15))
    assert count_failure(failures, at, START + timedelta(minutes=15)) == 1


def test_page_for_authorities_has_every_word_for_where_a_demand_stands():
    page = (Path(__file__).parents[2] / "docs" / "receivers.md").read_text()
    table = page.partition("Where a demand stands")[2].partition("\n\n")[2].partition("\n\n")[0]
    assert re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE) == [str(one) for one in Standing]
