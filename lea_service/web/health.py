"""Is the process alive, and is each part it needs there? For supervisors and load balancers."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

from lea_service.kernel.logs import get_log
from lea_service.web.services import edge

blueprint = Blueprint("health", __name__, url_prefix="/health")
log = get_log("health")


@blueprint.get("/live")
def live() -> dict[str, Any]:
    """Answer as long as the process can answer at all."""
    return {"status": "live"}


@blueprint.get("/ready")
def ready() -> tuple[dict[str, Any], int]:
    """Ask each part; 503 when one does not answer."""
    parts = {name: _ask(name) for name in edge().pings}
    is_ready = all(answer == "ok" for answer in parts.values())
    body = {"status": "ready" if is_ready else "not ready", "parts": parts}
    return body, 200 if is_ready else 503


def _ask(name: str) -> str:
    try:
        edge().pings[name]()
    except Exception as error:  # whatever a driver raises: the part is down
        log.warning("part does not answer", part=name, exc_info=error)
        return "down"
    return "ok"
