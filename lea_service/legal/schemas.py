"""Form of what is sent and shown about the legal check."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from lea_service.kernel.phrases import phrase
from lea_service.legal.counted import Cause
from lea_service.legal.deadlines import Clock, Status, Whose
from lea_service.legal.findings import Outcome
from lea_service.legal.moments import Enforcing
from lea_service.legal.order_observations import Observation
from lea_service.legal.phrases import say_clock
from lea_service.legal.proposals import ProposalKind
from lea_service.legal.questions import QuestionReason
from lea_service.legal.reading_words import TRANSLATION
from lea_service.web.schemas import (
    Count,
    Day,
    Flag,
    Instant,
    StrictSchema,
    Text,
    check_once,
)

REFERENCE = validate.Regexp(
    r"[a-z_]+\.[a-z_]+(/[0-9]{1,4})?(/[a-z][a-z0-9_-]{0,59})?\Z",
    error="Expected a code or reference of a finding, as the assessment shows it.",
)
"""How a finding is named, wherever one is: `code[/item][/subject]`."""
MAX_FINDINGS = 200
MAX_RETYPED = 500


def references(description: str, **options: Any) -> Any:
    """Return the field that takes codes or references of findings."""
    return fields.List(
        fields.String(validate=REFERENCE),
        validate=validate.Length(0, MAX_FINDINGS),
        metadata={"description": description},
        **options,
    )


class LegalReviewSchema(StrictSchema):
    """Who took a row of the provider's own into use, when and why."""

    by = fields.String(required=True)
    on = Day(required=True)
    why = fields.String(required=True)


def _reviewed(attribute: str | None = None) -> Any:
    return fields.Nested(
        LegalReviewSchema,
        attribute=attribute,
        required=True,
        allow_none=True,
        metadata={"description": "The review of a row of the provider's own; null: it ships."},
    )


class LegalBasisLineSchema(StrictSchema):
    """An edition of a legal basis in the list."""

    id = fields.String(required=True)
    jurisdiction = fields.String(required=True)
    citation = fields.String(required=True)
    title = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    instrument = fields.String(required=True, allow_none=True)
    issuing_roles = fields.List(fields.String(), required=True, allow_none=True)
    categories = fields.List(fields.String(), required=True, allow_none=True)
    enforceable = Flag(required=True, allow_none=True)
    valid_from = Day(required=True, allow_none=True)
    valid_to = Day(required=True, allow_none=True)
    confidence = fields.String(required=True)
    reviewed = _reviewed()
    unknown_fields = fields.List(
        fields.String(),
        required=True,
        attribute="unknown",
        metadata={"description": "Fields nobody knows yet; each makes the check ask a person."},
    )


class LegalAnswerInWordsSchema(StrictSchema):
    """What a row says of one of its fields."""

    field = fields.String(required=True)
    asks = fields.String(required=True, metadata={"description": "The question of the field."})
    says = fields.List(fields.String(), required=True)


class LegalReadingSchema(StrictSchema):
    """An edition read out in words, every code with its meaning."""

    heading = fields.String(required=True)
    says = fields.List(
        fields.String(), required=True, metadata={"description": "Title, review and digest."}
    )
    answers = fields.List(fields.Nested(LegalAnswerInWordsSchema), required=True)


class LegalEditionSchema(StrictSchema):
    """One edition of a legal basis."""

    digest = fields.String(
        required=True,
        attribute="basis.digest",
        metadata={"description": "SHA-256 (base64url) over the canonical form of the row."},
    )
    reviewed = _reviewed("basis.reviewed")
    row = fields.Dict(
        keys=fields.String(),
        required=True,
        metadata={"description": "The whole row, in the form of schemas/legal-basis/1.json."},
    )
    in_words = fields.Nested(LegalReadingSchema, required=True)


class LegalBasisSchema(StrictSchema):
    """A legal basis with all its editions; that of the date of an order is the one applied."""

    id = fields.String(required=True)
    editions = fields.List(fields.Nested(LegalEditionSchema), required=True)


