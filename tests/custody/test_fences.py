"""Every trigger that is gone, changed, off or foreign is named, by itself."""

import re

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from lea_service.custody.fences import TRIGGER, check_fences
from lea_service.kernel.database import CaseBase, list_ddl

ON_POSTGRESQL = pytest.mark.parametrize(
    "engine_name", [pytest.param("postgresql", marks=pytest.mark.postgres)]
)


@pytest.fixture
def cases(databases):
    return databases.cases


def declared(database):
    """Return (name, table) of each trigger that the models declare."""
    statements = list_ddl(CaseBase.metadata, database.engine.dialect.name)
    return [(found[1], found[4]) for one in statements if (found := TRIGGER.match(one))]


def after(database, *statements):
    """Return what is found after statements, which are undone."""
    with database.engine.execution_options(write=True).connect() as connection:
        for statement in statements:
            connection.execute(text(statement))
        return list(check_fences(Session(connection)))


def drop(database, name, table):
    return f"DROP TRIGGER {name}" + ("" if database.is_sqlite else f" ON {table}")


def test_fences_that_stand_are_no_problem(cases):
    assert len(declared(cases)) > 40
    assert after(cases) == []


def test_each_missing_fence_is_named(cases):
    for name, table in declared(cases):
        assert after(cases, drop(cases, name, table)) == [
            f"{table}: of its triggers {name} is gone"
        ]


def test_each_fence_that_lets_through_is_named(cases):
    statements = list_ddl(CaseBase.metadata, cases.engine.dialect.name)
    for statement in statements:
        if not (head := TRIGGER.match(statement)):
            continue
        name, table = head[1], head[4]
        before = "BEGIN" if cases.is_sqlite else "EXECUTE"
        weak = re.sub(rf"(WHEN .*)?{before}", f"WHEN (1 = 0) {before}", statement, count=1)
        if "TRUNCATE" in statement:  # takes no WHEN
            weak = statement.replace("BEFORE", "AFTER")
        found = after(cases, drop(cases, name, table), weak)
        assert found == [f"{table}: of its triggers {name} is not the one that was made"]


@ON_POSTGRESQL
def test_function_that_does_nothing_and_trigger_that_is_off_are_named(cases):
    for statement in list_ddl(CaseBase.metadata, "postgresql"):
        if made := re.match(r"CREATE FUNCTION (\w+)", statement):
            hollow = (
                f"CREATE OR REPLACE FUNCTION {made[1]}() RETURNS trigger LANGUAGE plpgsql "
                "AS $$ BEGIN RETURN NEW; END $$"
            )
            found = after(cases, hollow)
            assert found
            assert all(one.endswith("is not the one that was made") for one in found)
    off = "ALTER TABLE log_entries DISABLE TRIGGER log_entries_refuse_rows"
    assert after(cases, off) == ["log_entries: of its triggers log_entries_refuse_rows is gone"]


def test_foreign_trigger_is_named(cases):
    made = {
        "sqlite": "CREATE TRIGGER helper AFTER INSERT ON approvals BEGIN DELETE FROM looks; END",
        "postgresql": "CREATE TRIGGER helper AFTER INSERT ON approvals FOR EACH ROW "
        "EXECUTE FUNCTION log_entries_refuse()",
    }[cases.engine.dialect.name]
    assert after(cases, made) == ["approvals: of its triggers helper is none of ours"]
