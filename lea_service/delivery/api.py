"""The hand-over over HTTP: for receivers under ``/collect``, for people here beside the demand."""

# mypy: disable-error-code="untyped-decorator"
from __future__ import annotations

from typing import Any

from flask import Response, request
from flask_smorest import Blueprint
from werkzeug.exceptions import RequestedRangeNotSatisfiable

from lea_service.delivery.queries import CollectView
from lea_service.delivery.rules import Span, Unsatisfiable, is_same_content, parse_range
from lea_service.delivery.schemas import (
    ClaimCodeSchema,
    ClaimedSchema,
    ClaimRequest,
    CollectSchema,
    DeliveriesSchema,
    ErasedSchema,
    FollowedDemandSchema,
    FollowSchema,
    OverdueSchema,
    ReceiptAnswerSchema,
    ReceiptRequest,
    TokenSchema,
)
from lea_service.delivery.service import DeliveryService
from lea_service.kernel.clock import format_instant
from lea_service.kernel.errors import NotAuthenticated
from lea_service.web.authentication import (
    check_attempts,
    note_failed_attempt,
    public,
    require_actor,
)
from lea_service.web.paging import (
    PageArgs,
    load_cursor,
    load_instant_cursor,
    make_page,
    page_schema,
)
from lea_service.web.problems import MEDIA_TYPE
from lea_service.web.services import part

PACKAGE_TYPE = "application/pkcs7-mime"
PROOF_TYPE = "text/plain; charset=utf-8"
ENTRY_TYPE = "application/json"
BINARY: dict[str, Any] = {"schema": {"type": "string", "format": "binary"}}
RANGE: list[dict[str, Any]] = [
    {
        "in": "header",
        "name": name,
        "required": False,
        "description": description,
        "schema": {"type": "string"},
    }
    for name, description in (
        ("Range", "One range of bytes, to go on where a fetch broke off."),
        ("If-Range", "The ETag of the earlier fetch; the whole comes when it is another file."),
    )
]
CONTENT: dict[str, Any] = {
    "200": {"description": "The encrypted package.", "content": {PACKAGE_TYPE: BINARY}},
    "206": {"description": "The bytes asked for.", "content": {PACKAGE_TYPE: BINARY}},
    "416": {"description": "The range begins behind the last byte."},
}
UNSIGNED = (
    "Nothing of the custody log is signed yet, as in the first seconds of an installation. What a "
    "receiver comes with is held against what was signed, so nobody of an authority is let in "
    "until then; our own people are, since it is they who set up what signs. Repeat after "
    "`Retry-After`."
)
"""Why a receiver is told to wait where our own people are not."""
PROBLEM: dict[str, Any] = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
LATER: dict[str, Any] = {"503": {"description": UNSIGNED, "content": PROBLEM}}

blp = Blueprint(
    "delivery",
    __name__,
    url_prefix="/api/v1",
    description="Packages on their way to the receivers a demand names. Receivers sign in with "
    "a token of their own, which two of us grant (kind delivery.receiver_token).",
)


@blp.route("/demands/<demand_id>/deliveries", methods=["GET"])
@blp.response(200, DeliveriesSchema)
def list_deliveries(demand_id: str) -> Any:
    """Show what was made available for a demand, who fetched it, and its receipt."""
    return {"items": _service().list_deliveries(require_actor(), demand_id)}


@blp.route("/demands/<demand_id>/erasure", methods=["POST"])
@blp.response(201, ErasedSchema)
def erase_demand(demand_id: str) -> Any:
    """End the result keys of a closed demand whose package nobody gave a receipt for."""
    return _service().closing.erase_uncollected(require_actor(), demand_id)


@blp.route("/deliveries/overdue", methods=["GET"])
@blp.arguments(PageArgs, location="query")
@blp.response(200, page_schema(OverdueSchema))
def list_overdue(args: dict[str, Any]) -> Any:
    """List packages that wait for a receipt after their pick-up term."""
    after, limit = load_cursor(args["cursor"], str), args["limit"]
    actor = require_actor()
    rows = _service().list_overdue(actor, str(after[0]) if after else None, limit + 1)
    return make_page(rows, limit, lambda row: (row.package,))


@blp.route("/agencies/<agency_id>/receiver-tokens", methods=["GET"])
@blp.arguments(PageArgs, location="query")
@blp.response(200, page_schema(TokenSchema))
def list_tokens(args: dict[str, Any], agency_id: str) -> Any:
    """List the tokens of an agency's people, the newest first, without their secrets."""
    after, limit = load_instant_cursor(args["cursor"]), args["limit"]
    rows = _service().tokens.list_tokens(require_actor(), agency_id, after, limit + 1)
    return make_page(rows, limit, lambda row: (format_instant(row.granted_at), row.id))


@blp.route("/receiver-tokens/<token_id>/code", methods=["POST"])
@blp.response(201, ClaimCodeSchema)
def issue_code(token_id: str) -> Any:
    """Give one of the two who granted a token the code to hand over; shown this once."""
    return _service().tokens.issue_code(require_actor(), token_id)


@blp.route("/receiver-tokens/<token_id>/revocation", methods=["POST"])
@blp.response(201, TokenSchema)
def revoke_token(token_id: str) -> Any:
    """End a token at once."""
    return _service().tokens.revoke(require_actor(), token_id)


