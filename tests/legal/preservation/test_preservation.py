"""A preservation order is kept, extended, released by two people, and ends by its term."""

from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest

from lea_service.demands.demand import CONTENTS, Channel
from lea_service.demands.service import Withdrawal
from lea_service.kernel.actors import worker_actor
from lea_service.kernel.errors import InvalidInput, NotFound, NotPermitted, WrongState
from lea_service.legal.authenticity.call_back import CallOutcome
from lea_service.legal.confirmations.service import ConfirmationService
from lea_service.legal.deadlines import Clock, Status
from lea_service.legal.preservation.rules import Longer
from lea_service.legal.working_days import load_working_days
from tests.demands.samples import item
from tests.legal.confirmations.paying import pay
from tests.legal.test_emergency import CLAIM
from tests.legal.test_service import correct, entries, events, notices, why_not
from tests.support.call_backs import call_back
from tests.support.frozen import find_end, list_frozen
from tests.support.log import check_log
from tests.support.orders import make_orders, retyped

REASON = "Verlenging van 1 december, getekend door de officier."
SAID = {"legal_basis": "NL-SV-126ni", "states": [*CONTENTS]}


@pytest.fixture
def send(authority, legal, handler):
    """A function that records a preservation order and has it assessed."""

    def record(**changes):
        demand = authority.send(**{**SAID, **changes})
        legal.assess(handler, demand)
        return demand

    return record


@pytest.fixture
def expire(log, preservation):
    def work(before=lambda: None):
        @contextmanager
        def begin():
            before()
            with log.transactions.begin(worker_actor()) as tx:
                yield tx

        return preservation.release_expired(begin)

    return work


def test_order_is_kept_by_one_person(log, send, legal, preservation, house, handler):
    demand = send()
    with pytest.raises(NotFound):
        preservation.get(handler, demand)
    with pytest.raises(NotPermitted):
        preservation.keep(house.actor("approver1"), demand)
    kept = preservation.keep(handler, demand)
    assert (kept.state, kept.days_left, kept.extensions) == ("preserved", 85, ())
    assert (kept.due, kept.late) == tuple(
        getattr(one, name)
        for one in legal.get_deadlines(handler, demand).deadlines
        for name in ("due", "late")
        if one.clock is Clock.PRESERVATION
    )
    assert why_not(log, demand) == "the legal check is not settled: instrument.preservation"
    assert "preservation.kept" in notices(log, demand)
    assert [one.demand_id for one in preservation.list(handler, None, 9)] == [demand]
    assert events(log, demand)[-2:] == ["preservation.kept", "demand.viewed"]
    check_log(log)


@pytest.mark.parametrize("category", ["content_stored", "traffic_call_records"])
def test_emergency_is_kept_and_extended_without_the_lane(
    log, send, legal, preservation, handler, category
):
    """The lane is about giving; rows that nobody may keep would go with the next purge."""
    demand = send(emergency=CLAIM, items=[item(categories=[category])])
    found = legal.get_assessment(handler, demand)
    assert {"emergency.reason"} < {one.code for one in found.findings}
    assert preservation.keep(handler, demand).state == "preserved"
    assert preservation.extend(handler, demand, Longer.TERM, REASON).extensions
    assert "emergency" in why_not(log, demand)


def test_days_that_one_person_types_let_nothing_go(
    log, send, preservation, house, handler, clock, expire
):
    """By them the end comes nearer, and two people let go then; else the law's own days count."""
    demand = send()
    lawful = find_end(log, demand, clock.now())
    kept = preservation.keep(handler, demand, 1)
    assert (kept.state, kept.late) == ("preserved", lawful)
    assert kept.days_left < 0
    assert expire() == 0
    assert demand in [one.id for one in list_frozen(log, clock.now())]
    request = {"demand": demand, "ground": "stated", "reason": "De vordering noemt één dag."}
    house.approve("preservation.release", request)
    assert preservation.get(handler, demand).released == "stated"
    assert demand not in [one.id for one in list_frozen(log, clock.now())]


