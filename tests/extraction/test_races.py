"""A plan is decided on while what it rests on changes: whichever is entered first holds."""

import random

import pytest

from lea_service.kernel.errors import LeaError
from lea_service.legal.referral.service import ReferralService
from tests.support.depth import examples, is_full
from tests.support.log import check_log
from tests.support.race import race

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
