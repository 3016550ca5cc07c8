"""What other use cases may do to a demand inside their own transaction."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence

from sqlalchemy import delete, select

from lea_service.demands.demand import DemandContent, OrderDocument, parties_of
from lea_service.demands.document import dump_content, dump_order
from lea_service.demands.holds import HELD, RELEASED
from lea_service.demands.likeness import digest_likenesses
from lea_service.demands.models import (
    Demand,
    DemandHold,
    DemandLikeness,
    DemandOrder,
    DemandParty,
    DemandRecord,
    DemandRequest,
)
from lea_service.demands.order import SealedOrder
from lea_service.demands.queries import ORDER_KEY_LABEL, list_recorders, record_label
from lea_service.demands.recorded import Recorded, dump_recorded, load_recorded
from lea_service.demands.states import State, check_transition
from lea_service.kernel.canonical import Json, encode_b64url, salted_digest
from lea_service.kernel.database import WHOLE, CaseBase, lock_row
from lea_service.kernel.errors import Duplicate, NotPermitted, Unavailable, WrongState
from lea_service.kernel.transactions import Transaction

WHAT = "demand"
SALT_BYTES = 16


def lock_demand(tx: Transaction, demand_id: str) -> Demand:
    """Return the demand, locked until the transaction ends.

    Raises NotFound, also for what the actor may not know of.
    """
    return lock_row(tx.session, Demand, demand_id, WHAT)


def advance(
    tx: Transaction,
    demand_id: str,
    to: State | str,
    event: str,
    *,
    facts: Mapping[str, Json] | None = None,
    disclose: Mapping[str, Json] | None = None,
    evidence: Sequence[CaseBase] = (),
) -> Demand:
    """Move a demand to its next state, with exactly one entry.

    The entry says the state it came to and the version it has then. Raises NotFound, and
    WrongState when the table has no such step.
    """
    row = lock_demand(tx, demand_id)
    state = State(to)
    check_transition(State(row.state), state)
    row.state = state.value
    row.state_since = tx.now
    row.version += 1
    stated: dict[str, Json] = {**(facts or {}), "state": state.value, "version": row.version}
    tx.record(event, demand_id, facts=stated, disclose=disclose, evidence=evidence)
    return row


def hold(tx: Transaction, demand_id: str, code: str) -> None:
    """Keep a demand from going on, with an entry; nothing when it is held so already."""
    lock_demand(tx, demand_id)
    if _open_hold(tx, demand_id, code) is not None:
        return
    row = DemandHold(
        id=tx.ids.new("ho"), demand_id=demand_id, code=code, since=tx.now, held_by=tx.actor.id
    )
    tx.session.add(row)
    tx.session.flush()
    tx.record(HELD, demand_id, facts={"code": code})


def release_hold(tx: Transaction, demand_id: str, code: str) -> None:
    """End a hold, with an entry; nothing when there is none."""
    lock_demand(tx, demand_id)
    row = _open_hold(tx, demand_id, code)
    if row is None:
        return
    row.released_at = tx.now
    tx.record(RELEASED, demand_id, facts={"code": code})


def add_record(
    tx: Transaction,
    demand_id: str,
    version: int,
    content: DemandContent,
    order: OrderDocument | None,
) -> DemandRecord:
    """Keep one version of the record: sealed, with a digest whose salt is sealed with it."""
    salt = secrets.token_bytes(SALT_BYTES)
    record: dict[str, Json] = {
        "document": dump_content(content),
        "order": None if order is None else dump_order(order),
    }
    row = DemandRecord(
        demand_id=demand_id,
        version=version,
        digest=salted_digest(salt, record),
        sealed=tx.seal(demand_id, {**record, "salt": encode_b64url(salt)}, record_label(version)),
        recorded_at=tx.now,
        recorded_by=tx.actor.id,
    )
    tx.session.add(row)
    tx.session.execute(delete(DemandParty).where(DemandParty.demand_id == demand_id))
    tx.session.add_all(DemandParty(ref=ref, demand_id=demand_id) for ref in parties_of(content))
    _add_likenesses(tx, demand_id, content, order)
    return row


def add_order(tx: Transaction, demand_id: str, version: int, order: SealedOrder) -> DemandOrder:
    """Keep the order that came with one version of the record."""
    row = DemandOrder(
        demand_id=demand_id,
        version=version,
        key_sealed=tx.seal(demand_id, encode_b64url(order.key), ORDER_KEY_LABEL),
        content=order.content,
    )
    tx.session.add(row)
    return row


def find_answer(tx: Transaction, key_digest: str, request_digest: str) -> Recorded | None:
    """Return what the actor was answered under a key, also when they were shut out since.

    Raises Duplicate when that was another request, and WrongState when the file is destroyed.
    """
    row = tx.session.get(DemandRequest, (tx.actor.id, key_digest), execution_options=WHOLE)
    if row is None:
        return None
    if row.request_digest != request_digest:
        raise Duplicate("Idempotency-Key: used before for another demand")
    check_readable(tx, row.demand_id)
    answer = tx.open(row.demand_id, row.answer_sealed, _answer_label(key_digest))
    return load_recorded(row.demand_id, answer)


def remember_answer(
    tx: Transaction, key_digest: str, request_digest: str, answer: Recorded
) -> None:
    """Keep what the actor is answered under a key, for repeats of the request."""
    sealed = tx.seal(answer.demand_id, dump_recorded(answer), _answer_label(key_digest))
    row = DemandRequest(
        actor_id=tx.actor.id,
        key_digest=key_digest,
        request_digest=request_digest,
        demand_id=answer.demand_id,
        answer_sealed=sealed,
        answered_at=tx.now,
    )
    tx.session.add(row)


def check_readable(tx: Transaction, demand_id: str) -> None:
    """Let a demand through whose file key lives. Raises WrongState."""
    try:
        tx.keys.key(tx.session, demand_id)
    except Unavailable as err:
        raise WrongState(
            "this was recorded before and its file is destroyed", demand=demand_id
        ) from err


def _add_likenesses(
    tx: Transaction, demand_id: str, content: DemandContent, order: OrderDocument | None
) -> None:
    tx.session.execute(delete(DemandLikeness).where(DemandLikeness.demand_id == demand_id))
    tx.session.add_all(
        DemandLikeness(demand_id=demand_id, kind=kind, digest=digest)
        for kind, digest in digest_likenesses(tx.index, content, order)
    )


def _answer_label(key_digest: str) -> str:
    return f"answer/{key_digest}"


def _open_hold(tx: Transaction, demand_id: str, code: str) -> DemandHold | None:
    query = select(DemandHold).where(
        DemandHold.demand_id == demand_id,
        DemandHold.code == code,
        DemandHold.released_at.is_(None),
    )
    return tx.session.scalars(query).one_or_none()


def check_uninvolved(tx: Transaction, demand_id: str, brought_by: str) -> None:
    """Have somebody decide who is neither the one person's word nor typed what it is held against.

    Raises NotPermitted.
    """
    if tx.actor.id in {brought_by, *list_recorders(tx.session, demand_id)}:
        raise NotPermitted(
            "somebody decides who neither brought this nor recorded or corrected the demand"
        )
