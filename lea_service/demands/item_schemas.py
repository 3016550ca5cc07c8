"""Form of what a demand asks about: target, period, categories of each item."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from marshmallow import (
    ValidationError,
    fields,
    post_load,
    pre_dump,
    validate,
    validates_schema,
)

from lea_service.demands.demand import (
    AT_AN_INSTANT,
    CATEGORIES,
    OF_A_SOURCE,
    Period,
    Protection,
    Target,
    TargetKind,
)
from lea_service.demands.targets import LONGEST, SOURCE_NAME, expected_form, is_well_formed
from lea_service.web.schemas import Count, Flag, Instant, PresentSchema, Text, Zone, check_once

Raw = Mapping[str, Any]


class DemandTargetSchema(PresentSchema):
    """Whom or what an item asks about.

    Port and instant belong to an IP address, and the source to a telephone identifier. A time and
    place has the place in words, and the instant where the order names one.
    """

    kind = fields.Enum(TargetKind, by_value=True, required=True)
    value = Text(LONGEST, required=True)
    port = Count(1, 65_535)
    at = Instant(
        metadata={
            "description": "When the address and port were in use, or the instant at a place."
        }
    )
    source = fields.String(
        validate=validate.Regexp(SOURCE_NAME, error="Expected the name of a source."),
        metadata={
            "description": "Name of the source whose telephone identifier it is; only its records "
            "are searched. It need not be declared until the demand is compiled."
        },
    )

    @validates_schema
    def check_form(self, data: Raw, **_: Any) -> None:
        """Check the form that belongs to the kind."""
        kind = data["kind"]
        if not is_well_formed(kind, data["value"]):
            raise ValidationError(f"Expected {expected_form(kind)}.", "value")
        if "port" in data and kind is not TargetKind.IP_ADDRESS:
            raise ValidationError("Expected only with an IP address.", "port")
        if "at" in data and kind not in AT_AN_INSTANT:
            raise ValidationError("Expected only with an IP address or a time and place.", "at")
        if "port" in data and "at" not in data:
            raise ValidationError("Expected the instant at which the port was in use.", "at")
        if "source" in data and kind not in OF_A_SOURCE:
            raise ValidationError("Expected only with a telephone identifier.", "source")
        if "source" not in data and kind in OF_A_SOURCE:
            raise ValidationError("Expected the source whose identifier it is.", "source")

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Target:
        """Return the target."""
        return Target(**data)


class DemandPeriodSchema(PresentSchema):
    """From the first instant up to, not including, the second; the zone is the one it was meant in.

    Each instant is written with the offset the zone has then, or in UTC with Z. A period that ends
    before it begins is taken for a slip, unless it is said that the order itself states it so.
    """

    start = Instant(required=True)
    end = Instant(required=True)
    zone = Zone(required=True)
    as_stated = Flag(
        validate=validate.Equal(True, error="Expected true, or nothing."),
        metadata={
            "description": "The order itself states an end that is not after the start. It is "
            "recorded, found (`period.reversed`) and never planned."
        },
    )

    @validates_schema(pass_original=True)
    def check_span(self, data: Raw, original: Raw, **_: Any) -> None:
        """Check order and offsets."""
        for name in ("start", "end"):
            if not _has_offset_of(original[name], data[name], data["zone"]):
                offset = data[name].astimezone(ZoneInfo(data["zone"])).isoformat()[-6:]
                raise ValidationError(
                    f"Expected the offset of the zone at that time, which is {offset}, or Z.", name
                )
        is_reversed = data["end"] <= data["start"]
        if is_reversed and "as_stated" not in data:
            raise ValidationError(
                "Expected an instant after the start, or as_stated where the order states it so.",
                "end",
            )
        if "as_stated" in data and not is_reversed:
            raise ValidationError("Expected only with an end that is not after it.", "as_stated")

    @pre_dump
    def leave_out(self, period: Period, **_: Any) -> dict[str, Any]:
        """Leave out that a period is as stated where it is none of those."""
        found = {"start": period.start, "end": period.end, "zone": period.zone}
        return {**found, "as_stated": True} if period.as_stated else found

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Period:
        """Return the period."""
        return Period(**data)


class DemandItemSchema(PresentSchema):
    """One target in one period; it gets an outcome of its own."""

    target = fields.Nested(DemandTargetSchema, required=True)
    period = fields.Nested(DemandPeriodSchema, required=True)
    categories = fields.List(
        fields.String(validate=validate.OneOf(CATEGORIES)),
        required=True,
        validate=[validate.Length(1, len(CATEGORIES)), check_once],
    )
    protection = fields.Enum(
        Protection,
        by_value=True,
        metadata={
            "description": "As what somebody it is about may be protected, as far as the order or "
            "the officer says; `none` when that was looked at."
        },
    )

    @validates_schema
    def check_item(self, data: Raw, **_: Any) -> None:
        """Check that the target's instant lies in the period, where anything does."""
        at, period = data["target"].at, data["period"]
        if at is not None and not period.as_stated and not period.start <= at < period.end:
            raise ValidationError({"target": {"at": ["Expected an instant inside the period."]}})


def _has_offset_of(text: str, instant: datetime, zone: str) -> bool:
    if text[-1] in "Zz":
        return True
    written = datetime.fromisoformat(text.upper()).utcoffset()
    return written == instant.astimezone(ZoneInfo(zone)).utcoffset()
