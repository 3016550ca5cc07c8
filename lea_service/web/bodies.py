"""Bodies are refused by their size before they are read, and by their form before they count."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import current_app, request
from werkzeug.exceptions import LengthRequired, UnsupportedMediaType

from lea_service.kernel.canonical import load_strict
from lea_service.kernel.errors import InvalidInput, NotFound, TooLarge
from lea_service.web.problems import escape_pointer
from lea_service.web.services import edge

KNOWN_TYPES = frozenset(
    {"application/json", "multipart/form-data", "application/octet-stream", "text/csv"}
)
NUL = "\x00"
View = TypeVar("View", bound=Callable[..., Any])


def body_limit(name: str) -> Callable[[View], View]:
    """Give a view the limit ``name`` of ``Edge.body_limits`` instead of the general one."""

    def mark(view: View) -> View:
        view.body_limit = name  # type: ignore[attr-defined]
        return view

    return mark


def check_path() -> None:
    """Find nothing under an address with U+0000, which no database of ours can hold or look up."""
    if NUL in request.path:
        raise NotFound("no such address")


def check_body() -> None:
    """Refuse what is too large, of an unknown type, or JSON that two readers read differently."""
    limit = _limit()
    request.max_content_length = limit
    if "Transfer-Encoding" in request.headers:
        # werkzeug would hand us the first bytes up to the limit as if they were the whole
        raise LengthRequired("expected a Content-Length")
    if (request.content_length or 0) > limit:
        raise TooLarge(f"expected a body of at most {limit} bytes", limit=limit)
    if not request.content_length:
        return
    if request.mimetype not in KNOWN_TYPES:
        raise UnsupportedMediaType(f"expected one of {', '.join(sorted(KNOWN_TYPES))}")
    if request.mimetype == "application/json":
        _refuse_nul(load_strict(request.get_data()))


def _limit() -> int:
    view = current_app.view_functions.get(request.endpoint or "")
    name = getattr(view, "body_limit", None)
    return edge().max_body_bytes if name is None else edge().body_limits[name]


def _refuse_nul(value: Any, pointer: str = "") -> None:
    if isinstance(value, str) and NUL in value:
        raise InvalidInput.at(pointer, "expected a text without U+0000")
    if isinstance(value, list):
        for number, item in enumerate(value):
            _refuse_nul(item, f"{pointer}/{number}")
    elif isinstance(value, dict):
        for key, item in value.items():
            _refuse_nul(key, pointer)
            _refuse_nul(item, f"{pointer}/{escape_pointer(key)}")
