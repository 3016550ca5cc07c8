"""Form of what is shown of the catalogue in use, beside the one that ships."""

from __future__ import annotations

from marshmallow import fields

from lea_service.web.schemas import Count, StrictSchema


class LegalCatalogueSchema(StrictSchema):
    """The catalogue in use; it is sound, since the service starts with no other."""

    version = fields.String(required=True)
    digest = fields.String(required=True)
    bases = Count(required=True, metadata={"description": "How many editions it has."})
    incomplete = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "Bases with fields that are not known."},
    )
    own = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "Bases by the provider's own rows."},
    )


class LegalChangeSchema(StrictSchema):
    """A field of a row, or a place in a table, and what stood and stands there."""

    place = fields.String(required=True)
    old = fields.Raw(required=True, allow_none=True)
    new = fields.Raw(required=True, allow_none=True)


class LegalSpanSchema(StrictSchema):
    """From when until when an edition is in force."""

    valid_from = fields.String(required=True, allow_none=True)
    valid_to = fields.String(required=True, allow_none=True)


class LegalChangedSchema(StrictSchema):
    """An edition that both catalogues have, and what differs in it."""

    id = fields.String(required=True)
    old = fields.Nested(LegalSpanSchema, required=True)
    new = fields.Nested(LegalSpanSchema, required=True)
    changes = fields.List(
        fields.Nested(LegalChangeSchema), required=True, attribute="fields", data_key="fields"
    )


class LegalDifferenceSchema(StrictSchema):
    """What the catalogue in use changes of the one that ships, which is the first of each pair."""

    same = fields.Boolean(required=True)
    versions = fields.List(fields.String(), required=True)
    digests = fields.List(fields.String(), required=True)
    added = fields.List(fields.Dict(keys=fields.String()), required=True)
    removed = fields.List(fields.Dict(keys=fields.String()), required=True)
    changed = fields.List(fields.Nested(LegalChangedSchema), required=True)
    tables = fields.List(fields.Nested(LegalChangeSchema), required=True)
    in_words = fields.String(
        required=True, metadata={"description": "All of it in words, in the language asked for."}
    )
