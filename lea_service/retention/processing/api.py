"""The register of processing systems over HTTP."""

# mypy: disable-error-code="untyped-decorator"
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_smorest import Blueprint

from lea_service.retention.processing.queries import EntryView
from lea_service.retention.processing.schemas import EntrySchema
from lea_service.retention.processing.service import ProcessingService
from lea_service.web.authentication import require_actor
from lea_service.web.paging import Page, PageArgs, load_cursor, make_page, page_schema
from lea_service.web.services import part

blp = Blueprint(
    "processing",
    __name__,
    url_prefix="/api/v1/processing",
    description="The register of processing systems: what each keeps, on what ground, for how "
    "long, and what a reader would object to. An entry takes an approval of the kind "
    "processing.system. Nothing is purged by it: that takes a retention rule.",
)


@blp.route("", methods=["GET"])
@blp.arguments(PageArgs, location="query")
@blp.response(200, page_schema(EntrySchema))
def list_entries(args: dict[str, Any]) -> Page[EntryView]:
    """List the entries by code, each as it stands."""
    key, limit = load_cursor(args["cursor"], str), args["limit"]
    rows = _service().list(require_actor(), None if key is None else str(key[0]), limit + 1)
    return make_page(rows, limit, lambda row: (row.code,))


@blp.route("/published", methods=["GET"])
@blp.response(200, EntrySchema(many=True))
def list_published() -> Sequence[EntryView]:
    """List the entries that ship: the published statement of a provider, and what is wrong."""
    return _service().list_published(require_actor())


@blp.route("/<code>", methods=["GET"])
@blp.response(200, EntrySchema)
def show_entry(code: str) -> EntryView:
    """Show one entry as it stands."""
    return _service().get(require_actor(), code)


def _service() -> ProcessingService:
    return part("processing", ProcessingService)