class LegalGroundSchema(StrictSchema):
    """On what a person may refuse a demand, or may not."""

    code = fields.String(required=True)
    text = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    may_refuse = Flag(required=True)
    needs_finding = Flag(required=True)


class LegalBasesSchema(StrictSchema):
    """The catalogue: its version, its digest, every basis and the grounds of refusal."""

    version = fields.String(required=True)
    digest = fields.String(
        required=True,
        metadata={"description": "SHA-256 (base64url) over the canonical form of all of it."},
    )
    bases = fields.List(fields.Nested(LegalBasisLineSchema), required=True)
    grounds = fields.List(fields.Nested(LegalGroundSchema), required=True)


class LegalFindingSchema(StrictSchema):
    """One result of one check, with the article it rests on and what would cure it."""

    ref = fields.String(required=True)
    code = fields.String(required=True)
    outcome = fields.Enum(Outcome, by_value=True, required=True)
    article = fields.String(required=True, allow_none=True)
    item = fields.Integer(required=True, allow_none=True)
    subject = fields.String(required=True, allow_none=True)
    seen = fields.Dict(keys=fields.String(), required=True)
    says = fields.String(required=True)
    cure = fields.String(required=True, allow_none=True)
    ground = fields.String(required=True, allow_none=True)
    sources = fields.List(fields.String(), required=True)
    confidence = fields.String(required=True, allow_none=True)
    can_be_accepted = Flag(required=True)
    needs_retyping = Flag(
        required=True,
        metadata={"description": "Accepted only with the values it is about, typed again."},
    )
    needs_answer = Flag(
        required=True,
        metadata={"description": "Accepted only once the authority answered a question about it."},
    )
    needs_another = Flag(
        required=True,
        metadata={
            "description": "Accepted only by somebody who neither recorded nor assessed the demand."
        },
    )


class LegalAcceptanceSchema(StrictSchema):
    """Who took findings upon themselves."""

    findings = fields.List(fields.String(), required=True)
    accepted_by = fields.String(required=True)
    accepted_by_name = fields.String(required=True, allow_none=True)
    accepted_at = Instant(required=True)
    reason = fields.String(required=True, allow_none=True)


class LegalAssessmentSchema(StrictSchema):
    """What the checks found, what was accepted, and what is still open."""

    id = fields.String(required=True)
    demand_id = fields.String(required=True, data_key="demand")
    n = Count(required=True)
    record_version = Count(required=True)
    is_current = Flag(
        required=True, metadata={"description": "The demand was not corrected since."}
    )
    catalogue_version = fields.String(required=True)
    catalogue_digest = fields.String(required=True)
    legal_basis = fields.String(required=True, allow_none=True)
    basis_digest = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "SHA-256 (base64url) over the row that was applied."},
    )
    outcome = fields.Enum(Outcome, by_value=True, required=True)
    findings = fields.List(fields.Nested(LegalFindingSchema), required=True)
    acceptances = fields.List(fields.Nested(LegalAcceptanceSchema), required=True)
    open = fields.List(fields.String(), required=True)
    is_settled = Flag(
        required=True, metadata={"description": "Nothing found here keeps the demand from a plan."}
    )
    assessed_by = fields.String(required=True)
    assessed_at = Instant(required=True)


class LegalAcceptSchema(StrictSchema):
    """Take the findings of a code, or one of them, upon oneself."""

    code = fields.String(required=True, validate=REFERENCE)
    item = Count(1, 9999, load_default=None)
    reason = Text(2000, shortest=10, required=True)
    retyped = fields.List(
        Text(400),
        validate=validate.Length(0, MAX_RETYPED),
        load_default=[],
        metadata={
            "description": "Each value that the finding is about, typed again: a target, a "
            "reference, or a period as start/end. `seen.retype` says how many, in the order of "
            "the items."
        },
    )


class LegalObservationSchema(StrictSchema):
    """Something odd about the order as a document."""

    code = fields.Enum(Observation, by_value=True, required=True)
    nl = fields.String(required=True)
    en = fields.String(required=True)


