"""Sixty races for an approval, on each engine and on one store: nothing is breached."""

import pytest

from tests.staff.races import KINDS, Races
from tests.support.log import check_log

ROUNDS = 60


@pytest.mark.slow
def test_no_race_breaches_an_approval(house, log):
    races = Races(house, "commit")
    races.run(ROUNDS)
    assert races.breaches == []
    assert set(races.done) == set(KINDS)
    races.verify()
    check_log(log)
