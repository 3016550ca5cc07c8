"""A demand as it was asked: parties, references, targets, periods, categories."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from lea_service.demands.states import State
from lea_service.kernel.clock import day_of


class TargetKind(StrEnum):
    """What a demand may ask about."""

    PHONE_NUMBER = "phone_number"
    SIP_URI = "sip_uri"
    EMAIL = "email"
    CUSTOMER_NUMBER = "customer_number"
    IP_ADDRESS = "ip_address"
    PHONE_ID = "phone_id"
    TIME_AND_PLACE = "time_and_place"
    IMEI = "imei"
    IMSI = "imsi"
    ICCID = "iccid"
    MAC_ADDRESS = "mac_address"


OF_A_SOURCE = frozenset({TargetKind.PHONE_ID})
"""Kinds that mean something within one source only: extension 200 is somebody else elsewhere."""

OF_EQUIPMENT = frozenset(
    {TargetKind.IMEI, TargetKind.IMSI, TargetKind.ICCID, TargetKind.MAC_ADDRESS}
)
"""Kinds that name a telephone, a modem or the card in it; of each there is one in the world."""


OF_PLACE = frozenset({TargetKind.TIME_AND_PLACE})
"""Kinds that mean whoever was somewhere at a time: no record is searched for one."""
AT_AN_INSTANT = frozenset({TargetKind.IP_ADDRESS, TargetKind.TIME_AND_PLACE})
"""Kinds that may be about one instant alone."""


class Form(StrEnum):
    """How the order was given."""

    WRITTEN = "written"
    ORAL = "oral"


class Channel(StrEnum):
    """How the demand reached us."""

    PORTAL = "portal"
    EMAIL = "email"
    POST = "post"
    PHONE = "phone"
    IN_PERSON = "in_person"


class Lane(StrEnum):
    """How a demand goes through the house; the sealed lane is for cleared people only."""

    ORDINARY = "ordinary"
    SEALED = "sealed"


class EmergencyReason(StrEnum):
    """What is at stake, as whoever claims an emergency says."""

    LIFE = "threat_to_life"
    BODY = "physical_integrity"
    SAFETY = "safety_of_persons"
    INFRASTRUCTURE = "critical_infrastructure"


CATEGORIES = (
    "billing_payment",
    "bulk_dataset",
    "content_stored",
    "decryption_assistance",
    "device_identifiers",
    "identifying_admin",
    "ip_identification",
    "location",
    "number_and_service",
    "provider_chain",
    "sensitive",
    "subscriber_identity",
    "traffic_call_records",
    "usage_sessions",
)
"""The data categories of the legal catalogue."""

CONTENTS = (
    "addressee",
    "criminal_law_provisions",
    "data",
    "data_as_precisely_as_possible",
    "data_category",
    "data_requested",
    "dataset_description",
    "delivery_manner",
    "delivery_term",
    "emergency_reasons_if_any",
    "facts_meeting_conditions",
    "identifier",
    "issuing_authority",
    "legal_basis",
    "legal_basis_title",
    "location_if_applicable",
    "number_or_technical_feature",
    "offence_and_reasons",
    "offence_and_suspect_if_known",
    "period",
    "period_if_future_data",
    "person_or_identifier",
    "preservation_period",
    "processor_confirmation_if_any",
    "reference_to_main_order",
    "reference_to_rc_authorisation",
    "target_person_as_precisely_as_possible",
    "target_person_or_number",
    "terrorist_offence_and_facts",
    "time_of_order",
    "time_range_if_applicable",
    "times_and_places",
    "user_or_unique_identifier",
    "validating_authority_if_any",
    "whether_provider_chain_paragraph_applies",
)
"""What an order may have to state, as the legal catalogue knows it."""


class Capacity(StrEnum):
    """As what the order addresses us."""

    PROVIDER = "provider"
    CONTROLLER = "controller"
    PROCESSOR = "processor"
    RESELLER = "reseller"


class ProcessorGround(StrEnum):
    """Why an order goes to a processor and not to the controller, as it says itself."""

    CONTROLLER_UNKNOWN = "controller_unknown"
    CONTROLLER_HARMFUL = "controller_harmful"


class Protection(StrEnum):
    """As what somebody an item is about is protected; ``none`` when that was looked at."""

    NONE = "none"
    LAWYER = "lawyer"
    NOTARY = "notary"
    DOCTOR = "doctor"
    CLERGY = "clergy"
    SOURCE = "journalist_or_source"
    IMMUNITY = "immunity"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Target:
    """Whom or what an item asks about, as it was written; port and instant go with an address.

    A time and place has the place in words, and the instant where the order names one; else its
    time is the period of the item.
    ``source`` is the name of the source within which the value means something, for those kinds.
    """

    kind: TargetKind
    value: str
    port: int | None = None
    at: datetime | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Period:
    """A half-open span [start, end) of instants, and the zone in which it was stated.

    ``as_stated``: it does not end after it begins, and the order itself says so.
    """

    start: datetime
    end: datetime
    zone: str
    as_stated: bool = False


@dataclass(frozen=True, slots=True)
class Item:
    """One target in one period; each has its own outcome. ``n`` counts from 1.

    ``protection`` is None while nobody has said whether the person has a privilege.
    """

    n: int
    target: Target
    period: Period
    categories: tuple[str, ...]
    protection: Protection | None = None


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody named in a demand: an entry of the register (``ref``), or words only."""

    ref: str | None = None
    name: str | None = None
    function: str | None = None


