"""Forms of live sources as they come in and go out."""

from __future__ import annotations

from marshmallow import fields, validate

from lea_service.records.live.examine_service import ACCOUNT, MOST_SAMPLED
from lea_service.web.schemas import Count, Identifier, Instant, StrictSchema

NEW, WHOLE = "new", "whole"


class RequestPullSchema(StrictSchema):
    """What is to be read of a live source."""

    extent = fields.String(
        required=True,
        validate=validate.OneOf([NEW, WHOLE]),
        metadata={"description": "What came since, or the whole table anew."},
    )


class PullSchema(StrictSchema):
    """A pull: lines = added + known + completed + past_term + left_out + rejected."""

    id = Identifier("j", required=True)
    source_id = Identifier("so", required=True)
    is_whole = fields.Boolean(required=True)
    state = fields.String(
        required=True, validate=validate.OneOf(["ready", "running", "done", "failed"])
    )
    reason = fields.String(required=True, allow_none=True)
    detail = fields.String(required=True, allow_none=True)
    begun_at = Instant(required=True, allow_none=True)
    finished_at = Instant(required=True, allow_none=True)
    batches = Count(required=True)
    watermark_from = fields.String(required=True, allow_none=True)
    watermark_to = fields.String(required=True, allow_none=True)
    lines = Count(required=True)
    added = Count(required=True)
    known = Count(required=True)
    completed = Count(required=True)
    past_term = Count(required=True)
    left_out = Count(required=True)
    flagged = Count(required=True)
    rejected = Count(required=True)


class FindingSchema(StrictSchema):
    """Something about a source that somebody has to know."""

    code = fields.String(required=True)
    column = fields.String(required=True, allow_none=True)
    detail = fields.String(required=True)


class ExaminationSchema(StrictSchema):
    """What was found of a live source."""

    source = fields.String(required=True)
    place = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Engine, host and database; never the account or its password."},
    )
    can_be_pulled = fields.Boolean(required=True)
    can_write = fields.Boolean(required=True, allow_none=True)
    can_write_how = fields.String(required=True)
    clock_ms = fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "How far the clock of the database's server is ahead of ours."},
    )
    clock_to_ms = Count(required=True, allow_none=True)
    clock_how = fields.String(required=True)
    findings = fields.List(fields.Nested(FindingSchema), required=True)


class SampleArgsSchema(StrictSchema):
    """How many rows are looked at."""

    rows = Count(1, MOST_SAMPLED, required=True)


class ShapeSchema(StrictSchema):
    """What a value looks like; never the value."""

    column = fields.String(required=True)
    type = fields.String(required=True)
    length = Count(required=True)
    pattern = fields.String(required=True)


class SampleSchema(StrictSchema):
    """The newest rows by their shape."""

    rows = fields.List(fields.List(fields.Nested(ShapeSchema)), required=True)


class GrantArgsSchema(StrictSchema):
    """For which account grants are written."""

    account = fields.String(
        required=True,
        validate=validate.Regexp(
            rf"{ACCOUNT}\Z", error="Expected small letters, digits and underscores."
        ),
    )


class GrantsSchema(StrictSchema):
    """Statements for whoever administers the database."""

    statements = fields.String(required=True)
