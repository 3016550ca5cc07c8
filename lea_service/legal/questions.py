"""Why the authority is asked: a closed list of codes with their words."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from enum import StrEnum

from lea_service.kernel.errors import InvalidInput


class QuestionReason(StrEnum):
    """What is unclear, so that somebody has to ask."""

    TARGET = "target"
    PERIOD = "period"
    CATEGORY = "category"
    GROUND = "ground"
    AUTHORISATION = "authorisation"
    RECEIVER = "receiver"
    REQUESTER = "requester"
    OTHER = "other"


WORDS: Mapping[QuestionReason, tuple[str, str]] = {
    QuestionReason.TARGET: (
        "Over wie of wat de vordering gaat.",
        "About whom or what the demand is.",
    ),
    QuestionReason.PERIOD: ("Over welke periode.", "About which period."),
    QuestionReason.CATEGORY: ("Over welke gegevens.", "About which data."),
    QuestionReason.GROUND: (
        "Op welke grondslag, en wat die vraagt.",
        "On which legal basis, and what that asks for.",
    ),
    QuestionReason.AUTHORISATION: (
        "Over de machtiging of validatie.",
        "About the authorisation or validation.",
    ),
    QuestionReason.RECEIVER: (
        "Wie het antwoord ontvangt, en met welke sleutel.",
        "Who receives the answer, and under which key.",
    ),
    QuestionReason.REQUESTER: ("Wie vordert.", "Who asks."),
    QuestionReason.OTHER: (
        "Over iets anders, zoals in de vraag staat.",
        "About something else, as the question says.",
    ),
}
"""The words for each reason, Dutch and English."""


def check_reasoned(reasons: Collection[str], findings: Collection[str]) -> None:
    """Let nobody ask without saying why in codes. Raises InvalidInput."""
    if not reasons and not findings:
        codes = ", ".join(QuestionReason)
        raise InvalidInput.at("/reasons", f"expected a finding, or one or more of these: {codes}")
