"""Cursor paging: a page is its items and the cursor of the next one, never an offset."""

from __future__ import annotations

from base64 import urlsafe_b64decode
from binascii import Error as Base64Error
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from marshmallow import Schema, fields, validate

from lea_service.kernel.canonical import dump_canonical, encode_b64url, load_strict
from lea_service.kernel.clock import parse_instant
from lea_service.kernel.errors import InvalidInput
from lea_service.web.schemas import StrictSchema

DEFAULT_LIMIT = 50
MAX_LIMIT = 200
MAX_CURSOR = 500
Item = TypeVar("Item")
Key = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """Some items and the cursor after the last of them, or None at the end."""

    items: Sequence[Item]
    next: str | None = None


class PageArgs(StrictSchema):
    """The query arguments of every list."""

    cursor = fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.Length(1, MAX_CURSOR),
        metadata={"description": "What an earlier page gave as `next`."},
    )
    limit = fields.Integer(
        load_default=DEFAULT_LIMIT,
        validate=validate.Range(1, MAX_LIMIT),
        metadata={"description": "How many items at most."},
    )


def make_page(rows: Sequence[Item], limit: int, key: Callable[[Item], Key]) -> Page[Item]:
    """Cut a page of ``limit`` out of rows of which one more was asked for than fits.

    ``key`` gives the values by which the rows are ordered; they identify a row uniquely.
    """
    if len(rows) <= limit:
        return Page(rows)
    kept = rows[:limit]
    return Page(kept, dump_cursor(key(kept[-1])))


def dump_cursor(key: Key) -> str:
    """Write an ordering key as an opaque text."""
    return encode_b64url(dump_canonical(list(key)))


def load_cursor(cursor: str | None, *kinds: type) -> Key | None:
    """Read a cursor whose parts have the given types; None stays None. Raises InvalidInput."""
    if cursor is None:
        return None
    try:
        key = load_strict(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (InvalidInput, Base64Error, ValueError) as err:
        raise _bad_cursor() from err
    if not isinstance(key, list) or [type(part) for part in key] != list(kinds):
        raise _bad_cursor()
    if any(isinstance(part, str) and "\x00" in part for part in key):
        raise _bad_cursor()
    return tuple(key)


def load_instant_cursor(cursor: str | None) -> tuple[datetime, str] | None:
    """Read a cursor of rows that are ordered by an instant and an id. Raises InvalidInput."""
    key = load_text_cursor(cursor)
    return None if key is None else (parse_instant(key[0]), key[1])


def load_text_cursor(cursor: str | None) -> tuple[str, str] | None:
    """Read a cursor of rows that are ordered by two texts. Raises InvalidInput."""
    key = load_cursor(cursor, str, str)
    return None if key is None else (str(key[0]), str(key[1]))


def page_schema(item: type[Schema]) -> type[Schema]:
    """Return the schema of a page of ``item``."""
    name = f"{item.__name__.removesuffix('Schema')}PageSchema"
    members: dict[str, Any] = {
        "items": fields.List(fields.Nested(item), required=True),
        "next": fields.String(required=True, allow_none=True),
    }
    schema = StrictSchema.from_dict(members, name=name)
    schema.__module__ = item.__module__
    return schema


def _bad_cursor() -> InvalidInput:
    return InvalidInput.at("/cursor", "expected what an earlier page gave as next")
