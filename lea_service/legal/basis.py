"""One legal basis, as the catalogue has it. ``None`` means not known: a person is asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from lea_service.kernel.canonical import Json, canonical_digest

CONFIDENCE = ("high", "medium", "low")
IDENTITY = frozenset({"valid_to", "succeeded_by", "route", "notes"})
"""Members in which null does not mean unknown: no end, nothing planned, no need, no words."""

VALIDATION, IN_EMERGENCY = "role_needs_validation", "emergency"
"""The condition under which a role needs another's validation, and when that may come later."""

Row = Mapping[str, Any]
Codes = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NotBefore:
    """Until when an answer waits: for which term, when that holds, and what ends it earlier."""

    value: int
    unit: str
    when: str
    ends_early_by: str


@dataclass(frozen=True, slots=True)
class Extension:
    """By how much a term may be made longer, and how often."""

    value: int
    unit: str
    times: int


@dataclass(frozen=True, slots=True)
class Term:
    """A rule about time: ``at_most`` so much, or a rule that needs no figure.

    ``counting`` is the code of the time rule by which it is counted. ``gives`` are the categories
    that are handed over all the same where data are kept.
    """

    rule: str
    value: int | None
    unit: str | None
    text: str | None
    counting: str | None = None
    alarm_hours: int | None = None
    not_before: NotBefore | None = None
    extension: Extension | None = None
    gives: Codes | None = ()


@dataclass(frozen=True, slots=True)
class Afterwards:
    """When a validation may come after the order, by which article, and within which term."""

    when: str
    citation: str
    term: Term | None
    sources: Codes
    confidence: str

    @property
    def rule(self) -> Row:
        """Return what a finding rests on that goes by it."""
        sources = [*self.sources]
        return {"citation": self.citation, "sources": sources, "confidence": self.confidence}


@dataclass(frozen=True, slots=True)
class Condition:
    """When a judge has to authorise; ``categories`` go with the kinds that name some.

    ``afterwards`` goes with the need of a validation: None where it is not known. ``rests_on`` and
    ``if_missing`` are there where they are not those of the row: a statute asks for it in this
    case, and case law in the others.
    """

    kind: str
    categories: Codes
    text: str
    afterwards: Afterwards | None = None
    rests_on: Codes | None = None
    if_missing: str | None = None


@dataclass(frozen=True, slots=True)
class GivenOrally:
    """Whether a judge may authorise orally, by which article, and by when that is written down.

    ``allowed`` is ``yes``, ``urgent`` or ``no``; None where it is not known, as is the term.
    """

    allowed: str | None
    citation: str
    confirmation: Term | None
    sources: Codes
    confidence: str

    @property
    def rule(self) -> Row:
        """Return what a finding rests on that goes by it."""
        sources = [*self.sources]
        return {"citation": self.citation, "sources": sources, "confidence": self.confidence}


@dataclass(frozen=True, slots=True)
class Judicial:
    """Whether a judge authorises beforehand, by what right, and what follows when it is missing.

    ``oral`` is None where the row does not say whether it may be given orally.
    """

    need: str | None
    by: str | None
    rests_on: Codes | None
    conditions: tuple[Condition, ...] | None
    if_missing: str | None
    oral: GivenOrally | None = None


@dataclass(frozen=True, slots=True)
class Memory:
    """A field that rests on memory; ``of`` are the codes in it that do, or all when empty."""

    confidence: str
    note: str | None
    of: Codes


@dataclass(frozen=True, slots=True)
class Review:
    """Who took a provider's own row into use, when, and why it differs."""

    by: str
    on: date
    why: str

    def dump(self) -> dict[str, Json]:
        """Return the plain form."""
        return {"by": self.by, "on": self.on.isoformat(), "why": self.why}


@dataclass(frozen=True, slots=True)
class Basis:
    """What the checks need of one edition of a legal basis; its row is ``Catalogue.get_row``."""

    id: str
    jurisdiction: str
    family: str
    citation: str
    title: Mapping[str, str] | None
    instrument: str | None
    status: str | None
    enforceable: bool | None
    route: str | None
    valid_from: date | None
    valid_to: date | None
    issuing_roles: Codes | None
    roles_if_validated: Codes | None
    judicial: Judicial | None
    categories: Codes | None
    excluded_categories: Codes | None
    unsettled_categories: Codes | None
    threshold: str | None
    """The offence that it needs, in the English of the row; nobody here judges it."""
    targets: Codes | None
    contents: Codes | None
    look_back: Term | None
    look_forward: Term | None
    oral: str | None
    confirmation: Term | None
    """By when an oral order is put in writing."""
    response: Term | None
    emergency_response: Term | None
    preservation: Term | None
    order_validity: Term | None
    sources: Codes
    confidence: str
    memory: Mapping[str, Memory]
    unknown: Codes
    """Fields of the row that are not known."""
    digest: str
    """SHA-256 (base64url) over the canonical form of the row."""
    reviewed: Review | None = None
    """Whose review stands behind a row of the provider's own; None for one that ships."""

    @property
    def validation(self) -> Condition | None:
        """Return the condition by which some roles need the validation of another, if any."""
        conditions = self.judicial.conditions if self.judicial else None
        return next((one for one in conditions or () if one.kind == VALIDATION), None)

    def confidence_of(self, field: str, code: str | None = None) -> str:
        """Return how sure the row is of one of its fields (of one code in it)."""
        found = self.memory.get(field)
        if found is None or (found.of and code not in found.of):
            return self.confidence
        return max(self.confidence, found.confidence, key=CONFIDENCE.index)


