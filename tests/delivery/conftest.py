import pytest

from tests.support.delivery import make_handover
from tests.support.extraction import make_office
from tests.support.log import build_log
from tests.support.package import make_signer

TEAM = {"handler1": "handler", "handler2": "handler", "approver1": "approver"}


@pytest.fixture(scope="session")
def signer(tmp_path_factory):
    return make_signer(tmp_path_factory.mktemp("signer"))


@pytest.fixture
def log(databases, clock, ids, tmp_path):
    return build_log(databases.cases, clock, ids, tmp_path / "signer.json")


@pytest.fixture
def handover(databases, log, tmp_path, signer):
    return make_handover(make_office(databases, log, tmp_path, TEAM), tmp_path, signer)
