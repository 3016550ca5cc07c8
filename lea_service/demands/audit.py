"""Compares where each demand stands with what its entries say, and finds what nobody entered.

The index of parties (``demand_parties``) has no entries of its own: each correction rewrites it. It
is held against the record, which the log vouches for. Whoever is shown a demand is shown it after
that comparison. A list cannot show which row is gone, short of opening every demand there is:
following a demand by its id finds that, since it does not go by the index, and so does the check of
the whole database.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from lea_service.custody.followed import FollowedStreams
from lea_service.custody.replay import Stream, read_stream
from lea_service.demands import models
from lea_service.demands.admission import SEALED, SHUT_OUT
from lea_service.demands.concerned import Normalise, asker_of, list_targets
from lea_service.demands.demand import Demand, Lane, parties_of
from lea_service.demands.holds import HELD, RELEASED, open_in_table, still_open
from lea_service.demands.likeness import digest_likenesses
from lea_service.demands.queries import get_demand
from lea_service.kernel.crypto import BlindIndex
from lea_service.kernel.database import get_row
from lea_service.kernel.datakeys import DataKeys
from lea_service.kernel.errors import IntegrityFailure, LeaError, Unavailable

RECORDED = ("demand.recorded", "demand.corrected")
HIDING = frozenset({SEALED, SHUT_OUT})
NAMES_VALIDATION = "names_validation"
"""States of a record whether it names, as an entry of the register, who validated the order."""
STATES_RECEIPT = "received_at"
"""States when the order came, as that version of the record has it."""
STATES_DATE = "order_date"
"""States what day the order bears, as that version has it."""


def check_demand(session: Session, demand_id: str) -> Stream:
    """Let somebody rely on what the tables say of a demand; returns its entries.

    State and version are the last that was entered, the record is the one that was recorded last,
    and nothing holds it in one place only. Raises NotFound, IntegrityFailure.
    """
    row = get_row(session, models.Demand, demand_id, "demand")
    stream = read_stream(session, demand_id)
    for problem in _problems(session, row, stream):
        raise IntegrityFailure(problem)
    return stream


def has_entered_hiding(session: Session, streams: FollowedStreams, demand_id: str) -> bool:
    """Say whether the tables hide a demand from whom its entries do.

    Raises NotFound, and IntegrityFailure for entries that are not as they were appended.
    """
    row = get_row(session, models.Demand, demand_id, "demand")
    return not any(_hiding_problems(session, row, streams.read(session, demand_id, HIDING).stream))


def get_proven_demand(session: Session, keys: DataKeys, demand_id: str) -> Demand:
    """Return a demand, opened, that is as its entries say and found under whom its record names.

    Raises NotFound, IntegrityFailure, and Unavailable when its key is destroyed.
    """
    check_demand(session, demand_id)
    found = get_demand(session, keys, demand_id)
    for problem in _index_problems(session, found):
        raise IntegrityFailure(problem)
    return found


@dataclass(frozen=True, slots=True)
class FoundBy:
    """By what demands are found: the key of the digests, and the one form of identifiers."""

    index: BlindIndex
    normalise: Normalise


def check_demands(session: Session, keys: DataKeys, finding: FoundBy | None = None) -> list[str]:
    """Return a line for each demand of which the tables say something that nobody entered.

    With ``finding`` the keyed digests are made anew from the records, and compared as well.
    """
    problems: list[str] = []
    for demand_id in session.scalars(select(models.Demand.id).order_by(models.Demand.id)).all():
        row = get_row(session, models.Demand, demand_id, "demand")
        try:
            problems += _problems(session, row, read_stream(session, demand_id))
            found = get_demand(session, keys, demand_id)
            problems += _index_problems(session, found)
            if finding is not None:
                problems += _digest_problems(session, finding, found)
        except Unavailable:  # erased: nobody is shown it, and nothing says any more whom it named
            pass
        except LeaError as err:
            problems.append(f"demands: {demand_id}: {err.detail}")
        session.expunge_all()
    return problems


def _problems(session: Session, row: models.Demand, stream: Stream) -> Iterator[str]:
    stated = [one for one in stream.entries if "state" in one.facts]
    last = (stated[-1].facts["state"], stated[-1].facts.get("version")) if stated else None
    if last != (row.state, row.version):
        yield f"demands: {row.id} does not stand where its entries say"
    recorded = stream.last(*RECORDED)
    record = session.get(models.DemandRecord, (row.id, row.record_version))
    vouching = None if record is None else stream.find_vouching(session, record)
    if recorded is None or vouching != recorded:
        yield f"demands: {row.id} has another record than was recorded last"
    if not _is_emergency_since(session, row, stream):
        yield f"demands: {row.id} became an emergency at another time than was entered"
    yield from _hiding_problems(session, row, stream)
    entered = ((one.event, str(one.facts.get("code"))) for one in stream.of(HELD, RELEASED))
    if open_in_table(session, row.id) != still_open(entered):
        yield f"demand_holds: {row.id} is held in one place and not in the other"


def _is_emergency_since(session: Session, row: models.Demand, stream: Stream) -> bool:
    """Say whether a demand became an emergency with the record that first claimed one.

    The leaves of the sealed lane do not tell which: there it may be with any of its records.
    """
    claimed = [one.facts["version"] for one in stream.of(*RECORDED) if "emergency" in one.facts]
    if not claimed and row.emergency_since is None:
        return True
    table = models.DemandRecord
    query = select(table.version, table.recorded_at).where(table.demand_id == row.id)
    made = {version: at for version, at in session.execute(query)}  # noqa: C416 - not tuples
    if claimed:
        return row.emergency_since == made.get(claimed[0])
    known = made.values() if row.lane == Lane.SEALED else ()
    return row.emergency_since in known


def _hiding_problems(session: Session, row: models.Demand, stream: Stream) -> Iterator[str]:
    if (row.lane == Lane.SEALED) != (stream.last(SEALED) is not None):
        yield f"demands: {row.id} is in another lane than was entered"
    table = models.DemandShutOut
    rows = session.scalars(select(table).where(table.demand_id == row.id)).all()
    entered = sum(int(str(one.facts["count"])) for one in stream.of(SHUT_OUT))
    if len(rows) != entered or any(stream.find_vouching(session, one) is None for one in rows):
        yield f"demand_shut_outs: {row.id} is kept from others than was entered"


def _index_problems(session: Session, found: Demand) -> Iterator[str]:
    table = models.DemandParty
    query = select(table.ref).where(table.demand_id == found.id)
    if set(session.scalars(query)) != set(parties_of(found)):
        yield f"demand_parties: {found.id} is found under others than its record names"
    row = get_row(session, models.Demand, found.id, "demand")
    kept = (row.form, row.is_emergency, row.is_authorised_orally)
    if kept != (found.form, found.emergency is not None, found.is_authorised_orally):
        yield f"demands: {found.id} is of another form or urgency than its record says"


def _digest_problems(session: Session, finding: FoundBy, found: Demand) -> Iterator[str]:
    asked, like = models.DemandTarget, models.DemandLikeness
    targets = select(asked.digest, asked.asked_by).where(asked.demand_id == found.id)
    digests = list_targets(finding.index, found, finding.normalise)
    if {(one, by) for one, by in session.execute(targets)} != {
        (one, asker_of(found)) for one in digests
    }:
        yield f"demand_targets: {found.id} is found by others than its record asks about"
    likenesses = select(like.kind, like.digest).where(like.demand_id == found.id)
    wanted = set(digest_likenesses(finding.index, found, found.order))
    if {(kind, one) for kind, one in session.execute(likenesses)} != wanted:
        yield f"demand_likenesses: {found.id} is like others than its record"
