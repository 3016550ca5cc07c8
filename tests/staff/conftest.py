import pytest

from tests.support.log import build_log
from tests.support.staff import make_house


@pytest.fixture
def log(databases, clock, ids, tmp_path):
    return build_log(databases.cases, clock, ids, tmp_path / "signer" / "state.json")


@pytest.fixture
def house(log, tmp_path):
    """Two founders and their team; the clock moves on so that instants differ."""
    made = make_house(log, tmp_path / "staff-root.json")
    log.transactions.clock.advance(seconds=60)
    return made
