"""The working days of the Netherlands: neither Saturday, Sunday nor public holiday.

Algemene termijnenwet art. 3: lid 1 and 2 name the days of every year, by lid 3 a royal decree puts
others on a level with them, mostly for three years ahead. General holiday libraries know neither
the decree days nor that 5 May counts each year; so here the days of lid 1 and 2 are counted from
Easter, and those of lid 3 are a dated table, which a provider may replace by a newer one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from dateutil.easter import easter
from jsonschema import Draft202012Validator

from lea_service.kernel.canonical import canonical_digest, load_strict
from lea_service.kernel.errors import FieldError, InvalidInput, Unavailable
from lea_service.kernel.patterns import make_validator

TABLE, SCHEMA = "dutch-holidays.json", "public-holidays-1.json"
NOT_A_TABLE = "the table of public holidays is not one"
ONE_DAY = timedelta(days=1)
SUNDAY = 6
WEEKEND = {5: "saturday", SUNDAY: "sunday"}
FIXED = {(1, 1): "new_year", (5, 5): "liberation", (12, 25): "christmas", (12, 26): "boxing_day"}
ONLY_IN_ATW = frozenset({"good_friday", "decree_day"})
"""Put on a level with a public holiday for the Algemene termijnenwet, and for nothing else said."""
AFTER_EASTER = {-2: "good_friday", 1: "easter_monday", 39: "ascension", 50: "whit_monday"}


@dataclass(frozen=True, slots=True)
class WorkingDays:
    """Tells working days from others; ``first`` to ``last`` are those whose decrees are known."""

    first: date
    last: date
    decree_days: frozenset[date]
    digest: str
    """Of the table as canonical JSON, base64url SHA-256: stands beside whatever rests on it."""
    left_out: frozenset[str] = frozenset()
    """Holidays that are taken for working days."""

    def find_reason(self, day: date) -> str | None:
        """Return the code of what keeps a day from being a working day, or None."""
        holiday = _find_holiday(day) or ("decree_day" if day in self.decree_days else None)
        weekend = WEEKEND.get(day.weekday())
        return weekend if holiday is None or holiday in self.left_out else holiday

    def is_working(self, day: date) -> bool:
        """Say whether it is a working day."""
        return self.find_reason(day) is None

    def first_from(self, day: date) -> date:
        """Return the day itself where it is a working day, or else the next one."""
        while not self.is_working(day):
            day += ONE_DAY
        return day

    def count(self, first: date, last: date) -> int:
        """Count the working days from ``first`` up to and including ``last``."""
        days = (last - first).days + 1
        return sum(self.is_working(first + n * ONE_DAY) for n in range(days))

    def narrowest(self) -> WorkingDays:
        """Return these with no other holidays than those the law calls public holidays outright."""
        return replace(self, left_out=ONLY_IN_ATW)

    def is_known(self, first: date, last: date) -> bool:
        """Say whether every decree on the days from ``first`` to ``last`` is known."""
        return self.first <= first and last <= self.last


@cache
def load_working_days(own: Path | None = None) -> WorkingDays:
    """Read the table that ships with the service, or a provider's own in its place.

    Raises InvalidInput naming the place in the table, Unavailable where the file cannot be read.
    """
    try:
        text = (own or files("lea_service.legal") / "data" / TABLE).read_bytes()
    except OSError as err:
        raise Unavailable("the table of public holidays cannot be read") from err
    return read_working_days(load_strict(text))


def read_working_days(table: Any) -> WorkingDays:
    """Build the working days from a table. Raises InvalidInput naming each bad place."""
    errors = [
        FieldError("".join(f"/{step}" for step in error.absolute_path), error.message)
        for error in _validator().iter_errors(table)
    ]
    if errors:
        raise InvalidInput(NOT_A_TABLE, errors)
    first, last = _day(table["from"], "/from"), _day(table["until"], "/until")
    days = frozenset(
        _day(day, f"/decrees/{n}/days/{m}")
        for n, decree in enumerate(table["decrees"])
        for m, day in enumerate(decree["days"])
    )
    if last < first or not all(first <= day <= last for day in days):
        raise InvalidInput.at("/until", "expected a day after every other in the table")
    return WorkingDays(first, last, days, canonical_digest(table))


@cache
def _validator() -> Draft202012Validator:
    schema = files("lea_service.legal") / "data" / SCHEMA
    return make_validator(load_strict(schema.read_bytes()))


def _day(text: str, pointer: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as err:
        raise InvalidInput.at(pointer, "expected a day, as 2028-05-26") from err


def _find_holiday(day: date) -> str | None:
    """Return which day of Algemene termijnenwet art. 3 lid 1 or 2 it is, or None."""
    named = FIXED.get((day.month, day.day)) or AFTER_EASTER.get((day - easter(day.year)).days)
    return named or ("kings_day" if day == _kings_day(day.year) else None)


def _kings_day(year: int) -> date:
    """Return the day the King's birthday is kept: 27 April, or the 26th where that is a Sunday."""
    day = date(year, 4, 27)
    return day - ONE_DAY if day.weekday() == SUNDAY else day