def test_date_that_one_person_corrects_lets_nothing_go(
    log, authority, send, preservation, handler, clock, expire
):
    demand = send()
    late = find_end(log, demand, clock.now())
    earlier = {**SAID, "order_date": "2026-03-16"}
    correct(authority, log, demand, authority.paper(**earlier), **earlier)
    assert demand in [one.id for one in list_frozen(log, late - timedelta(seconds=1))]
    assert demand not in [one.id for one in list_frozen(log, late)]
    clock.set(late - timedelta(seconds=1))
    assert expire() == 0


def test_only_a_settled_preservation_order_is_kept(
    log, authority, send, legal, preservation, handler
):
    with pytest.raises(InvalidInput):
        preservation.keep(handler, send(), 91)
    unsettled, other = send(states=["time_of_order"]), send(legal_basis="NL-SV-126n")
    for demand in (authority.send(**SAID, note="another"), unsettled, other):
        with pytest.raises(WrongState):
            preservation.keep(handler, demand)
    assert preservation.list(handler, None, 9) == []


def test_who_it_is_from_need_not_be_proven_to_keep(
    log, authority, send, legal, preservation, handler
):
    demand = send(called_back=False)
    assert "authenticity.not_proven" in legal.get_assessment(handler, demand).open
    assert preservation.keep(handler, demand).state == "preserved"
    assert "authenticity.not_proven" in why_not(log, demand)  # nothing leaves on it
    denied = authority.send(**SAID, called_back=False, note="another")
    call_back(log.transactions, handler, denied, CallOutcome.DENIED)
    legal.assess(handler, denied)
    with pytest.raises(WrongState, match="call_back_denied"):
        preservation.keep(handler, denied)
    check_log(log)


def test_extension_holds_off_the_end(log, send, preservation, handler, clock, expire):
    demand = send()
    kept = preservation.keep(handler, demand, 30)
    clock.set(kept.due)
    assert expire() == 0
    clock.set(kept.late)
    extend = lambda: preservation.extend(handler, demand, Longer.TERM, REASON, 10)  # noqa: E731
    with pytest.raises(WrongState):
        extend()
    clock.advance(seconds=-1)
    longer = extend()
    assert (longer.state, longer.extensions[0].days) == ("extended", 10)
    clock.set(kept.late)
    assert expire() == 0
    with pytest.raises(WrongState):
        extend()
    clock.set(longer.late)
    assert (expire(), expire()) == (1, 0)
    ended = preservation.get(handler, demand)
    assert (ended.state, ended.released, ended.days_left) == ("released", "expired", None)
    assert "preservation.ended" in notices(log, demand)
    assert REASON not in str(entries(log, demand))
    check_log(log)


def test_extension_while_the_worker_looks_wins(log, send, preservation, handler, clock, expire):
    """Whoever comes second decides by what the first one entered."""
    demand = send()
    kept = preservation.keep(handler, demand)
    clock.set(kept.late)

    def extend():
        clock.advance(seconds=-1)
        preservation.extend(handler, demand, Longer.TERM, REASON)
        clock.advance(seconds=1)

    assert expire(extend) == 0
    assert preservation.get(handler, demand).state == "extended"
    check_log(log)


def test_release_that_was_proposed_before_an_extension_is_stale(
    log, send, preservation, house, handler
):
    """The second person agreed to let go of what was kept until then."""
    demand = send()
    preservation.keep(handler, demand, 30)
    request = {"demand": demand, "ground": "authority", "reason": "De officier trok hem in."}
    signer = house.actor("handler1")
    prepared = house.approvals.prepare(signer, "preservation.release", request)
    proposed = house.propose("preservation.release", request)
    longer = preservation.extend(handler, demand, Longer.TERM, REASON, 10)
    with pytest.raises(WrongState, match="propose it anew"):
        house.decide(proposed)
    with pytest.raises(WrongState, match="propose it anew"):
        house.approvals.prepare(signer, "preservation.release", prepared.request)
    now = preservation.get(handler, demand)
    assert (now.state, now.late, now.released) == ("extended", longer.late, None)
    house.approve("preservation.release", request)
    assert preservation.get(handler, demand).released == "authority"
    check_log(log)


