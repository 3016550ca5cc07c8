"""The words of the findings on where a demand comes from. Nobody can accept any of them away."""

from __future__ import annotations

from collections.abc import Mapping

from lea_service.legal.authenticity.observations import WORDS, Sight
from lea_service.legal.word import Said, Word, ask, passed

ALLOWED, NOT_PROVEN = "authenticity.allowed", "authenticity.not_proven"
MISSING = "authenticity.missing"
_CALL = (
    "Call the agency on a number of the register (`lea legal authenticity` shows it), never on one "
    "in the demand, and record it with `lea legal call-back`"
)
_REGISTER = "Enter what is right in the register, which takes two people; then assess again."
_ANEW = f"Refuse, or ask for the demand anew in another way. {_CALL}, whatever it says."
_CURES: Mapping[Sight, str] = {
    Sight.AGENCY_SUSPENDED: _REGISTER,
    Sight.PERSON_SUSPENDED: _REGISTER,
    Sight.PERSON_OF_OTHER_AGENCY: _REGISTER,
    Sight.CALL_BACK_DENIED: "Refuse. If the denial was a mistake, another colleague than who "
    "recorded it calls a number of the register, and records that the demand is confirmed.",
}
HOLDING = frozenset(Sight)
"""A policy may name any observation as one that holds."""


def holding_code(sight: Sight) -> str:
    """Return the code of the finding that an observation holds a demand."""
    return f"authenticity.{sight}"


AUTHENTICITY_WORDING: Mapping[str, Word] = {
    ALLOWED: passed("What was seen of where the demand comes from is what the policy asks."),
    NOT_PROVEN: ask(
        "It is not proven that the demand comes from whom it says. A genuine mailbox proves no "
        "person.",
        f"{_CALL}; or an order with a valid signature of the issuing person or the agency over the "
        "whole file. Then assess again.",
        holds=True,
    ),
    MISSING: ask(
        "Something that the policy requires of each demand was not seen; it is named.",
        f"For agency and issuing person: {_REGISTER[0].lower()}{_REGISTER[1:]} What else is named "
        "has to be there on the order.",
        holds=True,
    ),
    **{
        holding_code(one): ask(WORDS[one].en, _CURES.get(one, _ANEW), holds=True)
        for one in sorted(HOLDING)
    },
}

_CALL_NL = (
    "Bel de instantie op een nummer uit het register (`lea legal authenticity` toont het), nooit "
    "op een nummer uit de vordering, en leg het vast met `lea legal call-back`"
)
_REGISTER_NL = (
    "Voer in het register in wat juist is, waarvoor twee personen nodig zijn; toets daarna opnieuw."
)
_ANEW_NL = f"Weiger, of vraag de vordering opnieuw langs een andere weg. {_CALL_NL}, hoe dan ook."
_CURES_NL: Mapping[Sight, str] = {
    **dict.fromkeys(_CURES, _REGISTER_NL),
    Sight.CALL_BACK_DENIED: "Weiger. Was de ontkenning een vergissing, dan belt een andere collega "
    "dan wie haar vastlegde een nummer uit het register, en legt vast dat de vordering is "
    "bevestigd.",
}

AUTHENTICITY_DUTCH: Mapping[str, Said] = {
    ALLOWED: Said("Wat is gezien van waar de vordering vandaan komt, is wat het beleid vraagt."),
    NOT_PROVEN: Said(
        "Het is niet bewezen dat de vordering komt van wie zij noemt. Een echte postbus bewijst "
        "geen persoon.",
        f"{_CALL_NL}; of een vordering met een geldige handtekening van de uitvaardigende persoon "
        "of de instantie over het hele bestand. Toets daarna opnieuw.",
    ),
    MISSING: Said(
        "Iets wat het beleid van elke vordering vraagt, is niet gezien; het is genoemd.",
        f"Voor instantie en uitvaardigende persoon: v{_REGISTER_NL[1:]} Wat er verder is genoemd, "
        "moet op de vordering staan.",
    ),
    **{
        holding_code(one): Said(WORDS[one].nl, _CURES_NL.get(one, _ANEW_NL))
        for one in sorted(HOLDING)
    },
}
