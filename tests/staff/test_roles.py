from pathlib import Path

import pytest

from lea_service.kernel.actors import GRANTS, Permission, Role
from lea_service.kernel.errors import InvalidInput
from lea_service.staff.roles_page import ABOUT, render_page
from lea_service.staff.rules import COMBINATIONS, STAFF_ROLES, check_roles

PAGE = Path(__file__).parents[2] / "docs" / "roles.md"
OF_CASES = {
    Permission.DEMAND_READ,
    Permission.DEMAND_LIST,
    Permission.DEMAND_RECORD,
    Permission.DEMAND_EDIT,
    Permission.LEGAL_ASSESS,
    Permission.PLAN_READ,
    Permission.PLAN_COMPILE,
    Permission.PLAN_PREVIEW,
    Permission.PLAN_PROPOSE,
    Permission.PLAN_DECIDE,
    Permission.PACKAGE_READ,
    Permission.DELIVERY_READ,
    Permission.DELIVERY_COLLECT,
    Permission.CUSTODY_READ_DEMAND,
    Permission.CUSTODY_READ,
    Permission.CUSTODY_EXPORT,
}
READ_NO_CASE = (Role.ENGINEER, Role.ADMINISTRATOR)


def test_page_is_what_the_code_says():
    assert PAGE.read_text() == render_page()


def test_page_says_the_same_in_dutch():
    english, dutch = render_page().splitlines(), render_page("nl").splitlines()
    rows = [[one for one in page if one.startswith("| `")] for page in (english, dutch)]
    assert [one.replace(" ja ", " yes ") for one in rows[1]] == rows[0] != []
    assert "| behandelaar (`handler`) | legt vorderingen vast" in render_page("nl")


def test_every_role_of_staff_is_described():
    assert set(ABOUT) == STAFF_ROLES == set(Role) - {Role.RECEIVER, Role.WORKER}


@pytest.mark.parametrize("role", READ_NO_CASE)
def test_role_reads_no_case(role):
    assert not GRANTS[role] & OF_CASES


def test_nobody_holds_both_halves_alone():
    """No group of roles proposes and decides plans and lets people in as well."""
    for group in COMBINATIONS:
        held = frozenset[Permission]().union(*(GRANTS[role] for role in group))
        assert not {Permission.PLAN_DECIDE, Permission.STAFF_DECIDE} <= held
        assert not {Permission.PLAN_PROPOSE, Permission.STAFF_PROPOSE} <= held


def test_worker_acts_are_of_no_person():
    alone = {Permission.EXTRACTION_RUN, Permission.PACKAGE_SEAL, Permission.DELIVERY_RELEASE}
    assert all(not GRANTS[role] & alone for role in STAFF_ROLES)


@pytest.mark.parametrize("one", sorted(STAFF_ROLES))
@pytest.mark.parametrize("other", sorted(STAFF_ROLES))
def test_roles_combine_within_a_group_only(one, other):
    if one == other:
        check_roles([one])
        with pytest.raises(InvalidInput):
            check_roles([one, other])
    elif any({one, other} <= group for group in COMBINATIONS):
        check_roles([one, other])
    else:
        with pytest.raises(InvalidInput):
            check_roles([one, other])
