"""What of the custody log goes out, and what an export may ask for."""

from __future__ import annotations

from marshmallow import fields, validate

from lea_service.web.schemas import Identifier, StrictSchema


class CustodyEntrySchema(StrictSchema):
    """One entry of a stream, with what it disclosed.

    ``disclosures`` is null where the key of the stream was destroyed.
    """

    index = fields.Integer(required=True)
    n = fields.Integer(required=True)
    t = fields.String(required=True)
    event = fields.String(required=True)
    by = fields.String(required=True)
    facts = fields.Dict(keys=fields.String(), required=True)
    disclosures = fields.Dict(keys=fields.String(), required=True, allow_none=True)


class ConsistencyArgs(StrictSchema):
    """Two sizes of the log."""

    old = fields.Integer(required=True, validate=validate.Range(1))
    new = fields.Integer(required=True, validate=validate.Range(1))


class ConsistencySchema(StrictSchema):
    """The proof that the log of ``old`` entries begins that of ``new``: hashes in base64."""

    old = fields.Integer(required=True)
    new = fields.Integer(required=True)
    proof = fields.List(fields.String(), required=True)


class BundleRequest(StrictSchema):
    """Which bundle is wanted."""

    demand = Identifier(
        "c",
        load_default=None,
        allow_none=True,
        metadata={"description": "The demand whose entries are wanted; null: the whole log."},
    )
