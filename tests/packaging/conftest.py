import pytest

from tests.support.extraction import make_office
from tests.support.log import build_log
from tests.support.packaging import make_sealery


@pytest.fixture
def log(databases, clock, ids, tmp_path):
    return build_log(databases.cases, clock, ids, tmp_path / "signer.json")


@pytest.fixture
def sealery(databases, log, tmp_path):
    """A house whose extracted demands can be sealed."""
    return make_sealery(make_office(databases, log, tmp_path), tmp_path)
