"""Reading demands: what was recorded, opened under its key, and where it stands."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import ScalarSelect, func, select
from sqlalchemy.orm import Session, aliased

from lea_service.custody.models import LogEntry, LogHead
from lea_service.demands import models
from lea_service.demands.admission import lane_holds, shut_out_holds
from lea_service.demands.demand import Demand, Form, Hold, Lane, OrderDocument
from lea_service.demands.document import load_content
from lea_service.demands.holds import check_holds, list_open_holds, standing_holds
from lea_service.demands.order import SealedOrder, open_order
from lea_service.demands.remedies import list_remedies
from lea_service.demands.states import ANSWERED, DECLINED, KEPT, OVER, State
from lea_service.demands.targets import HOME_REGION
from lea_service.kernel.clock import format_instant
from lea_service.kernel.database import WHOLE, Place, get_row, missing, newest_first, oldest_first
from lea_service.kernel.datakeys import DataKeys, open_object, open_text
from lea_service.kernel.errors import IntegrityFailure, NotFound, WrongState
from lea_service.kernel.phrases import ENGLISH
from lea_service.staff.encoding import decode_b64url

ORDER_KEY_LABEL = "order-key"
REGION = "region"
"""Under this name ``Session.info`` has where numbers without country code were dialled."""


def region_of(session: Session) -> str:
    """Return where a number without country code was dialled (ISO 3166)."""
    return str(session.info.get(REGION, HOME_REGION))


@dataclass(frozen=True, slots=True)
class DemandLine:
    """A demand in the list: ids, codes and dates only."""

    id: str
    state: State
    version: int
    order_date: date
    received_at: datetime
    recorded_at: datetime
    due_at: datetime | None
    elapsed_minutes: int | None = None


@dataclass(frozen=True, slots=True)
class OrderFile:
    """An order as it arrived, byte for byte, and what kind of document it is."""

    media_type: str
    content: bytes


def get_state(session: Session, demand_id: str) -> str:
    """Return the state of a demand. Raises NotFound."""
    state = session.scalar(select(models.Demand.state).where(models.Demand.id == demand_id))
    if state is None:
        raise missing(session, models.Demand, demand_id, "demand")
    return str(State(state))


def get_demand(session: Session, keys: DataKeys, demand_id: str) -> Demand:
    """Return a whole demand, opened. Raises NotFound, and Unavailable when its key is destroyed."""
    row = get_row(session, models.Demand, demand_id, "demand")
    document, order = open_record(session, keys, demand_id, row.record_version)
    content = load_content(document)
    fields = {name: getattr(content, name) for name in content.__dataclass_fields__}
    return Demand(
        **fields,
        id=row.id,
        state=State(row.state),
        version=row.version,
        record_version=row.record_version,
        order=order,
        recorded_at=row.recorded_at,
        recorded_by=row.recorded_by,
        is_sealed=row.lane == Lane.SEALED,
    )


def list_recorders(session: Session, demand_id: str) -> frozenset[str]:
    """Return who recorded or corrected a demand: whoever typed what it says."""
    query = select(models.DemandRecord.recorded_by).where(
        models.DemandRecord.demand_id == demand_id
    )
    return frozenset(session.scalars(query))


def find_corrected_at(session: Session, demand_id: str, version: int) -> datetime | None:
    """Return when a demand got the record of a version; None for what arrived first."""
    row = session.get_one(models.DemandRecord, (demand_id, version))
    return row.recorded_at if version > 1 else None


def list_order_digests(session: Session, keys: DataKeys, demand_id: str) -> frozenset[str]:
    """Return the SHA-256 of every order that was recorded of a demand, of whichever version."""
    orders = [order for _, _, order in list_records(session, keys, demand_id)]
    return frozenset(one.sha256 for one in orders if one is not None)


def list_records(
    session: Session, keys: DataKeys, demand_id: str
) -> list[tuple[int, dict[str, Any], OrderDocument | None]]:
    """Return (version, document, order) of every record of a demand, the first first."""
    table = models.DemandRecord
    query = select(table.version).where(table.demand_id == demand_id).order_by(table.version)
    versions = session.scalars(query).all()
    return [(one, *open_record(session, keys, demand_id, one)) for one in versions]


def open_record(
    session: Session, keys: DataKeys, demand_id: str, version: int
) -> tuple[dict[str, Any], OrderDocument | None]:
    """Return the document of one version of the record and what is known of its order."""
    row = session.get(models.DemandRecord, (demand_id, version))
    if row is None:
        raise IntegrityFailure("a demand lacks its record")
    record = open_object(session, keys, demand_id, row.sealed, record_label(version))
    order = record["order"]
    return record["document"], None if order is None else OrderDocument(**order)


def record_label(version: int) -> str:
    """Return what the sealed record of one version is bound to."""
    return f"record/{version}"


def get_order(session: Session, keys: DataKeys, demand_id: str) -> OrderFile:
    """Return the order as it arrived. Raises NotFound, Unavailable."""
    demand = get_demand(session, keys, demand_id)
    query = select(models.DemandOrder).where(models.DemandOrder.demand_id == demand_id)
    row = session.scalars(query.order_by(models.DemandOrder.version.desc()).limit(1)).first()
    if row is None or demand.order is None:
        raise NotFound("the demand has no order document")
    return OrderFile(demand.order.media_type, _open(session, keys, row, {demand.order.sha256}))


def list_orders(session: Session, keys: DataKeys, demand_id: str) -> list[bytes]:
    """Return every order that was recorded of a demand as it arrived, the first first.

    Raises Unavailable, IntegrityFailure.
    """
    recorded, table = list_order_digests(session, keys, demand_id), models.DemandOrder
    query = select(table).where(table.demand_id == demand_id).order_by(table.version)
    return [_open(session, keys, row, recorded) for row in session.scalars(query).all()]


def _open(
    session: Session, keys: DataKeys, row: models.DemandOrder, recorded: Collection[str]
) -> bytes:
    key = open_text(session, keys, row.demand_id, row.key_sealed, ORDER_KEY_LABEL)
    content = open_order(SealedOrder(decode_b64url(key, "/order"), row.content))
    if sha256(content).hexdigest() not in recorded:
        raise IntegrityFailure("the order of a demand is not the one that was recorded")
    return content


def list_demands(
    session: Session,
    state: State | None,
    after: Place | None,
    limit: int,
    *,
    parties: Collection[str] | None = None,
    now: datetime | None = None,
) -> list[DemandLine]:
    """Return demands, newest first, from the one after ``after``.

    With ``now`` emergencies say how long they are here.

    Only those of a state, or those whose record names one of ``parties``, where that is given.
    """
    table = models.Demand
    query = select(table)
    if state is not None:
        query = query.where(table.state == state.value)
    if parties is not None:
        named = select(models.DemandParty.demand_id).where(models.DemandParty.ref.in_(parties))
        query = query.where(table.id.in_(named))
    newest = newest_first(query, table.recorded_at, table.id, after=after, limit=limit)
    return [_line(row, now) for row in session.scalars(newest)]


def list_emergencies(
    session: Session, after: Place | None, limit: int, *, now: datetime
) -> list[DemandLine]:
    """Return the emergencies without an answer, by when they were received.

    One of which a first instalment was given has its answer; the next is not there yet.
    """
    answered = {State.CONTINUING, *ANSWERED, *KEPT}
    table, ended = models.Demand, [one.value for one in answered]
    query = select(table).where(table.is_emergency, table.state.not_in(ended))
    oldest = oldest_first(query, table.received_at, table.id, after=after, limit=limit)
    return [_line(row, now) for row in session.scalars(oldest)]


def count_emergencies(
    session: Session,
    demand_id: str,
    *,
    officer: str | None,
    agency: str | None,
    since: datetime,
    until: datetime,
) -> tuple[int, int]:
    """Return how many demands of an officer, and of an agency, became emergencies in a time.

    Those of the lane of a demand alone: the plan of an ordinary one must not show that there were
    sealed ones. Whoever asks need not know of them all.
    """
    table, asked = models.Demand, models.DemandTarget
    query = (
        select(func.count(table.id.distinct()))
        .where(table.emergency_since >= since, table.emergency_since <= until)
        .where(table.lane == lane_of(demand_id))
        .execution_options(**WHOLE)
    )
    of_officer = query.join(asked, asked.demand_id == table.id).where(asked.asked_by == officer)
    of_agency = query.where(table.agency_id == agency)
    return session.scalar(of_officer) or 0, session.scalar(of_agency) or 0


def find_emergency_since(session: Session, demand_id: str) -> datetime | None:
    """Return when a demand first was an emergency; None for one that never was."""
    query = select(models.Demand.emergency_since).where(models.Demand.id == demand_id)
    return session.scalar(query)


def was_emergency(session: Session, demand_id: str, at: datetime | None = None) -> bool:
    """Say whether a demand, or another of the same order or document, was an emergency before.

    With ``at`` only those count that were one by then. That a record takes it back does not change
    it, nor does it to record the same anew.
    """
    alike = {other for found in list_alike(session, demand_id).values() for other in found}
    table = models.Demand
    query = select(table.id).where(
        table.id.in_({demand_id, *alike}), table.emergency_since.is_not(None)
    )
    if at is not None:
        query = query.where(table.emergency_since <= at)
    return session.scalar(query.limit(1).execution_options(**WHOLE)) is not None


def lane_of(demand_id: str) -> ScalarSelect[str]:
    """Return the statement for the lane of a demand, to compare with that of others."""
    return select(models.Demand.lane).where(models.Demand.id == demand_id).scalar_subquery()


def elapsed_minutes(received_at: datetime, now: datetime) -> int:
    """Return how many whole minutes passed since then; none before it."""
    return max(0, int((now - received_at).total_seconds() // 60))


def list_ids(session: Session, *, without: Collection[State]) -> list[str]:
    """Return the ids of the demands that are in none of these states, the first recorded first."""
    states = [one.value for one in without]
    query = select(models.Demand.id).where(models.Demand.state.not_in(states))
    return list(session.scalars(query.order_by(models.Demand.recorded_at, models.Demand.id)))


def list_to_be_confirmed(session: Session) -> list[str]:
    """Return the ids of demands that may owe something and are neither declined nor over, by id.

    Those are oral ones, emergencies, those that a judge authorised orally, and what was corrected:
    it may have been oral before.
    """
    table, ended = models.Demand, [one.value for one in (*OVER, *DECLINED)]
    is_oral = table.form == str(Form.ORAL)
    may_owe = is_oral | table.is_emergency | table.is_authorised_orally | (table.record_version > 1)
    query = select(table.id).where(may_owe, table.state.not_in(ended))
    return list(session.scalars(query.order_by(table.id)))


def dump_place(line: DemandLine) -> tuple[str, str]:
    """Return where a line stands in the list, as a cursor holds it."""
    return format_instant(line.recorded_at), line.id


def current_holds(
    session: Session, keys: DataKeys, demand_id: str, now: datetime | None = None
) -> tuple[Hold, ...]:
    """Return everything that keeps a demand from going on at this instant.

    What is unknown or suspended in the register counts for as long as it is; other holds until
    their release was entered. With ``now``, expired certificates count as well. Raises NotFound,
    Unavailable.
    """
    demand = get_demand(session, keys, demand_id)
    entered = [Hold(code) for code in list_open_holds(session, demand_id)]
    lacking = lane_holds(session, demand_id, now) + shut_out_holds(session, demand)
    return (*standing_holds(session, demand, now), *lacking, *entered)


def check_not_held(
    session: Session, keys: DataKeys, demand_id: str, now: datetime | None = None
) -> None:
    """Let a demand go on that nothing holds.

    Raises WrongState that names the codes, IntegrityFailure where a hold was not entered or ended
    without an entry.
    """
    check_holds(session, demand_id)
    holds = current_holds(session, keys, demand_id, now)
    if holds:
        codes = sorted({one.code for one in holds})
        named, ends = ", ".join(codes), list_remedies(codes, ENGLISH)
        told = f". What ends it: {'; '.join(ends)}" if ends else ""
        raise WrongState(f"the demand is on hold: {named}{told}", holds=named)


def find_arrival(session: Session, digest: str) -> str | None:
    """Return the demand that the same request and order made, known to the viewer or not."""
    row = session.get(models.DemandArrival, digest, execution_options=WHOLE)
    return None if row is None else row.demand_id


def list_alike(session: Session, demand_id: str) -> dict[str, tuple[str, ...]]:
    """Return, by kind of likeness, the other demands of its lane that record the same.

    Also those that the viewer may not know of: what is found does not hang on who looks.
    """
    table, other, demand = models.DemandLikeness, aliased(models.DemandLikeness), models.Demand
    query = (
        select(table.kind, other.demand_id)
        .join(other, (other.digest == table.digest) & (other.kind == table.kind))
        .join(demand, demand.id == other.demand_id)
        .where(table.demand_id == demand_id, other.demand_id != demand_id)
        .where(demand.lane == lane_of(demand_id))
        .order_by(other.demand_id)
    )
    found: dict[str, tuple[str, ...]] = {}
    for kind, other_id in session.execute(query, execution_options=WHOLE):
        found[kind] = (*found.get(kind, ()), other_id)
    return found


def count_entries(session: Session, stream: str) -> int:
    """Return how many entries the log has of a stream; none is added before the caller commits."""
    session.execute(select(LogHead.size).with_for_update())
    query = select(func.count()).where(LogEntry.stream == stream)
    return session.scalar(query) or 0


def _line(row: models.Demand, now: datetime | None = None) -> DemandLine:
    is_counted = row.is_emergency and now is not None
    return DemandLine(
        id=row.id,
        state=State(row.state),
        version=row.version,
        order_date=row.order_date,
        received_at=row.received_at,
        recorded_at=row.recorded_at,
        due_at=row.due_at,
        elapsed_minutes=elapsed_minutes(row.received_at, now) if is_counted and now else None,
    )
