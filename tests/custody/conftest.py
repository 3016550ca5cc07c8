import pytest

from tests.support.log import build_log


@pytest.fixture
def log(databases, clock, ids, tmp_path):
    return build_log(databases.cases, clock, ids, tmp_path / "signer" / "state.json")
