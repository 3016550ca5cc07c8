"""What of confirmations and breaches goes over the wire."""

from __future__ import annotations

from marshmallow import fields, validate

from lea_service.kernel.coded import codes_of, explain
from lea_service.kernel.phrases import DUTCH, ENGLISH
from lea_service.legal.confirmations.differences import DIFFERENCE_GROUNDS
from lea_service.legal.confirmations.rules import Assessed, Cause
from lea_service.legal.deadlines import Clock, Status
from lea_service.legal.phrases import BREACH_CAUSES
from lea_service.web.paging import PageArgs
from lea_service.web.schemas import (
    Count,
    Day,
    Flag,
    Identifier,
    Instant,
    QueryFlag,
    StrictSchema,
    Text,
    said,
)


class BringArgs(StrictSchema):
    """Who validated an emergency."""

    validated_by = Identifier(
        "p",
        load_default=None,
        allow_none=True,
        metadata={"description": "A person of the register; none where an oral order is written."},
    )


class AcceptanceRequest(StrictSchema):
    """A paper that was brought pays what its order owes."""

    paper = Identifier("wp", required=True, metadata={"description": "As it was brought."})
    accepted = fields.List(
        fields.String(validate=validate.Length(1, 100)),
        load_default=(),
        validate=validate.Length(max=100),
        metadata={"description": "References of all differences that were found in it."},
    )
    ground = fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.OneOf(codes_of(DIFFERENCE_GROUNDS)),
        metadata={"description": f"Why they may be. {explain(DIFFERENCE_GROUNDS)}"},
    )


class AuthorisationRequest(StrictSchema):
    """What a judge authorised orally is in writing; the writing need not be shown."""

    demand = Identifier("c", required=True)
    reference = Text(100, required=True)
    written_on = Day(required=True)
    came = Instant(
        metadata={"description": "When we were told; without it, when it is prepared."},
    )
    reason = Text(
        4000, shortest=10, required=True, metadata={"description": "How we know; kept sealed."}
    )
    record_version = Count(1, metadata={"description": "Of the demand; set when it is prepared."})


class OpenConfirmationSchema(StrictSchema):
    """Something to be put in writing or validated; over only after ``late``, the widest reading."""

    demand = fields.String(required=True)
    clock = fields.Enum(Clock, by_value=True, required=True)
    officer = fields.String(required=True, allow_none=True)
    agency = fields.String(required=True, allow_none=True)
    status = fields.Enum(Status, by_value=True, required=True)
    rule = fields.String(required=True)
    law = fields.String(required=True)
    alarm = Instant(
        required=True, allow_none=True, metadata={"description": "When to look; it is no end."}
    )
    is_alarm = Flag(required=True)
    due = Instant(required=True, allow_none=True)
    late = Instant(required=True, allow_none=True)


class DifferenceSchema(StrictSchema):
    """How a paper differs from what was acted on; it holds no value."""

    ref = fields.String(required=True)
    says = fields.String(required=True)
    says_nl = fields.String(required=True)
    places = fields.List(fields.String(), required=True)


class PaperSchema(StrictSchema):
    """A paper that was brought; it pays nothing until two people agree that it does."""

    id = fields.String(required=True)
    demand = fields.String(required=True)
    sha256 = fields.String(required=True)
    validated_by = fields.String(required=True, allow_none=True)
    differences = fields.List(fields.Nested(DifferenceSchema), required=True)
    brought_by = fields.String(required=True)
    brought_at = Instant(required=True)


class PapersSchema(StrictSchema):
    """The papers that were brought of a demand, the first first."""

    papers = fields.List(fields.Nested(PaperSchema), required=True)


class BreachListArgs(PageArgs):
    """Which breach notices to list."""

    open = QueryFlag(
        load_default=None,
        allow_none=True,
        metadata={"description": "Only those that nobody assessed, or only those that are."},
    )


class ReportBySchema(StrictSchema):
    """By when a breach is reported to the authority for personal data, if it is one."""

    law = fields.String(required=True)
    confidence = fields.String(required=True)
    at = Instant(required=True)


class BreachSchema(StrictSchema):
    """A breach notice to those who oversee; it names no target."""

    id = fields.String(required=True)
    demand = fields.String(required=True)
    cause = fields.Enum(Cause, by_value=True, required=True)
    says = said(BREACH_CAUSES, "cause", ENGLISH)
    says_nl = said(BREACH_CAUSES, "cause", DUTCH)
    officer = fields.String(required=True, allow_none=True)
    agency = fields.String(required=True, allow_none=True)
    late = Instant(required=True)
    has_produced = Flag(
        required=True, metadata={"description": "Whether anything was handed over before."}
    )
    opened_at = Instant(required=True)
    report_by = fields.List(fields.Nested(ReportBySchema), required=True)
    outcome = fields.Enum(Assessed, by_value=True, required=True, allow_none=True)
    assessment = fields.String(required=True, allow_none=True)
    assessed_by = fields.String(required=True, allow_none=True)
    assessed_at = Instant(required=True, allow_none=True)


class AssessBreachSchema(StrictSchema):
    """What was made of a breach notice."""

    outcome = fields.Enum(Assessed, by_value=True, required=True)
    reason = Text(4000, shortest=10, required=True)
