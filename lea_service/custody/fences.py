"""Check that the triggers of the case database are those that the models declare."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sqlalchemy import text
from sqlalchemy.orm import Session

from lea_service.kernel.database import CaseBase, list_ddl

SQLITE = "SELECT tbl_name, name, sql FROM sqlite_master WHERE type = 'trigger'"
POSTGRESQL = """
SELECT c.relname, t.tgname, pg_get_triggerdef(t.oid, true) || ' ' || p.prosrc
FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid
WHERE NOT t.tgisinternal AND t.tgenabled IN ('O', 'A') AND pg_table_is_visible(c.oid)
"""
TRIGGER = re.compile(r"CREATE TRIGGER (\w+) (BEFORE|AFTER) ([A-Z ]+) ON (?:\w+\.)?(\w+) ")
CALL = re.compile(r"EXECUTE FUNCTION (?:\w+\.)?(\w+)\(\)")
FUNCTION = re.compile(r"CREATE FUNCTION (\w+)\(\) .* AS \$\$(.*)\$\$", re.DOTALL)
Triggers = dict[tuple[str, str], str]
"""What a trigger does in one spelling, by its table and its name."""


def check_fences(session: Session) -> Iterator[str]:
    """Name each trigger that is gone, does another thing than was declared, or is not ours."""
    declared, live = _declared(session.get_bind().dialect.name), _live(session)
    for (table, name), does in declared.items():
        if (table, name) not in live:
            yield f"{table}: of its triggers {name} is gone"
        elif live[table, name] != does:
            yield f"{table}: of its triggers {name} is not the one that was made"
    for table, name in sorted(live.keys() - declared.keys()):
        if table in CaseBase.metadata.tables:
            yield f"{table}: of its triggers {name} is none of ours"


def _declared(dialect: str) -> Triggers:
    statements = list_ddl(CaseBase.metadata, dialect)
    bodies = {made[1]: made[2] for one in statements if (made := FUNCTION.match(one))}
    found: Triggers = {}
    for statement in statements:
        if head := TRIGGER.match(statement):
            call = CALL.search(statement)
            body = f" {bodies[call[1]]}" if call else ""
            found[head[4], head[1]] = _spell(statement + body)
    return found


def _live(session: Session) -> Triggers:
    query = SQLITE if session.get_bind().dialect.name == "sqlite" else POSTGRESQL
    return {(table, name): _spell(does) for table, name, does in session.execute(text(query))}


def _spell(definition: str) -> str:
    """Fold white space, the order of events and the schema, which PostgreSQL writes its own way."""
    folded = CALL.sub(r"EXECUTE FUNCTION \1()", " ".join(definition.split()))
    head = TRIGGER.match(folded)
    if head is None:
        return folded
    name, moment, events, table = head.groups()
    ordered = " OR ".join(sorted(events.split(" OR ")))
    return f"CREATE TRIGGER {name} {moment} {ordered} ON {table} " + folded[head.end() :]
