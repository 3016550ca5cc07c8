"""Reads of the hand-over: for receivers what is theirs, for us what became of each package."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session

from lea_service.agencies.queries import desks_of, find_certificate
from lea_service.custody.entries import load_entry
from lea_service.custody.queries import list_stream
from lea_service.delivery.models import Delivery, DeliveryReceiver, Receipt
from lea_service.demands.models import Demand
from lea_service.demands.states import State
from lea_service.kernel.clock import parse_instant
from lea_service.kernel.datakeys import RESULT, DataKey
from lea_service.kernel.errors import NotFound
from lea_service.packaging.models import Package

GOING_ON = frozenset(
    {
        State.CONTINUING,
        State.EXTRACTING,
        State.SEALING,
        State.READY,
        State.HALTED,
        State.DELIVERED,
    }
)
"""States in which a receipt may be awaited: of what was given, with more to come or without."""
OPEN_STATES = GOING_ON | {State.ACKNOWLEDGED}
FETCHED = "package.fetched"
FETCH_REFUSED = "package.fetch_refused"


@dataclass(frozen=True, slots=True)
class CollectView:
    """A package as its receiver sees it; ``is_open`` while it can be fetched."""

    package: str
    demand: str
    state: str
    size: int
    sha256: str
    available_at: datetime
    pick_up_by: datetime
    receipt_at: datetime | None
    is_open: bool


@dataclass(frozen=True, slots=True)
class Fetch:
    """Somebody began to fetch a package."""

    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class DeliveryView:
    """A package that was made available, with who fetched it and who gave a receipt."""

    package: str
    demand: str
    receivers: tuple[str, ...]
    available_at: datetime
    pick_up_by: datetime
    fetches: tuple[Fetch, ...]
    receipt: str | None
    receipt_by: str | None
    receipt_at: datetime | None


@dataclass(frozen=True, slots=True)
class Overdue:
    """A package without a receipt after its pick-up term."""

    package: str
    demand: str
    pick_up_by: datetime


def fetch_view(package_id: str) -> str:
    """Return the name under which a fetch is entered."""
    return f"fetch/{package_id}"


def receivers_of(session: Session, package_id: str) -> tuple[str, ...]:
    """Return for whom a package is, sorted."""
    query = select(DeliveryReceiver.receiver).where(DeliveryReceiver.package_id == package_id)
    return tuple(sorted(session.scalars(query)))


def list_collectable(
    session: Session, person_id: str, after: str | None, limit: int
) -> list[CollectView]:
    """Return what was made available to a person or to their desks, by package id."""
    query = _collect(session, person_id).order_by(Delivery.package_id).limit(limit)
    if after is not None:
        query = query.where(Delivery.package_id > after)
    return [_view_collect(*row) for row in session.execute(query)]


def get_collectable(session: Session, person_id: str, package_id: str) -> CollectView:
    """Return one package of a person. Raises NotFound, also for what is somebody else's."""
    query = _collect(session, person_id).where(Delivery.package_id == package_id)
    found = session.execute(query).one_or_none()
    if found is None:
        raise NotFound("no such package")
    return _view_collect(*found)


def ids_of(session: Session, person_id: str) -> frozenset[str]:
    """Return under what a person of an agency is named: as themselves, and as the desks they read.

    What is for a desk is for whoever reads its mailbox now.
    """
    return frozenset({person_id, *desks_of(session, person_id)})


def readers_of(session: Session, person_id: str, package_id: str) -> set[str]:
    """Return by what a person may fetch a package: as its receiver, or by desks they read."""
    return {person_id} | (ids_of(session, person_id) & set(receivers_of(session, package_id)))


def was_revoked(session: Session, person_id: str, package_id: str) -> bool:
    """Say whether we ended our trust in a certificate by which a person would open a package."""
    mine = ids_of(session, person_id)
    package = session.get_one(Package, package_id)
    found = [find_certificate(session, one) for one in package.receivers]
    return any(one is not None and one.holder in mine and one.revoked_at for one in found)


