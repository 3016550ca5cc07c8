"""The states of a demand and the only ways from one to the next."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from lea_service.demands.phrases import STATES
from lea_service.kernel.errors import WrongState
from lea_service.kernel.phrases import ENGLISH, Phrases, phrase


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
    CONTINUING = "continuing"
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
    S.APPROVED: frozenset({S.EXTRACTING, S.HALTED, S.DELIVERED, S.WITHDRAWN}),
    S.EXTRACTING: frozenset({S.SEALING, S.HALTED, S.WITHDRAWN}),
    S.SEALING: frozenset({S.READY, S.HALTED, S.WITHDRAWN}),
    S.HALTED: frozenset(
        {S.EXTRACTING, S.SEALING, S.READY, S.UNDER_REVIEW, S.DELIVERED, S.WITHDRAWN}
    ),
    S.READY: frozenset({S.CONTINUING, S.DELIVERED, S.HALTED, S.WITHDRAWN}),
    S.CONTINUING: frozenset({S.EXTRACTING, S.HALTED, S.DELIVERED, S.WITHDRAWN}),
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
    S.CONTINUING: "given in further instalments",
    S.DELIVERED: "made available",
    S.ACKNOWLEDGED: "acknowledged",
    S.CLOSED: "closed",
    S.ERASED: "erased",
}
"""What is done to a demand that comes into a state."""
_WITHDRAW = (
    "leg vast dat de autoriteit haar intrekt (`lea demands withdraw`)",
    "record that its authority takes it back (`lea demands withdraw`)",
)
_CLOSE = ("sluit haar (`lea demands close`)", "close it (`lea demands close`)")
_LET_GO = (
    "leg een verlenging vast (`lea preservation extend`), of stel voor de bewaring te beëindigen "
    "(`lea preservation release`)",
    "record an extension (`lea preservation extend`), or propose to let go "
    "(`lea preservation release`)",
)
_WAIT = (
    f"zie hoever het is (`lea plan progress`), of {_WITHDRAW[0]}",
    f"see how far it is (`lea plan progress`), or {_WITHDRAW[1]}",
)
_EUROPEAN = ("een Europees bevel: `lea legal annex`", "a European order: `lea legal annex`")
NEXT: Phrases = {
    S.RECEIVED: (
        f"toets haar (`lea legal assess`), of {_WITHDRAW[0]}",
        f"assess it (`lea legal assess`), or {_WITHDRAW[1]}",
    ),
    S.UNDER_REVIEW: (
        "zie wat haar nog tegenhoudt (`lea legal check`), aanvaard, vraag of weiger (`lea legal`; "
        f"{_EUROPEAN[0]}), bewaar wat een bevel tot bewaring noemt (`lea preservation keep`), maak "
        "een plan "
        f"(`lea plan compile`), of {_WITHDRAW[0]}",
        "see what still holds it back (`lea legal check`), accept, ask or refuse (`lea legal`; "
        f"{_EUROPEAN[1]}), keep what a preservation order names (`lea preservation keep`), make a "
        "plan "
        f"(`lea plan compile`), or {_WITHDRAW[1]}",
    ),
    S.CLARIFICATION: (
        "lees haar (`lea legal questions`), leg het antwoord vast (`lea legal answer`), "
        f"weiger (`lea legal refuse`; {_EUROPEAN[0]}), of {_WITHDRAW[0]}",
        "read it (`lea legal questions`), record the answer (`lea legal answer`), "
        f"refuse (`lea legal refuse`; {_EUROPEAN[1]}), or {_WITHDRAW[1]}",
    ),
    S.PRESERVED: _LET_GO,
    S.EXTENDED: _LET_GO,
    S.RELEASED: _CLOSE,
    S.PRODUCED: _CLOSE,
    S.APPROVED: _WAIT,
    S.REFUSED: (
        f"lees waarom (`lea legal refusal`), of {_CLOSE[0]}",
        f"read why (`lea legal refusal`), or {_CLOSE[1]}",
    ),
    S.REPLIED: (
        "leg vast dat de autoriteit het bevel handhaaft (`lea legal uphold`), "
        f"{_CLOSE[0]}, of {_WITHDRAW[0]}",
        "record that the authority upholds it (`lea legal uphold`), "
        f"{_CLOSE[1]}, or {_WITHDRAW[1]}",
    ),
    S.WITHDRAWN: _CLOSE,
    S.EXTRACTING: _WAIT,
    S.SEALING: _WAIT,
    S.HALTED: (
        "zie waarom (`lea plan progress`), laat het verdergaan (`lea plan resume`), maak een ander "
        "plan (`lea plan compile`), stel voor haar opnieuw te toetsen (`lea plan reopen`; daarna "
        f"`lea legal assess`), of {_WITHDRAW[0]}",
        "see why (`lea plan progress`), have it go on (`lea plan resume`), make another "
        "plan (`lea plan compile`), propose to review it anew (`lea plan reopen`; then "
        f"`lea legal assess`), or {_WITHDRAW[1]}",
    ),
    S.READY: (
        "zie waarom het nog niet weg is (`lea plan progress`), hou het tegen (`lea plan stop`), "
        f"of {_WITHDRAW[0]}",
        f"see why it has not left yet (`lea plan progress`), hold it back (`lea plan stop`), or "
        f"{_WITHDRAW[1]}",
    ),
    S.CONTINUING: (
        "zie welke delen er zijn en wanneer het volgende komt (`lea plan instalments`), leg vast "
        f"dat de autoriteit haar eerder laat eindigen (`lea plan shorten`), of {_WITHDRAW[0]}",
        "see which instalments there are and when the next one comes (`lea plan instalments`), "
        f"record that its authority ends it earlier (`lea plan shorten`), or {_WITHDRAW[1]}",
    ),
    S.DELIVERED: (
        "zie wie het ophaalde (`lea deliveries show`), wacht op de ontvangstbevestiging, en komt "
        f"die niet op tijd: {_CLOSE[0]}",
        "see who fetched it (`lea deliveries show`), wait for the receipt, and when none "
        f"comes in time {_CLOSE[1]}",
    ),
    S.ACKNOWLEDGED: _CLOSE,
    S.CLOSED: (
        "niets; de dienst wist haar na haar termijn",
        "nothing; the worker erases it after its term",
    ),
    S.ERASED: (
        "niets; het logboek laat nog zien wat er is gedaan",
        "nothing; the custody log still shows what was done",
    ),
}
"""What a person does from each state; where the demand stands says ``phrases.STATES``."""


def check_transition(old: State, new: State) -> None:
    """Let a step through that the table has. Raises WrongState."""
    if new not in TRANSITIONS[old]:
        raise wrong_state(old, STEPS[new])


def wrong_state(state: State | str, step: str) -> WrongState:
    """Return the error that says where a demand stands, and what can be done with it instead.

    ``step`` is what was asked for, behind "the demand cannot be ": ``refused``.
    """
    now, next_ = phrase(STATES, state, ENGLISH), phrase(NEXT, state, ENGLISH)
    return WrongState(
        f"the demand cannot be {step}: {now} ({state}). What can be done: {next_}", state=str(state)
    )
