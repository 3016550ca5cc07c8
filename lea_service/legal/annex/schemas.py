"""Form of what is sent and shown about Annex III."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields, post_load, validate, validates_schema

from lea_service.demands.demand import CATEGORIES
from lea_service.demands.narrowing import LeftOut
from lea_service.legal.annex.form import Conflict, Statement
from lea_service.legal.annex.table import Certificate, Effect, Need, Tells, load_annex
from lea_service.legal.schemas import references
from lea_service.web.schemas import Count, Flag, Instant, StrictSchema, Text, check_once

LONGEST = 4000
CODE = validate.Regexp(r"[a-z_]{1,40}\Z", error="Expected the code of a reason.")


def _words(**options: Any) -> Text:
    return Text(LONGEST, shortest=10, **options)


class AnnexUseSchema(StrictSchema):
    """A reason for one kind of order."""

    citation = fields.String(required=True)
    halts = Flag(required=True, metadata={"description": "Whether our term stops meanwhile."})
    tells_enforcing = fields.Enum(Tells, by_value=True, required=True)


class AnnexReasonSchema(StrictSchema):
    """One reason of section D, and what follows from it."""

    code = fields.String(required=True)
    in_form = Flag(
        required=True,
        metadata={"description": "The form has a box for it; else it stands in the explanation."},
    )
    nl = fields.String(required=True)
    en = fields.String(required=True)
    effect = fields.Enum(Effect, by_value=True, required=True)
    needs = fields.List(
        fields.Enum(Need, by_value=True),
        required=True,
        attribute="listed_needs",
        metadata={"description": "What has to be stated beyond the explanation."},
    )
    answer_days = Count(required=True, allow_none=True)
    objection_days = Count(required=True, allow_none=True)
    borne_out_by = fields.List(fields.String(), required=True, attribute="listed_grounds")
    uses = fields.Dict(
        keys=fields.Enum(Certificate, by_value=True),
        values=fields.Nested(AnnexUseSchema),
        required=True,
        data_key="orders",
    )
    sources = fields.List(fields.String(), required=True)
    confidence = fields.String(required=True, allow_none=True)
    note = fields.String(required=True, allow_none=True)


class AnnexTableSchema(StrictSchema):
    """Every reason that a form can state."""

    version = fields.String(required=True)
    digest = fields.String(required=True)
    reasons = fields.List(fields.Nested(AnnexReasonSchema), required=True, attribute="rows")


class AnnexConflictSchema(StrictSchema):
    """Section E: the reasoned objection of art. 17."""

    law = _words(required=True)
    provisions = _words(
        required=True, metadata={"description": "The provisions that apply, with their text."}
    )
    interests = fields.List(
        fields.String(validate=validate.OneOf(sorted(load_annex().interests))),
        required=True,
        validate=[validate.Length(1, 3), check_once],
    )
    applies_because = _words(required=True)
    conflicts_because = _words(required=True)
    link = _words(required=True, metadata={"description": "What ties us to that country."})
    consequences = _words(
        required=True, metadata={"description": "What may follow for us, penalties included."}
    )
    more = _words(load_default=None)

    @post_load
    def build(self, data: dict[str, Any], **_: Any) -> Conflict:
        """Return what was stated."""
        return Conflict(**{**data, "interests": tuple(data["interests"])})


class AnnexLeftOutSchema(StrictSchema):
    """What is not given of an item: a category, what lies outside a span, or all of it."""

    n = Count(1, 9999, required=True, data_key="item")
    category = fields.String(
        load_default=None, allow_none=True, validate=validate.OneOf(CATEGORIES)
    )
    keep_from = Instant(load_default=None, allow_none=True)
    keep_until = Instant(load_default=None, allow_none=True)

    @validates_schema
    def check(self, data: dict[str, Any], **_: Any) -> None:
        """Check that it is a category or a span."""
        if data["category"] and (data["keep_from"] or data["keep_until"]):
            raise ValidationError("Expected a category or a part of the period.", "category")

    @post_load
    def build(self, data: dict[str, Any], **_: Any) -> LeftOut:
        """Return what is left out."""
        return LeftOut(**data)


class AnnexStatementSchema(StrictSchema):
    """What a form states beyond the boxes it ticks."""

    explanation = _words(required=True, metadata={"description": "Section D; always there."})
    is_preserved = Flag(
        required=True,
        metadata={"description": "Section G: whether the data asked for are being kept."},
    )
    question = _words(
        load_default=None, metadata={"description": "Section F: what has to be clarified."}
    )
    missing = _words(load_default=None, metadata={"description": "What is not given."})
    possible_by = Instant(
        load_default=None, metadata={"description": "By when the rest can be given."}
    )
    conflict = fields.Nested(AnnexConflictSchema, load_default=None)
    left_out = fields.List(
        fields.Nested(AnnexLeftOutSchema),
        load_default=(),
        validate=validate.Length(max=400),
        metadata={
            "description": "Exactly what is not given for good; nothing else is taken out of what "
            "is given, and no less (`narrowing.not_stated`, `narrowing.stated_otherwise`)."
        },
    )

    @post_load
    def build(self, data: dict[str, Any], **_: Any) -> Statement:
        """Return what is stated."""
        return Statement(**{**data, "left_out": tuple(data["left_out"])})


class AnnexFileSchema(StrictSchema):
    """Fill in a form."""

    reasons = fields.List(
        fields.String(validate=CODE),
        required=True,
        validate=[validate.Length(1, 20), check_once],
        metadata={"description": "Codes of the table; grounds of refusal are none of them."},
    )
    said = fields.Nested(AnnexStatementSchema, required=True, data_key="statement")
    findings = references("The findings it rests on.", load_default=[])


class AnnexFormSchema(StrictSchema):
    """A form that was filled in."""

    id = fields.String(required=True)
    demand_id = fields.String(required=True, data_key="demand")
    n = Count(required=True)
    assessment_id = fields.String(required=True, data_key="assessment")
    certificate = fields.Enum(Certificate, by_value=True, required=True)
    reasons = fields.Pluck(AnnexReasonSchema, "code", many=True, required=True)
    effect = fields.Enum(Effect, by_value=True, required=True)
    findings = fields.List(fields.String(), required=True)
    clarification_id = fields.String(required=True, allow_none=True, data_key="clarification")
    said = fields.Nested(AnnexStatementSchema, required=True, data_key="statement")
    filed_by = fields.String(required=True)
    filed_at = Instant(required=True)


class AnnexFormsSchema(StrictSchema):
    """The forms about a demand, the first filed first."""

    forms = fields.List(fields.Nested(AnnexFormSchema), required=True)
