"""What an entry of the register of processing systems says, and what is wrong with it. Pure.

Nothing is purged by an entry, nor called past its term: a retention rule alone does that. A finding
says what a reader of the register would object to; no entry is refused for one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from lea_service.retention.queries import RuleView

GDPR = "Regulation (EU) 2016/679"


class Ground(StrEnum):
    """The legal ground of a processing (Regulation (EU) 2016/679 art. 6(1)(a) to (f))."""

    CONSENT = "consent"
    CONTRACT = "contract"
    LEGAL_OBLIGATION = "legal_obligation"
    VITAL_INTERESTS = "vital_interests"
    PUBLIC_TASK = "public_task"
    LEGITIMATE_INTERESTS = "legitimate_interests"
    NOT_STATED = "not_stated"


class Span(StrEnum):
    """How long data are kept: so many months or days, without an end, or nobody said."""

    FIXED = "fixed"
    INDEFINITE = "indefinite"
    NOT_STATED = "not_stated"


class Ending(StrEnum):
    """What becomes of data when their term ends."""

    DESTROY = "destroy"
    ANONYMISE = "anonymise"
    NOT_STATED = "not_stated"


@dataclass(frozen=True, slots=True)
class Kept:
    """For how long something is kept; ``value`` and ``unit`` of a fixed term alone."""

    span: Span
    value: int | None = None
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class DataTerm:
    """One category of data of a system: its term and what becomes of it then."""

    category: str
    kept: Kept
    ending: Ending


@dataclass(frozen=True, slots=True)
class Processor:
    """Somebody who processes data for the provider (art. 28), and how long they keep them."""

    name: str
    kept: Kept


@dataclass(frozen=True, slots=True)
class Entry:
    """One system as the register has it (Regulation (EU) 2016/679 art. 30(1)).

    ``source`` is the declared source whose records it holds, where it is one. ``stated_in`` says
    which document an entry repeats. What is None is not known.
    """

    code: str
    system: str
    source: str | None
    purpose: str | None
    ground: Ground
    article: str | None
    data: tuple[DataTerm, ...]
    owner: str | None
    processors: tuple[Processor, ...]
    consent_evidence: str | None
    stated_in: str | None
    reviewed_on: date


class Objection(StrEnum):
    """What a reader of the register would object to."""

    INDEFINITE = "indefinite"
    TERM_NOT_STATED = "term_not_stated"
    ENDING_NOT_STATED = "ending_not_stated"
    GROUND_NOT_STATED = "ground_not_stated"
    OBLIGATION_WITHOUT_ARTICLE = "obligation_without_article"
    CONSENT_WITHOUT_EVIDENCE = "consent_without_evidence"
    PURPOSE_NOT_STATED = "purpose_not_stated"
    OWNER_NOT_STATED = "owner_not_stated"
    PROCESSOR_TERM_NOT_STATED = "processor_term_not_stated"
    NO_RULE = "no_rule"
    OTHER_RULE = "other_rule"
    REVIEW_DUE = "review_due"


LAWS = {
    Objection.INDEFINITE: f"{GDPR} art. 5(1)(e)",
    Objection.TERM_NOT_STATED: f"{GDPR} art. 13(2)(a), 30(1)(f)",
    Objection.ENDING_NOT_STATED: f"{GDPR} art. 30(1)(f)",
    Objection.GROUND_NOT_STATED: f"{GDPR} art. 13(1)(c)",
    Objection.OBLIGATION_WITHOUT_ARTICLE: f"{GDPR} art. 6(3)",
    Objection.CONSENT_WITHOUT_EVIDENCE: f"{GDPR} art. 7(1)",
    Objection.PURPOSE_NOT_STATED: f"{GDPR} art. 30(1)(b)",
    Objection.PROCESSOR_TERM_NOT_STATED: f"{GDPR} art. 28(3)(g)",
}
"""The article each objection rests on; the others are policy of our own."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One objection: to which place of the entry, and by which article, if it is one of law."""

    code: Objection
    at: str
    law: str | None


def list_findings(entry: Entry, rule: RuleView | None, today: date) -> tuple[Finding, ...]:
    """Return what a reader would object to; ``rule`` is the one in force for its source."""
    found = (*_of_ground(entry), *_of_data(entry), *_of_people(entry), *_of_rule(entry, rule))
    if review_due_on(entry) <= today:
        found = (*found, (Objection.REVIEW_DUE, "/reviewed_on"))
    return tuple(Finding(code, at, LAWS.get(code)) for code, at in found)


def review_due_on(entry: Entry) -> date:
    """Return by when an entry is reviewed again: a year after it was."""
    day = entry.reviewed_on
    is_leap_day = (day.month, day.day) == (2, 29)
    return day.replace(year=day.year + 1, day=28 if is_leap_day else day.day)


Objected = Iterator[tuple[Objection, str]]


def _of_ground(entry: Entry) -> Objected:
    if entry.purpose is None:
        yield Objection.PURPOSE_NOT_STATED, "/purpose"
    if entry.ground is Ground.NOT_STATED:
        yield Objection.GROUND_NOT_STATED, "/ground"
    if entry.ground is Ground.LEGAL_OBLIGATION and entry.article is None:
        yield Objection.OBLIGATION_WITHOUT_ARTICLE, "/article"
    if entry.ground is Ground.CONSENT and entry.consent_evidence is None:
        yield Objection.CONSENT_WITHOUT_EVIDENCE, "/consent_evidence"


def _of_data(entry: Entry) -> Objected:
    for n, one in enumerate(entry.data):
        if one.kept.span is Span.INDEFINITE:
            yield Objection.INDEFINITE, f"/data/{n}/kept"
        if one.kept.span is Span.NOT_STATED:
            yield Objection.TERM_NOT_STATED, f"/data/{n}/kept"
        if one.ending is Ending.NOT_STATED and one.kept.span is not Span.INDEFINITE:
            yield Objection.ENDING_NOT_STATED, f"/data/{n}/ending"


def _of_people(entry: Entry) -> Objected:
    if entry.owner is None:
        yield Objection.OWNER_NOT_STATED, "/owner"
    for n, one in enumerate(entry.processors):
        if one.kept.span is not Span.FIXED:
            yield Objection.PROCESSOR_TERM_NOT_STATED, f"/processors/{n}/kept"


def _of_rule(entry: Entry, rule: RuleView | None) -> Objected:
    """Yield where the register says something else than the rule by which is purged."""
    if entry.source is None:
        return
    if rule is None:
        yield Objection.NO_RULE, "/source"
        return
    enforced = Kept(Span.FIXED, rule.term, rule.unit), rule.action
    for n, one in enumerate(entry.data):
        if (one.kept, one.ending) != enforced:
            yield Objection.OTHER_RULE, f"/data/{n}"
