"""REST of the legal check: the catalogue, assessments, refusal and questions to the authority."""

# mypy: disable-error-code="untyped-decorator"
from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask_smorest import Blueprint

from lea_service.legal.catalogue_schemas import LegalCatalogueSchema, LegalDifferenceSchema
from lea_service.legal.catalogue_service import CatalogueService
from lea_service.legal.clock_service import ClockService, place_of
from lea_service.legal.queries import AssessmentView
from lea_service.legal.refusal_schemas import LegalRefusalSchema, LegalRefuseSchema
from lea_service.legal.schemas import (
    LegalAcceptSchema,
    LegalAnswerSchema,
    LegalAssessmentSchema,
    LegalBasesSchema,
    LegalBasisSchema,
    LegalClarificationSchema,
    LegalClarificationsSchema,
    LegalDeadlinesSchema,
    LegalEnforcingSchema,
    LegalOrderSchema,
    LegalQuestionSchema,
    LegalUpholdingSchema,
    OpenClockSchema,
)
from lea_service.legal.service import LegalService
from lea_service.web.authentication import require_actor
from lea_service.web.paging import PageArgs, load_cursor, make_page, page_schema
from lea_service.web.schemas import LanguageArgs
from lea_service.web.services import part
from lea_service.web.versions import IF_MATCH, expected_version, set_version

blp = Blueprint(
    "legal",
    __name__,
    url_prefix="/api/v1",
    description="On what ground: legal bases, findings, acceptance, questions and refusal.",
)


@blp.route("/legal-bases", methods=["GET"])
@blp.response(200, LegalBasesSchema)
def list_legal_bases() -> Any:
    """List the legal bases and the grounds of refusal."""
    service, actor = _service(), require_actor()
    return {
        "version": service.catalogue.version,
        "digest": service.catalogue.digest,
        "bases": service.list_bases(actor),
        "grounds": service.list_grounds(actor),
    }


@blp.route("/legal-bases/<basis_id>", methods=["GET"])
@blp.arguments(LanguageArgs, location="query")
@blp.response(200, LegalBasisSchema)
def show_legal_basis(said: dict[str, str], basis_id: str) -> Any:
    """Show every edition of one legal basis, and what it says in words, Dutch or English."""
    return _service().get_basis(require_actor(), basis_id, said["language"])


@blp.route("/legal-catalogue", methods=["GET"])
@blp.response(200, LegalCatalogueSchema)
def show_legal_catalogue() -> Any:
    """Show which catalogue is in use, which rows are not complete, and which are our own."""
    return _catalogue().get(require_actor())


@blp.route("/legal-catalogue/difference", methods=["GET"])
@blp.arguments(LanguageArgs, location="query")
@blp.response(200, LegalDifferenceSchema)
def compare_legal_catalogue(said: dict[str, str]) -> Any:
    """Show what the catalogue in use changes of the one that ships with the service."""
    view = _catalogue().compare(require_actor(), said["language"])
    return {**view.found.dump(), "in_words": view.in_words}


@blp.route("/demands/<demand_id>/assessment", methods=["POST"])
@blp.arguments(LanguageArgs, location="query")
@blp.response(201, LegalAssessmentSchema)
def assess_demand(said: dict[str, Any], demand_id: str) -> Any:
    """Check a demand against the catalogue; what was found is kept, whatever it is."""
    return _in_language(_service().assess(require_actor(), demand_id), said)


@blp.route("/demands/<demand_id>/assessment", methods=["GET"])
@blp.arguments(LanguageArgs, location="query")
@blp.response(200, LegalAssessmentSchema)
def show_assessment(said: dict[str, Any], demand_id: str) -> Any:
    """Show the newest assessment; the look is entered in the custody log."""
    return _in_language(_service().get_assessment(require_actor(), demand_id), said)


@blp.route("/demands/<demand_id>/assessment/acceptances", methods=["POST"])
@blp.arguments(LanguageArgs, location="query")
@blp.arguments(LegalAcceptSchema)
@blp.response(201, LegalAssessmentSchema)
def accept_finding(said: dict[str, Any], args: dict[str, Any], demand_id: str) -> Any:
    """Take a finding upon oneself, with a reason; what differs from the order is typed again."""
    return _in_language(_service().accept_finding(require_actor(), demand_id, **args), said)


