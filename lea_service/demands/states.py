"""The states of a demand and the only ways from one to the next."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from lea_service.kernel.errors import WrongState


class State(StrEnum):
    """Where a demand stands."""

    RECEIVED = "received"
    UNDER_REVIEW = "under_review"
    CLARIFICATION = "clarification"
    PRESERVED = "preserved"
    EXTENDED = "extended"
    RELEASED = "released"
    PRODUCED = "produced"
    APPROVED = "approved"
    REFUSED = "refused"
    REPLIED = "replied"
    WITHDRAWN = "withdrawn"
    EXTRACTING = "extracting"
    SEALING = "sealing"
    HALTED = "halted"
    READY = "ready"
    DELIVERED = "delivered"
    ACKNOWLEDGED = "acknowledged"
    CLOSED = "closed"
    ERASED = "erased"


OVER = frozenset({State.WITHDRAWN, State.RELEASED, State.PRODUCED, State.CLOSED, State.ERASED})
"""States in which nothing more is done for the authority."""
DECLINED = frozenset({State.REFUSED, State.REPLIED})
"""States in which the authority was told why nothing is handed over; a reply is no refusal."""
KEPT = frozenset({State.PRESERVED, State.EXTENDED})
"""States in which data are kept on a preservation order, and nothing is handed over."""
ANSWERED = frozenset({State.DELIVERED, State.ACKNOWLEDGED, *DECLINED, *OVER})
"""States in which nothing more is owed to the authority."""
S = State
TRANSITIONS: Mapping[State, frozenset[State]] = {
    S.RECEIVED: frozenset({S.UNDER_REVIEW, S.WITHDRAWN}),
    S.UNDER_REVIEW: frozenset(
        {S.CLARIFICATION, S.APPROVED, S.PRESERVED, S.REFUSED, S.REPLIED, S.WITHDRAWN}
    ),
    S.CLARIFICATION: frozenset({S.UNDER_REVIEW, S.REFUSED, S.REPLIED, S.WITHDRAWN}),
    S.PRESERVED: frozenset({S.EXTENDED, S.RELEASED, S.PRODUCED}),
    S.EXTENDED: frozenset({S.EXTENDED, S.RELEASED, S.PRODUCED}),
    S.RELEASED: frozenset({S.CLOSED}),
    S.PRODUCED: frozenset({S.CLOSED}),
    S.APPROVED: frozenset({S.EXTRACTING, S.WITHDRAWN}),
    S.EXTRACTING: frozenset({S.SEALING, S.HALTED, S.WITHDRAWN}),
    S.SEALING: frozenset({S.READY, S.HALTED, S.WITHDRAWN}),
    S.HALTED: frozenset({S.EXTRACTING, S.SEALING, S.READY, S.WITHDRAWN}),
    S.READY: frozenset({S.DELIVERED, S.HALTED, S.WITHDRAWN}),
    S.DELIVERED: frozenset({S.ACKNOWLEDGED, S.CLOSED}),
    S.ACKNOWLEDGED: frozenset({S.CLOSED}),
    S.REFUSED: frozenset({S.CLOSED}),
    S.REPLIED: frozenset({S.UNDER_REVIEW, S.WITHDRAWN, S.CLOSED}),
    S.WITHDRAWN: frozenset({S.CLOSED}),
    S.CLOSED: frozenset({S.ERASED}),
    S.ERASED: frozenset(),
}


def check_transition(old: State, new: State) -> None:
    """Let a step through that the table has. Raises WrongState."""
    if new not in TRANSITIONS[old]:
        raise WrongState(f"a demand that is {old} cannot become {new}", state=str(old))
