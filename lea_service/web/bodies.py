"""Bodies are refused by their size before they are read, and by their form before they count."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import current_app, request
from werkzeug.exceptions import LengthRequired, UnsupportedMediaType

from lea_service.kernel.actors import Permission, permit
from lea_service.kernel.canonical import load_strict
from lea_service.kernel.errors import InvalidInput, NotFound, TooLarge
from lea_service.web.authentication import require_actor
from lea_service.web.problems import escape_pointer
from lea_service.web.services import edge

JSON = "application/json"
NUL = "\x00"
View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Upload:
    """What a view takes instead of a small JSON body, how much of it, and from whom."""

    limit: str
    permission: Permission
    types: tuple[str, ...]

    def limit_of(self, media_type: str) -> int:
        """Return how many bytes of a type it takes: of JSON no more than any other view."""
        return edge().max_body_bytes if media_type == JSON else edge().body_limits[self.limit]


def takes_upload(limit: str, permission: Permission, *types: str) -> Callable[[View], View]:
    """Let a view take ``types`` up to the limit of that name in ``Edge.body_limits``.

    Nobody without the permission has a byte of it read. Other views take JSON alone.
    """

    def mark(view: View) -> View:
        view.upload = Upload(limit, permission, types)  # type: ignore[attr-defined]
        return view

    return mark


def check_path() -> None:
    """Find nothing under an address with U+0000, which no database of ours can hold or look up."""
    if NUL in request.path:
        raise NotFound("no such address")


def check_body() -> None:
    """Refuse what is too large, of an unknown type, or JSON that two readers read differently."""
    if request.url_rule is None:  # nothing is there that would read it
        return
    upload = _upload()
    if upload is not None:
        permit(require_actor(), upload.permission)
    if "Transfer-Encoding" in request.headers:
        # werkzeug would hand us the first bytes up to the limit as if they were the whole
        raise LengthRequired("expected a Content-Length")
    if not request.content_length:
        return
    types = (JSON,) if upload is None else upload.types
    if request.mimetype not in types:
        raise UnsupportedMediaType(f"expected {' or '.join(types)}")
    limit = edge().max_body_bytes if upload is None else upload.limit_of(request.mimetype)
    request.max_content_length = limit
    if request.content_length > limit:
        raise TooLarge(f"expected a body of at most {limit} bytes", limit=limit)
    if request.mimetype == JSON:
        _refuse_nul(load_strict(request.get_data()))


def _upload() -> Upload | None:
    view = current_app.view_functions.get(request.endpoint or "")
    return getattr(view, "upload", None)


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