class LegalProposalSchema(StrictSchema):
    """A value that the order seems to ask about, and where it stands."""

    kind = fields.Enum(ProposalKind, by_value=True, required=True)
    value = fields.String(required=True, metadata={"description": "As the order writes it."})
    form = fields.String(
        required=True,
        allow_none=True,
        metadata={
            "description": "The form in which it is compared; of an article the id of the one "
            "basis it can mean."
        },
    )
    page = Count(required=True)
    line = Count(required=True)


class LegalTypedSchema(StrictSchema):
    """A value that was typed; `item` is null for what is of no item: date, basis, reference."""

    item = fields.Integer(required=True, allow_none=True)
    kind = fields.String(required=True)
    value = fields.String(required=True)
    is_in_order = Flag(required=True)


class LegalOrderSchema(StrictSchema):
    """What the text of the order seems to ask, beside what was typed; nothing of it is kept."""

    demand_id = fields.String(required=True, data_key="demand")
    has_document = Flag(required=True)
    pages = Count(required=True)
    observations = fields.List(fields.Nested(LegalObservationSchema), required=True)
    proposals = fields.List(fields.Nested(LegalProposalSchema), required=True)
    is_whole = Flag(
        required=True, metadata={"description": "False: more stands in it than was looked at."}
    )
    typed = fields.List(fields.Nested(LegalTypedSchema), required=True)


class LegalQuestionSchema(StrictSchema):
    """A question to the authority."""

    question = Text(4000, required=True)
    findings = references("The findings it is about.", load_default=[])
    reasons = fields.List(
        fields.Enum(QuestionReason, by_value=True),
        load_default=[],
        validate=[validate.Length(0, len(QuestionReason)), check_once],
        metadata={"description": "Why it is asked; compulsory unless it is about a finding."},
    )


class LegalAnswerSchema(StrictSchema):
    """What the authority answered to the open question."""

    answer = Text(4000, required=True)


class LegalClarificationSchema(StrictSchema):
    """A question and its answer."""

    id = fields.String(required=True)
    n = Count(required=True)
    findings = fields.List(fields.String(), required=True)
    reasons = fields.List(fields.String(), required=True)
    question = fields.String(required=True)
    asked_by = fields.String(required=True)
    asked_by_name = fields.String(required=True, allow_none=True)
    asked_at = Instant(required=True)
    answer = fields.String(required=True, allow_none=True)
    recorded_by = fields.String(required=True, allow_none=True)
    recorded_by_name = fields.String(required=True, allow_none=True)
    recorded_at = Instant(required=True, allow_none=True)


class LegalClarificationsSchema(StrictSchema):
    """Every question about a demand, the first asked first."""

    clarifications = fields.List(fields.Nested(LegalClarificationSchema), required=True)


class LegalStepSchema(StrictSchema):
    """One step of counting a term, in both languages."""

    code = fields.String(required=True)
    law = fields.String(required=True, allow_none=True)
    nl = fields.String(required=True)
    en = fields.String(required=True)


def _says_clock(language: str) -> fields.Function:
    return fields.Function(
        lambda one: say_clock(one.clock, one.whose, one.status, language),
        metadata={"type": "string", "description": "Which clock, whose, and how it stands."},
    )


