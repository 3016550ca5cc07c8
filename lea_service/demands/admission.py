"""Who may know that a demand exists at all; everybody else finds nothing, and no gap either.

Two things hide a demand. Its **lane**: what an intelligence service asks is known only to people
with a clearance for the sealed lane. And a **shut-out**: somebody whom the demand is about, among
our own people or those who asked, is kept from it from its arrival on. Every session of somebody
goes by this (``kernel/visibility``); only the service itself sees every demand.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, or_, select, true
from sqlalchemy.orm import Session

from lea_service.agencies.models import Agency, AgencyPerson, Desk
from lea_service.agencies.queries import desks_with
from lea_service.agencies.rules import INTELLIGENCE
from lea_service.demands.demand import Demand as DemandView
from lea_service.demands.demand import DemandContent, Hold, Lane, parties_of
from lea_service.demands.models import Demand, DemandShutOut
from lea_service.kernel.actors import Role
from lea_service.kernel.canonical import Json
from lea_service.kernel.clock import day_of
from lea_service.kernel.database import WHOLE
from lea_service.kernel.outbox import enqueue_alarm
from lea_service.kernel.transactions import Transaction
from lea_service.kernel.visibility import (
    Viewer,
    declare_column,
    declare_hidden,
    is_hidden,
)
from lea_service.staff.models import Account, ClearanceRow
from lea_service.staff.queries import find_rights, list_grants
from lea_service.staff.rules import ClearanceKind

SEALED_LANE = "sealed-lane"
"""What an alarm is about that must not say which demand it is."""
STAFF = "s_"
OTHERS = "demands"
"""Under this name what was seen has other demands, by their ids."""
PEOPLE_MISSING = "cleared_people_missing"
RECEIVER_SHUT_OUT = "receiver_shut_out"
SHUT_OUT, SEALED = "demand.shut_out", "demand.sealed"


def is_admitted(session: Session, demand_id: str, actor_id: str, now: datetime) -> bool:
    """Say whether somebody may know of a demand."""
    hidden = hidden_demands(Viewer(actor_id, day_of(now)))
    column = hidden.selected_columns[0]
    return session.execute(hidden.where(column == demand_id)).first() is None


def hidden_demands(viewer: Viewer) -> Select[tuple[str]]:
    """Return the statement that selects the demands which somebody may not know of."""
    table: Any = Demand.__table__
    shut: Any = DemandShutOut.__table__
    shut_out = select(shut.c.demand_id).where(shut.c.party == viewer.id)
    sealed = (table.c.lane == str(Lane.SEALED)) & ~_is_cleared(viewer)
    return select(table.c.id).where(or_(sealed, table.c.id.in_(shut_out)))


def shut_out(tx: Transaction, demand_id: str, parties: Collection[str]) -> None:
    """Keep people from a demand from now on, with one entry that names them to nobody else.

    Whoever is shut out already stays so; there is no way back. Where too few are left to record and
    to decide an alarm says so: nobody else would know of what waits there.
    """
    known = list_shut_out(tx.session, demand_id)
    rows = [
        DemandShutOut(demand_id=demand_id, party=party, since=tx.now)
        for party in sorted(set(parties) - known)
    ]
    if not rows:
        return
    named: list[Json] = [one.party for one in rows]
    tx.record(
        SHUT_OUT,
        demand_id,
        facts={"count": len(rows)},
        disclose={"parties": named},
        evidence=rows,
    )
    is_ours = any(one.party.startswith(STAFF) for one in rows)
    if is_ours and not _has_pair(_list_left(tx, demand_id, known.union(parties))):
        enqueue_alarm(tx, about=demand_id, occasion=f"{PEOPLE_MISSING}/{demand_id}")
    tx.session.add_all(rows)  # last: if it is the actor, this transaction sees no more of it


def put_in_sealed_lane(tx: Transaction, row: Demand) -> None:
    """Have a demand known to cleared people only; the last that its transaction does with it.

    Whoever recorded it without a clearance is kept from it from now on, and those who are cleared
    are told by an alarm that says nothing of it. There is no way back into the ordinary lane.
    """
    cleared = list_cleared(tx.session, tx.now)
    facts: dict[str, Json] = {"cleared": len(cleared), "by_cleared": tx.actor.id in cleared}
    tx.record(SEALED, row.id, facts=facts)
    if tx.actor.id not in cleared:
        enqueue_alarm(tx, about=row.id, occasion=f"{SEALED_LANE}/{row.id}")
    row.lane = str(Lane.SEALED)
    tx.session.flush()


def names_service(session: Session, content: DemandContent) -> bool:
    """Say whether a demand names an intelligence service of the register, or somebody of one.

    Whatever its basis is said to be: that may be mistyped, or not known yet.
    """
    refs = parties_of(content)
    of_people = select(AgencyPerson.agency_id).where(AgencyPerson.id.in_(refs))
    of_desks = select(Desk.agency_id).where(Desk.id.in_(refs))
    query = select(Agency.id).where(
        Agency.kind == INTELLIGENCE,
        Agency.id.in_(refs) | Agency.id.in_(of_people) | Agency.id.in_(of_desks),
    )
    return session.scalars(query.limit(1)).first() is not None


def is_sealed(session: Session, demand_id: str) -> bool:
    """Say whether there is such a demand in the sealed lane, whoever the session is for."""
    query = select(Demand.lane).where(Demand.id == demand_id)
    return session.scalar(query, execution_options=WHOLE) == Lane.SEALED


def conceal(
    session: Session, demand_id: str, facts: dict[str, Json], *names: str
) -> dict[str, Json]:
    """Take out of the facts of an entry what tells who asks, and by what right.

    Returns that, to be disclosed; nothing where the demand is not in the sealed lane.
    """
    if not is_sealed(session, demand_id):
        return {}
    return {name: facts.pop(name) for name in names if name in facts}


def show_known(session: Session, finding: Any) -> Any:
    """Return a stored finding with those of the demands in it that the viewer may know of.

    Their count is lowered by those that are left out: it tells of no other either.
    """
    named = finding["seen"].get(OTHERS)
    if named is None:
        return finding
    known = [one for one in named if not is_hidden(session, one)]
    count = finding["seen"]["count"] - len(named) + len(known)
    return {**finding, "seen": {**finding["seen"], OTHERS: known, "count": count}}


def lane_holds(session: Session, demand_id: str, now: datetime | None) -> tuple[Hold, ...]:
    """Return that a sealed demand has to wait for a second cleared person, while it has to.

    One person who records and one who approves are needed. Without ``now`` lapsed clearances count.
    """
    if not is_sealed(session, demand_id):
        return ()
    shut_out = list_shut_out(session, demand_id)
    cleared = list_cleared(session, now)
    left = {one: roles for one, roles in cleared.items() if one not in shut_out}
    return () if _has_pair(left) else (Hold(PEOPLE_MISSING),)


def _has_pair(people: Mapping[str, Collection[Role]]) -> bool:
    """Say whether one of some people may record a demand, and another decide on it."""
    proposing, deciding = (
        {one for one, roles in people.items() if role in roles}
        for role in (Role.HANDLER, Role.APPROVER)
    )
    return bool(proposing and deciding) and len(proposing | deciding) > 1


def _list_left(
    tx: Transaction, demand_id: str, shut_out: Collection[str]
) -> dict[str, frozenset[Role]]:
    """Return whom of our own people a demand is left to, each with the roles that they have."""
    if is_sealed(tx.session, demand_id):
        people = list_cleared(tx.session, tx.now)
    else:
        accounts = tx.session.scalars(select(Account.id)).all()
        people = {one: _roles(tx.session, one, tx.now) for one in accounts}
    return {one: roles for one, roles in people.items() if one not in shut_out}


def list_shut_out(session: Session, demand_id: str) -> frozenset[str]:
    """Return who is shut out from a demand: our own people, and people of the authority."""
    query = select(DemandShutOut.party).where(DemandShutOut.demand_id == demand_id)
    return frozenset(session.scalars(query, execution_options=WHOLE))


def list_kept_out(session: Session, demand_id: str) -> frozenset[str]:
    """Return who is shut out from a demand, with every desk that one of them reads now."""
    people = list_shut_out(session, demand_id)
    return people | desks_with(session, people)


def is_kept_from_some(session: Session, demand_id: str) -> bool:
    """Say whether there is a demand that some of our own people may not know of."""
    shut_out = list_shut_out(session, demand_id)
    return is_sealed(session, demand_id) or any(one.startswith(STAFF) for one in shut_out)


def shut_out_holds(session: Session, demand: DemandView) -> tuple[Hold, ...]:
    """Return that an answer would go to somebody who is shut out, or to a desk they read."""
    found = list_kept_out(session, demand.id).intersection(demand.receiver_ids)
    return tuple(Hold(RECEIVER_SHUT_OUT, one) for one in sorted(found))


def list_cleared(session: Session, now: datetime | None) -> dict[str, frozenset[Role]]:
    """Return who has a clearance for the sealed lane, each with the roles that they have."""
    query = select(ClearanceRow.account_id).where(ClearanceRow.kind == str(ClearanceKind.SEALED))
    if now is not None:
        day = day_of(now)
        query = query.where(ClearanceRow.valid_from <= day, ClearanceRow.valid_until >= day)
    return {one: _roles(session, one, now) for one in sorted(set(session.scalars(query)))}


def _roles(session: Session, account: str, now: datetime | None) -> frozenset[Role]:
    if now is None:
        return frozenset(Role(one.role) for one in list_grants(session, account))
    rights = find_rights(session, account, now)
    return rights.roles if rights else frozenset()


def _is_cleared(viewer: Viewer) -> ColumnElement[bool]:
    """Return whether a person of ours is cleared; those of an authority are named or not."""
    if not viewer.id.startswith(STAFF):
        return true()
    table: Any = ClearanceRow.__table__
    return exists().where(
        table.c.account_id == viewer.id,
        table.c.kind == str(ClearanceKind.SEALED),
        table.c.valid_from <= viewer.day,
        table.c.valid_until >= viewer.day,
    )


declare_column("demands", "id")
declare_column("jobs", "subject")
declare_hidden("demands", hidden_demands)
