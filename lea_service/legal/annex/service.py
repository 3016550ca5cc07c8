"""Use cases of Annex III: a person fills the form in, it is kept, and the demand follows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from lea_service.custody.looks import Looks
from lea_service.demands.changes import lock_demand
from lea_service.demands.look_service import note_look
from lea_service.demands.notices import tell_ended
from lea_service.demands.queries import get_demand
from lea_service.demands.states import ANSWERED, KEPT, State, wrong_state
from lea_service.kernel.actors import Actor, Permission, permit
from lea_service.kernel.canonical import Json
from lea_service.kernel.outbox import enqueue_notice
from lea_service.kernel.transactions import Transaction, Transactions
from lea_service.legal.acceptance import conceal_decision, count_codes, decide
from lea_service.legal.annex.form import (
    Statement,
    check_borne_out,
    check_in_time,
    check_left_out,
    check_possible,
    check_statement,
    dump_statement,
    halts,
)
from lea_service.legal.annex.models import AnnexForm
from lea_service.legal.annex.queries import FILED, AnnexView, list_forms, statement_label
from lea_service.legal.annex.table import (
    AnnexTable,
    Certificate,
    Effect,
    Reason,
    certificate_of,
    effect_of,
    load_annex,
)
from lea_service.legal.changes import add_clarification, get_current, resolve
from lea_service.legal.models import Clarification
from lea_service.legal.queries import find_basis
from lea_service.legal.times import ASKED, HALTS
from lea_service.legal.working_days import WorkingDays

WAITING = frozenset({Effect.ASKS, Effect.WAITS})
UNDECIDED = frozenset({State.UNDER_REVIEW, State.CLARIFICATION})
"""States in which it is not decided yet what is given, and less can still be taken out of it."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a form rests on: reasons that the order can have, and findings of its assessment."""

    certificate: Certificate
    reasons: tuple[Reason, ...]
    findings: tuple[str, ...]
    assessment: str

    @property
    def effect(self) -> Effect:
        """Return what follows from the form."""
        return effect_of(self.reasons)


class AnnexService:
    """Answers European orders with Annex III; whatever it says, the data stay frozen."""

    def __init__(self, transactions: Transactions, looks: Looks, working: WorkingDays) -> None:
        self._transactions = transactions
        self._looks = looks
        self._working = working

    def get_table(self, actor: Actor) -> AnnexTable:
        """Return the reasons that a form can state."""
        permit(actor, Permission.LEGAL_READ)
        return load_annex()

    def file(
        self,
        actor: Actor,
        demand_id: str,
        reasons: Sequence[str],
        said: Statement,
        findings: Sequence[str] = (),
    ) -> AnnexView:
        """Fill in a form about a European order; the demand waits, ends or goes on by its reasons.

        Raises InvalidInput for a reason that the order cannot have, that no finding bears out, or
        whose statement is not whole; WrongState for another order, one that was not assessed or is
        answered, an objection that is late, and less than was asked once the plan is decided.
        """
        permit(actor, Permission.DEMAND_REFUSE)
        with self._transactions.begin(actor) as tx:
            row = lock_demand(tx, demand_id)
            chosen = self._choose(tx, demand_id, reasons, findings)
            check_statement(chosen.reasons, said)
            check_possible(said, tx.now)
            check_left_out(said, get_demand(tx.session, tx.keys, demand_id).items)
            if chosen.effect in WAITING:
                _ask(tx, demand_id, chosen, said)
            elif chosen.effect is Effect.ENDS:
                _end(tx, demand_id, chosen, said)
            else:
                _tell(tx, demand_id, State(row.state), chosen, said)
        with self._transactions.read(actor) as session:
            return list_forms(session, self._transactions.keys, demand_id)[-1]

    def list(self, actor: Actor, demand_id: str) -> Sequence[AnnexView]:
        """Return the forms about a demand; the look is entered first. Raises NotFound."""
        permit(actor, Permission.DEMAND_READ)
        note_look(self._transactions, self._looks, actor, demand_id, "annex_forms")
        with self._transactions.read(actor) as session:
            return list_forms(session, self._transactions.keys, demand_id)

    def _choose(
        self, tx: Transaction, demand_id: str, codes: Sequence[str], findings: Sequence[str]
    ) -> Chosen:
        """Return what a form rests on. Raises InvalidInput, WrongState."""
        demand = get_demand(tx.session, tx.keys, demand_id)
        basis = find_basis(tx.session, demand)
        certificate = certificate_of(basis)
        reasons = load_annex().choose(certificate, codes)
        current = get_current(tx, demand_id)
        refs = resolve(current, findings)
        check_borne_out(reasons, [one for one in current.findings if one.ref in refs])
        check_in_time(reasons, demand.received_at, self._working, tx.now)
        return Chosen(certificate, reasons, tuple(refs), current.id)


