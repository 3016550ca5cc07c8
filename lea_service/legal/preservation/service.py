"""Use cases of preservation orders: data are kept, longer, and released when the term is over."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from lea_service.custody.looks import Looks
from lea_service.demands.admission import conceal
from lea_service.demands.changes import advance, lock_demand
from lea_service.demands.look_service import note_look
from lea_service.demands.states import State, check_transition
from lea_service.kernel.actors import Actor, Permission, permit
from lea_service.kernel.canonical import Json
from lea_service.kernel.clock import dump_instant
from lea_service.kernel.errors import NotFound, Unavailable, WrongState
from lea_service.kernel.outbox import Begin, damage_alarmed
from lea_service.kernel.transactions import SYSTEM_STREAM, Transaction, Transactions
from lea_service.legal.preservation.changes import check_kept, release, tell
from lea_service.legal.preservation.queries import (
    Kept,
    Preservations,
    PreservationView,
    check_may_keep,
    list_kept,
    place_of,
)
from lea_service.legal.preservation.rules import (
    EXPIRED,
    Longer,
    Terms,
    check_days,
    has_run_out,
    keeping_basis,
    latest_end,
    longer_by,
)
from lea_service.legal.times import EXTENDED, PRESERVED

Place = tuple[str, str]


class PreservationService:
    """Keeps data for an authority: one of us is enough to keep, two let go before the term."""

    def __init__(
        self, transactions: Transactions, looks: Looks, preservations: Preservations
    ) -> None:
        self._transactions = transactions
        self._looks = looks
        self._preservations = preservations

    def keep(self, actor: Actor, demand_id: str, days: int | None = None) -> PreservationView:
        """Enter that data are kept on a preservation order, for ``days`` where it states fewer.

        Nothing leaves by that, so one person does it; the others are told. Raises WrongState for
        another instrument or while something else of the legal check is open, InvalidInput.
        """
        permit(actor, Permission.PRESERVATION_KEEP)
        with self._transactions.begin(actor) as tx:
            check_transition(State(lock_demand(tx, demand_id).state), State.PRESERVED)
            kept = self._load(tx, demand_id)
            basis = keeping_basis(kept.basis)
            check_may_keep(tx.session, demand_id)
            check_days(basis, days)
            if has_run_out(kept.terms):
                raise _over("the term of the order is over", kept.terms)
            facts: dict[str, Json] = {
                "days": days,
                "row": basis.digest,
            }
            told = conceal(tx.session, demand_id, facts, "row")
            advance(tx, demand_id, State.PRESERVED, PRESERVED, facts=facts, disclose=told)
            tell(tx, PRESERVED, demand_id)
        return self.get(actor, demand_id)

    def extend(
        self,
        actor: Actor,
        demand_id: str,
        by: Longer,
        reason: str,
        days: int | None = None,
    ) -> PreservationView:
        """Enter that the authority made a preservation longer; ``reason`` says on which paper.

        Raises WrongState once the term is over or where the law knows no (other) extension,
        InvalidInput.
        """
        permit(actor, Permission.PRESERVATION_KEEP)
        with self._transactions.begin(actor) as tx:
            check_kept(tx, demand_id)
            kept = self._load(tx, demand_id)
            if has_run_out(kept.terms):
                raise _over("the preservation is over", kept.terms)
            more = longer_by(keeping_basis(kept.basis), kept.times.keeping, by, days)
            facts: dict[str, Json] = {"by": by.value, "days": more}
            disclose: dict[str, Json] = {"reason": reason}
            advance(tx, demand_id, State.EXTENDED, EXTENDED, facts=facts, disclose=disclose)
            tell(tx, EXTENDED, demand_id)
        return self.get(actor, demand_id)

    def get(self, actor: Actor, demand_id: str) -> PreservationView:
        """Return a preservation; the look is entered first. Raises NotFound, Unavailable."""
        permit(actor, Permission.DEMAND_READ)
        note_look(self._transactions, self._looks, actor, demand_id, "preservation")
        now = self._transactions.clock.now()
        with self._transactions.read(actor) as session:
            return self._preservations.get(session, self._transactions.keys, demand_id, now)

    def list(self, actor: Actor, after: Place | None, limit: int) -> Sequence[PreservationView]:
        """Return what is kept now, the first to end first; the look is entered first."""
        permit(actor, Permission.DEMAND_LIST)
        self._looks.note(actor, SYSTEM_STREAM, "preservations", "demand.listed")
        now = self._transactions.clock.now()
        with self._transactions.read(actor) as session:
            found = self._preservations.list(session, self._transactions.keys, now)
        return [one for one in found if after is None or place_of(one) > after][:limit]

    def release_expired(self, begin: Begin) -> int:
        """Let go of what is kept past its term, each in a transaction of ``begin``.

        Returns of how many demands. By the widest reading of the law, so never too early;
        repeating it does nothing twice.
        """
        with self._transactions.read() as session:
            kept = list_kept(session)
        return sum(self._release_expired(begin, one) for one in kept)

    def _release_expired(self, begin: Begin, demand_id: str) -> bool:
        with damage_alarmed(begin, demand_id), suppress(NotFound, Unavailable, WrongState):
            with self._transactions.read() as session:
                now = self._transactions.clock.now()
                found = self._preservations.load(session, self._transactions.keys, demand_id, now)
            if not has_run_out(found.terms):
                return False
            with begin() as tx:
                permit(tx.actor, Permission.DEADLINE_WATCH)
                check_kept(tx, demand_id)
                found = self._load(tx, demand_id)
                if not has_run_out(found.terms):  # extended since it was looked at
                    return False
                facts: dict[str, Json] = {"late": dump_instant(latest_end(found.terms))}
                release(tx, demand_id, EXPIRED, facts=facts)
                return True
        return False

    def _load(self, tx: Transaction, demand_id: str) -> Kept:
        return self._preservations.load(tx.session, tx.keys, demand_id, tx.now)


def _over(what: str, terms: Terms) -> WrongState:
    return WrongState(what, late=dump_instant(latest_end(terms)))
