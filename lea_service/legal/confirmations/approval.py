"""What takes two people: that a paper, or word of a judge's writing, pays what was owed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from lea_service.demands.admission import conceal
from lea_service.demands.changes import check_uninvolved, lock_demand, release_hold
from lea_service.demands.queries import get_demand
from lea_service.kernel.actors import Permission
from lea_service.kernel.canonical import Json
from lea_service.kernel.clock import day_of, format_instant
from lea_service.kernel.errors import InvalidInput, WrongState
from lea_service.kernel.transactions import Transaction
from lea_service.legal.acceptance import count_codes
from lea_service.legal.confirmations.differences import PAPER, check_accepted
from lea_service.legal.confirmations.models import WrittenConfirmation
from lea_service.legal.confirmations.owing import Owed, Owing
from lea_service.legal.confirmations.paper_queries import PaperView, check_other_paper, get_paper
from lea_service.legal.confirmations.rules import HOLDS
from lea_service.legal.confirmations.schemas import AcceptanceRequest, AuthorisationRequest
from lea_service.legal.deadlines import Clock
from lea_service.legal.queries import catalogue_of, working_of
from lea_service.legal.times import AUTHORISATION_WRITTEN, CAME, CONFIRMED, PAYS
from lea_service.staff.kinds import Drafted, KindRule, register_kind
from lea_service.staff.models import Approval
from lea_service.web.schemas import load_form

ACCEPTANCE, AUTHORISATION = "confirmation.acceptance", "confirmation.authorisation"
STALE = "the demand was corrected since this was proposed; propose it anew"


def draft_acceptance(tx: Transaction, request: Json) -> Drafted:
    """Draft that a paper pays what an order owes, with each difference that may be.

    Raises InvalidInput, NotFound, WrongState.
    """
    wanted = load_form(AcceptanceRequest, request)
    paper, owed = _check(tx, wanted)
    completed: dict[str, Json] = {
        "paper": paper.id,
        "accepted": [*wanted["accepted"]],
        "ground": wanted["ground"],
    }
    shown: dict[str, Json] = {
        "demand": paper.demand,
        "sha256": paper.sha256,
        "validated_by": paper.validated_by,
        "brought_by": paper.brought_by,
        "pays": [*sorted(_paid_by(owed, paper))],
        "differences": [{"ref": one.ref, "says": one.says} for one in paper.findings],
    }
    return Drafted(paper.demand, paper.demand, completed | shown, {"paper": paper.id}, completed)


def apply_acceptance(tx: Transaction, approval: Approval, payload: Json) -> None:
    """Let a paper pay what an order owes, and end the hold for it.

    Whoever decides neither brought the paper nor typed what it is held against. What is paid counts
    from when it came. Raises NotPermitted, and WrongState once it is paid or the demand over.
    """
    named = payload if isinstance(payload, dict) else {}
    wanted = load_form(AcceptanceRequest, {name: named.get(name) for name in FIELDS})
    paper, owed = _check(tx, wanted)
    check_uninvolved(tx, paper.demand, paper.brought_by)
    paid = _paid_by(owed, paper)
    row = WrittenConfirmation(
        demand_id=paper.demand,
        is_whole=len(paid) == len(owed),
        paper_id=paper.id,
        approval_id=approval.id,
        recorded_at=tx.now,
    )
    tx.session.add(row)
    tx.session.flush()
    _enter(tx, paper, row, wanted["ground"])
    for clock in paid:
        release_hold(tx, paper.demand, HOLDS[clock])


FIELDS = ("paper", "accepted", "ground")


def _check(tx: Transaction, wanted: Mapping[str, Any]) -> tuple[PaperView, Owing]:
    """Return a paper that may pay now, and what its demand owes."""
    paper = get_paper(tx.session, tx.keys, wanted["paper"])
    if lock_demand(tx, paper.demand).record_version != paper.record_version:
        raise WrongState("the demand was corrected since the paper was brought; bring it again")
    owed = _owed(tx).check(tx.session, tx.keys, paper.demand, paper.validated_by, tx.now)
    named = (paper.sha256, paper.validated_by, paper.words)
    check_other_paper(tx.session, tx.keys, paper.demand, *named)
    check_accepted(paper.findings, wanted["accepted"], wanted["ground"])
    return paper, owed


def _enter(tx: Transaction, paper: PaperView, row: WrittenConfirmation, ground: str | None) -> None:
    facts: dict[str, Json] = {
        "paper": paper.id,
        "approval": row.approval_id,
        CAME: format_instant(paper.brought_at),
    }
    if paper.validated_by is None:
        facts[PAYS] = Clock.CONFIRMATION.value
    disclosed: dict[str, Json] = {PAPER: paper.sha256}
    if paper.validated_by is not None:
        disclosed["validated_by"] = paper.validated_by
    if paper.findings:
        facts |= {"findings": count_codes([one.ref for one in paper.findings]), "ground": ground}
        disclosed |= conceal(tx.session, paper.demand, facts, "findings", "ground")
    tx.record(CONFIRMED, paper.demand, facts=facts, disclose=disclosed, evidence=[row])


def _paid_by(owed: Owing, paper: PaperView) -> list[Clock]:
    """Return what a paper pays: with the validation all, else the writing alone."""
    is_validation = paper.validated_by is not None
    return [clock for clock in owed if is_validation or clock is Clock.CONFIRMATION]


def draft_authorisation(tx: Transaction, request: Json) -> Drafted:
    """Draft that what a judge authorised orally is in writing, which nobody has to show us.

    It is about the record as it is now, and word of it ``came`` now where the request names no
    instant. Raises InvalidInput, NotFound, WrongState.
    """
    wanted = load_form(AuthorisationRequest, request)
    demand_id = wanted["demand"]
    version = lock_demand(tx, demand_id).record_version
    wanted = {CAME: tx.now, "record_version": version, **wanted}
    _check_word(tx, wanted, tx.now)
    payload = AuthorisationRequest().dump(wanted)
    asked = request if isinstance(request, dict) else {}
    return Drafted(demand_id, demand_id, payload, {}, {**payload, **asked})


def apply_authorisation(tx: Transaction, approval: Approval, payload: Json) -> None:
    """Enter that what a judge authorised orally is in writing, and end the hold for it.

    It counts from when word of it came, which is not after it was proposed. Raises NotPermitted,
    and WrongState once it is paid, the demand corrected or over.
    """
    wanted = load_form(AuthorisationRequest, payload)
    _check_word(tx, wanted, approval.proposed_at)
    demand_id = wanted["demand"]
    check_uninvolved(tx, demand_id, approval.proposed_by)
    told = AuthorisationRequest(only=("reference", "written_on", "reason")).dump(wanted)
    facts: dict[str, Json] = {"approval": approval.id, CAME: format_instant(wanted[CAME])}
    tx.record(AUTHORISATION_WRITTEN, demand_id, facts=facts, disclose=told)
    release_hold(tx, demand_id, HOLDS[Clock.AUTHORISATION])


def _check_word(tx: Transaction, wanted: Mapping[str, Any], proposed_at: datetime) -> None:
    """Let word of a writing be of what a demand owes still, and of days that can be."""
    demand_id = wanted["demand"]
    if lock_demand(tx, demand_id).record_version != wanted.get("record_version"):
        raise WrongState(STALE)
    demand = get_demand(tx.session, tx.keys, demand_id)
    _owed(tx).list(tx.session, demand, tx.now, frozenset({Clock.AUTHORISATION}))
    given = demand.judicial_authorisation
    oral = given.oral if given else None
    if oral is None or not oral.given_at <= wanted[CAME] <= proposed_at:
        raise InvalidInput.at(
            "/came", "expected an instant from when it was given on, and not after the proposal"
        )
    if not day_of(oral.given_at) <= wanted["written_on"] <= day_of(wanted[CAME]):
        raise InvalidInput.at(
            "/written_on", "expected a day from when it was given on, and not after word of it came"
        )


def _owed(tx: Transaction) -> Owed:
    return Owed(catalogue_of(tx.session), working_of(tx.session))


for _kind, _draft, _apply in (
    (ACCEPTANCE, draft_acceptance, apply_acceptance),
    (AUTHORISATION, draft_authorisation, apply_authorisation),
):
    register_kind(
        KindRule(
            _kind,
            propose=Permission.DEMAND_EDIT,
            decide=Permission.CONFIRMATION_ACCEPT,
            apply=_apply,
            draft=_draft,
        )
    )
