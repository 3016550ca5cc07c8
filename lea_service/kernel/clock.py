"""The only place that reads the time."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Protocol
from zoneinfo import ZoneInfo

from lea_service.kernel.errors import InvalidInput

HOME_ZONE = ZoneInfo("Europe/Amsterdam")
"""Where the law counts days, and what the clock on the wall of the house shows."""


class Clock(Protocol):
    """Gives the present instant; a test hands in one that stands still."""

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""


class SystemClock:
    """The clock of the machine."""

    def now(self) -> datetime:
        """Return the machine's present instant in UTC."""
        return datetime.now(UTC)


def format_instant(instant: datetime) -> str:
    """Write an instant as RFC 3339 in UTC with microseconds and ``Z`` (the form of log entries)."""
    if instant.tzinfo is None:
        raise InvalidInput("an instant needs a time zone")
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def parse_instant(text: str) -> datetime:
    """Read an RFC 3339 instant; the offset must be written. Raises InvalidInput."""
    try:
        instant = datetime.fromisoformat(text)
        if instant.tzinfo is None:
            raise InvalidInput("expected an RFC 3339 instant with offset, got a time without zone")
        return instant.astimezone(UTC)
    except (ValueError, OverflowError) as err:  # the second: year 1 or 9999, moved by its offset
        raise InvalidInput("expected an RFC 3339 instant with offset") from err


def day_of(instant: datetime, zone: ZoneInfo = HOME_ZONE) -> date:
    """Return the calendar day of an instant, where the law counts it."""
    return instant.astimezone(zone).date()


def start_of(day: date) -> datetime:
    """Return the instant, in UTC, at which a calendar day begins where the law counts it."""
    return datetime.combine(day, time(), HOME_ZONE).astimezone(UTC)


def say_wall(instant: datetime, zone: tzinfo = HOME_ZONE) -> str:
    """Write when something happened, to the second, as the clock on the wall of ``zone`` shows it.

    Without seconds where they are zero: ``2026-11-01 00:00 (+01:00)``.
    """
    return say_wall_exactly(instant.replace(microsecond=0), zone)


def say_wall_exactly(instant: datetime, zone: tzinfo = HOME_ZONE) -> str:
    """Write an instant that is asked about, as the end of a period, with all its digits."""
    at = instant.astimezone(zone)
    shown = "minutes" if at.second == at.microsecond == 0 else "auto"
    written = at.replace(tzinfo=None).isoformat(" ", shown)
    return f"{written} ({at.isoformat()[-6:]})"


def say_minute_after(instant: datetime) -> str:
    """Write the first whole minute that is not before an instant, by the clock of the house."""
    whole = instant.replace(second=0, microsecond=0)
    return say_wall(whole if whole == instant else whole + timedelta(minutes=1))


def dump_instant(instant: datetime | None) -> str | None:
    """Write an instant as ``format_instant`` does; one that is not there stays so."""
    return None if instant is None else format_instant(instant)


def load_instant(text: str | None) -> datetime | None:
    """Read an instant as ``parse_instant`` does; one that is not there stays so."""
    return None if text is None else parse_instant(text)
