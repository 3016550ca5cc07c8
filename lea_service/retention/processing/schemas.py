"""Entries of the register of processing systems as they come in and go out."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from lea_service.kernel.phrases import DUTCH, ENGLISH
from lea_service.retention.processing.phrases import OBJECTIONS
from lea_service.retention.processing.rules import Ending, Ground, Span
from lea_service.retention.rules import MAX_DAYS, Unit
from lea_service.retention.schemas import CODE
from lea_service.web.schemas import Count, Day, Identifier, Instant, StrictSchema, Text, said

MOST_CATEGORIES = 100
MOST_PROCESSORS = 50


class KeptSchema(StrictSchema):
    """How long something is kept."""

    span = fields.String(
        required=True,
        validate=validate.OneOf([*Span]),
        metadata={"description": "`fixed`, or as it is stated: `indefinite`, `not_stated`."},
    )
    value = Count(1, MAX_DAYS, load_default=None, allow_none=True)
    unit = fields.String(load_default=None, allow_none=True, validate=validate.OneOf([*Unit]))

    @validates_schema
    def check_figure(self, data: dict[str, Any], **_: Any) -> None:
        """Let a figure through of a fixed term, and of no other."""
        is_fixed = data.get("span") == Span.FIXED
        for name in ("value", "unit"):
            if (data.get(name) is not None) is not is_fixed:
                raise ValidationError(
                    "Expected it of a fixed term, and of no other.", field_name=name
                )


class DataTermSchema(StrictSchema):
    """One category of data of a system."""

    category = Text(120, required=True, metadata={"description": "As people call it: name."})
    kept = fields.Nested(KeptSchema, required=True)
    ending = fields.String(required=True, validate=validate.OneOf([*Ending]))


class ProcessorSchema(StrictSchema):
    """Somebody who processes data for the provider."""

    name = Text(200, required=True)
    kept = fields.Nested(KeptSchema, required=True)


class EntryRequestSchema(StrictSchema):
    """An entry as somebody proposes it; null is what is not known."""

    code = fields.String(
        required=True,
        validate=[
            validate.Length(2, 40),
            validate.Regexp(CODE, error="Expected capitals and digits in groups, as WEBSITE-1."),
        ],
        metadata={"description": "Name of the entry, as CUSTOMERS."},
    )
    system = Text(200, required=True, metadata={"description": "The system, as it is called here."})
    source = Identifier(
        "so",
        load_default=None,
        allow_none=True,
        metadata={"description": "The declared source whose records it holds, if it is one."},
    )
    purpose = Text(500, load_default=None, allow_none=True)
    ground = fields.String(required=True, validate=validate.OneOf([*Ground]))
    article = Text(
        200,
        load_default=None,
        allow_none=True,
        metadata={"description": "The article of law that obliges, of a legal obligation."},
    )
    data = fields.List(
        fields.Nested(DataTermSchema), required=True, validate=validate.Length(1, MOST_CATEGORIES)
    )
    owner = Text(
        200,
        load_default=None,
        allow_none=True,
        metadata={"description": "Which function in the company answers for it; no name."},
    )
    processors = fields.List(
        fields.Nested(ProcessorSchema),
        load_default=list,
        validate=validate.Length(0, MOST_PROCESSORS),
    )
    consent_evidence = Text(
        500,
        load_default=None,
        allow_none=True,
        metadata={"description": "By what a consent can be shown, where consent is the ground."},
    )
    stated_in = Text(
        300,
        load_default=None,
        allow_none=True,
        metadata={"description": "The document that the entry repeats, if it does."},
    )
    reviewed_on = Day(
        required=True, metadata={"description": "When somebody compared it with the system."}
    )
    generation = Count(
        1,
        load_default=None,
        allow_none=True,
        metadata={"description": "Filled in when it is prepared: the how-manieth of its code."},
    )


class FindingSchema(StrictSchema):
    """What a reader of the register would object to."""

    code = fields.String(required=True)
    at = fields.String(required=True, metadata={"description": "Which place of the entry."})
    law = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "The article it rests on; null: policy of our own."},
    )
    says = said(OBJECTIONS, "code", ENGLISH)
    says_nl = said(OBJECTIONS, "code", DUTCH)


class EntrySchema(StrictSchema):
    """An entry of the register with what can be objected to; null where it is not known."""

    code = fields.String(required=True)
    system = fields.String(required=True)
    source = fields.String(required=True, allow_none=True)
    purpose = fields.String(required=True, allow_none=True)
    ground = fields.String(required=True)
    article = fields.String(required=True, allow_none=True)
    data = fields.List(fields.Nested(DataTermSchema), required=True)
    owner = fields.String(required=True, allow_none=True)
    processors = fields.List(fields.Nested(ProcessorSchema), required=True)
    consent_evidence = fields.String(required=True, allow_none=True)
    stated_in = fields.String(required=True, allow_none=True)
    reviewed_on = Day(required=True)
    review_due_on = Day(required=True)
    findings = fields.List(fields.Nested(FindingSchema), required=True)
    generation = fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "The how-manieth of its code; null of one that ships."},
    )
    approval = fields.String(required=True, allow_none=True)
    set_at = Instant(required=True, allow_none=True)
