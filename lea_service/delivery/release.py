"""Whether a sealed package may leave: the log, the decision, the receivers and the file agree."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from sqlalchemy.orm import Session

from lea_service.agencies.queries import agencies_of, lock_agency
from lea_service.custody.queries import last_facts
from lea_service.custody.replay import Stream, read_stream
from lea_service.delivery.models import Delivery
from lea_service.demands.concerned import find_concerned
from lea_service.demands.demand import parties_of
from lea_service.demands.queries import get_demand, get_state
from lea_service.demands.states import State
from lea_service.extraction.changes import SEALED
from lea_service.extraction.decided import is_held, load_decided
from lea_service.extraction.halts import HaltCode, MustHalt
from lea_service.kernel.datakeys import DataKeys
from lea_service.kernel.errors import IntegrityFailure, NotFound, WrongState
from lea_service.kernel.sealed_file import SegmentReader
from lea_service.kernel.transactions import Transaction
from lea_service.legal.confirmations.rules import MISSING, is_held_for
from lea_service.legal.moments import Enforcing
from lea_service.legal.queries import catalogue_of
from lea_service.legal.times import Wait, find_enforcing_answer, find_wait
from lea_service.legal.working_days import WorkingDays
from lea_service.packaging.queries import PackageView, get_package_row
from lea_service.records.identifiers import normalise_target
from lea_service.staff.root import Root

MADE_AVAILABLE, HALTED, ENDED = "made_available", "halted", "ended"
HELD = "this package is held back for now: ask the provider"
"""Tells the same whatever holds: who is doubted, or shut out, is not for everybody it names."""
NORMALISE = partial(normalise_target, region=None)
"""The register writes telephone numbers with their country code."""


@dataclass(frozen=True, slots=True)
class Release:
    """A package that waits to leave, with what cannot be read inside a transaction.

    ``halt`` is why its file alone keeps it back.
    """

    package: PackageView
    root: Root
    halt: HaltCode | None = None


@dataclass(frozen=True, slots=True)
class Fit:
    """For whom a package may leave.

    ``wait`` is by what the law of the order keeps it back all the same.
    """

    receivers: tuple[str, ...]
    wait: Wait | None


def is_waiting(session: Session, package: PackageView) -> bool:
    """Say whether a package is the one that its demand waits to hand over."""
    if get_state(session, package.demand_id) != State.READY:
        return False
    sealed = last_facts(session, package.demand_id, SEALED)
    return session.get(Delivery, package.id) is None and package.id == sealed["package"]


def lock_parties(tx: Transaction, demand_id: str) -> None:
    """Keep the agencies that a demand names as they are until the transaction ends.

    Raises MustHalt for one that the register does not know.
    """
    try:
        parties = parties_of(get_demand(tx.session, tx.keys, demand_id))
        for agency in agencies_of(tx.session, parties):
            lock_agency(tx.session, agency)
    except (IntegrityFailure, NotFound) as err:
        raise MustHalt(HaltCode.DECISION_INVALID, err.detail) from err


def check_concerned(tx: Transaction, demand_id: str) -> None:
    """Let a package leave only while none of whom it reaches is asked about. Raises MustHalt."""
    if find_concerned(tx.session, tx.keys, tx.index, demand_id, NORMALISE):
        raise MustHalt(HaltCode.ON_HOLD, "somebody who would see it is asked about")


def check_fit(
    session: Session,
    keys: DataKeys,
    package: PackageView,
    working: WorkingDays,
    *,
    root: Root,
    now: datetime,
) -> Fit:
    """Hold a package against the same rule as the work before it.

    Its run must still be the one that counts, decided as it stands, with nothing that holds the
    demand, and each receiver must have the very certificate that was decided on. Raises MustHalt.
    """
    decided = load_decided(session, keys, package.run_id, root=root, now=now)
    receivers = {one.id: one.certificate for one in decided.plan.receivers}
    if _made_of(package) != (decided.run.demand_id, decided.run.plan_id, decided.run.approval_id):
        raise MustHalt(HaltCode.DECISION_INVALID, "the decision is about another plan")
    if set(package.receivers) != set(receivers.values()):
        raise MustHalt(HaltCode.DECISION_INVALID, "the package is for other certificates")
    demand = get_demand(session, keys, package.demand_id)
    if set(demand.receiver_ids) != set(receivers):
        raise MustHalt(HaltCode.DECISION_INVALID, "the package is not for the demand's receivers")
    if not _is_sealed(session, decided.entries, package):
        raise MustHalt(HaltCode.DECISION_INVALID, "the package is not as it was recorded")
    return Fit(
        tuple(sorted(receivers)),
        find_wait(demand, decided.entries, catalogue_of(session), working, now),
    )


def check_file(reader: SegmentReader, package: PackageView) -> None:
    """Read what receivers would fetch to its end. Raises IntegrityFailure."""
    total = hashlib.sha256()
    for chunk in reader.iter_chunks():
        total.update(chunk)
    if total.hexdigest() != package.sha256:
        raise IntegrityFailure("the file of a package is not the one that was recorded")


def check_free(session: Session, keys: DataKeys, demand_id: str) -> None:
    """Let a fetch begin, or go on.

    Raises WrongState when the enforcing authority objects, while what the order owes is not there
    though its term ran out, and while anything holds the demand.
    """
    entries = read_stream(session, demand_id)
    if find_enforcing_answer(entries) is Enforcing.REFUSED:
        raise WrongState("the enforcing authority objects to this hand-over")
    for clock, missing in MISSING.items():
        if is_held_for(clock, entries):
            raise WrongState(missing)
    if is_held(session, keys, demand_id):
        raise WrongState(HELD)


def _is_sealed(session: Session, entries: Stream, package: PackageView) -> bool:
    sealed = entries.last(SEALED)
    row = get_package_row(session, package.id)
    return sealed is not None and entries.find_vouching(session, row) == sealed


def _made_of(package: PackageView) -> tuple[str, str, str]:
    return package.demand_id, package.plan_id, package.approval_id
