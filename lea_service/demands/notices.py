"""What the authority of a demand is told as its record changes."""

from __future__ import annotations

from functools import partial

from lea_service.demands.demand import DemandContent
from lea_service.demands.document import load_content
from lea_service.demands.holds import find_known, find_reachable
from lea_service.demands.queries import list_records
from lea_service.kernel.outbox import enqueue_notice
from lea_service.kernel.transactions import Transaction

ACKNOWLEDGED = "demand.acknowledged"


def acknowledge_anew(
    tx: Transaction, demand_id: str, before: DemandContent, after: DemandContent
) -> None:
    """Acknowledge the demand to whom the correction made known, once each.

    When it arrived there may have been nobody to write to.
    """
    new = find_reachable(tx.session, after) - find_reachable(tx.session, before)
    for receiver in sorted(new):
        occasion = f"{ACKNOWLEDGED}/{demand_id}"
        enqueue_notice(tx, ACKNOWLEDGED, demand=demand_id, receiver=receiver, occasion=occasion)


def tell_ended(tx: Transaction, template: str, demand_id: str, occasion: str) -> None:
    """Tell the authority that its demand came to an end, as each record of it names that.

    Else who corrects a demand to somebody else, and ends it then alone, has nobody hear of it. Who
    is suspended hears of it once that is lifted.
    """
    tell = partial(enqueue_notice, tx, template, demand=demand_id)
    tell(occasion=occasion)
    records = list_records(tx.session, tx.keys, demand_id)
    *before, now = (find_known(tx.session, load_content(one)) for _, one, _ in records)
    for receiver in sorted(frozenset().union(*before) - now):
        tell(receiver=receiver, occasion=f"{occasion}/{demand_id}")
