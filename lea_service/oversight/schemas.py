"""What of warnings goes over the wire, and the requests that two people decide on."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate, validates_schema
from marshmallow.exceptions import ValidationError

from lea_service.demands.demand import TargetKind
from lea_service.kernel.phrases import DUTCH, ENGLISH
from lea_service.oversight.phrases import WARNINGS
from lea_service.oversight.rules import WarningKind
from lea_service.web.paging import PageArgs
from lea_service.web.schemas import Count, Flag, Instant, QueryFlag, StrictSchema, Text, said

IDENTIFIERS = (
    TargetKind.PHONE_NUMBER,
    TargetKind.SIP_URI,
    TargetKind.EMAIL,
    TargetKind.CUSTOMER_NUMBER,
    TargetKind.IP_ADDRESS,
    TargetKind.PHONE_ID,
    TargetKind.IMEI,
    TargetKind.IMSI,
    TargetKind.ICCID,
    TargetKind.MAC_ADDRESS,
)
MOST = 200


def check_one_line(value: str) -> None:
    """Let through what fits into the header of a mail. Raises ValidationError."""
    if not value.isprintable():
        raise ValidationError("Expected no control characters.")


class IdentifierSchema(StrictSchema):
    """A number, address or customer number, or the number of a device.

    An address of the network is one that somebody has alone, and always.
    """

    kind = fields.String(required=True, validate=validate.OneOf([str(one) for one in IDENTIFIERS]))
    value = Text(254, required=True)
    source = Text(
        254, metadata={"description": "Whose telephone identifier it is; for that alone."}
    )

    @validates_schema
    def check_source(self, data: dict[str, Any], **_: Any) -> None:
        """Check that what a source calls a telephone comes with the source, and nothing else."""
        if (data["kind"] == TargetKind.PHONE_ID) != ("source" in data):
            raise ValidationError({"source": ["Expected with a telephone identifier alone."]})


class OwnIdentifiersRequest(StrictSchema):
    """Every identifier of a colleague; it replaces what was set before."""

    account = fields.String(required=True)
    identifiers = fields.List(
        fields.Nested(IdentifierSchema), required=True, validate=validate.Length(0, MOST)
    )


class WatchRequest(StrictSchema):
    """What is watched over from now on; it replaces the list there was."""

    identifiers = fields.List(
        fields.Nested(IdentifierSchema), required=True, validate=validate.Length(0, MOST)
    )


class RecipientRequest(StrictSchema):
    """Somebody whom warnings go to at a mailbox, or no longer."""

    account = fields.String(required=True)
    mailbox = fields.Email(load_default=None, allow_none=True, validate=check_one_line)
    is_listed = Flag(required=True)

    @validates_schema
    def check_mailbox(self, data: dict[str, Any], **_: Any) -> None:
        """Check that whoever is listed can be written to."""
        if data["is_listed"] and data["mailbox"] is None:
            raise ValidationError({"mailbox": ["Expected an address."]})


class WarningListArgs(PageArgs):
    """Which warnings to list."""

    open = QueryFlag(
        load_default=None,
        allow_none=True,
        metadata={"description": "Only those that are not settled, or only those that are."},
    )


class WarningSchema(StrictSchema):
    """Something that people outside the flow look at; it names no target."""

    id = fields.String(required=True)
    kind = fields.Enum(WarningKind, by_value=True, required=True)
    says = said(WARNINGS, "kind", ENGLISH)
    says_nl = said(WARNINGS, "kind", DUTCH)
    demand = fields.String(required=True, allow_none=True)
    subject = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "The agency or the person of an authority that it is about."},
    )
    count = Count(required=True)
    raised_at = Instant(required=True)
    settled_at = Instant(required=True, allow_none=True)
    settled_by = fields.String(required=True, allow_none=True)
    reason = fields.String(required=True, allow_none=True)


class RecipientSchema(StrictSchema):
    """Somebody on the list of those whom warnings go to."""

    account = fields.String(required=True)
    since = Instant(required=True)
    approval = fields.String(required=True)
    oversees = Flag(
        required=True,
        metadata={"description": "Whether their role as an overseer counts now."},
    )


class IdentifiersSchema(StrictSchema):
    """How many identifiers two people set, never which."""

    account = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "The colleague whose own they are; null of the watch list."},
    )
    count = Count(required=True)
    since = Instant(required=True)
    approval = fields.String(required=True)


class ListsSchema(StrictSchema):
    """The lists that two people set, as they are."""

    recipients = fields.List(fields.Nested(RecipientSchema), required=True)
    watched = fields.Nested(
        IdentifiersSchema,
        required=True,
        allow_none=True,
        metadata={"description": "What is watched over; null while nobody ever set it."},
    )
    own = fields.List(fields.Nested(IdentifiersSchema), required=True)


class SettlementSchema(StrictSchema):
    """What was made of a warning."""

    reason = Text(2000, shortest=10, required=True)
