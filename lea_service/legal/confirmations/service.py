"""Use cases of confirmations: what is still owed, the papers that come, and breaches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from lea_service.custody.looks import Looks
from lea_service.custody.replay import read_stream
from lea_service.demands.admission import conceal
from lea_service.demands.changes import lock_demand
from lea_service.demands.demand import Demand as DemandView
from lea_service.demands.demand import OrderDocument
from lea_service.demands.document import dump_order
from lea_service.demands.look_service import note_look
from lea_service.demands.order import SealedOrder, describe_order, seal_order
from lea_service.demands.queries import OrderFile, get_demand, list_to_be_confirmed
from lea_service.kernel.actors import Actor, Permission, permit
from lea_service.kernel.canonical import Json, encode_b64url
from lea_service.kernel.clock import format_instant
from lea_service.kernel.database import Place, lock_row
from lea_service.kernel.datakeys import DataKeys
from lea_service.kernel.errors import IntegrityFailure, Unavailable, WrongState
from lea_service.kernel.transactions import SYSTEM_STREAM, Transaction, Transactions
from lea_service.legal.acceptance import count_codes
from lea_service.legal.confirmations.differences import (
    BROUGHT,
    PAPER,
    Compared,
    compare_paper,
)
from lea_service.legal.confirmations.models import (
    BreachAssessment,
    BreachNotice,
    ConfirmationPaper,
)
from lea_service.legal.confirmations.owing import Owed
from lea_service.legal.confirmations.paper_queries import (
    PaperView,
    check_not_brought,
    check_other_paper,
    get_paper,
    get_paper_file,
    list_papers,
    paper_label,
)
from lea_service.legal.confirmations.queries import (
    BreachView,
    assessment_label,
    list_breaches,
    view_breach,
)
from lea_service.legal.confirmations.rules import BREACH_ASSESSED, Assessed
from lea_service.legal.deadlines import Clock, Deadline, Status
from lea_service.legal.order_comparison import OrderCheck
from lea_service.legal.times import list_confirmations
from lea_service.legal.working_days import WorkingDays

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
        self._owed = Owed(orders.catalogue, working)
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

    def bring(
        self, actor: Actor, demand_id: str, order: bytes, validated_by: str | None = None
    ) -> PaperView:
        """Take in a paper that is to pay what an order owed when it was decided on.

        That is the written order of an oral one, or of an emergency the order with its validation
        and the person of the register who gave it (``validated_by``). Where both are owed the
        latter pays both, a written order without it the writing alone. Before the decision a
        correction does that.

        A validation is no paper that was recorded of the demand before. It is read and compared
        with what was acted on, and pays nothing until two people agree
        (``confirmation.acceptance``). Raises InvalidInput, TooLarge, Duplicate, WrongState (nothing
        owed, confirmed before, not decided on, over, corrected while the paper was read).
        """
        permit(actor, Permission.DEMAND_EDIT)
        document = describe_order(order, self._max_order_bytes)
        keys = self._transactions.keys
        with self._transactions.read(actor) as session:  # nothing is read where nothing is owed
            now = self._transactions.clock.now()
            self._check_new(session, keys, demand_id, document, validated_by, now)
        base = (self._transactions, self._orders, actor)
        compared = compare_paper(*base, demand_id, order, validated_by)
        came = _Came(document, seal_order(order), validated_by, compared)
        with self._transactions.begin(actor) as tx:
            if lock_demand(tx, demand_id).record_version != compared.record_version:
                raise WrongState("the demand was corrected while the paper was read; send it again")
            self._check_new(tx.session, tx.keys, demand_id, document, validated_by, tx.now)
            named = (document.sha256, validated_by, compared.words)
            check_other_paper(tx.session, tx.keys, demand_id, *named)
            paper_id = _add_paper(tx, demand_id, came)
        with self._transactions.read(actor) as session:  # its entry vouches for it now
            return get_paper(session, keys, paper_id)

    def list_papers(self, actor: Actor, demand_id: str) -> Sequence[PaperView]:
        """Return the papers that were brought of a demand; the look is entered first."""
        permit(actor, Permission.DEMAND_READ)
        note_look(self._transactions, self._looks, actor, demand_id, "confirmation_papers")
        with self._transactions.read(actor) as session:
            return list_papers(session, self._transactions.keys, demand_id)

    def get_paper(self, actor: Actor, demand_id: str, paper_id: str) -> OrderFile:
        """Return a paper as it arrived; the look is entered first. Raises NotFound."""
        permit(actor, Permission.DEMAND_READ)
        note_look(self._transactions, self._looks, actor, demand_id, "confirmation_papers")
        with self._transactions.read(actor) as session:
            return get_paper_file(session, self._transactions.keys, demand_id, paper_id)

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

    def _check_new(
        self,
        session: Session,
        keys: DataKeys,
        demand_id: str,
        document: OrderDocument,
        validated_by: str | None,
        now: datetime,
    ) -> None:
        """Let a paper be brought of a demand that owes something, which is no old one."""
        self._owed.check(session, keys, demand_id, validated_by, now)
        check_other_paper(session, keys, demand_id, document.sha256, validated_by)
        check_not_brought(session, keys, demand_id, document.sha256, validated_by)

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
    """A paper that came: who validated the order, and how it differs from what was acted on."""

    document: OrderDocument
    sealed: SealedOrder
    validated_by: str | None
    compared: Compared


def _add_paper(tx: Transaction, demand_id: str, came: _Came) -> str:
    paper_id = tx.ids.new("wp")
    kept: dict[str, Json] = {
        "order": dump_order(came.document),
        "key": encode_b64url(came.sealed.key),
        "validated_by": came.validated_by,
        "findings": [one.dump() for one in came.compared.findings],
        "words": came.compared.words,
    }
    made = ConfirmationPaper(
        id=paper_id,
        demand_id=demand_id,
        record_version=came.compared.record_version,
        sealed=tx.seal(demand_id, kept, paper_label(paper_id)),
        content=came.sealed.content,
        brought_by=tx.actor.id,
        brought_at=tx.now,
    )
    tx.session.add(made)
    tx.session.flush()
    codes = count_codes([one.ref for one in came.compared.findings])
    facts: dict[str, Json] = {"paper": paper_id, "findings": codes}
    disclosed: dict[str, Json] = {PAPER: came.document.sha256}
    disclosed |= conceal(tx.session, demand_id, facts, "findings")
    tx.record(BROUGHT, demand_id, facts=facts, disclose=disclosed, evidence=[made])
    return paper_id


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
