"""Where a demand stands, for the people of the authority that it names."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice

from sqlalchemy.orm import Session

from lea_service.agencies.queries import get_agency_of
from lea_service.custody.looks import Looks
from lea_service.delivery.queries import ids_of
from lea_service.delivery.rules import STANDINGS, Standing
from lea_service.delivery.tokens import ReceiverTokens
from lea_service.demands.audit import check_demand
from lea_service.demands.demand import Demand, Reference
from lea_service.demands.queries import Place, get_demand, list_demands
from lea_service.kernel.actors import Actor, Permission, permit
from lea_service.kernel.errors import NotFound, Unavailable
from lea_service.kernel.transactions import Transactions
from lea_service.legal.catalogue import load_catalogue
from lea_service.legal.queries import find_refusal, list_clarifications

FOLLOWED = "demand.followed"
PAGE = 100


@dataclass(frozen=True, slots=True)
class Question:
    """What we asked the authority, and whether an answer is on record."""

    asked_at: datetime
    question: str
    is_answered: bool


@dataclass(frozen=True, slots=True)
class RefusedFor:
    """Why a demand was refused: the coded ground with its words, and what we wrote."""

    ground: str
    says_nl: str
    says_en: str
    explanation: str | None
    refused_at: datetime


@dataclass(frozen=True, slots=True)
class FollowView:
    """A demand as those see it whom it names."""

    demand: str
    standing: Standing
    references: tuple[Reference, ...]
    order_date: date
    received_at: datetime
    due_at: datetime | None
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class FollowedDemand:
    """One demand with the questions we asked and, where it was refused, why."""

    line: FollowView
    questions: tuple[Question, ...]
    refusal: RefusedFor | None


class Following:
    """Lets people of an authority follow the demands that name them or a desk they read.

    They are named as issuing person, as contact, or as receiver.
    """

    def __init__(self, transactions: Transactions, looks: Looks, tokens: ReceiverTokens) -> None:
        self._transactions = transactions
        self._looks = looks
        self._tokens = tokens

    def list_demands(self, actor: Actor, after: Place | None, limit: int) -> list[FollowView]:
        """Return what the actor may follow, the newest first; the look is entered first."""
        permit(actor, Permission.DELIVERY_COLLECT)
        self._tokens.prove(actor, actor.id, lambda session: ids_of(session, actor.id))
        with self._transactions.read() as session:
            agency = get_agency_of(session, actor.id)
        self._looks.note(actor, agency, "demands", FOLLOWED)
        with self._transactions.read() as session:
            found = self._iter_followed(session, ids_of(session, actor.id), after)
            return [_view(one) for one in islice(found, limit)]

    def get_demand(self, actor: Actor, demand_id: str) -> FollowedDemand:
        """Return one demand with questions and refusal; the look is entered first.

        Raises NotFound, also for what names somebody else only.
        """
        permit(actor, Permission.DELIVERY_COLLECT)
        keys = self._transactions.keys
        with self._transactions.read() as session:
            self._get_followed(session, actor, demand_id)
        self._tokens.prove(actor, demand_id, lambda session: _relied_on(session, actor, demand_id))
        self._looks.note(actor, demand_id, "standing", FOLLOWED)
        with self._transactions.read() as session:
            demand = self._get_followed(session, actor, demand_id)
            asked = list_clarifications(session, keys, demand_id)
            return FollowedDemand(
                _view(demand),
                tuple(
                    Question(one.asked_at, one.question, one.answer is not None) for one in asked
                ),
                self._find_refusal(session, demand_id),
            )

    def _get_followed(self, session: Session, actor: Actor, demand_id: str) -> Demand:
        try:
            demand = get_demand(session, self._transactions.keys, demand_id)
        except (NotFound, Unavailable):
            raise NotFound("no such demand") from None
        if not _names(demand, ids_of(session, actor.id)):
            raise NotFound("no such demand")
        return demand

    def _iter_followed(
        self, session: Session, mine: Collection[str], after: Place | None
    ) -> Iterator[Demand]:
        """Yield the demands that name any of these; whose key ended, is told no more."""
        while lines := list_demands(session, None, after, PAGE, parties=mine):
            for line in lines:
                check_demand(session, line.id)
                demand = self._find_demand(session, line.id)
                if demand is not None and _names(demand, mine):
                    yield demand
            after = (lines[-1].recorded_at, lines[-1].id)

    def _find_demand(self, session: Session, demand_id: str) -> Demand | None:
        try:
            return get_demand(session, self._transactions.keys, demand_id)
        except Unavailable:
            return None

    def _find_refusal(self, session: Session, demand_id: str) -> RefusedFor | None:
        refusal = find_refusal(session, demand_id, self._transactions.keys)
        if refusal is None:
            return None
        words = load_catalogue().grounds[refusal.ground].text
        return RefusedFor(
            refusal.ground, words["nl"], words["en"], refusal.explanation, refusal.refused_at
        )


def _relied_on(session: Session, actor: Actor, demand_id: str) -> frozenset[str]:
    check_demand(session, demand_id)
    return ids_of(session, actor.id)


def _names(demand: Demand, mine: Collection[str]) -> bool:
    parties = (demand.issuing_person, demand.contact, *demand.receivers)
    return any(party is not None and party.ref in mine for party in parties)


def _view(demand: Demand) -> FollowView:
    return FollowView(
        demand=demand.id,
        standing=STANDINGS.get(demand.state, Standing.IN_PROGRESS),
        references=demand.references,
        order_date=demand.order_date,
        received_at=demand.received_at,
        due_at=demand.due_at,
        recorded_at=demand.recorded_at,
    )
