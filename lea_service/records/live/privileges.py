"""What the account of a source may do beside reading, as the engine itself tells it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import text

from lea_service.records.live.connections import POSTGRESQL, SQLITE, Connection
from lea_service.records.live.database import Reader

_POSTGRESQL = text(
    """
    SELECT
      (SELECT rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication
         FROM pg_roles WHERE rolname = current_user),
      EXISTS (SELECT 1 FROM pg_class
        WHERE relkind IN ('r', 'p', 'v', 'm', 'f')
          AND relnamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
          AND (has_table_privilege(oid, 'INSERT, UPDATE, DELETE, TRUNCATE, TRIGGER')
               OR has_any_column_privilege(oid, 'INSERT, UPDATE')
               OR pg_has_role(relowner, 'USAGE'))),
      EXISTS (SELECT 1 FROM pg_namespace
        WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
          AND has_schema_privilege(oid, 'CREATE')),
      has_database_privilege(current_database(), 'CREATE'),
      (SELECT count(*) FROM pg_class
        WHERE relkind IN ('r', 'p', 'v', 'm', 'f')
          AND relnamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
          AND has_any_column_privilege(oid, 'SELECT'))
    """
)
_WRITES = (
    "may make or change roles and databases",
    "may change tables",
    "may make things in a schema",
    "may make schemas",
)


@dataclass(frozen=True, slots=True)
class Privileges:
    """Whether an account can write (None: not known), how that was found out, and of what kind.

    ``readable`` counts the tables that it may read at all, None where it was not asked.
    """

    can_write: bool | None
    how: str
    kinds: tuple[str, ...] = ()
    readable: int | None = None


def find_privileges(connection: Reader, place: Connection) -> Privileges:
    """Ask the engine what the account may do."""
    if place.engine == SQLITE:
        return Privileges(can_write=False, how="the file is opened with mode=ro")
    if place.engine != POSTGRESQL:
        return Privileges(can_write=None, how="not asked: this engine is not known well enough")
    *may, readable = connection.execute(_POSTGRESQL).one()
    kinds = tuple(words for is_so, words in zip(may, _WRITES, strict=True) if is_so)
    return Privileges(bool(kinds), "asked of PostgreSQL for this account", kinds, int(readable))
