"""The form of a plan's document, as ``schemas/plan/1.json`` has it; what it means is not seen here.

Asks are left to the comparison with what follows from their item.
"""

from __future__ import annotations

import re

from marshmallow import fields, validate

from lea_service.demands.demand import TargetKind
from lea_service.extraction.schemas import PastTermSchema
from lea_service.records.kinds import KINDS
from lea_service.web.schemas import Count, Identifier, Instant, StrictSchema, Zone, check_once

FORMAT = "lea.plan/1"
_FINGERPRINT = re.compile(r"[0-9a-f]{64}\Z")


def _name(**options: bool) -> fields.String:
    return fields.String(required=True, validate=validate.Length(1), **options)  # type: ignore[arg-type]


def _names(shortest: int = 0) -> fields.List[str]:
    return fields.List(_name(), required=True, validate=[validate.Length(shortest), check_once])


class TargetForm(StrictSchema):
    """Whom or what an item asks about."""

    kind = fields.String(required=True, validate=validate.OneOf([str(one) for one in TargetKind]))
    value = _name()
    port = Count(1, 65_535, required=True, allow_none=True)
    at = Instant(required=True, allow_none=True)
    source = _name(allow_none=True)


class PeriodForm(StrictSchema):
    """A span and the zone in which it was stated."""

    start = Instant(required=True)
    end = Instant(required=True)
    zone = Zone(required=True)


class PlanItemForm(StrictSchema):
    """An item of the demand, and what it asks."""

    n = Count(1, required=True)
    target = fields.Nested(TargetForm, required=True)
    period = fields.Nested(PeriodForm, required=True)
    categories = _names(1)
    asks = fields.List(fields.Dict(keys=fields.String()), required=True)
    not_held = _names()


class PlanSourceForm(StrictSchema):
    """A source that is asked."""

    id = Identifier("so", required=True)
    name = _name()
    kind = fields.String(required=True, validate=validate.OneOf(sorted(KINDS)))
    categories = _names(1)
    columns = _names(1)
    mapping = _name(allow_none=True)
    rule = _name(allow_none=True)
    cutoff = Instant(required=True, allow_none=True)


class PlanReceiverForm(StrictSchema):
    """To whom a package goes."""

    id = Identifier("d", "p", required=True)
    certificate = fields.String(required=True, validate=validate.Regexp(_FINGERPRINT))


class PlanForm(StrictSchema):
    """A whole plan."""

    format = fields.String(required=True, validate=validate.Equal(FORMAT))
    demand = Identifier("c", required=True)
    demand_version = Count(1, required=True)
    compiled_at = Instant(required=True)
    region = _name(allow_none=True)
    items = fields.List(fields.Nested(PlanItemForm), required=True, validate=validate.Length(1))
    sources = fields.List(fields.Nested(PlanSourceForm), required=True)
    receivers = fields.List(
        fields.Nested(PlanReceiverForm), required=True, validate=validate.Length(1)
    )
    past_term = fields.Nested(PastTermSchema, required=True, allow_none=True)
