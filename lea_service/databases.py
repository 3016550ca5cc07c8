"""The two databases that the settings name, for whoever asks in which state they are."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from lea_service.kernel import migration
from lea_service.kernel.database import Database
from lea_service.settings import Settings


def check_upgraded(settings: Settings) -> None:
    """Let a process start on databases of this version. Raises Unavailable."""
    for line, database in open_databases(settings):
        migration.check_current(database, line)


def open_databases(settings: Settings) -> Iterator[tuple[str, Database]]:
    """Yield both databases by their line, each closed again after its turn."""
    settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    for line, url in (
        (migration.CASES, settings.database_url),
        (migration.RECORDS, settings.records_url),
    ):
        with _opened(url) as database:
            yield line, database


@contextmanager
def _opened(url: str) -> Iterator[Database]:
    database = Database(url)
    try:
        yield database
    finally:
        database.dispose()
