"""Reads of what of a demand is not given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from lea_service.demands.narrowing import Cut, CutGround
from lea_service.kernel.datakeys import DataKeys, open_text
from lea_service.legal.models import Narrowing
from lea_service.legal.narrowing.audit import list_vouched
from lea_service.legal.queries import find_assessment
from lea_service.staff.people_queries import find_name


@dataclass(frozen=True, slots=True)
class NarrowingView:
    """What is not given of an item, on which ground and findings, opened.

    ``settled`` are the findings that are about nothing that is left. ``told_at`` is when a letter
    that says it went out, where that was looked up.
    """

    id: str
    demand_id: str
    assessment_id: str
    cut: Cut
    findings: tuple[str, ...]
    settled: tuple[str, ...]
    reason: str
    narrowed_by: str
    narrowed_by_name: str | None
    narrowed_at: datetime
    told_at: datetime | None = None


def narrowing_label(narrowing_id: str) -> str:
    """Return what the reason of a narrowing is bound to."""
    return f"narrowing/{narrowing_id}"


def list_cuts(session: Session, demand_id: str) -> tuple[Cut, ...]:
    """Return what of a demand is not given, in the order in which that was decided.

    Raises IntegrityFailure where the log has others.
    """
    return tuple(view_cut(row) for row in _rows(session, demand_id))


def list_narrowings(session: Session, keys: DataKeys, demand_id: str) -> tuple[NarrowingView, ...]:
    """Return the narrowings that count for a demand, with their reasons.

    Raises Unavailable, and IntegrityFailure where the log has others.
    """
    return tuple(view_narrowing(session, keys, row) for row in _rows(session, demand_id))


def add_told(
    views: Sequence[NarrowingView], sent: Mapping[str, datetime]
) -> tuple[NarrowingView, ...]:
    """Return narrowings, in their order, with when each was told of first.

    ``sent`` is when a letter went out, by the last narrowing that it says. It says those before
    that one too, and none that came after it.
    """
    told, first = [], None
    for view in reversed(views):
        first = min(filter(None, (first, sent.get(view.id))), default=None)
        told.append(replace(view, told_at=first))
    return tuple(reversed(told))


def _rows(session: Session, demand_id: str) -> list[Narrowing]:
    """Return the narrowings of the newest assessment, if it is of the record as it stands."""
    found = find_assessment(session, demand_id)
    if found is None or not found.is_current:
        return []
    return list_vouched(session, demand_id, found.id)


def view_cut(row: Narrowing) -> Cut:
    """Return what a narrowing takes out."""
    return Cut(
        row.item,
        CutGround(row.ground),
        category=row.category,
        keep_from=row.keep_from,
        keep_until=row.keep_until,
        agreement=row.clarification_id,
    )


def view_narrowing(session: Session, keys: DataKeys, row: Narrowing) -> NarrowingView:
    """Return a narrowing, opened. Raises Unavailable."""
    label = narrowing_label(row.id)
    return NarrowingView(
        id=row.id,
        demand_id=row.demand_id,
        assessment_id=row.assessment_id,
        cut=view_cut(row),
        findings=tuple(row.findings),
        settled=tuple(row.settled),
        reason=open_text(session, keys, row.demand_id, row.reason_sealed, label),
        narrowed_by=row.narrowed_by,
        narrowed_by_name=find_name(session, keys, row.narrowed_by),
        narrowed_at=row.narrowed_at,
    )
