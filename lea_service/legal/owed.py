"""What an authority owes of an order that was acted on: its writing, or its validation. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from lea_service.kernel.clock import start_of
from lea_service.legal.basis import IN_EMERGENCY, Basis, Term
from lea_service.legal.moments import DemandTimes

NO_CLOCK = frozenset({"not_applicable", "none_in_law"})
ORAL = "oral"


class Debt(StrEnum):
    """What is owed: the order in writing, its validation, the writing of what a judge said."""

    WRITING = "writing"
    VALIDATION = "validation"
    AUTHORISATION = "authorisation"


@dataclass(frozen=True, slots=True)
class Owed:
    """What an authority owes of an order, from when it counts, and when it came.

    ``term`` is None where the catalogue does not know by when, or whether it may come later at all.
    ``since_last`` is from when it counts by the last date of the order that was stated.
    """

    term: Term | None
    law: str
    since: datetime
    met_at: datetime | None
    debt: Debt = Debt.WRITING
    since_last: datetime | None = None


def list_owed(basis: Basis, times: DemandTimes) -> tuple[Owed, ...]:
    """Return what the authority owes of an order: an oral one in writing, and its validation.

    So is an oral authorisation of a judge. Each is owed by an article of its own, and none pays
    another.
    """
    return (
        *_writing(basis, times),
        *_validation(basis, times),
        *_authorisation(basis, times),
    )


def _writing(basis: Basis, times: DemandTimes) -> Iterator[Owed]:
    term = basis.confirmation
    if times.form == ORAL and (term is None or term.rule not in NO_CLOCK):
        since, last = times.ordered_at, times.ordered_last_at
        yield Owed(term, basis.citation, since, times.confirmed_at, since_last=last)


def _validation(basis: Basis, times: DemandTimes) -> Iterator[Owed]:
    """Yield the validation of an emergency that may follow the order, or may for all we know."""
    validating = times.validating
    if validating is None or validating.role not in (basis.roles_if_validated or ()):
        return
    rule = None if basis.validation is None else basis.validation.afterwards
    if rule is None:
        since, met_at = times.received_at, validating.validated_at
        yield Owed(None, basis.citation, since, met_at, Debt.VALIDATION)
    elif rule.when == IN_EMERGENCY:
        since = min(times.received_at, start_of(times.ordered_on + timedelta(days=1)))
        yield Owed(rule.term, rule.citation, since, validating.validated_at, Debt.VALIDATION)


def _authorisation(basis: Basis, times: DemandTimes) -> Iterator[Owed]:
    """Yield the writing of an authorisation given orally; without a rule nobody knows by when."""
    given = times.authorised
    if given is None:
        return
    rule = basis.judicial.oral if basis.judicial else None
    term, law = (None, basis.citation) if rule is None else (rule.confirmation, rule.citation)
    yield Owed(term, law, given.given_at, given.written_at, Debt.AUTHORISATION)
