"""Approvers of another house: approver and nothing else, with dates that count at the decision."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lea_service.kernel.actors import Role
from lea_service.kernel.clock import format_instant
from lea_service.kernel.errors import InvalidInput, NotPermitted, VerificationFailed
from lea_service.staff.approvals import verify_decision
from lea_service.staff.audit import check_staff
from lea_service.staff.changes import follow
from lea_service.staff.engagement import (
    Engagement,
    EngagementKind,
    check_engagement,
    may_hold,
    read_contact,
)
from lea_service.staff.models import EngagementRow
from lea_service.staff.queries import load_history
from tests.staff.test_chain import differences, export
from tests.staff.test_decisions import sign
from tests.staff.test_delegations import STAFF_PAIR, lend, plan, take
from tests.support.clock import START as NOW
from tests.support.log import check_log

HOURS = st.integers(-5, 5).map(lambda count: NOW + timedelta(hours=count))
OUTSIDE = (EngagementKind.OUTSIDE_COUNSEL, EngagementKind.SHARED_DESK)
COUNSEL = "Maatschap De Wit en Zonen"


def engaged(now, begin=0, end=24, kind="outside_counsel", **changes):
    """Return the engagement of somebody outside, from and until so many hours from now."""
    begin, end = (format_instant(now + timedelta(hours=one)) for one in (begin, end))
    reached = {"company": COUNSEL, "phone": "+31 20 5550123", "mailbox": "wit@counsel.example"}
    return {"kind": kind, "from": begin, "until": end, **reached, **changes}


def employed(**changes):
    return {"kind": "employee", "from": None, "until": None, **changes}


@pytest.fixture
def counsel(house, clock):
    return house.hire("counsel", "approver", engagement=engaged(clock.now()))


@given(HOURS, HOURS, HOURS)
def test_outsider_counts_within_the_dates(since, until, at):
    for kind in OUTSIDE:
        assert Engagement(kind, since, until).covers(at) == (since <= at < until)
        assert not Engagement(kind).covers(at)
    assert Engagement().covers(at)


@given(st.frozensets(st.sampled_from(list(Role))))
def test_outsider_is_approver_and_nothing_else(roles):
    for kind in OUTSIDE:
        assert may_hold(roles, Engagement(kind)) == (roles <= {Role.APPROVER})
    assert may_hold(roles, Engagement())


@pytest.mark.parametrize(
    ("kind", "since", "until"),
    [(OUTSIDE[0], None, NOW), (OUTSIDE[0], NOW, None), (OUTSIDE[1], NOW, NOW),
     (EngagementKind.EMPLOYEE, NOW, None), (EngagementKind.EMPLOYEE, None, NOW)],
)  # fmt: skip
def test_dates_fit_the_footing(kind, since, until):
    with pytest.raises(InvalidInput):
        check_engagement(Engagement(kind, since, until))


@pytest.mark.parametrize(
    "given",
    [{"mailbox": "nobody"}, {"mailbox": "a b@c.example"}, {"phone": "112"}, {"phone": "call me"}],
)
def test_contact_has_a_form(given):
    with pytest.raises(InvalidInput):
        read_contact(given)


def test_outsider_decides_until_the_engagement_ends(house, log, clock, counsel):
    first, second = plan(house), plan(house)
    house.decide(first, by="counsel")
    with log.transactions.read() as session:
        assert verify_decision(session, first, root=house.load_root()).decided_by == counsel
        assert check_staff(session, house.load_root(), clock.now()) == []
    assert differences(house, export(house, first)) == []
    clock.advance(hours=24, seconds=-300)
    actor, signed = house.actor("counsel"), sign(house, second, "counsel")
    clock.advance(seconds=300)
    with pytest.raises(NotPermitted):  # signed in good time, handed in too late
        house.approvals.decide(actor, second, **signed)
    assert house.actor("counsel").roles == frozenset()
    longer = {"account": counsel, "engagement": engaged(clock.now())}
    house.approve("staff.engagement", longer, *STAFF_PAIR)
    house.decide(second, by="counsel")
    with log.transactions.read() as session:
        assert check_staff(session, house.load_root(), clock.now()) == []
    check_log(log)


def test_outsider_gets_no_other_role(house, clock, counsel):
    now = clock.now()
    with pytest.raises(InvalidInput, match="approver alone"):
        house.hire("desk", "approver", "handler", engagement=engaged(now, kind="shared_desk"))
    with pytest.raises(InvalidInput, match="approver alone"):
        take(house, "counsel", ["approver", "handler"])
    moved = {"account": house.id("handler1"), "engagement": engaged(now)}
    with pytest.raises(InvalidInput, match="approver alone"):
        house.approve("staff.engagement", moved, *STAFF_PAIR)
    for gap in ({"company": None}, {"phone": None}, {"mailbox": None}, {"until": None}):
        request = {"account": counsel, "engagement": engaged(now, **gap)}
        with pytest.raises(InvalidInput):
            house.approve("staff.engagement", request, *STAFF_PAIR)
    take(house, "counsel")
    assert house.actor("counsel").roles == frozenset()
    clock.advance(seconds=5)
    lend(house, "counsel")
    assert house.actor("counsel").roles == {Role.APPROVER}
    clock.advance(hours=24)
    assert house.actor("counsel").roles == frozenset()


def test_signed_history_knows_no_other_role(house, counsel, clock):
    """Two who sign it all the same move nothing."""
    with house.log.transactions.read() as session:
        before = load_history(session, house.load_root()).standing(counsel, clock.now())
    facts = {"account": counsel, "generation": 2, "roles": ["handler"]}
    with pytest.raises(VerificationFailed, match="another house"):
        follow(before, "staff.roles", facts, clock.now())


def test_row_engages_nobody(house, log, clock, counsel):
    """Somebody with the database alone makes the engagement longer."""
    clock.advance(hours=24)
    approval = take(house, "handler2", ["handler"])
    with log.transactions.begin(house.actor("admin1")) as tx:
        tx.session.add(
            EngagementRow(
                id="eg_1", account_id=counsel, generation=2, kind="outside_counsel",
                valid_from=tx.now, valid_until=tx.now + timedelta(days=1), sealed=b"x",
                approval_id=approval,
            )
        )  # fmt: skip
    assert house.actor("counsel").roles == {Role.APPROVER}
    with pytest.raises(VerificationFailed):
        house.decide(plan(house), by="counsel")
    with log.transactions.read() as session:
        found = check_staff(session, house.load_root(), clock.now())
    assert any(line.startswith("engagements") for line in found)


def test_list_tells_of_which_house(house, staff, counsel):
    paper = staff.print_people(house.actor("overseer1"))
    assert f"outside counsel of {COUNSEL}, from 2026-11-24" in paper
    assert "mailbox    wit@counsel.example" in paper
    request = {"account": house.id("handler1"), "engagement": employed(phone="+31 6 12345678")}
    house.approve("staff.engagement", request, *STAFF_PAIR)
    people = {one.account: one.engagement for one in staff.list_people(house.actor("handler1"))}
    assert people[house.id("handler1")].phone == "+31 6 12345678"
    assert people[counsel].company == COUNSEL
