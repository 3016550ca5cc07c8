"""Races for an approval, on each engine and on one store: nothing is breached."""

import pytest

from lea_service.staff.queries import find_decision
from tests.staff.races import KINDS, Races
from tests.support.depth import examples
from tests.support.log import check_log

ROUNDS = 500
SEEDS = ["commit", *(f"full-{number}" for number in range(examples(0, full=199)))]
"""`make test-full` runs 100,000 rounds on each engine: so many times 500, each on its own store."""


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_no_race_breaches_an_approval(house, log, seed):
    races = Races(house, seed)
    races.run(ROUNDS)
    assert races.breaches == []
    assert set(races.done) == set(KINDS)
    races.verify()
    check_log(log)


def test_decision_of_a_race_is_proven_afterwards(house, log):
    """A race hands in what is not walked back to the root at once; ``verify`` does that."""
    races = Races(house, "alone")
    approval_id = races.decision(races.plan(), "approver1")()
    with log.transactions.read() as session:
        assert find_decision(session, approval_id).outcome == "approved"
    races.verify()
