"""Form of what is sent and shown about giving less than was asked."""

from __future__ import annotations

from marshmallow import fields, validate

from lea_service.demands.demand import CATEGORIES
from lea_service.demands.narrowing import CutGround
from lea_service.web.schemas import Count, Identifier, Instant, StrictSchema, Text


class NarrowSchema(StrictSchema):
    """Leave something of an item out of what is given."""

    item = Count(1, 9999, required=True)
    ground = fields.Enum(
        CutGround,
        by_value=True,
        required=True,
        metadata={"description": "Why. That a demand is too broad is none: ask the authority."},
    )
    category = fields.String(
        validate=validate.OneOf(CATEGORIES),
        load_default=None,
        metadata={"description": "Only this category; without it, and without a span, all of it."},
    )
    keep_from = Instant(
        load_default=None,
        metadata={
            "description": "Nothing from before it is given. Only with the ground agreed: of a "
            "wrong period the findings say how much."
        },
    )
    keep_until = Instant(
        load_default=None, metadata={"description": "Nothing from then on is given."}
    )
    clarification = Identifier(
        "cl",
        load_default=None,
        metadata={"description": "The question to which the authority answered that it agrees."},
    )
    reason = Text(2000, shortest=10, required=True)


class NarrowingSchema(StrictSchema):
    """What is not given of an item, and why."""

    id = fields.String(required=True)
    demand_id = fields.String(required=True, data_key="demand")
    assessment_id = fields.String(required=True, data_key="assessment")
    item = Count(required=True, attribute="cut.n")
    ground = fields.Enum(CutGround, by_value=True, required=True, attribute="cut.ground")
    category = fields.String(required=True, allow_none=True, attribute="cut.category")
    keep_from = Instant(required=True, allow_none=True, attribute="cut.keep_from")
    keep_until = Instant(required=True, allow_none=True, attribute="cut.keep_until")
    clarification = fields.String(required=True, allow_none=True, attribute="cut.agreement")
    nl = fields.String(required=True, attribute="cut.nl")
    en = fields.String(required=True, attribute="cut.en")
    findings = fields.List(
        fields.String(), required=True, metadata={"description": "The findings it rests on."}
    )
    settled = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "Findings that are about nothing that is left."},
    )
    reason = fields.String(required=True)
    narrowed_by = fields.String(required=True)
    narrowed_by_name = fields.String(required=True, allow_none=True)
    narrowed_at = Instant(required=True)
    told_at = Instant(
        required=True,
        allow_none=True,
        metadata={
            "description": "When a letter that says it went out; null where none did, also where "
            "an earlier one says less. Of a European order Annex III says it before it is done."
        },
    )


class NarrowingsSchema(StrictSchema):
    """All that is not given of what a demand asks, as it counts now."""

    narrowings = fields.List(fields.Nested(NarrowingSchema), required=True)
