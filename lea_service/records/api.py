"""REST of sources: declaring, coverage, imports and what could not be read."""

# mypy: disable-error-code="untyped-decorator"

from __future__ import annotations

from typing import Any, cast

from flask import request
from flask_smorest import Blueprint

from lea_service.kernel.actors import Permission
from lea_service.kernel.clock import format_instant
from lea_service.kernel.errors import InvalidInput
from lea_service.records.import_service import ImportService
from lea_service.records.lines import ByteStream
from lea_service.records.mapping import MEDIA_TYPES
from lea_service.records.mapping_loading import load_shipped
from lea_service.records.queries import ImportView, RejectView, SourceView
from lea_service.records.schemas import (
    CoverageSchema,
    DeclareSourceSchema,
    ImportArgs,
    ImportPageSchema,
    ImportSchema,
    RejectPageSchema,
    SourcePageSchema,
    SourceSchema,
)
from lea_service.records.service import Coverage, SourceService
from lea_service.web.authentication import require_actor
from lea_service.web.bodies import takes_upload
from lea_service.web.paging import Page, PageArgs, load_cursor, load_instant_cursor, make_page
from lea_service.web.services import part

blp = Blueprint(
    "sources",
    __name__,
    url_prefix="/api/v1/sources",
    description="The systems whose records are held, and the files that come from them.",
)

Args = dict[str, Any]
FILE = {"schema": {"type": "string", "format": "binary"}}
FILE_BODY = {
    "requestBody": {
        "required": True,
        "description": "A file of the source, as it is; its mapping says how it is read.",
        "content": dict.fromkeys(MEDIA_TYPES.values(), FILE),
    }
}


def _sources() -> SourceService:
    return part("sources", SourceService)


@blp.route("", methods=["POST"])
@blp.arguments(DeclareSourceSchema)
@blp.response(201, SourceSchema)
def declare_source(body: Args) -> SourceView:
    """Declare a source with a mapping of its own or a shipped one."""
    if ("mapping" in body) == ("shipped" in body):
        raise InvalidInput.at("/mapping", "expected either mapping or shipped")
    mapping = body["mapping"] if "mapping" in body else load_shipped(body["shipped"])
    return _sources().declare(
        require_actor(), body["name"], mapping, zone=body["zone"], region=body["region"]
    )


@blp.route("", methods=["GET"])
@blp.arguments(PageArgs, location="query")
@blp.response(200, SourcePageSchema)
def list_sources(args: Args) -> Page[SourceView]:
    """List the sources by name."""
    after = load_cursor(args["cursor"], str)
    name = None if after is None else str(after[0])
    rows = _sources().list(require_actor(), name, args["limit"] + 1)
    return make_page(rows, args["limit"], lambda row: (row.name,))


@blp.route("/<source>", methods=["GET"])
@blp.response(200, SourceSchema)
def get_source(source: str) -> SourceView:
    """Show a source, by id or name."""
    return _sources().get(require_actor(), source)


@blp.route("/<source>/coverage", methods=["GET"])
@blp.response(200, CoverageSchema)
def get_coverage(source: str) -> Coverage:
    """Say from when until when a source has rows, and how many."""
    return _sources().coverage(require_actor(), source)


@blp.route("/<source>/imports", methods=["POST"])
@takes_upload("import", Permission.SOURCE_MANAGE, *MEDIA_TYPES.values())
@blp.arguments(ImportArgs, location="query")
@blp.doc(**FILE_BODY)
@blp.response(201, ImportSchema)
def import_file(args: Args, source: str) -> ImportView:
    """Take in a file of a source; the same file again adds nothing."""
    stream, made_at = cast(ByteStream, request.stream), args["made_at"]
    return part("imports", ImportService).run(require_actor(), source, stream, made_at)


@blp.route("/<source>/imports", methods=["GET"])
@blp.arguments(PageArgs, location="query")
@blp.response(200, ImportPageSchema)
def list_imports(args: Args, source: str) -> Page[ImportView]:
    """List the imports of a source, the newest first."""
    after = load_instant_cursor(args["cursor"])
    rows = _sources().list_imports(require_actor(), source, after, args["limit"] + 1)
    return make_page(rows, args["limit"], lambda row: (format_instant(row.started_at), row.id))


@blp.route("/<source>/imports/<import_id>", methods=["GET"])
@blp.response(200, ImportSchema)
def get_import(source: str, import_id: str) -> ImportView:
    """Show an import and its counts."""
    return _sources().get_import(require_actor(), source, import_id)


@blp.route("/<source>/imports/<import_id>/rejects", methods=["GET"])
@blp.arguments(PageArgs, location="query")
@blp.response(200, RejectPageSchema)
def list_rejects(args: Args, source: str, import_id: str) -> Page[RejectView]:
    """Show the lines that were not taken in. They hold personal data: the look is entered."""
    after = load_cursor(args["cursor"], int)
    line = 0 if after is None else int(after[0])
    rows = _sources().list_rejects(require_actor(), source, import_id, line, args["limit"] + 1)
    return make_page(rows, args["limit"], lambda row: (row.line,))
