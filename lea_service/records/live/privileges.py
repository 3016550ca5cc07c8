"""What the account of a source may do beside reading, as the engine itself tells it."""

from __future__ import annotations

import os
from dataclasses import dataclass

from sqlalchemy import text

from lea_service.records.live.connections import POSTGRESQL, SQLITE, Connection
from lea_service.records.live.database import Reader

_POSTGRESQL = text(
    """
    WITH mine AS (SELECT * FROM pg_roles WHERE pg_has_role(oid, 'MEMBER')),
      tables AS (SELECT * FROM pg_class
        WHERE relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
          AND relnamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace))
    SELECT
      EXISTS (SELECT 1 FROM mine WHERE rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication),
      EXISTS (SELECT 1 FROM mine, tables WHERE
        relowner = mine.oid OR CASE relkind
          WHEN 'S' THEN has_sequence_privilege(mine.oid, tables.oid, 'USAGE, UPDATE')
          ELSE has_any_column_privilege(mine.oid, tables.oid, 'INSERT, UPDATE')
            OR has_table_privilege(mine.oid, tables.oid, 'DELETE, TRUNCATE, TRIGGER') END),
      EXISTS (SELECT 1 FROM mine, pg_namespace
        WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
          AND has_schema_privilege(mine.oid, pg_namespace.oid, 'CREATE')),
      EXISTS (SELECT 1 FROM mine WHERE has_database_privilege(oid, current_database(), 'CREATE')),
      EXISTS (SELECT 1 FROM mine WHERE rolname IN
        ('pg_write_all_data', 'pg_write_server_files', 'pg_execute_server_program')),
      (SELECT count(*) FROM tables WHERE relkind <> 'S' AND EXISTS (SELECT 1 FROM mine
        WHERE has_any_column_privilege(mine.oid, tables.oid, 'SELECT')))
    """
)
"""Of the account and of every role it may become (SET ROLE), whether or not it inherits."""
_WRITES = (
    "may make or change roles and databases",
    "may change tables",
    "may make things in a schema",
    "may make schemas",
    "is a member of a role that writes everything, files or by programs",
)


@dataclass(frozen=True, slots=True)
class Privileges:
    """Whether an account can write (None: not known), how that was found out, and of what kind.

    ``readable`` counts the tables that it may read at all, None where it was not asked.
    ``holds_file`` says of a file that whoever runs the service may write it, by other means.
    """

    can_write: bool | None
    how: str
    kinds: tuple[str, ...] = ()
    readable: int | None = None
    holds_file: bool = False


def find_privileges(connection: Reader, place: Connection) -> Privileges:
    """Ask the engine what the account may do."""
    if place.engine == SQLITE:
        return Privileges(
            can_write=False,
            how="the file is opened with mode=ro",
            holds_file=os.access(str(place.url.database), os.W_OK),
        )
    if place.engine != POSTGRESQL:
        return Privileges(can_write=None, how="not asked: this engine is not known well enough")
    *may, readable = connection.execute(_POSTGRESQL).one()
    kinds = tuple(words for is_so, words in zip(may, _WRITES, strict=True) if is_so)
    return Privileges(bool(kinds), "asked of PostgreSQL for this account", kinds, int(readable))
