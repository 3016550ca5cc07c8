r"""Patterns of JSON Schema, which are those of ECMA-262, and what Python makes of them.

In ECMA-262 ``$`` is the end of the text and ``\Z`` a capital; in Python ``$`` also stands before
a newline that ends the text, and ``\Z`` is the end.
"""

from __future__ import annotations

import re
from typing import Any

from jsonschema import Draft202012Validator

_TOKEN = re.compile(r"\\.|\[(?:\\.|[^\]\\])*\]|\$", re.DOTALL)
_END = r"\Z"


def make_validator(schema: Any) -> Draft202012Validator:
    """Return what validates by a schema, each ``$`` of its patterns the very end of a text."""
    return Draft202012Validator(_as_python(schema))


def to_python(pattern: str) -> str:
    """Return a pattern of ECMA-262 such that Python finds by it what ECMA-262 would."""
    return _TOKEN.sub(lambda found: _END if found[0] == "$" else found[0], pattern)


def to_ecma(pattern: str) -> str:
    r"""Return a pattern of Python that is matched from the begin, up to ``\Z``, for ECMA-262."""
    ended = _TOKEN.sub(lambda found: "$" if found[0] == _END else found[0], pattern)
    return ended if ended.startswith("^") else f"^{ended}"


def _as_python(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_as_python(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        name: to_python(value)
        if name == "pattern" and isinstance(value, str)
        else _as_python(value)
        for name, value in schema.items()
    }
