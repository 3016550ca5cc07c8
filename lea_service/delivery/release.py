"""Whether a sealed package may leave: the log, the decision, the receivers and the file agree."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from lea_service.custody.queries import last_facts
from lea_service.delivery.models import Delivery
from lea_service.demands.queries import get_demand, get_state
from lea_service.demands.states import State
from lea_service.extraction.changes import SEALED
from lea_service.extraction.decided import load_decided
from lea_service.extraction.halts import HaltCode, MustHalt
from lea_service.kernel.datakeys import DataKeys
from lea_service.kernel.errors import IntegrityFailure
from lea_service.kernel.sealed_file import SegmentReader
from lea_service.packaging.queries import PackageView
from lea_service.staff.root import Root

MADE_AVAILABLE, HALTED, ENDED = "made_available", "halted", "ended"


@dataclass(frozen=True, slots=True)
class Release:
    """A package that waits to leave, with what cannot be read inside a transaction.

    ``halt`` is why its file alone keeps it back.
    """

    package: PackageView
    root: Root
    halt: HaltCode | None = None


def is_waiting(session: Session, package: PackageView) -> bool:
    """Say whether a package is the one that its demand waits to hand over."""
    if get_state(session, package.demand_id) != State.READY:
        return False
    sealed = last_facts(session, package.demand_id, SEALED)
    return session.get(Delivery, package.id) is None and package.id == sealed["package"]


def check_fit(
    session: Session, keys: DataKeys, package: PackageView, *, root: Root, now: datetime
) -> tuple[str, ...]:
    """Hold a package against the same rule as the work before it; returns its receivers.

    Its run must still be the one that counts, decided as it stands, with nothing that holds the
    demand, and each receiver must have the very certificate that was decided on. Raises MustHalt.
    """
    decided = load_decided(session, keys, package.run_id, root=root, now=now)
    receivers = {one.id: one.certificate for one in decided.plan.receivers}
    if _made_of(package) != (decided.run.demand_id, decided.run.plan_id, decided.run.approval_id):
        raise MustHalt(HaltCode.DECISION_INVALID, "the decision is about another plan")
    if set(package.receivers) != set(receivers.values()):
        raise MustHalt(HaltCode.DECISION_INVALID, "the package is for other certificates")
    if set(get_demand(session, keys, package.demand_id).receiver_ids) != set(receivers):
        raise MustHalt(HaltCode.DECISION_INVALID, "the package is not for the demand's receivers")
    return tuple(sorted(receivers))


def check_file(reader: SegmentReader, package: PackageView) -> None:
    """Read what receivers would fetch to its end. Raises IntegrityFailure."""
    total = hashlib.sha256()
    for chunk in reader.iter_chunks():
        total.update(chunk)
    if total.hexdigest() != package.sha256:
        raise IntegrityFailure("the file of a package is not the one that was recorded")


def _made_of(package: PackageView) -> tuple[str, str, str]:
    return package.demand_id, package.plan_id, package.approval_id
