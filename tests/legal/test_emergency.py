"""The emergency lane: a reason that is reviewed, the smallest category first, some things never."""

from dataclasses import replace

import pytest

from lea_service.kernel.errors import NotPermitted, WrongState
from lea_service.legal.emergency import AT_FIRST, NEVER, find_emergency
from lea_service.legal.facts import EmergencyFacts
from lea_service.legal.queries import check_settled
from lea_service.legal.word import POLICY
from tests.demands.samples import item
from tests.legal.test_checks import GOOD
from tests.legal.test_service import REASON, correct
from tests.support.call_backs import add_number, call_back
from tests.support.log import check_log

CLAIM = {
    "reason": "threat_to_life",
    "explanation": "Somebody announced a shooting for this evening.",
    "claimed_by": {"name": "Piet Bakker", "function": "meldkamer"},
}


AT_AN_INSTANT = {"target_kind": "ip_address", "has_instant": True}
WHO = sorted(AT_FIRST - {"ip_identification"})


def found(categories, confirmations=0, breadth="one", **target):
    (item,) = GOOD.items
    asked = replace(item, categories=tuple(categories), breadth=breadth, **target)
    claimed = EmergencyFacts("threat_to_life", confirmations)
    return list(find_emergency(replace(GOOD, items=(asked,), emergency=claimed)))


@pytest.mark.parametrize(
    ("categories", "confirmations", "breadth", "codes"),
    [
        (["subscriber_identity"], 0, "one", {"smallest_first"}),
        (WHO, 0, "one", {"smallest_first"}),
        (["location"], 0, "one", {"unconfirmed"}),
        (["location"], 1, "one", {"unconfirmed"}),
        (["location"], 2, "one", {"confirmed"}),
        (["subscriber_identity", "traffic_call_records"], 1, "one", {"unconfirmed"}),
        (["content_stored"], 2, "one", {"never", "smallest_first"}),
        (["bulk_dataset", "location"], 1, "one", {"unconfirmed"}),
        (["bulk_dataset", "location"], 2, "one", {"confirmed"}),
        (["subscriber_identity"], 1, "range", {"unconfirmed"}),
        (["subscriber_identity"], 2, "range", {"confirmed"}),
        (["subscriber_identity"], 2, "many", {"confirmed"}),
        (["content_stored"], 2, "many", {"never", "smallest_first"}),
        (["subscriber_identity"], 0, "short_number", {"smallest_first"}),
    ],
)
def test_lane_gives_the_smallest_first(categories, confirmations, breadth, codes):
    findings = found(categories, confirmations, breadth)
    assert {one.code for one in findings} == {f"emergency.{one}" for one in {"reason", *codes}}
    assert {one.article for one in findings} == {POLICY}  # named as policy, never as law
    held = {one.code for one in findings if one.outcome != "pass" and not one.can_be_accepted}
    assert held == {f"emergency.{one}" for one in codes & {"never", "unconfirmed"}}


@pytest.mark.parametrize(
    ("target", "code"),
    [
        (AT_AN_INSTANT, "emergency.smallest_first"),
        (AT_AN_INSTANT | {"has_instant": False}, "emergency.unconfirmed"),
        ({"target_kind": "customer_number"}, "emergency.unconfirmed"),
        ({"target_kind": "mac_address"}, "emergency.unconfirmed"),
    ],
)
def test_only_an_address_at_an_instant_says_who_somebody_is(target, code):
    _, rest = found(AT_FIRST, **target)
    assert rest.code == code
    assert rest.seen.get("categories", ["ip_identification"]) == ["ip_identification"]


def test_each_finding_tells_what_it_rests_on():
    reason, never, rest = found(["location", "content_stored"], 1, "range")
    assert reason.seen == {"reason": "threat_to_life"}
    assert (never.code, never.seen, never.subject) == ("emergency.never", {}, "content_stored")
    assert (rest.code, rest.subject) == ("emergency.unconfirmed", None)
    assert rest.seen == {"categories": ["location"], "confirmations": 1}


