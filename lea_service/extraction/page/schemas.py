"""What a page holds, in marshmallow: for those who show it in a way of their own."""

from __future__ import annotations

from marshmallow import fields

from lea_service.web.schemas import Flag, StrictSchema


class RowSchema(StrictSchema):
    """One thing that is said, under a short label."""

    label = fields.String(required=True)
    says = fields.String(required=True)


class SectionSchema(StrictSchema):
    """A heading and what stands under it."""

    heading = fields.String(required=True)
    rows = fields.List(fields.Nested(RowSchema), required=True)
    notes = fields.List(fields.String(), required=True)
    warns = Flag(required=True, metadata={"description": "To be read with care."})


class PageSchema(StrictSchema):
    """Everything for one decision, heading by heading."""

    title = fields.String(required=True)
    language = fields.String(required=True)
    care = fields.String(
        required=True, metadata={"description": "What stands beside a heading that warns."}
    )
    sections = fields.List(fields.Nested(SectionSchema), required=True)
