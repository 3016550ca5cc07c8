"""Whether approvers can be reached: asked by a code, away by their own word, too few once told."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from lea_service.custody.queries import list_stream
from lea_service.kernel.actors import worker_actor
from lea_service.kernel.errors import InvalidInput, NotFound, NotPermitted
from lea_service.kernel.jobs import Job
from lea_service.kernel.transactions import SYSTEM_STREAM
from lea_service.staff.reach.cli import describe
from lea_service.staff.reach.codes import code_of, is_code
from lea_service.staff.reach.models import ReachTest
from lea_service.staff.reach.rules import (
    Absence,
    Asking,
    Reach,
    Timing,
    check_absence,
    is_overdue,
    is_test_due,
    is_too_few,
    judge,
)
from lea_service.staff.reach.service import ReachService
from tests.staff.test_delegations import lend
from tests.support.clock import START as NOW
from tests.support.log import check_log

DAY = timedelta(days=1)
TIMING = Timing(30 * DAY, 5 * DAY)
WORKER = worker_actor()


def asked(days_ago, answered=None):
    """Return a test of so many days ago, answered so many days ago."""
    sent = NOW - days_ago * DAY
    return Asking(sent, sent + 5 * DAY, None if answered is None else NOW - answered * DAY)


def stand(*tests, has_role=True, absence=None):
    return judge(has_role=has_role, absence=absence, tests=tests, now=NOW)


@pytest.mark.parametrize(
    ("tests", "expected"),
    [
        ((), Reach.NOT_ASKED),
        ((asked(0),), Reach.ASKED),
        ((asked(4.9),), Reach.ASKED),
        ((asked(5),), Reach.OVERDUE),
        ((asked(5, answered=1),), Reach.ANSWERED),  # late, and good from then on
        ((asked(31, answered=30), asked(1)), Reach.ANSWERED),
        ((asked(31, answered=30), asked(6)), Reach.OVERDUE),
        ((asked(31, answered=6), asked(6)), Reach.ANSWERED),  # at the instant of the next one
        ((asked(40), asked(1)), Reach.OVERDUE),  # another test gives no new term
        ((asked(40), asked(10, answered=9)), Reach.ANSWERED),
    ],
)
def test_term_and_answers_decide(tests, expected):
    assert stand(*tests) == expected


def test_role_and_absence_come_first():
    absence = Absence(NOW, NOW + DAY)
    assert stand(asked(1), has_role=False, absence=absence) == Reach.WITHOUT_ROLE
    assert stand(asked(40), absence=absence) == Reach.ABSENT
    assert stand(absence=Absence(NOW - DAY, NOW)) == Reach.NOT_ASKED
    assert stand(absence=Absence(NOW + DAY, NOW + 2 * DAY)) == Reach.NOT_ASKED


@given(st.lists(st.tuples(st.integers(0, 60), st.none() | st.integers(0, 60)), max_size=5))
def test_answer_of_this_instant_is_never_overdue(pairs):
    tests = [asked(days, None if one is None else min(one, days)) for days, one in pairs]
    assert not is_overdue([*tests, asked(61, answered=0)], NOW)


@given(st.lists(st.sampled_from(list(Reach))))
def test_two_are_enough(reaches):
    good = [one for one in reaches if one in {Reach.ANSWERED, Reach.ASKED, Reach.NOT_ASKED}]
    assert is_too_few(reaches) == (len(good) < 2)


def test_asked_again_after_the_time_between():
    assert is_test_due(Reach.NOT_ASKED, [], TIMING, NOW)
    assert not is_test_due(Reach.ANSWERED, [asked(29.9)], TIMING, NOW)
    assert is_test_due(Reach.ANSWERED, [asked(60), asked(30)], TIMING, NOW)
    for reach in (Reach.ABSENT, Reach.WITHOUT_ROLE):
        assert not is_test_due(reach, [], TIMING, NOW)


@pytest.mark.parametrize(("since", "until"), [(1, 1), (2, 1), (-2, -1), (0, 367)])
def test_absence_has_a_real_end(since, until):
    over = "an instant that is to come" if until < 0 else "an end within a year after the begin"
    with pytest.raises(InvalidInput) as refused:
        check_absence(Absence(NOW + since * DAY, NOW + until * DAY), NOW)
    assert str(refused.value) == f"/until: expected {over}"


def test_absence_lasts_a_year_at_most_and_is_not_over():
    check_absence(Absence(NOW, NOW + 366 * DAY), NOW)
    check_absence(Absence(NOW - DAY, NOW + timedelta(microseconds=1)), NOW)
    with pytest.raises(InvalidInput, match="to come"):
        check_absence(Absence(NOW - DAY, NOW), NOW)


@pytest.fixture
def reach(log):
    return ReachService(log.transactions, log.looks, TIMING)


def watch(log, reach):
    reach.watch(lambda: log.transactions.begin(WORKER))


def find_code(log, account):
    with log.transactions.read() as session:
        query = select(ReachTest.id).where(ReachTest.account_id == account)
        newest = session.scalars(query.order_by(ReachTest.sent_at.desc())).first()
    return code_of(log.transactions.index, newest)


def alarms(log):
    """Return what the log says of too few and of enough, in order."""
    with log.transactions.read() as session:
        events = [one.event for one in list_stream(session, SYSTEM_STREAM)]
    return [one for one in events if one in {"approvers.too_few", "approvers.enough"}]


def list_told(log, template):
    """Return whom a notice of a kind waits for; None is the mailbox of the house."""
    with log.transactions.read() as session:
        jobs = session.scalars(select(Job).where(Job.kind == "notice.send")).all()
        return [job.args.get("colleague") for job in jobs if job.args["template"] == template]


def test_approvers_are_asked_and_answer(house, log, clock, reach):
    watch(log, reach)
    watch(log, reach)
    both = [house.id("approver1"), house.id("approver2")]
    assert sorted(list_told(log, "approvers.asked")) == sorted(both)
    first, second = (find_code(log, one) for one in both)
    for code in ("", "ABCD-EFGH", second):
        with pytest.raises(InvalidInput):
            reach.confirm(house.actor("approver1"), code)
    reach.confirm(house.actor("approver1"), first.lower().replace("-", " "))
    with pytest.raises(NotFound):
        reach.confirm(house.actor("approver1"), first)
    with pytest.raises(NotFound):
        reach.confirm(house.actor("handler1"), first)
    found = {one.account: one for one in reach.show(house.actor("auditor1")).approvers}
    assert [found[one].reach for one in both] == ["answered", "asked"]
    assert (found[both[0]].answered_at, found[both[1]].due_at) == (
        clock.now(),
        clock.now() + 5 * DAY,
    )
    assert not is_code(log.transactions.index, "rt_1", first)
    check_log(log)


def test_too_few_are_told_once_for_each_fall(house, log, clock, reach):
    watch(log, reach)
    reach.confirm(house.actor("approver1"), find_code(log, house.id("approver1")))
    clock.advance(days=5)
    watch(log, reach)
    watch(log, reach)
    assert alarms(log) == ["approvers.too_few"]
    told = list_told(log, "approvers.too_few")
    assert sorted(told, key=str) == sorted(
        [None, house.id("admin1"), house.id("overseer1")], key=str
    )
    assert reach.show(house.actor("overseer1")).reachable == 1
    reach.confirm(house.actor("approver2"), find_code(log, house.id("approver2")))  # late
    watch(log, reach)
    assert alarms(log) == ["approvers.too_few", "approvers.enough"]
    reach.enter_absence(house.actor("approver2"), Absence(clock.now(), clock.now() + DAY))
    watch(log, reach)
    assert alarms(log)[2:] == ["approvers.too_few"]
    clock.advance(seconds=1)
    reach.enter_absence(house.actor("approver2"), None)
    watch(log, reach)
    assert alarms(log)[3:] == ["approvers.enough"]
    check_log(log)


def test_falls_of_one_day_are_told_once(house, log, clock, reach):
    me = house.actor("approver2")
    watch(log, reach)
    for _ in range(3):
        reach.enter_absence(me, None)
        clock.advance(seconds=300)
        watch(log, reach)
        reach.enter_absence(me, Absence(clock.now(), clock.now() + 3 * DAY))
        clock.advance(seconds=300)
        watch(log, reach)
    assert alarms(log).count("approvers.too_few") == 3
    assert len(list_told(log, "approvers.too_few")) == 3
    clock.advance(days=1)  # the last fall, not told yet, still stands
    watch(log, reach)
    assert len(list_told(log, "approvers.too_few")) == 6
    clock.advance(days=1)
    watch(log, reach)
    assert len(list_told(log, "approvers.too_few")) == 6
    check_log(log)


def test_only_overseers_in_office_are_told(house, staff, log, clock, reach):
    watch(log, reach)
    staff.suspend(house.actor("admin1"), house.id("overseer1"), "left")
    reach.enter_absence(house.actor("approver2"), Absence(clock.now(), clock.now() + DAY))
    watch(log, reach)
    assert set(list_told(log, "approvers.too_few")) == {None, house.id("admin1")}
    check_log(log)


def test_who_has_no_mailbox_is_named():
    def tell(**mailboxes):
        lines = [
            {"name": f"{one}\nJ", "account": f"s_{one}", "has_mailbox": has}
            for one, has in mailboxes.items()
        ]
        return describe({"reachable": 2, "alarm": None, "approvers": lines})

    said = tell(An=True, Bo=False, Cy=False).splitlines()
    assert r"No mailbox is known of: Bo\x0aJ, Cy\x0aJ." in said
    assert [one.split()[4] for one in said if "request engagement" in one] == ["s_Bo", "s_Cy"]
    assert "mailbox" not in tell(An=True)


def test_rights_of_this_instant_decide(house, staff, log, clock, reach):
    lend(house, of="approver2", end=48)  # to handler2
    watch(log, reach)
    staff.suspend(house.actor("overseer1"), house.id("approver1"), "left")
    watch(log, reach)
    assert alarms(log) == []
    clock.advance(days=2)  # what is lent has ended
    watch(log, reach)
    assert alarms(log) == ["approvers.too_few"]
    found = {one.account: one.reach for one in reach.show(house.actor("overseer1")).approvers}
    assert found == {house.id("approver1"): "without_role", house.id("approver2"): "asked"}


def test_people_ask_nobody_themselves(house, log, reach):
    with pytest.raises(NotPermitted):
        reach.watch(lambda: log.transactions.begin(house.actor("overseer1")))
