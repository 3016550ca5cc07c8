"""What the proof of a demand still lacks, in words: of what the policy asks, what was not seen."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from lea_service.kernel.phrases import DUTCH, LANGUAGES, Phrases, phrase
from lea_service.legal.authenticity.observations import WORDS, Sight
from lea_service.legal.authenticity.policy import Verdict

NOT_PROVEN = "not_proven"
SAYINGS: Phrases = {
    "missing": ("nog niet gezien: {what}", "not seen yet: {what}"),
    "proof": (
        "een van deze bewijzen, nog niet gezien: {what}",
        "one of these proofs, not seen yet: {what}",
    ),
    "no_proof": ("het beleid kent geen bewijs", "the policy knows no proof"),
    "and": (" en ", " and "),
    "or": (" of ", " or "),
}


@dataclass(frozen=True, slots=True)
class Lack:
    """One thing that stands between a demand and its proof. ``code`` is a reason of a verdict."""

    code: str
    nl: str
    en: str


def list_lacks(verdict: Verdict, seen: Collection[Sight]) -> tuple[Lack, ...]:
    """Return what stands in the way, as ``Verdict.reasons`` has it; of a proof what is not seen."""
    return tuple(_lacks(verdict, seen))


def _lacks(verdict: Verdict, seen: Collection[Sight]) -> Iterator[Lack]:
    for one in verdict.missing:
        nl, en = (phrase(SAYINGS, "missing", said, what=_quote(one, said)) for said in LANGUAGES)
        yield Lack(one, nl, en)
    for one in verdict.against:
        yield Lack(one, WORDS[one].nl, WORDS[one].en)
    if verdict.proofs:
        nl, en = (_say_proofs(verdict, seen, said) for said in LANGUAGES)
        yield Lack(NOT_PROVEN, nl, en)


def _say_proofs(verdict: Verdict, seen: Collection[Sight], language: str) -> str:
    both, either = (phrase(SAYINGS, word, language) for word in ("and", "or"))
    left = [[one for one in proof if one not in seen] for proof in verdict.proofs if proof]
    ways = [both.join(_quote(one, language) for one in proof) for proof in left]
    if not ways:
        return phrase(SAYINGS, "no_proof", language)
    return phrase(SAYINGS, "proof", language, what=either.join(ways))


def _quote(sight: Sight, language: str) -> str:
    words = WORDS[sight]
    return f"“{words.nl if language == DUTCH else words.en}”"
