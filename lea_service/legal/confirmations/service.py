"""Use cases of confirmations: what is still owed, the written order that came, and breaches."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from lea_service.custody.looks import Looks
from lea_service.custody.replay import read_stream
from lea_service.demands.admission import conceal
from lea_service.demands.changes import lock_demand, release_hold
from lea_service.demands.demand import Demand as DemandView
from lea_service.demands.demand import OrderDocument
from lea_service.demands.document import dump_order
from lea_service.demands.order import SealedOrder, describe_order, seal_order
from lea_service.demands.queries import get_demand, list_recorders, list_to_be_confirmed
from lea_service.demands.service import CORRECTABLE
from lea_service.demands.states import DECLINED, OVER
from lea_service.kernel.actors import Actor, Permission, permit
from lea_service.kernel.canonical import Json, encode_b64url
from lea_service.kernel.clock import format_instant
from lea_service.kernel.database import Place, lock_row
from lea_service.kernel.errors import IntegrityFailure, InvalidInput, Unavailable, WrongState
from lea_service.kernel.transactions import SYSTEM_STREAM, Transaction, Transactions
from lea_service.legal.acceptance import count_codes
from lea_service.legal.confirmations.differences import (
    DIFFERED,
    PAPER,
    Accepted,
    Brought,
    check_accepted,
    compare_paper,
    list_open_differences,
    say_differences,
)
from lea_service.legal.confirmations.models import (
    BreachAssessment,
    BreachNotice,
    WrittenConfirmation,
)
from lea_service.legal.confirmations.queries import (
    BreachView,
    assessment_label,
    check_other_paper,
    confirmation_label,
    find_bringer,
    list_breaches,
    view_breach,
)
from lea_service.legal.confirmations.rules import BREACH_ASSESSED, HOLDS, Assessed
from lea_service.legal.deadlines import Clock, Deadline, Status
from lea_service.legal.findings import Finding
from lea_service.legal.order_comparison import OrderCheck
from lea_service.legal.queries import agency_facts, validator_facts
from lea_service.legal.times import CONFIRMED, PAYS, list_confirmations
from lea_service.legal.validation import Validation, judge_validator
from lea_service.legal.working_days import WorkingDays

NO_VALIDATOR = (
    "expected a person of the register who is not suspended, is of the same State as the agency, "
    "did not issue the order, and holds a role that may issue it alone"
)
ListPlace = tuple[str, str]


@dataclass(frozen=True, slots=True)
class OpenConfirmation:
    """An order to be put in writing or validated: by when by law, and since when to look."""

    demand: str
    clock: Clock
    officer: str | None
    agency: str | None
    status: Status
    rule: str
    law: str
    alarm: datetime | None
    is_alarm: bool
    due: datetime | None
    late: datetime | None


@dataclass(frozen=True, slots=True)
class Confirmed:
    """That what a demand owed was recorded, and whether its writing came too late."""

    demand: str
    recorded_at: datetime
    late: datetime | None
    is_late: bool


class ConfirmationService:
    """Lists what is owed, takes in what comes, and has breaches assessed."""

    def __init__(
        self,
        transactions: Transactions,
        looks: Looks,
        orders: OrderCheck,
        working: WorkingDays,
        *,
        max_order_bytes: int,
    ) -> None:
        self._transactions = transactions
        self._looks = looks
        self._orders = orders
        self._catalogue = orders.catalogue
        self._working = working
        self._max_order_bytes = max_order_bytes

    def list_open(
        self, actor: Actor, after: ListPlace | None, limit: int
    ) -> list[OpenConfirmation]:
        """Return the orders that wait for their confirmation, the first to end first.

        Those without an end come last. The look is entered first.
        """
        permit(actor, Permission.DEMAND_LIST)
        self._looks.note(actor, SYSTEM_STREAM, "confirmations", "demand.listed")
        with self._transactions.read(actor) as session:
            found = sorted(self._iter_open(session), key=place_of)
        return [one for one in found if after is None or place_of(one) > after][:limit]

    def confirm(
        self,
        actor: Actor,
        demand_id: str,
        order: bytes,
        validated_by: str | None = None,
        accepted: Accepted = Accepted(),  # noqa: B008 it is frozen
    ) -> Confirmed:
        """Record what an order owed when it was decided on; its demand goes on.

        That is the written order of an oral one, or of an emergency the order with its validation
        and the person of the register who gave it (``validated_by``). Where both are owed the
        latter pays both, a written order without it the writing alone. Before the decision a
        correction does that.

        The paper is none that was recorded of the demand before. It is read and compared with what
        was acted on. Where it differs, or lacks the name of who validated, and nobody else lets
        that pass (``accepted``), nothing is paid and that it came is entered alone. Raises
        InvalidInput (also that, naming each difference), TooLarge, NotPermitted, WrongState
        (nothing owed, confirmed before, not decided on, over,
        corrected while the paper was read).
        """
        permit(actor, Permission.DEMAND_EDIT)
        document = describe_order(order, self._max_order_bytes)
        with self._transactions.read(actor) as session:  # nothing is read where nothing is owed
            self._check_owed(session, demand_id, self._transactions.clock.now(), validated_by)
            check_other_paper(session, self._transactions.keys, demand_id, document.sha256)
        base = (self._transactions, self._orders, actor)
        compared = compare_paper(*base, demand_id, order, validated_by)
        found = compared.findings
        with self._transactions.begin(actor) as tx:
            if lock_demand(tx, demand_id).record_version != compared.record_version:
                raise WrongState("the demand was corrected while the paper was read; send it again")
            owed = self._check_owed(tx.session, demand_id, tx.now, validated_by)
            check_other_paper(tx.session, tx.keys, demand_id, document.sha256)
            check_accepted(found, accepted, actor.id, _brought(tx, demand_id, document.sha256))
            left = list_open_differences(found, accepted)
            if not left:
                came = _Came(document, seal_order(order), validated_by, found, accepted.ground)
                return _pay(tx, demand_id, owed, came)
            _enter_differences(tx, demand_id, document, left)
        raise say_differences(left, document.sha256)

    def list_breaches(
        self, actor: Actor, is_open: bool | None, after: Place | None, limit: int
    ) -> list[BreachView]:
        """Return breach notices, the newest first; the look is entered first."""
        permit(actor, Permission.BREACH_READ)
        self._looks.note(actor, SYSTEM_STREAM, "breaches", "breach.listed")
        with self._transactions.read(actor) as session:
            keys = self._transactions.keys
            return list_breaches(session, keys, is_open=is_open, after=after, limit=limit)

    def assess(self, actor: Actor, notice_id: str, outcome: Assessed, words: str) -> BreachView:
        """Keep what somebody who oversees made of a notice. Raises NotFound, WrongState."""
        permit(actor, Permission.BREACH_ASSESS)
        with self._transactions.begin(actor) as tx:
            row = lock_row(tx.session, BreachNotice, notice_id, "breach notice")
            if tx.session.get(BreachAssessment, notice_id) is not None:
                raise WrongState("this notice was assessed before")
            done = BreachAssessment(
                notice_id=notice_id,
                demand_id=row.demand_id,
                outcome=str(outcome),
                assessment_sealed=tx.seal(row.demand_id, words, assessment_label(notice_id)),
                assessed_by=actor.id,
                assessed_at=tx.now,
            )
            tx.session.add(done)
            tx.session.flush()
            facts: dict[str, Json] = {"notice": notice_id, "outcome": str(outcome)}
            tx.record(BREACH_ASSESSED, row.demand_id, facts=facts, evidence=[done])
            return view_breach(tx.session, tx.keys, row, done)

    def _check_owed(
        self, session: Session, demand_id: str, now: datetime, validated_by: str | None
    ) -> Mapping[Clock, Deadline]:
        """Return the clocks of what a demand owes still. Raises WrongState, InvalidInput."""
        demand = get_demand(session, self._transactions.keys, demand_id)
        if demand.state in CORRECTABLE:
            raise WrongState(
                "before the decision what is owed comes by a correction: "
                f"`lea demands correct {demand_id} FILE --order ORDER`",
                state=demand.state.value,
            )
        entries = read_stream(session, demand_id)
        found = list_confirmations(demand, entries, self._catalogue, self._working, now)
        if demand.state in OVER | DECLINED or not found:
            raise WrongState("this demand owes no confirmation", state=demand.state.value)
        owed = {one.clock: one for one in found if one.met_at is None}
        if not owed:
            raise WrongState("what this demand owed was recorded before")
        self._check_validator(session, demand, owed, validated_by)
        return owed

    def _check_validator(
        self,
        session: Session,
        demand: DemandView,
        owed: Mapping[Clock, Deadline],
        validated_by: str | None,
    ) -> None:
        """Want a person who may validate the order where it owes that alone, or who is named.

        Raises InvalidInput.
        """
        if Clock.VALIDATION not in owed:
            if validated_by is not None:
                raise InvalidInput.at("/validated_by", "expected none with an oral order")
            return
        if validated_by is None and Clock.CONFIRMATION in owed:
            return
        basis = self._catalogue.find_basis(demand.legal_basis, demand.order_date)
        keys = self._transactions.keys
        validator = validator_facts(session, keys, demand, validated_by)
        agency = agency_facts(session, keys, demand)
        if (
            basis is None
            or validator is None
            or judge_validator(validator, agency, basis, self._catalogue) is not Validation.GIVEN
        ):
            raise InvalidInput.at("/validated_by", NO_VALIDATOR)

    def _iter_open(self, session: Session) -> Iterator[OpenConfirmation]:
        now, keys = self._transactions.clock.now(), self._transactions.keys
        for demand_id in list_to_be_confirmed(session):
            try:
                demand = get_demand(session, keys, demand_id)
                entries = read_stream(session, demand_id)
            except (IntegrityFailure, Unavailable):  # the worker raises the alarm
                continue
            for found in list_confirmations(demand, entries, self._catalogue, self._working, now):
                if found.status is not Status.MET:
                    yield _open_of(demand, found, now)


@dataclass(frozen=True, slots=True)
class _Came:
    """A paper that pays: who validated the order, and which differences passed on what ground."""

    document: OrderDocument
    sealed: SealedOrder
    validated_by: str | None
    differences: Sequence[Finding]
    ground: str | None


def _brought(tx: Transaction, demand_id: str, sha256: str) -> Brought:
    first = find_bringer(tx.session, tx.keys, demand_id, sha256)
    return Brought(sha256, first, list_recorders(tx.session, demand_id))


def _pay(tx: Transaction, demand_id: str, owed: Mapping[Clock, Deadline], came: _Came) -> Confirmed:
    paid = _paid_by(owed, came.validated_by)
    is_whole = len(paid) == len(owed)
    made = _add_paper(tx, demand_id, came, is_whole=is_whole)
    writing = paid.get(Clock.CONFIRMATION)
    is_late = writing is not None and writing.status is Status.OVER
    disclosed: dict[str, Json] = {PAPER: came.document.sha256}
    if came.validated_by is not None:
        disclosed["validated_by"] = came.validated_by
    facts: dict[str, Json] = {"is_late": is_late}
    if came.validated_by is None:
        facts[PAYS] = Clock.CONFIRMATION.value
    if came.differences:
        facts |= {"findings": _count(came.differences), "ground": came.ground}
        disclosed |= conceal(tx.session, demand_id, facts, "findings", "ground")
    tx.record(CONFIRMED, demand_id, facts=facts, disclose=disclosed, evidence=[made])
    for clock in paid:
        release_hold(tx, demand_id, HOLDS[clock])
    late = max((one.late for one in paid.values() if one.late), default=None)
    return Confirmed(demand_id, tx.now, late, is_late)


def _add_paper(
    tx: Transaction, demand_id: str, came: _Came, *, is_whole: bool
) -> WrittenConfirmation:
    kept: dict[str, Json] = {
        "order": dump_order(came.document),
        "key": encode_b64url(came.sealed.key),
        "validated_by": came.validated_by,
    }
    made = WrittenConfirmation(
        demand_id=demand_id,
        is_whole=is_whole,
        sealed=tx.seal(demand_id, kept, confirmation_label(is_whole=is_whole)),
        content=came.sealed.content,
        recorded_by=tx.actor.id,
        recorded_at=tx.now,
    )
    tx.session.add(made)
    tx.session.flush()
    return made


def _enter_differences(
    tx: Transaction, demand_id: str, document: OrderDocument, left: Sequence[Finding]
) -> None:
    facts: dict[str, Json] = {"findings": _count(left)}
    disclosed: dict[str, Json] = {PAPER: document.sha256}
    disclosed |= conceal(tx.session, demand_id, facts, "findings")
    tx.record(DIFFERED, demand_id, facts=facts, disclose=disclosed)


def _count(found: Sequence[Finding]) -> dict[str, Json]:
    return count_codes([one.ref for one in found])


def _paid_by(owed: Mapping[Clock, Deadline], validated_by: str | None) -> dict[Clock, Deadline]:
    """Return what an order that came pays: with its validation all, else its writing alone."""
    return {
        clock: deadline
        for clock, deadline in owed.items()
        if validated_by is not None or clock is Clock.CONFIRMATION
    }


def _open_of(demand: DemandView, found: Deadline, now: datetime) -> OpenConfirmation:
    return OpenConfirmation(
        demand=demand.id,
        clock=found.clock,
        officer=demand.issuing_person.ref,
        agency=demand.agency.ref,
        status=found.status,
        rule=found.rule,
        law=found.law,
        alarm=found.alarm,
        is_alarm=found.alarm is not None and now >= found.alarm,
        due=found.due,
        late=found.late,
    )


def place_of(one: OpenConfirmation) -> ListPlace:
    """Return where an open confirmation stands in the list; no end sorts after any."""
    late = "~" if one.late is None else format_instant(one.late)
    return late, f"{one.demand}/{one.clock}"
