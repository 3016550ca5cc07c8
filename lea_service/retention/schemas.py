"""Retention rules and purges as they come in and go out."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from lea_service.records.kinds import KINDS
from lea_service.retention.rules import Action, Unit
from lea_service.staff.rules import GROUND
from lea_service.web.schemas import Count, Identifier, Instant, StrictSchema, Text

CODE = r"[A-Z][A-Z0-9]*(-[A-Z0-9]+)*\Z"


class RuleRequestSchema(StrictSchema):
    """A retention rule as somebody proposes it."""

    code = fields.String(
        required=True,
        validate=[
            validate.Length(2, 40),
            validate.Regexp(CODE, error="Expected capitals and digits in groups, as CALL-6M."),
        ],
        metadata={"description": "Name of the rule, as CALL-6M; letters to authorities cite it."},
    )
    source = Identifier(
        "so",
        load_default=None,
        allow_none=True,
        metadata={"description": "The source it is for; null: every source of the record kind."},
    )
    kind = fields.String(required=True, validate=validate.OneOf(sorted(KINDS)))
    purpose = Text(300, required=True, metadata={"description": "What the records are kept for."})
    legal_ground = Text(300, required=True, metadata={"description": "Why for this long."})
    article = Text(
        120, required=True, metadata={"description": "Article of law, or `policy` if it is ours."}
    )
    term = Count(1, 7300, required=True)
    unit = fields.String(required=True, validate=validate.OneOf([*Unit]))
    action = fields.String(load_default="destroy", validate=validate.OneOf([*Action]))
    generation = Count(
        1,
        load_default=None,
        allow_none=True,
        metadata={"description": "Filled in when it is prepared: the how-manieth of its scope."},
    )


class GroundRequestSchema(StrictSchema):
    """A ground on which records past their term may be handed over, as somebody proposes it."""

    code = fields.String(
        required=True,
        validate=validate.Regexp(
            GROUND.pattern, error="Expected a coded ground, as kept_for_dispute."
        ),
        metadata={"description": "Name of the ground, as kept_for_dispute; plans cite it."},
    )
    is_allowed = fields.Boolean(
        load_default=True, metadata={"description": "False: it may be used no longer."}
    )
    says_nl = Text(300, required=True, metadata={"description": "What Dutch letters say of it."})
    says_en = Text(300, required=True, metadata={"description": "What English letters say of it."})
    article = Text(
        120, required=True, metadata={"description": "Article of law, or `policy` if it is ours."}
    )
    generation = Count(
        1,
        load_default=None,
        allow_none=True,
        metadata={"description": "Filled in when it is prepared: the how-manieth of its code."},
    )


class GroundSchema(StrictSchema):
    """A ground on which records past their term may be handed over while it is allowed."""

    code = fields.String(required=True)
    is_allowed = fields.Boolean(required=True)
    says_nl = fields.String(required=True)
    says_en = fields.String(required=True)
    article = fields.String(required=True)
    approval = fields.String(required=True, attribute="approval_id")
    set_at = Instant(required=True)


class RuleSchema(StrictSchema):
    """A retention rule."""

    code = fields.String(required=True)
    source = fields.String(required=True, allow_none=True, attribute="source_id")
    kind = fields.String(required=True)
    purpose = fields.String(required=True)
    legal_ground = fields.String(required=True)
    article = fields.String(required=True)
    term = fields.Integer(required=True)
    unit = fields.String(required=True)
    action = fields.String(required=True)
    approval = fields.String(required=True, attribute="approval_id")
    set_at = Instant(required=True)
    is_current = fields.Boolean(required=True)


class PurgeSchema(StrictSchema):
    """A purge, begun and perhaps done; `late` were past their term and the grace after it."""

    id = fields.String(required=True)
    rule = fields.String(required=True, attribute="rule_code")
    source = fields.String(required=True, attribute="source_id")
    kind = fields.String(required=True)
    action = fields.String(required=True)
    cutoff = Instant(required=True)
    found = fields.Integer(required=True)
    late = fields.Integer(required=True)
    rejects = fields.Integer(required=True)
    rows = fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "What it came to; null until it is done."},
    )
    done = fields.Integer(
        required=True, metadata={"description": "Rows so far, of the `found` ones."}
    )
    rate = fields.Integer(
        required=True, allow_none=True, metadata={"description": "Rows a second."}
    )
    begun_at = Instant(required=True)
    done_at = Instant(required=True, allow_none=True)
    copies_until = Instant(
        required=True,
        allow_none=True,
        metadata={"description": "Until when the rows may live on in a backup; null in none."},
    )


class DueArgs(StrictSchema):
    """What the purge is counted for: the rules in force, or a term on trial."""

    kind = fields.String(
        load_default=None,
        validate=validate.OneOf(sorted(KINDS)),
        metadata={"description": "With `term`: the records that the term on trial is for."},
    )
    source = Identifier(
        "so",
        load_default=None,
        metadata={"description": "Only this source is counted."},
    )
    term = fields.Integer(load_default=None, validate=validate.Range(1, 7300))
    unit = fields.String(load_default="months", validate=validate.OneOf([*Unit]))

    @validates_schema
    def check_trial(self, data: dict[str, Any], **kwargs: Any) -> None:  # noqa: ARG002
        """Let a kind and a term through together, or neither."""
        if (data["term"] is None) != (data["kind"] is None):
            missing = "kind" if data["kind"] is None else "term"
            raise ValidationError("Expected a kind and a term, or neither.", missing)


class DueSchema(StrictSchema):
    """What a purge of a source would take now; `late` of the `rows` are past the grace too."""

    source = fields.String(required=True, attribute="system.id")
    name = fields.String(required=True, attribute="system.name")
    kind = fields.String(required=True, attribute="system.kind")
    term = fields.Integer(required=True)
    unit = fields.String(required=True)
    cutoff = Instant(
        required=True, metadata={"description": "What is older is taken, but for what is kept."}
    )
    begins_at = Instant(
        required=True,
        allow_none=True,
        metadata={"description": "From when on the purge goes by the rule; null of a trial."},
    )
    rows = fields.Integer(required=True)
    late = fields.Integer(required=True)
    rejects = fields.Integer(
        required=True, metadata={"description": "Lines that could not be read."}
    )
    kept = fields.Integer(
        required=True,
        allow_none=True,
        metadata={
            "description": "Past their term too; an order to preserve or an approved plan needs "
            "them. Null of a trial, which is counted as if nothing were held."
        },
    )
    soon = fields.Integer(
        required=True, metadata={"description": "Within their term now, past it in seven days."}
    )


class DueListSchema(StrictSchema):
    """By source, what the next purge would take."""

    items = fields.List(fields.Nested(DueSchema), required=True)


class PlaceSchema(StrictSchema):
    """Where an entry of the custody log stands, and what it is."""

    index = fields.Integer(required=True, attribute="idx")
    event = fields.String(required=True)
    at = fields.String(required=True)


class CertificateSchema(StrictSchema):
    """What a purge came to, as the signed custody log vouches for it.

    `proof` (C2SP tlog-proof) shows that the log holds `entry`, the bytes of the entry purge.done.
    """

    purge = fields.Nested(PurgeSchema, required=True, attribute="destroyed.purge")
    rule = fields.Nested(RuleSchema, required=True, attribute="destroyed.rule")
    source_name = fields.String(required=True, attribute="destroyed.source")
    kept = fields.Integer(
        required=True,
        attribute="destroyed.kept",
        metadata={"description": "Rows of before that an order to preserve needs."},
    )
    rejects = fields.Integer(
        required=True,
        attribute="destroyed.rejects",
        metadata={"description": "Lines that could not be read, and are destroyed."},
    )
    copies_until = Instant(required=True, allow_none=True, attribute="destroyed.copies_until")
    origin = fields.String(required=True)
    entries = fields.List(fields.Nested(PlaceSchema), required=True, attribute="destroyed.entries")
    entry = fields.String(required=True, attribute="destroyed.entry")
    proof = fields.String(required=True, attribute="tlog_proof")
    text = fields.String(required=True, metadata={"description": "All of it in words."})


class StatisticSchema(StrictSchema):
    """What is left of rows that were made anonymous: sums of a day and a group, of many parties."""

    source = fields.String(required=True, metadata={"description": "Name of the source."})
    kind = fields.String(required=True)
    day = fields.String(
        required=True,
        metadata={"description": "The day their term ran from, by the clock of the provider."},
    )
    group = fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        required=True,
        attribute="alike",
        metadata={"description": "What they have in common, by column; empty: of all groups."},
    )
    rows = fields.Integer(required=True)
    sums = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(),
        required=True,
        metadata={"description": "By column, in its unit: seconds or octets."},
    )


class SystemSchema(StrictSchema):
    """A source as a processing system: what it keeps, why, for how long."""

    source = fields.String(required=True, attribute="id")
    name = fields.String(required=True)
    kind = fields.String(required=True)
    rule = fields.Nested(RuleSchema, required=True, allow_none=True)
    last_purge = Instant(required=True, allow_none=True)


class QueuedSchema(StrictSchema):
    """The job that will do it."""

    job = fields.String(required=True)
