"""REST of letters to the authority."""

# mypy: disable-error-code="untyped-decorator"
from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint

from lea_service.delivery.letters.schemas import (
    LetterArgs,
    LetterDraftSchema,
    LetterSchema,
    LettersSchema,
    SendLetterSchema,
)
from lea_service.delivery.letters.service import LetterService
from lea_service.web.authentication import require_actor
from lea_service.web.services import part

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
