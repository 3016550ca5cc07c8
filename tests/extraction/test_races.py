"""A plan is decided on while what it rests on changes: whichever is entered first holds."""

import random
import threading
from collections import Counter

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

ROUNDS = examples(40, full=100)
SEEDS = ["commit", *(f"full-{number}" for number in range(examples(0, full=99)))]
"""`make test-full` runs 10,000 rounds on each engine: so many times 100, each on its own store."""
STEP = 3
"""So many reads longer waits, the next time, who came first: both orders come about."""


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
@pytest.mark.parametrize("seed", SEEDS)
def test_no_plan_is_approved_after_it_changed(office, log, seed):
    office.source()
    races = Races(office, seed)
    for number in range(ROUNDS):
        races.run(number)
    orders = {(changed, first == changed) for changed, first in races.first}
    assert {is_change for _, is_change in orders} == {False, True}
    assert not is_full() or orders == {(one, which) for one in CHANGES for which in (False, True)}
    check_log(log)


class Races:
    """Rounds in which a plan is decided on while something ends the right to do so.

    ``first`` counts, by the change and by what was entered first, how the rounds ended.
    """

    def __init__(self, office, seed):
        self.office, self.seed = office, seed
        self.first = Counter()
        self._lead = Counter()

    def run(self, number):
        """Race for a plan. What does not hold fails."""
        draw, office = random.Random(f"{self.seed}/{number}"), self.office
        changed = sorted(CHANGES)[number % len(CHANGES)]
        plan = office.planned()
        approval_id, before = office.propose(plan), len(office.events(plan.demand_id))
        pauses = [draw.randrange(STEP), draw.randrange(STEP)]
        pauses[self._lead[changed] < 0] += abs(self._lead[changed])

        def decide():
            _pause(office, plan.demand_id, pauses[0])
            return office.house.decide(approval_id)

        def change():
            _pause(office, plan.demand_id, pauses[1])
            CHANGES[changed](office, plan.demand_id)

        acts = [decide, change]
        is_turned = draw.random() < 0.5
        results = race(*reversed(acts))[::-1] if is_turned else race(*acts)
        entered = office.events(plan.demand_id)[before:]
        self._judge(changed, entered, *results)

    def _judge(self, changed, entered, decided, ended):
        kept = [one for one in entered if one in ("plan.approved", changed)]
        assert ("plan.approved" in kept) == (not isinstance(decided, LeaError)), (entered, decided)
        assert (changed in kept) == (not isinstance(ended, LeaError)), (entered, ended)
        assert "plan.approved" not in kept[1:], entered
        self.first[changed, kept[0]] += 1
        self._lead[changed] += STEP if kept[0] == "plan.approved" else -STEP


def _pause(office, demand, reads):
    """Read so many times, which takes time without waiting for any."""
    for _ in range(reads):
        office.events(demand)
