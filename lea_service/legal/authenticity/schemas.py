"""Form of what is sent and shown about where a demand comes from."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields, validates_schema

from lea_service.legal.authenticity.call_back import CallOutcome
from lea_service.legal.authenticity.observations import WORDS, Sight
from lea_service.web.schemas import Count, Flag, Identifier, Instant, StrictSchema, Text


class AuthenticityPolicyRequest(StrictSchema):
    """A policy as somebody proposes it."""

    policy = fields.Dict(
        keys=fields.String(),
        required=True,
        metadata={"description": "The whole policy (`schemas/authenticity-policy/1.json`)."},
    )
    version = Count(
        1,
        load_default=None,
        allow_none=True,
        metadata={"description": "Filled in when it is prepared: the how-manieth policy it is."},
    )


class AuthenticityPolicyHeadSchema(StrictSchema):
    """Which policy counts, and who decided on it."""

    version = fields.Integer(
        required=True,
        attribute="policy.version",
        metadata={"description": "0: what ships with the service."},
    )
    digest = fields.String(
        required=True,
        attribute="policy.digest",
        metadata={"description": "SHA-256 (base64url) over its canonical form."},
    )
    approval = fields.String(required=True, allow_none=True)
    set_at = Instant(required=True, allow_none=True)


class AuthenticityPolicySchema(AuthenticityPolicyHeadSchema):
    """The policy that counts, whole."""

    document = fields.Dict(keys=fields.String(), required=True)


class AuthenticityObservationSchema(StrictSchema):
    """One thing that was seen, when, by whom, on what evidence."""

    code = fields.Enum(Sight, by_value=True, required=True, attribute="sight")
    nl = fields.Function(lambda one: WORDS[one.sight].nl, metadata={"type": "string"})
    en = fields.Function(lambda one: WORDS[one.sight].en, metadata={"type": "string"})
    at = Instant(required=True)
    by = fields.List(fields.String(), required=True)
    evidence = fields.String(required=True, allow_none=True)
    seen = fields.Dict(keys=fields.String(), required=True)
    detail = fields.String(required=True, allow_none=True)


class AuthenticityLackSchema(StrictSchema):
    """One thing that stands between a demand and its proof."""

    code = fields.String(required=True)
    nl = fields.String(required=True)
    en = fields.String(required=True)


class AuthenticityContactSchema(StrictSchema):
    """A number of the register that may be called about the demand."""

    id = fields.String(required=True)
    subject = fields.String(required=True)
    value = fields.String(required=True)
    found_by_way = fields.String(required=True)
    found_by = fields.String(required=True)
    approved_by = fields.String(required=True)
    recorded_at = Instant(required=True)


class AuthenticityStruckSchema(StrictSchema):
    """A number that stands in the order: not to be called on its word."""

    value = fields.String(required=True)
    page = fields.Integer(required=True)
    line = fields.Integer(required=True)
    is_in_register = Flag(required=True)
    struck = fields.Constant(True)


class CallBackSchema(StrictSchema):
    """A call to a number of the register, as it was recorded."""

    id = fields.String(required=True, attribute="call.id")
    n = fields.Integer(required=True)
    contact = fields.String(required=True, attribute="call.contact")
    subject = fields.String(required=True, attribute="call.subject")
    outcome = fields.Enum(CallOutcome, by_value=True, required=True, attribute="call.outcome")
    record_version = fields.Integer(required=True, attribute="call.record_version")
    called_by = fields.String(required=True, attribute="call.called_by")
    called_by_name = fields.String(required=True, allow_none=True)
    called_at = Instant(required=True, attribute="call.called_at")
    recorded_at = Instant(required=True)
    spoke_to = fields.String(required=True, allow_none=True)
    code_word = fields.String(required=True, allow_none=True)
    note = fields.String(required=True, allow_none=True)


class AuthenticitySchema(StrictSchema):
    """Everything seen of where a demand comes from, and what the policy makes of it now."""

    demand_id = fields.String(required=True, data_key="demand")
    is_allowed = Flag(required=True, attribute="verdict.allows")
    held_by = fields.List(
        fields.String(),
        required=True,
        attribute="verdict.reasons",
        metadata={"description": "Codes of what is missing or stands against it."},
    )
    lacks = fields.List(
        fields.Nested(AuthenticityLackSchema),
        required=True,
        metadata={"description": "The same in words; of each proof that counts, what is not seen."},
    )
    policy = fields.Nested(AuthenticityPolicyHeadSchema, required=True)
    observations = fields.List(fields.Nested(AuthenticityObservationSchema), required=True)
    contacts = fields.List(fields.Nested(AuthenticityContactSchema), required=True)
    struck = fields.List(
        fields.Nested(AuthenticityStruckSchema),
        required=True,
        metadata={"description": "Telephone numbers in the order. Never call back on one of them."},
    )
    calls = fields.List(fields.Nested(CallBackSchema), required=True, data_key="call_backs")


class CallBackRequest(StrictSchema):
    """A call, as somebody records it; the number is one of the register, by its id."""

    contact = Identifier(
        "cn", required=True, metadata={"description": "The verified contact that was called."}
    )
    called_at = Instant(required=True)
    outcome = fields.Enum(CallOutcome, by_value=True, required=True)
    spoke_to = Text(200, load_default=None, allow_none=True)
    code_word = Text(200, load_default=None, allow_none=True)
    note = Text(2000, load_default=None, allow_none=True)

    @validates_schema
    def check_spoke_to(self, data: dict[str, Any], **_: Any) -> None:
        """Ask whom they spoke to, where somebody answered."""
        if data.get("outcome") not in {None, CallOutcome.UNREACHABLE} and not data.get("spoke_to"):
            raise ValidationError("Expected whom you spoke to.", "spoke_to")
