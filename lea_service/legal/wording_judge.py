"""The words of each finding about the judge who authorises an order."""

from __future__ import annotations

from collections.abc import Mapping

from lea_service.legal.word import COUNSEL as _COUNSEL
from lea_service.legal.word import Word
from lea_service.legal.word import ask as _ask
from lea_service.legal.word import clarify as _clarify
from lea_service.legal.word import defect as _defect
from lea_service.legal.word import lacking as _lacking
from lea_service.legal.word import passed as _passed

_AUTHORISATION = (
    "The reference and date of the authorisation; the authorisation itself need not be shown."
)

JUDGE_WORDING: Mapping[str, Word] = {
    "judicial.not_needed": _passed("No authorisation is needed for what is asked."),
    "judicial.given": _passed("The authorisation is named and precedes the order."),
    "judicial.validated": _passed(
        "The order is validated by a person of the register whose role may do so."
    ),
    "judicial.validation_unproven": _ask(
        "A validation is named, but not by whom the register knows as a person who may give it.",
        "The same as for the role; accept it with the reason that holds there.",
        "european_order_defect",
    ),
    "judicial.missing_by_statute": _defect(
        "authorisation_missing",
        "The statute requires an authorisation, and the order names none.",
        _AUTHORISATION,
    ),
    "judicial.missing_by_case_law": _lacking(
        "authorisation_case_law",
        "Case law asks for an authorisation, and the order names none. Not void by itself: ask.",
        _AUTHORISATION,
    ),
    "judicial.missing": _lacking(
        "authorisation_missing",
        "An authorisation is needed here, and the order names none.",
        _AUTHORISATION,
    ),
    "judicial.not_validated": _defect(
        "european_order_defect",
        "The order needs a validation, and none is named.",
        "The validating authority, by Annex III.",
    ),
    "judicial.validation_owed": Word(
        "clarify",
        "The order needs a validation, which in an emergency may come after it, and has not come "
        "yet. Whether the authority could order this without one in a case of its own State is for "
        "the authority.",
        "Who validated the order, within the term of the article.",
    ),
    "judicial.unknown": _ask(
        "It is not known whether an authorisation is needed here, or what follows without.",
        _COUNSEL,
    ),
    "judicial.undated": _clarify(
        "authorisation_missing",
        "The authorisation has no date, so it is not clear that it came first.",
        "The date of the authorisation.",
    ),
    "judicial.after_order": _clarify(
        "authorisation_missing",
        "The authorisation is of a later day than the order, or the judge gave it orally only once "
        "the order had reached us; it should come first.",
        "Whether it was given orally before, and when.",
    ),
    "judicial.in_future": _defect(
        "authorisation_missing",
        "The authorisation is dated in the future.",
        "The right date of the authorisation.",
    ),
    "judicial.not_oral": _passed("No authorisation that is needed was given orally."),
    "judicial.oral_written": _passed(
        "The authorisation was given orally, which the law allows, and is in writing since."
    ),
    "judicial.oral_unwritten": _clarify(
        "authorisation_missing",
        "The authorisation was given orally, which the law allows (perhaps in urgency only); that "
        "it was written down we were not told.",
        "The day on which the authorisation was put in writing, and its reference.",
    ),
    "judicial.oral_not_by_statute": _defect(
        "authorisation_missing",
        "The authorisation was given orally, and the statute wants it in writing.",
        "An authorisation in writing, by its reference and date.",
    ),
    "judicial.oral_not_by_case_law": _lacking(
        "authorisation_case_law",
        "The authorisation was given orally, and it should be in writing. Not void by itself: ask.",
        "Whether it is in writing as well, and since when.",
    ),
    "judicial.oral_unknown": _ask(
        "The authorisation was given orally; whether that is allowed here is not known.",
        _COUNSEL,
    ),
    "judicial.written_in_future": _defect(
        "authorisation_missing",
        "The authorisation is said to be put in writing on a day to come.",
        "The right day; without one, nobody says that it is in writing.",
    ),
}
