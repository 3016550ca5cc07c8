"""What a person is shown of where a demand comes from: what was seen, and whom to call."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from lea_service.agencies.queries import ContactView, list_contacts
from lea_service.demands.demand import Demand, TargetKind
from lea_service.kernel.datakeys import DataKeys
from lea_service.legal.authenticity.lacking import Lack, list_lacks
from lea_service.legal.authenticity.observations import Observation
from lea_service.legal.authenticity.policy import Verdict, count_sights, judge
from lea_service.legal.authenticity.queries import (
    CallBackView,
    PolicyView,
    observe_now,
    open_calls,
    open_report,
    view_policy,
)
from lea_service.legal.authenticity.register import list_phone_contacts
from lea_service.legal.order_comparison import OrderCheck
from lea_service.legal.order_text import OrderText
from lea_service.legal.proposals import ProposalKind, list_dialled
from lea_service.legal.queries import find_assessment


@dataclass(frozen=True, slots=True)
class StruckNumber:
    """A number that the order itself names, and that nobody calls back on its word.

    ``is_in_register``: the register has the same one, found in another way.
    """

    value: str
    page: int
    line: int
    is_in_register: bool


@dataclass(frozen=True, slots=True)
class AuthenticityView:
    """Everything seen of where a demand comes from, and what the policy makes of it now.

    ``lacks`` is what stands in the way, ``contacts`` are the numbers to call, ``struck`` those that
    stand in the order.
    """

    demand_id: str
    verdict: Verdict
    lacks: tuple[Lack, ...]
    policy: PolicyView
    observations: tuple[Observation, ...]
    contacts: tuple[ContactView, ...]
    struck: tuple[StruckNumber, ...]
    calls: tuple[CallBackView, ...]


def view_authenticity(
    session: Session,
    keys: DataKeys,
    demand: Demand,
    text: OrderText | None,
    orders: OrderCheck,
    now: datetime,
) -> AuthenticityView:
    """Return what is known of where a demand comes from. Raises Unavailable."""
    agency, person = demand.agency.ref, demand.issuing_person.ref
    live = observe_now(
        session,
        demand.id,
        record_version=demand.record_version,
        agency=agency,
        person=person,
        now=now,
    )
    assessed = find_assessment(session, demand.id)
    seen = open_report(session, keys, assessed.id) if assessed else []
    policy = view_policy(session)
    contacts = _contacts(session, keys, agency, person)
    sights = count_sights(policy.policy, [*live, *seen])
    verdict = judge(policy.policy, sights)
    return AuthenticityView(
        demand_id=demand.id,
        verdict=verdict,
        lacks=list_lacks(verdict, sights),
        policy=policy,
        observations=(*live, *seen),
        contacts=contacts,
        struck=tuple(_struck(demand, text or OrderText(), contacts, orders)),
        calls=tuple(open_calls(session, keys, demand.id)),
    )


def _contacts(
    session: Session, keys: DataKeys, agency: str | None, person: str | None
) -> tuple[ContactView, ...]:
    numbers = {one.id for one in list_phone_contacts(session, agency, person)}
    known = list_contacts(session, keys, agency) if agency and numbers else []
    return tuple(one for one in known if one.id in numbers)


def _struck(
    demand: Demand, text: OrderText, contacts: Collection[ContactView], orders: OrderCheck
) -> Iterator[StruckNumber]:
    """Yield the numbers of the order that the demand does not ask about, once each."""

    def form(value: str) -> str | None:
        return orders.normalise(TargetKind.PHONE_NUMBER, value)

    known = {form(one.value) for one in contacts}
    seen = {form(item.target.value) for item in demand.items}
    for one in orders.propose(text).of(ProposalKind.PHONE_NUMBER):
        if one.form not in seen:
            yield StruckNumber(one.value, one.page, one.line, one.form in known)
        seen.add(one.form)
    for value, page, line in list_dialled(text.pages, orders.region):
        dialled = form(value) or value
        if dialled not in seen:
            yield StruckNumber(value, page, line, dialled in known)
        seen.add(dialled)
