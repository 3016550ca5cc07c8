import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lea_service.records.times import TimeRule, time_reader

AMSTERDAM = "Europe/Amsterdam"
PLAIN = "%Y-%m-%d %H:%M:%S"


def read(text, form=PLAIN, zone=AMSTERDAM):
    instant, flag = time_reader(TimeRule(form, zone))(text)
    return f"{instant:%Y-%m-%dT%H:%M:%S.%f}", flag


@pytest.mark.parametrize(
    ("form", "text", "expected"),
    [
        (PLAIN, "2026-06-03 00:08:00", "2026-06-02T22:08:00.000000"),
        ("%Y%m%d %H%M", "20060601 0008", "2006-05-31T22:08:00.000000"),
        ("%d/%m/%Y %I:%M:%S %p", "03/06/2026 01:00:00 PM", "2026-06-03T11:00:00.000000"),
        ("%Y-%m-%dT%H:%M:%S%z", "2026-06-03T00:08:00+0500", "2026-06-02T19:08:00.000000"),
        ("iso", "2026-06-03", "2026-06-02T22:00:00.000000"),
        ("iso", "2026-01-03T00:08:00.25", "2026-01-02T23:08:00.250000"),
        ("iso", "2026-06-03T00:08:00Z", "2026-06-03T00:08:00.000000"),
        ("epoch_s", "1780438080", "2026-06-02T22:08:00.000000"),
        ("epoch_s", "1780438080.123456", "2026-06-02T22:08:00.123456"),
        ("epoch_ms", "1780438080123", "2026-06-02T22:08:00.123000"),
        ("epoch_ms", "1780438080123.5", "2026-06-02T22:08:00.123500"),
        ("julian_day", "2440587.5", "1970-01-01T00:00:00.000000"),
        ("julian_day", "2451545", "2000-01-01T12:00:00.000000"),
        ("julian_day", "2461194.42222222", "2026-06-02T22:08:00.000000"),
    ],
)
def test_encodings_of_real_systems(form, text, expected):
    assert read(text, form) == (expected, None)


def test_hour_that_occurs_twice_is_read_early_and_flagged():
    assert read("2026-10-25 02:30:00") == ("2026-10-25T00:30:00.000000", "ambiguous-time")
    assert read("2026-10-25 01:59:59")[1] is None
    assert read("2026-10-25 03:00:00") == ("2026-10-25T02:00:00.000000", None)


def test_hour_that_was_skipped_is_flagged():
    assert read("2026-03-29 02:30:00") == ("2026-03-29T01:30:00.000000", "skipped-time")
    assert read("2026-03-29 03:00:00") == ("2026-03-29T01:00:00.000000", None)


@pytest.mark.parametrize("year", range(1996, 2041))
def test_every_switch_of_the_clock(year):
    flags = {"ambiguous-time": 0, "skipped-time": 0}
    for month in (3, 10):
        local = datetime.fromisoformat(f"{year}-{month:02d}-24")
        while local.month == month:
            flag = read(f"{local:{PLAIN}}")[1]
            if flag:
                flags[flag] += 1
            local += timedelta(minutes=30)
    assert flags == {"ambiguous-time": 2, "skipped-time": 2}


@pytest.mark.parametrize(
    ("form", "zone", "text", "expected"),
    [
        (PLAIN, "UTC", "2016-12-31 23:59:60", "2017-01-01T00:00:00.000000"),
        (PLAIN, AMSTERDAM, "2017-01-01 00:59:60", "2017-01-01T00:00:00.000000"),
        ("iso", AMSTERDAM, "2016-12-31T23:59:60.5Z", "2017-01-01T00:00:00.500000"),
        ("iso", AMSTERDAM, "2015-06-30T19:59:60-04:00", "2015-07-01T00:00:00.000000"),
        ("%Y%m%d%H%M%S", "UTC", "20161231235960", "2017-01-01T00:00:00.000000"),
    ],
)
def test_leap_second_is_read_as_the_one_behind_it_and_flagged(form, zone, text, expected):
    assert read(text, form, zone) == (expected, "leap-second")


@pytest.mark.parametrize(
    ("form", "text"),
    [
        (PLAIN, "2016-12-31 23:58:60"),
        (PLAIN, "2016-12-30 23:59:60"),
        (PLAIN, "2016-12-31 23:60:00"),
        (PLAIN, "2016-12-31 60:59:59"),
        ("iso", "2016-12-31T23:59:60+01:00"),
    ],
)
def test_second_sixty_at_any_other_time_is_none(form, text):
    with pytest.raises(ValueError):  # noqa: PT011 - any of them
        read(text, form, "UTC")


@given(st.datetimes(datetime(1950, 1, 1), datetime(2100, 1, 1)))  # noqa: DTZ001 - of UTC
def test_what_sqlite_makes_a_julian_day_is_read_back(moment):
    written = moment.replace(microsecond=moment.microsecond // 1000 * 1000)
    with closing(sqlite3.connect(":memory:")) as database:
        (day,) = database.execute("SELECT julianday(?)", (f"{written}",)).fetchone()
    assert read(repr(day), "julian_day")[0] == f"{written:%Y-%m-%dT%H:%M:%S.%f}"


@pytest.mark.parametrize(
    ("form", "text"),
    [
        (PLAIN, "2026-02-30 00:00:00"),
        (PLAIN, "2026-06-03T00:00:00"),
        (PLAIN, "2026-06-30 23:59:60"),
        (PLAIN, "0026-06-03 00:00:00"),
        ("iso", "yesterday"),
        ("epoch_s", "1e400"),
        ("epoch_s", "1e999990"),
        ("epoch_ms", "1e999999"),
        ("epoch_s", "nan"),
        ("epoch_s", "99999999999999"),
        ("epoch_ms", "١٢٣"),
        ("julian_day", "2440587.5e0"),
        ("julian_day", "0"),
        ("julian_day", "99999999"),
        ("iso", "9999-12-31T23:59:59-14:00"),
    ],
)
def test_what_is_no_time_raises(form, text):
    with pytest.raises(ValueError):  # noqa: PT011 - any of them
        read(text, form)


@given(st.datetimes(datetime.fromisoformat("1996-01-01"), datetime.fromisoformat("2040-12-31")))
def test_unflagged_times_come_back(local):
    local = local.replace(microsecond=0)
    instant, flag = time_reader(TimeRule(PLAIN, AMSTERDAM))(f"{local:{PLAIN}}")
    back = instant.astimezone(ZoneInfo(AMSTERDAM)).replace(tzinfo=None)
    assert (back == local) == (flag != "skipped-time")
    assert instant.tzinfo is UTC
