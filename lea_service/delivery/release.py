"""Whether a sealed package may leave: the log, the decision and the receivers all agree."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from lea_service.agencies.queries import find_certificate
from lea_service.demands.queries import get_demand
from lea_service.extraction.models import PLAN_KIND
from lea_service.kernel.datakeys import DataKeys
from lea_service.kernel.errors import NotFound, VerificationFailed
from lea_service.packaging.decided import decided_receivers
from lea_service.packaging.queries import PackageView, get_package
from lea_service.staff.approvals import verify_decision
from lea_service.staff.root import Root


@dataclass(frozen=True, slots=True)
class Release:
    """A package that was found fit to leave, and for whom; made by ``check_release`` only."""

    demand_id: str
    package_id: str
    receivers: tuple[str, ...]


def check_fit(
    session: Session, keys: DataKeys, demand_id: str, package_id: str, *, root: Root
) -> Release:
    """Compare package, decision and receivers once more.

    Raises NotFound, VerificationFailed (decision, another plan or receivers, a certificate that
    was revoked after sealing).
    """
    package = get_package(session, package_id)
    if package.demand_id != demand_id:
        raise NotFound("no such package of this demand")
    decision = verify_decision(session, package.approval_id, root=root)
    if (decision.kind, decision.subject) != (PLAN_KIND, package.plan_id):
        raise VerificationFailed("the decision is about another plan")
    if decided_receivers(decision) != set(package.receivers):
        raise VerificationFailed("the package is for other certificates than were decided on")
    receivers = get_demand(session, keys, demand_id).receivers
    if _holders(session, package) != set(receivers):
        raise VerificationFailed("the package is not for the receivers of the demand")
    return Release(demand_id, package_id, tuple(sorted(receivers)))


def _holders(session: Session, package: PackageView) -> set[str]:
    found = [find_certificate(session, one) for one in package.receivers]
    holders = {one.holder for one in found if one is not None and one.revoked_at is None}
    if len(holders) != len(found):
        raise VerificationFailed("a receiver's certificate is unknown or was revoked")
    return holders
