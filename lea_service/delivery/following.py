"""Where a demand stands, for the people of the authority that it names."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice

from sqlalchemy.orm import Session

from lea_service.agencies.queries import get_agency_of
from lea_service.custody.looks import Looks
from lea_service.delivery.letters.queries import LetterView, list_letters
from lea_service.delivery.queries import ids_of
from lea_service.delivery.rules import STANDINGS, Standing
from lea_service.delivery.tokens import ReceiverTokens
from lea_service.demands.audit import get_proven_demand
from lea_service.demands.demand import Demand, Reference
from lea_service.demands.queries import DemandLine, list_demands
from lea_service.kernel.actors import Actor, Permission, permit
from lea_service.kernel.database import Place
from lea_service.kernel.errors import IntegrityFailure, NotFound, Unavailable
from lea_service.kernel.transactions import Transactions
from lea_service.legal.annex.queries import AnnexView, list_forms
from lea_service.legal.clarification_queries import list_clarifications
from lea_service.legal.queries import catalogue_of, find_refusal
from lea_service.legal.referral.queries import ReferralView, find_referral

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
class ReferredTo:
    """That another is the addressee, in words, with their name where we gave one."""

    kind: str
    says_nl: str
    says_en: str
    name: str | None
    referred_at: datetime


@dataclass(frozen=True, slots=True)
class AnnexReason:
    """A reason of Annex III in words."""

    code: str
    says_nl: str
    says_en: str


@dataclass(frozen=True, slots=True)
class AnnexReply:
    """What we said of a European order by the form of Annex III."""

    reasons: tuple[AnnexReason, ...]
    explanation: str
    is_preserved: bool
    missing: str | None
    possible_by: datetime | None
    filed_at: datetime


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
    """One demand with what we asked and answered, our letters and, where it was refused, why."""

    line: FollowView
    questions: tuple[Question, ...]
    refusal: RefusedFor | None
    referral: ReferredTo | None = None
    annexes: tuple[AnnexReply, ...] = ()
    letters: tuple[LetterView, ...] = ()


class Following:
    """Lets people of an authority follow the demands that name them or a desk they read.

    They are named as issuing person, as contact, or as receiver, by the record that was entered:
    the index of parties finds demands and shows none. Where the two differ nothing is shown, and
    the alarm is raised about the demand.
    """

    def __init__(self, transactions: Transactions, looks: Looks, tokens: ReceiverTokens) -> None:
        self._transactions = transactions
        self._looks = looks
        self._tokens = tokens

    def list_demands(self, actor: Actor, after: Place | None, limit: int) -> list[FollowView]:
        """Return what the actor may follow, the newest first; the look is entered first."""
        permit(actor, Permission.DELIVERY_COLLECT)
        mine = self._prove(actor, actor.id)
        with self._transactions.read(actor) as session:
            agency = get_agency_of(session, actor.id)
        self._looks.note(actor, agency, "demands", FOLLOWED)
        return [_view(one) for one in islice(self._iter_followed(actor, mine, after), limit)]

    def get_demand(self, actor: Actor, demand_id: str) -> FollowedDemand:
        """Return one demand with questions and refusal; the look is entered first.

        Raises NotFound, also for what names somebody else only.
        """
        permit(actor, Permission.DELIVERY_COLLECT)
        demand, mine = self._find_proven(actor, demand_id), self._prove(actor, demand_id)
        if demand is None or not _names(demand, mine):
            raise NotFound("no such demand")
        self._looks.note(actor, demand_id, "standing", FOLLOWED)
        with self._transactions.read(actor) as session:
            asked = list_clarifications(session, self._transactions.keys, demand_id)
            return FollowedDemand(
                _view(demand),
                tuple(
                    Question(one.asked_at, one.question, one.answer is not None) for one in asked
                ),
                self._find_refusal(session, demand_id),
                _refer(find_referral(session, self._transactions.keys, demand_id)),
                tuple(map(_reply, list_forms(session, self._transactions.keys, demand_id))),
                list_letters(session, self._transactions.keys, demand_id),
            )

    def _prove(self, actor: Actor, about: str) -> Collection[str]:
        return self._tokens.prove(actor, about, lambda session: ids_of(session, actor.id))

    def _iter_followed(
        self, actor: Actor, mine: Collection[str], after: Place | None
    ) -> Iterator[Demand]:
        """Yield the demands that name any of these, the newest first."""
        while lines := self._list_found(actor, mine, after):
            for line in lines:
                demand = self._find_proven(actor, line.id)
                if demand is not None and _names(demand, mine):
                    yield demand
            after = (lines[-1].recorded_at, lines[-1].id)

    def _list_found(
        self, actor: Actor, mine: Collection[str], after: Place | None
    ) -> list[DemandLine]:
        with self._transactions.read(actor) as session:
            return list_demands(session, None, after, PAGE, parties=mine)

    def _find_proven(self, actor: Actor, demand_id: str) -> Demand | None:
        """Return a demand, or none whose key ended or that the actor may not know of.

        Raises the alarm about what does not hold.
        """
        try:
            with self._transactions.read(actor) as session:
                return get_proven_demand(session, self._transactions.keys, demand_id)
        except (NotFound, Unavailable):
            return None
        except IntegrityFailure:
            self._tokens.raise_alarm(actor, demand_id)
            raise

    def _find_refusal(self, session: Session, demand_id: str) -> RefusedFor | None:
        refusal = find_refusal(session, demand_id, self._transactions.keys)
        if refusal is None:
            return None
        words = catalogue_of(session).grounds[refusal.ground].text
        return RefusedFor(
            refusal.ground, words["nl"], words["en"], refusal.explanation, refusal.refused_at
        )


def _names(demand: Demand, mine: Collection[str]) -> bool:
    parties = (demand.issuing_person, demand.contact, *demand.receivers)
    return any(party is not None and party.ref in mine for party in parties)


def _refer(found: ReferralView | None) -> ReferredTo | None:
    if found is None:
        return None
    kind = found.kind
    return ReferredTo(kind.code, kind.nl, kind.en, found.name, found.referred_at)


def _reply(form: AnnexView) -> AnnexReply:
    return AnnexReply(
        reasons=tuple(AnnexReason(one.code, *one.words) for one in form.reasons),
        explanation=form.said.explanation,
        is_preserved=form.said.is_preserved,
        missing=form.said.missing,
        possible_by=form.said.possible_by,
        filed_at=form.filed_at,
    )


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
