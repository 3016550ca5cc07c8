"""Which orders make us keep data, how long, and what makes that longer or ends it. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum

from lea_service.demands.demand import Item, Period
from lea_service.kernel.errors import InvalidInput, WrongState
from lea_service.legal.basis import Basis, Term
from lea_service.legal.deadlines import (
    EUROPEAN_PRESERVATION,
    UNION_LAW,
    Clock,
    Deadline,
    Status,
)
from lea_service.legal.facts import LAST_INSTANT
from lea_service.legal.moments import DemandTimes, Keeping

PRESERVATION = frozenset({"preservation_order", EUROPEAN_PRESERVATION})
"""Instruments that make us keep data and hand over none."""

FREEZING = PRESERVATION | {"european_production_order"}
"""Instruments from whose receipt on nothing that they name may be destroyed.

Of a European order to produce until it is answered (Regulation (EU) 2023/1543 art. 10(1), 10(9)).
"""

Terms = Sequence[Deadline | None]
"""The term of each order that a demand ever was by its records, by each reading of the catalogue.

One person corrects a demand or lays a row over the catalogue, and ends no freeze by it: the latest
of them counts. None: an order that has no term of its own.
"""

DAY = timedelta(days=1)
LET_GO = 90 * DAY
UNSURE = 200 * DAY
"""So long after an act no order reaches that far any more, whatever a decree moved."""


class Longer(StrEnum):
    """By what a preservation lasts longer.

    ``term``: the law's one extension (of a European order: Annex VI). ``production_follows``:
    the authority confirmed that an order to produce was issued (Annex V), so there is no end.
    """

    TERM = "term"
    PRODUCTION_FOLLOWS = "production_follows"


class ReleaseGround(StrEnum):
    """Why data are kept no longer before the term ends; two people decide on it.

    What the record itself tells of ``unconfirmed``, ``stated`` and ``unanswered`` has to be so.
    """

    AUTHORITY = "authority"
    UNCONFIRMED = "unconfirmed"
    STATED = "stated"
    UNANSWERED = "unanswered"
    MISTAKEN = "mistaken"


EXPIRED = "expired"
"""The reason of a release that nobody decides on: the term is over by the widest reading."""


def keeping_basis(basis: Basis | None) -> Basis:
    """Return a basis that makes us keep data and hand over none. Raises WrongState."""
    if basis is None or basis.instrument not in PRESERVATION or basis.enforceable is not True:
        raise WrongState("the basis is not one to keep data on")
    return basis


def turn_round(item: Item) -> Item:
    """Return an item with a period whose ends are in order, whatever its order states.

    Either stated instant is in it, also where both are the same: which was meant is not known yet.
    """
    period = item.period
    if period.start < period.end:
        return item
    return replace(item, period=Period(period.end, period.start + LAST_INSTANT, period.zone))


def freezes(basis: Basis | None) -> bool:
    """Say whether what an order on this basis names may not be destroyed from its receipt on."""
    return basis is not None and basis.instrument in FREEZING and basis.enforceable is True


def term_of(basis: Basis) -> Term:
    """Return how long a basis makes us keep data. Raises WrongState where that is not known."""
    term = basis.preservation
    if term is None or term.value is None:
        raise WrongState("the catalogue does not know how long data are kept on this basis")
    return term


def check_days(basis: Basis, days: int | None) -> None:
    """Let a number of days through that an order may state. Raises InvalidInput, WrongState.

    A European order states none: the regulation gives it its days.
    """
    most = term_of(basis).value
    if days is None:
        return
    if basis.jurisdiction == UNION_LAW:
        raise InvalidInput.at("/days", "expected none: the regulation says how many")
    if most is None or not 1 <= days <= most:
        raise InvalidInput.at("/days", f"expected 1 to {most}, as the law allows")


def longer_by(basis: Basis, keeping: Keeping, by: Longer, days: int | None) -> int | None:
    """Return how many days an extension adds; None where it has no end.

    Raises InvalidInput, and WrongState for a second one of the kind.
    """
    if by is Longer.PRODUCTION_FOLLOWS:
        _check_follows(basis, keeping, days)
        return None
    most = term_of(basis).extension
    if most is None:
        raise WrongState("the law of this order knows no extension")
    if keeping.more_days or keeping.production_follows:
        raise WrongState("the preservation was extended before, which the law allows once")
    if basis.jurisdiction == UNION_LAW and days not in {None, most.value}:
        raise InvalidInput.at("/days", "expected none: the regulation says how many")
    if days is not None and not 1 <= days <= most.value:
        raise InvalidInput.at("/days", f"expected 1 to {most.value}, as the law allows")
    return most.value if days is None else days


def _check_follows(basis: Basis, keeping: Keeping, days: int | None) -> None:
    if basis.instrument != EUROPEAN_PRESERVATION:
        raise WrongState("only a European preservation order is kept until its production")
    if keeping.production_follows:
        raise WrongState("it was recorded before that production follows")
    if days is not None:
        raise InvalidInput.at("/days", "expected none: it has no end by itself")


def has_run_out(terms: Terms) -> bool:
    """Say whether a preservation is over by the widest reading of the law, and surely so.

    Where a decree may yet move the end nothing is given up by itself: a person decides.
    """
    return bool(terms) and all(_has_run_out(one) for one in terms)


def _has_run_out(clock: Deadline | None) -> bool:
    return clock is not None and clock.status is Status.OVER and clock.is_sure is True


def is_let_go(terms: Terms, ended_at: datetime, at: datetime) -> bool:
    """Say whether what one person ended is frozen no longer: the term of the order is over by then.

    An order that has no such term holds for as many days after the act as the longest have. Where
    a decree may yet move the end, it holds until no order can reach that far any more.
    """
    return all(_is_let_go(one, ended_at, at) for one in terms)


def latest_end(terms: Terms) -> datetime | None:
    """Return before when nothing is given up; None where one of the terms has no end."""
    ends = [None if one is None else one.late for one in terms]
    known = [one for one in ends if one is not None]
    return max(known) if known and len(known) == len(ends) else None


def _is_let_go(clock: Deadline | None, ended_at: datetime, at: datetime) -> bool:
    if clock is None or clock.late is None:
        return at >= ended_at + LET_GO
    return at >= (clock.late if clock.is_sure is True else max(clock.late, ended_at + UNSURE))


def check_release(
    ground: ReleaseGround, times: DemandTimes, clocks: Mapping[Clock, Deadline], now: datetime
) -> None:
    """Let a ground through that is so by what is recorded, by the widest reading of the law.

    Raises WrongState.
    """
    kept, written = clocks.get(Clock.PRESERVATION), clocks.get(Clock.CONFIRMATION)
    is_silent = kept is not None and kept.is_silent
    is_told = kept is not None and kept.told_end is not None and kept.told_end <= now
    if ground is ReleaseGround.UNCONFIRMED and (
        written is None or written.status not in {Status.OVER, Status.NO_END}
    ):
        raise WrongState("the order is no oral one that nobody put in writing within its term")
    if ground is ReleaseGround.STATED and (times.keeping.days is None or is_silent or not is_told):
        raise WrongState("no days that the order itself states are over")
    if ground is ReleaseGround.UNANSWERED and not (is_silent and is_told):
        raise WrongState("no question stands unanswered whose five days are over")


def days_left(due: datetime | None, now: datetime) -> int | None:
    """Return the whole days to the earlier end, below zero after it; None where there is no end."""
    return None if due is None else (due - now) // DAY
