"""What keeps a demand from going on: the register on its parties, and holds that were entered."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lea_service.agencies.queries import (
    WITHOUT_CERTIFICATE,
    get_agency_of,
    is_suspended,
    list_standing_problems,
)
from lea_service.custody.entries import load_entry
from lea_service.custody.models import LogEntry
from lea_service.demands.demand import DemandContent, Hold
from lea_service.demands.models import DemandHold
from lea_service.kernel.errors import IntegrityFailure, NotFound

HELD, RELEASED = "demand.held", "demand.hold_released"
CONTACT = "contact"
OTHERS = ("validating_authority", "enforcing_authority", CONTACT)
"""Parties beside agency, issuing person and receivers. Given in words only, they hold nothing."""


def standing_holds(
    session: Session, content: DemandContent, now: datetime | None = None
) -> tuple[Hold, ...]:
    """Return what the register of agencies has against the parties of a demand.

    With ``now``, expired certificates count as well.
    """
    problems = list_standing_problems(
        session,
        agency=content.agency.ref,
        people=[content.issuing_person.ref],
        receivers=content.receiver_ids,
        now=now,
    )
    found = [Hold(one.code, one.ref or None) for one in problems]
    if not content.receivers or len(content.receiver_ids) < len(content.receivers):
        found.append(Hold("receiver_unknown"))
    return (*found, *_holds_of_others(session, content))


def list_open_holds(session: Session, demand_id: str) -> tuple[str, ...]:
    """Return the codes of holds that table or log have open: a change of one releases nothing.

    What the running transaction itself enters does not count yet.
    """
    return tuple(sorted(open_in_table(session, demand_id) | _open_in_log(session, demand_id)))


def check_holds(session: Session, demand_id: str) -> None:
    """Compare the holds of a demand with its entries. Raises IntegrityFailure where they differ."""
    if open_in_table(session, demand_id) != _open_in_log(session, demand_id):
        raise IntegrityFailure("the holds of a demand are not what was entered")


def find_reachable(session: Session, content: DemandContent) -> frozenset[str]:
    """Return the people and desks of a demand that can be written to, out of the register only."""
    return _list_parties(content, standing_holds(session, content))


def find_known(session: Session, content: DemandContent) -> frozenset[str]:
    """Return them with whoever is suspended; where there is nobody, the agency of the register."""
    lasting = [
        one for one in standing_holds(session, content) if not one.code.endswith("_suspended")
    ]
    people, agency = _list_parties(content, lasting), content.agency.ref
    if people or agency is None or _is_of_nobody(lasting):
        return people
    return frozenset({agency})


def _list_parties(content: DemandContent, holds: Sequence[Hold]) -> frozenset[str]:
    if _is_of_nobody(holds):
        return frozenset()
    doubtful = {one.ref for one in holds if one.code != WITHOUT_CERTIFICATE}
    parties = [content.issuing_person, content.contact, *content.receivers]
    refs = {one.ref for one in parties if one is not None and one.ref is not None}
    return frozenset(one for one in refs - doubtful if not one.startswith("a_"))


def _is_of_nobody(holds: Sequence[Hold]) -> bool:
    return any(one.code.startswith("agency_") for one in holds)


def _holds_of_others(session: Session, content: DemandContent) -> Iterator[Hold]:
    """Yield what stands against the other parties that are given as an entry of the register.

    A judge belongs to a court and not to the agency that investigates; a contact speaks for it.
    """
    for name in OTHERS:
        party = getattr(content, name)
        if party is None or party.ref is None:
            continue
        try:
            agency = get_agency_of(session, party.ref)
        except NotFound:
            yield Hold(f"{name}_unknown", party.ref)
            continue
        if name == CONTACT and agency != content.agency.ref:
            yield Hold(f"{name}_of_other_agency", party.ref)
        if is_suspended(session, party.ref):
            yield Hold(f"{name}_suspended", party.ref)


def open_in_table(session: Session, demand_id: str) -> set[str]:
    """Return the codes of the holds that the table has open."""
    query = select(DemandHold.code).where(
        DemandHold.demand_id == demand_id, DemandHold.released_at.is_(None)
    )
    return set(session.scalars(query))


def _open_in_log(session: Session, demand_id: str) -> set[str]:
    query = select(LogEntry.data).where(
        LogEntry.stream == demand_id, LogEntry.event.in_((HELD, RELEASED))
    )
    entries: list[Any] = [load_entry(one) for one in session.scalars(query.order_by(LogEntry.n))]
    return still_open((one["ev"], one["facts"]["code"]) for one in entries)


def still_open(changes: Iterable[tuple[str, str]]) -> set[str]:
    """Return the codes of holds that were entered and not released, from events with their code."""
    found: set[str] = set()
    for event, code in changes:
        change = found.add if event == HELD else found.discard
        change(code)
    return found
