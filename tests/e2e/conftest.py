import pytest

from tests.support.service import make_environ, make_keys, make_whole


@pytest.fixture(scope="session")
def key_store(tmp_path_factory):
    return make_keys(tmp_path_factory.mktemp("store") / "keys")


@pytest.fixture
def whole(copy_database, tmp_path, clock, ids, key_store):
    environ = make_environ(tmp_path, copy_database("cases"), copy_database("records"))
    whole = make_whole(tmp_path, environ, key_store, clock, ids)
    yield whole
    whole.services.dispose()
