"""The members of a JSON object as the values of a line; numbers stay as they are written."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Sequence
from typing import Any

from lea_service.records.chains import write_chain

JSON, MEMBER, NUL = "json", "member", "nul"
EACH = "*"

_INDEX = re.compile(r"0|[1-9]\d{0,8}|-1", re.ASCII)
_ABSENT = object()


class BadObject(Exception):
    """A line gives no values; the text is the reason."""


class MemberReader:
    """Reads the members that a mapping names out of the object of a line.

    A column is a path: names of members and places in lists (from 0, or -1 for the last) with
    slashes between them; in a name ``~1`` is a slash and ``~0`` a tilde (RFC 6901 section 3). A
    star is every place of a list: such a column has all their texts (``records.chains``).
    """

    def __init__(self, columns: Sequence[str], optional: Collection[str]) -> None:
        self._paths = [(split_path(name), name in optional) for name in columns]

    def read(self, text: str) -> list[str]:
        """Return the texts of the columns, empty for null and for an optional one that is absent.

        Raises BadObject for what is no object, has a name twice, half a character or a NUL, lacks
        a member, or has a list or an object where a value is expected.
        """
        found = _load(text)
        return [
            _each(found, path, is_optional)
            if is_of_each(path)
            else _text(_find(found, path), is_optional)
            for path, is_optional in self._paths
        ]


def split_path(column: str) -> tuple[str, ...]:
    """Return the parts of a column's path."""
    return tuple(part.replace("~1", "/").replace("~0", "~") for part in column.split("/"))


def is_of_each(path: Sequence[str]) -> bool:
    """Say whether a path means something of each in a list."""
    return EACH in path


def _each(value: Any, path: Sequence[str], is_optional: bool) -> str:
    at = path.index(EACH)
    several = _find(value, path[:at])
    if several is _ABSENT or several is None:
        return _text(several, is_optional)
    if not isinstance(several, list):
        raise BadObject(MEMBER)
    texts = (_text(_find(one, path[at + 1 :]), is_optional) for one in several)
    return write_chain(text for text in texts if text) or ""


def _load(text: str) -> dict[str, Any]:
    try:
        found = json.loads(
            text,
            object_pairs_hook=_unique,
            parse_int=str,
            parse_float=str,
            parse_constant=_refuse,
        )
    except (ValueError, RecursionError) as err:
        raise BadObject(JSON) from err
    if not isinstance(found, dict):
        raise BadObject(JSON)
    return found


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("one name twice")
    return found


def _refuse(text: str) -> Any:
    raise ValueError(f"{text} is no JSON")


def _find(value: Any, path: Sequence[str]) -> Any:
    for part in path:
        if isinstance(value, dict):
            value = value.get(part, _ABSENT)
        elif isinstance(value, list) and _INDEX.fullmatch(part):
            place = int(part)
            value = value[place] if place < len(value) and value else _ABSENT
        elif value is not None:
            raise BadObject(MEMBER)
        if value is _ABSENT:
            return _ABSENT
    return value


def _text(value: Any, is_optional: bool) -> str:
    if value is None or (value is _ABSENT and is_optional):
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str):
        raise BadObject(MEMBER)
    if "\x00" in value:
        raise BadObject(NUL)
    if not value.isascii():
        _check_characters(value)
    return value


def _check_characters(text: str) -> None:
    """Refuse halves of characters, which an escape can write and no database holds."""
    try:
        text.encode()
    except UnicodeEncodeError as err:
        raise BadObject(JSON) from err
