"""Calling an agency back: on a number of the register, about this very demand, and what follows."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from lea_service.agencies.models import VerifiedContact
from lea_service.custody.replay import read_stream
from lea_service.demands.demand import Channel
from lea_service.demands.models import Demand
from lea_service.demands.queries import current_holds, get_demand
from lea_service.demands.service import Withdrawal
from lea_service.kernel.clock import format_instant
from lea_service.kernel.errors import InvalidInput, NotPermitted, WrongState
from lea_service.kernel.jobs import Job
from lea_service.legal.confirmations.changes import open_breach
from lea_service.legal.confirmations.models import BreachNotice
from lea_service.legal.confirmations.queries import check_closable, owes_confirmation
from lea_service.legal.confirmations.rules import Assessed, Cause
from lea_service.legal.queries import check_settled, is_settled
from tests.legal.confirmations.test_service import WORDS, service
from tests.legal.test_service import entries, events
from tests.support.call_backs import NUMBER, SPOKE_TO, add_number, call_back, find_numbers
from tests.support.edge import sign
from tests.support.log import check_log
from tests.support.orders import make_orders

LETTER = "+31201112233"


@pytest.fixture
def demand(authority):
    return authority.send(called_back=False)


@pytest.fixture
def call(log, house, demand):
    """Record a call about the demand as somebody."""

    def record(outcome="confirmed", by="handler1", **said):
        return call_back(log.transactions, house.actor(by), demand, outcome, **said)

    return record


def why_not(log, demand):
    with log.transactions.read() as session, pytest.raises(WrongState) as caught:
        check_settled(session, demand)
    return caught.value.detail


def settled(log, demand):
    with log.transactions.read() as session:
        return is_settled(session, demand)


def holds(log, demand):
    with log.transactions.read() as session:
        found = {one.code for one in current_holds(session, log.keys, demand)}
    return found - {"receiver_without_certificate"}


def alarms(log):
    with log.transactions.read() as session:
        jobs = session.scalars(select(Job).where(Job.kind == "notice.send")).all()
    return [one.args["about"] for one in jobs if one.args["template"] == "alarm"]


def test_right_demand_waits_for_a_call_back(log, legal, handler, demand, call):
    found = legal.assess(handler, demand)
    assert found.open == ("authenticity.not_proven",)
    with pytest.raises(WrongState, match="has to change first"):
        legal.accept_finding(handler, demand, found.open[0], "It is on their letterhead.")
    call()
    assert "not settled" in why_not(log, demand)
    assert legal.assess(handler, demand).is_settled
    assert settled(log, demand)
    check_log(log)


def test_entry_of_a_call_names_nobody(log, demand, call):
    call(code_word="zonnebloem", note="Said: yes, that is ours.")
    entry = entries(log, demand)[-1]
    assert (entry["ev"], entry["facts"]["outcome"]) == ("demand.called_back", "confirmed")
    assert [one["role"] for one in entry["art"]] == ["call_backs"]
    assert not any(word in str(entry) for word in (SPOKE_TO, "zonnebloem", "31 88"))
    check_log(log)


def test_only_a_number_of_the_register_can_be_called(log, authority, house, demand, call):
    register = authority.register
    other = register.organisation("Gemeente Noord")
    mailbox = {"holder": authority.agency, "kind": "email", "value": "a@politie.example"}
    register.approve("agency.contact", mailbox | {"found_by_way": "staatsalmanak"})
    with log.transactions.read() as session:
        (mail,) = session.scalars(select(VerifiedContact.id).where(VerifiedContact.kind == "email"))
    (old,) = find_numbers(log.transactions, demand)
    foreign = add_number(register, other)
    log.transactions.clock.advance(seconds=1)
    new = add_number(register, authority.agency, "+31 88 999 00 00")
    for contact in (LETTER, NUMBER, mail, foreign, old, "cn_" + "0" * 32):
        with pytest.raises(InvalidInput) as caught:
            call(contact=contact)
        assert [one.pointer for one in caught.value.errors] == ["/contact"]
    assert call(contact=new).call.contact == new


MINUTES = r"called_at: .*--at.*came in \(\S+ \d\d:\d\d \(\+0[12]:00\)\), .*number was"


def test_call_lies_between_the_demand_and_now(log, clock, demand, call):
    for shift in ({"days": -2}, {"seconds": 1}):
        with pytest.raises(InvalidInput, match=MINUTES):
            call(called_at=clock.now() + timedelta(**shift))
    assert events(log, demand).count("demand.called_back") == 0


def test_denial_holds_and_alarms_until_a_colleague_confirms(log, legal, handler, demand, call):
    call()
    assert legal.assess(handler, demand).is_settled
    call("denied")
    assert holds(log, demand) == {"call_back_denied"}
    assert alarms(log) == [demand]
    assert "call_back_denied" in why_not(log, demand)
    call("confirmed")  # by who recorded the denial: it stays
    assert "authenticity.call_back_denied" in legal.assess(handler, demand).open
    call("confirmed", by="handler2")
    assert holds(log, demand) == set()
    assert legal.assess(handler, demand).is_settled
    call("denied", by="handler2")
    assert alarms(log) == [demand, demand]
    assert not settled(log, demand)
    check_log(log)


@pytest.mark.parametrize("state", ["delivered", "acknowledged", "closed"])
def test_denial_of_what_was_answered_opens_a_breach_notice(
    log, house, authority, demand, call, state
):
    """Once, whoever denies it again; a call that does not deny it comes too late when it is over."""
    with log.transactions.begin(house.actor("handler1")) as tx:
        tx.session.get(Demand, demand).state = state
        tx.record("package.made_available", demand, facts={"state": state})
    if state == "closed":
        with pytest.raises(WrongState):
            call("confirmed")
    call("denied")
    call("denied", by="handler2")
    with log.transactions.read() as session:
        (notice,) = session.scalars(select(BreachNotice))
    assert (notice.demand_id, notice.cause) == (demand, "denied_after_hand_over")
    assert notice.has_produced
    other, at = authority.send(note="another"), log.transactions.clock.now() + timedelta(days=1)
    with log.transactions.read() as session:  # in whose name it came owes nothing
        assert not owes_confirmation(session, other, notice.officer, at)
    check_log(log)


def test_denial_is_told_beside_another_notice_and_again_once_that_was_assessed(
    log, house, demand, call
):
    """That the overseers found the missing writing no breach says nothing of who got the data."""
    actor = house.actor("handler1")
    with log.transactions.begin(actor) as tx:
        tx.record("package.made_available", demand)
        found = get_demand(tx.session, tx.keys, demand)
    with log.transactions.begin(actor) as tx:
        entries = read_stream(tx.session, demand)
        open_breach(tx, found, tx.now, entries, Cause.UNPAID)
    confirmations = service(log, make_orders())

    def assess():
        for one in confirmations.list_breaches(house.actor("overseer1"), True, None, 9):
            confirmations.assess(house.actor("overseer1"), one.id, Assessed.NO_BREACH, WORDS)

    assess()
    for count in (1, 2):
        call("denied")
        call("denied", by="handler2")
        with log.transactions.read() as session:
            denied = select(BreachNotice).where(BreachNotice.cause == "denied_after_hand_over")
            assert len(session.scalars(denied).all()) == count
            with pytest.raises(WrongState, match="not assessed"):
                check_closable(session, log.keys, demand)
        assess()
    check_log(log)


def test_denial_before_anything_went_opens_none(log, call):
    call("denied")
    with log.transactions.read() as session:
        assert session.scalars(select(BreachNotice)).all() == []


def test_who_denied_takes_it_back_alone_whoever_denied_besides(log, legal, handler, demand, call):
    """Two who were told no are not outweighed by one of the two who is told yes later."""
    call("denied")
    call("denied", by="handler2")
    call("confirmed")
    assert holds(log, demand) == {"call_back_denied"}
    assert "authenticity.call_back_denied" in legal.assess(handler, demand).open
    call("confirmed", by="handler2")
    assert holds(log, demand) == set()


def test_denial_is_not_taken_back_by_a_call_of_before_it(log, house, clock, demand, call):
    earlier = clock.now()
    clock.advance(seconds=600)
    call("denied")
    clock.advance(seconds=600)
    call("confirmed", by="handler2", called_at=earlier)
    assert holds(log, demand) == {"call_back_denied"}
    call("confirmed", by="handler2")
    assert holds(log, demand) == set()


def test_later_denial_stays_though_who_denied_records_an_earlier_one(log, clock, demand, call):
    first = clock.now()
    clock.advance(seconds=600)
    between = clock.now()
    clock.advance(seconds=600)
    call("denied")
    call("denied", called_at=first)
    call("confirmed", by="handler2", called_at=between)
    assert holds(log, demand) == {"call_back_denied"}


def test_call_of_before_a_correction_is_not_about_what_was_corrected(
    log, authority, handler, clock, demand, call
):
    before = clock.now()
    clock.advance(seconds=600)
    with log.transactions.read() as session:
        version = session.get_one(Demand, demand).version
    authority.demands.correct(handler, demand, authority.form(note="anders"), version)
    clock.advance(seconds=600)
    with pytest.raises(InvalidInput, match=r"called_at: .*after the demand was last corrected"):
        call(called_at=before)
    assert call().call.record_version == version + 1


def test_unreachable_is_no_confirmation(log, legal, handler, demand, call):
    call("unreachable", spoke_to=None)
    assert legal.assess(handler, demand).open == ("authenticity.not_proven",)
    assert holds(log, demand) == set()


def test_correction_or_new_number_undoes_a_confirmation(
    log, authority, legal, handler, demand, call, clock
):
    call()
    legal.assess(handler, demand)
    clock.advance(seconds=1)
    add_number(authority.register, authority.agency, "+31 88 999 00 00")
    assert "not_proven" in why_not(log, demand)
    call()
    assert settled(log, demand)
    authority.demands.correct(handler, demand, authority.form(note="anders"), 2)
    assert legal.assess(handler, demand).open == ("authenticity.not_proven",)


def test_suspension_after_the_check_unsettles_it(log, authority, legal, handler, demand, call):
    call()
    legal.assess(handler, demand)
    assert settled(log, demand)
    authority.register.service.suspend(handler, authority.prosecutor, "doubt")
    assert "person_known" in why_not(log, demand)


def test_call_needs_the_right_role_and_an_open_demand(log, house, authority, demand, call):
    with pytest.raises(NotPermitted):
        call(by="approver1")
    authority.demands.withdraw(house.actor("handler1"), demand, Withdrawal("Anna", Channel.PHONE))
    with pytest.raises(WrongState, match="withdrawn"):
        call()


def test_what_was_seen_is_shown_with_whom_to_call(authority, app, log, clock):
    order = authority.paper(f"Bel {LETTER} of +31 88 123 45 67", "spoed 06-98765432")
    demand = authority.send(order=order, called_back=False)
    web, head = app.test_client(), sign("handler")
    path = f"/api/v1/demands/{demand}"
    shown = web.get(f"{path}/authenticity", headers=head).json
    assert (shown["is_allowed"], shown["held_by"]) == (False, ["not_proven"])
    assert {one["code"] for one in shown["observations"]} == {
        "agency_known", "person_known", "call_back_none",
    }  # fmt: skip
    known = next(one for one in shown["observations"] if one["code"] == "agency_known")
    assert len(known["by"]) == 2
    assert known["evidence"].startswith("ap_")
    assert [one["is_in_register"] for one in shown["struck"] if one["struck"]] == [
        False, True, False,
    ]  # fmt: skip
    assert shown["struck"][-1]["value"] == "06-98765432"  # no series has it, and it may be dialled
    (number,) = shown["contacts"]
    body = {"contact": number["id"], "called_at": format_instant(clock.now()), "outcome": "denied"}
    refused = web.post(f"{path}/call-backs", json=body, headers=head)
    assert [one["pointer"] for one in refused.json["errors"]] == ["/spoke_to"]
    done = web.post(f"{path}/call-backs", json={**body, "spoke_to": SPOKE_TO}, headers=head)
    assert (done.status_code, done.json["n"]) == (201, 1)
    shown = web.get(f"{path}/authenticity", headers=head).json
    assert "call_back_denied" in shown["held_by"]
    assert json.dumps(shown["call_backs"]).count(SPOKE_TO) == 1
    policy = web.get("/api/v1/authenticity-policy", headers=head).json
    assert (policy["version"], policy["approval"]) == (0, None)
    assert policy["digest"] == shown["policy"]["digest"]
    check_log(log)
