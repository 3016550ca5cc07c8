"""Whether a package is made of what two people decided on, to the keys they decided on."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from lea_service.extraction.models import PLAN_KIND
from lea_service.kernel.canonical import load_strict, salted_digest
from lea_service.kernel.errors import VerificationFailed
from lea_service.staff.encoding import decode_b64url
from lea_service.staff.history import VerifiedDecision


def check_decided(
    decision: VerifiedDecision,
    *,
    approval_id: str,
    plan_id: str,
    plan: bytes,
    plan_salt: str,
    fingerprints: Iterable[str],
) -> None:
    """Compare plan and receivers' certificates with a decision. Raises VerificationFailed.

    The fingerprints must be exactly those the two people signed: no more, no fewer, no other.
    """
    decided = (decision.kind, decision.approval, decision.subject)
    if decided != (PLAN_KIND, approval_id, plan_id):
        raise VerificationFailed("the decision is about another plan")
    if salted_digest(decode_b64url(plan_salt, "/plan/salt"), load_strict(plan)) != decision.digest:
        raise VerificationFailed("the plan is not the one that was decided on")
    used = list(fingerprints)
    if len(used) != len(set(used)) or set(used) != decided_receivers(decision) or not used:
        raise VerificationFailed("the receivers' certificates are not those that were decided on")


def decided_receivers(decision: VerifiedDecision) -> set[str]:
    """Return the certificate fingerprints in a decision. Raises VerificationFailed."""
    listed: Any = decision.facts.get("receivers")
    if not isinstance(listed, list) or not all(isinstance(one, str) for one in listed):
        raise VerificationFailed("the decision names no receivers")
    return set(listed)
