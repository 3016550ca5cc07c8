"""Bodies are refused by their size before they are read, and by their form before they count."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import current_app, request
from werkzeug.exceptions import LengthRequired, UnsupportedMediaType

from lea_service.kernel.canonical import load_strict
from lea_service.kernel.errors import TooLarge
from lea_service.web.services import edge

KNOWN_TYPES = frozenset(
    {"application/json", "multipart/form-data", "application/octet-stream", "text/csv"}
)
View = TypeVar("View", bound=Callable[..., Any])


def body_limit(name: str) -> Callable[[View], View]:
    """Give a view the limit ``name`` of ``Edge.body_limits`` instead of the general one."""

    def mark(view: View) -> View:
        view.body_limit = name  # type: ignore[attr-defined]
        return view

    return mark


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
        load_strict(request.get_data())


def _limit() -> int:
    view = current_app.view_functions.get(request.endpoint or "")
    name = getattr(view, "body_limit", None)
    return edge().max_body_bytes if name is None else edge().body_limits[name]
