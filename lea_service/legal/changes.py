"""On what decisions rest, inside their own transaction: the newest assessment and a question."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select

from lea_service.demands.demand import Demand
from lea_service.demands.states import State, wrong_state
from lea_service.kernel.canonical import Json
from lea_service.kernel.clock import day_of
from lea_service.kernel.errors import InvalidInput, WrongState
from lea_service.kernel.transactions import Transaction
from lea_service.legal.acceptance import MOST_NAMED, is_meant
from lea_service.legal.advice import Advice, AdviceSchema
from lea_service.legal.catalogue import Ground
from lea_service.legal.clarification_queries import answer_label, question_label
from lea_service.legal.models import Assessment, Clarification, ClarificationAnswer, Refusal
from lea_service.legal.queries import (
    AssessmentView,
    explanation_label,
    find_assessment,
    open_assessment,
)
from lea_service.legal.questions import QuestionReason
from lea_service.legal.wording import WORDING

ASSESSABLE = frozenset({State.RECEIVED, State.UNDER_REVIEW, State.CLARIFICATION})


def check_assessable(state: str) -> None:
    """Let a demand be assessed that was not decided on. Raises WrongState."""
    if State(state) not in ASSESSABLE:
        raise wrong_state(state, "assessed")


def get_current(tx: Transaction, demand_id: str) -> AssessmentView:
    """Return the newest assessment, of the record as it stands. Raises WrongState."""
    found = _assessed(find_assessment(tx.session, demand_id))
    if not found.is_current:
        raise WrongState("the demand was corrected since it was assessed; assess it again")
    return found


def get_opened(tx: Transaction, demand_id: str) -> AssessmentView:
    """Return the newest assessment with what is sealed of it. Raises WrongState."""
    return _assessed(open_assessment(tx.session, tx.keys, demand_id))


def _assessed(found: AssessmentView | None) -> AssessmentView:
    if found is None:
        raise WrongState("the demand was not assessed")
    return found


def resolve(current: AssessmentView, findings: Sequence[str]) -> list[str]:
    """Return the references behind codes or references that are still open. Raises InvalidInput."""
    refs: list[str] = []
    for n, text in enumerate(findings):
        meant = [one.ref for one in current.findings if is_meant(one, text, None)]
        still_open = [ref for ref in meant if ref in current.open]
        if not still_open:
            raise InvalidInput.at(f"/findings/{n}", _say_open(text, current.open))
        refs += [ref for ref in still_open if ref not in refs]
    return refs


def check_borne_out(
    tx: Transaction,
    current: AssessmentView,
    ground: Ground,
    findings: Sequence[str],
    advice: Advice | None = None,
) -> list[str]:
    """Return the references on which a refusal rests. Raises InvalidInput, WrongState.

    How many a target means bears nothing out before the authority answered a question about it,
    on the record as it stands, or counsel advised: that it is too much is no ground of ours.
    """
    refs = resolve(current, findings)
    named = [one for one in current.findings if one.ref in refs]
    bearing = [one for one in named if one.ground == ground.code]
    if ground.needs_finding and not bearing:
        raise InvalidInput.at("/findings", "expected a finding that bears out the ground")
    answered = _list_answered(tx, current)
    rests_on = bearing or named
    is_breadth = rests_on and all(one.asks_first and one.ref not in answered for one in rests_on)
    if is_breadth and advice is None:
        told = ", ".join(one.ref for one in rests_on[:MOST_NAMED])
        raise WrongState(
            "too broad is a question to the authority (`lea legal ask`, `lea legal answer`) or a "
            f"case for counsel (`lea legal refuse --counsel`): {told}"
        )
    return refs


def check_advice(tx: Transaction, demand: Demand, advice: Advice | None) -> None:
    """Let advice be of a day on which the demand was here. Raises InvalidInput."""
    if advice and not day_of(demand.received_at) <= advice.given_on <= day_of(tx.now):
        raise InvalidInput.at(
            "/advice/given_on", "expected a day from when the demand came, and not after today"
        )


def _list_answered(tx: Transaction, current: AssessmentView) -> frozenset[str]:
    """Return the findings about which the authority answered, on the record as it stands."""
    first = select(func.min(Assessment.assessed_at)).where(
        Assessment.demand_id == current.demand_id,
        Assessment.record_version == current.record_version,
    )
    rows = tx.session.scalars(
        select(Clarification.findings)
        .join(ClarificationAnswer)
        .where(
            Clarification.demand_id == current.demand_id,
            Clarification.asked_at >= first.scalar_subquery(),
        )
    )
    return frozenset(ref for refs in rows for ref in refs)


def _say_open(text: str, still_open: Sequence[str]) -> str:
    """Say which finding is not open, where it is one, and which are; the place is a mere number."""
    listed = ", ".join(still_open[:MOST_NAMED]) or "none"
    if text.partition("/")[0] in WORDING:
        return f"{text} is no open finding of the newest assessment; open are: {listed}"
    return f"expected an open finding of the newest assessment, one of these: {listed}"


def check_may_be_told(current: AssessmentView, refs: Sequence[str]) -> None:
    """Let an authority be asked about findings of its demand alone. Raises InvalidInput."""
    kept = sorted(one.code for one in current.findings if one.ref in refs and one.is_private)
    if kept:
        raise InvalidInput.at(
            "/findings",
            f"{kept[0]} is about other demands or our own people, of which no authority is told; "
            "ask without it, with a reason code",
        )


def add_clarification(
    tx: Transaction,
    demand_id: str,
    question: str,
    refs: Sequence[str],
    reasons: Sequence[QuestionReason] = (),
) -> Clarification:
    """Keep a question to the authority, about these findings and for these reasons."""
    earlier = select(func.count()).where(Clarification.demand_id == demand_id)
    clarification_id = tx.ids.new("cl")
    row = Clarification(
        id=clarification_id,
        demand_id=demand_id,
        n=(tx.session.scalar(earlier) or 0) + 1,
        findings=[*refs],
        reasons=sorted(reasons),
        question_sealed=tx.seal(demand_id, question, question_label(clarification_id)),
        asked_by=tx.actor.id,
        asked_at=tx.now,
    )
    tx.session.add(row)
    tx.session.flush()
    return row


def add_answer(
    tx: Transaction, demand_id: str, asked: Clarification, answer: str
) -> ClarificationAnswer:
    """Keep what the authority answered to a question."""
    row = ClarificationAnswer(
        clarification_id=asked.id,
        answer_sealed=tx.seal(demand_id, answer, answer_label(asked.id)),
        recorded_by=tx.actor.id,
        recorded_at=tx.now,
    )
    tx.session.add(row)
    return row


def add_refusal(
    tx: Transaction,
    current: AssessmentView,
    ground: str,
    refs: Sequence[str],
    explanation: str,
    advice: Advice | None,
) -> Refusal:
    """Keep why a demand is refused: its ground, the findings that it rests on, what was advised."""
    demand_id = current.demand_id
    advised = None if advice is None else AdviceSchema().dump(advice)
    said: dict[str, Json] = {"explanation": explanation, "advice": advised}
    row = Refusal(
        demand_id=demand_id,
        assessment_id=current.id,
        ground=ground,
        findings=[*refs],
        explanation_sealed=tx.seal(demand_id, said, explanation_label(demand_id)),
        refused_by=tx.actor.id,
        refused_at=tx.now,
    )
    tx.session.add(row)
    tx.session.flush()
    return row
