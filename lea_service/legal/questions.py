"""Why the authority is asked: a closed list of codes with their words."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from enum import StrEnum

from lea_service.kernel.coded import Words
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


WORDS: Mapping[QuestionReason, Words] = {
    QuestionReason.TARGET: Words(
        "Over wie of wat de vordering gaat.",
        "About whom or what the demand is.",
    ),
    QuestionReason.PERIOD: Words("Over welke periode.", "About which period."),
    QuestionReason.CATEGORY: Words("Over welke gegevens.", "About which data."),
    QuestionReason.GROUND: Words(
        "Op welke grondslag, en wat die vraagt.",
        "On which legal basis, and what that asks for.",
    ),
    QuestionReason.AUTHORISATION: Words(
        "Over de machtiging of validatie.",
        "About the authorisation or validation.",
    ),
    QuestionReason.RECEIVER: Words(
        "Wie het antwoord ontvangt, en met welke sleutel.",
        "Who receives the answer, and under which key.",
    ),
    QuestionReason.REQUESTER: Words("Wie vordert.", "Who asks."),
    QuestionReason.OTHER: Words(
        "Over iets anders, zoals in de vraag staat.",
        "About something else, as the question says.",
    ),
}
"""The words for each reason."""


def check_reasoned(reasons: Collection[str], findings: Collection[str]) -> None:
    """Let nobody ask without saying why in codes. Raises InvalidInput."""
    if not reasons and not findings:
        codes = ", ".join(QuestionReason)
        raise InvalidInput.at("/reasons", f"expected a finding, or one or more of these: {codes}")
