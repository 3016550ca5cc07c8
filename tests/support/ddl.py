"""Everything a database is made of, as text: tables, CHECKs, indexes, triggers, functions."""

from sqlalchemy import text

SQLITE = """
SELECT type, name, sql FROM sqlite_master
WHERE name NOT LIKE 'sqlite_%' AND tbl_name <> 'alembic_version'
"""
POSTGRESQL = """
SELECT 'column', table_name || '.' || column_name,
       concat_ws(' ', data_type, character_maximum_length, is_nullable, column_default)
FROM information_schema.columns
WHERE table_schema = 'public' AND table_name <> 'alembic_version'
UNION ALL
SELECT 'constraint', conname, conrelid::regclass || ' ' || pg_get_constraintdef(oid)
FROM pg_constraint
WHERE connamespace = 'public'::regnamespace AND conrelid::regclass::text <> 'alembic_version'
UNION ALL
SELECT 'index', indexname, indexdef FROM pg_indexes
WHERE schemaname = 'public' AND tablename <> 'alembic_version'
UNION ALL
SELECT 'trigger', tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
UNION ALL
SELECT 'function', proname, pg_get_functiondef(oid) FROM pg_proc
WHERE pronamespace = 'public'::regnamespace
"""


def read_ddl(database):
    """Return {(kind, name): definition}, with white space folded."""
    query = SQLITE if database.is_sqlite else POSTGRESQL
    with database.engine.connect() as connection:
        rows = connection.execute(text(query.replace(":", r"\:")))
        return {(kind, name): " ".join((sql or "").split()) for kind, name, sql in rows}
