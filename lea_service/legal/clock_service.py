"""Looks at the clocks of every open demand: enters their ends, what moved one, and who was told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from lea_service.custody.looks import Looks
from lea_service.custody.queries import list_last_facts
from lea_service.custody.replay import Stream, read_stream
from lea_service.demands.admission import is_sealed
from lea_service.demands.changes import lock_demand
from lea_service.demands.demand import Demand
from lea_service.demands.queries import get_demand, list_ids
from lea_service.demands.states import DECLINED, OVER
from lea_service.kernel.actors import Actor, Permission, permit
from lea_service.kernel.canonical import Json
from lea_service.kernel.clock import dump_instant, format_instant
from lea_service.kernel.datakeys import DataKeys
from lea_service.kernel.errors import NotFound, Unavailable
from lea_service.kernel.outbox import Begin, damage_alarmed, enqueue_alarm, enqueue_own_notice
from lea_service.kernel.transactions import SYSTEM_STREAM, Transaction, Transactions
from lea_service.legal.basis import Basis
from lea_service.legal.catalogue import Catalogue
from lea_service.legal.confirmations.changes import enter_consequences
from lea_service.legal.confirmations.queries import list_pressing
from lea_service.legal.confirmations.rules import HOLDS, Consequences, find_consequences
from lea_service.legal.counted import (
    COUNTED,
    MOVED,
    Cause,
    CountedClock,
    Standing,
    dump_standing,
    find_cause,
    find_standing,
    list_moves,
    load_standing,
    take_standing,
)
from lea_service.legal.deadlines import Clock, Deadline, list_deadlines
from lea_service.legal.escalation import ESCALATED, Audience, Reached, find_reached
from lea_service.legal.times import collect_times
from lea_service.legal.working_days import WorkingDays

Place = tuple[str, str, str]
UNWATCHED = OVER | DECLINED
TOLD = {Audience.DESK: "deadline.near", Audience.OVERSEER: "deadline.pressing"}
MOVED_BY_LAW = frozenset({Cause.HOLIDAYS, Cause.CATALOGUE})
"""Causes that lie in no act of ours upon the demand: somebody has to be told of them."""


@dataclass(frozen=True, slots=True)
class Watched:
    """What there is to enter about the clocks of a demand, and what follows from one."""

    standing: Standing
    before: Standing | None
    reached: tuple[Reached, ...]
    demand: Demand
    entries: Stream
    owed: tuple[tuple[Deadline | None, Consequences], ...]

    @property
    def is_new(self) -> bool:
        """Say whether the clocks stand otherwise than was entered."""
        return self.before is None or self.cause is not None

    @property
    def cause(self) -> Cause | None:
        """Return why they do; None where they were never counted before, too."""
        return None if self.before is None else find_cause(self.before, self.standing)


@dataclass(frozen=True, slots=True)
class OpenClock:
    """A clock of some demand as it was counted last; ``seconds_left`` is below zero after it."""

    demand: str
    clock: Clock
    due: datetime | None
    late: datetime | None
    seconds_left: int | None


class ClockService:
    """Watches for the worker, and lists for people what runs out next.

    Both rest on the log: who changes a table silences nothing.
    """

    def __init__(
        self, transactions: Transactions, looks: Looks, catalogue: Catalogue, working: WorkingDays
    ) -> None:
        self._transactions = transactions
        self._looks = looks
        self._catalogue = catalogue
        self._working = working

    def watch(self, begin: Begin) -> int:
        """Look at every open demand, each in a transaction of ``begin`` if there is news of it.

        Returns of how many there was. Repeating it enters nothing twice. A damaged one raises the
        alarm and keeps no other from being looked at.
        """
        with self._transactions.read() as session:
            demands = list_ids(session, without=UNWATCHED)
        found = sum(self._try(begin, one) for one in demands)
        self._press(begin)
        return found

    def list_open(self, actor: Actor, after: Place | None, limit: int) -> Sequence[OpenClock]:
        """Return the clocks that run out next, from the one after ``after``; the look is entered.

        Those without an end come last. A demand that just arrived is not counted yet.
        """
        permit(actor, Permission.DEMAND_LIST)
        self._looks.note(actor, SYSTEM_STREAM, "deadlines", "demand.listed")
        now = self._transactions.clock.now()
        with self._transactions.read(actor) as session:
            watched = set(list_ids(session, without=UNWATCHED))
            counted = list_last_facts(session, (COUNTED, MOVED))
        found = [
            _open_clock(demand, clock, now)
            for demand, facts in counted.items()
            if demand in watched
            for clock in load_standing(facts).clocks
        ]
        later = (one for one in found if after is None or place_of(one) > after)
        return sorted(later, key=place_of)[:limit]

    def _press(self, begin: Begin) -> None:
        """Tell those who oversee of breach notices that nobody assessed, once before each end."""
        with self._transactions.read() as session:
            found = list_pressing(session, self._transactions.clock.now())
        for notice, occasion in found:
            with suppress(IntegrityError), begin() as tx:  # another worker may be first
                enqueue_alarm(tx, about=notice, occasion=occasion)

    def _try(self, begin: Begin, demand_id: str) -> bool:
        with damage_alarmed(begin, demand_id):
            return self._watch(begin, demand_id)
        return False

    def _watch(self, begin: Begin, demand_id: str) -> bool:
        with self._transactions.read() as session:
            now = self._transactions.clock.now()
            if not _is_news(self._look(session, self._transactions.keys, demand_id, now)):
                return False
        with begin() as tx:
            permit(tx.actor, Permission.DEADLINE_WATCH)
            lock_demand(tx, demand_id)
            watched = self._look(tx.session, tx.keys, demand_id, tx.now)
            if watched is not None:
                _enter_standing(tx, demand_id, watched)
                for one in watched.reached:
                    _escalate(tx, demand_id, one)
                for deadline, found in watched.owed:
                    enter_consequences(tx, watched.demand, deadline, watched.entries, found)
            return _is_news(watched)

    def _look(
        self, session: Session, keys: DataKeys, demand_id: str, now: datetime
    ) -> Watched | None:
        """Return how the clocks of a demand stand; None where it cannot be opened any more."""
        try:
            demand = get_demand(session, keys, demand_id)
        except (NotFound, Unavailable):
            return None
        entries = read_stream(session, demand_id)
        basis = self._catalogue.find_basis(demand.legal_basis, demand.order_date)
        times = collect_times(demand, entries)
        clocks = list_deadlines(basis, times, self._working, now) if basis else []
        digest = self._name(session, demand_id, basis) if basis else None
        standing = take_standing(demand.record_version, digest, clocks, self._working)
        reached = tuple(_reached(demand, clocks, entries, now))
        owed = tuple(_follows(clocks, entries, now))
        return Watched(standing, find_standing(entries), reached, demand, entries, owed)

    def _name(self, session: Session, demand_id: str, basis: Basis) -> str:
        """Return by what an entry knows a row again; in the sealed lane it tells nobody which."""
        if not is_sealed(session, demand_id):
            return basis.digest
        return self._transactions.index.digest("deadline.basis", f"{demand_id}/{basis.digest}")


def _follows(
    clocks: Sequence[Deadline], entries: Stream, now: datetime
) -> Iterator[tuple[Deadline | None, Consequences]]:
    """Yield what there is to do about each thing that may be owed, with its clock if it is."""
    for clock in HOLDS:
        deadline = next((one for one in clocks if one.clock is clock), None)
        if found := find_consequences(clock, deadline, entries, now):
            yield deadline, found


def _reached(
    demand: Demand, clocks: Sequence[Deadline], entries: Stream, now: datetime
) -> Iterator[Reached]:
    for one in clocks:
        found = find_reached(one, demand.received_at, entries, now)
        if found is not None:
            yield found


def _is_news(watched: Watched | None) -> bool:
    return watched is not None and (watched.is_new or bool(watched.reached or watched.owed))


def _enter_standing(tx: Transaction, demand_id: str, watched: Watched) -> None:
    if not watched.is_new:
        return
    cause = watched.cause
    facts = dump_standing(watched.standing)
    if cause is not None:
        facts["cause"] = cause.value
    moves = list_moves(watched.before, watched.standing) if watched.before else ()
    if cause not in MOVED_BY_LAW or not moves:
        tx.record(COUNTED, demand_id, facts=facts)
        return
    tx.record(MOVED, demand_id, facts=facts)
    _tell(tx, MOVED, demand_id, format_instant(tx.now))


def _escalate(tx: Transaction, demand_id: str, reached: Reached) -> None:
    """Enter that a threshold was reached, and have those told whom it concerns."""
    end = dump_instant(reached.end)
    facts: dict[str, Json] = {
        "clock": reached.clock.value,
        "step": reached.code,
        "told": reached.tell.value,
    }
    if end is not None:
        facts["end"] = end
    tx.record(ESCALATED, demand_id, facts=facts)
    _tell(tx, TOLD[reached.tell], demand_id, f"{reached.clock}/{reached.code}/{end}")


def _tell(tx: Transaction, template: str, demand_id: str, occasion: str) -> None:
    """Have our own people told; of the sealed lane those who are cleared, and never an overseer."""
    if template == TOLD[Audience.OVERSEER] and is_sealed(tx.session, demand_id):
        template = TOLD[Audience.DESK]
    enqueue_own_notice(tx, template, about=demand_id, occasion=f"{demand_id}/{occasion}")


def place_of(one: OpenClock) -> Place:
    """Return where a clock stands in the list, as a cursor holds it; no end sorts after any."""
    return "~" if one.due is None else format_instant(one.due), one.demand, one.clock


def _open_clock(demand: str, clock: CountedClock, now: datetime) -> OpenClock:
    left = None if clock.due is None else round((clock.due - now).total_seconds())
    return OpenClock(demand, clock.clock, clock.due, clock.late, left)
