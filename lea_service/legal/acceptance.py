"""Taking findings upon oneself: which can be, and what has to be typed again for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from lea_service.demands.admission import conceal
from lea_service.demands.changes import advance
from lea_service.demands.concerned import Normalise
from lea_service.demands.states import State
from lea_service.kernel.canonical import Json
from lea_service.kernel.database import CaseBase
from lea_service.kernel.errors import InvalidInput, NotFound, NotPermitted, WrongState
from lea_service.kernel.transactions import Transaction
from lea_service.legal.findings import Finding, Outcome
from lea_service.legal.models import Acceptance, Assessment
from lea_service.legal.order_comparison import NO_DOCUMENT, Comparison, Typed, is_same
from lea_service.legal.queries import AssessmentView, reason_label
from lea_service.legal.times import HALTS, PAPER, READ, SAME
from lea_service.legal.wording import WORDING

RETYPED = "/retyped"
OF_PAPER = "order."
"""So begins the code of each finding on what an order says against what was recorded."""
MOST_NAMED = 20
"""So many values that are missing are named in an error."""
TELLING = (
    "ground", "reasons", "findings", "names", "annex", "assessment", "effect", "table",
)  # fmt: skip
"""What of the facts of a decision tells on which law it rests."""


def is_meant(finding: Finding, code: str, item: int | None) -> bool:
    """Say whether a code or reference means a finding."""
    return code in {finding.code, finding.ref} and item in {None, finding.item}


def choose(current: AssessmentView, code: str, item: int | None) -> list[Finding]:
    """Return the findings of an assessment that are meant. Raises NotFound, which lists the open.

    A code or reference that no rule has is not repeated.
    """
    chosen = [one for one in current.findings if is_meant(one, code, item)]
    if not chosen:
        listed = ", ".join(current.open[:MOST_NAMED]) or "none"
        said = code if code.partition("/")[0] in WORDING else "what was named"
        if item is not None:
            said += f" of item {item}"
        raise NotFound(f"{said} is no finding of the newest assessment; open are: {listed}")
    return chosen


def pick_fresh(current: AssessmentView, chosen: Sequence[Finding]) -> list[str]:
    """Return which of the findings that are meant are still open.

    Raises WrongState where all were settled before: what was typed again is compared with nothing.
    """
    fresh = [one.ref for one in chosen if one.ref in current.open]
    if not fresh:
        settled = ", ".join(one.ref for one in chosen[:MOST_NAMED])
        raise WrongState(
            f"settled before: {settled}; nothing was compared and nothing was kept now. Assess the "
            "demand anew with `lea legal assess` to accept it again",
        )
    return fresh


def check_acceptable(chosen: Sequence[Finding], answered: Collection[str] = ()) -> None:
    """Let findings be accepted that are questions; ``answered`` are those that were answered.

    Raises WrongState.
    """
    for finding in chosen:
        if not finding.can_be_accepted:
            raise WrongState(
                f"the finding {finding.code} cannot be accepted; {_why(finding)}",
                finding=finding.code,
            )
        if finding.needs_answer and finding.ref not in answered:
            raise WrongState(
                f"the finding {finding.code} can be accepted once the authority answered a "
                f"question about it: `lea legal ask --finding {finding.ref}`, `lea legal answer`",
                finding=finding.code,
            )


def check_second(chosen: Sequence[Finding], actor_id: str, busy: Collection[str]) -> None:
    """Let a finding that takes another person be accepted by one. Raises NotPermitted."""
    if actor_id in busy and any(finding.needs_another for finding in chosen):
        raise NotPermitted("somebody accepts this who neither recorded nor assessed the demand")


def check_retyped(
    tx: Transaction,
    current: AssessmentView,
    refs: Sequence[str],
    retyped: Sequence[str],
    normalise: Normalise,
) -> None:
    """Let findings be accepted whose values were typed again, each, in their order.

    Raises InvalidInput that names the place, never the value.
    """
    values = _open_values(tx, current)
    wanted = [one for ref in refs for one in values.get(ref, ())]
    if len(wanted) != len(retyped):
        raise InvalidInput.at(RETYPED, _say_wanted(values, refs, len(wanted)))
    for n, (typed, again) in enumerate(zip(wanted, retyped, strict=True)):
        if not is_same(typed, again, normalise):
            raise InvalidInput.at(f"{RETYPED}/{n}", "expected the value that was compared")


def dump_values(comparison: Comparison) -> Json:
    """Return the values beside findings, to be sealed."""
    return {
        ref: [[one.kind, one.value] for one in values] for ref, values in comparison.values.items()
    }


def compared_label(assessment_id: str) -> str:
    """Return what the values that were compared are bound to."""
    return f"compared/{assessment_id}"


def state_paper(compared: Comparison) -> dict[str, Json]:
    """Return what the entry of a legal check says of the order document, if there is one."""
    found = [one for one in compared.findings if one.code.startswith(OF_PAPER)]
    if any(one.seen.get("observations") == [NO_DOCUMENT] for one in found):
        return {}
    is_same = all(one.outcome is Outcome.PASS for one in found)
    return {PAPER: SAME if is_same else "differs"}


def accept(
    tx: Transaction,
    current: AssessmentView,
    refs: Sequence[str],
    reason: str,
    retyped: int,
    busy: Collection[str],
) -> None:
    """Keep that findings were accepted; ``retyped`` is how many values were typed again.

    ``busy`` are those who recorded and assessed the demand.
    """
    acceptance_id = tx.ids.new("ac")
    row = Acceptance(
        id=acceptance_id,
        assessment_id=current.id,
        findings=[*refs],
        reason_sealed=tx.seal(current.demand_id, reason, reason_label(acceptance_id)),
        accepted_by=tx.actor.id,
        accepted_at=tx.now,
    )
    tx.session.add(row)
    tx.session.flush()
    facts: dict[str, Json] = {
        "assessment": current.id,
        "findings": count_codes(refs),
        "retyped": retyped,
    }
    if _is_read(current, refs, tx.actor.id, busy):
        facts[READ] = True
    told = conceal(tx.session, current.demand_id, facts, "findings")
    tx.record(
        "demand.finding_accepted", current.demand_id, facts=facts, disclose=told, evidence=[row]
    )


def _is_read(
    current: AssessmentView, refs: Sequence[str], actor_id: str, busy: Collection[str]
) -> bool:
    """Say whether others than ``busy`` let each difference between record and paper pass by now."""
    differ = {
        one.ref
        for one in current.findings
        if one.code.startswith(OF_PAPER) and one.outcome is not Outcome.PASS
    }
    by_others = {
        ref for one in current.acceptances if one.accepted_by not in busy for ref in one.findings
    }
    by_others |= set() if actor_id in busy else {*refs}
    return bool(differ) and differ <= by_others


def decide(
    tx: Transaction, demand_id: str, to: State, event: str, facts: dict[str, Json], *rows: CaseBase
) -> None:
    """Move a demand on, by rows that rest on findings.

    Of a demand in the sealed lane the leaf does not say on which, nor on what ground.
    """
    told = conceal_decision(tx, demand_id, facts)
    advance(tx, demand_id, to, event, facts=facts, disclose=told, evidence=rows)


def conceal_decision(tx: Transaction, demand_id: str, facts: dict[str, Json]) -> dict[str, Json]:
    """Take out of the facts of a decision on a sealed demand what it rests on; returns that.

    That a question halts our term goes without saying; that it does not the clocks have to know.
    """
    telling = (*TELLING, HALTS) if facts.get(HALTS) is True else TELLING
    return conceal(tx.session, demand_id, facts, *telling)


def count_codes(refs: Sequence[str]) -> dict[str, Json]:
    """Return how often each code is among references; an entry has room for that, always."""
    codes = Counter(ref.partition("/")[0] for ref in refs)
    return dict(sorted(codes.items()))


def _say_wanted(values: Mapping[str, Sequence[Typed]], refs: Sequence[str], count: int) -> str:
    """Say what has to be typed again, by finding and kind, in the order in which it is compared."""
    if not count:
        return "expected no value: nothing of this finding is typed again"
    named = [f"{ref}: {one.kind}" for ref in refs for one in values.get(ref, ())]
    more = [f"and {count - MOST_NAMED} more"] if count > MOST_NAMED else []
    told = "; ".join([*named[:MOST_NAMED], *more])
    return f"expected {count} values typed again from the order, in this order: {told}"


def _open_values(tx: Transaction, current: AssessmentView) -> Mapping[str, Sequence[Typed]]:
    row = tx.session.get_one(Assessment, current.id)
    label = compared_label(current.id)
    found: Any = tx.open(current.demand_id, row.compared_sealed, label)
    return {ref: [Typed(*one) for one in values] for ref, values in found.items()}


def _why(finding: Finding) -> str:
    if finding.outcome is Outcome.PASS:
        return "it passed"
    if finding.outcome is Outcome.DEFECT:
        return "a defect has to be cured, or the demand refused"
    return "what it is about has to change first"