def list_deliveries(session: Session, demand_id: str) -> list[DeliveryView]:
    """Return the deliveries of a demand, oldest first."""
    query = (
        select(Delivery, Receipt)
        .outerjoin(Receipt, Receipt.package_id == Delivery.package_id)
        .where(Delivery.demand_id == demand_id)
        .order_by(Delivery.available_at, Delivery.package_id)
    )
    fetches = list(_list_fetches(session, demand_id))
    return [
        DeliveryView(
            package=row.package_id,
            demand=row.demand_id,
            receivers=receivers_of(session, row.package_id),
            available_at=row.available_at,
            pick_up_by=row.pick_up_by,
            fetches=tuple(one for view, one in fetches if view == fetch_view(row.package_id)),
            receipt=receipt.id if receipt else None,
            receipt_by=receipt.person_id if receipt else None,
            receipt_at=receipt.received_at if receipt else None,
        )
        for row, receipt in session.execute(query)
    ]


def was_fetched(session: Session, demand_id: str, package_id: str) -> bool:
    """Say whether the log holds that anybody began to fetch a package."""
    return any(view == fetch_view(package_id) for view, _ in _list_fetches(session, demand_id))


def list_overdue(session: Session, now: datetime, after: str | None, limit: int) -> list[Overdue]:
    """Return packages past their pick-up term that wait for a receipt, by package id."""
    query = (
        select(Delivery)
        .join(Demand, Demand.id == Delivery.demand_id)
        .outerjoin(Receipt, Receipt.package_id == Delivery.package_id)
        .where(
            Delivery.pick_up_by < now,
            Receipt.id.is_(None),
            Demand.state.in_([one.value for one in GOING_ON]),
        )
        .order_by(Delivery.package_id)
        .limit(limit)
    )
    if after is not None:
        query = query.where(Delivery.package_id > after)
    return [
        Overdue(row.package_id, row.demand_id, row.pick_up_by) for row in session.scalars(query)
    ]


def iter_overdue(session: Session, now: datetime, page: int = 1000) -> Iterator[Overdue]:
    """Yield every package that ``list_overdue`` would list, ``page`` read at a time."""
    after = None
    while found := list_overdue(session, now, after, page):
        yield from found
        after = found[-1].package


def list_acknowledged(session: Session, now: datetime, *, grace: timedelta) -> list[str]:
    """Return the demands with a receipt whose package has not to be there any more."""
    query = (
        select(Demand.id)
        .join(Receipt, Receipt.demand_id == Demand.id)
        .where(Demand.state == State.ACKNOWLEDGED.value, Receipt.received_at <= now - grace)
    )
    ends = {one: kept_until(session, one, grace=grace) for one in sorted(session.scalars(query))}
    return [one for one, until in ends.items() if until is None or until <= now]


def kept_until(session: Session, demand_id: str, *, grace: timedelta) -> datetime | None:
    """Return until when the packages of a demand have to be there; None if none was handed over.

    For each that is the end of its pick-up term, or of the grace after a receipt. What is for
    several is there for its term in any case: the receipt of one says nothing of the others.
    """
    query = (
        select(Delivery, Receipt.received_at)
        .outerjoin(Receipt, Receipt.package_id == Delivery.package_id)
        .where(Delivery.demand_id == demand_id)
    )
    found = session.execute(query).all()
    ends = [_kept_until(session, *one, grace=grace) for one in found]
    return max(ends, default=None)


def list_finished(
    session: Session, now: datetime, *, grace: timedelta, package_id: str | None = None
) -> list[tuple[str, str]]:
    """Return demand and package of what was received and has not to be there any more.

    The demand is still open: another package of it has to be there, or more is to come. Only one
    package is looked at where its id is given.
    """
    query = (
        select(Delivery, Receipt.received_at)
        .join(Receipt, Receipt.package_id == Delivery.package_id)
        .join(Demand, Demand.id == Delivery.demand_id)
        .join(Package, Package.id == Delivery.package_id)
        .join(DataKey, _is_key_of(Package.run_id))
        .where(
            Demand.state.in_([one.value for one in OPEN_STATES]),
            DataKey.destroyed_at.is_(None),
            Receipt.received_at <= now - grace,
        )
        .order_by(Delivery.package_id)
    )
    if package_id is not None:
        query = query.where(Delivery.package_id == package_id)
    return [
        (delivery.demand_id, delivery.package_id)
        for delivery, received_at in session.execute(query)
        if _kept_until(session, delivery, received_at, grace=grace) <= now
    ]


