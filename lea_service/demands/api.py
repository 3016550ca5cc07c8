"""REST of demands: recorded as JSON, or as a form with the order beside it."""

# mypy: disable-error-code="untyped-decorator"
from __future__ import annotations

from io import BytesIO
from typing import Any

from flask import Response, request
from flask_smorest import Blueprint
from werkzeug.datastructures import MultiDict
from werkzeug.formparser import FormDataParser

from lea_service.demands.demand import DemandContent
from lea_service.demands.order_media import ENDINGS
from lea_service.demands.queries import dump_place
from lea_service.demands.schemas import (
    DemandContentSchema,
    DemandLineSchema,
    DemandListArgs,
    DemandSchema,
    HoldsSchema,
    RecordedSchema,
    StandingSchema,
    WithdrawalSchema,
    load_demand,
)
from lea_service.demands.service import DemandService
from lea_service.demands.withdrawal import Withdrawal
from lea_service.kernel.actors import Permission
from lea_service.kernel.canonical import load_strict
from lea_service.kernel.clock import format_instant
from lea_service.kernel.errors import InvalidInput, TooLarge
from lea_service.web.authentication import require_actor
from lea_service.web.bodies import JSON, takes_upload
from lea_service.web.paging import PageArgs, load_instant_cursor, make_page, page_schema
from lea_service.web.services import edge, part
from lea_service.web.versions import IF_MATCH, expected_version, set_version

DEMAND_PART, ORDER_PART = "demand", "order"
FORM = "multipart/form-data"
MAX_PARTS = 8
REPLACED = "\ufffd"
"""What the form parser puts where bytes were no text: we would record what was not sent."""
IDEMPOTENCY_KEY: dict[str, Any] = {
    "in": "header",
    "name": "Idempotency-Key",
    "required": False,
    "description": "Makes a repeat of the same request harmless: it is answered as the first was.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 128},
}
LINES = page_schema(DemandLineSchema)
ORDER_ABOUT = "The order as it arrived: a PDF, a mail with its headers (.eml), or whatever came."
BODY: dict[str, Any] = {
    "required": True,
    "content": {
        JSON: {"schema": DemandContentSchema},
        FORM: {
            "schema": {
                "type": "object",
                "required": [DEMAND_PART],
                "properties": {
                    DEMAND_PART: {
                        "type": "string",
                        "description": "The demand as JSON, in the form of application/json.",
                    },
                    ORDER_PART: {"type": "string", "format": "binary", "description": ORDER_ABOUT},
                },
            },
        },
    },
}
ORDER: dict[str, Any] = {
    "content": {one: {"schema": {"type": "string", "format": "binary"}} for one in ENDINGS},
    "description": "The order, byte for byte.",
}

blp = Blueprint(
    "demands",
    __name__,
    url_prefix="/api/v1/demands",
    description="What authorities ask: recorded as it arrived, held where it must be, closed.",
)


@blp.route("", methods=["POST"])
@takes_upload("order", Permission.DEMAND_RECORD, JSON, FORM)
@blp.doc(requestBody=BODY, parameters=[IDEMPOTENCY_KEY])
@blp.response(201, RecordedSchema)
@blp.alt_response(200, schema=RecordedSchema, description="The same was recorded before.")
def record_demand() -> Any:
    """Record a demand; the same again answers with the demand it made the first time."""
    content, order = _read_demand()
    key = request.headers.get("Idempotency-Key")
    recorded = _service().record(require_actor(), content, order, key)
    place = {"Location": f"{blp.url_prefix}/{recorded.demand_id}"}
    return recorded, 200 if recorded.is_replay else 201, place


@blp.route("", methods=["GET"])
@blp.arguments(DemandListArgs, location="query")
@blp.response(200, LINES)
def list_demands(args: dict[str, Any]) -> Any:
    """List demands by id, state and dates, the newest first."""
    after, limit = load_instant_cursor(args["cursor"]), args["limit"]
    lines = _service().list(require_actor(), args["state"], after, limit + 1)
    return make_page(lines, limit, dump_place)


@blp.route("/emergencies", methods=["GET"])
@blp.arguments(PageArgs, location="query")
@blp.response(200, LINES)
def list_emergencies(args: dict[str, Any]) -> Any:
    """List the emergencies that wait for an answer, the one that waits longest first."""
    after, limit = load_instant_cursor(args["cursor"]), args["limit"]
    lines = _service().list_emergencies(require_actor(), after, limit + 1)
    return make_page(lines, limit, lambda line: (format_instant(line.received_at), line.id))