def test_two_people_let_go_before_the_end(log, send, legal, demands, preservation, house, handler):
    demand = send()
    request = {"demand": demand, "ground": "authority", "reason": "De officier trok hem in."}
    with pytest.raises(WrongState):
        house.propose("preservation.release", request)
    preservation.keep(handler, demand)
    with pytest.raises(WrongState):
        demands.withdraw(handler, demand, Withdrawal("Anna de Vries", Channel.PHONE))
    house.approve("preservation.release", request)
    ended = preservation.get(handler, demand)
    assert (ended.state, ended.released) == ("released", "authority")
    clocks = {one.clock: one.status for one in legal.get_deadlines(handler, demand).deadlines}
    assert clocks[Clock.PRESERVATION] is Status.MET
    assert "trok" not in str(entries(log, demand))
    assert demands.close(handler, demand).state == "closed"
    check_log(log)


@pytest.mark.parametrize("ground", ["stated", "unconfirmed", "unanswered"])
def test_ground_that_is_not_so_lets_nothing_go(send, preservation, house, handler, ground):
    """A written order of 30 days that are not over, about which nobody asked anything."""
    demand = send()
    preservation.keep(handler, demand, 30)
    request = {"demand": demand, "ground": ground, "reason": "Zij zijn nog niet om."}
    with pytest.raises(WrongState):
        house.propose("preservation.release", request)


def test_days_have_to_be_stated_before_they_are_over(send, preservation, house, handler, clock):
    demand = send()
    clock.set(preservation.keep(handler, demand).due)
    request = {"demand": demand, "ground": "stated", "reason": "Er staan geen dagen in."}
    with pytest.raises(WrongState, match="no days that the order itself states"):
        house.propose("preservation.release", request)


def test_copy_of_an_oral_order_confirms_what_is_kept(
    log, authority, send, legal, preservation, handler, house
):
    demand = send(form="oral", order=None)
    found = legal.get_assessment(handler, demand)
    for code in ("form.oral_allowed", "order.not_readable"):
        again = retyped(log.transactions, found, code)
        legal.accept_finding(handler, demand, code, "De officier belde zelf.", retyped=again)
    preservation.keep(handler, demand)
    with pytest.raises(WrongState):
        correct(authority, log, demand, authority.paper(**SAID), **SAID, form="oral")
    confirmations = ConfirmationService(
        log.transactions,
        log.looks,
        make_orders(),
        load_working_days(),
        max_order_bytes=1 << 20,
    )
    pay(house, confirmations, demand, authority.paper(**SAID))
    clocks = {one.clock: one.status for one in legal.get_deadlines(handler, demand).deadlines}
    assert clocks[Clock.CONFIRMATION] is clocks[Clock.ANSWER] is Status.MET
    assert clocks[Clock.PRESERVATION] is Status.RUNNING
    check_log(log)


def test_correction_by_one_person_unfreezes_nothing(log, authority, clock):
    demand = authority.send(**SAID)
    other = {"legal_basis": "NL-SV-126n", "items": [item(value="+31201234567")]}
    correct(authority, log, demand, authority.paper(**other), **other)
    (frozen,) = list_frozen(log, clock.now())
    assert [one.target.value for one in frozen.items] == ["+31612345678"]


def test_period_that_its_order_states_the_wrong_way_round_is_kept_whole(log, authority, clock):
    asked = item()
    start, end = asked["period"]["start"], asked["period"]["end"]
    asked["period"] |= {"start": end, "end": start, "as_stated": True}
    authority.send(**SAID, items=[asked])
    (frozen,) = list_frozen(log, clock.now())
    period = frozen.items[0].period
    first, last = map(datetime.fromisoformat, (start, end))
    assert period.start == first < last < period.end  # the stated start is kept as well
