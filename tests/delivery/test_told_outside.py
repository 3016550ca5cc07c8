"""Which findings of a demand stand in a letter to its authority, and in which words."""

import pytest

from lea_service.delivery.letters.queries import is_told
from lea_service.legal.findings import make_finding
from lea_service.legal.wording import WORDING
from lea_service.legal.wording_outward import OUTWARD

INSIDE = ("authenticity.", "agency.suspended", "person.suspended", "preserved.", "emergency.",
          "instrument.", "duplicate.")  # fmt: skip
"""What is seen of senders, kept and decided here is no matter of the authority."""
HELD = (
    "register",
    "bewaard",
    "bewaren",
    "verzegelde",
    "versie",
    "verkopen",
    "we keep",
    "we hold",
    "resell ",
)
OPEN = {code: word for code, word in WORDING.items() if word.outcome != "pass"}


@pytest.mark.parametrize("code", [one for one in OPEN if one.startswith(INSIDE)])
def test_what_is_seen_and_kept_here_is_told_to_nobody_outside(code):
    if OPEN[code].ours and OPEN[code].ground is None and code not in OUTWARD:
        assert not is_told(make_finding(code))


@pytest.mark.parametrize("code", OPEN)
def test_what_is_told_has_words_for_the_authority(code):
    finding = make_finding(code)
    if not is_told(finding):
        return
    told = OUTWARD.get(code)
    words = (told.nl.says, told.en.says) if told else (finding.says_nl, finding.says)
    if OPEN[code].ours:
        assert told or finding.ground
        assert not [one for one in HELD for said in words if one in said.lower()]
