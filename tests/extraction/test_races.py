"""A plan is decided on while what it rests on changes: whichever is entered first holds."""

import random
import threading

import pytest

from lea_service.extraction import approval as approving
from lea_service.extraction.changes import check_receivers
from lea_service.kernel.errors import LeaError
from lea_service.legal.referral.service import ReferralService
from lea_service.records.service import SourceService
from lea_service.retention import approval as _rules  # noqa: F401 declares the kind of rules
from tests.records.conftest import ENGINEER, SMALL
from tests.support.depth import examples, is_full
from tests.support.extraction import START
from tests.support.log import check_log
from tests.support.race import race, waits_for_a_lock
from tests.support.retention import rule_request

ROUNDS = examples(6, full=100)


def refer(office, demand):
    """Answer that somebody else is the addressee."""
    referrals = ReferralService(office.transactions, office.log.looks)
    return referrals.refer(office.actor("handler1"), demand, "not_ours", "Asked of the desk.")


CHANGES = {
    "demand.corrected": lambda office, demand: office.correct(demand, note="Corrected."),
    "demand.referred": refer,
    "demand.withdrawn": lambda office, demand: office.withdraw(demand),
    "plan.compiled": lambda office, demand: office.plan(demand),
}
"""What ends the right to approve a plan, by the entry that says so."""


def declare(office):
    """Return what declares another exchange."""
    sources = SourceService(office.transactions, office.log.looks, office.databases.records)
    return lambda: sources.declare(ENGINEER, "pbx2", SMALL)


def set_first_rule(office):
    """Return what gives calls a rule, of which they had none; others decide on it than on plans."""
    office.house.hire("handler2", "handler")
    office.house.hire("approver2", "approver")
    proposed = office.house.propose("retention.rule", rule_request(), "handler2")
    return lambda: office.house.decide(proposed, "approver2")


@pytest.mark.parametrize("prepare", [declare, set_first_rule])
def test_register_changes_before_an_approval_or_after_it(office, monkeypatch, prepare):
    """What was looked at when a plan is approved stays as it is until the log says so."""
    office.source()
    office.calls(START)
    plan = office.planned()
    proposed = office.propose(plan)
    other = threading.Thread(target=prepare(office))

    def check_last(*given):
        check_receivers(*given)
        other.start()
        if not office.databases.cases.is_sqlite:  # which has one writer, whatever waits
            assert waits_for_a_lock(office.databases.cases, other)

    monkeypatch.setattr(approving, "check_receivers", check_last)
    office.house.decide(proposed)
    other.join()
    assert office.work(office.current_run(plan.demand_id)) == "done"


@pytest.mark.slow
def test_no_plan_is_approved_after_it_changed(office, log):
    office.source()
    first = {_round(office, number) for number in range(ROUNDS)}
    assert first >= {"plan.approved", *CHANGES} or not is_full()
    check_log(log)


def _round(office, number):
    """Race for a plan; returns what was entered first. What does not hold fails."""
    draw = random.Random(number)
    changed = sorted(CHANGES)[number % len(CHANGES)]
    plan = office.planned()
    approval_id, before = office.propose(plan), len(office.events(plan.demand_id))
    pauses = draw.randrange(24), draw.randrange(6)

    def decide():
        _pause(office, plan.demand_id, pauses[0])
        return office.house.decide(approval_id)

    def change():
        _pause(office, plan.demand_id, pauses[1])
        CHANGES[changed](office, plan.demand_id)

    decided, ended = race(decide, change)
    entered = office.events(plan.demand_id)[before:]
    kept = [one for one in entered if one in ("plan.approved", changed)]
    assert ("plan.approved" in kept) == (not isinstance(decided, LeaError)), (entered, decided)
    assert (changed in kept) == (not isinstance(ended, LeaError)), (entered, ended)
    assert "plan.approved" not in kept[1:], entered
    return kept[0]


def _pause(office, demand, reads):
    """Read so many times, which takes time without waiting for any."""
    for _ in range(reads):
        office.events(demand)
