"""A role that is lent: for a period, by its holder only, gone at once with what it rests on."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lea_service.kernel.actors import Role
from lea_service.kernel.clock import format_instant
from lea_service.kernel.errors import InvalidInput, NotPermitted, VerificationFailed, WrongState
from lea_service.staff.approvals import verify_decision
from lea_service.staff.audit import check_staff
from lea_service.staff.models import DelegationRow
from lea_service.staff.rules import Delegation, check_delegation, with_lent
from tests.staff.attacker import PLAN
from tests.staff.test_chain import differences, export, last_of
from tests.staff.test_decisions import sign
from tests.support.clock import START as NOW
from tests.support.log import check_log

PLAN_ID = "pl_" + "1" * 32
STAFF_PAIR = ("admin1", "overseer1")
hours = st.integers(-5, 5).map(lambda count: NOW + timedelta(hours=count))


def lent(house, name="handler2", of="approver1", begin=0, end=24):
    """Return the request that a role is lent, from and until so many hours from now."""
    now = house.log.transactions.clock.now()
    begin, end = (format_instant(now + timedelta(hours=one)) for one in (begin, end))
    period = {"of": house.id(of), "from": begin, "until": end}
    return {"account": house.id(name), "delegation": period}


def lend(house, *args, **kwargs):
    return house.approve("staff.delegation", lent(house, *args, **kwargs), *STAFF_PAIR)


def take(house, name, roles=()):
    request = {"account": house.id(name), "roles": list(roles)}
    return house.approve("staff.roles", request, *STAFF_PAIR)


def plan(house):
    return house.propose(PLAN, {"plan": PLAN_ID})


@given(hours, hours, hours)
def test_lent_only_within_the_period(since, until, at):
    found = with_lent(frozenset(), [Delegation("s", since, until)], at, lambda _: {Role.APPROVER})
    assert (found == {Role.APPROVER}) == (since <= at < until)


@pytest.mark.parametrize("own", [Role.AUDITOR, Role.OVERSEER, Role.ENGINEER, Role.ADMINISTRATOR])
def test_roles_outside_the_group_get_nothing(own):
    day = Delegation("s", NOW, NOW + timedelta(days=1))
    assert with_lent(frozenset({own}), [day], NOW, lambda _: {Role.APPROVER}) == {own}


def test_only_held_roles_are_lent():
    day = Delegation("s", NOW, NOW + timedelta(days=1))
    for held in (frozenset(), frozenset({Role.HANDLER})):
        assert with_lent(frozenset(), [day], NOW, lambda _, held=held: held) == frozenset()


@pytest.mark.parametrize("days", [-1, 0, 93])
def test_period_ends_and_is_not_long(days):
    with pytest.raises(InvalidInput):
        check_delegation(Delegation("s_1", NOW, NOW + timedelta(days=days)), "s_2")
    with pytest.raises(InvalidInput):
        check_delegation(Delegation("s_1", NOW, NOW + timedelta(days=1)), "s_1")


def test_lent_role_decides_and_ends_by_itself(house, log, clock):
    lend(house, begin=1, end=2)
    assert house.actor("handler2").roles == {Role.HANDLER}
    clock.advance(seconds=3600)
    approval_id, second = plan(house), plan(house)
    house.decide(approval_id, by="handler2")
    with log.transactions.read() as session:
        found = verify_decision(session, approval_id, root=house.load_root())
        assert check_staff(session, house.load_root(), clock.now()) == []
    assert found.decided_by == house.id("handler2")
    clock.advance(seconds=3600)
    with pytest.raises(NotPermitted):
        house.decide(second, by="handler2")
    check_log(log)


def test_borrower_lends_nothing(house):
    lend(house)
    assert Role.APPROVER in house.actor("handler2").roles
    with pytest.raises(WrongState, match="themselves"):
        lend(house, "handler1", "handler2")
    with pytest.raises(WrongState, match="nobody combines"):
        lend(house, "auditor1")
    with pytest.raises(InvalidInput):
        lend(house, begin=-2, end=-1)


def test_lent_role_ends_with_what_it_rests_on(house, staff, clock):
    """With the lender's own role, with the lender's suspension, and with other roles of one's own."""
    lend(house)
    staff.suspend(house.actor("overseer1"), house.id("approver1"), "key_lost")
    assert house.actor("handler2").roles == {Role.HANDLER}
    lend(house, of="approver2")
    assert Role.APPROVER in house.actor("handler2").roles
    clock.advance(seconds=5)
    take(house, "handler2", ["handler"])
    assert house.actor("handler2").roles == {Role.HANDLER}
    clock.advance(seconds=5)
    lend(house, of="approver2")
    clock.advance(seconds=5)
    take(house, "approver2")
    assert house.actor("handler2").roles == {Role.HANDLER}
    with house.log.transactions.read() as session:
        assert check_staff(session, house.load_root(), clock.now()) == []
    check_log(house.log)


def test_role_is_withdrawn_between_preparing_and_deciding(house, clock):
    """The statement was prepared and signed in good time; the decision comes in too late."""
    lend(house)
    approval_id, actor = plan(house), house.actor("handler2")
    signed = sign(house, approval_id, "handler2")
    clock.advance(seconds=5)
    take(house, "approver1")
    with pytest.raises(NotPermitted):
        house.approvals.decide(actor, approval_id, **signed)


def test_export_names_the_lender(house, clock):
    lend(house)
    clock.advance(seconds=5)
    approval_id = plan(house)
    house.decide(approval_id, by="handler2")
    exported = export(house, approval_id)
    assert differences(house, exported) == []
    exported["chain"].pop(last_of(exported, house.id("approver1")))
    assert any("leaves out a staff.account" in one for one in differences(house, exported))


def test_row_lends_nothing(house, log, clock):
    """Somebody with the database alone writes a delegation that two people did not sign."""
    approval_id = take(house, "handler2", ["handler"])
    with log.transactions.begin(house.actor("admin1")) as tx:
        tx.session.add(
            DelegationRow(
                id="dg_1",
                account_id=house.id("handler2"),
                lent_by=house.id("approver1"),
                valid_from=tx.now,
                valid_until=tx.now + timedelta(days=1),
                approval_id=approval_id,
            )
        )
    assert Role.APPROVER in house.actor("handler2").roles
    with pytest.raises(VerificationFailed):
        house.decide(plan(house), by="handler2")
    with log.transactions.read() as session:
        found = check_staff(session, house.load_root(), clock.now())
    assert any(line.startswith("delegations") for line in found)
