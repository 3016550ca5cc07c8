"""REST of letters to the authority."""

# mypy: disable-error-code="untyped-decorator"
from __future__ import annotations

from typing import Any

from flask import Response
from flask_smorest import Blueprint

from lea_service.delivery.letters.schemas import (
    LetterArgs,
    LetterDraftSchema,
    LetterSchema,
    LettersSchema,
    SendLetterSchema,
)
from lea_service.delivery.letters.service import LetterService
from lea_service.demands.order_media import PDF
from lea_service.web.authentication import require_actor
from lea_service.web.paper import make_pdf
from lea_service.web.services import part

PAPER: dict[str, Any] = {
    "content": {PDF: {"schema": {"type": "string", "format": "binary"}}},
    "description": "The letter, line for line.",
}

blp = Blueprint(
    "letters",
    __name__,
    url_prefix="/api/v1",
    description="Letters to the authority, Dutch and English: shown, sent as shown, kept.",
)


@blp.route("/demands/<demand_id>/letters/draft", methods=["GET"])
@blp.arguments(LetterArgs, location="query")
@blp.response(200, LetterDraftSchema)
def draft_letter(args: dict[str, Any], demand_id: str) -> Any:
    """Show a letter as it would go out now; nothing is kept but that you looked."""
    return _service().draft(require_actor(), demand_id, **args)


@blp.route("/demands/<demand_id>/letters/draft/pdf", methods=["GET"])
@blp.arguments(LetterArgs, location="query")
@blp.doc(responses={"200": PAPER})
def print_letter(args: dict[str, Any], demand_id: str) -> Response:
    """Send a letter as it would go out now as a PDF that says the same, line for line.

    Answers 422 where its font has not every sign; the letter is a text then.
    """
    draft = _service().draft(require_actor(), demand_id, **args)
    disposition = {"Content-Disposition": f'attachment; filename="{demand_id}-{draft.about}.pdf"'}
    return Response(make_pdf(draft.text), mimetype=PDF, headers=disposition)


@blp.route("/demands/<demand_id>/letters", methods=["POST"])
@blp.arguments(SendLetterSchema)
@blp.response(201, LetterSchema)
def send_letter(args: dict[str, Any], demand_id: str) -> Any:
    """Let those of the authority whom the demand names read a letter, as it was shown to you."""
    return _service().send(require_actor(), demand_id, **args)


@blp.route("/demands/<demand_id>/letters", methods=["GET"])
@blp.response(200, LettersSchema)
def list_letters(demand_id: str) -> Any:
    """List the letters about a demand; the look is entered in the custody log."""
    return {"letters": _service().list(require_actor(), demand_id)}


def _service() -> LetterService:
    return part("letters", LetterService)
