"""From where a pull goes on, as the table writes it."""

from datetime import UTC, datetime, timedelta

import pytest

from lea_service.records.cli import speak_of
from lea_service.records.live.cli import _describe
from lea_service.records.live.marks import go_back
from lea_service.records.mapping import WatermarkRule

TWO_HOURS = WatermarkRule(column="t", kind="instant", overlap=7200)
SEEN = datetime(2026, 6, 3, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("ahead", "begin"),
    [
        ("2026-06-03 12:00:00-05:00", "2026-06-03 03:00:00-05:00"),
        ("2026-06-03 18:00:00+02:00", "2026-06-03 10:00:00+02:00"),
    ],
)
def test_row_dated_ahead_takes_no_pull_beyond_when_it_was_read(ahead, begin):
    """As the table writes it: rows of another hour by the same clock would be left out."""
    found = go_back(ahead, TWO_HOURS, SEEN, None)
    assert found.text == begin
    assert datetime.fromisoformat(found.text) == found.rank == SEEN - timedelta(hours=2)


def test_what_keeps_a_source_from_being_read_is_told_whole():
    detail = "the connection of the source pbx is not as it must be: expected the whole path"
    found = {"source": "pbx", "findings": [{"code": "c", "column": None, "detail": detail}]}
    speak = speak_of("en")
    assert detail in _describe(found, speak)
    assert "Nothing found." in _describe({"source": "pbx", "findings": []}, speak)
