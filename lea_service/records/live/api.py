"""REST of live sources: pulling, testing, sampling by shape, and the grants of an account."""

# mypy: disable-error-code="untyped-decorator"

from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint

from lea_service.records.live.examine_service import Examination, ExamineService
from lea_service.records.live.queries import PullView
from lea_service.records.live.schemas import (
    WHOLE,
    ExaminationSchema,
    GrantArgsSchema,
    GrantsSchema,
    PullSchema,
    RequestPullSchema,
    SampleArgsSchema,
    SampleSchema,
)
from lea_service.records.live.service import PullService
from lea_service.web.authentication import require_actor
from lea_service.web.services import part

blp = Blueprint(
    "live_sources",
    __name__,
    url_prefix="/api/v1/sources",
    description="Sources that are tables of databases: pulling, testing, sampling by shape.",
)

Args = dict[str, Any]


@blp.route("/<source>/pulls", methods=["POST"])
@blp.arguments(RequestPullSchema)
@blp.response(202, PullSchema)
def request_pull(body: Args, source: str) -> PullView:
    """Have a worker read a live source on; one that waits or runs already is that pull."""
    pulls = part("pulls", PullService)
    return pulls.request(require_actor(), source, whole=body["extent"] == WHOLE)


@blp.route("/<source>/pulls/<pull_id>", methods=["GET"])
@blp.response(200, PullSchema)
def get_pull(source: str, pull_id: str) -> PullView:
    """Show how far a pull is, and what it brought; its batches are imports of the source."""
    return part("pulls", PullService).get(require_actor(), source, pull_id)


@blp.route("/<source>/examinations", methods=["POST"])
@blp.response(200, ExaminationSchema)
def examine_source(source: str) -> Examination:
    """Connect to a live source and say what keeps it from being read, or read wrongly."""
    return _examine().examine(require_actor(), source)


@blp.route("/<source>/samples", methods=["POST"])
@blp.arguments(SampleArgsSchema)
@blp.response(200, SampleSchema)
def sample_source(body: Args, source: str) -> Args:
    """Show the newest rows of a live source by their shape, no value; the look is entered."""
    return {"rows": _examine().sample(require_actor(), source, body["rows"])}


@blp.route("/<source>/grants", methods=["POST"])
@blp.arguments(GrantArgsSchema)
@blp.response(200, GrantsSchema)
def write_grants(body: Args, source: str) -> Args:
    """Write the SQL of an account that reads what the mapping names, and nothing else."""
    return {"statements": _examine().write_grants(require_actor(), source, body["account"])}


def _examine() -> ExamineService:
    return part("examining", ExamineService)
