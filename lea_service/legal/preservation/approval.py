"""What takes two people: to let go of what is kept before its term ends."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lea_service.demands.changes import lock_demand
from lea_service.kernel.actors import Permission
from lea_service.kernel.canonical import Json
from lea_service.kernel.errors import WrongState
from lea_service.kernel.transactions import Transaction
from lea_service.legal.preservation.changes import check_kept, release
from lea_service.legal.preservation.queries import Preservations
from lea_service.legal.preservation.rules import ReleaseGround, check_release
from lea_service.legal.preservation.schemas import ReleaseRequest
from lea_service.legal.queries import catalogue_of, working_of
from lea_service.staff.kinds import Drafted, KindRule, register_kind
from lea_service.staff.models import Approval
from lea_service.web.schemas import load_form

RELEASE = "preservation.release"
STALE = (
    "what is kept was made longer, or the demand changed, since this was proposed; propose it anew"
)


def draft_release(tx: Transaction, request: Json) -> Drafted:
    """Draft the release of what is kept on a demand, as it is kept now.

    Raises InvalidInput, NotFound, WrongState.
    """
    wanted = load_form(ReleaseRequest, request)
    check_kept(tx, wanted["demand"])
    version = lock_demand(tx, wanted["demand"]).version
    if wanted.setdefault("version", version) != version:
        raise WrongState(STALE)
    _check_ground(tx, wanted)
    facts: dict[str, Json] = {"ground": wanted["ground"]}
    return Drafted(wanted["demand"], wanted["demand"], wanted, facts, dict(wanted))


def apply_release(tx: Transaction, approval: Approval, payload: Json) -> None:
    """Let go of what is kept as it was proposed.

    Raises WrongState when nothing is kept any more, or longer, or the demand changed.
    """
    wanted = load_form(ReleaseRequest, payload)
    if lock_demand(tx, wanted["demand"]).version != wanted.get("version"):
        raise WrongState(STALE)
    _check_ground(tx, wanted)
    disclose: dict[str, Json] = {"reason": wanted["reason"]}
    facts: dict[str, Json] = {"approval": approval.id}
    release(tx, wanted["demand"], wanted["ground"], facts=facts, disclose=disclose)


def _check_ground(tx: Transaction, wanted: Mapping[str, Any]) -> None:
    preservations = Preservations(catalogue_of(tx.session), working_of(tx.session))
    kept = preservations.load(tx.session, tx.keys, wanted["demand"], tx.now)
    check_release(ReleaseGround(wanted["ground"]), kept.times, kept.clocks, tx.now)


register_kind(
    KindRule(
        RELEASE,
        propose=Permission.PRESERVATION_KEEP,
        decide=Permission.PRESERVATION_LIFT,
        apply=apply_release,
        draft=draft_release,
    )
)
