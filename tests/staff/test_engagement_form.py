"""What an engagement has to say, and where it is wrong."""

from datetime import UTC, datetime, timedelta

import pytest

from lea_service.kernel.actors import Role
from lea_service.kernel.errors import InvalidInput
from lea_service.staff.engagement import (
    EMPLOYED,
    Contact,
    Engagement,
    EngagementKind,
    check_engaged,
    dump_engagement,
    load_engagement,
    may_hold,
    read_engagement,
)

SINCE = datetime(2026, 11, 1, tzinfo=UTC)
UNTIL = SINCE + timedelta(days=30)
OUTSIDE = {
    "kind": EngagementKind.SHARED_DESK, "since": SINCE, "until": UNTIL, "company": "Bureau", "phone": "+31 20 1234567",
    "mailbox": "balie@bureau.example",
}  # fmt: skip
EMPLOYEE = {"kind": EngagementKind.EMPLOYEE, "since": None, "until": None}
DESK = Engagement(EngagementKind.SHARED_DESK, SINCE, UNTIL)


def test_engagement_is_read_in_both_halves():
    contact = Contact("Bureau", "+31 20 1234567", "balie@bureau.example")
    assert read_engagement(OUTSIDE) == (DESK, contact)
    assert read_engagement(EMPLOYEE) == (EMPLOYED, Contact())
    for one in (DESK, EMPLOYED):
        assert load_engagement(dump_engagement(one)) == one


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (OUTSIDE | {"mailbox": "balie"}, "/engagement/mailbox: expected an e-mail address"),
        (OUTSIDE | {"phone": "020"}, "/engagement/phone: expected a phone number as +31 20 …"),
        (EMPLOYEE | {"since": SINCE}, "/engagement/until: expected no dates for an employee"),
        (EMPLOYEE | {"until": UNTIL}, "/engagement/until: expected no dates for an employee"),
        (OUTSIDE | {"until": SINCE}, "/engagement/until: expected an end after the begin"),
        (OUTSIDE | {"since": None}, "/engagement/until: expected an end after the begin"),
        (OUTSIDE | {"until": None}, "/engagement/until: expected an end after the begin"),
        *(
            (OUTSIDE | {name: None}, f"/engagement/{name}: expected with somebody of another house")
            for name in ("company", "phone", "mailbox")
        ),
    ],
)
def test_each_place_that_is_wrong_is_named(given, said):
    with pytest.raises(InvalidInput) as refused:
        read_engagement(given)
    assert str(refused.value) == said


@pytest.mark.parametrize(
    ("at", "lasts"),
    [(SINCE - timedelta(microseconds=1), False), (SINCE, True), (UNTIL, False)],
)
def test_engagement_lasts_up_to_its_end(at, lasts):
    assert DESK.covers(at) is lasts
    assert EMPLOYED.covers(at)


def test_somebody_of_another_house_approves_and_does_nothing_else():
    approver, more = frozenset({Role.APPROVER}), frozenset({Role.APPROVER, Role.HANDLER})
    assert [may_hold(one, DESK) for one in (frozenset(), approver, more)] == [True, True, False]
    assert may_hold(more, EMPLOYED)
    check_engaged(approver, DESK)
    with pytest.raises(InvalidInput) as refused:
        check_engaged(more, DESK)
    assert str(refused.value) == "/roles: expected approver alone for somebody of another house"
