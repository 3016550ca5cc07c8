"""Races for an approval, on each engine and on one store: nothing is breached."""

import pytest

from tests.staff.races import KINDS, Races
from tests.support.log import check_log

ROUNDS = 60
FULL_ROUNDS = 500


@pytest.mark.parametrize(
    "rounds",
    [
        pytest.param(ROUNDS, marks=pytest.mark.slow),
        pytest.param(FULL_ROUNDS, marks=pytest.mark.full),
    ],
)
def test_no_race_breaches_an_approval(house, log, rounds):
    races = Races(house, "commit")
    races.run(rounds)
    assert races.breaches == []
    assert set(races.done) == set(KINDS)
    races.verify()
    check_log(log)
