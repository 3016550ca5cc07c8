"""Agencies over HTTP."""

# mypy: disable-error-code="untyped-decorator"
from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint

from lea_service.agencies.queries import AgencyView, CertificateView
from lea_service.agencies.schemas import (
    AgencyDetailSchema,
    AgencySchema,
    CertificateSchema,
    RevocationRequest,
    SuspensionRequest,
    SuspensionSchema,
)
from lea_service.agencies.service import AgencyDetail, AgencyService, SuspensionView
from lea_service.web.authentication import require_actor
from lea_service.web.paging import Page, PageArgs, load_cursor, make_page, page_schema
from lea_service.web.services import part
from lea_service.web.versions import set_version

blp = Blueprint(
    "agencies",
    __name__,
    url_prefix="/api/v1/agencies",
    description="Those who may demand data. What is added, changed or lifted takes an approval of "
    "the kinds agency.organisation, .person, .desk, .certificate, .contact and .lift.",
)


@blp.route("", methods=["GET"])
@blp.arguments(PageArgs, location="query")
@blp.response(200, page_schema(AgencySchema))
def list_agencies(args: dict[str, Any]) -> Page[AgencyView]:
    """List the agencies."""
    actor = require_actor()
    after = load_cursor(args["cursor"], str)
    limit = args["limit"]
    rows = part("agencies", AgencyService).list_agencies(
        actor, str(after[0]) if after else None, limit + 1
    )
    return make_page(rows, limit, lambda row: (row.id,))


@blp.route("/<agency_id>", methods=["GET"])
@blp.response(200, AgencyDetailSchema)
def get_agency(agency_id: str) -> AgencyDetail:
    """Show an agency with its people, desks, certificates and contacts."""
    detail = part("agencies", AgencyService).get_agency(require_actor(), agency_id)
    set_version(detail.agency.version)
    return detail


@blp.route("/suspensions", methods=["POST"])
@blp.arguments(SuspensionRequest)
@blp.response(201, SuspensionSchema)
def suspend(request: dict[str, str]) -> SuspensionView:
    """Suspend an agency, a person or a desk at once."""
    service = part("agencies", AgencyService)
    return service.suspend(require_actor(), request["subject"], request["ground"])


@blp.route("/certificates/<certificate_id>/revocation", methods=["POST"])
@blp.arguments(RevocationRequest)
@blp.response(201, CertificateSchema)
def revoke_certificate(request: dict[str, str], certificate_id: str) -> CertificateView:
    """Revoke a certificate at once and for good."""
    service = part("agencies", AgencyService)
    return service.revoke_certificate(require_actor(), certificate_id, request["ground"])