@pytest.mark.parametrize(
    ("categories", "confirmations", "codes"),
    [
        (["subscriber_identity"], 0, {"smallest_first"}),
        (["location"], 1, {"unconfirmed"}),
        (["content_stored"], 1, {"unconfirmed"}),
        (["content_stored"], 2, {"confirmed"}),
    ],
)
def test_claim_that_is_taken_back_takes_nothing_off(categories, confirmations, codes):
    (item,) = GOOD.items
    asked = replace(item, categories=tuple(categories))
    facts = replace(GOOD, items=(asked,), emergency=EmergencyFacts(None, confirmations))
    found = [*find_emergency(facts)]
    assert {one.code for one in found} == {f"emergency.{one}" for one in {"taken_back", *codes}}
    assert [one.needs_another for one in found] == [True, False]


def test_other_demands_are_not_looked_at():
    assert list(find_emergency(GOOD)) == []
    assert AT_FIRST.isdisjoint(NEVER)


def test_reason_is_reviewed_before_anything_is_planned(log, authority, legal, handler):
    demand = authority.send(emergency=CLAIM)
    assessed = legal.assess(handler, demand)
    assert {"emergency.reason", "emergency.unconfirmed"} <= set(assessed.open)
    for ref in assessed.open:
        if ref == "emergency.unconfirmed":
            with pytest.raises(WrongState):
                legal.accept_finding(handler, demand, ref, "the officer is in a hurry")
    legal.accept_finding(handler, demand, "emergency.reason", "heard it on the radio as well")
    with log.transactions.read() as session, pytest.raises(WrongState, match="unconfirmed"):
        check_settled(session, demand)
    check_log(log)


def test_two_of_us_call_back_before_it_gives_more(log, house, authority, legal, handler):
    demand = authority.send(emergency=CLAIM)
    call_back(log.transactions, handler, demand)  # the same person again counts once
    assert "emergency.unconfirmed" in legal.assess(handler, demand).open
    other = house.actor("handler2")
    call_back(log.transactions, other, demand)
    assessed = {one.code: one for one in legal.assess(handler, demand).findings}
    assert assessed["emergency.confirmed"].seen["confirmations"] == 2
    call_back(log.transactions, other, demand, outcome="denied")
    assert "emergency.unconfirmed" in legal.assess(handler, demand).open
    check_log(log)


def test_emergency_that_two_confirmed_waits_while_two_no_longer_do(
    log, house, authority, legal, handler, clock
):
    """One new call proves where the demand comes from, and is not the two that the lane takes."""
    demand, other = authority.send(emergency=CLAIM), house.actor("handler2")
    call_back(log.transactions, other, demand)
    legal.assess(handler, demand)
    legal.accept_finding(handler, demand, "emergency.reason", "heard it on the radio as well")
    with log.transactions.read() as session:
        check_settled(session, demand)
    clock.advance(seconds=1)
    add_number(authority.register, authority.agency, "+31 88 999 00 00")
    call_back(log.transactions, handler, demand)
    with (
        log.transactions.read() as session,
        pytest.raises(WrongState, match=r"emergency\.confirmed"),
    ):
        check_settled(session, demand)
    call_back(log.transactions, other, demand)
    with log.transactions.read() as session:
        check_settled(session, demand)


def test_nobody_alone_takes_a_claim_back(log, house, authority, legal, handler):
    demand = authority.send(emergency=CLAIM)
    legal.assess(handler, demand)
    correct(authority, log, demand, authority.paper())
    assert {"emergency.taken_back", "emergency.unconfirmed"} <= {
        *legal.assess(handler, demand).open
    }
    with pytest.raises(NotPermitted):
        legal.accept_finding(handler, demand, "emergency.taken_back", REASON)
    legal.accept_finding(house.actor("handler2"), demand, "emergency.taken_back", REASON)
    with log.transactions.read() as session, pytest.raises(WrongState, match="unconfirmed"):
        check_settled(session, demand)
    check_log(log)


def test_order_that_is_recorded_anew_without_the_claim_is_in_the_lane(
    log, authority, legal, handler
):
    paper = authority.paper()
    authority.send(order=paper, emergency=CLAIM)
    again = authority.send(order=paper, references=[{"kind": "parketnummer", "value": "26-1"}])
    assert "emergency.unconfirmed" in legal.assess(handler, again).open
    other = authority.send(items=[item(value="+31612345679")])
    assert "emergency.unconfirmed" not in legal.assess(handler, other).open
