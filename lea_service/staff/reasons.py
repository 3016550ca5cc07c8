"""What a decision states: what was looked at, or why something goes back. Closed lists of codes.

They are signed with the decision, so nothing is added afterwards. Texts are sealed, and what is
signed of them is a salted digest.
"""

from __future__ import annotations

from dataclasses import dataclass

from lea_service.kernel.canonical import salted_digest
from lea_service.kernel.coded import Coded, codes_of
from lea_service.kernel.errors import InvalidInput
from lea_service.staff.statement import Outcome

OTHER = "other"
SHORTEST_TEXT, LONGEST_TEXT = 10, 2000


ANOTHER = Coded(OTHER, "Een andere reden, in woorden erbij.", "Another reason, told in words.")
DECLINED = (
    Coded("not_needed", "Het is niet nodig, of niet meer.", "It is not needed, or no longer."),
    Coded(
        "wrong_person",
        "Het gaat om de verkeerde persoon of instantie.",
        "It is about the wrong person or agency.",
    ),
    Coded("incorrect", "Er staat iets in wat niet klopt.", "Something in it is not right."),
    Coded("not_verified", "Wat erin staat, is niet nagegaan.", "What it says was not verified."),
    Coded("too_much", "Het gaat verder dan nodig is.", "It goes further than is needed."),
    Coded("overtaken", "Er is intussen iets veranderd.", "Something changed meanwhile."),
    ANOTHER,
)
"""Why a proposal of any kind is returned or refused, unless its kind has a list of its own."""
SUSPENDED = (
    Coded("left", "Is hier weg.", "No longer works here."),
    Coded("key_lost", "De sleutel is kwijt.", "The key is lost."),
    Coded("key_stolen", "Iemand anders kan de sleutel hebben.", "Somebody else may have the key."),
    Coded("misuse", "Deed wat niet mag.", "Did what is not allowed."),
    Coded("doubt", "Er is twijfel, die wordt uitgezocht.", "There is a doubt that is looked into."),
    Coded("mistaken", "Had deze toegang niet mogen krijgen.", "Should not have been let in."),
)
"""Why somebody's rights are stopped at once."""


@dataclass(frozen=True, slots=True)
class Reasons:
    """What a decision on one kind of approval states.

    Whoever approves looked at all of ``looked_at``; ``declined`` are the reasons to return or
    refuse. With ``is_told`` these are always told in words too, else only what no code says.
    """

    declined: tuple[Coded, ...] = DECLINED
    looked_at: tuple[Coded, ...] = ()
    is_told: bool = False


GENERAL = Reasons()


@dataclass(frozen=True, slots=True)
class Answer:
    """How somebody decides; ``salt`` hides the text behind its digest."""

    outcome: Outcome
    reasons: tuple[str, ...] = ()
    looked_at: tuple[str, ...] = ()
    text: str | None = None
    salt: bytes = b""

    @property
    def text_digest(self) -> str | None:
        """Return what is signed of the text. Raises InvalidInput for a salt that is too short."""
        return None if self.text is None else salted_digest(self.salt, self.text)


def check_answer(answer: Answer, known: Reasons) -> None:
    """Let an answer be signed that states what its kind asks for. Raises InvalidInput."""
    if answer.outcome is Outcome.APPROVED:
        _check_approval(answer, known)
    else:
        _check_declined(answer, known)


def _check_approval(answer: Answer, known: Reasons) -> None:
    if tuple(sorted(answer.looked_at)) != codes_of(known.looked_at):
        each = ", ".join(one.code for one in known.looked_at)
        wanted = f"each of these, once: {each}" if each else "nothing for this kind"
        raise InvalidInput.at("/looked_at", f"expected {wanted}")
    if answer.reasons or answer.text is not None:
        raise InvalidInput.at("/reasons", "expected no reason and no text with an approval")


def _check_declined(answer: Answer, known: Reasons) -> None:
    given, codes = set(answer.reasons), [one.code for one in known.declined]
    if answer.looked_at:
        raise InvalidInput.at("/looked_at", "expected nothing with a return or refusal")
    if not given or given - set(codes) or len(given) < len(answer.reasons):
        raise InvalidInput.at("/reasons", f"expected one or more of these: {', '.join(codes)}")
    if answer.text is None and (known.is_told or OTHER in given):
        raise InvalidInput.at("/text", f"expected the reason in {SHORTEST_TEXT} characters or more")
