"""What ends a hold, told to the person who sees it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from lea_service.demands.phrases import HOLDS
from lea_service.kernel.phrases import ENGLISH, phrase

UNPROVEN = "not_proven"
"""Where a demand comes from is proven by nothing yet: so it is of every demand that arrives."""
CODES: Mapping[str, str] = {
    "basis_unknown": "correct the demand (`lea demands correct`), or have the row reviewed and "
    "added to the catalogue",
    "receiver_without_certificate": "enter a valid certificate "
    "(`lea agencies propose certificate`)",
    "receiver_shut_out": "the demand asks about a receiver: name another one "
    "(`lea demands correct`)",
    "cleared_people_missing": "clear a handler and another approver for the sealed lane "
    "(`lea staff request clearance`)",
    "confirmation_overdue": "record the written order (`lea confirmations record`)",
    "validation_awaited": "ask the authority for proof of the validation and record it "
    "(`lea confirmations record --validated-by`), or that it withdraws (`lea demands withdraw`)",
    "enforcing_authority_refused": "record another answer, once there is one "
    "(`lea legal enforcing`)",
    "call_back_denied": "the agency denied it: nothing, unless a colleague hears otherwise from it "
    "(`lea legal call-back`)",
    UNPROVEN: "assess it (`lea legal assess`), see what is missing (`lea legal authenticity`), and "
    "call the agency back (`lea legal call-back`)",
}
ENDINGS: Mapping[str, str] = {
    "_unknown": "enter it in the register (`lea agencies propose`), or correct the demand "
    "(`lea demands correct`)",
    "_suspended": "two people lift the suspension (`lea agencies propose lift`), or it stays",
    "_of_other_agency": "correct the demand (`lea demands correct`)",
}


def list_remedies(codes: Iterable[str]) -> list[str]:
    """Return each code with what it means and what ends such a hold, as far as that is known."""
    found = ((code, find_remedy(code)) for code in codes)
    return [
        f"{code} ({phrase(HOLDS, code, ENGLISH)}): {says}"
        for code, says in found
        if says is not None
    ]


def find_remedy(code: str) -> str | None:
    """Return what ends a hold of this code; None for a code that nothing is known of."""
    by_ending = (says for ending, says in ENDINGS.items() if code.endswith(ending))
    return CODES.get(code) or next(by_ending, None)
