"""REST of referring elsewhere."""

# mypy: disable-error-code="untyped-decorator"
from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint

from lea_service.legal.referral.schemas import (
    ReferralKindsSchema,
    ReferralSchema,
    ReferSchema,
)
from lea_service.legal.referral.service import ReferralService
from lea_service.web.authentication import require_actor
from lea_service.web.services import part

blp = Blueprint(
    "referrals",
    __name__,
    url_prefix="/api/v1",
    description="Not ours: the authority is referred elsewhere, and told no more than that.",
)


@blp.route("/referral-kinds", methods=["GET"])
@blp.response(200, ReferralKindsSchema)
def list_referral_kinds() -> Any:
    """List to which kinds of addressee somebody can be referred, and what is said then."""
    return _service().get_table(require_actor())


@blp.route("/demands/<demand_id>/referral", methods=["POST"])
@blp.arguments(ReferSchema)
@blp.response(201, ReferralSchema)
def refer_demand(args: dict[str, Any], demand_id: str) -> Any:
    """Answer that another is the addressee, and confirm nothing of persons or holdings."""
    return _service().refer(require_actor(), demand_id, **args)


@blp.route("/demands/<demand_id>/referral", methods=["GET"])
@blp.response(200, ReferralSchema)
def show_referral(demand_id: str) -> Any:
    """Show to whom a demand was referred; the look is entered in the custody log."""
    return _service().get(require_actor(), demand_id)


def _service() -> ReferralService:
    return part("referrals", ReferralService)
