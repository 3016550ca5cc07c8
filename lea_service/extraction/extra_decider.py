"""When one more person has to agree to a plan: policy of the provider, not law.

The reasons are looked up for an instant, so that the worker finds those there were when the plan
was proposed, and not those of its own day.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy.orm import Session

from lea_service.agencies.queries import find_certificate
from lea_service.custody.replay import read_stream
from lea_service.demands.demand import Demand
from lea_service.demands.queries import (
    count_emergencies,
    find_emergency_since,
    region_of,
    was_emergency,
)
from lea_service.kernel.clock import day_of, start_of
from lea_service.legal.breadth import Breadth, breadths_of
from lea_service.legal.confirmations.queries import owes_confirmation
from lea_service.legal.times import was_oral

REASONS = "extra_decider"
"""Among the facts of a plan: why one more person has to agree."""
QUOTAS = "emergency_quotas"
"""Under this name ``Session.info`` has the quotas of the provider."""
KNOWN_FOR = timedelta(hours=24)
BULK_CATEGORY = "bulk_dataset"


class Reason(StrEnum):
    """Why one more person has to agree."""

    BULK = "bulk"
    UNCONFIRMED = "unconfirmed_before"
    YOUNG_KEY = "young_key"
    QUOTA = "quota"


@dataclass(frozen=True, slots=True)
class Quotas:
    """How many emergencies of an officer, and of an agency, a day takes without one more person."""

    officer: int = 3
    agency: int = 20


def list_reasons(
    session: Session, demand: Demand, certificates: Iterable[str], at: datetime
) -> list[str]:
    """Return why the plan of a demand takes one more person, by what was known ``at`` an instant.

    ``certificates`` are the fingerprints of those to whom the answer is encrypted.

    Bulk always does. An officer who left an order unconfirmed, as long as nobody has assessed
    that, needs one for what is given on their word alone; their written orders go on. In the
    emergency lane so does a key that we know for less than a day, and so do demands beyond the
    quotas of the day, also where nobody claims the emergency any more.
    """
    found: list[str] = []
    if is_bulk(demand, region_of(session)):
        found.append(Reason.BULK.value)
    officer = demand.issuing_person.ref
    is_emergency = was_emergency(session, demand.id, at)
    if is_emergency and _is_beyond_quota(session, demand):
        found.append(Reason.QUOTA.value)
    is_urgent = is_emergency or was_oral(demand, read_stream(session, demand.id))
    if is_emergency and _is_any_young(session, certificates, at):
        found.append(Reason.YOUNG_KEY.value)
    if is_urgent and officer and owes_confirmation(session, demand.id, officer, at):
        found.append(Reason.UNCONFIRMED.value)
    return sorted(found)


def _is_beyond_quota(session: Session, demand: Demand) -> bool:
    """Say whether a demand comes after as many emergencies of its day as the quotas let through.

    It comes when it becomes an emergency, be it by a correction.
    """
    quotas: Quotas = session.info.get(QUOTAS, Quotas())
    came = find_emergency_since(session, demand.id) or demand.recorded_at
    officer, agency = count_emergencies(
        session,
        demand.id,
        officer=demand.issuing_person.ref,
        agency=demand.agency.ref,
        since=start_of(day_of(came)),
        until=came,
    )
    return officer > quotas.officer or agency > quotas.agency


def _is_any_young(session: Session, certificates: Iterable[str], at: datetime) -> bool:
    known = [find_certificate(session, one) for one in certificates]
    return any(one is None or at - one.recorded_at < KNOWN_FOR for one in known)


def count_deciders(reasons: list[str]) -> int:
    """Return how many people beside the proposer have to agree."""
    return 2 if reasons else 1


def is_bulk(demand: Demand, region: str) -> bool:
    """Say whether a demand asks about many at once, by its targets or its categories."""
    breadths = breadths_of([one.target for one in demand.items], region)
    return any(one is not Breadth.ONE for one in breadths) or any(
        BULK_CATEGORY in one.categories for one in demand.items
    )
