"""What every test may ask for: both engines, a clock that stands still, ids that repeat."""

import gc
import logging
import os
import shutil
from pathlib import Path

import pytest
import structlog
from hypothesis import settings

from tests.support.clock import FixedClock
from tests.support.databases import Databases, create_tables
from tests.support.depth import is_full
from tests.support.ids import SeededIds
from tests.support.passwords import use_cheap_hashes
from tests.support.postgres import MEMORY, NoServer, Postgres, PostgresProcess, has_memory
from tests.support.spread import Spread
from tests.support.statements import share_compiled_statements

settings.register_profile("lea", deadline=None)  # a busy machine is no fault of the code
settings.load_profile("lea")

gc.set_threshold(20_000)  # thousands of tests are collected, and none of them is rubbish
share_compiled_statements()
use_cheap_hashes()
if has_memory():
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))  # where pytest makes its folders

ENGINES = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]


def pytest_collection_modifyitems(items):
    """Leave what is marked ``full`` to `make test-full`."""
    if is_full():
        return
    left = pytest.mark.skip(reason="takes long: make test-full")
    for item in items:
        if item.get_closest_marker("full"):
            item.add_marker(left)


def pytest_collection_finish():
    """Let no later look for rubbish go through what is there for the whole run."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def kept_logs():
    """Each command sends the logs to its own standard error, which is gone after it."""
    root, saved = logging.getLogger(), structlog.get_config()
    handlers, level = root.handlers[:], root.level
    yield
    structlog.configure(**saved)
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture(scope="session")
def postgres():
    """A PostgreSQL server of this test process, or the one named by LEA_TEST_PG_URL."""
    if url := os.environ.get("LEA_TEST_PG_URL"):
        yield Postgres(url)
        return
    process = PostgresProcess()
    try:
        yield process.start()
    finally:
        process.stop()


@pytest.fixture(scope="session")
def spread():
    """Three servers over which rows are spread, or a skip that says what is missing."""
    try:
        servers = Spread()
    except NoServer as err:
        pytest.skip(str(err))
    yield servers
    servers.stop()


@pytest.fixture(params=ENGINES)
def engine_name(request):
    """Runs the test once on each engine."""
    return request.param


@pytest.fixture
def new_database(engine_name, tmp_path, request):
    """A function that makes an empty database and returns its URL; dropped after the test."""
    made = []

    def make(name):
        if engine_name == "sqlite":
            return f"sqlite:///{tmp_path / name}.db"
        server = request.getfixturevalue("postgres")
        made.append((server, server.create_database()))
        return made[-1][1]

    yield make
    for server, url in made:
        server.drop_database(url)


@pytest.fixture
def cases_url(new_database):
    """URL of an empty case database, on each engine in turn."""
    return new_database("cases")


@pytest.fixture
def records_url(new_database):
    """URL of an empty record store, on the same engine as ``cases_url``."""
    return new_database("records")


@pytest.fixture(scope="session")
def templates(tmp_path_factory):
    """Databases with all tables, made once and copied for each test; by engine and name."""
    return {"folder": tmp_path_factory.mktemp("templates")}


@pytest.fixture
def copy_database(engine_name, templates, tmp_path, request):
    """A function that copies a database with all tables and returns its URL."""
    made = []

    def copy(name):
        key = (engine_name, name)
        if engine_name == "sqlite":
            if key not in templates:
                templates[key] = templates["folder"] / f"{name}.db"
                create_tables(f"sqlite:///{templates[key]}", name)
            return f"sqlite:///{shutil.copy(templates[key], tmp_path)}"
        if engine_name == "spread":
            return request.getfixturevalue("spread").create_database(name)
        server = request.getfixturevalue("postgres")
        if key not in templates:
            templates[key] = server.create_database()
            create_tables(templates[key], name)
        made.append(server.create_database(templates[key]))
        return made[-1]

    yield copy
    for url in made:
        request.getfixturevalue("postgres").drop_database(url)


@pytest.fixture
def databases(copy_database):
    """Both databases with all tables."""
    both = Databases(copy_database)
    yield both
    both.dispose()


@pytest.fixture
def clock():
    """Stands still at 24 November 2026, 09:00 UTC."""
    return FixedClock()


@pytest.fixture
def ids():
    """The same ids in the same order in each run."""
    return SeededIds()


@pytest.fixture(scope="session")
def reference_dir():
    """The folder with reference data, or a skip that says how to get it."""
    folder = os.environ.get("LEA_REFERENCE_DIR")
    if not folder or not Path(folder).is_dir():
        pytest.skip("set LEA_REFERENCE_DIR to the folder with the reference data")
    return Path(folder)
