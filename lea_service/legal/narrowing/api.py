"""REST of giving less than was asked."""

# mypy: disable-error-code="untyped-decorator"
from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint

from lea_service.legal.narrowing.schemas import NarrowingSchema, NarrowingsSchema, NarrowSchema
from lea_service.legal.narrowing.service import Asked, NarrowingService
from lea_service.web.authentication import require_actor
from lea_service.web.services import part

blp = Blueprint(
    "narrowings",
    __name__,
    url_prefix="/api/v1",
    description="What of a demand is not given: on a coded ground, or as the authority agreed.",
)


@blp.route("/demands/<demand_id>/narrowings", methods=["POST"])
@blp.arguments(NarrowSchema)
@blp.response(201, NarrowingSchema)
def narrow_demand(args: dict[str, Any], demand_id: str) -> Any:
    """Leave something of a demand out of what is given, on a coded ground, with a reason.

    Of a European order only once an Annex III that states it was sent (409 until then).
    """
    reason = args.pop("reason")
    service = _service()
    return service.narrow(require_actor(), demand_id, Asked(**args), reason)


@blp.route("/demands/<demand_id>/narrowings", methods=["GET"])
@blp.response(200, NarrowingsSchema)
def list_narrowings(demand_id: str) -> Any:
    """List what of a demand is not given; the look is entered in the custody log."""
    found = _service().list(require_actor(), demand_id)
    return {"narrowings": found}


def _service() -> NarrowingService:
    return part("narrowings", NarrowingService)
