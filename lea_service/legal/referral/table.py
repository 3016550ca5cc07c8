"""To whom an authority is referred, as data, and what the answer may name. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from lea_service.kernel.canonical import canonical_digest
from lea_service.kernel.errors import InvalidInput
from lea_service.legal.overlay import read_json

TABLE, FORMAT = "referrals.json", "lea.legal-referrals/1"


@dataclass(frozen=True, slots=True)
class ReferralKind:
    """A kind of other addressee: what we say, and whether somebody may name them."""

    code: str
    nl: str
    en: str
    may_name: bool
    sources: tuple[str, ...]
    confidence: str | None
    note: str | None


@dataclass(frozen=True, slots=True)
class ReferralTable:
    """Every kind; ``digest`` says by which table somebody was referred."""

    version: str
    digest: str
    kinds: Mapping[str, ReferralKind]

    @property
    def rows(self) -> tuple[ReferralKind, ...]:
        """Return the kinds, the one that says least first."""
        return tuple(self.kinds.values())

    def choose(self, code: str, name: str | None) -> ReferralKind:
        """Return a kind that may name whom somebody wants to name. Raises InvalidInput."""
        found = self.kinds.get(code)
        if found is None:
            raise InvalidInput.at("/to", "expected a kind of the table of referrals")
        if name is not None and not found.may_name:
            raise InvalidInput.at("/name", "expected none: nobody is named in this answer")
        return found


@cache
def load_referrals() -> ReferralTable:
    """Return the table that ships with the service."""
    found = read_json(files("lea_service.legal") / "data" / TABLE, FORMAT)
    kinds = [ReferralKind(**{**row, "sources": tuple(row["sources"])}) for row in found["kinds"]]
    digest = canonical_digest(found)
    return ReferralTable(found["version"], digest, {one.code: one for one in kinds})
