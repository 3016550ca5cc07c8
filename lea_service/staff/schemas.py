"""What is asked for and answered about staff and approvals, in marshmallow."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields, post_load, validate

from lea_service.kernel.actors import Role
from lea_service.kernel.canonical import encode_b64url
from lea_service.kernel.errors import InvalidInput
from lea_service.staff.encoding import decode_b64url
from lea_service.staff.engagement import EngagementKind
from lea_service.staff.reasons import LONGEST_TEXT, SHORTEST_TEXT, SUSPENDED, Answer
from lea_service.staff.rules import PASSWORD_MAX, STAFF_ROLES, ClearanceKind
from lea_service.staff.statement import Outcome
from lea_service.web.paging import PageArgs
from lea_service.web.schemas import (
    Count,
    Day,
    Flag,
    Identifier,
    Instant,
    QueryFlag,
    StrictSchema,
    Text,
    coded,
)

MAX_CLEARANCES = 20
MAX_CODES = 20


class ClearanceSchema(StrictSchema):
    """A screening, secrecy statement or training; both days are included."""

    kind = fields.Enum(ClearanceKind, by_value=True, required=True)
    valid_from = Day(required=True, data_key="from")
    valid_until = Day(required=True, data_key="until")


class KeyRequestSchema(StrictSchema):
    """A personal key to enrol, as ``lea staff key new`` writes it."""

    format = Text(40, required=True)
    key = Text(16, required=True)
    public_key = Text(43, required=True)
    possession = Text(86, required=True)


def _clearances(**options: Any) -> fields.List[Any]:
    return fields.List(
        fields.Nested(ClearanceSchema), validate=validate.Length(1, MAX_CLEARANCES), **options
    )


def _roles(fewest: int) -> fields.List[Any]:
    names = validate.OneOf(sorted(str(role) for role in STAFF_ROLES))
    one = fields.Enum(Role, by_value=True, validate=lambda role: names(str(role)))
    return fields.List(one, required=True, validate=validate.Length(fewest, len(STAFF_ROLES)))


class FounderSchema(StrictSchema):
    """One of the first two people."""

    name = Text(200, required=True)
    login = Text(40, required=True)
    personnel_number = Text(20, required=True)
    key = fields.Nested(KeyRequestSchema, required=True)
    clearances = _clearances(required=True)


class EngagementSchema(StrictSchema):
    """On what footing somebody works here, and how they are reached.

    Somebody of another house has everything of it; an employee no dates and, of itself, no company.
    """

    kind = fields.Enum(EngagementKind, by_value=True, required=True)
    since = Instant(required=True, allow_none=True, data_key="from")
    until = Instant(required=True, allow_none=True)
    company = Text(200, load_default=None, allow_none=True)
    phone = Text(40, load_default=None, allow_none=True)
    mailbox = Text(254, load_default=None, allow_none=True)


class AccountRequestSchema(FounderSchema):
    """A new colleague; ``account`` is chosen when the request is prepared."""

    roles = _roles(1)
    account = Identifier("s")
    engagement = fields.Nested(EngagementSchema)


class _ChangeRequestSchema(StrictSchema):
    account = Identifier("s", required=True)
    generation = Count(2)


class RolesRequestSchema(_ChangeRequestSchema):
    """The roles that somebody has from now on; none at all when the person leaves."""

    roles = _roles(0)


class KeyChangeRequestSchema(_ChangeRequestSchema):
    """A new personal key for somebody, which replaces the present one."""

    key = fields.Nested(KeyRequestSchema, required=True)


class ClearanceRequestSchema(_ChangeRequestSchema):
    """Further clearances of somebody."""

    clearances = _clearances(required=True)


class DelegationSchema(StrictSchema):
    """Whose role of approver is lent, from when until just before when."""

    of = Identifier("s", required=True)
    since = Instant(required=True, data_key="from")
    until = Instant(required=True)


class DelegationRequestSchema(_ChangeRequestSchema):
    """The role of an approver, lent to ``account`` for at most 92 days."""

    delegation = fields.Nested(DelegationSchema, required=True)


class EngagementRequestSchema(_ChangeRequestSchema):
    """Another footing for somebody, or another way to reach them."""

    engagement = fields.Nested(EngagementSchema, required=True)


class LiftRequestSchema(_ChangeRequestSchema):
    """The end of somebody's suspension."""

    suspension = Identifier("su")


