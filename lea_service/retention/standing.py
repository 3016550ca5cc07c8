"""Whether the record store holds what the case database says was done to it.

It does not where an older copy of it was put back, by whatever means: then rows are there again
that were destroyed, and rows are missing that were brought in. Both databases keep a ledger of
each purge and import, that of the record store in the transaction of the effect itself, so an
effect that was entered as done and is not in the ledger is one that the store has lost.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, false, func, select
from sqlalchemy.orm import Session

from lea_service.kernel.database import Database
from lea_service.kernel.errors import Unavailable
from lea_service.kernel.transactions import Transactions
from lea_service.records.import_service import DONE, LOST
from lea_service.records.models import ImportRun
from lea_service.records.store import ImportLedger, PurgeLedger
from lea_service.retention.models import PurgeResult

RECENT = timedelta(days=1)
"""Effects reach the store in another order than their ends are entered; never a day apart."""
AT_ONCE = 500
BEHIND = (
    "the record store is an older copy: what was destroyed since then is in it again; nothing is "
    "read from it or brought into it until a worker has purged it anew (`lea worker`)"
)


@dataclass(frozen=True, slots=True)
class Lost:
    """What was done to the record store and is not in it: ids, in the order it was done."""

    purges: tuple[str, ...] = ()
    imports: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Say whether anything was lost."""
        return bool(self.purges or self.imports)


class Standing:
    """Compares the two databases."""

    def __init__(self, transactions: Transactions, records: Database) -> None:
        self._transactions = transactions
        self._records = records

    def find_lost(self) -> Lost:
        """Return all that the store has lost."""
        return self._find_lost(newest_only=False)

    def check(self) -> None:
        """Let a store through that holds the newest of what was done. Raises Unavailable.

        A copy of an earlier instant lacks the newest first, so those of one day tell it.
        """
        if self._find_lost(newest_only=True):
            raise Unavailable(BEHIND)

    def _find_lost(self, *, newest_only: bool) -> Lost:
        # the cases first: what is done meanwhile is then in the store and is not looked for
        with self._transactions.read() as session:
            purges = _ids(
                session, select(PurgeResult.purge_id), PurgeResult.done_at, newest_only=newest_only
            )
            imports = _ids(
                session, _taken_in(ImportRun.id), ImportRun.finished_at, newest_only=newest_only
            )
        with self._records.read() as session:
            return Lost(
                _missing(session, purges, select(PurgeLedger.id).where(PurgeLedger.is_done)),
                _missing(session, imports, select(ImportLedger.id)),
            )


def _taken_in(what: Any) -> Select[Any]:
    """Select imports that were done, also those that the store lost once and knows as lost."""
    return select(what).where(ImportRun.state.in_((DONE, LOST)))


def _ids(session: Session, query: Select[Any], at: Any, *, newest_only: bool) -> list[str]:
    """Return ids by when their effect was entered as done; of the newest of them those of a day."""
    if newest_only:
        newest: datetime | None = session.scalar(
            query.with_only_columns(func.max(at), maintain_column_froms=True)
        )
        query = query.where(at >= newest - RECENT) if newest else query.where(false())
    return list(session.scalars(query.order_by(at)))


def _missing(session: Session, ids: list[str], known: Any) -> tuple[str, ...]:
    """Return which ids are not among what a query over the ledger knows, a part at a time."""
    missing: list[str] = []
    for start in range(0, len(ids), AT_ONCE):
        part = ids[start : start + AT_ONCE]
        found = set(session.scalars(known.where(known.selected_columns[0].in_(part))))
        missing += [one for one in part if one not in found]
    return tuple(missing)
