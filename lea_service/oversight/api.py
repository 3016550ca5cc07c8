"""Warnings over HTTP."""

# mypy: disable-error-code="untyped-decorator"
from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint

from lea_service.kernel.clock import format_instant
from lea_service.oversight.list_queries import ListsView
from lea_service.oversight.queries import WarningView
from lea_service.oversight.schemas import (
    ListsSchema,
    SettlementSchema,
    WarningListArgs,
    WarningSchema,
)
from lea_service.oversight.service import OversightService
from lea_service.web.authentication import require_actor
from lea_service.web.paging import Page, load_instant_cursor, make_page, page_schema
from lea_service.web.services import part

blp = Blueprint(
    "warnings",
    __name__,
    url_prefix="/api/v1/warnings",
    description="What people outside the flow are told; no warning names a target. Who gets them "
    "takes an approval of the kind oversight.recipient, what is watched over one of the kind "
    "oversight.watch, the own identifiers of a colleague one of the kind "
    "oversight.own_identifiers.",
)


@blp.route("", methods=["GET"])
@blp.arguments(WarningListArgs, location="query")
@blp.response(200, page_schema(WarningSchema))
def list_warnings(args: dict[str, Any]) -> Page[WarningView]:
    """List warnings, the newest first; the look is entered in the custody log."""
    after, limit = load_instant_cursor(args["cursor"]), args["limit"]
    rows = _service().list_warnings(require_actor(), args["open"], after, limit + 1)
    return make_page(rows, limit, lambda row: (format_instant(row.raised_at), row.id))


@blp.route("/lists", methods=["GET"])
@blp.response(200, ListsSchema)
def show_lists() -> ListsView:
    """Show whom warnings go to, how much is watched over and who has identifiers of their own.

    Since when, and by which approval; never the identifiers. The look is entered in the custody
    log.
    """
    return _service().view_lists(require_actor())


@blp.route("/<warning_id>/settlement", methods=["POST"])
@blp.arguments(SettlementSchema)
@blp.response(201, WarningSchema)
def settle_warning(args: dict[str, Any], warning_id: str) -> WarningView:
    """Say what was made of a warning."""
    return _service().settle(require_actor(), warning_id, args["reason"])


def _service() -> OversightService:
    return part("oversight", OversightService)