class LegalDeadlineSchema(StrictSchema):
    """One clock of a demand."""

    clock = fields.Enum(Clock, by_value=True, required=True)
    whose = fields.Enum(Whose, by_value=True, required=True)
    status = fields.Enum(Status, by_value=True, required=True)
    nl = _says_clock("nl")
    en = _says_clock("en")
    rule = fields.String(required=True, metadata={"description": "The rule of the catalogue."})
    law = fields.String(required=True)
    text = fields.String(
        required=True, allow_none=True, metadata={"description": "The catalogue's words."}
    )
    text_nl = fields.Function(
        lambda one: one.text and phrase(TRANSLATION, one.text, "nl"),
        metadata={"type": ["string", "null"], "description": "The same in Dutch."},
    )
    earliest = Instant(
        required=True,
        allow_none=True,
        metadata={
            "description": "Nothing may happen before, unless `waits_for` came. "
            "None with `waits_for`: not known; the wait ends when a person records an answer."
        },
    )
    due = Instant(
        required=True,
        allow_none=True,
        metadata={"description": "The end by the narrowest reading of the law."},
    )
    late = Instant(
        required=True,
        allow_none=True,
        metadata={"description": "The end by the widest reading: nobody is late before."},
    )
    alarm = Instant(required=True, allow_none=True)
    met_at = Instant(required=True, allow_none=True)
    waits_for = fields.String(required=True, allow_none=True)
    is_sure = Flag(
        required=True,
        allow_none=True,
        metadata={"description": "False: a decree that is not known yet may move the end."},
    )
    steps = fields.List(fields.Nested(LegalStepSchema), required=True)


class LegalDeadlinesSchema(StrictSchema):
    """Every clock of a demand; none while the catalogue does not know the basis."""

    demand_id = fields.String(required=True, data_key="demand")
    at = Instant(required=True)
    legal_basis = fields.String(required=True, allow_none=True)
    holidays = fields.String(
        required=True,
        metadata={"description": "SHA-256 (base64url) of the table of public holidays."},
    )
    enforcing = fields.Enum(
        Enforcing,
        by_value=True,
        required=True,
        allow_none=True,
        metadata={"description": "What is known of the enforcing authority of a European order."},
    )
    deadlines = fields.List(fields.Nested(LegalDeadlineSchema), required=True)
    counted = fields.List(
        fields.Nested("LegalCountedSchema"),
        required=True,
        metadata={"description": "Each time the ends changed, the first first."},
    )
    escalations = fields.List(fields.Nested("LegalEscalationSchema"), required=True)


class CountedClockSchema(StrictSchema):
    """A clock as it was counted: both ends, and the holidays within it but those on weekends."""

    clock = fields.Enum(Clock, by_value=True, required=True)
    due = Instant(required=True, allow_none=True)
    late = Instant(required=True, allow_none=True)
    holidays = fields.List(Day(), required=True)


class CountedMoveSchema(StrictSchema):
    """A clock whose end was moved, and the holidays that were added or left out."""

    clock = fields.Enum(Clock, by_value=True, required=True)
    before = fields.Nested(CountedClockSchema, required=True)
    after = fields.Nested(CountedClockSchema, required=True)
    added = fields.List(Day(), required=True)
    left_out = fields.List(Day(), required=True)


class LegalCountedSchema(StrictSchema):
    """How the clocks were found to stand at an instant, and what moved since the time before."""

    at = Instant(required=True)
    cause = fields.Enum(Cause, by_value=True, required=True, allow_none=True)
    clocks = fields.List(
        fields.Nested(CountedClockSchema), required=True, attribute="standing.clocks"
    )
    moves = fields.List(fields.Nested(CountedMoveSchema), required=True)


class LegalEscalationSchema(StrictSchema):
    """Who was told of a clock, when and at which step."""

    at = Instant(required=True)
    clock = fields.String(required=True)
    step = fields.String(required=True)
    told = fields.String(required=True)
    end = Instant(required=True, allow_none=True)


class OpenClockSchema(StrictSchema):
    """A clock of some demand as it was counted last."""

    demand = fields.String(required=True)
    clock = fields.Enum(Clock, by_value=True, required=True)
    due = Instant(required=True, allow_none=True)
    late = Instant(required=True, allow_none=True)
    seconds_left = fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "To the earlier end; below zero after it."},
    )


class LegalUpholdingSchema(StrictSchema):
    """That the authority upholds its order, and how we know."""

    reason = Text(2000, shortest=10, required=True)


class LegalEnforcingSchema(StrictSchema):
    """That the enforcing authority raises a ground, and how we know."""

    reason = Text(2000, shortest=10, required=True)
