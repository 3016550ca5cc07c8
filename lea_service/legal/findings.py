"""What a check found: one finding each, with the article it rests on and what would cure it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from lea_service.kernel.canonical import Json
from lea_service.legal.basis import Basis, Row
from lea_service.legal.wording import WORDING


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
            "ground": self.ground,
            "sources": list(self.sources),
            "confidence": self.confidence,
        }


ARTICLE = "the article that reaches it"
WAY = "A demand by the way that applies to that State, through the Dutch authorities."
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
    way: str | None = None,
    day: date | None = None,
    rule: Row | None = None,
) -> Finding:
    """Build the finding ``code``; its words, outcome and ground stand in ``wording``.

    ``field`` is the field of the row that it rests on, ``homes`` where a category belongs, ``way``
    how to demand instead, ``day`` up to or from when. ``rule`` is a rule for several bases: then
    the finding rests on that.
    """
    word = WORDING[code]
    at = " or ".join(one.citation for one in homes)
    fill = {"homes": at or ARTICLE, "way": way or WAY, "day": "" if day is None else f"{day}"}
    confidence = basis.confidence_of(field or "", subject) if basis else None
    return Finding(
        code=code,
        outcome=Outcome(word.outcome),
        article=article or (rule["citation"] if rule else basis.citation if basis else None),
        seen=dict(seen or {}),
        cure=word.cure.format(**fill) if word.cure else None,
        says=word.says,
        ground=word.ground,
        item=item,
        subject=subject,
        sources=tuple(rule["sources"]) if rule else basis.sources if basis else (),
        confidence=rule["confidence"] if rule else confidence,
    )


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
