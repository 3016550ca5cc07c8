"""What takes two people: that the enforcing authority of a European order lets its data go."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lea_service.custody.replay import read_stream
from lea_service.demands.changes import check_uninvolved, lock_demand, release_hold
from lea_service.demands.demand import Demand
from lea_service.demands.queries import get_demand
from lea_service.demands.states import DECLINED, OVER, State, wrong_state
from lea_service.kernel.actors import Permission
from lea_service.kernel.canonical import Json
from lea_service.kernel.errors import WrongState
from lea_service.kernel.transactions import Transaction
from lea_service.legal.authenticity.queries import count_confirming
from lea_service.legal.deadlines import waits_for_authority
from lea_service.legal.emergency import CONFIRMATIONS
from lea_service.legal.enforcing.schemas import EnforcingRequest
from lea_service.legal.moments import Enforcing
from lea_service.legal.queries import catalogue_of
from lea_service.legal.times import (
    ENFORCING_ANSWERED,
    ENFORCING_REFUSED,
    find_enforcing_answer,
)
from lea_service.staff.kinds import Drafted, KindRule, register_kind
from lea_service.staff.models import Approval
from lea_service.web.schemas import load_form

ENFORCING = "legal.enforcing_answer"
STALE = "the demand was corrected, or its enforcing authority answered, since; propose it anew"


def check_enforcing(tx: Transaction, demand_id: str) -> Demand:
    """Return a demand of whose enforcing authority an answer can matter. Raises WrongState."""
    state = State(lock_demand(tx, demand_id).state)
    demand = get_demand(tx.session, tx.keys, demand_id)
    basis = catalogue_of(tx.session).find_basis(demand.legal_basis, demand.order_date)
    said = find_enforcing_answer(read_stream(tx.session, demand_id))
    can_wait = basis is not None and waits_for_authority(basis)
    if not can_wait and said is not Enforcing.REFUSED:  # a refusal can always be ended
        raise WrongState("no enforcing authority has a say in an order on this basis")
    if state in OVER | DECLINED:
        raise wrong_state(state, "changed by what the enforcing authority says")
    return demand


def draft_enforcing(tx: Transaction, request: Json) -> Drafted:
    """Draft that nothing of the enforcing authority keeps back what a European order came to.

    It is about the record as it is now. Raises InvalidInput, NotFound, WrongState.
    """
    wanted = load_form(EnforcingRequest, request)
    demand_id = wanted["demand"]
    version = lock_demand(tx, demand_id).record_version
    wanted = {"record_version": version, "answers": _count_answers(tx, demand_id), **wanted}
    _check(tx, wanted)
    payload = EnforcingRequest().dump(wanted)
    return Drafted(demand_id, demand_id, payload, {}, dict(payload))


def apply_enforcing(tx: Transaction, approval: Approval, payload: Json) -> None:
    """Enter what lets a European order go, and end the hold of a refusal.

    A refusal that came after the proposal is not lifted by it. Raises NotPermitted, WrongState.
    """
    wanted = load_form(EnforcingRequest, payload)
    _check(tx, wanted)
    demand_id, answer = wanted["demand"], Enforcing(wanted["answer"])
    check_uninvolved(tx, demand_id, approval.proposed_by)
    facts: dict[str, Json] = {"answer": answer.value, "approval": approval.id}
    tx.record(ENFORCING_ANSWERED, demand_id, facts=facts, disclose={"reason": wanted["reason"]})
    release_hold(tx, demand_id, ENFORCING_REFUSED)


def _check(tx: Transaction, wanted: Mapping[str, Any]) -> None:
    demand = check_enforcing(tx, wanted["demand"])
    now = {
        "record_version": lock_demand(tx, demand.id).record_version,
        "answers": _count_answers(tx, demand.id),
    }
    if any(wanted.get(name) != value for name, value in now.items()):
        raise WrongState(STALE)
    if Enforcing(wanted["answer"]) is Enforcing.EMERGENCY:
        _check_emergency(tx, demand)


def _count_answers(tx: Transaction, demand_id: str) -> int:
    return len([*read_stream(tx.session, demand_id).of(ENFORCING_ANSWERED)])


def _check_emergency(tx: Transaction, demand: Demand) -> None:
    """Let an emergency end the wait, and no refusal: what was refused stays here (art. 12(2))."""
    if find_enforcing_answer(read_stream(tx.session, demand.id)) is Enforcing.REFUSED:
        raise WrongState(
            "the enforcing authority raised a ground, which stops an emergency too; record what it "
            "says now"
        )
    if demand.emergency is None:
        raise WrongState("the record of the demand claims no emergency, which waits for nobody")
    if count_confirming(tx.session, demand) < CONFIRMATIONS:
        raise WrongState("two of us have to call back before an emergency waits for nobody")


register_kind(
    KindRule(
        ENFORCING,
        propose=Permission.LEGAL_ASSESS,
        decide=Permission.CONFIRMATION_ACCEPT,
        apply=apply_enforcing,
        draft=draft_enforcing,
    )
)
