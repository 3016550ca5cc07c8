"""Why an authority takes a demand back: closed list of codes with their words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from lea_service.demands.demand import Channel
from lea_service.kernel.coded import Words
from lea_service.kernel.errors import InvalidInput


class WithdrawalReason(StrEnum):
    """Why a demand is taken back, as its authority says."""

    NOT_NEEDED = "not_needed"
    MISTAKE = "mistake"
    REPLACED = "replaced"
    NOT_LAWFUL = "not_lawful"
    NOT_SAID = "not_said"
    OTHER = "other"


WORDS: Mapping[WithdrawalReason, Words] = {
    WithdrawalReason.NOT_NEEDED: Words(
        "De gegevens zijn niet meer nodig.",
        "The data are not needed any more.",
    ),
    WithdrawalReason.MISTAKE: Words(
        "De vordering was een vergissing.", "The demand was a mistake."
    ),
    WithdrawalReason.REPLACED: Words(
        "Een andere vordering komt ervoor in de plaats.",
        "Another demand takes its place.",
    ),
    WithdrawalReason.NOT_LAWFUL: Words(
        "De vordering had niet gedaan mogen worden, of de machtiging is vervallen.",
        "The demand should not have been made, or its authorisation lapsed.",
    ),
    WithdrawalReason.NOT_SAID: Words(
        "De autoriteit zei niet waarom.", "The authority did not say why."
    ),
    WithdrawalReason.OTHER: Words(
        "Een andere reden, in woorden erbij.",
        "Another reason, told in words.",
    ),
}
"""The words for each reason."""


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """The authority takes its demand back: who told us, how, what they said, and why."""

    by: str
    channel: Channel
    note: str | None = None
    reason: WithdrawalReason = WithdrawalReason.NOT_SAID

    def check_told(self) -> None:
        """Ask for words where the code has none. Raises InvalidInput."""
        if self.reason is WithdrawalReason.OTHER and self.note is None:
            raise InvalidInput.at("/note", "expected what they said, with the reason other")
