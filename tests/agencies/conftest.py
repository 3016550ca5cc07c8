import pytest

from tests.support.agency import make_register
from tests.support.log import build_log
from tests.support.staff import make_house


@pytest.fixture
def log(databases, clock, ids, tmp_path):
    return build_log(databases.cases, clock, ids, tmp_path / "signer.json")


@pytest.fixture
def house(log, tmp_path):
    return make_house(
        log, tmp_path / "root.json", team={"handler1": "handler", "approver1": "approver"}
    )


@pytest.fixture
def register(house):
    return make_register(house)
