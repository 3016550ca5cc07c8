"""REST of code lists."""

# mypy: disable-error-code="untyped-decorator"
from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint

from lea_service.reporting.codelists import CODELISTS
from lea_service.reporting.schemas import CodelistsSchema
from lea_service.web.authentication import require_actor

blp = Blueprint(
    "codelists",
    __name__,
    url_prefix="/api/v1/codelists",
    description="The codes that answers hold, with their words in Dutch and English.",
)


@blp.route("", methods=["GET"])
@blp.response(200, CodelistsSchema)
def list_codelists() -> dict[str, Any]:
    """List every code with its words, for programs that show answers to people."""
    require_actor()
    return {
        "codelists": [
            {
                "name": name,
                "codes": [{"code": code, "nl": nl, "en": en} for code, (nl, en) in table.items()],
            }
            for name, table in CODELISTS.items()
        ]
    }
