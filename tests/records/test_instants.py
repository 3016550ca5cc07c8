import pytest
from hypothesis import given
from hypothesis import strategies as st

from lea_service.kernel.clock import format_instant
from lea_service.records.instants import are_instants

INSTANT = "2026-11-01T09:00:00.000000Z"


@given(st.lists(st.none() | st.datetimes(timezones=st.timezones()), max_size=5))
def test_every_instant_as_we_write_it(moments):
    written = [one if one is None else format_instant(one) for one in moments if _is_in_reach(one)]
    assert are_instants(written)


def _is_in_reach(one):
    return one is None or 1000 < one.year < 9999


@pytest.mark.parametrize(
    "text",
    [
        *("", "whenever", "2026-11-01", "2026-11-01T09:00:00Z", INSTANT.lower(), f" {INSTANT}"),
        *("2026-11-01T09:00:00.000000+09:00", "2026-11-01T09:00:00.000000+00:00"),
        *("2026-11-01T24:00:00.000000Z", "2026-11-01T09:60:00.000000Z"),
        *("2026-11-01T09:00:60.000000Z", "2026-02-29T09:00:00.000000Z"),
        *("2026-13-01T09:00:00.000000Z", "2026-00-01T09:00:00.000000Z"),
        *("0000-11-01T09:00:00.000000Z", "٢026-11-01T09:00:00.000000Z"),
        *(f"{INSTANT}\n", f"{INSTANT}\n{INSTANT}"),
    ],
)
def test_any_other_text_is_none(text):
    assert not are_instants([text])
    assert not are_instants([INSTANT, None, text])
    assert not are_instants([text, INSTANT])
