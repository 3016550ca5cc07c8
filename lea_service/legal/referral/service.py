"""Use cases of referring elsewhere: an answer, no refusal, and no word on what we hold."""

from __future__ import annotations

from lea_service.custody.looks import Looks
from lea_service.demands.changes import lock_demand
from lea_service.demands.look_service import note_look
from lea_service.demands.notices import tell_ended
from lea_service.demands.queries import get_demand
from lea_service.demands.states import State, check_transition
from lea_service.kernel.actors import Actor, Permission, permit
from lea_service.kernel.canonical import Json
from lea_service.kernel.errors import NotFound, WrongState
from lea_service.kernel.transactions import Transaction, Transactions
from lea_service.legal.acceptance import decide
from lea_service.legal.annex.table import is_european
from lea_service.legal.changes import get_current
from lea_service.legal.queries import find_basis
from lea_service.legal.referral.models import Referral
from lea_service.legal.referral.queries import (
    ReferralView,
    find_referral,
    name_label,
    reason_label,
)
from lea_service.legal.referral.table import ReferralTable, load_referrals

REFERRED = "demand.referred"


class ReferralService:
    """Answers demands of which somebody else is the addressee."""

    def __init__(self, transactions: Transactions, looks: Looks) -> None:
        self._transactions = transactions
        self._looks = looks

    def get_table(self, actor: Actor) -> ReferralTable:
        """Return the kinds of addressee to whom somebody can be referred."""
        permit(actor, Permission.LEGAL_READ)
        return load_referrals()

    def refer(
        self, actor: Actor, demand_id: str, to: str, reason: str, name: str | None = None
    ) -> ReferralView:
        """Answer that another is the addressee; ``reason`` is for us, ``name`` for the authority.

        Raises InvalidInput for a kind that there is not or that names nobody; WrongState for a
        European order, and a demand that was not assessed or is decided on.
        """
        permit(actor, Permission.DEMAND_REFUSE)
        with self._transactions.begin(actor) as tx:
            row = lock_demand(tx, demand_id)
            check_transition(State(row.state), State.REPLIED)
            _check_not_european(tx, demand_id)
            kind = load_referrals().choose(to, name)
            current = get_current(tx, demand_id)
            referral = _add_referral(tx, demand_id, current.id, kind.code, name, reason)
            facts: dict[str, Json] = {
                "reasons": [kind.code],
                "names": name is not None,
                "assessment": current.id,
                "table": referral.table_digest,
            }
            decide(tx, demand_id, State.REPLIED, REFERRED, facts, referral)
            tell_ended(tx, "demand.replied", demand_id, "referred")
            return _get(find_referral(tx.session, tx.keys, demand_id))

    def get(self, actor: Actor, demand_id: str) -> ReferralView:
        """Return to whom a demand was referred; the look is entered first. Raises NotFound."""
        permit(actor, Permission.DEMAND_READ)
        note_look(self._transactions, self._looks, actor, demand_id, "referral")
        with self._transactions.read(actor) as session:
            return _get(find_referral(session, self._transactions.keys, demand_id))


def _get(found: ReferralView | None) -> ReferralView:
    if found is None:
        raise NotFound("the demand was not referred elsewhere")
    return found


def _check_not_european(tx: Transaction, demand_id: str) -> None:
    """Let a demand be referred that Annex III does not answer. Raises WrongState."""
    demand = get_demand(tx.session, tx.keys, demand_id)
    basis = find_basis(tx.session, demand)
    if is_european(basis):
        raise WrongState("of a European order it is a reason of Annex III: other_addressee")


def _add_referral(
    tx: Transaction, demand_id: str, assessment: str, kind: str, name: str | None, reason: str
) -> Referral:
    row = Referral(
        demand_id=demand_id,
        assessment_id=assessment,
        kind=kind,
        table_digest=load_referrals().digest,
        name_sealed=None if name is None else tx.seal(demand_id, name, name_label(demand_id)),
        reason_sealed=tx.seal(demand_id, reason, reason_label(demand_id)),
        referred_by=tx.actor.id,
        referred_at=tx.now,
    )
    tx.session.add(row)
    tx.session.flush()
    return row
