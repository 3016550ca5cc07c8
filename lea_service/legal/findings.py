"""What a check found: one finding each, with the article it rests on and what would cure it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any

from lea_service.kernel.canonical import Json
from lea_service.kernel.phrases import ENGLISH
from lea_service.legal.basis import Basis, Row
from lea_service.legal.citations import say_citation
from lea_service.legal.word import OURS, Said
from lea_service.legal.wording import WORDING
from lea_service.legal.wording_dutch import DUTCH


class Outcome(StrEnum):
    """What follows from a finding, from nothing to the gravest.

    ``clarify`` is a question to the authority, ``ask_human`` one to a person here; a ``defect``
    has to be cured, and no person can accept it.
    """

    PASS = "pass"  # noqa: S105
    CLARIFY = "clarify"
    ASK_HUMAN = "ask_human"
    DEFECT = "defect"


GRAVITY = {outcome: n for n, outcome in enumerate(Outcome)}


@dataclass(frozen=True, slots=True)
class Finding:
    """One result of one check. ``seen`` holds codes, dates and counts, and names nobody.

    ``item`` is the number of the item it is about, ``subject`` the code it is about (a category).
    ``says`` and ``cure`` are English; ``says_nl`` and ``cure_nl`` are the same in Dutch.
    """

    code: str
    outcome: Outcome
    article: str | None
    seen: Mapping[str, Json]
    cure: str | None
    says: str
    ground: str | None = None
    item: int | None = None
    subject: str | None = None
    sources: tuple[str, ...] = ()
    confidence: str | None = None
    says_nl: str = ""
    cure_nl: str | None = None

    @property
    def ref(self) -> str:
        """Return what tells this finding from the others: ``code[/item[/subject]]``."""
        parts = [self.code, self.item, self.subject]
        return "/".join(str(part) for part in parts if part is not None)

    @property
    def can_be_accepted(self) -> bool:
        """Say whether a person can take it upon themselves."""
        return self.outcome in ACCEPTABLE and not WORDING[self.code].holds

    @property
    def needs_retyping(self) -> bool:
        """Say whether only the value it is about, typed again, lets it be accepted."""
        return WORDING[self.code].retype

    @property
    def needs_another(self) -> bool:
        """Say whether only somebody accepts it who neither recorded nor assessed the demand."""
        return WORDING[self.code].second

    @property
    def needs_answer(self) -> bool:
        """Say whether it is accepted only once the authority answered a question about it."""
        return WORDING[self.code].asked

    @property
    def asks_first(self) -> bool:
        """Say whether it bears out a refusal only once the authority or counsel said so."""
        return WORDING[self.code].broad

    @property
    def is_private(self) -> bool:
        """Say whether nobody outside is told: it is about other demands or our own people."""
        return WORDING[self.code].private

    @property
    def cures_theirs(self) -> bool:
        """Say whether what would cure it is written for the authority, and not for one of us."""
        return not WORDING[self.code].ours

    def in_language(self, language: str) -> Finding:
        """Return the same finding that says and cures in ``language`` (``nl`` or ``en``)."""
        if language == ENGLISH:
            return self
        return replace(self, says=self.says_nl, cure=self.cure_nl)

    def dump(self) -> dict[str, Json]:
        """Return the plain form that is stored and shown."""
        return {
            "ref": self.ref,
            "code": self.code,
            "outcome": self.outcome.value,
            "article": self.article,
            "item": self.item,
            "subject": self.subject,
            "seen": dict(self.seen),
            "says": self.says,
            "cure": self.cure,
            "says_nl": self.says_nl,
            "cure_nl": self.cure_nl,
            "ground": self.ground,
            "sources": list(self.sources),
            "confidence": self.confidence,
        }


ARTICLE = {"nl": "het artikel waar die onder valt", "en": "the article that reaches it"}
EITHER = {"nl": " of ", "en": " or "}
WAY = {
    "nl": "Een vordering op de wijze die voor die staat geldt, via de Nederlandse autoriteiten.",
    "en": "A demand by the way that applies to that State, through the Dutch authorities.",
}
ACCEPTABLE = frozenset({Outcome.CLARIFY, Outcome.ASK_HUMAN})


def make_finding(
    code: str,
    basis: Basis | None = None,
    *,
    field: str | None = None,
    item: int | None = None,
    subject: str | None = None,
    article: str | None = None,
    seen: Mapping[str, Json] | None = None,
    homes: Sequence[Basis] = (),
    way: Mapping[str, str] | None = None,
    day: date | str | None = None,
    rule: Row | None = None,
) -> Finding:
    """Build the finding ``code``; its words, outcome and ground stand in ``wording``.

    The Dutch words stand in ``wording_dutch``; both are filled with the same.

    ``field`` is the field of the row that it rests on, ``homes`` where a category belongs, ``way``
    how to demand instead, ``day`` the day or moment up to or from which. ``rule`` is a rule for
    several bases: then the finding rests on that. What rests on none of these is policy of ours,
    and says so.
    """
    word = WORDING[code]
    english, dutch = (
        _fill(said, _filling(language, homes, way, day))
        for language, said in ((ENGLISH, Said(word.says, word.cure)), ("nl", DUTCH[code]))
    )
    confidence = basis.confidence_of(field or "", subject) if basis else None
    return Finding(
        code=code,
        outcome=Outcome(word.outcome),
        article=article or (rule["citation"] if rule else basis.citation if basis else OURS),
        seen=dict(seen or {}),
        cure=english.cure,
        says=english.says,
        ground=word.ground,
        item=item,
        subject=subject,
        sources=tuple(rule["sources"]) if rule else basis.sources if basis else (),
        confidence=rule["confidence"] if rule else confidence,
        says_nl=dutch.says,
        cure_nl=dutch.cure,
    )


def _filling(
    language: str, homes: Sequence[Basis], way: Mapping[str, str] | None, day: date | str | None
) -> dict[str, str]:
    """Return what stands in the places that the words of a finding leave open."""
    at = EITHER[language].join(say_citation(one.citation, language) for one in homes)
    return {
        "homes": at or ARTICLE[language],
        "way": (way or WAY)[language],
        "day": "" if day is None else f"{day}",
    }


def _fill(said: Said, filling: Mapping[str, str]) -> Said:
    return Said(said.says, said.cure.format(**filling) if said.cure else None)


def load_finding(row: Any) -> Finding:
    """Read what ``dump`` returned."""
    fields = {name: row[name] for name in row if name != "ref"}
    return Finding(
        **{**fields, "outcome": Outcome(row["outcome"]), "sources": tuple(row["sources"])}
    )


def gravest(findings: Iterable[Finding]) -> Outcome:
    """Return the gravest outcome; of nothing at all, that a person is asked."""
    found = [finding.outcome for finding in findings]
    return max(found, key=GRAVITY.__getitem__) if found else Outcome.ASK_HUMAN
