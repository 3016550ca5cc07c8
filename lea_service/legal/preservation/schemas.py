"""Form of what is sent and shown about preservations."""

from __future__ import annotations

from marshmallow import fields, validate

from lea_service.demands.states import State
from lea_service.kernel.phrases import DUTCH, ENGLISH
from lea_service.legal.phrases import LONGER, RELEASES
from lea_service.legal.preservation.rules import Longer, ReleaseGround
from lea_service.web.schemas import Count, Instant, StrictSchema, Text, said

MOST_DAYS = 3_660


class PreservationKeepSchema(StrictSchema):
    """Keep data on a preservation order."""

    days = Count(
        1,
        MOST_DAYS,
        load_default=None,
        allow_none=True,
        metadata={"description": "How long the order states; without it, what the law allows."},
    )


class PreservationExtendSchema(StrictSchema):
    """The authority made a preservation longer."""

    by = fields.Enum(Longer, by_value=True, required=True)
    days = Count(
        1,
        MOST_DAYS,
        load_default=None,
        allow_none=True,
        metadata={"description": "How long the extension states; without it, what the law allows."},
    )
    reason = Text(
        2000,
        shortest=10,
        required=True,
        metadata={"description": "On which paper, of whom and of which day."},
    )


class ReleaseRequest(StrictSchema):
    """Let go of what is kept before its term ends."""

    demand = fields.String(required=True)
    ground = fields.String(
        required=True, validate=validate.OneOf([one.value for one in ReleaseGround])
    )
    reason = Text(2000, shortest=10, required=True)
    version = Count(1, metadata={"description": "Of the demand; set when it is prepared."})


class ExtensionSchema(StrictSchema):
    """One extension of a preservation."""

    at = Instant(required=True)
    by = fields.Enum(Longer, by_value=True, required=True)
    says = said(LONGER, "by", ENGLISH)
    says_nl = said(LONGER, "by", DUTCH)
    days = Count(required=True, allow_none=True)


class PreservationSchema(StrictSchema):
    """What is kept on a demand, and for how long."""

    demand_id = fields.String(required=True, data_key="demand")
    state = fields.Enum(State, by_value=True, required=True)
    legal_basis = fields.String(required=True)
    kept_at = Instant(required=True)
    kept_by = fields.String(required=True)
    kept_by_name = fields.String(required=True, allow_none=True)
    days = Count(required=True, allow_none=True)
    extensions = fields.List(fields.Nested(ExtensionSchema), required=True)
    due = Instant(
        required=True,
        allow_none=True,
        metadata={"description": "The end by the narrowest reading: extend before it."},
    )
    late = Instant(
        required=True,
        allow_none=True,
        metadata={"description": "The end by the widest reading: nothing is given up before."},
    )
    days_left = fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "Whole days to `due`, below zero after it; null without an end."},
    )
    released = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Why it is kept no longer: `expired`, `produced` or the ground."},
    )
    says = said(RELEASES, "released", ENGLISH)
    says_nl = said(RELEASES, "released", DUTCH)
    production = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "The demand whose answer ended it."},
    )
