"""REST of Annex III."""

# mypy: disable-error-code="untyped-decorator"
from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint

from lea_service.legal.annex.schemas import (
    AnnexFileSchema,
    AnnexFormSchema,
    AnnexFormsSchema,
    AnnexTableSchema,
)
from lea_service.legal.annex.service import AnnexService
from lea_service.web.authentication import require_actor
from lea_service.web.services import part

blp = Blueprint(
    "annex",
    __name__,
    url_prefix="/api/v1",
    description="Annex III: how a European order is answered where its data are not given.",
)


@blp.route("/annex-reasons", methods=["GET"])
@blp.response(200, AnnexTableSchema)
def list_annex_reasons() -> Any:
    """List the reasons of Annex III: their articles, what they call for and what follows."""
    return _service().get_table(require_actor())


@blp.route("/demands/<demand_id>/annex-forms", methods=["POST"])
@blp.arguments(AnnexFileSchema)
@blp.response(201, AnnexFormSchema)
def file_annex(args: dict[str, Any], demand_id: str) -> Any:
    """Fill in Annex III about a European order; the data asked for stay frozen."""
    return _service().file(require_actor(), demand_id, **args)


@blp.route("/demands/<demand_id>/annex-forms", methods=["GET"])
@blp.response(200, AnnexFormsSchema)
def list_annex_forms(demand_id: str) -> Any:
    """List the forms of Annex III about a demand; the look is entered in the custody log."""
    return {"forms": _service().list(require_actor(), demand_id)}


def _service() -> AnnexService:
    return part("annex", AnnexService)
