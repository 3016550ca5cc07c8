"""What one check is given, what every check is, and the joint of several that fails when empty."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from lea_service.legal.basis import Basis
from lea_service.legal.catalogue import Catalogue
from lea_service.legal.facts import DemandFacts
from lea_service.legal.findings import Finding, make_finding


@dataclass(frozen=True, slots=True)
class Case:
    """A demand under a basis that the catalogue knows, on a day."""

    facts: DemandFacts
    basis: Basis
    catalogue: Catalogue
    today: date


class Check(Protocol):
    """One question of law or form."""

    def find(self, case: Case) -> Iterator[Finding]:
        """Yield what is found; a check that finds nothing has not passed."""


class AllOf:
    """Several checks, each of which must come to a result; none at all is no pass."""

    def __init__(self, checks: Sequence[Check]) -> None:
        self.checks = tuple(checks)

    def find(self, case: Case) -> Iterator[Finding]:
        """Yield the findings of every check."""
        if not self.checks:
            yield make_finding("checks.none", case.basis)
        for check in self.checks:
            found = list(check.find(case))
            yield from found or [
                make_finding("checks.silent", case.basis, seen={"check": type(check).__name__})
            ]