@dataclass(frozen=True, slots=True)
class Reference:
    """A reference of the authority: ``case_number``, ``parketnummer``, ``magistrate_number``."""

    kind: str
    value: str


@dataclass(frozen=True, slots=True)
class Addressee:
    """As what the order addresses us, why a processor, and whether one of us is the suspect.

    None is what the order leaves open, or what nobody has read in it yet.
    """

    capacity: Capacity | None = None
    processor_ground: ProcessorGround | None = None
    is_suspect: bool | None = None


@dataclass(frozen=True, slots=True)
class Emergency:
    """That somebody claims an emergency: what is at stake, in their words, and who it is."""

    reason: EmergencyReason
    explanation: str
    claimed_by: Party


@dataclass(frozen=True, slots=True)
class OralAuthorisation:
    """That a judge authorised orally: who it was, when, and on which day it was written down.

    ``written_on`` is None while nobody told us that it is in writing.
    """

    given_by: str
    given_at: datetime
    written_on: date | None = None

    @property
    def given_on(self) -> date:
        """Return the day on which it was given, where the law counts days."""
        return day_of(self.given_at)


@dataclass(frozen=True, slots=True)
class JudicialAuthorisation:
    """The authorisation of a judge that the order rests on.

    One that was given orally may have no reference yet.
    """

    reference: str | None = None
    given_on: date | None = None
    oral: OralAuthorisation | None = None

    @property
    def day(self) -> date | None:
        """Return the day on which it was given, by what is known."""
        return self.given_on if self.oral is None else self.oral.given_on

    @property
    def written_on(self) -> date | None:
        """Return the day on which an oral one was written down; None where nobody told us."""
        return None if self.oral is None else self.oral.written_on


@dataclass(frozen=True, slots=True)
class OrderDocument:
    """The order as it arrived: SHA-256 (hex) over its bytes, and their number."""

    sha256: str
    size: int
    media_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DemandContent:
    """What one version of the record says.

    ``receivers`` are people (``p_``) and desks (``d_``) of the register, or words while it does
    not know them. ``due_at`` is by when the authority wants the answer, where it says so. ``lane``
    is what was typed: an order of an intelligence service is in the sealed lane whatever it says.
    ``other_holders`` are who else holds the data, ``states`` what the order states of what it has
    to (None while nobody has looked), ``offence`` the offence in its own words, ``preservation``
    the earlier demand on which the data are kept, where the order follows one.
    """

    agency: Party
    issuing_person: Party
    issuing_role: str
    validating_authority: Party | None = None
    enforcing_authority: Party | None = None
    contact: Party | None = None
    receivers: tuple[Party, ...]
    references: tuple[Reference, ...] = ()
    legal_basis: str
    order_date: date
    form: Form
    judicial_authorisation: JudicialAuthorisation | None = None
    items: tuple[Item, ...]
    addressee: Addressee | None = None
    other_holders: tuple[Party, ...] = ()
    states: tuple[str, ...] | None = None
    offence: str | None = None
    preservation: str | None = None
    channel: Channel
    note: str | None = None
    received_at: datetime
    due_at: datetime | None = None
    lane: Lane | None = None
    emergency: Emergency | None = None

    @property
    def is_authorised_orally(self) -> bool:
        """Say whether a judge authorised it orally, whatever was written down since."""
        given = self.judicial_authorisation
        return given is not None and given.oral is not None

    @property
    def receiver_ids(self) -> tuple[str, ...]:
        """Return the receivers that are given as an entry of the register."""
        return tuple(one.ref for one in self.receivers if one.ref is not None)

    @property
    def names_validation(self) -> bool:
        """Say whether it names, as an entry of the register, who validated the order."""
        return self.validating_authority is not None and self.validating_authority.ref is not None


def parties_of(content: DemandContent) -> tuple[str, ...]:
    """Return whom of the register a demand names: agencies, people and desks."""
    parties = [
        content.agency,
        content.issuing_person,
        content.validating_authority,
        content.enforcing_authority,
        content.contact,
    ]
    refs = {one.ref for one in parties if one is not None and one.ref is not None}
    return tuple(sorted(refs | set(content.receiver_ids)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand(DemandContent):
    """A whole demand, opened: its newest record and where it stands.

    ``version`` counts every change; ``record_version`` is the one at which the content was set.
    ``elapsed_minutes`` is how long an emergency was here when it was looked at. ``is_sealed``: it
    is in the sealed lane, whatever lane was typed.
    """

    id: str
    state: State
    version: int
    record_version: int = 1
    order: OrderDocument | None
    recorded_at: datetime
    recorded_by: str
    elapsed_minutes: int | None = None
    is_sealed: bool = False

    @property
    def content(self) -> DemandContent:
        """Return the part that the authority's demand says."""
        return self


@dataclass(frozen=True, slots=True)
class Hold:
    """Why a demand may not go on for now; ``ref`` is the id of what is in doubt, if it has one."""

    code: str
    ref: str | None = None
