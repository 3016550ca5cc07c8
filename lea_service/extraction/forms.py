"""The form of a plan's document, as ``schemas/plan/1.json`` has it; not what it means."""

from __future__ import annotations

import re
from typing import Any

from marshmallow import ValidationError, fields, validate

from lea_service.demands.demand import TargetKind
from lea_service.demands.narrowing import CutGround
from lea_service.extraction.instalments import MOST, Rhythm
from lea_service.extraction.schemas import PastTermSchema
from lea_service.records.kinds import KINDS
from lea_service.web.schemas import Count, Flag, Identifier, Instant, StrictSchema, check_once

FORMAT = "lea.plan/1"
_VERSION = re.compile(r"[0-9A-Za-z.+-]{1,40}\Z")
_FINGERPRINT = re.compile(r"[0-9a-f]{64}\Z")


def _name(**options: bool) -> fields.String:
    return fields.String(required=True, validate=validate.Length(1), **options)  # type: ignore[arg-type]


def _names(shortest: int = 0) -> fields.List[str]:
    return fields.List(_name(), required=True, validate=[validate.Length(shortest), check_once])


class _Value(fields.Field[str | int]):
    """A text or a whole number, as a column holds it."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str | int:  # noqa: ARG002
        if not isinstance(value, str | int) or isinstance(value, bool):
            raise ValidationError("Expected a text or a whole number.")
        return value


class RulesForm(StrictSchema):
    """Under which rules a plan was compiled."""

    version = Count(1, required=True)
    phonenumbers = fields.String(required=True, validate=validate.Regexp(_VERSION))
    unicode = fields.String(required=True, validate=validate.Regexp(_VERSION))


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
    zone = _name()


class MatchForm(StrictSchema):
    """Columns in one of which a row holds one of the values."""

    columns = _names(1)
    values = fields.List(_Value(), required=True, validate=validate.Length(1))
    or_missing = Flag(required=True)


class AskForm(StrictSchema):
    """What an item asks of one source."""

    source = _name()
    kind = fields.String(required=True, validate=validate.OneOf(sorted(KINDS)))
    version = Count(1, 1, required=True)
    columns = _names(3)
    matches = fields.List(fields.Nested(MatchForm), required=True, validate=validate.Length(1))
    filled = _names()
    start = Instant(required=True)
    end = Instant(required=True)


class AskedForm(StrictSchema):
    """An item as it was asked."""

    n = Count(1, required=True)
    target = fields.Nested(TargetForm, required=True)
    period = fields.Nested(PeriodForm, required=True)
    categories = _names(1)


class CutForm(StrictSchema):
    """What is not given of an item, and on which ground."""

    n = Count(1, required=True)
    ground = fields.String(required=True, validate=validate.OneOf([str(one) for one in CutGround]))
    category = _name(allow_none=True)
    keep_from = Instant(required=True, allow_none=True)
    keep_until = Instant(required=True, allow_none=True)
    agreement = Identifier("cl", required=True, allow_none=True)


class NarrowedForm(StrictSchema):
    """The items as they were asked, and the cuts that left those of the plan."""

    asked = fields.List(fields.Nested(AskedForm), required=True, validate=validate.Length(1))
    cuts = fields.List(fields.Nested(CutForm), required=True, validate=validate.Length(1))


class PlanItemForm(AskedForm):
    """An item that is given, and what it asks of the sources."""

    asks = fields.List(fields.Nested(AskForm), required=True)
    not_held = _names()
    not_searched = _names()


class PlanSourceForm(StrictSchema):
    """A source that was declared for something that is asked."""

    id = Identifier("so", required=True)
    name = _name()
    kind = fields.String(required=True, validate=validate.OneOf(sorted(KINDS)))
    categories = _names(1)
    columns = _names(1)
    holds_ipv6 = Flag(required=True)
    mapping = _name(allow_none=True)
    rule = _name(allow_none=True)
    cutoff = Instant(required=True, allow_none=True)


class PlanReceiverForm(StrictSchema):
    """To whom a package goes."""

    id = Identifier("d", "p", required=True)
    certificate = fields.String(
        required=True, validate=validate.Regexp(_FINGERPRINT, error="Expected a SHA-256 in hex.")
    )


class InstalmentForm(StrictSchema):
    """One part of the time of a plan."""

    number = Count(1, required=True)
    start = Instant(required=True)
    end = Instant(required=True)
    due = Instant(required=True)


class InstalmentsForm(StrictSchema):
    """How what is still to come is divided, and how much one part and all of them may hold."""

    rhythm = fields.String(required=True, validate=validate.OneOf([str(one) for one in Rhythm]))
    rows_each = Count(1, required=True)
    rows_together = Count(1, required=True)
    parts = fields.List(
        fields.Nested(InstalmentForm), required=True, validate=validate.Length(1, MOST)
    )


class PlanForm(StrictSchema):
    """A whole plan."""

    format = fields.String(required=True, validate=validate.Equal(FORMAT))
    demand = Identifier("c", required=True)
    demand_version = Count(1, required=True)
    compiled_at = Instant(required=True)
    rules = fields.Nested(RulesForm, required=True)
    region = fields.String(required=True, allow_none=True, validate=validate.Regexp(r"[A-Z]{2}\Z"))
    items = fields.List(fields.Nested(PlanItemForm), required=True, validate=validate.Length(1))
    sources = fields.List(fields.Nested(PlanSourceForm), required=True)
    receivers = fields.List(
        fields.Nested(PlanReceiverForm), required=True, validate=validate.Length(1)
    )
    past_term = fields.Nested(PastTermSchema, required=True, allow_none=True)
    narrowed = fields.Nested(NarrowedForm)
    instalments = fields.Nested(InstalmentsForm)
