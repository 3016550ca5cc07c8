"""Whose turn it is: what of a demand was given, as the log has it, and what comes next.

The turn is read from the log alone: a table that says otherwise lets nothing run and nothing leave.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from lea_service.custody.replay import Stream, read_stream
from lea_service.demands.demand import Demand
from lea_service.extraction.instalments import (
    Instalment,
    Instalments,
    Wanted,
    divide,
    is_given,
    is_to_come,
)
from lea_service.extraction.models import ExtractionRun
from lea_service.extraction.plan import Plan
from lea_service.extraction.within import find_after
from lea_service.kernel.canonical import Json
from lea_service.kernel.clock import parse_instant, start_of
from lea_service.kernel.database import get_row
from lea_service.kernel.errors import IntegrityFailure, InvalidInput, WrongState
from lea_service.legal.annex.table import is_european
from lea_service.legal.basis import Basis
from lea_service.legal.queries import find_basis

SHORTENED = "demand.shortened"
AT_MOST = "at_most"


def reaches_ahead(basis: Basis | None) -> bool:
    """Say whether a basis says how far it reaches into time to come; a European order never does.

    Of one that is not known to, what is held is given, and once.
    """
    if basis is None or is_european(basis):
        return False
    return basis.look_forward is not None and basis.look_forward.rule == AT_MOST


def divide_ahead(
    session: Session, demand: Demand, plan: Plan, wanted: Wanted | None
) -> Instalments | None:
    """Return how the time of a plan is divided; None where all of it is given at once.

    What was given already is not given again. Raises InvalidInput.
    """
    entries = read_stream(session, demand.id)
    given, end = find_given(session, entries), find_end(entries)
    periods = [(item.start, item.end) for item in plan.items]
    ordered_until = start_of(demand.order_date + timedelta(days=1))
    is_ahead = is_to_come(periods, ordered_until, plan.compiled_at)
    is_divided = given is not None or end is not None  # what ended earlier is no whole period
    if not is_divided and not (is_ahead and reaches_ahead(find_basis(session, demand))):
        if wanted is not None:
            raise InvalidInput.at(
                "/instalments", "expected only where the basis reaches what is still to come"
            )
        return None
    before = None if given is None else (given.instalment, get_until(given))
    return divide(periods, plan.compiled_at, wanted or Wanted(), given=before, end=end)


def find_given(session: Session, entries: Stream) -> ExtractionRun | None:
    """Return the run of the instalment that was handed over last; None where none was."""
    given = list_given(session, entries)
    return given[-1] if given else None


def list_given(session: Session, entries: Stream) -> list[ExtractionRun]:
    """Return the runs of the instalments that were handed over, in order."""
    return [
        _get_given(session, one.facts) for one in entries.entries if is_given(one.event, one.facts)
    ]


def _get_given(session: Session, facts: Mapping[str, Json]) -> ExtractionRun:
    run = get_row(session, ExtractionRun, str(facts["run"]), "run")
    if run.instalment != facts["instalment"]:
        raise IntegrityFailure(f"extraction_runs: {run.id} is of another instalment than was given")
    return run


def find_end(entries: Stream) -> datetime | None:
    """Return when the order ends, by what its authority told last; None where it told nothing."""
    last = entries.last(SHORTENED)
    return None if last is None else parse_instant(str(last.facts["until"]))


def find_next(
    session: Session, entries: Stream, plan: Plan, end: datetime | None = None
) -> Instalment | None:
    """Return the instalment whose turn it is; None where nothing is left of plan or order.

    ``end`` is one that is being entered, and stands in no entry yet.
    """
    if plan.instalments is None:
        return None
    given = find_given(session, entries)
    return find_after(plan, None if given is None else given.instalment, end or find_end(entries))


def get_until(run: ExtractionRun) -> datetime:
    """Return where the instalment of a run ends. Raises IntegrityFailure."""
    if run.until is None:
        raise IntegrityFailure(f"extraction_runs: {run.id} is of no instalment")
    return run.until


def part_of(plan: Plan, instalment: int, until: datetime | None) -> Instalment | None:
    """Return the instalment of a run; None for one of a whole plan. Raises IntegrityFailure."""
    if plan.instalments is None and until is None:
        return None
    found = None if plan.instalments is None else plan.instalments.find(instalment)
    if found is None or until is None or not found.start < until <= found.until:
        raise IntegrityFailure("the run is of no instalment of its plan")
    return replace(found, until=until)


def check_turn(
    session: Session, entries: Stream, run: ExtractionRun, plan: Plan, now: datetime
) -> Instalment | None:
    """Let a run through whose turn it is, once its time is past. Raises IntegrityFailure."""
    part = part_of(plan, run.instalment, run.until)
    if part is None:
        return None
    turn = find_next(session, entries, plan)
    if turn is None or (turn.number, turn.start, turn.until) != (
        part.number,
        part.start,
        part.until,
    ):
        raise IntegrityFailure("another instalment than that of the run is the next one")
    if now < part.until:
        raise IntegrityFailure("the instalment of the run is not past yet")
    return part


def check_divided(session: Session, plan: Plan) -> None:
    """Refuse a plan that would give again what was given, or after the end. Raises WrongState."""
    entries = read_stream(session, plan.demand)
    given, end = find_given(session, entries), find_end(entries)
    divided = plan.instalments
    if divided is None:
        is_right = given is None and end is None
    else:
        first, last = divided.parts[0], divided.parts[-1]
        start = min(item.start for item in plan.items) if given is None else get_until(given)
        number = 1 if given is None else given.instalment + 1
        is_right = (first.number, first.start) == (number, start)
        is_right = is_right and (end is None or last.until <= end)
    if not is_right:
        raise WrongState(
            "an instalment was given, or the order was shortened, since; compile the plan anew"
        )
