"""What of the case database somebody may know of at all: one rule, on every session of theirs.

A session that was opened for somebody does not see the rows of a stream that is hidden from them:
not by id, not in a list, not in a count. Use cases need not ask, so none can forget to; a session
of the service itself sees everything. Which streams are hidden is declared by the slice whose
streams they are.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, event
from sqlalchemy.orm import DeclarativeBase, ORMExecuteState, Session, with_loader_criteria
from sqlalchemy.orm.interfaces import ORMOption
from sqlalchemy.sql.selectable import SelectBase
from sqlalchemy.sql.util import find_tables

from lea_service.kernel.actors import Actor
from lea_service.kernel.clock import day_of
from lea_service.kernel.database import VIEWER, CaseBase
from lea_service.kernel.errors import NotFound

COLUMNS = ("demand_id", "stream")
"""A table with one of these belongs, row by row, to the stream that stands there."""
APART = frozenset({"data_keys", "log_head"})
"""Tables that are no account of anything: nobody lists them, and work on a stream needs them."""


@dataclass(frozen=True, slots=True)
class Viewer:
    """For whom a session was opened, and the day on which that was."""

    id: str
    day: date


Rule = Callable[[Viewer], Select[tuple[str]]]
"""Returns a statement, on tables and not on classes, that selects the streams hidden from one."""
_RULES: dict[str, Rule] = {}
_BY_OTHER_COLUMN: dict[str, str] = {}


def declare_hidden(name: str, rule: Rule) -> None:
    """Declare which streams are hidden from whom; the same name again replaces the rule."""
    _RULES[name] = rule
    _criteria.cache_clear()


def declare_column(table: str, column: str) -> None:
    """Declare in which column a table names the stream of a row, where its name does not say so."""
    _BY_OTHER_COLUMN[table] = column
    _criteria.cache_clear()


def stream_column(model: type[DeclarativeBase]) -> str | None:
    """Return the column in which a table names the stream of a row; None when it has none."""
    table: Any = model.__table__
    if table.name in APART:
        return None
    known = _BY_OTHER_COLUMN.get(table.name)
    return known or next((name for name in COLUMNS if name in table.c), None)


def watch(session: Session, actor: Actor, now: datetime) -> None:
    """Have a session see only what ``actor`` may know of; parts of the service see everything."""
    if not actor.id.startswith("sys:"):
        session.info[VIEWER] = _viewer(actor.id, now)


def is_hidden(session: Session, stream: str) -> bool:
    """Say whether a stream is hidden from whom the session was opened for."""
    viewer = session.info.get(VIEWER)
    return viewer is not None and _is_hidden_from(session, stream, viewer)


def is_hidden_from(session: Session, stream: str, who: str, now: datetime) -> bool:
    """Say whether a stream is hidden from somebody, whoever the session was opened for."""
    return _is_hidden_from(session, stream, _viewer(who, now))


def _viewer(who: str, now: datetime) -> Viewer:
    return Viewer(who, day_of(now))


def _is_hidden_from(session: Session, stream: str, viewer: Viewer) -> bool:
    for rule in _RULES.values():
        hidden = rule(viewer)
        column = hidden.selected_columns[0]
        if session.execute(hidden.where(column == stream)).first() is not None:
            return True
    return False


def check_visible(session: Session, stream: str, what: str = "demand") -> None:
    """Let a stream through that is not hidden. Raises NotFound as if there were none."""
    if is_hidden(session, stream):
        raise hidden_error(what)


def hidden_error(what: str = "demand") -> NotFound:
    """Return the error about what is hidden: to whom it is told, it is nowhere."""
    error = NotFound(f"no such {what}")
    error.was_hidden = True
    return error


@event.listens_for(Session, "do_orm_execute")
def _narrow(state: ORMExecuteState) -> None:
    """Leave out of a statement what is hidden from the viewer of its session."""
    viewer = state.session.info.get(VIEWER)
    if viewer is None or not state.is_orm_statement or state.is_column_load:
        return
    if state.is_insert or state.execution_options.get("whole"):
        return
    for table in sorted(tables_in(state.statement)):
        state.statement = state.statement.options(*_criteria(viewer, table))


def tables_in(statement: Any) -> frozenset[str]:
    """Return the names of the tables that a statement reads or changes, at whatever depth.

    Conditions on other tables would change nothing, but each takes time in each statement.
    """
    found: set[str] = set()
    for one in find_tables(statement, check_columns=True, include_crud=True):
        table: Any = one
        while hasattr(table, "element"):  # another name of a table, or a statement in a statement
            table = table.element
        found |= tables_in(table) if isinstance(table, SelectBase) else {getattr(table, "name", "")}
    return frozenset(found)


@lru_cache(maxsize=1024)
def _criteria(viewer: Viewer, table: str) -> tuple[ORMOption, ...]:
    """Return the conditions for one table."""
    found: list[ORMOption] = []
    for mapper in CaseBase.registry.mappers:
        name = stream_column(mapper.class_)
        if name is None or mapper.local_table.description != table:
            continue
        column = getattr(mapper.class_, name)
        for rule in _RULES.values():
            condition = column.is_(None) | column.not_in(rule(viewer))
            found.append(with_loader_criteria(mapper.class_, condition, include_aliases=True))
    return tuple(found)