@blp.route("/<demand_id>", methods=["GET"])
@blp.response(200, DemandSchema)
def show_demand(demand_id: str) -> Any:
    """Show a demand; the look is entered in the custody log."""
    demand = _service().get(require_actor(), demand_id)
    set_version(demand.version)
    return demand


@blp.route("/<demand_id>", methods=["PUT"])
@takes_upload("order", Permission.DEMAND_EDIT, JSON, FORM)
@blp.doc(requestBody=BODY, parameters=[IF_MATCH])
@blp.response(200, StandingSchema)
def correct_demand(demand_id: str) -> Any:
    """Correct a demand that was not decided on; the earlier record is kept."""
    version = expected_version()
    content, order = _read_demand()
    standing = _service().correct(require_actor(), demand_id, content, version, order)
    set_version(standing.version)
    return standing


@blp.route("/<demand_id>/order", methods=["GET"])
@blp.doc(responses={"200": ORDER})
def show_order(demand_id: str) -> Response:
    """Send the order as it arrived; the look is entered in the custody log."""
    order = _service().get_order(require_actor(), demand_id)
    name = f"{demand_id}.{ENDINGS[order.media_type]}"
    disposition = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(order.content, mimetype=order.media_type, headers=disposition)


@blp.route("/<demand_id>/holds", methods=["GET"])
@blp.response(200, HoldsSchema)
def show_holds(demand_id: str) -> Any:
    """Say what keeps a demand from going on now; its clock runs on."""
    return {"holds": _service().holds(require_actor(), demand_id)}


@blp.route("/<demand_id>/withdrawal", methods=["POST"])
@blp.arguments(WithdrawalSchema)
@blp.response(200, StandingSchema)
def withdraw_demand(args: dict[str, Any], demand_id: str) -> Any:
    """Take a demand back for its authority, which told us so."""
    return _service().withdraw(require_actor(), demand_id, Withdrawal(**args))


@blp.route("/<demand_id>/closing", methods=["POST"])
@blp.response(200, StandingSchema)
def close_demand(demand_id: str) -> Any:
    """Close a demand that is refused, withdrawn, acknowledged or was never collected."""
    return _service().close(require_actor(), demand_id)


def _service() -> DemandService:
    return part("demands", DemandService)


def _read_demand() -> tuple[DemandContent, bytes | None]:
    if request.mimetype != FORM:
        return load_demand(load_strict(request.get_data())), None
    parts = _read_form()
    if DEMAND_PART not in parts:
        raise InvalidInput.at(f"/{DEMAND_PART}", "expected a part with the demand as JSON")
    return load_demand(load_strict(parts[DEMAND_PART])), parts.get(ORDER_PART)


def _read_form() -> dict[str, bytes]:
    """Return the parts of a form by name, kept in memory: an order never rests on a disk."""
    parser = FormDataParser(
        stream_factory=lambda *_, **__: BytesIO(),
        max_form_memory_size=edge().max_body_bytes,
        max_content_length=request.max_content_length,
        max_form_parts=MAX_PARTS,
        silent=False,
    )
    try:
        _, fields, files = parser.parse(
            request.stream, request.mimetype, request.content_length, request.mimetype_params
        )
    except ValueError as err:
        raise InvalidInput("expected a well-formed form") from err
    if any(REPLACED in text for _, text in _all(fields)):
        raise InvalidInput("expected a form in UTF-8")
    parts = [(name, text.encode()) for name, text in _all(fields)]
    parts += [(name, file.read()) for name, file in _all(files)]
    return _checked(parts)


def _checked(parts: list[tuple[str, bytes]]) -> dict[str, bytes]:
    found = dict(parts)
    if len(found) != len(parts) or not found.keys() <= {DEMAND_PART, ORDER_PART}:
        raise InvalidInput("expected a part demand and at most a part order, each once")
    limit = edge().max_body_bytes
    if len(found.get(DEMAND_PART, b"")) > limit:
        raise TooLarge(f"/{DEMAND_PART}: expected at most {limit} bytes", limit=limit)
    return found


def _all(parts: MultiDict[str, Any]) -> list[tuple[str, Any]]:
    return list(parts.items(multi=True))
