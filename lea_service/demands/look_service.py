"""The look at one demand: that it is there is known first, then the look is entered."""

from __future__ import annotations

from lea_service.custody.looks import Looks
from lea_service.demands.admission import SEALED_LANE
from lea_service.demands.audit import has_entered_hiding
from lea_service.demands.queries import get_state
from lea_service.kernel.actors import Actor
from lea_service.kernel.logs import get_log
from lea_service.kernel.outbox import raise_daily_alarm
from lea_service.kernel.transactions import Transactions
from lea_service.kernel.visibility import hidden_error

LOOKING = Actor("sys:looking", frozenset())

log = get_log("demands")


def note_look(
    transactions: Transactions,
    looks: Looks,
    actor: Actor,
    demand_id: str,
    view: str,
    event: str = "demand.viewed",
) -> None:
    """Enter a look at ``view`` of a demand before anything of it is read. Raises NotFound.

    Of a demand that is not there, or not known to the actor, nothing is entered; nor of one that
    the tables hide from others than its entries do, which raises an alarm, and is nowhere.
    """
    with transactions.read(actor) as session:
        get_state(session, demand_id)
    _check_hiding(transactions, looks, demand_id)
    looks.note(actor, demand_id, view, event)


def _check_hiding(transactions: Transactions, looks: Looks, demand_id: str) -> None:
    """Let a look go on at what the tables hide from whom its entries do, or raise the alarm.

    What hid it once does so whatever is done to its entry: the stream is read on from there.

    Raises NotFound as if there were no such demand, and IntegrityFailure for a damaged stream.
    """
    with transactions.read() as session:
        if has_entered_hiding(session, looks.streams, demand_id):
            return
    log.critical("hiding")  # not of which demand, nor does the mail: it may be a sealed one
    raise_daily_alarm(transactions, LOOKING, about=SEALED_LANE, occasion=f"hiding/{demand_id}")
    raise hidden_error()
