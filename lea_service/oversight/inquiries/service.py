"""Use cases of inquiries: read the answer that two people asked for."""

from __future__ import annotations

from sqlalchemy.orm import Session

from lea_service.kernel.actors import Actor, Permission, permit
from lea_service.kernel.database import get_row
from lea_service.kernel.errors import NotFound, NotPermitted, WrongState
from lea_service.kernel.transactions import SYSTEM_STREAM, Transactions
from lea_service.oversight.inquiries.models import Inquiry
from lea_service.oversight.inquiries.queries import Answer, Search
from lea_service.oversight.inquiries.rules import is_readable
from lea_service.staff.models import Approval, ApprovalDecision

ANSWERED = "inquiry.answered"


class InquiryService:
    """Answers what two people ask across demands."""

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions

    def answer(self, actor: Actor, approval_id: str) -> Answer:
        """Return the answer as of now; that it was read is entered first.

        For the two who asked, for a while (``READABLE``). Demands of which the reader may not know
        are no part of it. Raises NotPermitted, NotFound, WrongState, IntegrityFailure.
        """
        permit(actor, Permission.INQUIRY_ASK)
        with self._transactions.begin(actor) as tx:
            row = get_row(tx.session, Inquiry, approval_id, "inquiry")
            _check_asked(tx.session, actor, approval_id)
            if not is_readable(row.agreed_at, tx.now):
                raise WrongState("the time to read this answer is over; two people ask anew")
            tx.record(ANSWERED, SYSTEM_STREAM, facts={"inquiry": approval_id})
        with self._transactions.read(actor) as session:
            search = Search(session, self._transactions.keys, self._transactions.index)
            return search.answer(get_row(session, Inquiry, approval_id, "inquiry"))


def _check_asked(session: Session, actor: Actor, approval_id: str) -> None:
    asked = session.get(Approval, approval_id)
    agreed = session.get(ApprovalDecision, approval_id)
    if asked is None or agreed is None:
        raise NotFound("no such inquiry")
    if actor.id not in {asked.proposed_by, agreed.decided_by}:
        raise NotPermitted(
            "an answer is for the two who asked", permission=str(Permission.INQUIRY_ASK)
        )
