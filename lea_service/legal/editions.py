"""Several editions of one basis: which of them an order is judged by, and that no two overlap."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import pairwise

from lea_service.legal.basis import Basis

SPELT_APART = "expected the spelling of the other editions"
ENDS_FIRST = "expected a last day that is not before the first"
OVERLAPS = "expected a first day after the last day of the edition before"


def key_of(basis_id: str) -> str:
    """Return what is the same for every spelling of an id."""
    return basis_id.lower().replace(".", "-")


def choose_edition(editions: Sequence[Basis], on: date) -> Basis | None:
    """Return the edition whose span has the day; of none, the nearest, which is not in force then.

    ``editions`` are in the order of their spans. The nearest is the last that began before the day,
    or else the first of all.
    """
    begun = [one for one in editions if one.valid_from is None or one.valid_from <= on]
    if begun:
        return begun[-1]
    return editions[0] if editions else None


def first_day(basis: Basis) -> date:
    """Return the day an edition begins; one that is not known is before every other."""
    return basis.valid_from or date.min


def find_conflicts(bases: Sequence[Basis]) -> Iterator[tuple[int, int, str, str]]:
    """Yield (place, place of the one before, field, what was expected) of what gives a day two.

    An edition whose first day is not known reaches back without an end, so only the earliest of an
    id can be one.
    """
    by_id: dict[str, list[int]] = {}
    for n, basis in enumerate(bases):
        by_id.setdefault(key_of(basis.id), []).append(n)
        if basis.valid_from and basis.valid_to and basis.valid_to < basis.valid_from:
            yield n, n, "valid_to", ENDS_FIRST
    for found in by_id.values():
        for n, m in pairwise(sorted(found, key=lambda n: first_day(bases[n]))):
            if bases[m].id != bases[n].id:
                yield m, n, "id", SPELT_APART
            if _overlap(bases[n], bases[m]):
                yield m, n, "valid_from", OVERLAPS


def _overlap(earlier: Basis, later: Basis) -> bool:
    """Say whether two editions have a day in common, or may have; the first began no later."""
    if earlier.valid_to is None or later.valid_from is None:
        return True
    return later.valid_from <= earlier.valid_to
