"""Reads of preservations: what the log says of them, and how long they last."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from lea_service.custody.replay import Stream, read_stream
from lea_service.demands.audit import RECORDED
from lea_service.demands.demand import Demand, DemandContent
from lea_service.demands.document import load_content
from lea_service.demands.models import DemandRecord
from lea_service.demands.queries import get_demand, list_ids, open_record
from lea_service.demands.states import KEPT, State
from lea_service.kernel.clock import format_instant, parse_instant
from lea_service.kernel.datakeys import DataKeys
from lea_service.kernel.errors import IntegrityFailure, NotFound, Unavailable, WrongState
from lea_service.legal.authenticity.wording import NOT_PROVEN
from lea_service.legal.basis import Basis
from lea_service.legal.catalogue import Catalogue
from lea_service.legal.deadlines import Clock, Deadline, list_deadlines
from lea_service.legal.moments import DemandTimes
from lea_service.legal.preservation.rules import (
    Longer,
    Terms,
    days_left,
    freezes,
    latest_end,
)
from lea_service.legal.queries import find_assessment
from lea_service.legal.times import EXTENDED, PRESERVED, collect_times
from lea_service.legal.working_days import WorkingDays
from lea_service.staff.people_queries import find_name

RELEASED, PRODUCED = "preservation.released", "preservation.produced"
HANDLED = "instrument.preservation"
LANE = "emergency."
"""So the findings of the emergency lane begin."""
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
    kept_by_name: str | None
    days: int | None
    extensions: tuple[ExtensionView, ...]
    due: datetime | None
    late: datetime | None
    days_left: int | None
    released: str | None
    production: str | None


@dataclass(frozen=True, slots=True)
class Kept:
    """What decisions about a preservation look at.

    ``times`` and ``clocks`` are those of the present record, ``terms`` of all that freezes, and
    ``freezing`` are the versions of the record that do.
    """

    demand: Demand
    basis: Basis | None
    times: DemandTimes
    clocks: Mapping[Clock, Deadline]
    terms: Terms
    freezing: tuple[Demand, ...]
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
    ) -> Kept:
        """Return what is known of the preservation of a demand. Raises NotFound, Unavailable."""
        demand = get_demand(session, keys, demand_id)
        entries = read_stream(session, demand_id)
        basis = self._catalogue.find_basis(demand.legal_basis, demand.order_date)
        times = collect_times(demand, entries)
        versions = list_versions(session, keys, demand, entries)
        rows = [(one, self._list_freezing(one)) for one in versions]
        terms = tuple(
            self._list_clocks(row, collect_times(one, entries), now).get(Clock.PRESERVATION)
            for one, found in rows
            for row in found
        )
        freezing = tuple(one for one, found in rows if found)
        clocks = self._list_clocks(basis, times, now) if basis else {}
        return Kept(demand, basis, times, clocks, terms, freezing, entries)

    def _list_clocks(
        self, basis: Basis, times: DemandTimes, now: datetime
    ) -> Mapping[Clock, Deadline]:
        return {one.clock: one for one in list_deadlines(basis, times, self._working, now)}

    def get(
        self, session: Session, keys: DataKeys, demand_id: str, now: datetime
    ) -> PreservationView:
        """Return a preservation. Raises NotFound, Unavailable."""
        found = _view(self.load(session, keys, demand_id, now), now, session, keys)
        if found is None:
            raise NotFound("nothing is kept on this demand")
        return found

    def list(self, session: Session, keys: DataKeys, now: datetime) -> Sequence[PreservationView]:
        """Return the preservations that hold, the first to end first; no end comes last."""
        found = (self._find(session, keys, one, now) for one in list_kept(session))
        return sorted((one for one in found if one is not None), key=place_of)

    def _list_freezing(self, content: DemandContent) -> tuple[Basis, ...]:
        """Return by which rows of the law what an order names may not be destroyed."""
        found = self._catalogue.list_readings(content.legal_basis, content.order_date)
        return tuple(one for one in found if freezes(one))

    def _find(
        self, session: Session, keys: DataKeys, demand_id: str, now: datetime
    ) -> PreservationView | None:
        try:
            return _view(self.load(session, keys, demand_id, now), now, session, keys)
        except (IntegrityFailure, NotFound, Unavailable):  # the worker raises the alarm
            return None


def list_versions(
    session: Session, keys: DataKeys, demand: Demand, entries: Stream
) -> list[Demand]:
    """Return a demand as each version of its record had it, the corrected ones too.

    Raises IntegrityFailure where they are not those that were entered, Unavailable.
    """
    query = select(DemandRecord).where(DemandRecord.demand_id == demand.id)
    records = session.scalars(query.order_by(DemandRecord.version)).all()
    is_whole = len(records) == sum(1 for _ in entries.of(*RECORDED))
    if not is_whole or any(entries.find_vouching(session, one) is None for one in records):
        raise IntegrityFailure("the records of a demand are not those that were entered")
    opened = (open_record(session, keys, demand.id, one.version)[0] for one in records)
    contents = (load_content(one) for one in opened)
    return [
        replace(demand, **{name: getattr(one, name) for name in one.__dataclass_fields__})
        for one in contents
    ]


def list_kept(session: Session) -> list[str]:
    """Return the demands on which data are kept."""
    return list_ids(session, without=frozenset(State) - KEPT)


def place_of(one: PreservationView) -> tuple[str, str]:
    """Return where a preservation stands in the list, as a cursor holds it."""
    return "~" if one.due is None else format_instant(one.due), one.demand_id


def check_may_keep(session: Session, demand_id: str) -> None:
    """Let data be kept on a demand of whose legal check nothing else stands open.

    Who it is from need not be proven for that, since nothing leaves, nor is the emergency lane
    passed through, which is about giving; a demand that the agency denied is kept no more than any
    other. Raises WrongState.
    """
    found = find_assessment(session, demand_id)
    if found is None or not found.is_current or found.legal_basis is None:
        raise WrongState("the demand has no assessment of its present record; assess it first")
    if HANDLED not in {one.code for one in found.findings}:
        raise WrongState("the demand asks for what is handed over; nothing is kept on it")
    codes = {ref.partition("/")[0] for ref in found.open} - {HANDLED, NOT_PROVEN}
    codes = {one for one in codes if not one.startswith(LANE)}
    if codes:
        named = ", ".join(sorted(codes))
        raise WrongState(f"the legal check is not settled: {named}", findings=named)


def _view(kept: Kept, now: datetime, session: Session, keys: DataKeys) -> PreservationView | None:
    begun = kept.entries.last(PRESERVED)
    if begun is None:
        return None
    ended = kept.entries.last(RELEASED, PRODUCED)
    clock = kept.clocks.get(Clock.PRESERVATION)
    due = clock.due if clock else None
    return PreservationView(
        demand_id=kept.demand.id,
        state=kept.demand.state,
        legal_basis=kept.demand.legal_basis,
        kept_at=parse_instant(begun.at),
        kept_by=begun.by,
        kept_by_name=find_name(session, keys, begun.by),
        days=begun.facts["days"],
        extensions=tuple(
            ExtensionView(parse_instant(one.at), Longer(one.facts["by"]), one.facts["days"])
            for one in kept.entries.of(EXTENDED)
        ),
        due=due,
        late=latest_end(kept.terms),
        days_left=None if ended else days_left(due, now),
        released=None if ended is None else str(ended.facts["reason"]),
        production=None if ended is None else ended.facts.get("demand"),
    )
