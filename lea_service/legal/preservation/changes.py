"""What ends or changes a preservation inside the transaction of a use case, and who is told."""

from __future__ import annotations

from collections.abc import Mapping

from lea_service.custody.replay import read_stream
from lea_service.demands.admission import is_kept_from_some, is_sealed
from lea_service.demands.changes import advance, lock_demand
from lea_service.demands.likeness import is_covered
from lea_service.demands.narrowing import narrow
from lea_service.demands.queries import get_demand
from lea_service.demands.states import KEPT, State, wrong_state
from lea_service.kernel.canonical import Json
from lea_service.kernel.errors import NotFound, Unavailable, WrongState
from lea_service.kernel.outbox import enqueue_notice, enqueue_own_notice
from lea_service.kernel.transactions import Transaction
from lea_service.legal.narrowing.queries import list_cuts
from lea_service.legal.preservation.queries import PRODUCED, RELEASED, list_versions
from lea_service.legal.queries import normalise_of

CHANGED, ENDED = "preservation.changed", "preservation.ended"


def check_kept(tx: Transaction, demand_id: str) -> State:
    """Lock a demand on which data are kept and return its state. Raises WrongState, NotFound."""
    state = State(lock_demand(tx, demand_id).state)
    if state not in KEPT:
        raise wrong_state(state, "kept longer or let go")
    return state


def release(
    tx: Transaction,
    demand_id: str,
    reason: str,
    *,
    facts: Mapping[str, Json] | None = None,
    disclose: Mapping[str, Json] | None = None,
) -> None:
    """Let go of what was kept. Raises WrongState when nothing is."""
    check_kept(tx, demand_id)
    stated: dict[str, Json] = {**(facts or {}), "reason": reason}
    advance(tx, demand_id, State.RELEASED, RELEASED, facts=stated, disclose=disclose)
    tell(tx, ENDED, demand_id)


def produce(tx: Transaction, demand_id: str) -> None:
    """End the preservation that an answered demand follows, when it left nothing of it.

    What that demand did not ask for, or was not given, stays kept until its term; so does what a
    correction took out of the preservation. Nothing happens where it follows none, one that was
    recorded of another authority at any version, or one known to people who may not know of it: an
    end of the freeze before its term would tell them.
    """
    asked = get_demand(tx.session, tx.keys, demand_id)
    if asked.preservation is None:
        return
    try:
        check_kept(tx, asked.preservation)
        kept = get_demand(tx.session, tx.keys, asked.preservation)
    except (NotFound, Unavailable, WrongState):
        return
    would_tell = is_kept_from_some(tx.session, demand_id) and not is_sealed(tx.session, kept.id)
    given = narrow(asked.items, list_cuts(tx.session, demand_id))
    alike = normalise_of(tx.session)
    versions = list_versions(tx.session, tx.keys, kept, read_stream(tx.session, kept.id))
    is_theirs = asked.agency.ref is not None and {asked.agency.ref} == {
        one.agency.ref for one in versions
    }
    named = [item for one in versions for item in one.items]
    is_answered = is_theirs and all(is_covered(one, given, alike) for one in named)
    if is_answered and not would_tell:
        facts: dict[str, Json] = {"reason": "produced", "demand": demand_id}
        advance(tx, kept.id, State.PRODUCED, PRODUCED, facts=facts)
        tell(tx, PRODUCED, kept.id)


def tell(tx: Transaction, template: str, demand_id: str) -> None:
    """Tell the authority, and the others here, what became of a preservation.

    One of us kept or extended alone, so another hears of it; of the sealed lane nobody does.
    """
    occasion = f"{template}/{demand_id}/{lock_demand(tx, demand_id).version}"
    enqueue_notice(tx, template, demand=demand_id, occasion=occasion)
    if not is_sealed(tx.session, demand_id):
        enqueue_own_notice(tx, CHANGED, about=demand_id, occasion=occasion)
