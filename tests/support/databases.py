"""Both databases of the service with every table in them."""

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import event, text

import lea_service
from lea_service.agencies.approval import ISSUING_ROLES
from lea_service.kernel import migration
from lea_service.kernel.database import CaseBase, Database, RecordBase
from lea_service.legal.catalogue import load_catalogue

CARRIED = {ISSUING_ROLES: tuple(load_catalogue().codes["roles"])}
"""What a session has to know of the catalogue, as the wiring hands it over."""
TABLE_MODULES = {"models", "store", "jobs", "datakeys"}


class Databases:
    """The case database and the record store, each made when a test first asks for it."""

    def __init__(self, make: Callable[[str], str]) -> None:
        self._make = make
        self._made: dict[str, Database] = {}

    @property
    def cases(self) -> Database:
        return self._get("cases")

    @property
    def records(self) -> Database:
        return self._get("records")

    def dispose(self) -> None:
        for database in self._made.values():
            database.dispose()

    def _get(self, name: str) -> Database:
        if name not in self._made:
            self._made[name] = Database(self._make(name), CARRIED)
        return self._made[name]


BASES = {"cases": CaseBase, "records": RecordBase}


def create_tables(url: str, name: str) -> None:
    """Make every table of the case database or the record store."""
    load_models()
    database = Database(url)
    BASES[name].metadata.create_all(database.engine)
    with database.engine.begin() as connection:  # as the migrations leave it
        connection.execute(
            text("CREATE TABLE alembic_version (version_num VARCHAR(32) PRIMARY KEY)")
        )
        newest = {"revision": migration.list_revisions(name)[-1]}
        connection.execute(text("INSERT INTO alembic_version VALUES (:revision)"), newest)
    database.dispose()


@contextmanager
def record_store(folder: Path) -> Iterator[Database]:
    """Make a record store on SQLite that many examples share, and that no power cut can meet."""
    url = f"sqlite:///{folder / 'records.db'}"
    create_tables(url, "records")
    database = Database(url)
    event.listen(database.engine, "connect", lambda raw, _: raw.execute("PRAGMA synchronous=off"))
    yield database
    database.dispose()


def load_models() -> None:
    """Import every module that declares tables, so that the metadata knows them all."""
    for module in pkgutil.walk_packages(lea_service.__path__, "lea_service."):
        if module.name.rpartition(".")[2] in TABLE_MODULES:
            importlib.import_module(module.name)
