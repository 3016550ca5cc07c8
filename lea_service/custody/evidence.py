"""Evidence rows: the whole row, salted and digested, so that a changed column is found."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import inspect, select
from sqlalchemy.orm import Session

from lea_service.kernel.canonical import (
    Json,
    dump_canonical,
    encode_b64url,
    load_strict,
    salted_digest,
)
from lea_service.kernel.clock import format_instant
from lea_service.kernel.database import CaseBase
from lea_service.kernel.errors import IntegrityFailure


def row_key(row: CaseBase) -> str:
    """Return the primary key as canonical JSON."""
    parts = inspect(type(row)).primary_key_from_instance(row)
    return dump_canonical([_plain(part) for part in parts]).decode()


def row_digest(row: CaseBase, salt: bytes) -> str:
    """Return the salted digest of every column of the row, by column name."""
    mapper = inspect(type(row))
    values = {
        column.name: _plain(getattr(row, mapper.get_property_by_column(column).key))
        for column in mapper.local_table.columns
    }
    return salted_digest(salt, values)


def find_row_digest(session: Session, table_name: str, key: str, salt: bytes) -> str | None:
    """Recompute the digest from what the database holds now; None when the row is gone."""
    table = CaseBase.metadata.tables.get(table_name)
    if table is None:
        raise IntegrityFailure("an evidence row names an unknown table")
    parts = zip(table.primary_key.columns, load_strict(key), strict=True)
    query = select(table).where(*(column == value for column, value in parts))
    row = session.execute(query).mappings().one_or_none()
    if row is None:
        return None
    return salted_digest(salt, {column.name: _plain(row[column]) for column in table.columns})


def _plain(value: Any) -> Json:
    if isinstance(value, datetime):
        return format_instant(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes):
        return encode_b64url(value)
    if value is None or isinstance(value, bool | int | str | list | dict):
        return value
    raise IntegrityFailure(f"a column of type {type(value).__name__} has no canonical form")
