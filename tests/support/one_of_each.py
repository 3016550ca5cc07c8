"""One valid row in every table, made from nothing but what the tables say of themselves."""

import re
from datetime import date, timedelta

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Date,
    DateTime,
    Integer,
    LargeBinary,
    func,
    insert,
    select,
)
from sqlalchemy.schema import sort_tables

from lea_service.records.partitions import make_room
from tests.support.certificates import NOW

FILLED = {
    "demands.emergency_since",
    "agency_certificates.person_id",
    "annex_forms.clarification_id",
    "data_keys.wrapped",
}
"""Columns that may be empty, but not in a row in which every such column is."""

BEFORE = [("plan_states", "extraction_runs")]
"""Tables of which a trigger, not a key, wants a row in the first before one in the second."""


def real_tables(metadata):
    """Return the tables of the service, those that others rest on first."""
    real = [one for name, one in metadata.tables.items() if not name.startswith("test_")]
    names = {one.name: one for one in real}
    extra = [(names[one], names[other]) for one, other in BEFORE if one in names]
    return sort_tables(real, extra_dependencies=extra)


def fill_tables(database, metadata):
    """Insert one row into each table that is empty."""
    with database.write() as session:
        for table in real_tables(metadata):
            if session.scalar(select(func.count()).select_from(table)) == 0:
                make_room(session, table, [make_row(table)])
                session.execute(insert(table).values(make_row(table)))


def count_rows(database, metadata):
    """Return how many rows each table holds."""
    with database.read() as session:
        return {
            table.name: session.scalar(select(func.count()).select_from(table))
            for table in real_tables(metadata)
        }


def make_row(table):
    """Return values for the columns that must have one."""
    must = [one for one in table.columns if not one.nullable or str(one) in FILLED]
    return {one.name: make_value(one, n) for n, one in enumerate(must)}


def make_value(column, n=0):
    """Return a value for the ``n``-th column: that of the row it points at, or one of its type.

    What begins stands before what ends in a table, so a later column gets a later time.
    """
    for key in column.foreign_keys:
        return make_value(key.column)
    kind = getattr(column.type, "impl", column.type)
    values = {
        DateTime: NOW + timedelta(days=n),
        Date: date(2026, 1, 1) + timedelta(days=n),
        Boolean: True,
        Integer: 1,
        LargeBinary: b"x",
        JSON: ["x"],
    }
    found = [value for of, value in values.items() if isinstance(kind, of)]
    return found[0] if found else make_text(column)


def make_text(column):
    """Return a text that the checks of the table let through: the first of a list, or the name."""
    for check in column.table.constraints:
        if not isinstance(check, CheckConstraint):
            continue
        if listed := re.search(rf"\b{column.name} IN \('([^']+)'", str(check.sqltext)):
            return listed[1]
        if length := re.search(rf"length\({column.name}\) = (\d+)", str(check.sqltext)):
            return "x" * int(length[1])
    return column.name[: column.type.length]
