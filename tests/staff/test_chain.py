"""What an export leaves out is told by the whole log, and by nothing in the export itself."""

import copy

import pytest

from lea_service.custody.entries import load_entry
from lea_service.custody.queries import find_head, iter_entries
from lea_service.kernel.actors import Permission
from lea_service.kernel.canonical import dump_canonical, load_strict
from lea_service.kernel.errors import VerificationFailed
from lea_service.staff.chain import StaffLog, check_chain
from lea_service.staff.exported import export_decision, load_exported, verify_exported
from lea_service.staff.history import Rule
from tests.staff.attacker import PLAN, Attacker
from tests.support.log import check_log
from tests.support.staff import new_key, person_form

PLAN_ID = "pl_" + "1" * 32
RULE = Rule(Permission.PLAN_PROPOSE, Permission.PLAN_DECIDE)


def read_log(log):
    found = StaffLog()
    with log.transactions.read() as session:
        for entry in iter_entries(session, 0, find_head(session).size):
            found.take(entry.idx, load_entry(entry.data))
    return found


def differences(house, exported):
    return check_chain(load_exported(exported), house.load_root(), read_log(house.log), RULE)


def export(house, approval_id):
    with house.log.transactions.read() as session:
        return load_strict(dump_canonical(export_decision(session, approval_id)))


@pytest.fixture
def busy(house, staff, clock):
    """A house in which everything happened that may happen to staff."""
    for name in ("approver1", "handler2"):
        staff.suspend(house.actor("overseer1"), house.id(name), "key_lost")
        clock.advance(seconds=30)
        house.approve("staff.lift", {"account": house.id(name)}, "overseer1", "admin1")
        clock.advance(seconds=30)
    house.keys["handler1"] = new_key("another")
    key = person_form("any", house.keys["handler1"])["key"]
    house.approve("staff.key", {"account": house.id("handler1"), "key": key}, "admin1", "overseer1")
    clock.advance(seconds=30)
    return house


def decided(house):
    return export(house, house.approve(PLAN, {"plan": PLAN_ID}))


def test_whole_export_has_no_differences(busy, log):
    exported = decided(busy)
    verify_exported(exported, busy.load_root(), entered=log.transactions.clock.now())
    assert differences(busy, exported) == []
    check_log(log)


def test_export_is_of_nobody_else_and_nothing_later(busy, staff, clock):
    exported = decided(busy)
    assert [one["account"] for one in exported["suspensions"]] == [busy.id("approver1")]
    assert busy.id("handler2") not in dump_canonical(exported).decode()
    clock.advance(seconds=30)
    staff.suspend(busy.actor("overseer1"), busy.id("handler1"), "key_lost")
    change = {"account": busy.id("approver1"), "roles": []}
    busy.approve("staff.roles", change, "admin1", "overseer1")
    again = export(busy, exported["approval"]["id"])
    assert again == exported
    assert differences(busy, exported) == []


def last_of(exported, account):
    """Return the place of the last change of somebody in the chain."""
    stated = [load_strict(one["decision"]["statement"]) for one in exported["chain"]]
    own = [(one["stated_at"], n) for n, one in enumerate(stated) if one["subject"] == account]
    return max(own)[1]


def rename(case):
    """Return a change under an id that was never entered."""
    return load_strict(dump_canonical(case).decode().replace(case["id"], "ap_" + "9" * 32))


LIES = {
    "leaves out the suspension su_": lambda _, told: told["suspensions"].clear(),
    "leaves out a staff.lift of s_": lambda house, told: told["chain"].pop(
        last_of(told, house.id("approver1"))
    ),
    "leaves out a staff.key of s_": lambda house, told: told["chain"].pop(
        last_of(told, house.id("handler1"))
    ),
    "names a suspension that the log does not hold": lambda _, told: told["suspensions"].append(
        told["suspensions"][0] | {"id": "su_" + "9" * 32}
    ),
    "names a suspension that the log": lambda _, told: told["suspensions"][0].update(
        since="2020-01-01T00:00:00.000000Z"
    ),
    "the log holds other signatures": lambda _, told: told["chain"][0]["proposal"].update(
        proof=told["chain"][1]["proposal"]["proof"]
    ),
    "is not in the log": lambda _, told: told["chain"].append(rename(told["chain"][0])),
}


@pytest.mark.parametrize("said", LIES)
def test_every_difference_is_named(busy, said):
    told = copy.deepcopy(decided(busy))
    LIES[said](busy, told)
    assert any(said in one for one in differences(busy, told))


def suspend(house, staff):
    staff.suspend(house.actor("overseer1"), house.id("approver1"), "key_lost")


def take_roles(house, staff):
    change = {"account": house.id("approver1"), "roles": []}
    house.approve("staff.roles", change, "admin1", "overseer1")


def replace_key(house, staff):
    key = person_form("any", new_key("another"))["key"]
    change = {"account": house.id("approver1"), "key": key}
    house.approve("staff.key", change, "admin1", "overseer1")


ENDS = {
    suspend: "leaves out the suspension",
    take_roles: "leaves out a staff.roles",
    replace_key: "leaves out a staff.key",
}


def slip_in_plan(house, at=None):
    """Write what two keys signed past every check, as a provider that lies could."""
    signers = [(house.id(name), house.key(name)) for name in ("handler1", "approver1")]
    return Attacker(house).slip_in(PLAN, PLAN_ID, {"rows": 3}, *signers, at=at)


@pytest.mark.parametrize("end", ENDS)
def test_ended_right_left_out_is_found_by_the_log_alone(house, staff, clock, end):
    end(house, staff)
    clock.advance(seconds=60)
    exported, root = export(house, slip_in_plan(house)), house.load_root()
    with pytest.raises(VerificationFailed):
        verify_exported(exported, root)
    lie = exported | {"suspensions": []}
    lie["chain"] = [one for one in exported["chain"] if is_account(one)]
    verify_exported(lie, root, entered=clock.now())
    assert [one for one in differences(house, lie) if ENDS[end] in one]


def is_account(case):
    return load_strict(case["decision"]["statement"])["kind"] == "staff.account"


@pytest.mark.parametrize("end", ENDS)
def test_right_that_ended_before_the_entry_is_no_right(house, staff, clock, end):
    """Whoever lost a right cannot state that they decided before."""
    stated = clock.now()
    clock.advance(seconds=60)
    end(house, staff)
    clock.advance(seconds=60)
    exported, root = export(house, slip_in_plan(house, at=stated)), house.load_root()
    verify_exported(exported, root)
    with pytest.raises(VerificationFailed, match="at that time"):
        verify_exported(exported, root, entered=clock.now())
    assert ["at that time" in one for one in differences(house, exported)] == [True]


def test_change_that_nobody_decided_is_named(house, clock):
    exported = decided(house)
    with house.log.transactions.begin(house.actor("admin1")) as tx:
        tx.record("staff.roles_changed", house.id("approver1"), facts={"approval": "ap_0"})
    clock.advance(seconds=60)
    later = decided(house)
    assert differences(house, exported) == []
    assert ["by nobody" in one for one in differences(house, later)] == [True]


def test_log_of_other_founders_is_named(house):
    exported, root = decided(house), house.load_root()
    other = read_log(house.log)
    other.founders.reverse()
    found = check_chain(load_exported(exported), root, other, RULE)
    assert found == ["the log begins with other first two people than the staff root names"]
