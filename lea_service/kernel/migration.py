"""Migrations: one Alembic line per database, run in one transaction on both engines."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError

from lea_service.kernel.database import Database
from lea_service.kernel.errors import Conflict, Unavailable

CASES, RECORDS = "cases", "records"
PACKAGE = Path(__file__).resolve().parent.parent


def migrations_folder() -> Path:
    """Return where the lines lie: inside the installed package, or beside it in a checkout."""
    installed = PACKAGE / "migrations"
    return installed if installed.is_dir() else PACKAGE.parent / "migrations"


def upgrade(database: Database, line: str, revision: str = "head") -> None:
    """Bring a database up to ``revision``. Raises Conflict."""
    with _configured(database, line) as config:
        _run(command.upgrade, config, revision)


def downgrade(database: Database, line: str, revision: str) -> None:
    """Take a database back to ``revision``; ``base`` is empty. Raises Conflict."""
    with _configured(database, line) as config:
        _run(command.downgrade, config, revision)


def find_revision(database: Database) -> str | None:
    """Return the revision a database is at; None for an empty one."""
    with database.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def list_revisions(line: str) -> list[str]:
    """Return the revisions of a line, oldest first."""
    script = ScriptDirectory(str(migrations_folder() / line))
    return [one.revision for one in script.walk_revisions()][::-1]


def check_current(database: Database, line: str) -> None:
    """Refuse a database that is not at the head of its line. Raises Unavailable."""
    wanted = list_revisions(line)[-1]
    if find_revision(database) != wanted:
        raise Unavailable(f"the {line} database is not at revision {wanted}; run: lea db upgrade")


def run_environment(context: Any) -> None:
    """Run the migrations Alembic asks for; called by the ``env.py`` of each line."""
    context.configure(connection=context.config.attributes["connection"], transactional_ddl=True)
    with context.begin_transaction():
        context.run_migrations()


@contextmanager
def _configured(database: Database, line: str) -> Iterator[Config]:
    config = Config()
    config.set_main_option("script_location", str(migrations_folder() / line))
    config.set_main_option("path_separator", "os")
    with database.engine.execution_options(write=True).begin() as connection:
        config.attributes["connection"] = connection
        yield config


def _run(act: Callable[[Config, str], None], config: Config, revision: str) -> None:
    try:
        act(config, revision)
    except CommandError as err:
        raise Conflict(
            "no way to that revision: this version knows no such one, or the database is at one "
            "that it does not know"
        ) from err