def _kept_until(
    session: Session, delivery: Delivery, received_at: datetime | None, *, grace: timedelta
) -> datetime:
    if received_at is None:
        return delivery.pick_up_by
    is_for_several = len(receivers_of(session, delivery.package_id)) > 1
    return max(received_at + grace, delivery.pick_up_by if is_for_several else received_at)


def list_erasable(session: Session) -> list[str]:
    """Return closed demands none of whose packages waits for a receipt."""
    query = select(Demand.id).where(Demand.state == State.CLOSED.value, ~_waits())
    return sorted(session.scalars(query))


def waits_for_receipt(session: Session, demand_id: str) -> bool:
    """Say whether a package of the demand was made available and has no receipt."""
    query = select(Demand.id).where(Demand.id == demand_id, _waits())
    return session.scalar(query) is not None


def list_erased(session: Session, demand_ids: Iterable[str]) -> list[str]:
    """Return which of these demands are erased."""
    query = select(Demand.id).where(
        Demand.id.in_(list(demand_ids)), Demand.state == State.ERASED.value
    )
    return sorted(session.scalars(query))


def list_erased_packages(session: Session, demand_ids: Iterable[str]) -> list[Package]:
    """Return the packages of these demands whose result key ended."""
    query = (
        select(Package)
        .join(DataKey, _is_key_of(Package.run_id))
        .where(Package.demand_id.in_(list(demand_ids)), DataKey.destroyed_at.is_not(None))
    )
    return list(session.scalars(query))


def _is_key_of(run_id: Any) -> ColumnElement[bool]:
    return and_(DataKey.stream == run_id, DataKey.kind == RESULT)


def _waits() -> ColumnElement[bool]:
    return (
        select(Delivery.package_id)
        .outerjoin(Receipt, Receipt.package_id == Delivery.package_id)
        .where(Delivery.demand_id == Demand.id, Receipt.id.is_(None))
        .correlate(Demand)
        .exists()
    )


def _collect(session: Session, person_id: str) -> Any:
    mine = ids_of(session, person_id)
    visible = select(DeliveryReceiver.package_id).where(DeliveryReceiver.receiver.in_(mine))
    return (
        select(Delivery, Package, Demand.state, Receipt, DataKey.destroyed_at)
        .join(Package, Package.id == Delivery.package_id)
        .join(DataKey, _is_key_of(Package.run_id))
        .join(Demand, Demand.id == Delivery.demand_id)
        .outerjoin(Receipt, Receipt.package_id == Delivery.package_id)
        .where(Delivery.package_id.in_(visible))
    )


def _view_collect(
    delivery: Delivery,
    package: Package,
    state: str,
    receipt: Receipt | None,
    erased_at: datetime | None,
) -> CollectView:
    return CollectView(
        package=package.id,
        demand=delivery.demand_id,
        state=state,
        size=package.size,
        sha256=package.sha256,
        available_at=delivery.available_at,
        pick_up_by=delivery.pick_up_by,
        receipt_at=receipt.received_at if receipt else None,
        is_open=State(state) in OPEN_STATES and erased_at is None,
    )


def _list_fetches(session: Session, demand_id: str) -> Iterable[tuple[str, Fetch]]:
    for stored in list_stream(session, demand_id):
        if stored.event == FETCHED:
            entry: dict[str, Any] = load_entry(stored.data)
            view = str(entry["facts"]["view"])
            yield view, Fetch(str(entry["by"]), parse_instant(str(entry["t"])))
