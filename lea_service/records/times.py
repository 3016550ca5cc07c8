"""Instants as systems write them, read into UTC; what a local clock leaves open is flagged."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from lea_service.kernel.errors import InvalidInput
from lea_service.records.flags import AMBIGUOUS, LEAP, SKIPPED

ISO, JULIAN_DAY = "iso", "julian_day"
EPOCH_SECONDS, EPOCH_MILLISECONDS, EPOCH_MICROSECONDS = "epoch_s", "epoch_ms", "epoch_us"
COUNTED = {EPOCH_SECONDS, EPOCH_MILLISECONDS, EPOCH_MICROSECONDS, JULIAN_DAY}
"""Formats that count from an instant, and so need no zone."""
DIRECTIVES = frozenset("YmdHMSfyjIpz%")
FIRST_YEAR = 1900
SECOND = timedelta(seconds=1)
PARTS = {"year": "Yy", "month": "mj", "day": "dj"}

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_JULIAN_EPOCH = Decimal("2440587.5")
"""The Julian day number of 1970-01-01T00:00:00Z; days begin at noon."""
_MILLISECONDS_OF_DAY = 86_400_000
_COUNT = re.compile(r"[+-]?[0-9]{1,18}(?:\.[0-9]{1,12})?", re.ASCII)
_DIRECTIVE = re.compile(r"%(.?)", re.DOTALL)
_PLAIN = "%Y-%m-%d %H:%M:%S"
_PLAIN_TEXT = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", re.ASCII)

Reading = tuple[datetime, str | None]
"""An instant in UTC, and the flag it deserves."""

ReadTime = Callable[[str], Reading]
Parse = Callable[[str], datetime]
Place = Callable[[datetime], Reading]


@dataclass(frozen=True, slots=True)
class TimeRule:
    """How a source writes instants: a count (``COUNTED``), ``iso`` or a strptime format.

    Times without an offset are those of ``zone``. Of an hour that occurs twice the earlier reading
    is taken; a time that the clock skipped is read as if it had not been put forward. A leap
    second (RFC 3339 section 5.6) is read as the one behind it, since no clock here counts it.
    """

    format: str
    zone: str | None = None


def check_format(text: str) -> None:
    """Refuse a time format that does not name a day. Raises InvalidInput."""
    if text == ISO or text in COUNTED:
        return
    used = set(_DIRECTIVE.findall(text))
    unknown = sorted(used - DIRECTIVES)
    if unknown:
        raise InvalidInput(f"expected directives of {' '.join(sorted(DIRECTIVES))}")
    missing = [name for name, letters in PARTS.items() if not used & set(letters)]
    if missing:
        raise InvalidInput(f"expected a format with {', '.join(missing)}")


def needs_zone(rule: TimeRule) -> bool:
    """Say whether the format may give times that mean nothing without a zone."""
    return rule.format not in COUNTED and "%z" not in rule.format


def time_reader(rule: TimeRule) -> ReadTime:
    """Return the function that reads the times of ``rule``; it raises ValueError."""
    if rule.format == EPOCH_SECONDS:
        return lambda text: (_from_epoch(text, 1_000_000), None)
    if rule.format == EPOCH_MILLISECONDS:
        return lambda text: (_from_epoch(text, 1_000), None)
    if rule.format == EPOCH_MICROSECONDS:
        return lambda text: (_from_epoch(text, 1), None)
    if rule.format == JULIAN_DAY:
        return lambda text: (_from_julian(text), None)
    parse = _parser(rule.format)
    place = _placer(ZoneInfo(rule.zone) if rule.zone else None)
    return _reader(parse, place)


def _reader(parse: Parse, place: Place) -> ReadTime:
    def read(text: str) -> Reading:
        try:
            local = parse(text)
        except ValueError:
            return _read_leap_second(text, parse, place)
        return place(local)

    return read


def _read_leap_second(text: str, parse: Parse, place: Place) -> Reading:
    """Read a text whose second is 60, which happens at the end of a month of UTC only."""
    before = _find_second_before(text, parse)
    if before is None:
        raise ValueError("not the form of the source")
    instant = place(before)[0] + SECOND
    if (instant.day, instant.hour, instant.minute, instant.second) != (1, 0, 0, 0):
        raise ValueError("no leap second then")
    return instant, LEAP


def _find_second_before(text: str, parse: Parse) -> datetime | None:
    """Return what the text says with second 59, where just its second is 60."""
    for found in re.finditer("60", text):
        try:
            before, earlier = (
                parse(f"{text[: found.start()]}{second}{text[found.end() :]}")
                for second in (59, 58)
            )
        except ValueError:
            continue
        if before - earlier == SECOND:
            return before
    return None


def _parser(form: str) -> Parse:
    if form == ISO:
        return datetime.fromisoformat
    if form == _PLAIN:  # the form most systems use has a reader ten times as fast
        return _parse_plain
    return lambda text: datetime.strptime(text, form)  # noqa: DTZ007 - placed in its zone below


def _parse_plain(text: str) -> datetime:
    if not _PLAIN_TEXT.fullmatch(text):
        raise ValueError("not the form of the source")
    return datetime.fromisoformat(text)


def _placer(zone: ZoneInfo | None) -> Place:
    def place(local: datetime) -> Reading:
        if local.year < FIRST_YEAR:
            raise ValueError("before our time")
        try:
            if local.tzinfo is not None:
                return local.astimezone(UTC), None
            if zone is None:
                raise ValueError("a time without zone")
            return _place_local(local.replace(tzinfo=zone))
        except OverflowError as err:
            raise ValueError("after the last year there is") from err

    return place


def _place_local(local: datetime) -> Reading:
    instant = local.astimezone(UTC)
    if local.utcoffset() == local.replace(fold=1).utcoffset():
        return instant, None
    is_real = instant.astimezone(local.tzinfo).replace(tzinfo=None) == local.replace(tzinfo=None)
    return instant, AMBIGUOUS if is_real else SKIPPED


def _from_epoch(text: str, microseconds: int) -> datetime:
    """Return the instant a count since 1970 means, exactly: no float is involved."""
    return _since_epoch(int(_count(text) * microseconds))


def _from_julian(text: str) -> datetime:
    """Return the instant of a Julian day number of UTC, to the nearest millisecond.

    Systems count them in a double, which tells days of our time apart to 40 microseconds.
    """
    days = _count(text) - _JULIAN_EPOCH
    return _since_epoch(round(days * _MILLISECONDS_OF_DAY) * 1_000)


def _count(text: str) -> Decimal:
    plain = text.strip()
    if not _COUNT.fullmatch(plain):  # an exponent would have to be written out, digit by digit
        raise ValueError("not a count")
    return Decimal(plain)


def _since_epoch(microseconds: int) -> datetime:
    try:
        instant = _EPOCH + timedelta(microseconds=microseconds)
    except OverflowError as err:
        raise ValueError("after the last year there is") from err
    if instant.year < FIRST_YEAR:
        raise ValueError("before our time")
    return instant
