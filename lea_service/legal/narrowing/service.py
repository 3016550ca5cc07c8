"""Use cases of giving less than was asked: a person does it, on a ground, and it is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lea_service.custody.looks import Looks
from lea_service.demands.admission import conceal
from lea_service.demands.changes import lock_demand
from lea_service.demands.demand import Demand, Item
from lea_service.demands.look_service import note_look
from lea_service.demands.narrowing import Cut, CutGround, narrow, take_out
from lea_service.demands.queries import get_demand
from lea_service.demands.states import State, wrong_state
from lea_service.kernel.actors import Actor, Permission, permit
from lea_service.kernel.canonical import Json
from lea_service.kernel.clock import day_of, dump_instant
from lea_service.kernel.errors import InvalidInput, WrongState
from lea_service.kernel.transactions import Transaction, Transactions
from lea_service.legal.acceptance import count_codes
from lea_service.legal.annex.queries import list_stating
from lea_service.legal.annex.table import is_european
from lea_service.legal.changes import get_current
from lea_service.legal.checks import check_demand
from lea_service.legal.fact_queries import collect_facts
from lea_service.legal.findings import Finding
from lea_service.legal.models import Narrowing
from lea_service.legal.narrowing.audit import NARROWED, is_answered
from lea_service.legal.narrowing.queries import (
    NarrowingView,
    add_told,
    list_cuts,
    list_narrowings,
    narrowing_label,
    view_narrowing,
)
from lea_service.legal.narrowing.rules import (
    check_stated,
    cut_period,
    find_settled,
    find_support,
    is_gone,
)
from lea_service.legal.queries import AssessmentView, catalogue_of, find_basis

STATED_BY_FORM = (
    "what is not given of a European order is stated in Annex III first: file it with `lea legal "
    "annex file --reason given_in_part --missing --left-out`, or ask by it, and send it with "
    "`lea demands letter --about annex --send`"
)
TELLING = (
    "item", "ground", "category", "keep_from", "keep_until", "clarification", "findings", "settled",
)  # fmt: skip
"""What of the facts of a cut tells what was asked, and what the legal check found."""
IsSent = Callable[[Session, str, str], bool]
"""Says whether a form of Annex III about a demand went out."""
ListTold = Callable[[Session, str], Mapping[str, datetime]]
"""Returns when a letter about what is not given went out, by the last narrowing that it says."""

CheckNoneHolds = Callable[[Session, Cut, Iterable[Item]], None]
"""Lets something be said not to be recorded that no source was declared for."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody wants to leave out of an item; of a wrong period the findings say how much."""

    item: int
    ground: CutGround
    category: str | None = None
    keep_from: datetime | None = None
    keep_until: datetime | None = None
    clarification: str | None = None


class NarrowingService:
    """Keeps what of a demand is not given. That it is too broad is no ground."""

    def __init__(
        self,
        transactions: Transactions,
        looks: Looks,
        is_sent: IsSent,
        list_told: ListTold,
        check_none_holds: CheckNoneHolds,
    ) -> None:
        self._transactions = transactions
        self._looks = looks
        self._is_sent = is_sent
        self._list_told = list_told
        self._check_none_holds = check_none_holds

    def narrow(self, actor: Actor, demand_id: str, asked: Asked, reason: str) -> NarrowingView:
        """Leave something of a demand out of what is given, with a reason that is kept.

        It rests on the newest assessment, and counts until the demand is corrected or assessed
        anew. Findings about nothing that is left are settled by it. Raises InvalidInput for a
        ground that does not fit or that nothing bears out, and where nothing would be left;
        WrongState, also for a European order until Annex III that states it went out; NotFound.
        """
        permit(actor, Permission.DEMAND_REFUSE)
        with self._transactions.begin(actor) as tx:
            state = lock_demand(tx, demand_id).state
            if state != State.UNDER_REVIEW:
                raise wrong_state(state, "narrowed")
            current = get_current(tx, demand_id)
            demand = get_demand(tx.session, tx.keys, demand_id)
            before = narrow(demand.items, list_cuts(tx.session, demand_id))
            cut = _make_cut(tx, current, before, demand_id, asked)
            self._check_none_holds(tx.session, cut, demand.items)
            self._check_stated(tx, demand, cut)
            support = find_support(_open(current), cut)
            settled = _settle(tx, current, demand, before, take_out(before, cut))
            row = _keep(tx, current, cut, support, settled, reason)
            return view_narrowing(tx.session, tx.keys, row)

    def list(self, actor: Actor, demand_id: str) -> Sequence[NarrowingView]:
        """Return what of a demand is not given, and when the authority was told.

        The look is entered first. Raises NotFound.
        """
        permit(actor, Permission.DEMAND_READ)
        note_look(self._transactions, self._looks, actor, demand_id, "narrowings")
        with self._transactions.read(actor) as session:
            found = list_narrowings(session, self._transactions.keys, demand_id)
            return add_told(found, self._list_told(session, demand_id))

    def _check_stated(self, tx: Transaction, demand: Demand, cut: Cut) -> None:
        """Let less be given of a European order that Annex III says is not. Raises WrongState."""
        if not is_european(find_basis(tx.session, demand)):
            return
        stating = list_stating(tx.session, tx.keys, demand.id, cut.agreement)
        forms = [one for one in stating if self._is_sent(tx.session, demand.id, one.id)]
        if not forms:
            raise WrongState(STATED_BY_FORM)
        if cut.agreement is None:
            check_stated(cut, [left for one in forms for left in one.said.left_out])


