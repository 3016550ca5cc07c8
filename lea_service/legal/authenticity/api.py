"""REST of authenticity: what was seen of where a demand comes from, and calls to its agency."""

# mypy: disable-error-code="untyped-decorator"
from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint

from lea_service.legal.authenticity.schemas import (
    AuthenticityPolicySchema,
    AuthenticitySchema,
    CallBackRequest,
    CallBackSchema,
)
from lea_service.legal.authenticity.service import AuthenticityService, CalledBack
from lea_service.web.authentication import require_actor
from lea_service.web.services import part

blp = Blueprint(
    "authenticity",
    __name__,
    url_prefix="/api/v1",
    description="Whether a demand comes from whom it says: observations, calls, the policy.",
)


@blp.route("/demands/<demand_id>/authenticity", methods=["GET"])
@blp.response(200, AuthenticitySchema)
def show_authenticity(demand_id: str) -> Any:
    """Show what was seen of where a demand comes from, and whom to call; the look is entered."""
    return _service().get(require_actor(), demand_id)


@blp.route("/demands/<demand_id>/call-backs", methods=["POST"])
@blp.arguments(CallBackRequest)
@blp.response(201, CallBackSchema)
def record_call_back(args: dict[str, Any], demand_id: str) -> Any:
    """Record a call to a number of the register; a denial holds the demand."""
    return _service().record_call_back(require_actor(), demand_id, CalledBack(**args))


@blp.route("/authenticity-policy", methods=["GET"])
@blp.response(200, AuthenticityPolicySchema)
def show_authenticity_policy() -> Any:
    """Show the policy that turns observations into allow or hold."""
    return _service().get_policy(require_actor())


def _service() -> AuthenticityService:
    return part("authenticity", AuthenticityService)