@blp.route("/collect/claim", methods=["POST"])
@blp.doc(responses=LATER)
@public
@blp.doc(security=[])
@blp.arguments(ClaimRequest)
@blp.response(201, ClaimedSchema)
def claim_token(body: dict[str, str]) -> Any:
    """Turn a code into a token of your own, once; needs no token."""
    check_attempts()
    try:
        return _service().tokens.claim(body["code"])
    except NotAuthenticated:
        note_failed_attempt()
        raise


@blp.route("/collect/token", methods=["DELETE"])
@blp.doc(responses=LATER)
@blp.response(200, TokenSchema)
def end_token() -> Any:
    """End the token that you came in with."""
    return _service().tokens.end_own(require_actor())


@blp.route("/collect/demands", methods=["GET"])
@blp.doc(responses=LATER)
@blp.arguments(PageArgs, location="query")
@blp.response(200, page_schema(FollowSchema))
def list_followed(args: dict[str, Any]) -> Any:
    """List the demands that name you or a desk of yours, and where they stand."""
    after, limit = load_instant_cursor(args["cursor"]), args["limit"]
    rows = _service().following.list_demands(require_actor(), after, limit + 1)
    return make_page(rows, limit, lambda row: (format_instant(row.recorded_at), row.demand))


@blp.route("/collect/demands/<demand_id>", methods=["GET"])
@blp.doc(responses=LATER)
@blp.response(200, FollowedDemandSchema)
def show_followed(demand_id: str) -> Any:
    """Show where a demand stands, what we asked about it, and why we refused it if we did."""
    return _service().following.get_demand(require_actor(), demand_id)


@blp.route("/collect/packages", methods=["GET"])
@blp.doc(responses=LATER)
@blp.arguments(PageArgs, location="query")
@blp.response(200, page_schema(CollectSchema))
def list_packages(args: dict[str, Any]) -> Any:
    """List the packages that are for you or for your desk, and where their demands stand."""
    after, limit = load_cursor(args["cursor"], str), args["limit"]
    actor = require_actor()
    rows = _service().list_collectable(actor, str(after[0]) if after else None, limit + 1)
    return make_page(rows, limit, lambda row: (row.package,))


@blp.route("/collect/packages/<package_id>", methods=["GET"])
@blp.doc(responses=LATER)
@blp.response(200, CollectSchema)
def show_package(package_id: str) -> Any:
    """Show one package that is for you or for your desk."""
    return _service().get_collectable(require_actor(), package_id)


@blp.route("/collect/packages/<package_id>/content", methods=["GET"])
@blp.doc(responses=LATER)
@blp.doc(parameters=RANGE, responses=CONTENT)
def fetch_package(package_id: str) -> Response:
    """Fetch a package; the custody log holds that you did before the first byte leaves."""
    actor = require_actor()
    if request.method == "HEAD":
        view = _service().get_collectable(actor, package_id)
        _wanted_span(view)
        return _answer(view, None, None)
    download = _service().fetch(actor, package_id, _wanted_span)
    return _answer(download.view, download.span, download)


@blp.route("/collect/packages/<package_id>/proof", methods=["GET"])
@blp.doc(responses=LATER)
@blp.doc(responses={"200": {"description": "A tlog-proof.", "content": {"text/plain": BINARY}}})
def fetch_proof(package_id: str) -> Response:
    """Fetch the proof that the package was sealed as the custody log says (`.tlog-proof`)."""
    proof = _service().get_proof(require_actor(), package_id)
    return _attachment(proof, PROOF_TYPE, f"{package_id}.tlog-proof")


@blp.route("/collect/packages/<package_id>/entry", methods=["GET"])
@blp.doc(responses=LATER)
@blp.doc(responses={"200": {"description": "A log entry.", "content": {ENTRY_TYPE: BINARY}}})
def fetch_entry(package_id: str) -> Response:
    """Fetch the entry of the custody log that the proof is about (`.entry.json`)."""
    entry = _service().get_sealing_entry(require_actor(), package_id)
    return _attachment(entry, ENTRY_TYPE, f"{package_id}.entry.json")


@blp.route("/collect/receipts", methods=["POST"])
@blp.doc(responses=LATER)
@blp.arguments(ReceiptRequest)
@blp.response(201, ReceiptAnswerSchema)
def give_receipt(body: dict[str, str]) -> Any:
    """Give the receipt of a package; it counts with the code that lies inside the package."""
    return _service().give_receipt(require_actor(), body["package"], body["code"])


def _service() -> DeliveryService:
    return part("delivery", DeliveryService)


def _wanted_span(view: CollectView) -> Span | None:
    if not is_same_content(request.headers.get("If-Range"), view.sha256):
        return None
    try:
        return parse_range(request.headers.get("Range"), view.size)
    except Unsatisfiable as err:
        raise RequestedRangeNotSatisfiable(view.size) from err


def _answer(view: CollectView, span: Span | None, body: Any) -> Response:
    """Answer with the whole or with a span; without a body for HEAD."""
    response = Response(body, status=206 if span else 200, mimetype=PACKAGE_TYPE)
    response.headers["Accept-Ranges"] = "bytes"
    response.headers["Content-Length"] = str(span.end - span.start if span else view.size)
    response.headers["Content-Disposition"] = f'attachment; filename="{view.package}.p7m"'
    response.headers["ETag"] = f'"{view.sha256}"'
    if span:
        response.headers["Content-Range"] = span.content_range(view.size)
    return response


def _attachment(content: bytes, media_type: str, name: str) -> Response:
    disposition = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, content_type=media_type, headers=disposition)
