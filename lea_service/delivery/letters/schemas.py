"""Form of letters."""

from __future__ import annotations

from marshmallow import fields, validate

from lea_service.delivery.letters.text import About
from lea_service.kernel.phrases import LANGUAGES
from lea_service.web.schemas import Instant, StrictSchema

DIGEST = validate.Regexp(r"[A-Za-z0-9_-]{43}\Z", error="Expected the digest that was shown.")


class LetterArgs(StrictSchema):
    """Which letter."""

    about = fields.Enum(About, by_value=True, required=True)
    language = fields.String(validate=validate.OneOf(LANGUAGES), load_default=LANGUAGES[0])


class LetterDraftSchema(StrictSchema):
    """A letter as it would go out now."""

    about = fields.Enum(About, by_value=True, required=True)
    language = fields.String(required=True)
    text = fields.String(required=True)
    digest = fields.String(required=True, metadata={"description": "Says which text was shown."})


class SendLetterSchema(LetterArgs):
    """Send a letter as it was shown."""

    digest = fields.String(required=True, validate=DIGEST)


class LetterSchema(StrictSchema):
    """A letter that went out."""

    id = fields.String(required=True)
    demand_id = fields.String(required=True, data_key="demand")
    about = fields.Enum(About, by_value=True, required=True)
    subject = fields.String(required=True)
    language = fields.String(required=True)
    text = fields.String(required=True)
    sent_by = fields.String(required=True)
    sent_by_name = fields.String(required=True, allow_none=True)
    sent_at = Instant(required=True)


class LettersSchema(StrictSchema):
    """The letters about a demand, the first sent first."""

    letters = fields.List(fields.Nested(LetterSchema), required=True)
