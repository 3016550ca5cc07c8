"""What an authority owes of an order that was acted on: its writing, or its validation. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from lea_service.legal.basis import IN_EMERGENCY, Afterwards, Basis, Term
from lea_service.legal.facts import start_of
from lea_service.legal.moments import DemandTimes, Validating

NO_CLOCK = frozenset({"not_applicable", "none_in_law"})
ORAL = "oral"


@dataclass(frozen=True, slots=True)
class Owed:
    """What an authority owes of an order, from when it counts, and when it came."""

    term: Term | None
    law: str
    since: datetime
    met_at: datetime | None
    is_validation: bool = False


def find_owed(basis: Basis, times: DemandTimes) -> Owed | None:
    """Return what the authority owes of an order: its validation, or an oral one in writing."""
    after = _may_follow(basis, times.validating)
    if after is not None and times.validating is not None:
        since = min(times.received_at, start_of(times.ordered_on + timedelta(days=1)))
        return Owed(after.term, after.citation, since, times.validating.validated_at, True)
    term = basis.confirmation
    if times.form != ORAL or (term is not None and term.rule in NO_CLOCK):
        return None
    return Owed(term, basis.citation, times.ordered_at, times.confirmed_at)


def _may_follow(basis: Basis, validating: Validating | None) -> Afterwards | None:
    """Return by what law the validation of an emergency may come after the order, where it may."""
    condition = basis.validation
    if validating is None or condition is None or condition.afterwards is None:
        return None
    is_needed = validating.role in (basis.roles_if_validated or ())
    return condition.afterwards if is_needed and condition.afterwards.when == IN_EMERGENCY else None
