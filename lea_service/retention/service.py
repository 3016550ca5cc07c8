"""Use cases of retention: the register, and the purge that enforces it.

A purge is an effect outside the case database: entry ``purge.started``, then rows and ledger go
together in the record store, then entry ``purge.done``. Whatever a crash leaves between them the
next purge finishes, and whatever an older copy of the store brings back it destroys again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from lea_service.custody.queries import find_size
from lea_service.custody.service import CustodyService
from lea_service.kernel.actors import Actor, Permission, permit
from lea_service.kernel.canonical import Json
from lea_service.kernel.clock import format_instant
from lea_service.kernel.database import Database, lock_row
from lea_service.kernel.errors import IntegrityFailure
from lea_service.kernel.jobs import enqueue
from lea_service.kernel.outbox import enqueue_alarm, enqueue_damage_alarm
from lea_service.kernel.transactions import RECORDS_STREAM, Transactions
from lea_service.records.queries import lock_register
from lea_service.records.selection import Selection
from lea_service.retention.audit import read_register
from lea_service.retention.backups.queries import find_copies_until, list_backups
from lea_service.retention.certificate import Certificate, read_destroyed
from lea_service.retention.models import Purge, PurgeResult
from lea_service.retention.queries import (
    GroundView,
    PurgeView,
    RuleView,
    System,
    Trial,
    find_systems,
    get_purge,
    get_rule,
    list_grounds,
    list_purges,
    list_rules,
    list_systems,
    list_unfinished,
    rule_for,
)
from lea_service.retention.reckoning import DueView, Reckoning
from lea_service.retention.recovery import Recovery
from lea_service.retention.residues import sweep
from lea_service.retention.rules import GRACE, Termed, check_term
from lea_service.retention.store import (
    Due,
    Order,
    StatisticView,
    close_ledger,
    count_past,
    drop_rejects,
    find_reach,
    find_rejects_purged,
    find_rows_purged,
    find_taken,
    list_statistics,
    list_whole,
    note_origins,
    take_batch,
    take_partition,
)
from lea_service.staff.root import Root

JOB_KIND = "retention.purge"
Progress = Callable[[int, int | None], None]


class RetentionService:
    """Keeps the register of processing systems and makes an end of what is past its term."""

    def __init__(
        self,
        transactions: Transactions,
        records: Database,
        custody: CustodyService,
        load_root: Callable[[], Root],
        reckoning: Reckoning,
        warning: timedelta,
    ) -> None:
        self._recovery = Recovery(transactions, records)
        self._transactions = transactions
        self._records = records
        self._custody = custody
        self._load_root = load_root
        self._reckoning = reckoning
        self._warning = warning

    def list_rules(
        self, actor: Actor, after: tuple[str, int] | None = None, limit: int | None = None
    ) -> list[RuleView]:
        """Return rules that are or were in force, from behind a scope and generation on."""
        permit(actor, Permission.RETENTION_READ)
        with self._transactions.read(actor) as session:
            return list_rules(session, after, limit)

    def get_rule(self, actor: Actor, code: str) -> RuleView:
        """Return one rule. Raises NotFound."""
        permit(actor, Permission.RETENTION_READ)
        with self._transactions.read(actor) as session:
            return get_rule(session, code)

    def list_grounds(
        self, actor: Actor, after: str | None = None, limit: int | None = None
    ) -> list[GroundView]:
        """Return grounds on which records past their term may be, or might be, handed over."""
        permit(actor, Permission.RETENTION_READ)
        with self._transactions.read(actor) as session:
            return list_grounds(session, after, limit)

    def list_systems(
        self, actor: Actor, after: str | None = None, limit: int | None = None
    ) -> list[System]:
        """Return the register by name: each source with the rule in force for it, or none."""
        permit(actor, Permission.RETENTION_READ)
        with self._transactions.read(actor) as session:
            return list_systems(session, after, limit)

    def list_purges(
        self, actor: Actor, after: tuple[datetime, str] | None, limit: int
    ) -> list[PurgeView]:
        """Return purges, the newest first, with how far each is and where copies live on."""
        permit(actor, Permission.RETENTION_READ)
        with self._transactions.read(actor) as session:
            backups = list_backups(session)
            found = [
                replace(one, copies_until=find_copies_until(backups, one.done_at or one.begun_at))
                for one in list_purges(session, after, limit)
            ]
        with self._records.read() as session:
            return [
                one if one.done_at else one.at_work(find_taken(session, one.id)) for one in found
            ]

    def list_due(
        self, actor: Actor, trial: Trial | None = None, source_id: str | None = None
    ) -> list[DueView]:
        """Return by source what the purge would take now; nothing is changed.

        Of one source only where its id is given. With a ``trial`` it goes by that term, as if two
        people had set it and nothing were held: whoever tries one term after another would find by
        the day what a demand needs of which they may not know. Raises InvalidInput for one that is
        too long or of a source of another kind, NotFound.
        """
        permit(actor, Permission.RETENTION_READ)
        if trial is not None:
            check_term(trial.term)
        with self._transactions.read(actor) as session:
            systems = find_systems(session, trial, source_id)
        now = self._transactions.clock.now()
        reckoning = self._reckoning if trial is None else Reckoning()
        with self._records.read() as session:
            return [
                reckoning.view(session, one, term, now, begins_at)
                for one in systems
                for term, begins_at in self._terms(one, trial)
            ]

    def _terms(
        self, system: System, trial: Trial | None
    ) -> Iterator[tuple[Termed, datetime | None]]:
        if trial is not None:
            yield trial.term, None
        elif system.rule is not None:
            yield system.rule, system.rule.set_at + self._warning

    def list_statistics(
        self, actor: Actor, after: tuple[str | int, ...] | None, limit: int
    ) -> list[StatisticView]:
        """Return what is left of rows that were made anonymous, by source, kind, day and group."""
        permit(actor, Permission.RETENTION_READ)
        with self._records.read() as session:
            return list_statistics(session, after, limit)

    def certify(self, actor: Actor, purge_id: str, language: str) -> Certificate:
        """Return the certificate of destruction of a purge, with the proof of its entry.

        Raises NotFound, WrongState while the purge is not done, IntegrityFailure, and Unavailable
        while no signed checkpoint covers the entry.
        """
        permit(actor, Permission.RETENTION_READ)
        with self._transactions.read(actor) as session:
            found = read_destroyed(session, purge_id)
        proof = self._custody.prove(found.index)
        return Certificate(found, self._custody.origin, proof, language)

    def request(self, actor: Actor) -> str:
        """Have a worker purge now; returns the job."""
        permit(actor, Permission.RETENTION_PURGE)
        with self._transactions.begin(actor) as tx:
            job = enqueue(tx, JOB_KIND, {"by": actor.id})
            tx.record("purge.requested", RECORDS_STREAM, facts={"job": job})
            return job

    def purge(
        self, actor: Actor, progress: Progress = lambda _done, _total: None
    ) -> list[PurgeView]:
        """Enforce every rule on every source; returns what was purged, finished ones included.

        While nobody can read what an order freezes nothing more is destroyed, with an alarm; and
        nothing at all by rules or sources that are not those of the log as it was signed, or by a
        rule that two people did not sign (IntegrityFailure). Raises Unavailable without a staff
        root.
        """
        permit(actor, Permission.RETENTION_PURGE)
        done: list[PurgeView] = []
        try:
            self._purge(actor, progress, done)
        except IntegrityFailure as err:
            damaged = err.facts.get("demand")
            if damaged is None:
                raise
            with self._transactions.begin(actor) as tx:
                enqueue_damage_alarm(tx, str(damaged))
        sweep(self._records)
        return done

    def _purge(self, actor: Actor, progress: Progress, done: list[PurgeView]) -> None:
        systems = {one.id: one for one in self._read_register(actor)}
        with self._transactions.read(actor) as session:
            left = list_unfinished(session)
        lost = self._recovery.find_lost(actor)
        left += self._recovery.list_purges(actor, lost)
        done += [self._carry_out(actor, one, systems[one.source_id], progress) for one in left]
        for system in systems.values():
            begun = self._begin(actor, system)
            if begun is not None:
                done.append(self._carry_out(actor, begun, system, progress))
        self._recovery.enter_lost_imports(actor, lost)

    def _read_register(self, actor: Actor) -> list[System]:
        """Return the sources with their rules as the log was signed; none of an empty log."""
        with self._transactions.read(actor) as session:
            if not find_size(session):
                return []
        return self._custody.read_signed(actor, lambda one: read_register(one, self._load_root))

    def _begin(self, actor: Actor, system: System) -> PurgeView | None:
        """Enter that a purge begins, unless nothing of the source is due."""
        now = self._transactions.clock.now()
        rule = system.rule
        if rule is None or now < rule.set_at + self._warning:
            return None
        end = self._reckoning.reach(system, rule, now)
        with self._records.read() as session:
            due = self._reckoning.count(session, system, rule, now, end)
        if not due.rows and not due.rejects:
            return None
        with self._transactions.begin(actor) as tx:
            lock_register(tx.session)
            current = rule_for(tx.session, system.id, system.kind)
            if current != rule or self._reckoning.reach(system, rule, now) != end:
                return None  # decided anew in between; the next purge goes by that
            row = _purge_row(tx.ids.new("pu"), system, rule, end, due, tx.now)
            tx.session.add(row)
            tx.session.flush()
            tx.record("purge.started", RECORDS_STREAM, facts=_facts(row), evidence=[row])
            return get_purge(tx.session, row.id)

    def _carry_out(
        self, actor: Actor, purge: PurgeView, system: System, progress: Progress
    ) -> PurgeView:
        order = Order(
            purge.id,
            purge.rule_code,
            system.name,
            purge.kind,
            purge.action,
            purge.cutoff if purge.reach is None else purge.reach,
            is_repeated=purge.done_at is not None,
        )
        for rows in self._batches(actor, order, system):
            progress(rows, purge.found)
        with self._holding(actor, order, system) as (session, allowed):
            now = self._transactions.clock.now()
            if allowed is not None:
                drop_rejects(session, allowed, now)
            note_origins(session, order, now)
            reach = None if allowed is None else allowed.cutoff
            close_ledger(session, order, reach, now)
        return self._finish(actor, purge, order)

    def _batches(self, actor: Actor, order: Order, system: System) -> Iterator[int]:
        """Yield how many rows the purge took so far, after each partition and each batch.

        What an order to preserve names since the purge began is spared from the next batch on.
        """
        with self._records.read() as session:
            whole = list_whole(session, order)
        for one in whole:
            with self._sparing(actor, order, system) as (session, allowed, now):
                if allowed is not None:
                    take_partition(session, allowed, one, now, lambda: self._frozen(system))
                rows = find_rows_purged(session, order.purge_id)
            yield rows
        count = -1
        while count:
            with self._sparing(actor, order, system) as (session, allowed, now):
                count = 0 if allowed is None else take_batch(session, allowed, now)
                rows = find_rows_purged(session, order.purge_id)
            yield rows

    @contextmanager
    def _sparing(
        self, actor: Actor, order: Order, system: System
    ) -> Iterator[tuple[Session, Order | None, datetime]]:
        """Open the record store with what may be done now, less what orders preserve by now."""
        with self._holding(actor, order, system) as (session, allowed):
            now = self._transactions.clock.now()
            spared = () if allowed is None else (*self._frozen(system), *allowed.spared)
            yield session, allowed and replace(allowed, spared=spared), now

    def _frozen(self, system: System) -> Sequence[Selection]:
        return self._reckoning.preserved(system.id, self._transactions.clock.now())

    @contextmanager
    def _holding(
        self, actor: Actor, order: Order, system: System
    ) -> Iterator[tuple[Session, Order | None]]:
        """Open the record store with what may be done of an order, which nobody changes meanwhile.

        It may have begun long ago: a plan that was approved since then, or a rule with a longer
        term, holds back what is left of it. The store comes first, since waiting for it can take
        long, and it is committed before the rules are let go, which the stack ends last.
        """
        with ExitStack() as rules, self._records.write() as session:
            tx = rules.enter_context(self._transactions.begin(actor))
            lock_register(tx.session)
            rule = rule_for(tx.session, system.id, order.kind)
            yield session, self._allowed(order, system, rule, tx.now)

    def _allowed(
        self, order: Order, system: System, rule: RuleView | None, now: datetime
    ) -> Order | None:
        """Return the order as far as the rule now in force lets it go, None for nothing of it.

        A rule that was set since the register was read is for the next purge, which proves it. What
        was done once is done again whatever the rule says now: erasure cannot be undone. It leaves
        what a plan needs that was approved by now: a row that an order had frozen the first time
        was never destroyed, and nothing tells the two apart in a copy of the store.
        """
        if order.is_repeated:
            return replace(order, spared=self._reckoning.needed(system.id, order.kind, now))
        if rule is None or rule != system.rule:
            return None
        if (rule.action, system.kind) != (order.action, order.kind):
            return None
        return replace(order, cutoff=min(order.cutoff, self._reckoning.reach(system, rule, now)))

    def _finish(self, actor: Actor, purge: PurgeView, order: Order) -> PurgeView:
        with self._records.read() as session:
            rows, reach = find_rows_purged(session, purge.id), find_reach(session, purge.id)
            rejects = find_rejects_purged(session, purge.id)
            kept = count_past(
                session, order.source, order.kind, order.cutoff if order.is_repeated else reach
            )
        if order.is_repeated:
            self._recovery.enter_repeated(actor, purge, rows, kept)
            return purge
        with self._transactions.begin(actor) as tx:
            lock_row(tx.session, Purge, purge.id, "purge")
            if tx.session.get(PurgeResult, purge.id) is None:
                result = PurgeResult(
                    purge_id=purge.id,
                    rows=rows,
                    reach=reach,
                    kept=kept,
                    rejects=rejects,
                    done_at=tx.now,
                )
                tx.session.add(result)
                tx.session.flush()
                facts: dict[str, Json] = {"purge": purge.id, "rule": purge.rule_code, "rows": rows}
                far: dict[str, Json] = {"reach": format_instant(reach), "kept": kept}
                far["rejects"] = rejects
                tx.record("purge.done", RECORDS_STREAM, facts=facts | far, evidence=[result])
                if purge.late:
                    late: dict[str, Json] = {"rows": purge.late, "grace_days": GRACE.days}
                    tx.record("incident.late_purge", RECORDS_STREAM, facts=facts | late)
                    enqueue_alarm(tx, about=purge.id, occasion=purge.id)
            return get_purge(tx.session, purge.id)


def _purge_row(
    purge_id: str, system: System, rule: RuleView, end: datetime, due: Due, now: datetime
) -> Purge:
    return Purge(
        id=purge_id,
        rule_code=rule.code,
        source_id=system.id,
        kind=system.kind,
        action=rule.action,
        cutoff=end,
        found=due.rows,
        late=due.late,
        rejects=due.rejects,
        begun_at=now,
    )


def _facts(row: Purge) -> dict[str, Json]:
    return {
        "purge": row.id,
        "rule": row.rule_code,
        "source": row.source_id,
        "kind": row.kind,
        "action": row.action,
        "cutoff": format_instant(row.cutoff),
        "found": row.found,
        "late": row.late,
        "rejects": row.rejects,
    }
