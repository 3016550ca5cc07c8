"""What of code lists goes over the wire."""

from __future__ import annotations

from marshmallow import fields

from lea_service.web.schemas import StrictSchema


class CodeSchema(StrictSchema):
    """A code and what it means."""

    code = fields.String(required=True)
    nl = fields.String(required=True)
    en = fields.String(required=True)


class CodelistSchema(StrictSchema):
    """A closed list of codes."""

    name = fields.String(required=True)
    codes = fields.List(fields.Nested(CodeSchema), required=True)


class CodelistsSchema(StrictSchema):
    """Every closed list of codes that answers hold."""

    codelists = fields.List(fields.Nested(CodelistSchema), required=True)
