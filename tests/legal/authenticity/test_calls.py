"""What calls come to, by what was recorded of them alone."""

from datetime import UTC, datetime, timedelta

import pytest

from lea_service.kernel.errors import InvalidInput
from lea_service.legal.authenticity.call_back import (
    Call,
    CallOutcome,
    check_called_at,
    find_denial,
    observe_calls,
)
from lea_service.legal.authenticity.observations import Observation, Sight

AT = datetime(2026, 11, 24, 9, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
NUMBER, AGENCY, PERSON = "cn_1", "a_1", "p_1"
CONFIRMED, DENIED, UNREACHABLE = CallOutcome


def call(outcome=CONFIRMED, by="s_1", minute=0, **changes):
    found = {"contact": NUMBER, "subject": AGENCY, "record_version": 2} | changes
    return Call(
        f"cb_{minute}", **found, outcome=outcome, called_by=by, called_at=AT + minute * MINUTE
    )


def observe(*calls):
    return [
        *observe_calls(
            calls, record_version=2, parties=[AGENCY, PERSON, None], contacts=[NUMBER], now=AT
        )
    ]


def seen(sight, by="s_1", minute=0, contact=NUMBER, subject=AGENCY):
    facts = {"contact": contact, "subject": subject}
    return Observation(sight, AT + minute * MINUTE, (by,), f"cb_{minute}", facts)


def test_no_call_is_seen_as_none():
    assert observe() == [Observation(Sight.CALL_BACK_NONE, AT, ())]


def test_each_call_is_seen_as_what_it_came_to():
    found = observe(
        call(UNREACHABLE, minute=1), call(minute=2, subject=PERSON), call(DENIED, "s_2", 3)
    )
    assert found == [
        seen(Sight.CALL_BACK_DENIED, "s_2", 3),
        seen(Sight.CALL_BACK_UNREACHABLE, minute=1),
        seen(Sight.CALL_BACK_CONFIRMED, minute=2, subject=PERSON),
    ]


@pytest.mark.parametrize(
    "changes",
    [{"record_version": 1}, {"record_version": 3}, {"subject": "a_2"}, {"contact": "cn_2"}],
)
def test_confirmation_of_something_else_or_by_another_number_is_outdated(changes):
    (found,) = observe(call(**changes))
    assert found.sight is Sight.CALL_BACK_OUTDATED


@pytest.mark.parametrize(
    ("calls", "stands"),
    [
        ([], None),
        ([call()], None),
        ([call(UNREACHABLE)], None),
        ([call(DENIED)], 0),
        ([call(DENIED), call(minute=1)], 0),
        ([call(DENIED), call(UNREACHABLE, "s_2", 1)], 0),
        ([call(DENIED), call(by="s_2", minute=1)], None),
        ([call(DENIED, minute=1), call(by="s_2", minute=1)], None),
        ([call(DENIED, minute=1), call(by="s_2")], 1),
        ([call(by="s_2", minute=1), call(DENIED)], 0),
        ([call(DENIED), call(DENIED, "s_2", 1)], 1),
        ([call(DENIED), call(DENIED, "s_2", 1), call(by="s_2", minute=2)], 1),
        ([call(DENIED), call(DENIED, "s_2", 1), call(by="s_1", minute=2)], 0),
        ([call(DENIED), call(DENIED, "s_2", 1), call(by="s_3", minute=2)], None),
        ([call(DENIED, minute=1), call(DENIED, minute=3), call(by="s_2", minute=2)], 3),
    ],
)
def test_denial_stands_until_another_colleague_confirms_in_a_later_call(calls, stands):
    found = find_denial(calls)
    assert (found and found.id) == (None if stands is None else f"cb_{stands}")


TIMES = {
    "received_at": AT + 10 * MINUTE,
    "known_at": AT + 20 * MINUTE,
    "corrected_at": None,
    "now": AT + 60 * MINUTE,
}


@pytest.mark.parametrize(
    ("minute", "changes", "is_right"),
    [
        (20, {}, True),
        (60, {}, True),
        (19, {}, False),
        (61, {}, False),
        (10, {"known_at": AT}, True),
        (9, {"known_at": AT}, False),
        (30, {"corrected_at": AT + 30 * MINUTE}, True),
        (29, {"corrected_at": AT + 30 * MINUTE}, False),
        (20, {"corrected_at": AT}, True),
    ],
)
def test_call_lies_after_what_it_is_about_and_before_now(minute, changes, is_right):
    times = TIMES | changes
    if is_right:
        check_called_at(AT + minute * MINUTE, **times)
        return
    with pytest.raises(InvalidInput):
        check_called_at(AT + minute * MINUTE, **times)


@pytest.mark.parametrize(
    ("corrected_at", "told"),
    [
        (None, ""),
        (AT, "after the demand was last corrected (2026-11-24 10:00 (+01:00)), "),
    ],
)
def test_call_at_another_time_is_told_each_bound(corrected_at, told):
    with pytest.raises(InvalidInput) as caught:
        check_called_at(AT, **TIMES | {"corrected_at": corrected_at})
    assert str(caught.value) == (
        "/called_at: expected when the call was made (--at): after the demand came in "
        f"(2026-11-24 10:10 (+01:00)), {told}after the number was approved for the register "
        "(2026-11-24 10:20 (+01:00)), and not later than now; a call made before counts for "
        "nothing, so call again"
    )
