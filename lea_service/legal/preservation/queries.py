"""Reads of preservations: what the log says of them, and how long they last."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from lea_service.custody.replay import Stream, read_stream
from lea_service.demands.demand import Demand, Item
from lea_service.demands.document import load_content
from lea_service.demands.models import Demand as DemandRow
from lea_service.demands.models import DemandRecord
from lea_service.demands.queries import get_demand, list_ids, open_record
from lea_service.demands.states import ANSWERED, KEPT, State
from lea_service.kernel.clock import format_instant, parse_instant
from lea_service.kernel.datakeys import DataKeys
from lea_service.kernel.errors import IntegrityFailure, NotFound, Unavailable, WrongState
from lea_service.legal.authenticity.wording import NOT_PROVEN
from lea_service.legal.basis import Basis
from lea_service.legal.catalogue import Catalogue
from lea_service.legal.deadlines import Clock, Deadline, Keeping, list_deadlines
from lea_service.legal.preservation.rules import (
    LOOK_BACK,
    Longer,
    days_left,
    freezes,
    has_run_out,
    is_let_go,
)
from lea_service.legal.queries import find_assessment
from lea_service.legal.times import EXTENDED, LETTING_GO, PRESERVED, UPHELD, collect_times
from lea_service.legal.working_days import WorkingDays

RELEASED, PRODUCED = "preservation.released", "preservation.produced"
ENDED_BY_ONE = ("withdrawn", "refused", "closed", "erased")
"""States to which one person may bring an order before its term, or that follow one of those."""
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

    def load(self, session: Session, keys: DataKeys, demand_id: str, now: datetime) -> Kept:
        """Return what is known of the preservation of a demand. Raises NotFound, Unavailable."""
        demand = get_demand(session, keys, demand_id)
        entries = read_stream(session, demand_id)
        basis = self._catalogue.find_basis(demand.legal_basis, demand.order_date)
        times = collect_times(demand, entries)
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

    def list_freezing(self, session: Session, keys: DataKeys, since: datetime) -> Sequence[Demand]:
        """Return the demands whose data may not be destroyed, or might not after ``since``.

        From the receipt of a preservation order, or any European one, until its term is over by
        the widest reading, it was answered, or its data were released. What one person does to it
        (withdrawn, refused, corrected) ends nothing before that. Raises IntegrityFailure that says
        which ``demand`` cannot be read: nobody knows then what it names.
        """
        table = DemandRow
        is_open = table.state.not_in([one.value for one in LETTING_GO])
        is_by_one = table.state.in_(ENDED_BY_ONE) & (table.state_since > since - LOOK_BACK)
        query = select(table).where(or_(is_open, is_by_one, table.state_since > since))
        freezing = [
            one
            for one in session.scalars(query.order_by(table.id))
            if one.record_version > 1 or self._freezes(one.legal_basis, one.order_date)
        ]
        found = (self._find_freezing(session, keys, one, since) for one in freezing)
        return [one for one in found if one is not None]

    def _freezes(self, basis: str | None, on: date) -> bool:
        return basis is not None and freezes(self._catalogue.find_basis(basis, on))

    def _find_freezing(
        self, session: Session, keys: DataKeys, row: DemandRow, since: datetime
    ) -> Demand | None:
        try:
            kept = self.load(session, keys, row.id, since)
            items = self._list_frozen(session, keys, kept.demand)
        except NotFound:
            return None
        except (IntegrityFailure, Unavailable) as err:
            raise IntegrityFailure("what an order names cannot be read", demand=row.id) from err
        is_over = _is_over(kept, row.state_since, since)
        return None if is_over or not items else replace(kept.demand, items=items)

    def _list_frozen(self, session: Session, keys: DataKeys, demand: Demand) -> tuple[Item, ...]:
        """Return what any version of a record names that freezes it, the corrected ones too."""
        query = select(DemandRecord.version).where(DemandRecord.demand_id == demand.id)
        found = (
            load_content(open_record(session, keys, demand.id, version)[0])
            for version in session.scalars(query.order_by(DemandRecord.version)).all()
        )
        return tuple(
            item
            for one in found
            if self._freezes(one.legal_basis, one.order_date)
            for item in one.items
        )

    def _find(
        self, session: Session, keys: DataKeys, demand_id: str, now: datetime
    ) -> PreservationView | None:
        try:
            return _view(self.load(session, keys, demand_id, now), now)
        except (IntegrityFailure, NotFound, Unavailable):  # the worker raises the alarm
            return None


def _is_over(kept: Kept, state_since: datetime, since: datetime) -> bool:
    """Say whether an order freezes nothing any more.

    A reply that hands over nothing ends no freeze (Regulation (EU) 2023/1543 art. 10(9)): only the
    term of the order does, or what is done to it afterwards.
    """
    if kept.demand.state is State.REPLIED:
        return has_run_out(kept.clock)
    act = "demand.closed" if _was_replied(kept) else "demand.refused"
    ended = kept.entries.last("demand.withdrawn") or kept.entries.last(act)
    if ended is not None:
        return is_let_go(kept.clock, parse_instant(ended.at), since)
    if kept.demand.state in ANSWERED and state_since <= since:
        return True
    return has_run_out(kept.clock)


def _was_replied(kept: Kept) -> bool:
    """Say whether a demand was replied to, and the authority did not uphold it since."""
    replies = (one for one in kept.entries.entries if one.facts.get("state") == State.REPLIED)
    last, upheld = max((one.idx for one in replies), default=-1), kept.entries.last(UPHELD)
    return last > (-1 if upheld is None else upheld.idx)


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
