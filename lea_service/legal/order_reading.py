"""What the text of an order says, beside what was typed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lea_service.demands.demand import Demand
from lea_service.legal.catalogue import Catalogue
from lea_service.legal.order_comparison import (
    OrderCheck,
    Typed,
    is_in_order,
    typed_order,
    typed_period,
    typed_target,
)
from lea_service.legal.order_observations import Observation, say
from lea_service.legal.order_text import OrderText
from lea_service.legal.proposals import Proposal
from lea_service.legal.written_order import WrittenOrder


@dataclass(frozen=True, slots=True)
class ObservationView:
    """Something odd about the document, in Dutch and English."""

    code: Observation
    nl: str
    en: str


@dataclass(frozen=True, slots=True)
class TypedView:
    """A value that was typed and whether the order has it; ``item`` is None outside the items."""

    item: int | None
    kind: str
    value: str
    is_in_order: bool


@dataclass(frozen=True, slots=True)
class OrderReadingView:
    """What an order seems to ask, beside what was typed. Nothing of it is kept.

    ``is_whole`` is False where there was more in the order than was looked at.
    """

    demand_id: str
    has_document: bool
    pages: int
    observations: tuple[ObservationView, ...]
    proposals: tuple[Proposal, ...]
    is_whole: bool
    typed: tuple[TypedView, ...]


def view_reading(demand: Demand, text: OrderText | None, orders: OrderCheck) -> OrderReadingView:
    """Return what the text of an order says, and where what was typed stands in it."""
    read = OrderText() if text is None else text
    proposals = orders.propose(read)
    order = WrittenOrder(read.pages, proposals, orders.normalise)
    said = [ObservationView(one, say(one).nl, say(one).en) for one in read.observations]
    return OrderReadingView(
        demand_id=demand.id,
        has_document=text is not None,
        pages=len(read.pages),
        observations=tuple(said),
        proposals=proposals.found,
        is_whole=proposals.is_whole,
        typed=tuple(_typed(demand, order, orders.catalogue)),
    )


def _typed(demand: Demand, order: WrittenOrder, catalogue: Catalogue) -> Iterator[TypedView]:
    for typed in typed_order(demand):
        is_there = is_in_order(typed, demand, order, catalogue)
        yield _view(None, typed, is_in_order=is_there)
    for item in demand.items:
        target, period = typed_target(item.target), typed_period(item.period)
        yield _view(item.n, target, is_in_order=order.names(item.target))
        yield _view(item.n, period, is_in_order=order.has_period(item.period))
    for one in demand.references:
        is_there = order.has_reference(one.kind, one.value)
        yield _view(None, Typed(one.kind, one.value), is_in_order=is_there)


def _view(item: int | None, typed: Typed, *, is_in_order: bool) -> TypedView:
    return TypedView(item, typed.kind, typed.value, is_in_order)
