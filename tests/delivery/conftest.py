import pytest

from lea_service.kernel.actors import Permission
from lea_service.staff import kinds
from tests.support.agency import make_register
from tests.support.delivery import make_handover
from tests.support.log import build_log
from tests.support.package import PLAN_KIND, make_signer
from tests.support.staff import make_house

TEAM = {"handler1": "handler", "handler2": "handler", "approver1": "approver"}


@pytest.fixture(scope="session")
def signer(tmp_path_factory):
    return make_signer(tmp_path_factory.mktemp("signer"))


@pytest.fixture
def log(databases, clock, ids, tmp_path):
    return build_log(databases.cases, clock, ids, tmp_path / "signer.json")


@pytest.fixture
def handover(log, tmp_path, signer, monkeypatch):
    # a decision on a plan takes effect on nothing here: the hand-over begins after it
    rule = kinds.KindRule(
        PLAN_KIND, Permission.PLAN_PROPOSE, Permission.PLAN_DECIDE, lambda *_: None
    )
    monkeypatch.setitem(kinds._KINDS, PLAN_KIND, rule)
    house = make_house(log, tmp_path / "root.json", team=TEAM)
    return make_handover(make_register(house), tmp_path, signer)
