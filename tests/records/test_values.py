from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal

import pytest

from lea_service.records.times import TimeRule, time_reader
from lea_service.records.values import BadValue, text_of, texts_of

EAST = timezone(timedelta(hours=2))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        ("", ""),
        (" jan ", " jan "),
        ("é", "é"),
        (True, "true"),
        (False, "false"),
        (0, "0"),
        (-7, "-7"),
        (2**63, "9223372036854775808"),
        (60.0, "60"),
        (1e22, "10000000000000000000000"),
        (1e-7, "0.0000001"),
        (0.1 + 0.2, "0.3"),
        (12.9999999999999, "12.999999999999"),
        (2461194.8333333335, "2461194.8333333335"),
        (Decimal("60.00"), "60"),
        (Decimal("1E+3"), "1000"),
        (Decimal("1.1234567890129"), "1.123456789012"),
        (datetime(2026, 6, 3, 10), "2026-06-03 10:00:00"),  # noqa: DTZ001
        (datetime(2026, 6, 3, 10, 0, 0, 5, tzinfo=EAST), "2026-06-03 10:00:00.000005+02:00"),
        (date(2026, 6, 3), "2026-06-03"),
        (time(10, 0, 1), "10:00:01"),
        (timedelta(days=1, seconds=1), "86401"),
        (timedelta(seconds=1, microseconds=5), "1.000005"),
        (timedelta(seconds=-5), "-5"),
    ],
)
def test_each_value_has_one_text(value, text):
    assert text_of(value) == text


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (b"0612345678", "value-type"),
        (memoryview(b"1"), "value-type"),
        (["a"], "value-type"),
        ({"a": 1}, "value-type"),
        (float("nan"), "value-type"),
        (float("inf"), "value-type"),
        (Decimal("NaN"), "value-type"),
        ("a\x00b", "nul"),
        ("a\udcff", "encoding"),
    ],
)
def test_what_has_no_text_is_refused_with_its_reason(value, reason):
    with pytest.raises(BadValue) as caught:
        texts_of(["a", 1, value])
    assert (caught.value.reason, caught.value.place) == (reason, 2)


@pytest.mark.parametrize(
    ("form", "value"),
    [
        ("iso", datetime(2026, 6, 3, 10, 0, tzinfo=EAST)),
        ("iso", datetime(2026, 6, 3, 10, 0)),  # noqa: DTZ001
        ("iso", "2026-06-03T08:00:00Z"),
        ("epoch_s", 1780473600),
        ("epoch_s", 1780473600.0),
        ("epoch_s", Decimal("1780473600.000000000000000")),
        ("epoch_ms", 1780473600000),
        ("julian_day", 2461194.8333333335),
        ("julian_day", Decimal("2461194.833333333333333")),
    ],
)
def test_instants_are_read_as_out_of_a_file(form, value):
    read = time_reader(TimeRule(form, "Europe/Amsterdam"))
    assert read(text_of(value)) == (datetime(2026, 6, 3, 8, tzinfo=UTC), None)
