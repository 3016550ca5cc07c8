"""REST of confirmations and of breach notices."""

# mypy: disable-error-code="untyped-decorator"
from __future__ import annotations

from typing import Any

from flask import request
from flask_smorest import Blueprint

from lea_service.demands.order_media import ENDINGS
from lea_service.kernel.actors import Permission
from lea_service.kernel.clock import format_instant
from lea_service.legal.confirmations.differences import Accepted
from lea_service.legal.confirmations.schemas import (
    AssessBreachSchema,
    BreachListArgs,
    BreachSchema,
    ConfirmArgs,
    ConfirmedSchema,
    OpenConfirmationSchema,
)
from lea_service.legal.confirmations.service import ConfirmationService, place_of
from lea_service.web.authentication import require_actor
from lea_service.web.bodies import takes_upload
from lea_service.web.paging import (
    PageArgs,
    load_instant_cursor,
    load_text_cursor,
    make_page,
    page_schema,
)
from lea_service.web.services import part

BODY: dict[str, Any] = {
    "required": True,
    "description": "The written order as it arrived: a PDF, or a mail with its headers (.eml).",
    "content": {one: {"schema": {"type": "string", "format": "binary"}} for one in ENDINGS},
}

blp = Blueprint(
    "confirmations",
    __name__,
    url_prefix="/api/v1",
    description="Orders that have to be put in writing or validated, and breaches to be assessed.",
)


@blp.route("/confirmations", methods=["GET"])
@blp.arguments(PageArgs, location="query")
@blp.response(200, page_schema(OpenConfirmationSchema))
def list_open_confirmations(args: dict[str, Any]) -> Any:
    """List the orders that wait to be put in writing or validated, the first to end first."""
    after, limit = load_text_cursor(args["cursor"]), args["limit"]
    return make_page(_service().list_open(require_actor(), after, limit + 1), limit, place_of)


@blp.route("/demands/<demand_id>/confirmation", methods=["POST"])
@takes_upload("order", Permission.DEMAND_EDIT, *ENDINGS)
@blp.arguments(ConfirmArgs, location="query")
@blp.doc(requestBody=BODY)
@blp.response(201, ConfirmedSchema)
def confirm_demand(args: dict[str, Any], demand_id: str) -> Any:
    """Record the written order of an oral one, or the validation of an emergency; a hold ends.

    The paper is compared with what was acted on. Where it differs nothing is paid, and the answer
    names the paper and each difference; a call of somebody else that accepts each of them in that
    paper, with a ground, is paid. A paper that was recorded of the demand before is refused.
    """
    accepted = Accepted(args["accepted"], args["ground"], args["paper"])
    data, actor = request.get_data(), require_actor()
    return _service().confirm(actor, demand_id, data, args["validated_by"], accepted)


@blp.route("/breaches", methods=["GET"])
@blp.arguments(BreachListArgs, location="query")
@blp.response(200, page_schema(BreachSchema))
def list_breaches(args: dict[str, Any]) -> Any:
    """List breach notices, the newest first; the look is entered in the custody log."""
    after, limit = load_instant_cursor(args["cursor"]), args["limit"]
    rows = _service().list_breaches(require_actor(), args["open"], after, limit + 1)
    return make_page(rows, limit, lambda row: (format_instant(row.opened_at), row.id))


@blp.route("/breaches/<notice_id>/assessment", methods=["POST"])
@blp.arguments(AssessBreachSchema)
@blp.response(201, BreachSchema)
def assess_breach(args: dict[str, Any], notice_id: str) -> Any:
    """Say what was made of a breach notice."""
    return _service().assess(require_actor(), notice_id, args["outcome"], args["reason"])


def _service() -> ConfirmationService:
    return part("confirmations", ConfirmationService)
