"""Form of what is sent about demands: every place that is wrong is named, never its value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from marshmallow import (
    ValidationError,
    fields,
    post_load,
    validate,
    validates_schema,
)

from lea_service.demands.demand import (
    CONTENTS,
    Addressee,
    Capacity,
    Channel,
    DemandContent,
    Emergency,
    EmergencyReason,
    Form,
    Item,
    JudicialAuthorisation,
    Lane,
    OralAuthorisation,
    Party,
    ProcessorGround,
    Reference,
)
from lea_service.demands.document import FORMAT, dump_receiver
from lea_service.demands.item_schemas import DemandItemSchema
from lea_service.demands.phrases import HOLDS
from lea_service.demands.states import State
from lea_service.demands.withdrawal import WithdrawalReason
from lea_service.kernel.canonical import Json
from lea_service.kernel.phrases import DUTCH, ENGLISH
from lea_service.web.paging import PageArgs
from lea_service.web.schemas import (
    Count,
    Day,
    Flag,
    Identifier,
    Instant,
    PresentSchema,
    StrictSchema,
    Text,
    check_once,
    load_form,
    said,
)

MAX_ITEMS, MAX_RECEIVERS, MAX_REFERENCES, MAX_HOLDERS = 200, 20, 20, 20
REFERENCE_KINDS = ("case_number", "parketnummer", "magistrate_number")
ELAPSED = {"description": "Since an emergency reached us; null for any other demand."}
NO_BASIS = "Expected the code of a legal basis, as `lea legal list` shows it."
_BASIS = r"[A-Za-z0-9][A-Za-z0-9_.-]{1,79}\Z"
RECEIVER = {
    "anyOf": [
        {"type": "string", "pattern": "^[pd]_[0-9a-f]{32}$"},
        {
            "type": "object",
            "anyOf": [{"required": ["ref"]}, {"required": ["name"]}],
            "properties": {
                "ref": {"type": "string", "pattern": "^[pd]_[0-9a-f]{32}$"},
                "name": {"type": "string", "minLength": 1, "maxLength": 200},
                "function": {"type": "string", "minLength": 1, "maxLength": 200},
            },
            "additionalProperties": False,
        },
    ]
}
"""How a receiver may be written, for the description of the service."""
Raw = Mapping[str, Any]


class _PartySchema(PresentSchema):
    name = Text(200, metadata={"description": "As the demand has it."})
    function = Text(200)

    @validates_schema
    def check_named(self, data: Raw, **_: Any) -> None:
        """Ask for an id or a name."""
        if "ref" not in data and "name" not in data:
            raise ValidationError("Expected ref, an id of the register, or a name.")

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Party:
        """Return the party."""
        return Party(**data)


class DemandAgencyPartySchema(_PartySchema):
    """The agency a demand comes from: an id of the register, or words."""

    ref = Identifier("a")


class DemandPersonPartySchema(_PartySchema):
    """The person who issued a demand: an id of the register, or words."""

    ref = Identifier("p")


class DemandOtherPartySchema(_PartySchema):
    """Somebody else a demand names: an agency, person or desk of the register, or words."""

    ref = Identifier("a", "p", "d")


RECEIVER_ID = Identifier("p", "d")


class DemandReceiverPartySchema(_PartySchema):
    """Who is to receive the answer: a person or desk of the register, or words."""

    ref = RECEIVER_ID


class DemandReceiver(fields.Field[Party]):
    """A receiver; an id alone means the party with that ``ref``."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> Json:  # noqa: ARG002
        return dump_receiver(value)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Party:  # noqa: ARG002
        if isinstance(value, str):
            return Party(ref=RECEIVER_ID.deserialize(value))
        party: Party = DemandReceiverPartySchema().load(value)
        return party


class DemandReferenceSchema(StrictSchema):
    """A reference of the authority."""

    kind = fields.String(required=True, validate=validate.OneOf(REFERENCE_KINDS))
    value = Text(100, required=True)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Reference:
        """Return the reference."""
        return Reference(**data)


class DemandOralAuthorisationSchema(PresentSchema):
    """That the judge authorised orally, and when that was written down, once we are told."""

    given_by = Text(200, required=True, metadata={"description": "Which judge, in words."})
    given_at = Instant(required=True)
    written_on = Day(metadata={"description": "Left out while it is not in writing."})

    @validates_schema
    def check(self, data: dict[str, Any], **_: Any) -> None:
        """Check that it was not written down before it was given."""
        written_on, made = data.get("written_on"), OralAuthorisation(**data)
        if written_on is not None and written_on < made.given_on:
            raise ValidationError("Expected a day not before it was given.", "written_on")

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> OralAuthorisation:
        """Return what was given orally."""
        return OralAuthorisation(**data)


