"""Versions of what can be edited: ETag out, If-Match in (RFC 9110), 428 when it is missing."""

from __future__ import annotations

import re
from typing import Any

from flask import after_this_request, request
from werkzeug.exceptions import PreconditionRequired
from werkzeug.wrappers import Response

from lea_service.kernel.errors import InvalidInput

TAG = re.compile(r'"(\d{1,15})"', re.ASCII)

IF_MATCH: dict[str, Any] = {
    "in": "header",
    "name": "If-Match",
    "required": True,
    "description": "The ETag under which you read what you change.",
    "schema": {"type": "string", "examples": ['"3"']},
}
"""For ``blp.doc(parameters=[IF_MATCH])``."""


def set_version(version: int) -> None:
    """Put the version of what is answered into the ETag header."""

    def add(response: Response) -> Response:
        response.headers["ETag"] = f'"{version}"'
        return response

    after_this_request(add)


def expected_version() -> int:
    """Return the version the caller read. Raises PreconditionRequired or InvalidInput."""
    tag = request.headers.get("If-Match")
    if tag is None:
        raise PreconditionRequired("expected If-Match with the ETag you read")
    found = TAG.fullmatch(tag.strip())
    if found is None:
        raise InvalidInput("If-Match: expected one ETag as this service gives them")
    return int(found[1])
