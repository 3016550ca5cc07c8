"""Reachability in marshmallow."""

from __future__ import annotations

from marshmallow import fields

from lea_service.staff.reach.rules import Reach
from lea_service.web.schemas import Count, Flag, Instant, StrictSchema, Text


class AnswerSchema(StrictSchema):
    """The code of the test that one was sent last."""

    code = Text(20, required=True, metadata={"description": "As in the notice: ABCD-EFGH."})


class AbsenceSchema(StrictSchema):
    """From when until just before when one is away; both null when one is not."""

    since = Instant(required=True, allow_none=True, data_key="from")
    until = Instant(required=True, allow_none=True)


class ApproverLineSchema(StrictSchema):
    """How it stands with one approver."""

    account = fields.String(required=True)
    name = fields.String(required=True)
    reach = fields.Enum(Reach, by_value=True, required=True)
    is_reachable = Flag(required=True)
    has_mailbox = Flag(
        required=True, metadata={"description": "Without one, no test reaches them."}
    )
    asked_at = Instant(required=True, allow_none=True)
    due_at = Instant(required=True, allow_none=True)
    answered_at = Instant(required=True, allow_none=True)
    away_from = Instant(required=True, allow_none=True)
    away_until = Instant(required=True, allow_none=True)


class ReachSchema(StrictSchema):
    """Every approver, how many can be reached, and since when that is too few."""

    approvers = fields.List(fields.Nested(ApproverLineSchema), required=True)
    reachable = Count(0, required=True)
    alarm = fields.String(required=True, allow_none=True)
    alarm_since = Instant(required=True, allow_none=True)
