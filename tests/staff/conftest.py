import pytest

from lea_service.web.client import Client
from tests.staff.edge import build_edge, build_staff, token
from tests.support.edge import serve
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


@pytest.fixture
def staff(house):
    return build_staff(house)


@pytest.fixture
def app(house, staff):
    return build_edge(house, staff)


@pytest.fixture
def address(app):
    with serve(app) as url:
        yield url


@pytest.fixture
def connect(house, staff, address):
    """A function that returns the client of a person."""
    opened = []

    def client(name):
        opened.append(Client(address, token(house, staff, name) if name else None))
        return opened[-1]

    yield client
    for one in opened:
        one.close()
