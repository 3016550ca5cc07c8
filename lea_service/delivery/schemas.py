"""Forms of what is sent about the hand-over, and of what is shown."""

from __future__ import annotations

from marshmallow import fields, validate

from lea_service.delivery.letters.text import About
from lea_service.delivery.rules import Standing
from lea_service.web.schemas import Count, Flag, Identifier, Instant, StrictSchema, Text

RECEIPT_FORMAT = "lea.receipt/1"
DEFAULT_DAYS = 90
MAX_DAYS = 365


class TokenRequest(StrictSchema):
    """A token for a named person, and for how many days from its approval."""

    person = Identifier("p", required=True)
    days = Count(1, MAX_DAYS, load_default=DEFAULT_DAYS)
    token = Identifier("tk", load_default=None, allow_none=True)


class TokenSchema(StrictSchema):
    """A token of a person of an agency, without its secret."""

    id = fields.String(required=True)
    person = fields.String(required=True)
    granted_at = Instant(required=True)
    expires_at = Instant(required=True)
    claimed_at = Instant(required=True, allow_none=True)
    revoked_at = Instant(required=True, allow_none=True)


class ClaimCodeSchema(StrictSchema):
    """A code to hand to the named person, shown this once."""

    token = fields.String(required=True, metadata={"description": "The token's id, no secret."})
    code = fields.String(required=True)
    expires_at = Instant(required=True)


class ClaimRequest(StrictSchema):
    """The code that one of us handed over."""

    code = Text(60, required=True)


class ClaimedSchema(StrictSchema):
    """A receiver's own token, shown this once."""

    token = fields.String(required=True, metadata={"description": "The bearer token."})
    person = fields.String(required=True)
    expires_at = Instant(required=True)


class FollowedReferenceSchema(StrictSchema):
    """A reference of the authority."""

    kind = fields.String(required=True)
    value = fields.String(required=True)


class FollowSchema(StrictSchema):
    """A demand as those see it whom it names."""

    demand = fields.String(required=True)
    standing = fields.String(required=True, validate=validate.OneOf([*Standing]))
    references = fields.List(fields.Nested(FollowedReferenceSchema), required=True)
    order_date = fields.Date(required=True)
    received_at = Instant(required=True)
    due_at = Instant(required=True, allow_none=True)
    recorded_at = Instant(required=True)


class QuestionSchema(StrictSchema):
    """What we asked the authority."""

    asked_at = Instant(required=True)
    question = fields.String(required=True)
    is_answered = Flag(required=True)


class RefusedForSchema(StrictSchema):
    """Why a demand was refused."""

    ground = fields.String(required=True)
    says_nl = fields.String(required=True)
    says_en = fields.String(required=True)
    explanation = fields.String(required=True, allow_none=True)
    refused_at = Instant(required=True)


class ReferredToSchema(StrictSchema):
    """That another is the addressee."""

    kind = fields.String(required=True)
    says_nl = fields.String(required=True)
    says_en = fields.String(required=True)
    name = fields.String(required=True, allow_none=True)
    referred_at = Instant(required=True)


class SaidReasonSchema(StrictSchema):
    """A reason of Annex III in words."""

    code = fields.String(required=True)
    says_nl = fields.String(required=True)
    says_en = fields.String(required=True)


class AnnexReplySchema(StrictSchema):
    """What we said of a European order by the form of Annex III."""

    reasons = fields.List(fields.Nested(SaidReasonSchema), required=True)
    explanation = fields.String(required=True)
    is_preserved = Flag(required=True)
    missing = fields.String(required=True, allow_none=True)
    possible_by = Instant(required=True, allow_none=True)
    filed_at = Instant(required=True)


class FollowedLetterSchema(StrictSchema):
    """A letter of ours."""

    about = fields.Enum(About, by_value=True, required=True)
    language = fields.String(required=True)
    sent_at = Instant(required=True)
    text = fields.String(required=True)


class FollowedDemandSchema(StrictSchema):
    """Where a demand stands, with what we asked and answered, and, where it was refused, why."""

    line = fields.Nested(FollowSchema, required=True)
    questions = fields.List(fields.Nested(QuestionSchema), required=True)
    refusal = fields.Nested(RefusedForSchema, required=True, allow_none=True)
    referral = fields.Nested(ReferredToSchema, required=True, allow_none=True)
    annexes = fields.List(fields.Nested(AnnexReplySchema), required=True)
    letters = fields.List(fields.Nested(FollowedLetterSchema), required=True)


class CollectSchema(StrictSchema):
    """A package as its receiver sees it."""

    package = fields.String(required=True)
    demand = fields.String(required=True)
    state = fields.String(required=True)
    size = fields.Integer(required=True, metadata={"description": "Bytes of the encrypted file."})
    sha256 = fields.String(required=True, metadata={"description": "Over the encrypted file."})
    available_at = Instant(required=True)
    pick_up_by = Instant(required=True)
    receipt_at = Instant(required=True, allow_none=True)
    is_open = Flag(required=True, metadata={"description": "Whether it can be fetched now."})


class ReceiptRequest(StrictSchema):
    """The receipt of a package, by the code that lies inside it."""

    format = fields.String(required=True, validate=validate.Equal(RECEIPT_FORMAT))
    package = Identifier("pk", required=True)
    code = fields.String(
        required=True,
        validate=validate.Regexp(
            r"[A-Za-z0-9_-]{43}\Z", error="Expected the 43 characters of the code."
        ),
    )


class ReceiptAnswerSchema(StrictSchema):
    """What came of a receipt; a refused one is on record as well."""

    package = fields.String(required=True)
    is_accepted = Flag(required=True)
    is_repeat = Flag(required=True)
    ground = fields.String(required=True, allow_none=True)
    receipt = fields.String(required=True, allow_none=True)
    received_at = Instant(required=True, allow_none=True)


class FetchSchema(StrictSchema):
    """Somebody began to fetch a package."""

    by = fields.String(required=True)
    at = Instant(required=True)


class DeliverySchema(StrictSchema):
    """A package that was made available, with what became of it."""

    package = fields.String(required=True)
    demand = fields.String(required=True)
    receivers = fields.List(fields.String(), required=True)
    available_at = Instant(required=True)
    pick_up_by = Instant(required=True)
    fetches = fields.List(fields.Nested(FetchSchema), required=True)
    receipt = fields.String(required=True, allow_none=True)
    receipt_by = fields.String(required=True, allow_none=True)
    receipt_at = Instant(required=True, allow_none=True)


class DeliveriesSchema(StrictSchema):
    """The deliveries of one demand."""

    items = fields.List(fields.Nested(DeliverySchema), required=True)


class OverdueSchema(StrictSchema):
    """A package that nobody gave a receipt for in time."""

    package = fields.String(required=True)
    demand = fields.String(required=True)
    pick_up_by = Instant(required=True)


class ErasedSchema(StrictSchema):
    """A demand whose rows and package cannot be read any more."""

    demand = fields.String(required=True)
    keys = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "Ids of the keys that ended, one of each extraction."},
    )
