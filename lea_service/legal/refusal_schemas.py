"""Form of a refusal: as it is sent, and as it is shown with its ground in words."""

from __future__ import annotations

from marshmallow import fields, validate

from lea_service.kernel.phrases import DUTCH, ENGLISH, Phrases
from lea_service.legal.advice import AdviceSchema
from lea_service.legal.catalogue import load_catalogue
from lea_service.legal.schemas import references
from lea_service.web.schemas import Instant, StrictSchema, Text, said

GROUNDS: Phrases = {
    code: (one.text[DUTCH], one.text[ENGLISH]) for code, one in load_catalogue().grounds.items()
}
"""The grounds of refusal; no row of a provider's own changes them."""


class LegalRefuseSchema(StrictSchema):
    """Refuse a demand."""

    ground = fields.String(
        required=True,
        validate=validate.Regexp(r"[a-z_]{1,40}\Z", error="Expected the code of a ground."),
    )
    findings = references("The findings it rests on.", required=True)
    explanation = Text(4000, shortest=10, required=True)
    advice = fields.Nested(AdviceSchema, load_default=None, allow_none=True)


class LegalRefusalSchema(StrictSchema):
    """Why a demand was refused."""

    demand_id = fields.String(required=True, data_key="demand")
    assessment_id = fields.String(required=True, data_key="assessment")
    ground = fields.String(required=True)
    says = said(GROUNDS, "ground", ENGLISH)
    says_nl = said(GROUNDS, "ground", DUTCH)
    findings = fields.List(fields.String(), required=True)
    explanation = fields.String(required=True, allow_none=True)
    advice = fields.Nested(AdviceSchema, required=True, allow_none=True)
    refused_by = fields.String(required=True)
    refused_by_name = fields.String(required=True, allow_none=True)
    refused_at = Instant(required=True)
