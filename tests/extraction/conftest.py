import pytest

from tests.support.extraction import make_office
from tests.support.log import build_log


@pytest.fixture
def log(databases, clock, ids, tmp_path):
    return build_log(databases.cases, clock, ids, tmp_path / "signer" / "state.json")


@pytest.fixture
def office(databases, log, tmp_path):
    return make_office(databases, log, tmp_path)