@blp.route("/demands/<demand_id>/order/reading", methods=["GET"])
@blp.response(200, LegalOrderSchema)
def show_order_reading(demand_id: str) -> Any:
    """Show what the order seems to ask beside what was typed; the look is entered first."""
    return _service().read_order(require_actor(), demand_id)


@blp.route("/demands/<demand_id>/refusal", methods=["POST"])
@blp.arguments(LegalRefuseSchema)
@blp.response(201, LegalRefusalSchema)
def refuse_demand(args: dict[str, Any], demand_id: str) -> Any:
    """Refuse a demand on a coded ground and the findings it rests on."""
    return _service().refuse(require_actor(), demand_id, **args)


@blp.route("/demands/<demand_id>/refusal", methods=["GET"])
@blp.response(200, LegalRefusalSchema)
def show_refusal(demand_id: str) -> Any:
    """Show why a demand was refused; the look is entered in the custody log."""
    return _service().get_refusal(require_actor(), demand_id)


@blp.route("/demands/<demand_id>/clarifications", methods=["POST"])
@blp.arguments(LegalQuestionSchema)
@blp.response(201, LegalClarificationSchema)
def ask_clarification(args: dict[str, Any], demand_id: str) -> Any:
    """Ask the authority; the demand waits for the answer."""
    asked = _service().ask_clarification(require_actor(), demand_id, **args)
    set_version(asked.n)
    return asked


@blp.route("/demands/<demand_id>/clarifications", methods=["PUT"])
@blp.arguments(LegalAnswerSchema)
@blp.doc(parameters=[IF_MATCH])
@blp.response(200, LegalClarificationSchema)
def answer_clarification(args: dict[str, Any], demand_id: str) -> Any:
    """Record the answer to the newest question, which you have read; the review goes on."""
    n = expected_version()
    answered = _service().answer_clarification(require_actor(), demand_id, **args, n=n)
    set_version(answered.n)
    return answered


@blp.route("/demands/<demand_id>/clarifications", methods=["GET"])
@blp.response(200, LegalClarificationsSchema)
def list_clarifications(demand_id: str) -> Any:
    """List questions and answers; the look is entered in the custody log."""
    found = _service().list_clarifications(require_actor(), demand_id)
    set_version(len(found))
    return {"clarifications": found}


@blp.route("/demands/<demand_id>/deadlines", methods=["GET"])
@blp.response(200, LegalDeadlinesSchema)
def show_deadlines(demand_id: str) -> Any:
    """Show every clock of a demand and how its end was counted; the look is entered."""
    return _service().get_deadlines(require_actor(), demand_id)


@blp.route("/deadlines", methods=["GET"])
@blp.arguments(PageArgs, location="query")
@blp.response(200, page_schema(OpenClockSchema))
def list_open_clocks(args: dict[str, Any]) -> Any:
    """List the clocks of open demands as they were counted last, the first to end first."""
    key, limit = load_cursor(args["cursor"], str, str, str), args["limit"]
    after = None if key is None else (str(key[0]), str(key[1]), str(key[2]))
    found = part("clocks", ClockService).list_open(require_actor(), after, limit + 1)
    return make_page(found, limit, place_of)


@blp.route("/demands/<demand_id>/enforcing-refusal", methods=["POST"])
@blp.arguments(LegalEnforcingSchema)
@blp.response(201, LegalDeadlinesSchema)
def record_enforcing_refusal(args: dict[str, Any], demand_id: str) -> Any:
    """Record that the enforcing authority of a European order raises a ground; shows the clocks."""
    return _service().record_enforcing_refusal(require_actor(), demand_id, **args)


@blp.route("/demands/<demand_id>/upholding", methods=["POST"])
@blp.arguments(LegalUpholdingSchema)
@blp.response(201, LegalDeadlinesSchema)
def uphold(args: dict[str, Any], demand_id: str) -> Any:
    """Record that the authority upholds an order that was replied to; the review goes on."""
    return _service().uphold(require_actor(), demand_id, **args)


def _in_language(view: AssessmentView, said: dict[str, Any]) -> AssessmentView:
    findings = tuple(one.in_language(said["language"]) for one in view.findings)
    return replace(view, findings=findings)


def _catalogue() -> CatalogueService:
    return part("catalogue", CatalogueService)


def _service() -> LegalService:
    return part("legal", LegalService)
