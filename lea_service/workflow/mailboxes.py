"""Whom a notice goes to: looked up when it is sent, never kept in a job."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy.orm import Session

from lea_service.agencies.address_queries import find_agency_address, find_prosecution
from lea_service.agencies.queries import find_mailbox
from lea_service.demands.admission import (
    is_sealed,
    list_cleared,
    list_kept_out,
    list_shut_out,
)
from lea_service.demands.demand import Demand
from lea_service.kernel.datakeys import DataKeys
from lea_service.staff.engagements import open_contact


def find_demand_mailbox(session: Session, keys: DataKeys, demand: Demand) -> str | None:
    """Return where the authority of a demand is written to, out of the register only.

    First the contact the demand names, then the person who issued it, then the agency's own
    address. What merely stands in a demand is never written to, nor who is shut out from it.
    """
    return next(_known(session, keys, demand), None)


def find_agency_mailbox(session: Session, keys: DataKeys, demand: Demand) -> str | None:
    """Return the agency's own address, out of the register; without one, as for other notices."""
    own = next(_of_agency(session, keys, demand), None)
    return own or find_demand_mailbox(session, keys, demand)


def find_prosecution_mailbox(session: Session, keys: DataKeys, demand: Demand) -> str | None:
    """Return the own address of the prosecution that the agency of a demand has in the register.

    None where it has none, or none that can be written to, and of a demand in the sealed lane: the
    prosecution is another house, which that demand does not name.
    """
    agency = demand.agency.ref
    named = None if agency is None else find_prosecution(session, agency)
    if named is None or is_sealed(session, demand.id):
        return None
    return find_agency_address(session, keys, named)


def find_cleared_mailboxes(
    session: Session, keys: DataKeys, demand_id: str, now: datetime
) -> str | None:
    """Return where the people are written to who are cleared for the sealed lane, in one line.

    Their own mailboxes, those of the shut out excepted; None where nobody entered any.
    """
    shut_out = list_shut_out(session, demand_id)
    people = [one for one, roles in list_cleared(session, now).items() if roles]
    contacts = [open_contact(session, keys, one) for one in people if one not in shut_out]
    return ", ".join(one.mailbox for one in contacts if one.mailbox) or None


def _known(session: Session, keys: DataKeys, demand: Demand) -> Iterator[str]:
    shut_out = list_kept_out(session, demand.id)
    for party in (demand.contact, demand.issuing_person):
        if party is not None and party.ref is not None and party.ref.startswith(("p_", "d_")):
            if party.ref in shut_out:
                continue
            mailbox = find_mailbox(session, keys, party.ref)
            if mailbox is not None:
                yield mailbox
    yield from _of_agency(session, keys, demand)


def _of_agency(session: Session, keys: DataKeys, demand: Demand) -> Iterator[str]:
    if demand.agency.ref is not None:
        own = find_agency_address(session, keys, demand.agency.ref)
        if own is not None:
            yield own
