"""Reads everything that bears on the decision on a plan, at one instant."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from lea_service.agencies.queries import (
    AgencyView,
    PersonView,
    find_agency,
    find_certificate,
    find_desk,
    find_person,
)
from lea_service.agencies.queries import find_name as find_registered_name
from lea_service.custody.replay import read_stream
from lea_service.demands.demand import Demand, Hold
from lea_service.demands.queries import current_holds, elapsed_minutes, get_demand
from lea_service.extraction.document import read_plan
from lea_service.extraction.plan import Plan, PlanReceiver
from lea_service.extraction.queries import PreviewView, find_preview, is_current_plan
from lea_service.kernel.datakeys import DataKeys
from lea_service.kernel.phrases import Phrases
from lea_service.legal.authenticity.shown import AuthenticityView, view_authenticity
from lea_service.legal.basis import Basis
from lea_service.legal.clarification_queries import ClarificationView, list_clarifications
from lea_service.legal.deadlines import Deadline, list_deadlines
from lea_service.legal.narrowing.queries import NarrowingView, list_narrowings
from lea_service.legal.narrowing.told import Told
from lea_service.legal.order_comparison import OrderCheck
from lea_service.legal.queries import (
    AssessmentView,
    open_assessment,
)
from lea_service.legal.times import collect_times
from lea_service.legal.working_days import WorkingDays
from lea_service.staff.people_queries import find_name as find_staff_name
from lea_service.staff.reach.queries import find_open_alarm

FindTold = Callable[[Session, DataKeys, str], Told | None]
"""Returns the newest letter about what of a demand is not given."""


@dataclass(frozen=True, slots=True)
class ReceiverLine:
    """Somebody a package goes to, and whether the key it is encrypted to counts."""

    id: str
    name: str | None
    certificate: str
    is_valid: bool


@dataclass(frozen=True, slots=True)
class PlanCase:
    """A plan with its demand, and all that was found, asked and said about it.

    ``roles`` are the words for those who may issue an order. ``minutes`` is how long an emergency
    is here; None where nobody claims one. ``few_since`` is since when too few approvers can be
    reached, if that is so. ``told`` is the newest letter about what is not given.
    """

    demand: Demand
    minutes: int | None
    agency: AgencyView | None
    person: PersonView | None
    roles: Phrases
    basis: Basis | None
    plan: Plan
    is_current: bool
    preview: PreviewView | None
    receivers: tuple[ReceiverLine, ...]
    assessment: AssessmentView | None
    authenticity: AuthenticityView
    narrowings: tuple[NarrowingView, ...]
    clarifications: tuple[ClarificationView, ...]
    holds: tuple[Hold, ...]
    deadlines: tuple[Deadline, ...]
    few_since: datetime | None
    told: Told | None


@dataclass(frozen=True, slots=True)
class Law:
    """By what a demand is judged: the catalogue with its comparisons, and the working days.

    ``find_told`` returns what its authority was told is not given.
    """

    orders: OrderCheck
    working: WorkingDays
    find_told: FindTold


def load_case(
    session: Session, keys: DataKeys, plan_id: str, document: Any, law: Law, now: datetime
) -> PlanCase:
    """Return what bears on the decision on a plan. Raises NotFound, Unavailable, InvalidInput."""
    plan = read_plan(document)
    demand = get_demand(session, keys, plan.demand)
    basis = law.orders.catalogue.find_basis(demand.legal_basis, demand.order_date)
    agency, person = demand.agency.ref, demand.issuing_person.ref
    alarm = find_open_alarm(session)
    return PlanCase(
        demand=demand,
        minutes=elapsed_minutes(demand.received_at, now) if demand.emergency else None,
        agency=find_agency(session, keys, agency) if agency else None,
        person=find_person(session, keys, person) if person else None,
        roles=_roles(law.orders.catalogue.codes),
        basis=basis,
        plan=plan,
        is_current=is_current_plan(session, plan_id),
        preview=find_preview(session, keys, plan_id),
        receivers=tuple(_receivers(session, keys, plan.receivers, now)),
        assessment=open_assessment(session, keys, demand.id),
        authenticity=view_authenticity(session, keys, demand, None, law.orders, now),
        narrowings=list_narrowings(session, keys, demand.id),
        clarifications=list_clarifications(session, keys, demand.id),
        holds=current_holds(session, keys, demand.id, now),
        deadlines=_deadlines(session, demand, basis, law.working, now),
        few_since=alarm.began_at if alarm else None,
        told=law.find_told(session, keys, demand.id),
    )


def _roles(codes: Mapping[str, Any]) -> Phrases:
    return {code: (role["nl"], role["en"]) for code, role in codes["roles"].items()}


def find_names(session: Session, keys: DataKeys, ids: Iterable[str]) -> dict[str, str]:
    """Return the names behind the ids of agencies, people, desks and staff, as far as known."""
    found = ((one, _find_name(session, keys, one)) for one in ids)
    return {one: name for one, name in found if name is not None}


def _find_name(session: Session, keys: DataKeys, one: str) -> str | None:
    find = find_staff_name if one.startswith("s_") else find_registered_name
    return find(session, keys, one)


def _receivers(
    session: Session, keys: DataKeys, receivers: tuple[PlanReceiver, ...], now: datetime
) -> Iterator[ReceiverLine]:
    for one in receivers:
        find = find_desk if one.id.startswith("d_") else find_person
        holder = find(session, keys, one.id)
        found = find_certificate(session, one.certificate)
        is_valid = (
            found is not None
            and found.holder == one.id
            and found.revoked_at is None
            and found.not_before <= now < found.not_after
        )
        yield ReceiverLine(one.id, holder.name if holder else None, one.certificate, is_valid)


def _deadlines(
    session: Session, demand: Demand, basis: Basis | None, working: WorkingDays, now: datetime
) -> tuple[Deadline, ...]:
    if basis is None:
        return ()
    times = collect_times(demand, read_stream(session, demand.id))
    return tuple(list_deadlines(basis, times, working, now))