class DemandAuthorisationSchema(PresentSchema):
    """The authorisation of a judge that the order names; an oral one may have no reference yet."""

    reference = Text(100)
    given_on = Day()
    oral = fields.Nested(DemandOralAuthorisationSchema)

    @validates_schema
    def check(self, data: dict[str, Any], **_: Any) -> None:
        """Check that it is named at all, and that an oral one bears the day it was given."""
        oral, given_on = data.get("oral"), data.get("given_on")
        if oral is None and "reference" not in data:
            raise ValidationError("Expected a reference, or who gave it orally.", "reference")
        if oral is not None and given_on not in {None, oral.given_on}:
            raise ValidationError("Expected the day on which it was given orally.", "given_on")

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> JudicialAuthorisation:
        """Return the authorisation."""
        return JudicialAuthorisation(**data)


def _check_receivers(receivers: Sequence[Party]) -> None:
    check_once([one.ref or one for one in receivers])


def _check_asked(items: Sequence[Raw]) -> None:
    """Check that nothing is asked twice, in other categories either."""
    check_once([(one["target"], one["period"]) for one in items])


class DemandAddresseeSchema(PresentSchema):
    """As what the order addresses us; members that it leaves open are left out."""

    capacity = fields.Enum(Capacity, by_value=True)
    processor_ground = fields.Enum(
        ProcessorGround,
        by_value=True,
        metadata={"description": "Why not the controller, if the order says so."},
    )
    is_suspect = Flag(metadata={"description": "The order is addressed to the suspect."})

    @validates_schema
    def check_ground(self, data: Raw, **_: Any) -> None:
        """Let only a processor have a ground."""
        if "processor_ground" in data and data.get("capacity") is not Capacity.PROCESSOR:
            raise ValidationError("Expected only with a processor.", "processor_ground")

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Addressee:
        """Return what was said."""
        return Addressee(**data)


class DemandHolderSchema(PresentSchema):
    """Who else holds the data, in words."""

    name = Text(200, required=True)
    function = Text(200)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Party:
        """Return the party."""
        return Party(**data)


class DemandEmergencySchema(PresentSchema):
    """That somebody claims an emergency: its lane is stricter and faster, the reason reviewed."""

    reason = fields.Enum(EmergencyReason, by_value=True, required=True)
    explanation = Text(2000, shortest=10, required=True)
    claimed_by = fields.Nested(DemandHolderSchema, required=True)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Emergency:
        """Return the claim."""
        return Emergency(**data)


class DemandContentSchema(PresentSchema):
    """What an authority asks, as it arrived."""

    format = fields.String(dump_default=FORMAT, validate=validate.Equal(FORMAT))
    agency = fields.Nested(DemandAgencyPartySchema, required=True)
    issuing_person = fields.Nested(DemandPersonPartySchema, required=True)
    issuing_role = fields.String(
        required=True,
        validate=validate.Regexp(r"[a-z][a-z0-9_.]{1,79}\Z", error="Expected a coded role."),
        metadata={"description": "A role of the legal catalogue, as nl.officier_van_justitie."},
    )
    validating_authority = fields.Nested(DemandOtherPartySchema)
    enforcing_authority = fields.Nested(DemandOtherPartySchema)
    contact = fields.Nested(DemandOtherPartySchema)
    receivers = fields.List(
        DemandReceiver(metadata=RECEIVER),
        required=True,
        validate=[validate.Length(0, MAX_RECEIVERS), _check_receivers],
        metadata={
            "description": "To whom the answer is encrypted. While the register knows none of them "
            "the list is empty or has words, and the demand is held."
        },
    )
    references = fields.List(
        fields.Nested(DemandReferenceSchema),
        validate=[validate.Length(0, MAX_REFERENCES), check_once],
    )
    legal_basis = fields.String(
        required=True,
        validate=validate.Regexp(_BASIS, error=NO_BASIS),
        metadata={"description": "A basis of the catalogue, as NL-SV-126n; an unknown one holds."},
    )
    order_date = Day(required=True)
    form = fields.Enum(Form, by_value=True, required=True)
    judicial_authorisation = fields.Nested(DemandAuthorisationSchema)
    items = fields.List(
        fields.Nested(DemandItemSchema),
        required=True,
        validate=[validate.Length(1, MAX_ITEMS), _check_asked],
    )
    addressee = fields.Nested(DemandAddresseeSchema)
    other_holders = fields.List(
        fields.Nested(DemandHolderSchema),
        validate=[validate.Length(0, MAX_HOLDERS), check_once],
        metadata={"description": "Who else holds the data, as far as the order or we know."},
    )
    states = fields.List(
        fields.String(validate=validate.OneOf(CONTENTS)),
        validate=[validate.Length(0, len(CONTENTS)), check_once],
        metadata={
            "description": "What the order states of what it has to, ticked by who read it. Left "
            "out while nobody has."
        },
    )
    offence = Text(1000, metadata={"description": "The offence, as the order states it."})
    preservation = fields.String(
        validate=validate.Regexp(r"c_[0-9a-f]{32}\Z", error="Expected the id of a demand."),
        metadata={"description": "The demand on which the data are kept, where it follows one."},
    )
    channel = fields.Enum(Channel, by_value=True, required=True)
    note = Text(4000)
    received_at = Instant(required=True, metadata={"description": "When it reached us."})
    due_at = Instant(metadata={"description": "By when the authority wants the answer."})
    lane = fields.Enum(
        Lane,
        by_value=True,
        metadata={"description": "sealed: known to cleared people only, from now on and for good."},
    )
    emergency = fields.Nested(DemandEmergencySchema)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> DemandContent:
        """Return the content, its items counted from 1."""
        data.pop("format", None)
        items = tuple(
            Item(n, one["target"], one["period"], tuple(one["categories"]), one.get("protection"))
            for n, one in enumerate(data.pop("items"), 1)
        )
        receivers = tuple(data.pop("receivers"))
        for name in ("references", "other_holders", "states"):
            if name in data:
                data[name] = tuple(data[name])
        return DemandContent(**data, items=items, receivers=receivers)


