from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lea_service.kernel.errors import InvalidInput
from lea_service.staff.rules import (
    REQUIRED,
    Clearance,
    ClearanceKind,
    check_label,
    check_login,
    check_password,
    cleared_until,
    is_cleared,
    normal_name,
    normal_personnel_number,
    wait_after,
)

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
TODAY = NOON.date()
days = st.integers(-20, 20).map(lambda count: TODAY + timedelta(days=count))


@st.composite
def clearances(draw):
    found = []
    for kind in ClearanceKind:
        for _ in range(draw(st.integers(0, 3))):
            first, last = sorted((draw(days), draw(days)))
            found.append(Clearance(kind, first, last))
    return found


@given(clearances())
def test_cleared_until_is_the_day_before_a_lapse(found):
    """Compared with walking through the days one by one."""
    walked = None
    moment = NOON
    while is_cleared(found, moment):
        walked, moment = moment.date(), moment + timedelta(days=1)
    assert cleared_until(found, NOON) == walked


def test_day_of_clearance_is_of_utc():
    found = [Clearance(kind, date(2026, 1, 1), date(2026, 11, 24)) for kind in ClearanceKind]
    zone = datetime.fromisoformat("2026-11-25T00:30:00+01:00")
    assert is_cleared(found, zone)
    assert not is_cleared(found, zone + timedelta(minutes=30))


def test_every_kind_of_clearance_is_needed():
    for missing in REQUIRED:
        found = [Clearance(kind, TODAY, TODAY) for kind in ClearanceKind if kind != missing]
        assert not is_cleared(found, NOON)


def test_waits_double_up_to_a_quarter_hour():
    waits = [wait_after(count).total_seconds() for count in range(13)]
    assert waits == [0, 0, 0, 0, 0, 30, 60, 120, 240, 480, 900, 900, 900]
    assert wait_after(10**6) == timedelta(minutes=15)


@pytest.mark.parametrize("login", ["", "ab", "1ab", "Ab", "a b", "a" * 41, "ab\n", "äbc"])
def test_login_is_a_plain_handle(login):
    with pytest.raises(InvalidInput):
        check_login(login)


@pytest.mark.parametrize(
    "password", ["x" * 14, "abcdefg" * 20, "aaaaabbbbbccccc", "my Jansen password"]
)
def test_password_has_length_and_no_login(password):
    with pytest.raises(InvalidInput):
        check_password(password, "jansen")


def test_one_person_has_one_number():
    assert normal_personnel_number(" n-12 ") == normal_personnel_number("Ｎ-12") == "N-12"
    for wrong in ("", "a b", "x" * 21, "é"):
        with pytest.raises(InvalidInput):
            normal_personnel_number(wrong)


def test_name_is_printable_and_composed():
    assert normal_name("  Zoe\u0301   de  Vries ") == "Zo\u00e9 de Vries"
    for wrong in ("", "x", "a\x00b", "a\u202eb", "x" * 201):
        with pytest.raises(InvalidInput):
            normal_name(wrong)


@pytest.mark.parametrize("label", ["", " a", "a" * 41, "a\nb", "a\n", "é", ".a"])
def test_label_is_a_short_plain_word(label):
    check_label("a" * 40)
    check_label("Phone 2.1_b-c")
    with pytest.raises(InvalidInput, match="/label"):
        check_label(label)
