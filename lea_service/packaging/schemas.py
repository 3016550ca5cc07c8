"""Packages as people see them: facts about the ciphertext, never what it holds."""

from __future__ import annotations

from marshmallow import fields

from lea_service.web.schemas import Instant, StrictSchema


class PackageSchema(StrictSchema):
    """A sealed package; SHA-256 and size are of what receivers fetch."""

    id = fields.String(required=True)
    demand = fields.String(required=True, attribute="demand_id")
    run = fields.String(required=True, attribute="run_id")
    plan = fields.String(required=True, attribute="plan_id")
    approval = fields.String(required=True, attribute="approval_id")
    sha256 = fields.String(required=True)
    size = fields.Integer(required=True)
    manifest_digest = fields.String(required=True)
    receivers = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "SHA-256 of each certificate that it is encrypted to."},
    )
    sealed_at = Instant(required=True)
    is_current = fields.Boolean(
        required=True,
        metadata={"description": "False once another plan replaced its own: it never leaves then."},
    )


class PackagesSchema(StrictSchema):
    """The packages of a demand."""

    items = fields.List(fields.Nested(PackageSchema), required=True)
