"""REST of plans: compile, preview and follow; proposing and deciding go through the approvals."""

# mypy: disable-error-code="untyped-decorator"
from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint

from lea_service.extraction.instalment_service import Shortening
from lea_service.extraction.instalments import Wanted
from lea_service.extraction.schemas import (
    CompileSchema,
    InstalmentsSchema,
    PlanSchema,
    PreviewSchema,
    ProgressSchema,
    ShorteningSchema,
    StopSchema,
)
from lea_service.extraction.service import ExtractionService
from lea_service.web.authentication import require_actor
from lea_service.web.services import part

blp = Blueprint(
    "plans",
    __name__,
    url_prefix="/api/v1/demands/<demand_id>",
    description="Exactly which rows a demand comes to: compiled, counted, decided by two people.",
)


@blp.route("/plan", methods=["POST"])
@blp.arguments(CompileSchema, required=False)
@blp.response(201, PlanSchema)
def compile_plan(options: dict[str, Any], demand_id: str) -> Any:
    """Compile the demand into a plan, which replaces the one before it; no source is asked."""
    past_term = options.get("past_term")
    ground = None if past_term is None else past_term["ground"]
    asked = options.get("instalments")
    wanted = None if asked is None else Wanted(**asked)
    return _service().compile_plan(require_actor(), demand_id, ground, wanted)


@blp.route("/plan", methods=["GET"])
@blp.response(200, PlanSchema)
def show_plan(demand_id: str) -> Any:
    """Show the plan that counts; the look is entered in the custody log."""
    return _service().get_plan(require_actor(), demand_id)


@blp.route("/preview", methods=["POST"])
@blp.response(201, PreviewSchema)
def preview_plan(demand_id: str) -> Any:
    """Count what the plan would hand over now; the count is entered in the custody log."""
    return _service().preview(require_actor(), demand_id)


@blp.route("/preview", methods=["GET"])
@blp.response(200, PreviewSchema)
def show_preview(demand_id: str) -> Any:
    """Show the newest count of the plan that counts; the look is entered in the custody log."""
    return _service().get_preview(require_actor(), demand_id)


@blp.route("/progress", methods=["GET"])
@blp.response(200, ProgressSchema)
def show_progress(demand_id: str) -> Any:
    """Show how far the work on a demand is, in states and counts."""
    return _service().get_progress(require_actor(), demand_id)


@blp.route("/resumption", methods=["POST"])
@blp.response(202, ProgressSchema)
def resume_demand(demand_id: str) -> Any:
    """Have a halted run go on, where no new decision is needed."""
    return _service().resume(require_actor(), demand_id)


@blp.route("/stop", methods=["POST"])
@blp.arguments(StopSchema)
@blp.response(200, ProgressSchema)
def stop_demand(args: dict[str, Any], demand_id: str) -> Any:
    """Hold back what is ready to leave; two people decide how it goes on."""
    return _service().stop(require_actor(), demand_id, args["reason"])


@blp.route("/instalments", methods=["GET"])
@blp.response(200, InstalmentsSchema)
def show_instalments(demand_id: str) -> Any:
    """Show which instalments were given, are due and are ahead; the look is entered."""
    found = _service().instalments.list_instalments(require_actor(), demand_id)
    return {"instalments": found}


@blp.route("/shortening", methods=["POST"])
@blp.arguments(ShorteningSchema)
@blp.response(200, InstalmentsSchema)
def shorten_order(args: dict[str, Any], demand_id: str) -> Any:
    """Let an order end earlier, as its authority told us; what reaches further stops at once."""
    found = _service().instalments.shorten(require_actor(), demand_id, Shortening(**args))
    return {"instalments": found}


def _service() -> ExtractionService:
    return part("extraction", ExtractionService)
