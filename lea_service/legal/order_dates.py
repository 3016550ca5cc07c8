"""Dates and periods in the text of an order, Dutch and English, as it writes them.

``tot en met`` and its like take the last day in; every other word leaves it out, the narrow
reading.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

YEARS = range(1970, 2101)
"""What a period of an order can be about; whatever else looks like a date is none."""

MONTHS = {
    name: n
    for n, names in enumerate(
        (
            "januari january jan",
            "februari february feb",
            "maart march mrt mar",
            "april apr",
            "mei may",
            "juni june jun",
            "juli july jul",
            "augustus august aug",
            "september sept sep",
            "oktober october okt oct",
            "november nov",
            "december dec",
        ),
        1,
    )
    for name in names.split()
}
_NAMES = "|".join(sorted(MONTHS, key=len, reverse=True))
_TIME = (
    r"(?:,?\s{1,3}\(?(?:om\s{1,3}|at\s{1,3})?(?P<%(n)s_hour>\d{1,2})[:.](?P<%(n)s_minute>\d\d)"
    r"(?:[:.](?P<%(n)s_second>\d\d))?(?:\s{0,2}(?:uur|u|h)\b)?\)?)?"
)
_DAY = (
    r"(?:(?P<%(n)s_iso>\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?(?:Z|[+-]\d\d:\d\d)?)"
    r"|(?P<%(n)s_y1>\d{4})-(?P<%(n)s_m1>\d\d)-(?P<%(n)s_d1>\d\d)"
    r"|(?P<%(n)s_d2>\d{1,2})[-/.](?P<%(n)s_m2>\d{1,2})[-/.](?P<%(n)s_y2>\d{4})"
    rf"|(?P<%(n)s_m3>{_NAMES})\.?\s{{1,3}}(?P<%(n)s_d3>\d{{1,2}})(?:st|nd|rd|th)?"
    r",?\s{1,3}(?P<%(n)s_y3>\d{4})"
    r"|(?P<%(n)s_d4>\d{1,2})(?:st|nd|rd|th)?"
    rf"(?:\s{{1,3}}(?P<%(n)s_m4>{_NAMES})\.?(?:,?\s{{1,3}}(?P<%(n)s_y4>\d{{4}}))?)?)"
)
_WEEKDAY = (
    r"(?:(?:maandag|dinsdag|woensdag|donderdag|vrijdag|zaterdag|zondag|monday|tuesday|wednesday"
    r"|thursday|friday|saturday|sunday),?\s{1,3})?"
)
_INCLUSIVE = r"tot\s{1,3}en\s{1,3}met|t/m|through|up\s{1,3}to\s{1,3}and\s{1,3}including"
_UP_TO = rf"(?P<word>{_INCLUSIVE}|tot|until|till|to|en|and)"
_FROM = r"(?:vanaf|van|from|tussen|between|periode:?|period:?)"


def _moment(name: str) -> str:
    return _WEEKDAY + (_DAY + _TIME) % {"n": name}


_PERIOD = re.compile(
    rf"\b{_FROM}\s{{1,3}}{_moment('a')}\s{{1,3}}{_UP_TO}\s{{1,3}}{_moment('b')}"
    r"(?P<after>\s{1,3}inclusive|\s{1,3}\(inclusief\))?",
    re.IGNORECASE,
)
_DATE = re.compile(rf"(?<![\w./-]){_moment('a')}(?![\w/-])", re.IGNORECASE)
_TAKES_IN = re.compile(_INCLUSIVE, re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class FoundPeriod:
    """A half-open span as an order states it; without an offset it is by the clock on the wall.

    It stands from ``place`` up to ``until``.
    """

    text: str
    place: int
    until: int
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class FoundDate:
    """A date as an order writes it; ``day`` is None where it names no year, or is none."""

    text: str
    place: int
    until: int
    day: date | None


def find_periods(text: str) -> Iterator[FoundPeriod]:
    """Yield each period that is written out between fixed words."""
    for found in _PERIOD.finditer(text):
        inclusive = bool(_TAKES_IN.fullmatch(found["word"]) or found["after"])
        end, length = _read(found, "b", None)
        start, _ = _read(found, "a", end)
        if start is None or end is None:
            continue
        last = end + length if inclusive else end
        plain = " ".join(found[0].split())
        yield FoundPeriod(plain, found.start(), found.end(), start, last)


def find_dates(text: str) -> Iterator[FoundDate]:
    """Yield each date, those that begin or end a period too."""
    for found in _DATE.finditer(text):
        if found["a_iso"] or _parts(found, "a")["m"]:
            plain = " ".join(found[0].split())
            yield FoundDate(plain, found.start(), found.end(), _find_day(found, "a", None))


def _read(
    found: re.Match[str], name: str, other: datetime | None
) -> tuple[datetime | None, timedelta]:
    """Return the instant a date begins and how long it lasts; month and year may be the other's."""
    try:
        if iso := found[f"{name}_iso"]:
            at = datetime.fromisoformat(iso)
            has_second = iso[16:17] == ":"  # behind 2026-06-05T23:59
            lasts = timedelta(seconds=1 if has_second else 60)
            return (at, lasts) if at.year in YEARS else (None, timedelta())
    except ValueError:
        return None, timedelta()
    day = _find_day(found, name, other)
    return (None, timedelta()) if day is None else _at(day, found, name)


def _find_day(found: re.Match[str], name: str, other: datetime | None) -> date | None:
    part = _parts(found, name)
    try:
        if iso := found[f"{name}_iso"]:
            day = datetime.fromisoformat(iso).date()
        else:
            day = date(
                int(part["y"] or (other.year if other else 0)),
                _month(part["m"]) or (other.month if other else 0),
                int(part["d"]),
            )
    except ValueError:
        return None
    return day if day.year in YEARS else None


def _parts(found: re.Match[str], name: str) -> dict[str, str]:
    return {
        key: next((found[f"{name}_{key}{n}"] for n in range(1, 5) if found[f"{name}_{key}{n}"]), "")
        for key in ("y", "m", "d")
    }


def _at(day: date, found: re.Match[str], name: str) -> tuple[datetime | None, timedelta]:
    midnight = datetime(day.year, day.month, day.day)  # noqa: DTZ001
    if found[f"{name}_hour"] is None:
        return midnight, timedelta(days=1)
    hour, minute = int(found[f"{name}_hour"]), int(found[f"{name}_minute"])
    second = found[f"{name}_second"]
    if hour > 24 or minute > 59 or int(second or 0) > 59:
        return None, timedelta()
    if hour == 24:
        return midnight + timedelta(days=1), timedelta()
    passed = timedelta(hours=hour, minutes=minute, seconds=int(second or 0))
    if not passed:  # up to and including midnight is up to midnight
        return midnight, timedelta()
    return midnight + passed, timedelta(seconds=1 if second else 60)


def _month(text: str) -> int:
    return int(text) if text.isdigit() else MONTHS.get(text.lower(), 0)
