from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lea_service.kernel.errors import InvalidInput
from lea_service.retention.rules import FIRST, Term, check_term, cutoff, reach

HOME = ZoneInfo("Europe/Amsterdam")
INSTANTS = st.timedeltas(timedelta(days=2000), timedelta(days=70_000)).map(lambda age: FIRST + age)
YEARS = st.integers(2025, 2040)
TERMS = st.builds(Term, st.integers(1, 240), st.just("months")) | st.builds(
    Term, st.integers(1, 7300), st.just("days")
)


def at(*parts):
    return datetime(*parts, tzinfo=UTC)


def home(*parts, fold=0):
    return datetime(*parts, tzinfo=HOME, fold=fold)


@st.composite
def near_edges(draw):
    """An instant of 2025 to 2040, by preference about the end of a month or a change of clocks."""
    year, month = draw(YEARS), draw(st.integers(1, 12))
    day = draw(st.sampled_from([1, *range(24, monthrange(year, month)[1] + 1)]))
    begin = datetime(year, month, day, tzinfo=HOME).astimezone(UTC)
    minutes = st.integers(-120, 1500) | st.integers(0, 20).map(lambda n: n * 30)
    return begin + timedelta(minutes=draw(minutes), microseconds=draw(st.sampled_from([0, 1])))


def end_of(begun, term):
    """Return when the term of a record ends, counted on from its begin, day by day."""
    wall = begun.astimezone(HOME).replace(tzinfo=None, fold=0)
    if term.unit == "days":
        end = wall + timedelta(days=term.term)
    else:
        year, month = divmod(wall.year * 12 + wall.month - 1 + term.term, 12)
        try:
            end = wall.replace(year=year, month=month + 1)
        except ValueError:
            end = datetime.combine(date(year, month + 1, 28), time())
            while end.month == month + 1:
                end += timedelta(days=1)
    instants = [end.replace(tzinfo=HOME, fold=fold).astimezone(UTC) for fold in (0, 1)]
    if instants[0] > instants[1]:  # a time that the clock passes over
        change = end.replace(minute=0, second=0, microsecond=0, tzinfo=HOME)
        return change.astimezone(UTC)
    return instants[1]


@pytest.mark.parametrize(
    ("term", "now", "expected"),
    [
        (Term(6, "months"), home(2026, 11, 24, 9), home(2026, 5, 24, 9)),
        (Term(6, "months"), home(2026, 8, 28, 20), home(2026, 2, 28, 20)),
        (Term(6, "months"), home(2026, 8, 29, 8), home(2026, 3, 1)),
        (Term(6, "months"), home(2026, 8, 31), home(2026, 3, 1)),
        (Term(6, "months"), home(2026, 9, 1), home(2026, 3, 1)),
        (Term(6, "months"), home(2024, 8, 31), home(2024, 3, 1)),
        (Term(6, "months"), home(2024, 8, 29, 5), home(2024, 2, 29, 5)),
        (Term(6, "months"), home(2026, 10, 31, 0, 1), home(2026, 5, 1)),
        (Term(6, "months"), home(2026, 11, 1, 0, 30), home(2026, 5, 1, 0, 30)),
        (Term(12, "months"), home(2024, 2, 29, 23, 59), home(2023, 3, 1)),
        (Term(1, "months"), home(2026, 3, 31), home(2026, 3, 1)),
        (Term(12, "months"), home(2026, 1, 15), home(2025, 1, 15)),
        (Term(11, "months"), home(2026, 12, 31), home(2026, 1, 31)),
        (Term(1, "months"), home(2026, 1, 31), home(2025, 12, 31)),
        (Term(1, "days"), home(2026, 3, 1), home(2026, 2, 28)),
        (Term(1, "days"), home(2026, 10, 26, 1), home(2026, 10, 25, 1)),
        (Term(1, "days"), home(2026, 10, 25, 2, 30), home(2026, 10, 24, 2)),
        (Term(1, "days"), home(2026, 10, 25, 2, 30, fold=1), home(2026, 10, 24, 2, 30)),
        (Term(1, "days"), home(2026, 10, 26, 2, 30), home(2026, 10, 25, 2, 30)),
        (Term(1, "days"), home(2026, 3, 30, 2, 30), home(2026, 3, 29, 3)),
        (Term(7300, "days"), at(1980, 1, 1), FIRST),
        (Term(240, "months"), at(1980, 1, 1), FIRST),
    ],
)
def test_known_cutoffs(term, now, expected):
    assert cutoff(term, now) == expected.astimezone(UTC)


def test_zone_of_now_does_not_matter():
    now = datetime(2026, 3, 30, 23, 30, tzinfo=timezone(-timedelta(hours=5)))
    assert cutoff(Term(1, "months"), now) == home(2026, 3, 1)


@given(TERMS, INSTANTS | near_edges(), st.timedeltas(timedelta(0), timedelta(days=800)))
def test_cutoff_never_moves_back(term, now, later):
    assert cutoff(term, now) <= cutoff(term, now + later)


@given(TERMS, near_edges(), st.integers(0, 90))
def test_cutoff_never_moves_back_within_the_hour(term, now, minutes):
    assert cutoff(term, now) <= cutoff(term, now + timedelta(minutes=minutes))


@given(TERMS, INSTANTS | near_edges())
def test_longer_term_keeps_no_less(term, now):
    longer = Term(term.term + 1, term.unit)
    assert cutoff(longer, now) <= cutoff(term, now) < now


@given(
    st.builds(Term, st.integers(1, 24), st.just("months"))
    | st.builds(Term, st.integers(1, 400), st.just("days")),
    near_edges(),
    st.integers(-90, 90),
)
def test_nothing_is_past_its_term_before_that_ends_nor_long_after(term, begun, minutes):
    """A record of each instant, looked at about the end of its term."""
    end = end_of(begun, term)
    now = end + timedelta(minutes=minutes)
    is_past = begun < cutoff(term, now)
    assert not (is_past and now < end)
    if now > end + timedelta(hours=1):  # an hour that the clock showed twice
        assert is_past


def test_what_is_held_back_stays():
    now, term = at(2026, 11, 24), Term(6, "months")
    assert reach(term, now, None) == cutoff(term, now)
    assert reach(term, now, at(2026, 5, 1)) == at(2026, 5, 1)
    assert reach(term, now, at(2026, 6, 1)) == cutoff(term, now)


@pytest.mark.parametrize(("length", "unit"), [(0, "days"), (241, "months"), (7301, "days")])
def test_terms_beyond_reason_are_refused(length, unit):
    with pytest.raises(InvalidInput):
        check_term(Term(length, unit))
