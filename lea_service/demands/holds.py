"""What keeps a demand from going on: whom of its parties the register has something against."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy.orm import Session

from lea_service.agencies.queries import (
    WITHOUT_CERTIFICATE,
    get_agency_of,
    is_suspended,
    list_standing_problems,
)
from lea_service.demands.demand import DemandContent, Hold
from lea_service.kernel.errors import NotFound

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


def find_reachable(session: Session, content: DemandContent) -> frozenset[str]:
    """Return the people and desks of a demand that can be written to, out of the register only."""
    holds = standing_holds(session, content)
    if any(one.code.startswith("agency_") for one in holds):
        return frozenset()
    doubtful = {one.ref for one in holds if one.code != WITHOUT_CERTIFICATE}
    parties = [content.issuing_person, content.contact, *content.receivers]
    refs = {one.ref for one in parties if one is not None and one.ref is not None}
    return frozenset(one for one in refs - doubtful if not one.startswith("a_"))


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
