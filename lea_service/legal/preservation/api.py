"""Preservation orders over HTTP."""

# mypy: disable-error-code="untyped-decorator"
from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint

from lea_service.legal.preservation.queries import PreservationView, place_of
from lea_service.legal.preservation.schemas import (
    PreservationExtendSchema,
    PreservationKeepSchema,
    PreservationSchema,
)
from lea_service.legal.preservation.service import PreservationService
from lea_service.web.authentication import require_actor
from lea_service.web.paging import Page, PageArgs, load_text_cursor, make_page, page_schema
from lea_service.web.services import part

blp = Blueprint(
    "preservation",
    __name__,
    url_prefix="/api/v1",
    description="Data that are kept for an authority and not handed over. Letting go before the "
    "term takes an approval of the kind preservation.release.",
)


@blp.route("/demands/<demand_id>/preservation", methods=["POST"])
@blp.arguments(PreservationKeepSchema)
@blp.response(201, PreservationSchema)
def keep_demand(args: dict[str, Any], demand_id: str) -> PreservationView:
    """Keep what a preservation order names; nothing of it comes to a plan."""
    return _service().keep(require_actor(), demand_id, **args)


@blp.route("/demands/<demand_id>/preservation", methods=["GET"])
@blp.response(200, PreservationSchema)
def show_preservation(demand_id: str) -> PreservationView:
    """Show what is kept on a demand and for how long; the look is entered in the custody log."""
    return _service().get(require_actor(), demand_id)


@blp.route("/demands/<demand_id>/preservation/extensions", methods=["POST"])
@blp.arguments(PreservationExtendSchema)
@blp.response(201, PreservationSchema)
def extend_preservation(args: dict[str, Any], demand_id: str) -> PreservationView:
    """Record that the authority made a preservation longer."""
    return _service().extend(require_actor(), demand_id, **args)


@blp.route("/preservations", methods=["GET"])
@blp.arguments(PageArgs, location="query")
@blp.response(200, page_schema(PreservationSchema))
def list_preservations(args: dict[str, Any]) -> Page[PreservationView]:
    """List what is kept now, the first to end first; the look is entered in the custody log."""
    after, limit = load_text_cursor(args["cursor"]), args["limit"]
    found = _service().list(require_actor(), after, limit + 1)
    return make_page(found, limit, place_of)


def _service() -> PreservationService:
    return part("preservation", PreservationService)