def _open(current: AssessmentView) -> list[Finding]:
    return [one for one in current.findings if one.ref in current.open]


def _make_cut(
    tx: Transaction,
    current: AssessmentView,
    items: Sequence[Item],
    demand_id: str,
    asked: Asked,
) -> Cut:
    """Return the cut that is meant. Raises InvalidInput."""
    if asked.clarification is not None and not is_answered(
        tx.session, demand_id, asked.clarification
    ):
        raise InvalidInput.at("/clarification", "expected a question of this demand with an answer")
    item = next((one for one in items if one.n == asked.item), None)
    if item is None:
        raise InvalidInput.at("/item", "expected an item of which something is given")
    if asked.ground is not CutGround.PERIOD:
        return Cut(
            asked.item,
            asked.ground,
            category=asked.category,
            keep_from=asked.keep_from,
            keep_until=asked.keep_until,
            agreement=asked.clarification,
        )
    if asked.category or asked.keep_from or asked.keep_until or asked.clarification:
        raise InvalidInput.at("/ground", "expected nothing else: the findings say which days")
    cut = cut_period(_open(current), item)
    return replace(cut, keep_from=_utc(cut.keep_from), keep_until=_utc(cut.keep_until))


def _utc(at: datetime | None) -> datetime | None:
    return None if at is None else at.astimezone(UTC)


def _settle(
    tx: Transaction,
    current: AssessmentView,
    demand: Demand,
    before: Sequence[Item],
    left: Sequence[Item],
) -> tuple[str, ...]:
    """Return the open findings that the cut settles; both looks are at the same facts."""
    catalogue, day = catalogue_of(tx.session), day_of(current.assessed_at)
    whole, rest = (
        check_demand(
            collect_facts(tx.session, tx.keys, replace(demand, items=tuple(items))), catalogue, day
        )
        for items in (before, left)
    )
    gone = [one.ref for one in _open(current) if is_gone(one, before, left)]
    return find_settled(current.open, whole, rest, gone)


def _keep(
    tx: Transaction,
    current: AssessmentView,
    cut: Cut,
    support: Sequence[str],
    settled: Sequence[str],
    reason: str,
) -> Narrowing:
    earlier = select(func.count()).where(Narrowing.assessment_id == current.id)
    demand_id, narrowing_id = current.demand_id, tx.ids.new("na")
    row = Narrowing(
        id=narrowing_id,
        demand_id=demand_id,
        assessment_id=current.id,
        number=(tx.session.scalar(earlier) or 0) + 1,
        item=cut.n,
        ground=cut.ground.value,
        category=cut.category,
        keep_from=cut.keep_from,
        keep_until=cut.keep_until,
        clarification_id=cut.agreement,
        findings=[*support],
        settled=[*settled],
        reason_sealed=tx.seal(demand_id, reason, narrowing_label(narrowing_id)),
        narrowed_by=tx.actor.id,
        narrowed_at=tx.now,
    )
    tx.session.add(row)
    tx.session.flush()
    facts: dict[str, Json] = {
        "narrowing": row.id,
        "assessment": current.id,
        "item": row.item,
        "ground": row.ground,
        "category": row.category,
        "keep_from": dump_instant(row.keep_from),
        "keep_until": dump_instant(row.keep_until),
        "clarification": row.clarification_id,
        "findings": count_codes(support),
        "settled": count_codes(settled),
    }
    told = conceal(tx.session, demand_id, facts, *TELLING)
    tx.record(NARROWED, demand_id, facts=facts, disclose=told, evidence=[row])
    return row
