from datetime import date

import pytest

from lea_service.kernel.errors import IntegrityFailure
from lea_service.legal.terms import shift

SHIFTS = [
    ("2026-11-20", 4, "weeks", "2026-12-18", "2026-10-23"),
    ("2026-11-20", 10, "days", "2026-11-30", "2026-11-10"),
    ("2026-11-30", 3, "months", "2027-02-28", "2026-08-30"),
    ("2027-11-30", 3, "months", "2028-02-29", "2027-08-30"),
    ("2026-03-31", 1, "months", "2026-04-30", "2026-02-28"),
    ("2026-01-15", 12, "months", "2027-01-15", "2025-01-15"),
    ("2026-12-31", 1, "months", "2027-01-31", "2026-11-30"),
    ("2026-12-31", 12, "months", "2027-12-31", "2025-12-31"),
]


@pytest.mark.parametrize(("day", "value", "unit", "later", "earlier"), SHIFTS)
def test_day_is_moved_by_a_term(day, value, unit, later, earlier):
    day = date.fromisoformat(day)
    assert shift(day, value, unit).isoformat() == later
    assert shift(day, value, unit, back=True).isoformat() == earlier


@pytest.mark.parametrize(
    ("value", "unit", "message"),
    [
        (None, "days", "a term of the catalogue has no figure"),
        (1, None, "a term of the catalogue has no figure"),
        (1, "hours", "a term of the catalogue cannot be counted in days"),
    ],
)
def test_term_without_a_figure_in_days_is_refused(value, unit, message):
    with pytest.raises(IntegrityFailure, match=f"^{message}$"):
        shift(date(2026, 11, 20), value, unit)
