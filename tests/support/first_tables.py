"""Writes the SQL of the first revisions from the models, while there is no release. `make tables`."""

from itertools import groupby
from pathlib import Path

from sqlalchemy import create_mock_engine

from lea_service.kernel.migration import migrations_folder
from tests.support.databases import BASES, load_models

URLS = {"sqlite": "sqlite://", "postgresql": "postgresql+psycopg://"}


def write_tables(line, dialect):
    """Write how the tables of a line are made and unmade on an engine."""
    folder = Path(migrations_folder(), line, "versions")
    for direction, act in (("up", "create_all"), ("down", "drop_all")):
        statements = "\n\n".join(list_statements(line, dialect, act))
        (folder / f"0001_{direction}.{dialect}.sql").write_text(statements + "\n")


def list_statements(line, dialect, act):
    """Return the statements, none of which holds an empty line."""
    statements = []

    def take(statement, *_args, **_options):
        text = str(statement.compile(dialect=engine.dialect)).replace("\t", "    ")
        rows = (row.rstrip() for row in text.strip().splitlines())
        statements.append("\n".join(row for row in rows if row))

    engine = create_mock_engine(URLS[dialect], take)
    getattr(BASES[line].metadata, act)(engine, checkfirst=False)
    return [one for _, group in groupby(statements, is_index) for one in _in_order(group)]


def is_index(statement):
    """Say whether a statement makes an index: those of one table come in no order of their own."""
    return statement.startswith(("CREATE INDEX", "CREATE UNIQUE INDEX"))


def _in_order(group):
    group = list(group)
    return sorted(group) if is_index(group[0]) else group


if __name__ == "__main__":
    load_models()
    for line in BASES:
        for dialect in URLS:
            write_tables(line, dialect)
