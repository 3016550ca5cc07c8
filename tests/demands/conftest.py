import pytest

from lea_service.demands.service import DemandService
from tests.demands.samples import KNOWN_BASIS
from tests.support.log import build_log


@pytest.fixture
def log(databases, clock, ids, tmp_path):
    return build_log(databases.cases, clock, ids, tmp_path / "signer" / "state.json")


@pytest.fixture
def known_bases():
    """The bases of the catalogue; a test may add one."""
    return {KNOWN_BASIS}


@pytest.fixture
def kept():
    """Until when the package of a demand is there, by demand; a test may add one."""
    return {}


@pytest.fixture
def service(log, known_bases, kept):
    return DemandService(
        log.transactions,
        log.looks,
        is_known_basis=known_bases.__contains__,
        max_order_bytes=4096,
        kept_until=lambda _session, demand: kept.get(demand),
    )
