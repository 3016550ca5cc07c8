"""When an order was given and came, by all that its records ever said of it. Pure decisions.

One person types it. So what is let go from it on counts from the latest that was stated, and what
is due or owed from the earliest, until a second person agreed to what the newest record says.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from lea_service.custody.replay import Entered, Stream
from lea_service.demands.audit import RECORDED, STATES_DATE, STATES_RECEIPT
from lea_service.demands.demand import Demand
from lea_service.kernel.canonical import Json
from lea_service.kernel.clock import day_of, format_instant, parse_instant
from lea_service.legal.basis import Basis
from lea_service.legal.counting import AT_MOST
from lea_service.legal.deadlines import waits_for_authority
from lea_service.legal.findings import Finding, make_finding
from lea_service.legal.working_days import ONE_DAY, WorkingDays

ACCEPTED = "demand.finding_accepted"
OTHERWISE, LATE = "dates.received_otherwise", "dates.recorded_late"
ORDERED_OTHERWISE = "dates.ordered_otherwise"
SENT_OTHERWISE = "dates.sent_otherwise"
SKEW, UNDERWAY = timedelta(minutes=5), timedelta(days=1)
"""So much before or after a mail says that it was sent it may have come: figures of our own."""


@dataclass(frozen=True, slots=True)
class Receipts:
    """When an order came: as the newest record states, the first and the last ever stated.

    ``recorded_at`` is when it was first recorded: later than that it did not come.
    """

    stated: datetime
    first: datetime
    last: datetime
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class OrderDates:
    """What day an order bears: as the newest record states, the first and the last ever stated."""

    stated: date
    first: date
    last: date


def find_order_dates(demand: Demand, entries: Stream) -> OrderDates:
    """Return what the records of a demand say of the date of its order, as its entries have it.

    A day that was still to come when it was typed is none: it would keep a freeze for years.
    """
    recorded, stated = [*entries.of(*RECORDED)], demand.order_date
    if _is_agreed(entries, recorded, ORDERED_OTHERWISE):
        return OrderDates(stated, stated, stated)
    told = (one for one in recorded if STATES_DATE in one.facts)
    days = [(date.fromisoformat(one.facts[STATES_DATE]), parse_instant(one.at)) for one in told]
    ever = [stated, *(day for day, typed_at in days if day <= day_of(typed_at))]
    return OrderDates(stated, min(ever), max(ever))


def find_receipts(demand: Demand, entries: Stream) -> Receipts:
    """Return what the records of a demand say of its receipt, as its entries have it.

    Of the sealed lane the entries do not say which findings were accepted: there every record
    counts.
    """
    recorded = [*entries.of(*RECORDED)]
    recorded_at = parse_instant(recorded[0].at) if recorded else demand.recorded_at
    stated = demand.received_at
    if _is_agreed(entries, recorded, OTHERWISE):
        return Receipts(stated, stated, stated, recorded_at)
    told = (one.facts.get(STATES_RECEIPT) for one in recorded)
    ever = [stated, *(parse_instant(one) for one in told if one is not None)]
    return Receipts(stated, min(ever), max(ever), recorded_at)


def find_doubts(receipts: Receipts, basis: Basis | None, working: WorkingDays) -> Iterator[Finding]:
    """Yield what a second person looks at before the receipt of a demand counts as it is stated.

    An order that came after hours, or before free days, is recorded on the next working day.
    """
    if basis is None:
        return
    does_wait = waits_for_authority(basis)
    is_later = receipts.first < receipts.stated and _is_counted(basis)
    if is_later or (does_wait and receipts.stated < receipts.last):
        yield make_finding(OTHERWISE)
    in_time = working.first_from(day_of(receipts.stated) + ONE_DAY)
    if does_wait and day_of(receipts.recorded_at) > in_time:
        seen: dict[str, Json] = {
            "recorded_on": f"{day_of(receipts.recorded_at)}",
            "in_time": f"{in_time}",
        }
        yield make_finding(LATE, seen=seen)


def find_sent_doubts(
    received_at: datetime, sent_at: datetime | None, basis: Basis | None
) -> Iterator[Finding]:
    """Yield a question where a mail says that it was sent at another time than it came.

    Whoever sent it wrote that, so that it decides nothing.
    """
    if basis is None or sent_at is None or not (waits_for_authority(basis) or _is_counted(basis)):
        return
    if not sent_at - SKEW <= received_at <= sent_at + UNDERWAY:
        seen: dict[str, Json] = {
            "sent_at": format_instant(sent_at),
            "received_at": format_instant(received_at),
        }
        yield make_finding(SENT_OTHERWISE, seen=seen)


def find_date_doubts(dates: OrderDates, basis: Basis | None, *, is_owed: bool) -> Iterator[Finding]:
    """Yield what a second person looks at before the date of an order counts as it is stated.

    ``is_owed``: its writing or validation is to come, and counts from there.
    """
    if basis is None:
        return
    is_kept = basis.preservation is not None and basis.preservation.rule == AT_MOST
    if (is_owed and dates.first < dates.stated) or (is_kept and dates.stated < dates.last):
        yield make_finding(ORDERED_OTHERWISE)


def _is_counted(basis: Basis) -> bool:
    terms = (basis.response, basis.emergency_response)
    return any(one is not None and one.rule == AT_MOST for one in terms)


def _is_agreed(entries: Stream, recorded: Sequence[Entered], code: str) -> bool:
    """Say whether a second person agreed to what the newest record says."""
    return bool(recorded) and any(
        code in one.facts.get("findings", {}) and one.idx > recorded[-1].idx
        for one in entries.of(ACCEPTED)
    )
