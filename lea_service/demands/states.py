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
STEPS: Mapping[State, str] = {
    S.RECEIVED: "recorded anew",
    S.UNDER_REVIEW: "reviewed",
    S.CLARIFICATION: "asked about",
    S.PRESERVED: "kept",
    S.EXTENDED: "kept longer",
    S.RELEASED: "let go",
    S.PRODUCED: "let go for its production",
    S.APPROVED: "approved",
    S.REFUSED: "refused",
    S.REPLIED: "replied to",
    S.WITHDRAWN: "withdrawn",
    S.EXTRACTING: "extracted",
    S.SEALING: "sealed",
    S.HALTED: "halted",
    S.READY: "made ready to hand over",
    S.DELIVERED: "made available",
    S.ACKNOWLEDGED: "acknowledged",
    S.CLOSED: "closed",
    S.ERASED: "erased",
}
"""What is done to a demand that comes into a state."""
WITHDRAW = "record that its authority takes it back (`lea demands withdraw`)"
CLOSE = "close it (`lea demands close`)"
SAYS: Mapping[State, tuple[str, str]] = {
    S.RECEIVED: ("nobody reviewed it yet", f"assess it (`lea legal assess`), or {WITHDRAW}"),
    S.UNDER_REVIEW: (
        "it is under review",
        "see what is open (`lea legal check`), accept, ask or refuse (`lea legal`), keep what a "
        "preservation order names (`lea preservation keep`), make a plan (`lea plan compile`), or "
        f"{WITHDRAW}",
    ),
    S.CLARIFICATION: (
        "a question to its authority is open",
        "read it (`lea legal questions`), record the answer (`lea legal answer`), refuse "
        f"(`lea legal refuse`), or {WITHDRAW}",
    ),
    S.PRESERVED: (
        "data are kept on it",
        "record an extension (`lea preservation extend`), or propose to let go "
        "(`lea preservation release`)",
    ),
    S.EXTENDED: (
        "data are kept on it, longer than the order said",
        "record an extension (`lea preservation extend`), or propose to let go "
        "(`lea preservation release`)",
    ),
    S.RELEASED: ("the data that were kept on it are let go", CLOSE),
    S.PRODUCED: ("what was kept on it was handed over on another demand", CLOSE),
    S.APPROVED: (
        "two people agreed to its plan, and the worker is about to extract",
        f"see how far it is (`lea plan progress`), or {WITHDRAW}",
    ),
    S.REFUSED: ("it was refused", f"read why (`lea legal refusal`), or {CLOSE}"),
    S.REPLIED: (
        "its authority was told that nothing is handed over",
        f"record that the authority upholds it (`lea legal uphold`), {CLOSE}, or {WITHDRAW}",
    ),
    S.WITHDRAWN: ("its authority took it back", CLOSE),
    S.EXTRACTING: (
        "the worker extracts",
        f"see how far it is (`lea plan progress`), or {WITHDRAW}",
    ),
    S.SEALING: ("the worker seals", f"see how far it is (`lea plan progress`), or {WITHDRAW}"),
    S.HALTED: (
        "the work on it halted",
        "see why (`lea plan progress`), have it go on (`lea plan resume`), make another plan "
        f"(`lea plan compile`), or {WITHDRAW}",
    ),
    S.READY: (
        "its package is sealed, and the worker is about to make it available",
        f"see how far it is (`lea plan progress`), or {WITHDRAW}",
    ),
    S.DELIVERED: (
        "its package was made available to the receivers",
        "see who fetched it (`lea deliveries show`), wait for the receipt, and when none comes in "
        f"time {CLOSE}",
    ),
    S.ACKNOWLEDGED: ("its package was received, with a receipt", CLOSE),
    S.CLOSED: ("it is closed", "nothing; the worker erases it after its term"),
    S.ERASED: ("it is erased", "nothing; the custody log still shows what was done"),
}
"""How each state is told to a person: where the demand stands, and what is done from there."""


def check_transition(old: State, new: State) -> None:
    """Let a step through that the table has. Raises WrongState."""
    if new not in TRANSITIONS[old]:
        raise wrong_state(old, STEPS[new])


def wrong_state(state: State | str, step: str) -> WrongState:
    """Return the error that says where a demand stands, and what can be done with it instead.

    ``step`` is what was asked for, behind "the demand cannot be ": ``refused``.
    """
    now, next_ = SAYS[State(state)]
    return WrongState(
        f"the demand cannot be {step}: {now} ({state}). What can be done: {next_}", state=str(state)
    )
