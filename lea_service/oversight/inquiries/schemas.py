"""Inquiries as they come in and go out."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from lea_service.oversight.inquiries.rules import Question
from lea_service.oversight.schemas import IdentifierSchema
from lea_service.web.schemas import Instant, StrictSchema, Text

CODE_OR_DIGEST = r"[A-Za-z0-9_-]{2,80}\Z"


class InquiryRequest(StrictSchema):
    """A question across demands, with the reason; `about` is a code or digest, of no subject."""

    question = fields.String(required=True, validate=validate.OneOf([str(one) for one in Question]))
    identifiers = fields.List(
        fields.Nested(IdentifierSchema),
        load_default=list,
        validate=validate.Length(0, 20),
        metadata={"description": "Of a subscriber: the numbers and addresses that are known."},
    )
    about = fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.Regexp(CODE_OR_DIGEST, error="Expected a code or a digest."),
        metadata={"description": "Code of a retention rule, or digest of a mapping or catalogue."},
    )
    reason = Text(
        500,
        shortest=10,
        required=True,
        metadata={"description": "Why it is asked; kept sealed."},
    )

    @validates_schema
    def check_what(self, data: dict[str, Any], **_: Any) -> None:
        """Let a subject through with identifiers alone, anything else with its code alone."""
        is_subject = data["question"] == Question.SUBJECT
        if is_subject != bool(data["identifiers"]):
            raise ValidationError({"identifiers": ["Expected of a subject alone."]})
        if is_subject != (data["about"] is None):
            raise ValidationError({"about": ["Expected of anything but a subject."]})


class DoneSchema(StrictSchema):
    """Something that was done: an entry of the custody log."""

    index = fields.Integer(required=True)
    event = fields.String(required=True)
    by = fields.String(required=True)
    at = fields.String(required=True)


class TouchedSchema(StrictSchema):
    """A demand that was found, with all that was done: looks, plans and hand-overs among it."""

    demand = fields.String(required=True)
    state = fields.String(required=True)
    found_in = fields.List(
        fields.String(),
        required=True,
        metadata={
            "description": "Versions of the record, plans, assessments or packages that name it."
        },
    )
    done = fields.List(fields.Nested(DoneSchema), required=True)


class AnswerSchema(StrictSchema):
    """The answer to an inquiry, as of now."""

    inquiry = fields.String(required=True)
    question = fields.String(required=True)
    about = fields.String(required=True, allow_none=True)
    readable_until = Instant(required=True)
    demands = fields.List(fields.Nested(TouchedSchema), required=True)
    erased = fields.Integer(
        required=True,
        metadata={"description": "Demands whose file was erased; nothing is known of them."},
    )
    not_looked_through = fields.Integer(
        required=True,
        metadata={
            "description": "Packages handed over of which is not kept whom their rows name: "
            "too many."
        },
    )
