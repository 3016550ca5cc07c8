"""The end of a demand: closed after receipt and grace, then its rows and package unreadable.

What was given in instalments ends one by one, each after its own receipt and grace.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path

from lea_service.delivery import queries
from lea_service.demands.changes import advance, lock_demand
from lea_service.demands.queries import count_entries
from lea_service.demands.states import State, check_transition
from lea_service.extraction.queries import list_runs
from lea_service.kernel.actors import Actor, Permission, permit
from lea_service.kernel.canonical import Json
from lea_service.kernel.datakeys import RESULT
from lea_service.kernel.errors import WrongState
from lea_service.kernel.outbox import Begin, damage_alarmed
from lea_service.kernel.transactions import Transaction, Transactions
from lea_service.legal.confirmations.queries import check_closable
from lea_service.packaging.queries import get_package_row


@dataclass(frozen=True, slots=True)
class Swept:
    """The demands that one sweep closed and erased, and the packages of others that it erased."""

    closed: tuple[str, ...]
    erased: tuple[str, ...]
    packages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Erased:
    """A demand whose result keys ended: those of its runs, by id."""

    demand: str
    keys: tuple[str, ...]


class Closing:
    """Closes and erases for the worker; what waits for a receipt only a person ends."""

    def __init__(
        self, transactions: Transactions, *, folders: tuple[Path, ...], grace: timedelta
    ) -> None:
        self._transactions = transactions
        self._folders = folders
        self._grace = grace

    def sweep(self, begin: Begin) -> Swept:
        """Close and erase what is due, each in a transaction of ``begin``; then remove files.

        Repeating it does nothing twice.
        """
        with self._transactions.read() as session:
            now = self._transactions.clock.now()
            due = queries.list_acknowledged(session, now, grace=self._grace)
        closed = tuple(one for one in due if _try(begin, self.close, one))
        with self._transactions.read() as session:
            erasable = queries.list_erasable(session)
        erased = tuple(one for one in erasable if _try(begin, self.erase, one))
        packages = self._sweep_packages(begin)
        self.remove_files()
        self._transactions.database.forget_destroyed()
        return Swept(closed, erased, packages)

    def _sweep_packages(self, begin: Begin) -> tuple[str, ...]:
        """Erase the packages whose time is over, of demands of which others have to be there."""
        with self._transactions.read() as session:
            now = self._transactions.clock.now()
            due = queries.list_finished(session, now, grace=self._grace)
        return tuple(
            package
            for demand, package in due
            if _try(begin, partial(self.erase_package, package_id=package), demand)
        )

    def close(self, tx: Transaction, demand_id: str) -> None:
        """Close a demand with a receipt, of which nothing has to be there. Raises WrongState."""
        permit(tx.actor, Permission.DELIVERY_RELEASE)
        lock_demand(tx, demand_id)
        if demand_id not in queries.list_acknowledged(tx.session, tx.now, grace=self._grace):
            raise WrongState("the demand has no receipt, or its package has to be there still")
        check_closable(tx.session, tx.keys, demand_id)
        facts: dict[str, Json] = {"entries": count_entries(tx.session, demand_id) + 1}
        advance(tx, demand_id, State.CLOSED, "demand.closed", facts=facts)

    def erase(self, tx: Transaction, demand_id: str) -> None:
        """End the result keys of a closed demand. Raises WrongState while a receipt is awaited."""
        permit(tx.actor, Permission.DELIVERY_RELEASE)
        if queries.waits_for_receipt(tx.session, demand_id):
            raise WrongState("a package without a receipt does not end by the clock")
        _end_results(tx, demand_id)

    def erase_package(self, tx: Transaction, demand_id: str, package_id: str) -> None:
        """End the result key of one package, of which a receipt came and whose grace is over.

        Raises WrongState while it has to be there, or its demand has to stay open.
        """
        permit(tx.actor, Permission.DELIVERY_RELEASE)
        lock_demand(tx, demand_id)
        finished = queries.list_finished(
            tx.session, tx.now, grace=self._grace, package_id=package_id
        )
        if finished != [(demand_id, package_id)]:
            raise WrongState("the package has no receipt, or has to be there still")
        check_closable(tx.session, tx.keys, demand_id)
        run_id = get_package_row(tx.session, package_id).run_id
        key = tx.keys.destroy(tx.session, run_id, RESULT, tx.now)
        facts: dict[str, Json] = {"package": package_id, "run": run_id, "key": key}
        tx.record("package.erased", demand_id, facts=facts)

    def erase_uncollected(self, actor: Actor, demand_id: str) -> Erased:
        """End the result keys of a closed demand, receipt or not: a person takes it upon them.

        Raises NotFound, WrongState unless it is closed.
        """
        permit(actor, Permission.DEMAND_CLOSE)
        with self._transactions.begin(actor) as tx:
            keys = _end_results(tx, demand_id)
        self.remove_files()
        return Erased(demand_id, tuple(keys))

    def remove_files(self) -> list[str]:
        """Remove packages and spools that were erased; returns whose there still were, in whole."""
        present = {path.name for folder in self._folders for path in folder.glob("c_*")}
        if not present:
            return []
        with self._transactions.read() as session:
            gone = queries.list_erased(session, present)
            parts = queries.list_erased_packages(session, present.difference(gone))
        for folder in self._folders:
            for name in gone:
                shutil.rmtree(folder / name, ignore_errors=True)
            for one in parts:
                (folder / one.file).unlink(missing_ok=True)
                shutil.rmtree(folder / one.demand_id / one.run_id, ignore_errors=True)
        return gone


def _end_results(tx: Transaction, demand_id: str) -> list[str]:
    check_transition(State(lock_demand(tx, demand_id).state), State.ERASED)
    keys = [
        tx.keys.destroy(tx.session, run, RESULT, tx.now)
        for run in list_runs(tx.session, demand_id)
        if tx.keys.is_whole(tx.session, run, RESULT)
    ]
    facts: dict[str, Json] = {"keys": [*keys], "kind": RESULT}
    advance(tx, demand_id, State.ERASED, "demand.erased", facts=facts)
    return keys


def _try(begin: Begin, act: Callable[[Transaction, str], None], demand_id: str) -> bool:
    """Do one step unless the demand has moved on since it was listed.

    A damaged one raises the alarm and keeps no other from its step.
    """
    with damage_alarmed(begin, demand_id), suppress(WrongState):
        with begin() as tx:
            act(tx, demand_id)
        return True
    return False
