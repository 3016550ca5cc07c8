"""What ends a hold, told to the person who sees it. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from lea_service.demands.phrases import HOLDS
from lea_service.kernel.phrases import Phrases, phrase

UNPROVEN = "not_proven"
"""Where a demand comes from is proven by nothing yet: so it is of every demand that arrives."""
CODES: Phrases = {
    "basis_unknown": (
        "verbeter de vordering (`lea demands correct`), of laat de regel toetsen en aan de "
        "catalogus toevoegen",
        "correct the demand (`lea demands correct`), or have the row reviewed and "
        "added to the catalogue",
    ),
    "subscribers_unread": (
        "verbeter de vordering, zoals zij is (`lea demands correct`), zodra de opslag van gegevens "
        "weer antwoordt",
        "correct the demand, as it is (`lea demands correct`), once the record store answers again",
    ),
    "receiver_without_certificate": (
        "voer een geldig certificaat in (`lea agencies propose certificate`)",
        "enter a valid certificate (`lea agencies propose certificate`)",
    ),
    "receiver_shut_out": (
        "de vordering gaat over een ontvanger: noem een andere (`lea demands correct`)",
        "the demand asks about a receiver: name another one (`lea demands correct`)",
    ),
    "cleared_people_missing": (
        "geef een behandelaar en een andere beslisser toegang tot de verzegelde baan "
        "(`lea staff request clearance`)",
        "clear a handler and another approver for the sealed lane (`lea staff request clearance`)",
    ),
    "confirmation_overdue": (
        "leg de schriftelijke vordering vast (`lea confirmations record`) en laat haar door een "
        "tweede aanvaarden (`lea confirmations propose`)",
        "record the written order (`lea confirmations record`) and have a second person accept it "
        "(`lea confirmations propose`)",
    ),
    "validation_awaited": (
        "vraag de autoriteit om bewijs van de validatie en leg het vast "
        "(`lea confirmations record --validated-by`, dan `propose`), of laat haar intrekken "
        "(`lea demands withdraw`)",
        "ask the authority for proof of the validation and record it "
        "(`lea confirmations record --validated-by`, then `propose`), or that it withdraws "
        "(`lea demands withdraw`)",
    ),
    "authorisation_unwritten": (
        "vraag de autoriteit naar de schriftelijke machtiging, stel voor dat die er is "
        "(`lea confirmations authorised`) en laat een tweede daarover beslissen",
        "ask the authority for the authorisation in writing, propose that it is there "
        "(`lea confirmations authorised`) and have a second person decide on that",
    ),
    "enforcing_authority_refused": (
        "stel een ander antwoord voor, zodra dat er is (`lea legal enforcing`)",
        "propose another answer, once there is one (`lea legal enforcing`)",
    ),
    "call_back_denied": (
        "de instantie ontkende haar: niets, tenzij een collega iets anders van haar hoort "
        "(`lea legal call-back`)",
        "the agency denied it: nothing, unless a colleague hears otherwise from it "
        "(`lea legal call-back`)",
    ),
    UNPROVEN: (
        "toets haar (`lea legal assess`), zie wat ontbreekt (`lea legal authenticity`), en bel de "
        "instantie terug (`lea legal call-back`)",
        "assess it (`lea legal assess`), see what is missing (`lea legal authenticity`), and "
        "call the agency back (`lea legal call-back`)",
    ),
}
ENDINGS: Phrases = {
    "_unknown": (
        "voer haar of hem in het register in (`lea agencies propose`), of verbeter de vordering "
        "(`lea demands correct`)",
        "enter it in the register (`lea agencies propose`), or correct the demand "
        "(`lea demands correct`)",
    ),
    "_suspended": (
        "twee mensen heffen de schorsing op (`lea agencies propose lift`), of zij blijft",
        "two people lift the suspension (`lea agencies propose lift`), or it stays",
    ),
    "_of_other_agency": (
        "verbeter de vordering (`lea demands correct`)",
        "correct the demand (`lea demands correct`)",
    ),
}


def list_remedies(codes: Iterable[str], language: str) -> list[str]:
    """Return each code with what it means and what ends such a hold, as far as that is known."""
    found = ((code, find_remedy(code, language)) for code in codes)
    return [
        f"{code} ({phrase(HOLDS, code, language)}): {says}"
        for code, says in found
        if says is not None
    ]


def find_remedy(code: str, language: str) -> str | None:
    """Return what ends a hold of this code; None for a code that nothing is known of."""
    if code in CODES:
        return phrase(CODES, code, language)
    endings = (ending for ending in ENDINGS if code.endswith(ending))
    return next((phrase(ENDINGS, ending, language) for ending in endings), None)
