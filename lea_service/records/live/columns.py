"""Columns of a live source as they were when it was read: another type writes other values."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import types

from lea_service.records.live.database import ColumnFacts

NUMBER, TEXT, INSTANT, ZONED = "number", "text", "instant", "instant with zone"
Forms = Mapping[str, str]
"""By column the form that its values come in: a kind of type, and how much a value of it holds."""


def forms_of(facts: Mapping[str, ColumnFacts]) -> dict[str, str]:
    """Return the forms of columns."""
    return {name: form_of(one) for name, one in facts.items()}


def form_of(facts: ColumnFacts) -> str:
    """Return the form of a column: ``number/2`` has two digits behind its point at most."""
    type_ = facts.type
    if isinstance(type_, types.Integer):
        return f"{NUMBER}/0"
    if isinstance(type_, types.Numeric) and not isinstance(type_, types.Float):
        return _sized(NUMBER, type_.scale)
    if isinstance(type_, types.DateTime):
        return _sized(ZONED if type_.timezone else INSTANT, getattr(type_, "precision", None))
    if isinstance(type_, types.String) and not isinstance(type_, types.CHAR | types.Enum):
        return _sized(TEXT, type_.length)
    return str(type_)


def find_changes(before: Forms, now: Forms) -> list[str]:
    """Return, in words, the columns in which a value that was read may be written otherwise now.

    One that only holds more is none: a value is the same text in both.
    """
    return [
        f"{name!r} was {was} and is {now[name]}"
        for name, was in before.items()
        if name in now and not _keeps(was, now[name])
    ]


def _sized(kind: str, size: int | None) -> str:
    return kind if size is None else f"{kind}/{size}"


def _keeps(was: str, form: str) -> bool:
    if was == form:
        return True
    kind, _, size = was.partition("/")
    other, _, room = form.partition("/")
    if kind != other or kind not in {NUMBER, TEXT, INSTANT, ZONED}:
        return False
    return not room or (bool(size) and int(room) >= int(size))
