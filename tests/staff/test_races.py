"""Races for an approval, on each engine and on one store: nothing is breached."""

import pytest

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
