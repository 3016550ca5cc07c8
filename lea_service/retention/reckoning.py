"""How far a purge of a source may go, and how much that is, counted before anybody begins."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from lea_service.records.selection import Preserved, Selection, nothing_preserved
from lea_service.retention.queries import System
from lea_service.retention.rules import GRACE, SOON, Termed, cutoff, reach
from lea_service.retention.store import Due, count_due, count_past

HeldBack = Callable[[str, str, datetime], datetime | None]
"""Gives, for a source id and kind, from when on approved plans needed rows after an instant."""
Needed = Callable[[str, str, datetime], Sequence[Selection]]
"""Gives, for a source id and kind, the rows that approved plans needed after an instant."""


def nothing_held_back(_source_id: str, _kind: str, _since: datetime) -> datetime | None:
    """Hold nothing back."""
    return None


def nothing_needed(_source_id: str, _kind: str, _since: datetime) -> Sequence[Selection]:
    """Need nothing."""
    return ()


@dataclass(frozen=True, slots=True)
class DueView:
    """What a purge of a source would take now, by the rule in force or by a term on trial.

    ``kept`` rows are past their term as well, and an order to preserve or an approved plan needs
    them; of a trial they are not known. ``soon`` ones are within it, and past it in a week.
    ``begins_at`` is from when on the purge goes by the rule in force.
    """

    system: System
    term: int
    unit: str
    cutoff: datetime
    begins_at: datetime | None
    rows: int
    late: int
    rejects: int
    kept: int | None
    soon: int


@dataclass(frozen=True, slots=True)
class Reckoning:
    """What holds a purge back, and what it spares."""

    held_back: HeldBack = nothing_held_back
    preserved: Preserved = nothing_preserved
    needed: Needed = nothing_needed

    def reach(self, system: System, term: Termed, at: datetime) -> datetime:
        """Return how far a purge may go ``at`` an instant, for all that was held back since."""
        return reach(term, at, self.held_back(system.id, system.kind, at))

    def count(
        self, session: Session, system: System, term: Termed, now: datetime, end: datetime
    ) -> Due:
        """Return what a purge that may go to ``end`` takes ``now``, of the record store."""
        spared, lately = (self.preserved(system.id, at) for at in (now, now - GRACE))
        return count_due(
            session,
            system.name,
            system.kind,
            end,
            self.reach(system, term, now - GRACE),
            spared=spared,
            spared_lately=lately,
        )

    def view(
        self,
        session: Session,
        system: System,
        term: Termed,
        now: datetime,
        begins_at: datetime | None,
    ) -> DueView:
        """Return the same with what is past its term and kept, and what soon will be past it."""
        end = self.reach(system, term, now)
        due = self.count(session, system, term, now, end)
        past, then = (
            count_past(session, system.name, system.kind, cutoff(term, at))
            for at in (now, now + SOON)
        )
        return DueView(
            system=system,
            term=term.term,
            unit=term.unit,
            cutoff=end,
            begins_at=begins_at,
            rows=due.rows,
            late=due.late,
            rejects=due.rejects,
            kept=None if begins_at is None else past - due.rows,
            soon=then - past,
        )
