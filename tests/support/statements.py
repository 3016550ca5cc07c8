"""One memory of compiled statements for a whole test run.

Each test opens databases of its own, and an engine that is new compiles every statement again.
The tables are the same each time, so is their SQL: what one engine compiled serves the next.
"""

from functools import partial
from typing import Any

from sqlalchemy import create_engine
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.util import LRUCache

from lea_service.kernel import database

ENOUGH = 5_000
"""Statements kept; more than the service has."""


def share_compiled_statements() -> None:
    """Let every engine made from now on in this process keep its statements in one place."""
    for dialect in (SQLiteDialect_pysqlite, PGDialect_psycopg):
        dialect.__eq__ = _is_same_kind  # the key holds the dialect
        dialect.__hash__ = _hash_of_kind
    options = {"compiled_cache": LRUCache(ENOUGH)}
    database.create_engine = partial(create_engine, execution_options=options)


def _is_same_kind(self: Any, other: Any) -> bool:
    return type(self) is type(other)


def _hash_of_kind(self: Any) -> int:
    return hash(type(self))
