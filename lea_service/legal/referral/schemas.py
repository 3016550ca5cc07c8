"""Form of what is sent and shown about referring elsewhere."""

from __future__ import annotations

from marshmallow import fields, validate

from lea_service.web.schemas import Flag, Instant, StrictSchema, Text

CODE = validate.Regexp(r"[a-z_]{1,40}\Z", error="Expected the code of a kind.")


class ReferralKindSchema(StrictSchema):
    """A kind of other addressee."""

    code = fields.String(required=True)
    nl = fields.String(required=True)
    en = fields.String(required=True)
    may_name = Flag(
        required=True, metadata={"description": "Whether the answer may name the addressee."}
    )
    sources = fields.List(fields.String(), required=True)
    confidence = fields.String(required=True, allow_none=True)
    note = fields.String(required=True, allow_none=True)


class ReferralKindsSchema(StrictSchema):
    """Every kind of other addressee."""

    version = fields.String(required=True)
    digest = fields.String(required=True)
    kinds = fields.List(fields.Nested(ReferralKindSchema), required=True, attribute="rows")


class ReferSchema(StrictSchema):
    """Refer the authority elsewhere."""

    to = fields.String(
        required=True, validate=CODE, metadata={"description": "The kind of addressee."}
    )
    name = Text(
        200, load_default=None, metadata={"description": "Whom the answer names, if anybody."}
    )
    reason = Text(2000, shortest=10, required=True, metadata={"description": "For us alone."})


class ReferralSchema(StrictSchema):
    """To whom the authority was referred."""

    demand_id = fields.String(required=True, data_key="demand")
    assessment_id = fields.String(required=True, data_key="assessment")
    to = fields.String(required=True, attribute="kind.code")
    nl = fields.String(required=True, attribute="kind.nl")
    en = fields.String(required=True, attribute="kind.en")
    name = fields.String(required=True, allow_none=True)
    reason = fields.String(required=True)
    referred_by = fields.String(required=True)
    referred_by_name = fields.String(required=True, allow_none=True)
    referred_at = Instant(required=True)
