"""What the authority of a demand is told as its record changes."""

from __future__ import annotations

from functools import partial

from lea_service.demands.demand import DemandContent
from lea_service.demands.document import load_content
from lea_service.demands.holds import find_reachable
from lea_service.demands.queries import list_records
from lea_service.kernel.outbox import enqueue_notice
from lea_service.kernel.transactions import Transaction

ACKNOWLEDGED, WITHDRAWN = "demand.acknowledged", "demand.withdrawn"


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


def tell_withdrawn(tx: Transaction, demand_id: str) -> None:
    """Tell the authority that its demand was taken back, as each record of it names that.

    Else who corrects a demand to somebody else and withdraws it then alone has nobody hear of it.
    """
    tell = partial(enqueue_notice, tx, WITHDRAWN, demand=demand_id, occasion="withdrawn")
    tell()
    records = list_records(tx.session, tx.keys, demand_id)
    *before, now = (find_reachable(tx.session, load_content(one)) for _, one, _ in records)
    for receiver in sorted(frozenset().union(*before) - now):
        tell(receiver=receiver)