def digest_of(row: Row) -> str:
    """Return the digest of a row: SHA-256 (base64url) over its canonical form."""
    return canonical_digest(dict(row))


def load_basis(row: Row, reviewed: Review | None = None) -> Basis:
    """Build a basis from a row that fits the schema."""
    oral = row["oral"] or {"allowed": None, "confirmation": None}
    return Basis(
        id=row["id"],
        jurisdiction=row["jurisdiction"],
        family=row["family"],
        citation=row["citation"],
        title=row["title"],
        instrument=row["instrument"],
        status=row["status"],
        enforceable=row["enforceable_in_nl"],
        route=row["route"],
        valid_from=_day(row["valid_from"]),
        valid_to=_day(row["valid_to"]),
        issuing_roles=_codes(row["issuing_roles"]),
        roles_if_validated=_codes(row["roles_if_validated"]),
        judicial=_judicial(row["judicial_authorisation"]),
        categories=_codes(row["categories"]),
        excluded_categories=_codes(row["excluded_categories"]),
        unsettled_categories=_codes(row["unsettled_categories"]),
        threshold=row["threshold"]["text"] if row["threshold"] else None,
        targets=_codes(row["targets"]),
        contents=_codes(row["contents"]),
        look_back=_term(row["look_back"]),
        look_forward=_term(row["look_forward"]),
        oral=oral["allowed"],
        confirmation=_term(oral["confirmation"]),
        response=_term(row["response"]),
        emergency_response=_term(row["emergency_response"]),
        preservation=_term(row["preservation"]),
        order_validity=_term(row["order_validity"]),
        sources=tuple(row["sources"]),
        confidence=row["confidence"],
        memory={name: _memory(found) for name, found in row["memory"].items()},
        unknown=tuple(sorted(_unknown(row))),
        digest=digest_of(row),
        reviewed=reviewed,
    )


def _unknown(row: Row) -> set[str]:
    found = {name for name, value in row.items() if value is None and name not in IDENTITY}
    if row["oral"] is not None and row["oral"]["allowed"] is None:
        found.add("oral")
    judicial = row["judicial_authorisation"]
    if judicial is not None and _lacks(judicial):
        found.add("judicial_authorisation")
    return found


def _lacks(judicial: Row) -> bool:
    """Say whether something of an authorisation is not known, its conditions included."""
    afterwards = [one.get("afterwards", {}) for one in judicial.get("conditions") or ()]
    terms = [one.get("term", {}) for one in afterwards if one is not None]
    oral = judicial.get("oral") or {}
    return None in (*judicial.values(), *afterwards, *terms, *oral.values())


def _judicial(row: Row | None) -> Judicial | None:
    if row is None:
        return None
    conditions = row.get("conditions")
    return Judicial(
        need=row["need"],
        by=row.get("by"),
        rests_on=_codes(row.get("rests_on")),
        conditions=None if conditions is None else tuple(_condition(one) for one in conditions),
        if_missing=row.get("if_missing"),
        oral=_given_orally(row.get("oral")),
    )


def _given_orally(row: Row | None) -> GivenOrally | None:
    if row is None:
        return None
    return GivenOrally(
        row["allowed"],
        row["citation"],
        _term(row["confirmation"]),
        tuple(row["sources"]),
        row["confidence"],
    )


def _condition(row: Row) -> Condition:
    afterwards = row.get("afterwards")
    return Condition(
        row["kind"],
        tuple(row.get("categories", ())),
        row["text"],
        None if afterwards is None else _afterwards(afterwards),
        _codes(row.get("rests_on")),
        row.get("if_missing"),
    )


def _afterwards(row: Row) -> Afterwards:
    return Afterwards(
        row["when"],
        row["citation"],
        _term(row.get("term")),
        tuple(row["sources"]),
        row["confidence"],
    )


def _term(row: Row | None) -> Term | None:
    if row is None:
        return None
    waits, longer = row.get("not_before"), row.get("extension")
    return Term(
        row["rule"],
        row.get("value"),
        row.get("unit"),
        row.get("text"),
        row.get("counting"),
        row.get("alarm_hours"),
        None if waits is None else NotBefore(**waits),
        None if longer is None else Extension(**longer),
        _codes(row.get("gives", [])),
    )


def _memory(row: Row) -> Memory:
    return Memory(row["confidence"], row["note"], tuple(row.get("of", ())))


def _codes(found: list[str] | None) -> Codes | None:
    return None if found is None else tuple(found)


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
