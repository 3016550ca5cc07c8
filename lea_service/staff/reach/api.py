"""REST of reachability."""

# mypy: disable-error-code="untyped-decorator"
from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint

from lea_service.kernel.errors import InvalidInput
from lea_service.staff.reach.queries import ReachView
from lea_service.staff.reach.rules import Absence
from lea_service.staff.reach.schemas import AbsenceSchema, AnswerSchema, ReachSchema
from lea_service.staff.reach.service import ReachService
from lea_service.web.authentication import require_actor
from lea_service.web.services import part

blp = Blueprint(
    "reachability",
    __name__,
    url_prefix="/api/v1/staff/reachability",
    description="Whether approvers can be reached: tests, absences, and too few of them.",
)


@blp.route("", methods=["GET"])
@blp.response(200, ReachSchema)
def show_reachability() -> ReachView:
    """Show who answered when, who is away and who is overdue; the look is entered in the log."""
    return _service().show(require_actor())


@blp.route("/answer", methods=["POST"])
@blp.arguments(AnswerSchema)
@blp.response(204)
def confirm_reachability(body: dict[str, Any]) -> None:
    """Answer the test that one was sent last, by its code."""
    _service().confirm(require_actor(), body["code"])


@blp.route("/absences", methods=["POST"])
@blp.arguments(AbsenceSchema)
@blp.response(204)
def enter_absence(body: dict[str, Any]) -> None:
    """Say that one is away for a time, or not after all; it replaces what one said before."""
    since, until = body["since"], body["until"]
    if (since is None) != (until is None):
        raise InvalidInput.at("/until", "expected both a begin and an end, or neither")
    absence = None if since is None else Absence(since, until)
    _service().enter_absence(require_actor(), absence)


def _service() -> ReachService:
    return part("reach", ReachService)
