"""Answers across demands over HTTP."""

# mypy: disable-error-code="untyped-decorator"
from __future__ import annotations

from flask_smorest import Blueprint

from lea_service.oversight.inquiries.queries import Answer
from lea_service.oversight.inquiries.schemas import AnswerSchema
from lea_service.oversight.inquiries.service import InquiryService
from lea_service.web.authentication import require_actor
from lea_service.web.services import part

blp = Blueprint(
    "inquiries",
    __name__,
    url_prefix="/api/v1/inquiries",
    description="Questions across demands: every look, plan and hand-over that touched a "
    "subscriber, or that used a rule, mapping or catalogue. Each takes an approval of the kind "
    "oversight.inquiry.",
)


@blp.route("/<approval_id>", methods=["GET"])
@blp.response(200, AnswerSchema)
def answer_inquiry(approval_id: str) -> Answer:
    """Answer an inquiry as of now, for the two who asked; the look is entered in the log."""
    return part("inquiries", InquiryService).answer(require_actor(), approval_id)
