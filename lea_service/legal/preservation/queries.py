"""Reads of preservations: what the log says of them, and how long they last."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy.orm import Session

from lea_service.custody.replay import Stream, read_stream
from lea_service.demands.demand import Demand
from lea_service.demands.queries import get_demand, list_ids
from lea_service.demands.states import KEPT, State
from lea_service.kernel.clock import format_instant, parse_instant
from lea_service.kernel.datakeys import DataKeys
from lea_service.kernel.errors import IntegrityFailure, NotFound, Unavailable, WrongState
from lea_service.legal.authenticity.wording import NOT_PROVEN
from lea_service.legal.basis import Basis
from lea_service.legal.catalogue import Catalogue
from lea_service.legal.deadlines import Clock, Deadline, list_deadlines
from lea_service.legal.moments import Keeping
from lea_service.legal.preservation.rules import (
    Longer,
    days_left,
    freezes,
)
from lea_service.legal.queries import find_assessment
from lea_service.legal.times import EXTENDED, PRESERVED, collect_times
from lea_service.legal.working_days import WorkingDays

RELEASED, PRODUCED = "preservation.released", "preservation.produced"
HANDLED = "instrument.preservation"
"""The finding that says that the order comes to no plan: keeping the data is what settles it."""


@dataclass(frozen=True, slots=True)
class ExtensionView:
    """One extension: when it was entered, of which kind, and by how many days."""

    at: datetime
    by: Longer
    days: int | None


@dataclass(frozen=True, slots=True)
class PreservationView:
    """A preservation: where it stands, since when, and its two ends.

    ``days_left`` counts to ``due``, the end by the narrowest reading; nothing is given up before
    ``late``. ``released`` is why data are kept no longer, ``production`` the demand that produced.
    """

    demand_id: str
    state: State
    legal_basis: str
    kept_at: datetime
    kept_by: str
    days: int | None
    extensions: tuple[ExtensionView, ...]
    due: datetime | None
    late: datetime | None
    days_left: int | None
    released: str | None
    production: str | None


@dataclass(frozen=True, slots=True)
class Kept:
    """What decisions about a preservation look at."""

    demand: Demand
    basis: Basis | None
    keeping: Keeping
    clock: Deadline | None
    entries: Stream


class Preservations:
    """Reads preservations by the law of the catalogue and the table of free days."""

    def __init__(self, catalogue: Catalogue, working: WorkingDays) -> None:
        self._catalogue = catalogue
        self._working = working

    def load(
        self,
        session: Session,
        keys: DataKeys,
        demand_id: str,
        now: datetime,
        days: int | None = None,
    ) -> Kept:
        """Return what is known of the preservation of a demand. Raises NotFound, Unavailable."""
        demand = get_demand(session, keys, demand_id)
        entries = read_stream(session, demand_id)
        basis = self._catalogue.find_basis(demand.legal_basis, demand.order_date)
        times = collect_times(demand, entries)
        if days is not None:
            times = replace(times, keeping=replace(times.keeping, days=days))
        found = list_deadlines(basis, times, self._working, now) if basis else []
        clock = next((one for one in found if one.clock is Clock.PRESERVATION), None)
        return Kept(demand, basis, times.keeping, clock, entries)

    def get(
        self, session: Session, keys: DataKeys, demand_id: str, now: datetime
    ) -> PreservationView:
        """Return a preservation. Raises NotFound, Unavailable."""
        found = _view(self.load(session, keys, demand_id, now), now)
        if found is None:
            raise NotFound("nothing is kept on this demand")
        return found

    def list(self, session: Session, keys: DataKeys, now: datetime) -> Sequence[PreservationView]:
        """Return the preservations that hold, the first to end first; no end comes last."""
        found = (self._find(session, keys, one, now) for one in list_kept(session))
        return sorted((one for one in found if one is not None), key=place_of)

    def is_freezing(self, basis: str | None, on: date) -> bool:
        """Say whether what an order on this basis names may not be destroyed."""
        return basis is not None and freezes(self._catalogue.find_basis(basis, on))

    def _find(
        self, session: Session, keys: DataKeys, demand_id: str, now: datetime
    ) -> PreservationView | None:
        try:
            return _view(self.load(session, keys, demand_id, now), now)
        except (IntegrityFailure, NotFound, Unavailable):  # the worker raises the alarm
            return None


def list_kept(session: Session) -> list[str]:
    """Return the demands on which data are kept."""
    return list_ids(session, without=frozenset(State) - KEPT)


def place_of(one: PreservationView) -> tuple[str, str]:
    """Return where a preservation stands in the list, as a cursor holds it."""
    return "~" if one.due is None else format_instant(one.due), one.demand_id


def check_may_keep(session: Session, demand_id: str) -> None:
    """Let data be kept on a demand of whose legal check nothing else stands open.

    Who it is from need not be proven for that, since nothing leaves; a demand that the agency
    denied is kept no more than any other. Raises WrongState.
    """
    found = find_assessment(session, demand_id)
    if found is None or not found.is_current or found.legal_basis is None:
        raise WrongState("the demand has no assessment of its present record; assess it first")
    if HANDLED not in {one.code for one in found.findings}:
        raise WrongState("the demand asks for what is handed over; nothing is kept on it")
    codes = {ref.partition("/")[0] for ref in found.open} - {HANDLED, NOT_PROVEN}
    if codes:
        named = ", ".join(sorted(codes))
        raise WrongState(f"the legal check is not settled: {named}", findings=named)


def _view(kept: Kept, now: datetime) -> PreservationView | None:
    begun = kept.entries.last(PRESERVED)
    if begun is None:
        return None
    ended = kept.entries.last(RELEASED, PRODUCED)
    due = kept.clock.due if kept.clock else None
    return PreservationView(
        demand_id=kept.demand.id,
        state=kept.demand.state,
        legal_basis=kept.demand.legal_basis,
        kept_at=parse_instant(begun.at),
        kept_by=begun.by,
        days=begun.facts["days"],
        extensions=tuple(
            ExtensionView(parse_instant(one.at), Longer(one.facts["by"]), one.facts["days"])
            for one in kept.entries.of(EXTENDED)
        ),
        due=due,
        late=kept.clock.late if kept.clock else None,
        days_left=None if ended else days_left(due, now),
        released=None if ended is None else str(ended.facts["reason"]),
        production=None if ended is None else ended.facts.get("demand"),
    )