def _ask(tx: Transaction, demand_id: str, chosen: Chosen, said: Statement) -> None:
    """Put a question by the form; what it explains is the question where it asks nothing else."""
    put = said.question or said.explanation
    asked = add_clarification(tx, demand_id, put, chosen.findings)
    form = _add_form(tx, demand_id, chosen, said, asked)
    does_halt = halts(chosen.reasons, chosen.certificate)
    facts = {**_facts(form), "clarification": asked.id, HALTS: does_halt}
    decide(tx, demand_id, State.CLARIFICATION, ASKED, facts, asked, form)
    _notify(tx, "demand.clarification", form)


def _end(tx: Transaction, demand_id: str, chosen: Chosen, said: Statement) -> None:
    form = _add_form(tx, demand_id, chosen, said)
    decide(tx, demand_id, State.REPLIED, FILED, _facts(form), form)
    tell_ended(tx, "demand.replied", demand_id, f"annex/{form.id}")


def _tell(tx: Transaction, demand_id: str, state: State, chosen: Chosen, said: Statement) -> None:
    """Tell the authority what it does not get, or not yet; the demand stays where it is.

    After the decision on the plan nothing more is left out: the package holds what was decided.
    """
    if state in ANSWERED | KEPT:
        raise wrong_state(state, "answered with this form")
    if said.left_out and state not in UNDECIDED:
        raise wrong_state(state, "answered in part")
    form = _add_form(tx, demand_id, chosen, said)
    facts = _facts(form)
    told = conceal_decision(tx, demand_id, facts)
    tx.record(FILED, demand_id, facts=facts, disclose=told, evidence=[form])
    _notify(tx, "demand.replied", form)


def _add_form(
    tx: Transaction,
    demand_id: str,
    chosen: Chosen,
    said: Statement,
    asked: Clarification | None = None,
) -> AnnexForm:
    earlier = select(func.count()).where(AnnexForm.demand_id == demand_id)
    form_id = tx.ids.new("an")
    form = AnnexForm(
        id=form_id,
        demand_id=demand_id,
        n=(tx.session.scalar(earlier) or 0) + 1,
        assessment_id=chosen.assessment,
        certificate=chosen.certificate.value,
        reasons=[one.code for one in chosen.reasons],
        effect=chosen.effect.value,
        findings=[*chosen.findings],
        clarification_id=None if asked is None else asked.id,
        table_digest=load_annex().digest,
        statement_sealed=tx.seal(demand_id, dump_statement(said), statement_label(form_id)),
        filed_by=tx.actor.id,
        filed_at=tx.now,
    )
    tx.session.add(form)
    tx.session.flush()
    return form


def _facts(form: AnnexForm) -> dict[str, Json]:
    return {
        "annex": form.id,
        "assessment": form.assessment_id,
        "reasons": [*form.reasons],
        "effect": form.effect,
        "findings": count_codes(form.findings),
        "table": form.table_digest,
    }


def _notify(tx: Transaction, template: str, form: AnnexForm) -> None:
    enqueue_notice(tx, template, demand=form.demand_id, occasion=f"annex/{form.id}")
