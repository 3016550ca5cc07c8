"""The look at one demand: that it is there is known first, then the look is entered."""

from __future__ import annotations

from lea_service.custody.looks import Looks
from lea_service.demands.queries import get_state
from lea_service.kernel.actors import Actor
from lea_service.kernel.transactions import Transactions


def note_look(
    transactions: Transactions,
    looks: Looks,
    actor: Actor,
    demand_id: str,
    view: str,
    event: str = "demand.viewed",
) -> None:
    """Enter a look at ``view`` of a demand before anything of it is read. Raises NotFound.

    Of a demand that is not there, or not known to the actor, nothing is entered.
    """
    with transactions.read(actor) as session:
        get_state(session, demand_id)
    looks.note(actor, demand_id, view, event)
