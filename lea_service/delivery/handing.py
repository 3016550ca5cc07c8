"""What is written when a package is handed over, and when a receipt comes for one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from lea_service.custody.replay import read_stream
from lea_service.delivery import queries
from lea_service.delivery.models import Delivery, DeliveryReceiver, Receipt
from lea_service.demands.admission import conceal
from lea_service.demands.changes import advance, lock_demand
from lea_service.demands.states import State
from lea_service.extraction.document import read_plan
from lea_service.extraction.instalments import HANDED_OVER, tell_next
from lea_service.extraction.queries import get_plan, get_run_row
from lea_service.extraction.turns import find_end
from lea_service.extraction.within import find_after
from lea_service.kernel.canonical import Json
from lea_service.kernel.outbox import enqueue_notice
from lea_service.kernel.transactions import Transaction
from lea_service.legal.preservation.changes import produce
from lea_service.packaging.queries import PackageView

NOTICE = "package.available"


def hand_over(
    tx: Transaction, package: PackageView, receivers: Sequence[str], pickup: timedelta
) -> None:
    """Let receivers collect a package, each with a notice; more may follow in instalments."""
    rows = _add_delivery(tx, package, receivers, pickup)
    demand = package.demand_id
    end = find_end(read_stream(tx.session, demand))
    state, told_of = _after(tx, package, end)
    facts: dict[str, Json] = {"package": package.id, "receivers": [*receivers], **told_of}
    told = conceal(tx.session, demand, facts, "receivers")
    advance(tx, demand, state, HANDED_OVER, facts=facts, disclose=told, evidence=rows)
    if state is State.DELIVERED and end is None:  # else less was given than was asked
        produce(tx, demand)
    for receiver in receivers:
        occasion = f"available/{package.id}"
        enqueue_notice(tx, NOTICE, demand=demand, receiver=receiver, occasion=occasion)


def acknowledge(tx: Transaction, delivery: Delivery) -> Receipt:
    """Enter a receipt; the last one that is owed ends the demand's way."""
    receipt = Receipt(
        package_id=delivery.package_id,
        id=tx.ids.new("rc"),
        demand_id=delivery.demand_id,
        person_id=tx.actor.id,
        received_at=tx.now,
    )
    tx.session.add(receipt)
    facts: dict[str, Json] = {"package": receipt.package_id, "receipt": receipt.id}
    tx.record("receipt.received", receipt.demand_id, facts=facts, evidence=[receipt])
    tx.session.flush()
    is_last = State(lock_demand(tx, delivery.demand_id).state) is State.DELIVERED
    if is_last and not queries.waits_for_receipt(tx.session, delivery.demand_id):
        advance(tx, receipt.demand_id, State.ACKNOWLEDGED, "package.acknowledged", facts=facts)
    return receipt


def _after(
    tx: Transaction, package: PackageView, end: datetime | None
) -> tuple[State, dict[str, Json]]:
    """Return where a demand stands after a hand-over, and of which instalment that is."""
    run = get_run_row(tx.session, package.run_id)
    plan = read_plan(get_plan(tx.session, tx.keys, package.plan_id).document)
    if plan.instalments is None:
        return State.DELIVERED, {}
    part = find_after(plan, run.instalment, end)
    facts: dict[str, Json] = {"run": run.id, "instalment": run.instalment, **tell_next(part)}
    return State.DELIVERED if part is None else State.CONTINUING, facts


def _add_delivery(
    tx: Transaction, package: PackageView, receivers: Sequence[str], pickup: timedelta
) -> list[Delivery | DeliveryReceiver]:
    delivery = Delivery(
        package_id=package.id,
        demand_id=package.demand_id,
        instalment=get_run_row(tx.session, package.run_id).instalment,
        available_at=tx.now,
        pick_up_by=tx.now + pickup,
    )
    tx.session.add(delivery)
    tx.session.flush()
    rows = [DeliveryReceiver(package_id=package.id, receiver=one) for one in receivers]
    tx.session.add_all(rows)
    return [delivery, *rows]
