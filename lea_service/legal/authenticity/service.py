"""Use cases of authenticity: see what was seen, and record that the agency was called back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from lea_service.agencies.models import VerifiedContact
from lea_service.custody.looks import Looks
from lea_service.custody.replay import read_stream
from lea_service.demands.changes import hold, lock_demand, release_hold
from lea_service.demands.demand import Demand
from lea_service.demands.look_service import note_look
from lea_service.demands.queries import find_corrected_at, get_demand
from lea_service.demands.states import DECLINED, OVER, State, wrong_state
from lea_service.kernel.actors import Actor, Permission, permit
from lea_service.kernel.canonical import Json
from lea_service.kernel.errors import InvalidInput
from lea_service.kernel.outbox import enqueue_alarm
from lea_service.kernel.transactions import Transaction, Transactions
from lea_service.legal.authenticity.call_back import (
    NOT_VERIFIED,
    CallOutcome,
    check_called_at,
    find_denial,
)
from lea_service.legal.authenticity.models import CallBack
from lea_service.legal.authenticity.queries import (
    CallBackView,
    PolicyView,
    call_label,
    list_calls,
    open_calls,
    view_policy,
)
from lea_service.legal.authenticity.register import list_phone_contacts
from lea_service.legal.authenticity.shown import AuthenticityView, view_authenticity
from lea_service.legal.confirmations.changes import open_breach
from lea_service.legal.confirmations.queries import has_open_denial
from lea_service.legal.confirmations.rules import MADE_AVAILABLE, Cause
from lea_service.legal.fact_queries import load_order
from lea_service.legal.order_comparison import OrderCheck

CALLED_BACK = "demand.called_back"
DENIED = "call_back_denied"


@dataclass(frozen=True, slots=True)
class CalledBack:
    """What somebody records of a call: whom they reached, and what the agency said."""

    contact: str
    called_at: datetime
    outcome: CallOutcome
    spoke_to: str | None = None
    code_word: str | None = None
    note: str | None = None


class AuthenticityService:
    """Shows what is known of where a demand comes from, and keeps what calls brought."""

    def __init__(self, transactions: Transactions, looks: Looks, orders: OrderCheck) -> None:
        self._transactions = transactions
        self._looks = looks
        self._orders = orders

    def get_policy(self, actor: Actor) -> PolicyView:
        """Return the policy that counts."""
        permit(actor, Permission.LEGAL_READ)
        with self._transactions.read(actor) as session:
            return view_policy(session)

    def get(self, actor: Actor, demand_id: str) -> AuthenticityView:
        """Return what is known of where a demand comes from; the look is entered first.

        What was seen of its document is that of the newest assessment. Raises NotFound.
        """
        permit(actor, Permission.DEMAND_READ)
        note_look(self._transactions, self._looks, actor, demand_id, "authenticity")
        keys = self._transactions.keys
        with self._transactions.read(actor) as session:
            order = load_order(session, keys, demand_id)[1]
        text = None if order is None else self._orders.read(order)
        now = self._transactions.clock.now()
        with self._transactions.read(actor) as session:
            demand = get_demand(session, keys, demand_id)
            return view_authenticity(session, keys, demand, text, self._orders, now)

    def record_call_back(self, actor: Actor, demand_id: str, said: CalledBack) -> CallBackView:
        """Record a call to a number that the register has, and nothing that the demand says has.

        A denial holds the demand and raises an alarm, until another colleague records that it is
        confirmed after all. After data were handed over it opens a breach notice, also once the
        demand is closed. Raises InvalidInput (another number, a time that cannot be), WrongState
        (the demand is over), NotFound, Unavailable.
        """
        permit(actor, Permission.LEGAL_ASSESS)
        with self._transactions.begin(actor) as tx:
            row = lock_demand(tx, demand_id)
            entries = read_stream(tx.session, demand_id)
            is_given = entries.last(MADE_AVAILABLE) is not None
            is_fraud = is_given and said.outcome is CallOutcome.DENIED
            if row.state in OVER | DECLINED and not (is_fraud and row.state == State.CLOSED):
                raise wrong_state(row.state, "called back about")
            demand = get_demand(tx.session, tx.keys, demand_id)
            contact = _get_contact(tx, demand, said.contact)
            check_called_at(
                said.called_at,
                received_at=demand.received_at,
                known_at=contact.recorded_at,
                corrected_at=find_corrected_at(tx.session, demand_id, row.record_version),
                now=tx.now,
            )
            call = _add_call(tx, demand, contact, said)
            facts: dict[str, Json] = {
                "call_back": call.id,
                "contact": contact.id,
                "outcome": said.outcome.value,
                "record_version": call.record_version,
            }
            tx.record(CALLED_BACK, demand_id, facts=facts, evidence=[call])
            _keep_hold(tx, demand_id, call)
            if is_fraud and not has_open_denial(tx.session, demand_id):
                open_breach(tx, demand, said.called_at, entries, Cause.DENIED)
            return open_calls(tx.session, tx.keys, demand_id)[-1]


def _get_contact(tx: Transaction, demand: Demand, contact_id: str) -> VerifiedContact:
    """Return a number of the agency or the issuing person that counts. Raises InvalidInput."""
    parties = (demand.agency.ref, demand.issuing_person.ref)
    for contact in list_phone_contacts(tx.session, *parties):
        if contact.id == contact_id:
            return contact
    raise InvalidInput.at("/contact", NOT_VERIFIED)


def _add_call(
    tx: Transaction, demand: Demand, contact: VerifiedContact, said: CalledBack
) -> CallBack:
    earlier = select(func.count()).where(CallBack.demand_id == demand.id)
    call_id = tx.ids.new("cb")
    private: dict[str, Json] = {
        "spoke_to": said.spoke_to,
        "code_word": said.code_word,
        "note": said.note,
    }
    row = CallBack(
        id=call_id,
        demand_id=demand.id,
        n=(tx.session.scalar(earlier) or 0) + 1,
        record_version=demand.record_version,
        contact_id=contact.id,
        subject=contact.subject,
        outcome=said.outcome.value,
        sealed=tx.seal(demand.id, private, call_label(call_id)),
        called_by=tx.actor.id,
        called_at=said.called_at,
        recorded_at=tx.now,
    )
    tx.session.add(row)
    tx.session.flush()
    return row


def _keep_hold(tx: Transaction, demand_id: str, call: CallBack) -> None:
    """Hold a demand while its agency denies it; each denial raises an alarm of its own."""
    if find_denial(list_calls(tx.session, demand_id)) is None:
        release_hold(tx, demand_id, DENIED)
        return
    hold(tx, demand_id, DENIED)
    if call.outcome == CallOutcome.DENIED:
        enqueue_alarm(tx, about=demand_id, occasion=f"{DENIED}/{call.id}")
