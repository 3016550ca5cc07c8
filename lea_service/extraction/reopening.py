"""A demand whose work halted is reviewed anew when two people agree, as two decided on its plan.

What can end a halt is another plan only where what the plan rests on still holds. A source may have
been declared since for what was said not to be held, the authority may have corrected its demand:
that is for the review, and nothing but a review lets a plan be made again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lea_service.demands.admission import conceal
from lea_service.demands.changes import advance, lock_demand
from lea_service.demands.states import State, wrong_state
from lea_service.extraction.changes import supersede
from lea_service.extraction.models import REOPENED, REOPENING_KIND
from lea_service.extraction.queries import find_current_run
from lea_service.extraction.schemas import ReopeningRequest
from lea_service.kernel.actors import Permission
from lea_service.kernel.canonical import Json
from lea_service.kernel.errors import WrongState
from lea_service.kernel.transactions import Transaction
from lea_service.staff.kinds import Drafted, KindRule, register_kind
from lea_service.staff.models import Approval
from lea_service.web.schemas import load_form

STALE = "the work went on, or another plan was made, since this was proposed; propose it anew"


def draft(tx: Transaction, request: Json) -> Drafted:
    """Draft that a demand, halted as it is now, is reviewed anew.

    Raises InvalidInput, NotFound, WrongState.
    """
    wanted = load_form(ReopeningRequest, request)
    version, run = _check_halted(tx, wanted["demand"])
    wanted.setdefault("version", version)
    wanted.setdefault("run", run)
    _check_same(wanted, version, run)
    return Drafted(wanted["demand"], wanted["demand"], wanted, {}, dict(wanted))


def apply(tx: Transaction, approval: Approval, payload: Json) -> None:
    """Put the demand under review again; no plan, run or decision of before counts any more.

    Its clocks run on, and what was frozen or kept for its plan stays so. Raises WrongState when it
    halts no longer as it did.
    """
    wanted = load_form(ReopeningRequest, payload)
    demand_id = wanted["demand"]
    version, run = _check_halted(tx, demand_id)
    _check_same(wanted, version, run)
    supersede(tx, demand_id)
    facts: dict[str, Json] = {"approval": approval.id, "ground": wanted["ground"], "run": run}
    told = {"reason": wanted["reason"], **conceal(tx.session, demand_id, facts, "ground")}
    advance(tx, demand_id, State.UNDER_REVIEW, REOPENED, facts=facts, disclose=told)


def _check_halted(tx: Transaction, demand_id: str) -> tuple[int, str | None]:
    """Return the version of a demand that halted, and the run of it that counts."""
    row = lock_demand(tx, demand_id)
    if State(row.state) is not State.HALTED:
        raise wrong_state(row.state, "reviewed anew")
    return row.version, find_current_run(tx.session, demand_id)


def _check_same(wanted: Mapping[str, Any], version: int, run: str | None) -> None:
    """Let through what was proposed of the halt that there is. Raises WrongState."""
    if (wanted.get("version"), wanted.get("run")) != (version, run):
        raise WrongState(STALE)


register_kind(
    KindRule(
        REOPENING_KIND,
        propose=Permission.PLAN_PROPOSE,
        decide=Permission.PLAN_DECIDE,
        apply=apply,
        draft=draft,
    )
)
