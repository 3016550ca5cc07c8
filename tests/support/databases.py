"""Both databases of the service with every table in them."""

import importlib
import pkgutil
from dataclasses import dataclass

import lea_service
from lea_service.kernel.database import CaseBase, Database, RecordBase

TABLE_MODULES = {"models", "store", "jobs", "datakeys"}


@dataclass(frozen=True)
class Databases:
    """The case database and the record store."""

    cases: Database
    records: Database

    def create_tables(self) -> None:
        load_models()
        CaseBase.metadata.create_all(self.cases.engine)
        RecordBase.metadata.create_all(self.records.engine)

    def dispose(self) -> None:
        self.cases.dispose()
        self.records.dispose()


def load_models() -> None:
    """Import every module that declares tables, so that the metadata knows them all."""
    for module in pkgutil.walk_packages(lea_service.__path__, "lea_service."):
        if module.name.rpartition(".")[2] in TABLE_MODULES:
            importlib.import_module(module.name)