class Base64Url(fields.Field[bytes]):
    """Bytes as base64url without padding."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:  # noqa: ARG002
        return None if value is None else encode_b64url(value)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bytes:  # noqa: ARG002
        try:
            return decode_b64url(value, "")
        except InvalidInput as err:
            raise ValidationError("Expected base64url without padding.") from err


def _codes(about: str) -> fields.List[Any]:
    return fields.List(
        Text(40),
        load_default=[],
        validate=validate.Length(0, MAX_CODES),
        metadata={"description": about},
    )


def _secret(longest: int, about: str) -> fields.String:
    return fields.String(
        required=True,
        validate=validate.Length(1, longest),
        load_only=True,
        metadata={"description": about, "format": "password"},
    )


def _proof() -> fields.Dict:
    about = "Kind of proof, id of the key, and the signature over the statement's bytes."
    return fields.Dict(keys=fields.String(), required=True, metadata={"description": about})


class SignInSchema(StrictSchema):
    """Who signs in."""

    login = fields.String(required=True, validate=validate.Length(1, 100))
    password = _secret(PASSWORD_MAX, "The password.")


class SetPasswordSchema(StrictSchema):
    """A password to set with a one-time code; the person's own key signs for it."""

    login = fields.String(required=True, validate=validate.Length(1, 100))
    code = _secret(60, "The one-time code that a colleague issued.")
    password = _secret(PASSWORD_MAX, "The new password: 15 to 128 characters.")
    proof = _proof()


class NewTokenSchema(StrictSchema):
    """A token with its secret, which is shown this once."""

    id = fields.String(required=True)
    label = fields.String(required=True)
    token = fields.String(required=True, metadata={"description": "Goes into LEA_TOKEN."})
    expires_at = Instant(required=True)


class TokenRequestSchema(StrictSchema):
    """A token for a program of one's own."""

    label = Text(40, required=True)
    days = Count(1, 365)


class TokenSchema(StrictSchema):
    """A token without its secret."""

    id = fields.String(required=True)
    label = fields.String(required=True)
    created_at = Instant(required=True)
    expires_at = Instant(required=True)
    revoked_at = Instant(required=True, allow_none=True)


class PersonSchema(StrictSchema):
    """Somebody who works here; ``counts`` says whether the roles count now."""

    account = fields.String(required=True)
    name = fields.String(required=True)
    login = fields.String(required=True)
    personnel_number = fields.String(required=True)
    roles = fields.List(fields.String(), required=True)
    counts = Flag(required=True)
    cleared_until = Day(required=True, allow_none=True)
    key = fields.String(required=True, allow_none=True)
    clearances = fields.List(fields.Nested(ClearanceSchema), required=True)
    delegations = fields.List(
        fields.Nested(DelegationSchema),
        required=True,
        metadata={"description": "What is or was lent to them, until other roles were given."},
    )
    engagement = fields.Nested(EngagementSchema, required=True)
    created_at = Instant(required=True)
    suspended_at = Instant(required=True, allow_none=True)


class SuspensionRequestSchema(StrictSchema):
    """Why somebody is stopped, as a code."""

    ground = coded(SUSPENDED)


class SuspensionSchema(StrictSchema):
    """The suspension that an approval of kind staff.lift ends."""

    id = fields.String(required=True)


class CodeSchema(StrictSchema):
    """A one-time code, which is shown this once; it serves for three days."""

    code = fields.String(required=True)


class PrepareSchema(StrictSchema):
    """What somebody wants approved."""

    kind = Text(40, required=True, metadata={"description": "For example staff.account."})
    request = fields.Dict(keys=fields.String(), required=True)


