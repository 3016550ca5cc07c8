"""REST of confirmations and of breach notices."""

# mypy: disable-error-code="untyped-decorator"
from __future__ import annotations

from typing import Any

from flask import Response, request
from flask_smorest import Blueprint

from lea_service.demands.order_media import ENDINGS
from lea_service.kernel.actors import Permission
from lea_service.kernel.clock import format_instant
from lea_service.legal.confirmations.schemas import (
    AssessBreachSchema,
    BreachListArgs,
    BreachSchema,
    BringArgs,
    OpenConfirmationSchema,
    PaperSchema,
    PapersSchema,
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
    "description": "The written order as it arrived: a PDF, a mail with its headers (.eml), or "
    "whatever came.",
    "content": {one: {"schema": {"type": "string", "format": "binary"}} for one in ENDINGS},
}
FILE: dict[str, Any] = {"content": BODY["content"], "description": "The paper, byte for byte."}

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
    """List the orders that wait to be put in writing or validated, the first to end first.

    What a judge authorised orally and is in writing after the decision takes an approval of the
    kind confirmation.authorisation.
    """
    after, limit = load_text_cursor(args["cursor"]), args["limit"]
    return make_page(_service().list_open(require_actor(), after, limit + 1), limit, place_of)


@blp.route("/demands/<demand_id>/confirmation-papers", methods=["POST"])
@takes_upload("order", Permission.DEMAND_EDIT, *ENDINGS)
@blp.arguments(BringArgs, location="query")
@blp.doc(requestBody=BODY)
@blp.response(201, PaperSchema)
def bring_paper(args: dict[str, Any], demand_id: str) -> Any:
    """Bring the written order of an oral one, or the validation of an emergency.

    The paper is compared with what was acted on, and kept. It pays nothing until an approval of the
    kind confirmation.acceptance names it, with each difference that was found. A paper that
    paid before is refused; so is, as a validation, one that was recorded of the demand before.
    """
    return _service().bring(require_actor(), demand_id, request.get_data(), args["validated_by"])


@blp.route("/demands/<demand_id>/confirmation-papers", methods=["GET"])
@blp.response(200, PapersSchema)
def list_papers(demand_id: str) -> Any:
    """List the papers that were brought of a demand; the look is entered in the custody log."""
    return {"papers": _service().list_papers(require_actor(), demand_id)}


@blp.route("/demands/<demand_id>/confirmation-papers/<paper_id>", methods=["GET"])
@blp.doc(responses={"200": FILE})
def show_paper(demand_id: str, paper_id: str) -> Response:
    """Send a paper as it arrived; the look is entered in the custody log."""
    paper = _service().get_paper(require_actor(), demand_id, paper_id)
    name = f"{paper_id}.{ENDINGS[paper.media_type]}"
    disposition = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(paper.content, mimetype=paper.media_type, headers=disposition)


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
