"""An instant in words, exactly."""

from datetime import UTC, datetime

import pytest

from lea_service.legal.explanation import say_here, say_instant


@pytest.mark.parametrize(
    ("instant", "said"),
    [
        (datetime(2026, 7, 1, 22, 5, tzinfo=UTC), "22:05 (UTC+0000)"),
        (datetime(2026, 7, 1, 22, 5, 9, tzinfo=UTC), "22:05:09 (UTC+0000)"),
        (datetime(2026, 7, 1, 22, 5, 0, 500, tzinfo=UTC), "22:05:00.000500 (UTC+0000)"),
    ],
)
def test_seconds_are_told_where_there_are_any(instant, said):
    assert say_instant(instant, "en") == f"Wednesday 1 July 2026 {said}"


def test_instant_is_told_by_the_clocks_here():
    instant = datetime(2026, 7, 1, 22, 5, tzinfo=UTC)
    assert say_here(instant, "en") == "Thursday 2 July 2026 00:05 (UTC+0200)"
    assert say_here(instant, "nl") == "donderdag 2 juli 2026 00:05 (UTC+0200)"
