"""Packages over HTTP, for the people of the provider: facts, never content."""

# mypy: disable-error-code="untyped-decorator"
from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint

from lea_service.packaging.queries import PackageView
from lea_service.packaging.schemas import PackageSchema, PackagesSchema
from lea_service.packaging.service import PackagingService
from lea_service.web.authentication import require_actor
from lea_service.web.services import part

blp = Blueprint(
    "packages",
    __name__,
    url_prefix="/api/v1",
    description="Sealed packages: what was made, for which keys. Only receivers fetch and open.",
)


@blp.route("/demands/<demand_id>/packages", methods=["GET"])
@blp.response(200, PackagesSchema)
def list_packages(demand_id: str) -> dict[str, Any]:
    """List the packages of a demand; the look is entered in the custody log."""
    return {"items": _service().list_packages(require_actor(), demand_id)}


@blp.route("/packages/<package_id>", methods=["GET"])
@blp.response(200, PackageSchema)
def show_package(package_id: str) -> PackageView:
    """Show one package; the look is entered in the custody log."""
    return _service().get_package(require_actor(), package_id)


def _service() -> PackagingService:
    return part("packaging", PackagingService)
