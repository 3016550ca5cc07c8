"""Many decisions verified against one replay of the staff, for whoever relies on several."""

from __future__ import annotations

from sqlalchemy.orm import Session

from lea_service.kernel.errors import VerificationFailed
from lea_service.staff.history import VerifiedDecision
from lea_service.staff.kinds import get_kind
from lea_service.staff.queries import get_approval, load_case, load_history
from lea_service.staff.root import Root
from lea_service.staff.statement import load_statement


class Decisions:
    """What two people decided, as their signatures and the log prove it at one instant."""

    def __init__(self, session: Session, root: Root) -> None:
        """Replay the staff. Raises IntegrityFailure when root and log differ."""
        self._session = session
        self._history = load_history(session, root)
        self._verified: dict[str, VerifiedDecision] = {}

    def verify(self, approval_id: str) -> VerifiedDecision:
        """Prove that two people with the right to it approved, or as many as it takes, or refuse.

        Both statements must verify under keys whose enrolment leads back to the root, both people
        must have held their roles, and the log must hold these very rows. Raises NotFound,
        VerificationFailed.
        """
        if approval_id not in self._verified:
            self._verified[approval_id] = self._verify(approval_id)
        return self._verified[approval_id]

    def _verify(self, approval_id: str) -> VerifiedDecision:
        approval = get_approval(self._session, approval_id)
        case = load_case(self._session, approval_id)
        if case is None:
            raise VerificationFailed("the log does not hold an approval of this kind and decision")
        rule = get_kind(load_statement(approval.statement).kind).rule
        verified = self._history.verify(case, rule)
        signed = (verified.kind, verified.subject, verified.digest)
        if signed != (approval.kind, approval.subject, approval.digest):
            raise VerificationFailed("the approval's row says something else than was signed")
        return verified
