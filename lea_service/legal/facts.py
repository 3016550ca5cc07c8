"""What the checks look at: facts of a demand and of who sent it, without a name or a number."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from lea_service.kernel.clock import day_of

LAST_INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class ItemFacts:
    """One item: the days its period begins and ends on, in the zone it was stated in.

    ``ends_at`` is the first instant that is not asked for.
    ``breadth`` is a code of ``legal.breadth``, ``protection`` one of the catalogue.
    """

    n: int
    target_kind: str
    has_instant: bool
    starts_on: date
    last_on: date
    ends_at: datetime
    is_reversed: bool
    categories: tuple[str, ...]
    breadth: str = "one"
    protection: str | None = None


@dataclass(frozen=True, slots=True)
class AgencyFacts:
    """What the register says of the agency."""

    country: str
    roles: tuple[str, ...]
    is_suspended: bool


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """What the register says of the issuing person."""

    roles: tuple[str, ...]
    is_suspended: bool
    is_of_agency: bool


@dataclass(frozen=True, slots=True)
class ValidatorFacts:
    """What the register says of who validated the order; nothing of whom it has in words only."""

    roles: tuple[str, ...] = ()
    country: str | None = None
    is_suspended: bool = False


@dataclass(frozen=True, slots=True)
class KeptFacts:
    """The preservation that a demand follows: one of the agency that holds, and what it lacks.

    ``not_kept`` are the items that ask for more than is kept.
    """

    is_kept: bool
    not_kept: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Authorisation:
    """An authorisation the order names, and its day if that is stated.

    ``is_oral``: it was given orally; ``written_on`` is the day on which that was written down, and
    ``is_after_receipt`` says that the judge spoke only once the order had reached us.
    """

    given_on: date | None
    is_oral: bool = False
    written_on: date | None = None
    is_after_receipt: bool = False


@dataclass(frozen=True, slots=True)
class EmergencyFacts:
    """A claimed emergency, and how many people of ours confirmed the demand independently.

    ``reason`` is None where the newest record claims none any more, or where only another demand
    of the same order or document does.
    """

    reason: str | None
    confirmations: int = 0

    @property
    def stands(self) -> bool:
        """Say whether the newest record claims it."""
        return self.reason is not None


@dataclass(frozen=True, slots=True)
class DemandFacts:
    """Everything a check may know. Who is not in the register is None.

    ``validator`` is None where the demand names nobody who validated it, ``is_source_protected``,
    ``capacity``, ``is_addressee_suspect`` and ``states`` while nobody has said so. ``same_order``
    and ``same_document`` are the other demands that record the same. ``asks_about_own``:
    one of those who ask has an identifier that is asked about. ``kept`` is None where the demand
    names no preservation that it follows.
    """

    legal_basis: str
    issuing_role: str
    form: str
    has_order: bool
    order_date: date
    received_at: datetime
    authorisation: Authorisation | None
    validator: ValidatorFacts | None
    agency: AgencyFacts | None
    person: PersonFacts | None
    items: tuple[ItemFacts, ...]
    is_source_protected: bool | None = None
    capacity: str | None = None
    processor_ground: str | None = None
    is_addressee_suspect: bool | None = None
    other_holders: int = 0
    states: frozenset[str] | None = None
    has_offence: bool = False
    same_order: tuple[str, ...] = ()
    same_document: tuple[str, ...] = ()
    asks_about_own: bool = False
    kept: KeptFacts | None = None
    emergency: EmergencyFacts | None = None
    is_sealed: bool = False

    @property
    def claims_emergency(self) -> bool:
        """Say whether the newest record claims one: what the law lets wait then may wait."""
        return self.emergency is not None and self.emergency.stands

    @property
    def received_on(self) -> date:
        """Return the day on which the order reached us, where the law counts it."""
        return day_of(self.received_at)

    @property
    def categories(self) -> frozenset[str]:
        """Return every category that some item asks for."""
        return frozenset(code for item in self.items for code in item.categories)

    @property
    def reaches_past_order(self) -> bool:
        """Say whether some period is later than the order."""
        return any(item.last_on > self.order_date for item in self.items)


def item_facts(
    n: int,
    *,
    target_kind: str,
    has_instant: bool,
    start: datetime,
    end: datetime,
    zone: str,
    categories: tuple[str, ...],
    breadth: str = "one",
    protection: str | None = None,
) -> ItemFacts:
    """Return the facts of one item; ``end`` is the first instant that is not asked for."""
    place = ZoneInfo(zone)
    return ItemFacts(
        n=n,
        target_kind=target_kind,
        has_instant=has_instant,
        starts_on=day_of(start, place),
        last_on=day_of(end - LAST_INSTANT, place),
        ends_at=end,
        is_reversed=end <= start,
        categories=categories,
        breadth=breadth,
        protection=protection,
    )
