import shutil

import pytest

from lea_service.settings import load_settings
from lea_service.wiring import build
from tests.support.service import make_environ, make_keys, make_whole


@pytest.fixture(scope="session")
def key_store(tmp_path_factory):
    return make_keys(tmp_path_factory.mktemp("store") / "keys")


@pytest.fixture
def environ(copy_database, tmp_path):
    return make_environ(tmp_path, copy_database("cases"), copy_database("records"))


@pytest.fixture
def whole(environ, tmp_path, clock, ids, key_store):
    whole = make_whole(tmp_path, environ, key_store, clock, ids)
    services = whole.services  # a test may go on with those of another machine
    yield whole
    services.dispose()


@pytest.fixture
def elsewhere(new_database, tmp_path, whole, clock):
    """Another machine with the keys and the signer's memory, and empty databases."""
    made = []

    def make(**urls):
        home = tmp_path / "elsewhere"
        urls = {
            "cases": urls.get("cases") or new_database("cases-elsewhere"),
            "records": urls.get("records") or new_database("records-elsewhere"),
        }
        environ = make_environ(home, urls["cases"], urls["records"])
        settings = load_settings(environ)
        settings.home.mkdir(parents=True)
        shutil.copytree(whole.settings.keys_dir, settings.keys_dir)
        shutil.copy(whole.settings.signer_state, settings.signer_state)
        services = build(settings, clock=clock)
        made.append(services)
        return services, environ

    yield make
    for services in made:
        services.dispose()
