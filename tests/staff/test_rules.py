from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lea_service.kernel.actors import Role
from lea_service.kernel.errors import InvalidInput
from lea_service.staff.cli import staff
from lea_service.staff.rules import (
    PASSWORD_DIFFERENT,
    PASSWORD_MAX,
    PASSWORD_MIN,
    PASSWORD_RULE,
    REQUIRED,
    Clearance,
    ClearanceKind,
    Delegation,
    check_clearance,
    check_delegation,
    check_label,
    check_login,
    check_password,
    check_roles,
    cleared_until,
    is_cleared,
    may_combine,
    normal_name,
    normal_personnel_number,
    wait_after,
    with_lent,
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


def test_day_of_clearance_is_where_the_law_counts_it():
    found = [Clearance(kind, date(2026, 1, 1), date(2026, 11, 24)) for kind in ClearanceKind]
    before = datetime.fromisoformat("2026-11-24T22:30:00+00:00")
    assert is_cleared(found, before)
    assert not is_cleared(found, before + timedelta(minutes=30))


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


LENT = Delegation("s_lender", NOON, NOON + timedelta(days=92))
LENGTH = "expected 15 to 128 characters"
LOGIN_FORM = "expected 3 to 40 of a-z, 0-9, dot and hyphen, beginning with a letter"
NUMBER_FORM = "expected 1 to 20 of A-Z, 0-9 and hyphen"
NAME_FORM = "expected 2 to 200 printable characters"
LABEL_FORM = "expected 1 to 40 letters, digits, spaces, dots, hyphens"
GROUPS = (
    "expected roles out of one group: handler and approver, auditor and overseer, "
    "or engineer and administrator"
)
REFUSALS = [
    (check_password, ("abcdefgh012345", "jan"), "/password", LENGTH),
    (check_password, ("abcdefgh" * 16 + "x", "jan"), "/password", LENGTH),
    (check_password, ("abcde" * 4, "jan"), "/password", "expected at least 6 different characters"),
    (check_password, ("my jAnSen password", "Jansen"), "/password",
     "expected a password that does not hold the login"),
    (check_login, ("ab",), "/login", LOGIN_FORM),
    (check_login, ("a" * 41,), "/login", LOGIN_FORM),
    (normal_personnel_number, ("x" * 21,), "/personnel_number", NUMBER_FORM),
    (normal_name, ("x",), "/name", NAME_FORM),
    (normal_name, ("x" * 201,), "/name", NAME_FORM),
    (check_label, ("a" * 41,), "/label", LABEL_FORM),
    (check_roles, ([Role.HANDLER, Role.HANDLER],), "/roles", "expected each role once"),
    (check_roles, ([Role.HANDLER, Role.AUDITOR],), "/roles", GROUPS),
    (check_clearance, (Clearance(ClearanceKind.SEALED, TODAY, TODAY - timedelta(days=1)),),
     "/clearances/sealed/until", "expected a date not before the first day"),
    (check_delegation, (LENT, "s_lender"), "/delegation/of",
     "expected somebody else than whom it is for"),
    (check_delegation, (Delegation("s_lender", NOON, NOON), "s_1"), "/delegation/until",
     "expected an end within 92 days after the begin"),
    (check_delegation, (Delegation("s_lender", NOON, LENT.until + timedelta(seconds=1)), "s_1"),
     "/delegation/until", "expected an end within 92 days after the begin"),
]  # fmt: skip


@pytest.mark.parametrize(("check", "given", "pointer", "detail"), REFUSALS)
def test_refusal_names_the_field_and_what_was_expected(check, given, pointer, detail):
    with pytest.raises(InvalidInput) as caught:
        check(*given)
    (error,) = caught.value.errors
    assert (error.pointer, error.detail) == (pointer, detail)


TAKEN = [
    (check_password, "abcdef012345678", "jan"),
    (check_password, "abcdefgh" * 16, "jan"),
    (check_password, "abcdef" * 3, "jan"),
    (check_login, "abc"),
    (check_login, "a" + "0" * 39),
    (normal_personnel_number, "N" * 20),
    (normal_personnel_number, "1"),
    (normal_name, "Bo"),
    (normal_name, "x" * 200),
    (check_label, "a" * 40),
    (check_label, "a"),
    (check_roles, []),
    (check_roles, [Role.HANDLER, Role.APPROVER]),
    (check_clearance, Clearance(ClearanceKind.SEALED, TODAY, TODAY)),
    (check_delegation, LENT, "s_1"),
]


@pytest.mark.parametrize(("check", "given"), [(one[0], one[1:]) for one in TAKEN])
def test_what_is_just_within_is_taken(check, given):
    check(*given)


def test_roles_are_combined_within_one_group_only():
    together = [{"handler", "approver"}, {"auditor", "overseer"}, {"engineer", "administrator"}]
    for roles in together:
        assert may_combine([Role(one) for one in roles])
        for other in set(Role) - {Role(one) for one in roles}:
            assert not may_combine([*map(Role, roles), other])


def test_what_is_lent_is_added_while_it_and_its_lender_last():
    handler, both = frozenset({Role.HANDLER}), frozenset({Role.HANDLER, Role.APPROVER})

    def roles(at=NOON, own=handler, lender=frozenset({Role.APPROVER})):
        return with_lent(own, [LENT], at, {"s_lender": lender}.__getitem__)

    assert roles() == roles(at=LENT.until - timedelta(seconds=1)) == both
    assert roles(at=LENT.until) == roles(at=NOON - timedelta(seconds=1)) == handler
    assert roles(lender=handler) == handler
    assert roles(own=frozenset({Role.AUDITOR})) == {Role.AUDITOR}
    assert roles(own=frozenset()) == {Role.APPROVER}
    assert with_lent(handler, [], NOON, {}.__getitem__) == handler


def spans(*days):
    """Return every required clearance for these spans of days from today."""
    return [
        Clearance(kind, TODAY + timedelta(days=first), TODAY + timedelta(days=last))
        for kind in REQUIRED
        for first, last in days
    ]


@pytest.mark.parametrize(
    ("days", "until"),
    [
        ([(0, 0)], 0), ([(0, 3), (4, 9)], 9), ([(0, 3), (5, 9)], 3), ([(4, 9), (-9, 3)], 9),
        ([(-9, 6), (2, 4)], 6), ([(-9, -1)], None), ([(1, 9)], None), ([(-9, -1), (0, 2)], 2),
        ([], None),
    ],
)  # fmt: skip
def test_clearances_that_follow_without_a_gap_are_one(days, until):
    wanted = None if until is None else TODAY + timedelta(days=until)
    assert cleared_until(spans(*days), NOON) == wanted
    assert cleared_until(spans(*days)[: -len(days) or None], NOON) is None


def test_day_on_which_clearances_lapse_is_where_the_law_counts_it():
    at = datetime.fromisoformat("2026-11-24T22:30:00+00:00")
    assert cleared_until(spans((0, 0)), at) == TODAY
    assert cleared_until(spans((0, 0)), at + timedelta(minutes=30)) is None


def test_newcomer_is_told_what_a_password_has_to_be():
    """Where it is typed, in the help of the command, and in the page by which people come in."""
    figures = (str(PASSWORD_MIN), str(PASSWORD_MAX), str(PASSWORD_DIFFERENT))
    assert all(one in words for words in PASSWORD_RULE for one in figures)
    page = (Path(__file__).parents[2] / "docs" / "operations.md").read_text()
    said = " ".join(str(staff.commands["password"].help).split())
    told = "15 to 128 characters, at least 6 of them different, and does not hold"
    assert figures == ("15", "128", "6")
    assert told in page
    assert told in said
    assert "lea staff sign-in" in said
