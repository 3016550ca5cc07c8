"""Days moved by a term of the catalogue: calendar months end on the last day there is."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta

from lea_service.kernel.errors import IntegrityFailure

DAYS = {"days": 1, "weeks": 7}


def shift(day: date, value: int | None, unit: str | None, *, back: bool = False) -> date:
    """Return the day so much later (or earlier). Raises IntegrityFailure for another unit."""
    if value is None or unit is None:
        raise IntegrityFailure("a term of the catalogue has no figure")
    count = -value if back else value
    if unit in DAYS:
        return day + timedelta(days=count * DAYS[unit])
    if unit != "months":
        raise IntegrityFailure("a term of the catalogue cannot be counted in days")
    months = day.year * 12 + day.month - 1 + count
    year, month = divmod(months, 12)
    last = monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))
