"""A question across demands is asked by two people."""

from __future__ import annotations

from typing import Any, cast

from lea_service.kernel.actors import Permission
from lea_service.kernel.canonical import Json
from lea_service.kernel.transactions import SYSTEM_STREAM, Transaction
from lea_service.oversight.approval import digests_of, related_to
from lea_service.oversight.inquiries.models import Inquiry
from lea_service.oversight.inquiries.queries import check_known
from lea_service.oversight.inquiries.rules import Question
from lea_service.oversight.inquiries.schemas import InquiryRequest
from lea_service.staff.kinds import Drafted, KindRule, register_kind
from lea_service.staff.models import Approval
from lea_service.web.schemas import load_form

KIND = "oversight.inquiry"
AGREED = "inquiry.agreed"


def draft(tx: Transaction, request: Json) -> Drafted:
    """Draft an inquiry. Raises InvalidInput, NotFound."""
    asked = load_form(InquiryRequest, request)
    digests_of(tx.index, asked["identifiers"])
    if asked["about"] is not None:
        check_known(tx.session, Question(asked["question"]), asked["about"])
    facts: dict[str, Json] = {
        "question": asked["question"],
        "about": asked["about"],
        "count": len(asked["identifiers"]),
    }
    return Drafted(asked["question"], SYSTEM_STREAM, asked, facts, request)


def apply(tx: Transaction, approval: Approval, payload: Json) -> None:
    """Keep by what it is answered: of a subscriber all that is theirs, by the records.

    Raises Unavailable where those cannot be read.
    """
    asked = cast("dict[str, Any]", payload)
    identifiers = asked["identifiers"]
    digests = {*digests_of(tx.index, identifiers), *related_to(tx, identifiers)}
    row = Inquiry(
        approval_id=approval.id,
        question=asked["question"],
        about=asked["about"],
        digests=sorted(digests),
        agreed_at=tx.now,
    )
    tx.session.add(row)
    tx.session.flush()
    facts: dict[str, Json] = {"inquiry": approval.id, "question": row.question, "about": row.about}
    tx.record(AGREED, SYSTEM_STREAM, facts=facts, evidence=[row])


register_kind(KindRule(KIND, Permission.INQUIRY_ASK, Permission.INQUIRY_AGREE, apply, draft=draft))
