"""Use cases of instalments: begin those that are due, see which there are, end them earlier."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from lea_service.custody.looks import Looks
from lea_service.custody.replay import read_stream
from lea_service.demands.admission import conceal
from lea_service.demands.changes import advance, lock_demand
from lea_service.demands.demand import Channel
from lea_service.demands.look_service import note_look
from lea_service.demands.queries import get_state
from lea_service.demands.states import State, wrong_state
from lea_service.extraction.changes import (
    begin_instalment,
    check_terms,
    enqueue_run,
    halt_run,
    run_dedup,
)
from lea_service.extraction.document import read_plan
from lea_service.extraction.halts import HaltCode
from lea_service.extraction.instalment_queries import (
    InstalmentView,
    list_continuing,
    list_instalments,
)
from lea_service.extraction.instalments import HANDED_OVER, Instalment, tell_next
from lea_service.extraction.models import ExtractionRun, RunResult
from lea_service.extraction.plan import Plan
from lea_service.extraction.queries import (
    find_current_plan,
    find_current_run,
    find_halt,
    get_plan,
    get_run_row,
    list_holding,
)
from lea_service.extraction.store import has_come, has_told
from lea_service.extraction.tenure_queries import list_told
from lea_service.extraction.turns import (
    SHORTENED,
    find_end,
    find_given,
    find_next,
    part_of,
)
from lea_service.extraction.within import within
from lea_service.kernel.actors import Actor, Permission, permit
from lea_service.kernel.canonical import Json
from lea_service.kernel.clock import format_instant, parse_instant
from lea_service.kernel.errors import InvalidInput, NotFound, WrongState
from lea_service.kernel.jobs import has_job
from lea_service.kernel.outbox import Begin, damage_alarmed, enqueue_alarm, has_alarm
from lea_service.kernel.transactions import Transaction, Transactions
from lea_service.records.reader import RecordReader

WAITING = frozenset({State.APPROVED, State.CONTINUING, State.HALTED})
"""States in which the next instalment of a demand may begin."""
AT_WORK = frozenset({State.EXTRACTING, State.SEALING, State.READY})
SHORTENABLE = WAITING | AT_WORK


@dataclass(frozen=True, slots=True)
class Shortening:
    """The authority ends its order at ``until``: who told us, how, and what they said."""

    by: str
    channel: Channel
    until: datetime
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Awaited:
    """The instalment that a demand waits for: its run where it has one, or the run before it."""

    plan: Plan
    part: Instalment
    run: ExtractionRun
    is_begun: bool


class InstalmentService:
    """Begins instalments for the worker; people see them and enter that an order ends earlier."""

    def __init__(self, transactions: Transactions, looks: Looks, reader: RecordReader) -> None:
        self._transactions = transactions
        self._looks = looks
        self._reader = reader

    def begin_due(self, begin: Begin) -> int:
        """Begin each instalment that is past once its sources have come as far; returns how many.

        Whatever is not handed over by when it is due raises the alarm, once. A damaged demand
        raises one too and keeps no other from going on.
        """
        with self._transactions.read() as session:
            demands = list_continuing(session)
        return sum(self._try(begin, one) for one in demands)

    def list_instalments(self, actor: Actor, demand_id: str) -> list[InstalmentView]:
        """Return what was given of a demand, and what is ahead; the look is entered first."""
        permit(actor, Permission.PLAN_READ)
        note_look(self._transactions, self._looks, actor, demand_id, "instalments", "plan.viewed")
        with self._transactions.read(actor) as session:
            now = self._transactions.clock.now()
            return list_instalments(session, self._transactions.keys, demand_id, now)

    def shorten(self, actor: Actor, demand_id: str, told: Shortening) -> list[InstalmentView]:
        """Let an order end earlier, as its authority says; one person is enough to give less.

        Whatever would give more stops in the same transaction. What was made available stays.
        Raises InvalidInput for a later end than there is, WrongState where nothing is given in
        instalments, or nothing was given and nothing would be: that is a withdrawal.
        """
        permit(actor, Permission.DEMAND_WITHDRAW)
        with self._transactions.begin(actor) as tx:
            state = State(lock_demand(tx, demand_id).state)
            plan = _find_divided(tx, demand_id)
            if state not in SHORTENABLE or plan is None:
                raise wrong_state(state, "shortened")
            entries = read_stream(tx.session, demand_id)
            _check_earlier(plan, find_end(entries), told.until)
            given = find_given(tx.session, entries)
            part = find_next(tx.session, entries, plan, told.until)
            _enter(tx, demand_id, told, part)
            _cut(tx, demand_id, given, part)
        with self._transactions.read(actor) as session:
            now = self._transactions.clock.now()
            return list_instalments(session, self._transactions.keys, demand_id, now)

    def _try(self, begin: Begin, demand_id: str) -> bool:
        with damage_alarmed(begin, demand_id), suppress(WrongState, NotFound):
            with self._transactions.read() as session:
                awaited = find_awaited(session, self._transactions, demand_id)
            if awaited is None:
                return False
            self._tell_late(begin, demand_id, awaited.part)
            return self._begin(begin, demand_id, awaited)
        return False

    def _begin(self, begin: Begin, demand_id: str, awaited: Awaited) -> bool:
        now = self._transactions.clock.now()
        with self._transactions.read() as session:
            is_waiting = State(get_state(session, demand_id)) in WAITING
            is_queued = awaited.is_begun and has_job(session, run_dedup(session, awaited.run))
        if not is_waiting or is_queued or now < awaited.part.until:
            return False
        has_all = self._have_come(awaited, now)
        if not has_all and now < awaited.part.due:
            return False
        with begin() as tx:
            return _go_on(tx, self._transactions, demand_id, awaited, has_all=has_all)

    def _have_come(self, awaited: Awaited, now: datetime) -> bool:
        """Say whether all is there that is asked, and all that tells in whose hands it was."""
        plan, until = within(awaited.plan, awaited.part), awaited.part.until
        with self._transactions.read() as session:
            holding = [one for one in list_holding(session, now) if list_told(one, plan)]
        with self._reader.snapshot() as snapshot:
            has_rows = all(has_come(snapshot.connection, one, until, now) for one in plan.asked)
            return has_rows and all(has_told(snapshot.connection, one, until) for one in holding)

    def _tell_late(self, begin: Begin, demand_id: str, part: Instalment) -> None:
        occasion = f"instalment/{demand_id}/{part.number}"
        if self._transactions.clock.now() < part.due:
            return
        with self._transactions.read() as session:
            is_told = has_alarm(session, occasion)
        if not is_told:
            with begin() as tx:
                enqueue_alarm(tx, about=demand_id, occasion=occasion)


def find_awaited(session: Session, transactions: Transactions, demand_id: str) -> Awaited | None:
    """Return the instalment that a demand waits for, or that is at work; None for none."""
    run = _find_run(session, demand_id)
    if run is None or run.until is None:
        return None
    plan = read_plan(get_plan(session, transactions.keys, run.plan_id).document)
    entries = read_stream(session, demand_id)
    given = find_given(session, entries)
    if given is None or given.id != run.id:
        part = part_of(plan, run.instalment, run.until)
        return None if part is None else Awaited(plan, part, run, is_begun=True)
    part = find_next(session, entries, plan)
    return None if part is None else Awaited(plan, part, run, is_begun=False)


def _find_run(session: Session, demand_id: str) -> ExtractionRun | None:
    run_id = find_current_run(session, demand_id)
    return None if run_id is None else get_run_row(session, run_id)


def _go_on(
    tx: Transaction,
    transactions: Transactions,
    demand_id: str,
    awaited: Awaited,
    *,
    has_all: bool,
) -> bool:
    """Begin an instalment, or halt it where a source is behind or another than was decided."""
    state = State(lock_demand(tx, demand_id).state)
    again = find_awaited(tx.session, transactions, demand_id)
    if state not in WAITING or again is None:
        return False
    if (again.part, again.run.id, again.is_begun) != (
        awaited.part,
        awaited.run.id,
        awaited.is_begun,
    ):
        return False
    run = again.run if again.is_begun else begin_instalment(tx, again.run, again.part)
    if find_halt(tx.session, run.id) is not None or tx.session.get(RunResult, run.id) is not None:
        return False
    code = _why_not(tx, again.plan, has_all=has_all)
    is_known = state is State.HALTED and _is_decided_since(tx.session, demand_id, again.part.due)
    if code is None or is_known:
        enqueue_run(tx, run)
        return True
    halt_run(tx, run, code)
    enqueue_alarm(tx, about=demand_id, occasion=f"halted/{run.id}")
    return False


def _why_not(tx: Transaction, plan: Plan, *, has_all: bool) -> HaltCode | None:
    try:
        check_terms(tx.session, plan)
    except WrongState:
        return HaltCode.SOURCES_CHANGED
    return None if has_all else HaltCode.SOURCE_BEHIND


def _is_decided_since(session: Session, demand_id: str, due: datetime) -> bool:
    """Say whether two people decided on an instalment when it was due: they knew what was there."""
    approved = read_stream(session, demand_id).last("plan.approved")
    return approved is not None and parse_instant(approved.at) >= due


def _check_earlier(plan: Plan, end: datetime | None, until: datetime) -> None:
    """Let an order end earlier, and never later. Raises InvalidInput."""
    last = end if plan.instalments is None else plan.instalments.parts[-1].until
    latest = last if end is None or last is None else min(last, end)
    if latest is None or until >= latest:
        raise InvalidInput.at("/until", "expected an earlier end: a later one is a new order")


def _enter(tx: Transaction, demand_id: str, told: Shortening, part: Instalment | None) -> None:
    disclose: dict[str, Json] = {"by": told.by}
    if told.note:
        disclose["note"] = told.note
    facts: dict[str, Json] = {
        "channel": str(told.channel),
        "until": format_instant(told.until),
        **tell_next(part),
    }
    disclose |= conceal(tx.session, demand_id, facts, "channel")
    tx.record(SHORTENED, demand_id, facts=facts, disclose=disclose)


def _cut(
    tx: Transaction, demand_id: str, given: ExtractionRun | None, part: Instalment | None
) -> None:
    """Stop what reaches beyond the new end, and have what is left of it begin anew.

    ``part`` is what is left of the instalment whose turn it is. What had stopped for another reason
    goes on as it would have without the new end: one person alone ends no halt. Raises WrongState
    where nothing was given and nothing is left.
    """
    if part is None and given is None:
        raise WrongState("nothing was given and nothing is left: withdraw the demand")
    run = _find_run(tx.session, demand_id)
    is_open = run is not None and (given is None or given.id != run.id)
    if run is not None and is_open and (part is None or part.until != run.until):
        halt = find_halt(tx.session, run.id)
        state = State(lock_demand(tx, demand_id).state)
        if state in AT_WORK:
            halt_run(tx, run, HaltCode.SHORTENED)
        left = None if part is None else begin_instalment(tx, run, part, cut=run.cut + 1)
        if left is not None and halt is not None and state is State.HALTED:
            halt_run(tx, left, HaltCode(halt.code))
    if part is None:
        _end(tx, demand_id)


def _find_divided(tx: Transaction, demand_id: str) -> Plan | None:
    """Return the plan of a demand that is given in instalments."""
    plan_id = find_current_plan(tx.session, demand_id)
    if plan_id is None:
        return None
    plan = read_plan(get_plan(tx.session, tx.keys, plan_id).document)
    return None if plan.instalments is None else plan


def _end(tx: Transaction, demand_id: str) -> None:
    """Leave a demand with what was given: nothing more is to come."""
    advance(tx, demand_id, State.DELIVERED, "instalment.none_left")
    entries = read_stream(tx.session, demand_id)
    given = {one.facts["package"] for one in entries.of(HANDED_OVER)}
    received = {one.facts["package"]: one.facts for one in entries.of("receipt.received")}
    if given <= received.keys():  # no receipt is left that would end its way
        facts = list(received.values())[-1]
        advance(tx, demand_id, State.ACKNOWLEDGED, "package.acknowledged", facts=facts)
