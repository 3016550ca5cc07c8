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
from lea_service.web.schemas import Flag, Identifier, Instant, QueryFlag, StrictSchema, Text, said


class ConfirmArgs(StrictSchema):
    """Who validated an emergency, and which differences of the paper may be."""

    validated_by = Identifier(
        "p",
        load_default=None,
        allow_none=True,
        metadata={"description": "A person of the register; none where an oral order is written."},
    )
    accepted = fields.List(
        fields.String(validate=validate.Length(1, 100)),
        load_default=(),
        validate=validate.Length(max=100),
        metadata={
            "description": "References of differences that were found and may be, each by itself."
        },
    )
    ground = fields.String(
        load_default=None,
        validate=validate.OneOf(codes_of(DIFFERENCE_GROUNDS)),
        metadata={"description": f"Why they may be. {explain(DIFFERENCE_GROUNDS)}"},
    )
    paper = fields.String(
        load_default=None,
        validate=validate.Regexp(r"[0-9a-f]{64}\Z", error="Expected 64 hexadecimal digits."),
        metadata={"description": "The SHA-256 of the paper in which they may be, as it was named."},
    )


class OpenConfirmationSchema(StrictSchema):
    """An order to be put in writing or validated; over only after ``late``, the widest reading."""

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


class ConfirmedSchema(StrictSchema):
    """That the written order of a demand, or its validation, was recorded."""

    demand = fields.String(required=True)
    recorded_at = Instant(required=True)
    late = Instant(required=True, allow_none=True)
    is_late = Flag(required=True)


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
