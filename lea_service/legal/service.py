"""Use cases of the legal check. The checks find; people accept, ask, and refuse."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select

from lea_service.custody.looks import Looks
from lea_service.custody.replay import read_stream
from lea_service.demands.admission import conceal
from lea_service.demands.changes import advance, hold, lock_demand, release_hold
from lea_service.demands.demand import Demand as DemandView
from lea_service.demands.look_service import note_look
from lea_service.demands.models import Demand
from lea_service.demands.notices import tell_ended
from lea_service.demands.queries import get_demand, get_state, list_recorders
from lea_service.demands.states import (
    ANSWERED,
    State,
    check_transition,
    wrong_state,
)
from lea_service.kernel.actors import Actor, Permission, permit
from lea_service.kernel.canonical import Json
from lea_service.kernel.clock import day_of
from lea_service.kernel.errors import InvalidInput, NotFound, StaleVersion, WrongState
from lea_service.kernel.outbox import enqueue_notice
from lea_service.kernel.transactions import Transaction, Transactions
from lea_service.legal.acceptance import (
    accept,
    check_acceptable,
    check_retyped,
    check_second,
    choose,
    compared_label,
    count_codes,
    decide,
    dump_values,
    pick_fresh,
    state_paper,
)
from lea_service.legal.advice import Advice
from lea_service.legal.annex.table import is_european
from lea_service.legal.answered_queries import list_answered
from lea_service.legal.authenticity.assessing import Weighed, add_report, look_at_order, weigh
from lea_service.legal.authenticity.documents import DocumentCheck
from lea_service.legal.basis import Basis
from lea_service.legal.catalogue import Ground
from lea_service.legal.changes import (
    add_answer,
    add_clarification,
    add_refusal,
    check_advice,
    check_assessable,
    check_borne_out,
    check_may_be_told,
    get_current,
    get_opened,
    resolve,
)
from lea_service.legal.checks import check_demand
from lea_service.legal.clarification_queries import (
    ClarificationView,
    find_open_clarification,
    list_clarifications,
)
from lea_service.legal.counted import list_counted
from lea_service.legal.deadlines import list_deadlines
from lea_service.legal.enforcing.approval import check_enforcing
from lea_service.legal.escalation import list_escalations
from lea_service.legal.fact_queries import (
    collect_facts,
    find_validator_name,
    list_issuers,
    list_senders,
    load_order,
)
from lea_service.legal.facts import DemandFacts
from lea_service.legal.findings import Finding, Outcome, gravest
from lea_service.legal.models import Assessment
from lea_service.legal.moments import Enforcing
from lea_service.legal.order_comparison import Comparison, OrderCheck
from lea_service.legal.order_reading import OrderReadingView, view_reading
from lea_service.legal.order_text import OrderText
from lea_service.legal.protected_words import hint_at
from lea_service.legal.queries import (
    AssessmentView,
    BasisView,
    DeadlinesView,
    RefusalView,
    find_refusal,
    open_assessment,
    view_basis,
)
from lea_service.legal.questions import QuestionReason, check_reasoned
from lea_service.legal.receipts import find_sent_doubts
from lea_service.legal.referral.models import Referral
from lea_service.legal.taken_back import find_taken_back
from lea_service.legal.times import (
    ASKED,
    CLARIFIED,
    ENFORCING_ANSWERED,
    ENFORCING_REFUSED,
    UPHELD,
    collect_times,
)
from lea_service.legal.working_days import WorkingDays
from lea_service.staff.people_queries import find_name

BASIS_UNKNOWN = "basis_unknown"
REPLY_BY_FORM = "a European order is never refused: `lea legal annex` answers it"
ASK_BY_FORM = "a European order is asked about with Annex III: `lea legal annex file --question`"


class LegalService:
    """Assesses demands by the catalogue and keeps what people decide about the findings."""

    def __init__(
        self,
        transactions: Transactions,
        looks: Looks,
        working: WorkingDays,
        orders: OrderCheck,
        documents: DocumentCheck | None = None,
    ) -> None:
        self._transactions = transactions
        self._looks = looks
        self._working = working
        self._orders = orders
        self._documents = documents or DocumentCheck()
        self.catalogue = orders.catalogue

    def list_bases(self, actor: Actor) -> Sequence[Basis]:
        """Return every edition of every basis of the catalogue."""
        permit(actor, Permission.LEGAL_READ)
        return self.catalogue.bases

    def get_basis(self, actor: Actor, basis_id: str, language: str) -> BasisView:
        """Return every edition of one basis: its whole row, and that in words. Raises NotFound."""
        permit(actor, Permission.LEGAL_READ)
        return view_basis(self.catalogue, basis_id, language)

    def list_grounds(self, actor: Actor) -> Sequence[Ground]:
        """Return the grounds of refusal, also those on which nobody may refuse."""
        permit(actor, Permission.LEGAL_READ)
        return tuple(self.catalogue.grounds.values())

    def assess(self, actor: Actor, demand_id: str) -> AssessmentView:
        """Check a demand and keep what was found; the first time, its review begins.

        An earlier assessment and what was accepted of it stays, but counts no longer. Raises
        WrongState once the demand was decided on, NotFound, Unavailable.
        """
        permit(actor, Permission.LEGAL_ASSESS)
        with self._transactions.read(actor) as session:
            check_assessable(get_state(session, demand_id))
        demand, text = self._read_order(actor, demand_id)
        compared = self._compare(actor, demand, text)
        seen = look_at_order(self._transactions, self._documents, actor, demand_id)
        with self._transactions.begin(actor) as tx:
            row = lock_demand(tx, demand_id)
            check_assessable(row.state)
            if row.record_version != demand.record_version:
                raise StaleVersion("the demand was corrected meanwhile", version=row.version)
            if row.state == State.RECEIVED:
                advance(tx, demand_id, State.UNDER_REVIEW, "demand.review_started")
            facts = collect_facts(tx.session, tx.keys, demand)
            self._keep_basis_hold(tx, demand_id, facts)
            weighed = weigh(tx, demand, self._documents, seen)
            self._assess(tx, row, facts, (compared, weighed))
            return get_opened(tx, demand_id)

    def read_order(self, actor: Actor, demand_id: str) -> OrderReadingView:
        """Return what the order seems to ask, beside what was typed; the look is entered first.

        Raises NotFound, Unavailable.
        """
        self._note_look(actor, demand_id, "order_reading")
        demand, text = self._read_order(actor, demand_id)
        return view_reading(demand, text, self._orders)

    def get_assessment(self, actor: Actor, demand_id: str) -> AssessmentView:
        """Return the newest assessment; the look is entered first. Raises NotFound."""
        self._note_look(actor, demand_id, "assessment")
        with self._transactions.read(actor) as session:
            found = open_assessment(session, self._transactions.keys, demand_id)
        if found is None:
            raise NotFound("the demand was not assessed yet")
        return found

    def accept_finding(
        self,
        actor: Actor,
        demand_id: str,
        code: str,
        reason: str,
        item: int | None = None,
        retyped: Sequence[str] = (),
    ) -> AssessmentView:
        """Take every open finding of ``code`` (of one item) upon oneself, with a reason.

        Only what is a question can be accepted: a defect, an unknown basis or sender and an
        instrument that this version cannot answer never. Raises WrongState, also for what was
        settled before, and NotFound.
        """
        permit(actor, Permission.LEGAL_ASSESS)
        with self._transactions.begin(actor) as tx:
            row = lock_demand(tx, demand_id)
            if row.state != State.UNDER_REVIEW:
                raise wrong_state(row.state, "given an acceptance")
            current = get_current(tx, demand_id)
            chosen = choose(current, code, item)
            base = (tx.session, tx.keys, demand_id)
            check_acceptable(chosen, list_answered(*base, chosen, self._orders.normalise))
            typed = list_recorders(tx.session, demand_id)
            busy = {*typed, current.assessed_by}
            check_second(chosen, tx.actor.id, busy)
            fresh = pick_fresh(current, chosen)
            check_retyped(tx, current, fresh, retyped, self._orders.normalise)
            accept(tx, current, fresh, reason, len(retyped), busy)
            return get_opened(tx, demand_id)

    def refuse(
        self,
        actor: Actor,
        demand_id: str,
        ground: str,
        findings: Sequence[str],
        explanation: str,
        advice: Advice | None = None,
    ) -> RefusalView:
        """Refuse a demand on a coded ground and the findings it rests on.

        ``findings`` are codes or references of the newest assessment, ``advice`` is what counsel
        said. Raises InvalidInput for a ground on which a provider may not refuse, or that no
        finding bears out; WrongState, also for a European order, and for one that is too broad of
        which neither the authority nor counsel said anything.
        """
        permit(actor, Permission.DEMAND_REFUSE)
        known = self._get_refusal_ground(ground)
        with self._transactions.begin(actor) as tx:
            row = lock_demand(tx, demand_id)
            check_transition(State(row.state), State.REFUSED)
            demand = self._check_not_european(tx, demand_id, REPLY_BY_FORM)
            check_advice(tx, demand, advice)
            current = get_current(tx, demand_id)
            refs = check_borne_out(tx, current, known, findings, advice)
            refusal = add_refusal(tx, current, ground, refs, explanation, advice)
            facts: dict[str, Json] = {
                "ground": ground,
                "findings": count_codes(refs),
                "assessment": current.id,
            }
            decide(tx, demand_id, State.REFUSED, "demand.refused", facts, refusal)
            tell_ended(tx, "demand.refused", demand_id, "refused")
            return RefusalView(
                demand_id=demand_id,
                assessment_id=current.id,
                ground=ground,
                findings=tuple(refs),
                refused_by=tx.actor.id,
                refused_at=tx.now,
                explanation=explanation,
                advice=advice,
                refused_by_name=find_name(tx.session, tx.keys, tx.actor.id),
            )

    def get_refusal(self, actor: Actor, demand_id: str) -> RefusalView:
        """Return why a demand was refused; the look is entered first. Raises NotFound."""
        self._note_look(actor, demand_id, "refusal")
        with self._transactions.read(actor) as session:
            found = find_refusal(session, demand_id, self._transactions.keys)
        if found is None:
            raise NotFound("the demand was not refused")
        return found

    def ask_clarification(
        self,
        actor: Actor,
        demand_id: str,
        question: str,
        findings: Sequence[str] = (),
        reasons: Sequence[QuestionReason] = (),
    ) -> ClarificationView:
        """Ask the authority, about findings or for reasons; the demand waits for the answer.

        Raises WrongState, also for a European order, and InvalidInput.
        """
        permit(actor, Permission.LEGAL_ASSESS)
        check_reasoned(reasons, findings)
        with self._transactions.begin(actor) as tx:
            lock_demand(tx, demand_id)
            self._check_not_european(tx, demand_id, ASK_BY_FORM)
            current = get_current(tx, demand_id)
            refs = resolve(current, findings)
            check_may_be_told(current, refs)
            row = add_clarification(tx, demand_id, question, refs, reasons)
            facts: dict[str, Json] = {"clarification": row.id, "findings": count_codes(refs)}
            if reasons:
                facts["reasons"] = [str(one) for one in sorted(reasons)]
            decide(tx, demand_id, State.CLARIFICATION, ASKED, facts, row)
            enqueue_notice(
                tx, "demand.clarification", demand=demand_id, occasion=f"clarification/{row.id}"
            )
            return list_clarifications(tx.session, tx.keys, demand_id)[-1]

    def answer_clarification(
        self, actor: Actor, demand_id: str, answer: str, n: int | None = None
    ) -> ClarificationView:
        """Record what the authority answered to question ``n``, the open one; the review goes on.

        What the answer changes in the demand is a correction of it, and a new assessment. Raises
        WrongState when no question is open, StaleVersion when it is another than ``n``.
        """
        permit(actor, Permission.LEGAL_ASSESS)
        with self._transactions.begin(actor) as tx:
            state = lock_demand(tx, demand_id).state
            asked = find_open_clarification(tx.session, demand_id)
            if asked is None or state != State.CLARIFICATION:
                raise wrong_state(state, "given an answer of its authority")
            if n not in {None, asked.n}:
                raise StaleVersion("another question was asked since", version=asked.n)
            row = add_answer(tx, demand_id, asked, answer)
            facts: dict[str, Json] = {"clarification": asked.id}
            advance(tx, demand_id, State.UNDER_REVIEW, CLARIFIED, facts=facts, evidence=[row])
            tx.session.flush()
            return list_clarifications(tx.session, tx.keys, demand_id)[-1]

    def list_clarifications(self, actor: Actor, demand_id: str) -> Sequence[ClarificationView]:
        """Return questions and answers; the look is entered first. Raises NotFound."""
        self._note_look(actor, demand_id, "clarifications")
        with self._transactions.read(actor) as session:
            return list_clarifications(session, self._transactions.keys, demand_id)

    def get_deadlines(self, actor: Actor, demand_id: str) -> DeadlinesView:
        """Return how every clock of a demand stands now; the look is entered first.

        None at all while the catalogue does not know the basis. Raises NotFound, Unavailable.
        """
        self._note_look(actor, demand_id, "deadlines")
        now = self._transactions.clock.now()
        with self._transactions.read(actor) as session:
            demand = get_demand(session, self._transactions.keys, demand_id)
            entries = read_stream(session, demand_id)
        times = collect_times(demand, entries)
        basis = self.catalogue.find_basis(demand.legal_basis, demand.order_date)
        found = list_deadlines(basis, times, self._working, now) if basis else []
        return DeadlinesView(
            demand_id=demand_id,
            at=now,
            legal_basis=basis.id if basis else None,
            holidays=self._working.digest,
            enforcing=times.enforcing,
            deadlines=tuple(found),
            counted=list_counted(entries),
            escalations=list_escalations(entries),
        )

    def uphold(self, actor: Actor, demand_id: str, reason: str) -> DeadlinesView:
        """Record that the authority upholds an order after Annex III, and how we know.

        The review goes on, and our term from where it began: no article was found that gives
        another one. It answers a question that was open. Raises NotFound, WrongState.
        """
        permit(actor, Permission.LEGAL_ASSESS)
        with self._transactions.begin(actor) as tx:
            state = lock_demand(tx, demand_id).state
            if state != State.REPLIED:
                raise wrong_state(state, "upheld")
            if tx.session.get(Referral, demand_id) is not None:
                raise WrongState("a demand that was referred elsewhere is recorded anew")
            asked = find_open_clarification(tx.session, demand_id)
            answers = [] if asked is None else [add_answer(tx, demand_id, asked, reason)]
            told: dict[str, Json] = {"reason": reason}
            advance(tx, demand_id, State.UNDER_REVIEW, UPHELD, disclose=told, evidence=answers)
        return self.get_deadlines(actor, demand_id)

    def record_enforcing_refusal(self, actor: Actor, demand_id: str, reason: str) -> DeadlinesView:
        """Record that the enforcing authority of a European order raised a ground, and how we know.

        It holds the demand, and keeps what was handed over from being fetched, until two people
        agree to another answer. Raises WrongState for an order that waits for no such authority or
        a demand that is over, NotFound, Unavailable.
        """
        permit(actor, Permission.LEGAL_ASSESS)
        with self._transactions.begin(actor) as tx:
            demand = check_enforcing(tx, demand_id)
            facts: dict[str, Json] = {"answer": Enforcing.REFUSED.value}
            tx.record(ENFORCING_ANSWERED, demand_id, facts=facts, disclose={"reason": reason})
            if lock_demand(tx, demand.id).state not in ANSWERED:
                hold(tx, demand_id, ENFORCING_REFUSED)
        return self.get_deadlines(actor, demand_id)

    def _note_look(self, actor: Actor, demand_id: str, view: str) -> None:
        permit(actor, Permission.DEMAND_READ)
        note_look(self._transactions, self._looks, actor, demand_id, view)

    def _keep_basis_hold(self, tx: Transaction, demand_id: str, facts: DemandFacts) -> None:
        if self.catalogue.has_basis(facts.legal_basis):
            release_hold(tx, demand_id, BASIS_UNKNOWN)
        else:
            hold(tx, demand_id, BASIS_UNKNOWN)

    def _read_order(self, actor: Actor, demand_id: str) -> tuple[DemandView, OrderText | None]:
        """Return a demand and the text of its order, read by another process."""
        with self._transactions.read(actor) as session:
            demand, data = load_order(session, self._transactions.keys, demand_id)
        return demand, None if data is None else self._orders.read(data)

    def _compare(self, actor: Actor, demand: DemandView, text: OrderText | None) -> Comparison:
        with self._transactions.read(actor) as session:
            base = (session, self._transactions.keys, demand)
            senders = list_senders(*base, self._orders.normalise)
            issuers, validator = list_issuers(*base), find_validator_name(*base)
            basis = self.catalogue.find_basis(demand.legal_basis, demand.order_date)
            taken_back = find_taken_back(*base, self._orders.normalise, basis, self._working)
        sent_at = None if text is None else text.sent_at
        taken_back += find_sent_doubts(demand.received_at, sent_at, basis)
        compared = self._orders.compare(demand, text, senders, issuers, validator)
        return hint_at(compared, demand, text, taken_back)

    def _assess(
        self, tx: Transaction, row: Demand, facts: DemandFacts, seen: tuple[Comparison, Weighed]
    ) -> None:
        compared, weighed = seen
        found = check_demand(facts, self.catalogue, day_of(tx.now))
        found += [*weighed.findings, *compared.findings]
        basis = self.catalogue.find_basis(facts.legal_basis, facts.order_date)
        earlier = select(func.count()).where(Assessment.demand_id == row.id)
        assessment_id = tx.ids.new("as")
        assessment = Assessment(
            id=assessment_id,
            demand_id=row.id,
            n=(tx.session.scalar(earlier) or 0) + 1,
            record_version=row.record_version,
            catalogue_version=self.catalogue.version,
            catalogue_digest=self.catalogue.digest,
            legal_basis=basis.id if basis else None,
            basis_digest=basis.digest if basis else None,
            outcome=gravest(found).value,
            findings=[one.dump() for one in found],
            compared_sealed=tx.seal(row.id, dump_values(compared), compared_label(assessment_id)),
            assessed_by=tx.actor.id,
            assessed_at=tx.now,
        )
        tx.session.add(assessment)
        tx.session.flush()
        evidence = [assessment, add_report(tx, row.id, assessment_id, weighed)]
        stated = _assessed(assessment, found) | state_paper(compared)
        told = conceal(tx.session, row.id, stated, "row", "findings")
        tx.record("demand.assessed", row.id, facts=stated, disclose=told, evidence=evidence)

    def _check_not_european(self, tx: Transaction, demand_id: str, why: str) -> DemandView:
        """Return a demand that is no European order. Raises WrongState, which says why."""
        demand = get_demand(tx.session, tx.keys, demand_id)
        if is_european(self.catalogue.find_basis(demand.legal_basis, demand.order_date)):
            raise WrongState(why)
        return demand

    def _get_refusal_ground(self, code: str) -> Ground:
        ground = self.catalogue.grounds.get(code)
        if ground is None:
            known = self.catalogue.grounds.items()
            listed = ", ".join(sorted(one for one, it in known if it.may_refuse))
            raise InvalidInput.at("/ground", f"expected one of these: {listed}")
        if not ground.may_refuse:
            raise InvalidInput.at("/ground", f"no ground to refuse: {ground.text['en']}")
        return ground


def _assessed(assessment: Assessment, found: Sequence[Finding]) -> dict[str, Json]:
    """Return the facts of the entry: which catalogue and row, how often each code that failed."""
    refs = [one.ref for one in found if one.outcome is not Outcome.PASS]
    return {
        "assessment": assessment.id,
        "record_version": assessment.record_version,
        "catalogue": assessment.catalogue_version,
        "digest": assessment.catalogue_digest,
        "row": assessment.basis_digest,
        "outcome": assessment.outcome,
        "findings": count_codes(refs),
        "checked": len(found),
    }
