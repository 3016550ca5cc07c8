"""The custody log over HTTP: entries of a demand, checkpoint, tiles, proofs, bundles."""

# mypy: disable-error-code="untyped-decorator"
from __future__ import annotations

from base64 import b64encode
from io import BytesIO
from tempfile import TemporaryFile
from typing import IO, Any

from flask import Response, send_file
from flask_smorest import Blueprint

from lea_service.custody.schemas import (
    BundleRequest,
    ConsistencyArgs,
    ConsistencySchema,
    CustodyEntrySchema,
)
from lea_service.custody.service import CustodyService, OpenedEntry, disclosed, facts_of
from lea_service.web.authentication import require_actor
from lea_service.web.paging import Page, PageArgs, load_cursor, make_page, page_schema
from lea_service.web.services import part

TEXT, BYTES, ZIP = "text/plain", "application/octet-stream", "application/zip"
IMMUTABLE = "private, max-age=31536000, immutable"
"""A tile never changes; yet it is for those who may read the log, not for a shared cache."""


def _sent_as(media_type: str, about: str) -> dict[str, Any]:
    kind = {"type": "string"} if media_type == TEXT else {"type": "string", "format": "binary"}
    return {"200": {"description": about, "content": {media_type: {"schema": kind}}}}


demand_blp = Blueprint(
    "demand-custody",
    __name__,
    url_prefix="/api/v1/demands",
    description="What the custody log holds of one demand.",
)
blp = Blueprint(
    "custody",
    __name__,
    url_prefix="/api/v1/custody",
    description="The custody log in the formats of C2SP (tlog-checkpoint, tlog-tiles, tlog-proof).",
)
blueprints = (demand_blp, blp)


@demand_blp.route("/<demand_id>/custody", methods=["GET"])
@demand_blp.arguments(PageArgs, location="query")
@demand_blp.response(200, page_schema(CustodyEntrySchema))
def list_entries(args: dict[str, Any], demand_id: str) -> Page[dict[str, Any]]:
    """List the entries of a demand with what they disclose; the look is entered first."""
    after, limit = load_cursor(args["cursor"], int), args["limit"]
    n = int(after[0]) if after else -1
    entries = _service().list_entries(require_actor(), demand_id, n, limit + 1)
    return make_page([_dump(one) for one in entries], limit, lambda row: (row["n"],))


@blp.route("/checkpoint", methods=["GET"])
@blp.doc(responses=_sent_as(TEXT, "The newest signed checkpoint."))
def show_checkpoint() -> Response:
    """Send the newest signed checkpoint."""
    return Response(_service().get_checkpoint(require_actor()).note, mimetype=TEXT)


@blp.route("/tile/<path:path>", methods=["GET"])
@blp.doc(responses=_sent_as(BYTES, "A tile of hashes or entries."))
def show_tile(path: str) -> Response:
    """Send a tile by its C2SP path."""
    data = _service().get_tile(require_actor(), f"tile/{path}")
    return Response(data, mimetype=BYTES, headers={"Cache-Control": IMMUTABLE})


@blp.route("/entries/<int:index>/proof", methods=["GET"])
@blp.doc(responses=_sent_as(TEXT, "The inclusion proof (C2SP tlog-proof)."))
def show_proof(index: int) -> Response:
    """Send the inclusion proof of an entry under a signed checkpoint."""
    return Response(_service().get_proof(require_actor(), index).format(), mimetype=TEXT)


@blp.route("/consistency", methods=["GET"])
@blp.arguments(ConsistencyArgs, location="query")
@blp.response(200, ConsistencySchema)
def show_consistency(args: dict[str, int]) -> dict[str, Any]:
    """Prove that an older log begins a newer one."""
    proof = _service().get_consistency(require_actor(), args["old"], args["new"])
    return {**args, "proof": [b64encode(one).decode() for one in proof]}


@blp.route("/bundles", methods=["POST"])
@blp.arguments(BundleRequest)
@blp.doc(responses=_sent_as(ZIP, "Plain files in a ZIP, to be verified offline."))
def export_bundle(wanted: dict[str, Any]) -> Response:
    """Export an audit bundle: of one demand with its disclosures, or the whole log without."""
    demand = wanted["demand"]
    bundle = _service().export(require_actor(), demand)
    # what discloses names never rests on a disk; the whole log names nobody and may be large
    file: IO[bytes] = BytesIO() if demand else TemporaryFile()  # noqa: SIM115 the answer closes it
    bundle.write_zip(file)
    size = file.tell()
    file.seek(0)
    name = f"custody-{demand or 'whole'}.zip"
    answer = send_file(file, ZIP, as_attachment=True, download_name=name)
    answer.content_length = size
    return answer


def _service() -> CustodyService:
    return part("custody", CustodyService)


def _dump(entry: OpenedEntry) -> dict[str, Any]:
    facts = facts_of(entry.stored)
    return {
        "index": entry.stored.idx,
        "n": entry.stored.n,
        "t": facts["t"],
        "event": entry.stored.event,
        "by": facts["by"],
        "facts": facts.get("facts", {}),
        "disclosures": disclosed(entry.disclosures),
    }
