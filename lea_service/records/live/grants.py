"""The SQL that makes an account which can read one table, and some of its columns, alone."""

from __future__ import annotations

from collections.abc import Callable

from lea_service.records.live.connections import POSTGRESQL, SQLITE
from lea_service.records.live.database import quoter
from lea_service.records.mapping import TableRule

FILE_ALONE = (
    "-- SQLite has no accounts. The file is opened with mode=ro; give the account that the\n"
    "-- service runs under the right to read it, and none to write it or its folder.\n"
)


def write_grants(rule: TableRule, engine: str, database: str | None, account: str) -> str:
    """Return the statements, to be run by whoever administers the database; no password in them."""
    if engine == SQLITE:
        return FILE_ALONE
    quote = quoter(engine)
    columns = ", ".join(quote(name) for name in rule.columns)
    table = ".".join(quote(name) for name in (rule.schema, rule.name) if name is not None)
    if engine == POSTGRESQL:
        return _postgresql(rule, quote, f"({columns}) ON {table}", database, quote(account))
    there = table if rule.schema or database is None else f"{quote(database)}.{table}"
    name = quote(account)
    return (
        f"CREATE USER {name}; -- and set its password\n"
        f"GRANT SELECT ({columns}) ON {there} TO {name};\n"
    )


def _postgresql(
    rule: TableRule, quote: Callable[[str], str], what: str, database: str | None, account: str
) -> str:
    lines = [
        f"CREATE ROLE {account} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOINHERIT "
        "NOREPLICATION NOBYPASSRLS CONNECTION LIMIT 4;",
        f"ALTER ROLE {account} SET default_transaction_read_only = on;",
    ]
    if database is not None:
        lines.append(f"GRANT CONNECT ON DATABASE {quote(database)} TO {account};")
    if rule.schema is not None:
        lines.append(f"GRANT USAGE ON SCHEMA {quote(rule.schema)} TO {account};")
    lines += [
        f"GRANT SELECT {what} TO {account};",
        f"-- then its password, which psql keeps out of every history: \\password {account}",
    ]
    return "\n".join(lines) + "\n"
