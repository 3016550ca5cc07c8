from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lea_service.kernel.errors import InvalidInput
from lea_service.retention.rules import FIRST, Term, check_term, cutoff, reach

INSTANTS = st.timedeltas(timedelta(days=2000), timedelta(days=70_000)).map(lambda age: FIRST + age)
TERMS = st.builds(Term, st.integers(1, 240), st.just("months")) | st.builds(
    Term, st.integers(1, 7300), st.just("days")
)


def at(*parts):
    return datetime(*parts, tzinfo=UTC)


@pytest.mark.parametrize(
    ("term", "now", "expected"),
    [
        (Term(6, "months"), at(2026, 11, 24, 9), at(2026, 5, 24, 9)),
        (Term(6, "months"), at(2026, 8, 31), at(2026, 2, 28)),
        (Term(6, "months"), at(2024, 8, 31), at(2024, 2, 29)),
        (Term(12, "months"), at(2024, 2, 29, 23, 59), at(2023, 2, 28, 23, 59)),
        (Term(1, "months"), at(2026, 3, 31), at(2026, 2, 28)),
        (Term(12, "months"), at(2026, 1, 15), at(2025, 1, 15)),
        (Term(11, "months"), at(2026, 12, 31), at(2026, 1, 31)),
        (Term(1, "days"), at(2026, 3, 1), at(2026, 2, 28)),
        (Term(7300, "days"), at(1980, 1, 1), FIRST),
        (Term(240, "months"), at(1980, 1, 1), FIRST),
    ],
)
def test_known_cutoffs(term, now, expected):
    assert cutoff(term, now) == expected


def test_zone_of_now_does_not_matter():
    now = datetime(2026, 3, 31, 1, 30, tzinfo=timezone(timedelta(hours=2)))
    assert cutoff(Term(1, "months"), now) == at(2026, 2, 28, 23, 30)


@given(TERMS, INSTANTS, st.timedeltas(timedelta(0), timedelta(days=800)))
def test_cutoff_never_moves_back(term, now, later):
    assert cutoff(term, now) <= cutoff(term, now + later)


@given(TERMS, INSTANTS)
def test_longer_term_keeps_no_less(term, now):
    longer = Term(term.term + 1, term.unit)
    assert cutoff(longer, now) <= cutoff(term, now) < now


@given(st.integers(1, 240), INSTANTS)
def test_months_keep_day_and_time_or_end_the_month(months, now):
    found = cutoff(Term(months, "months"), now)
    if found == FIRST:
        return
    assert found.time() == now.time()
    ends_month = (found + timedelta(days=1)).day == 1
    assert found.day == now.day or (found.day < now.day and ends_month)
    assert (now.year - found.year) * 12 + now.month - found.month == months


def test_what_is_held_back_stays():
    now, term = at(2026, 11, 24), Term(6, "months")
    assert reach(term, now, None) == cutoff(term, now)
    assert reach(term, now, at(2026, 5, 1)) == at(2026, 5, 1)
    assert reach(term, now, at(2026, 6, 1)) == cutoff(term, now)


@pytest.mark.parametrize(("length", "unit"), [(0, "days"), (241, "months"), (7301, "days")])
def test_terms_beyond_reason_are_refused(length, unit):
    with pytest.raises(InvalidInput):
        check_term(Term(length, unit))
