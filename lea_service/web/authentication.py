"""Who calls: a bearer token (RFC 6750) becomes an actor. Routes are closed unless marked open."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

from flask import current_app, g, request

from lea_service.kernel.actors import Actor
from lea_service.kernel.errors import NotAuthenticated, NotFound, NotPermitted
from lea_service.web.services import edge
from lea_service.web.strangers import StrangerWindow

STRANGERS = "lea.strangers"
UNSIGNED = (
    "expected a bearer token (LEA_TOKEN): `lea staff sign-in` gives one to our own people, "
    "`lea collect claim` to receivers"
)
CLOSED_PREFIX = "/api/v1"
ADMISSION = "demand.admission"
"""What somebody lacked who came upon something that they may not know of."""
View = TypeVar("View", bound=Callable[..., Any])


def public(view: View) -> View:
    """Mark a view that answers callers without a token (signing in is one)."""
    view.is_public = True  # type: ignore[attr-defined]
    return view


def is_public(endpoint: str | None) -> bool:
    """Say whether the view behind an endpoint is open to everybody."""
    view = current_app.view_functions.get(endpoint or "")
    return getattr(view, "is_public", False)


def require_known_caller() -> None:
    """Refuse strangers on closed routes before anything reads their body."""
    strangers().end_minute()
    rule = request.url_rule
    if rule is None or not rule.rule.startswith(CLOSED_PREFIX) or is_public(request.endpoint):
        return
    require_actor()


def require_actor() -> Actor:
    """Return who calls. Raises NotAuthenticated, or TooManyAttempts for a stranger who insists."""
    actor = current_actor()
    if actor is None:
        actor = _authenticate()
        g.lea_actor = actor
    return actor


def current_actor() -> Actor | None:
    """Return who calls if that was established already in this request."""
    return cast("Actor | None", g.get("lea_actor"))


def check_attempts() -> None:
    """Raise TooManyAttempts before work is spent on a caller who failed too often (sign-in)."""
    strangers().check(_address())


def note_failed_attempt() -> None:
    """Count a failed sign-in of somebody unknown."""
    strangers().note(_address())


def note_denied(error: NotPermitted | NotFound) -> None:
    """Have the denied attempt of a known actor entered."""
    actor = current_actor()
    if actor is not None:
        rule = request.url_rule.rule if request.url_rule else ""
        hidden = ADMISSION if isinstance(error, NotFound) else "unnamed"
        permission = error.facts.get("permission") or hidden
        edge().record_denied(actor, str(permission), f"{request.method} {rule}")


def strangers() -> StrangerWindow:
    """Return the window in which this process counts unknown callers."""
    return cast(StrangerWindow, current_app.extensions[STRANGERS])


def _authenticate() -> Actor:
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    try:
        if kind.lower() != "bearer" or not token.strip():
            raise NotAuthenticated(UNSIGNED)
        return edge().authenticate(token.strip())
    except NotAuthenticated:
        note_failed_attempt()
        check_attempts()
        raise


def _address() -> str:
    return request.remote_addr or "unknown"
