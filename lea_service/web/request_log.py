"""One log line a request: which rule, what came of it, how long. Never the values in the path."""

from __future__ import annotations

import secrets
from time import perf_counter

from flask import g, request
from werkzeug.wrappers import Response

from lea_service.kernel.logs import get_log
from lea_service.web.authentication import current_actor

log = get_log("web")
QUIET = "/health/"


def begin_request() -> None:
    """Give the request an id of its own and start its clock."""
    g.lea_request = secrets.token_hex(8)
    g.lea_began = perf_counter()


def log_request(response: Response) -> Response:
    """Write the line and hand the request's id to the caller, who may quote it."""
    response.headers["X-Request-Id"] = g.lea_request
    rule = request.url_rule.rule if request.url_rule else "none"
    if rule.startswith(QUIET) and response.status_code == 200:
        return response
    actor = current_actor()
    log.info(
        "request",
        request=g.lea_request,
        method=request.method,
        rule=rule,
        status=response.status_code,
        milliseconds=round((perf_counter() - g.lea_began) * 1000),
        bytes=response.content_length,
        actor=actor.id if actor else None,
    )
    return response
