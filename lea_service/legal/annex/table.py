"""The reasons of Annex III as data: on which article, for which order, and what follows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

from lea_service.kernel.canonical import canonical_digest
from lea_service.kernel.errors import InvalidInput, WrongState
from lea_service.legal.basis import Basis
from lea_service.legal.overlay import read_json

TABLE, FORMAT = "annex-iii.json", "lea.legal-annex-iii/1"
EUROPEAN = "eu.e_evidence"
"""The family of the orders of Regulation (EU) 2023/1543."""


class Certificate(StrEnum):
    """With which certificate an order came: EPOC or EPOC-PR."""

    PRODUCTION = "production"
    PRESERVATION = "preservation"


class Effect(StrEnum):
    """What follows for the demand, by what counts first where a form has several reasons.

    ``asks``: it waits until the authority has clarified. ``waits``: until the authority has
    decided whether it upholds the order. ``goes_on``: the authority is told, and the demand is
    answered as far as it can be. ``ends``: we owe nothing more unless the authority comes back.
    """

    ASKS = "asks"
    WAITS = "waits"
    GOES_ON = "goes_on"
    ENDS = "ends"


class Need(StrEnum):
    """What a reason has to state beyond the explanation that every form has."""

    QUESTION = "question"
    CONFLICT = "conflict"
    MISSING = "missing"
    POSSIBLE_BY = "possible_by"


class Tells(StrEnum):
    """Whether the form goes to the enforcing authority as well."""

    ALWAYS = "always"
    IF_NOTIFIED = "if_notified"
    NO = "no"


CERTIFICATES = {
    "european_production_order": Certificate.PRODUCTION,
    "european_preservation_order": Certificate.PRESERVATION,
}


@dataclass(frozen=True, slots=True)
class Use:
    """A reason for one kind of order: its articles, whether our term stops, who else is told."""

    citation: str
    halts: bool
    tells_enforcing: Tells


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason of section D.

    ``in_form`` where the form has a box for it; else it stands with the explanation.
    ``answer_days`` is within how many days the authority has to react, ``objection_days`` within
    how many after receipt we have to object; None where the law has no figure. ``borne_out_by``
    are the grounds of findings of which one has to be there, if any is named.
    """

    code: str
    in_form: bool
    words: tuple[str, str]
    effect: Effect
    needs: frozenset[Need]
    answer_days: int | None
    objection_days: int | None
    borne_out_by: frozenset[str]
    uses: Mapping[Certificate, Use]
    sources: tuple[str, ...]
    confidence: str | None
    note: str | None

    @property
    def listed_needs(self) -> list[Need]:
        """Return what it has to state, in the order in which needs are declared."""
        return [one for one in Need if one in self.needs]

    @property
    def listed_grounds(self) -> list[str]:
        """Return the grounds of findings that bear it out, in one order."""
        return sorted(self.borne_out_by)

    @property
    def nl(self) -> str:
        """Return the reason in Dutch."""
        return self.words[0]

    @property
    def en(self) -> str:
        """Return the reason in English."""
        return self.words[1]


@dataclass(frozen=True, slots=True)
class AnnexTable:
    """The whole table; ``digest`` says which one a form was filled in by. Words: Dutch, English."""

    version: str
    digest: str
    title: tuple[str, str]
    sections: Mapping[str, tuple[str, str]]
    interests: Mapping[str, tuple[str, str]]
    reasons: Mapping[str, Reason]

    @property
    def rows(self) -> tuple[Reason, ...]:
        """Return the reasons in the order of the form."""
        return tuple(self.reasons.values())

    def choose(self, certificate: Certificate, codes: Sequence[str]) -> tuple[Reason, ...]:
        """Return the reasons behind codes. Raises InvalidInput that names each wrong place."""
        for n, code in enumerate(codes):
            found = self.reasons.get(code)
            if found is None:
                raise InvalidInput.at(f"/reasons/{n}", "expected a reason of Annex III")
            if certificate not in found.uses:
                detail = f"expected a reason that a European {certificate} order can have"
                raise InvalidInput.at(f"/reasons/{n}", detail)
        return tuple(self.reasons[code] for code in codes)


def is_european(basis: Basis | None) -> bool:
    """Say whether an order on this basis is answered with Annex III, and never refused."""
    return basis is not None and basis.family == EUROPEAN


def certificate_of(basis: Basis | None) -> Certificate:
    """Return with which certificate an order came. Raises WrongState for any other order."""
    if basis is None or basis.instrument is None or not is_european(basis):
        raise WrongState("only a European order is answered with Annex III: this one is refused")
    return CERTIFICATES[basis.instrument]


def effect_of(reasons: Sequence[Reason]) -> Effect:
    """Return what follows from a form: a question comes first, and only all together end."""
    present = {one.effect for one in reasons}
    return next(one for one in Effect if one in present)


@cache
def load_annex() -> AnnexTable:
    """Return the table that ships with the service."""
    found = read_json(files("lea_service.legal") / "data" / TABLE, FORMAT)
    return AnnexTable(
        version=found["version"],
        digest=canonical_digest(found),
        title=_words(found["form"]),
        sections={letter: _words(row) for letter, row in found["sections"].items()},
        interests={code: _words(row) for code, row in found["interests"].items()},
        reasons={row["code"]: _reason(row) for row in found["reasons"]},
    )


def _words(row: Mapping[str, Any]) -> tuple[str, str]:
    return row["nl"], row["en"]


def _reason(row: Mapping[str, Any]) -> Reason:
    return Reason(
        code=row["code"],
        in_form=row["in_form"],
        words=_words(row),
        effect=Effect(row["effect"]),
        needs=frozenset(map(Need, row["needs"])),
        answer_days=row["answer_days"],
        objection_days=row["objection_days"],
        borne_out_by=frozenset(row["borne_out_by"]),
        uses={Certificate(code): _use(use) for code, use in row["orders"].items()},
        sources=tuple(row["sources"]),
        confidence=row["confidence"],
        note=row["note"],
    )


def _use(row: Mapping[str, Any]) -> Use:
    return Use(row["citation"], row["halts"], Tells(row["tells_enforcing"]))