class OrderSchema(StrictSchema):
    """The order as it arrived."""

    sha256 = fields.String(required=True, metadata={"description": "Hexadecimal, over its bytes."})
    size = Count(required=True)
    media_type = fields.String(required=True)


class HoldSchema(StrictSchema):
    """Why a demand may not go on for now; its clock runs on."""

    code = fields.String(required=True)
    says = said(HOLDS, "code", ENGLISH)
    says_nl = said(HOLDS, "code", DUTCH)
    ref = fields.String(required=True, allow_none=True)


class UnprovenSchema(StrictSchema):
    """What the proof of where a demand comes from lacks, in words."""

    code = fields.String(required=True)
    nl = said(HOLDS, "code", DUTCH)
    en = said(HOLDS, "code", ENGLISH)


class HoldsSchema(StrictSchema):
    """Everything that keeps a demand from going on at this instant."""

    holds = fields.List(fields.Nested(HoldSchema), required=True)


class RecordedSchema(StrictSchema):
    """The answer to who recorded a demand; the same for each repeat of the request."""

    id = fields.String(required=True, attribute="demand_id")
    state = fields.Enum(State, by_value=True, required=True)
    version = Count(required=True)
    is_replay = Flag(required=True, metadata={"description": "It was recorded before."})
    received_at = Instant(required=True)
    recorded_at = Instant(required=True)
    holds = fields.List(fields.Nested(HoldSchema), required=True)
    lacks = fields.List(
        fields.Nested(UnprovenSchema),
        required=True,
        metadata={
            "description": "What its proof lacks: nothing leaves before that was assessed, whether "
            "or not something holds it besides."
        },
    )


class StandingSchema(StrictSchema):
    """Where a demand stands after a change."""

    id = fields.String(required=True)
    state = fields.Enum(State, by_value=True, required=True)
    version = Count(required=True)


class DemandSchema(StandingSchema):
    """A demand as it stands."""

    record_version = Count(
        required=True, metadata={"description": "The version at which the content was set."}
    )
    is_sealed = Flag(required=True, metadata={"description": "It is in the sealed lane."})
    content = fields.Nested(DemandContentSchema, required=True)
    order = fields.Nested(OrderSchema, required=True, allow_none=True)
    recorded_at = Instant(required=True)
    recorded_by = fields.String(required=True)
    elapsed_minutes = Count(required=True, allow_none=True, metadata=ELAPSED)


class DemandLineSchema(StrictSchema):
    """A demand in the list: it names nobody."""

    id = fields.String(required=True)
    state = fields.Enum(State, by_value=True, required=True)
    version = Count(required=True)
    order_date = Day(required=True)
    received_at = Instant(required=True)
    recorded_at = Instant(required=True)
    due_at = Instant(required=True, allow_none=True)
    elapsed_minutes = Count(required=True, allow_none=True, metadata=ELAPSED)


class DemandListArgs(PageArgs):
    """Which demands to list."""

    state = fields.Enum(State, by_value=True, load_default=None, allow_none=True)


class WithdrawalSchema(StrictSchema):
    """The authority takes its demand back."""

    by = Text(200, required=True, metadata={"description": "Who of the authority told us."})
    channel = fields.Enum(Channel, by_value=True, required=True)
    reason = fields.Enum(WithdrawalReason, by_value=True, required=True)
    note = Text(2000, shortest=10, load_default=None)


def load_demand(data: Json) -> DemandContent:
    """Read what was sent. Raises InvalidInput that names each place that is wrong."""
    content: DemandContent = load_form(DemandContentSchema, data)
    return content
