import pytest

from lea_service.retention import approval  # noqa: F401 declares the kind
from tests.support.log import build_log
from tests.support.retention import Retention, make_retention
from tests.support.staff import make_house

TEAM = {"handler1": "handler", "approver1": "approver", "engineer1": "engineer"}


@pytest.fixture
def log(databases, clock, ids, tmp_path):
    return build_log(databases.cases, clock, ids, tmp_path / "signer.json")


@pytest.fixture
def kept(databases, log, tmp_path):
    """A provider with sources, records and people who may set rules."""
    house = make_house(log, tmp_path / "staff-root.json", TEAM)
    service = make_retention(log, house, databases.records)
    return Retention(databases, log, house, service)