class PreparedSchema(StrictSchema):
    """What the proposer checks, signs and hands in again."""

    kind = fields.String(required=True)
    request = fields.Dict(required=True, metadata={"description": "Completed with new ids."})
    payload = fields.Raw(required=True, metadata={"description": "What the digest stands for."})
    salt = Base64Url(required=True)
    statement = Base64Url(required=True, metadata={"description": "The exact bytes to sign."})


class ProposeSchema(PrepareSchema):
    """A signed proposal."""

    salt = Base64Url(required=True)
    statement = Base64Url(required=True)
    proof = _proof()


class ApprovalSchema(StrictSchema):
    """An approval without its payload."""

    id = fields.String(required=True)
    kind = fields.String(required=True)
    subject = fields.String(required=True)
    digest = fields.String(required=True)
    beneficiary = fields.String(required=True, allow_none=True)
    proposed_by = fields.String(required=True)
    proposed_at = Instant(required=True)
    needs_deciders = Count(
        required=True,
        metadata={"description": "How many people beside the proposer have to agree."},
    )
    endorsed_by = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "Who agreed before the one who decides."},
    )
    decided_by = fields.String(required=True, allow_none=True)
    outcome = fields.String(required=True, allow_none=True)
    reasons = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "Codes: why it was returned or refused."},
    )
    looked_at = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "Codes: what whoever approved stated to have looked at."},
    )
    decided_at = Instant(required=True, allow_none=True)


class CodeWordsSchema(StrictSchema):
    """A code with its words."""

    code = fields.String(required=True)
    nl = fields.String(required=True)
    en = fields.String(required=True)


class StatesSchema(StrictSchema):
    """What a decision states: what whoever approves looked at, or why it goes back."""

    looked_at = fields.List(fields.Nested(CodeWordsSchema), required=True)
    reasons = fields.List(fields.Nested(CodeWordsSchema), required=True, attribute="declined")
    is_told = Flag(
        required=True,
        metadata={"description": "A return or refusal is always told in words too (`text`)."},
    )


class OpenedApprovalSchema(StrictSchema):
    """An approval with all that was signed."""

    approval = fields.Nested(ApprovalSchema, attribute="view", required=True)
    facts = fields.Dict(required=True, metadata={"description": "What is public about it."})
    payload = fields.Raw(required=True)
    salt = fields.String(required=True)
    states = fields.Nested(StatesSchema, required=True)
    text = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "What was told of a return or refusal."},
    )


class OutcomeSchema(StrictSchema):
    """How somebody wants to decide, with what its kind has them state (`states`)."""

    outcome = fields.Enum(Outcome, by_value=True, required=True)
    reasons = _codes("Why it goes back or is refused; none with an approval.")
    looked_at = _codes("What you looked at: all there is, with an approval.")
    text = Text(
        LONGEST_TEXT,
        shortest=SHORTEST_TEXT,
        load_default=None,
        allow_none=True,
        metadata={"description": "The reason in words; kept sealed, its salted digest is signed."},
    )
    salt = Base64Url(
        load_default=b"",
        metadata={"description": "16 or more random bytes for the digest of the text."},
    )

    @post_load
    def make_answer(self, data: Any, **_: Any) -> Any:
        """Put what is decided together; what else was sent stays beside it."""
        answer = Answer(
            outcome=data.pop("outcome"),
            reasons=tuple(data.pop("reasons")),
            looked_at=tuple(data.pop("looked_at")),
            text=data.pop("text"),
            salt=data.pop("salt"),
        )
        return {**data, "answer": answer}


class StatementSchema(StrictSchema):
    """The exact bytes to sign."""

    statement = Base64Url(required=True)


class DecideSchema(OutcomeSchema):
    """A signed decision."""

    statement = Base64Url(required=True)
    proof = _proof()


class PendingArgs(PageArgs):
    """Which undecided approvals to list."""

    all = QueryFlag(
        load_default=False,
        metadata={
            "description": "Whatever waits for somebody's decision, of the kinds that one proposes "
            "or decides on; else what waits for one's own."
        },
    )
