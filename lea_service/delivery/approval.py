"""What takes two people at the hand-over: a token for a named person of an agency."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, cast

from lea_service.agencies.models import AgencyPerson
from lea_service.agencies.queries import is_suspended
from lea_service.agencies.rules import check_not_suspended
from lea_service.delivery.models import ReceiverToken
from lea_service.delivery.schemas import TokenRequest
from lea_service.kernel.actors import Permission
from lea_service.kernel.canonical import Json
from lea_service.kernel.database import get_row
from lea_service.kernel.errors import Duplicate
from lea_service.kernel.transactions import Transaction
from lea_service.staff.kinds import Drafted, KindRule, register_kind
from lea_service.staff.models import Approval
from lea_service.web.schemas import load_form

RECEIVER_TOKEN = "delivery.receiver_token"  # noqa: S105 the name of a kind


def draft_token(tx: Transaction, request: Json) -> Drafted:
    """Draft a token for a person. Raises InvalidInput, NotFound, WrongState."""
    wanted = load_form(TokenRequest, request)
    wanted["token"] = wanted["token"] or tx.ids.new("tk")
    agency = _check_person(tx, wanted["person"])
    return Drafted(
        subject=wanted["person"],
        stream=agency,
        payload=wanted,
        facts={"token": wanted["token"], "days": wanted["days"]},
        request=cast("dict[str, Json]", request) | {"token": wanted["token"]},
    )


def apply_token(tx: Transaction, approval: Approval, payload: Json) -> None:
    """Grant the token; nobody has it yet: the person claims it with a code."""
    wanted = cast("dict[str, Any]", payload)
    agency = _check_person(tx, wanted["person"])
    if tx.session.get(ReceiverToken, wanted["token"]) is not None:
        raise Duplicate("this token was granted before")
    row = ReceiverToken(
        id=wanted["token"],
        person_id=wanted["person"],
        agency_id=agency,
        approval_id=approval.id,
        granted_at=tx.now,
        expires_at=tx.now + timedelta(days=wanted["days"]),
    )
    tx.session.add(row)
    tx.session.flush()
    facts: dict[str, Json] = {
        "approval": approval.id,
        "days": wanted["days"],
        "person": row.person_id,
        "token": row.id,
    }
    tx.record("receiver.token_issued", agency, facts=facts)


def _check_person(tx: Transaction, person_id: str) -> str:
    person = get_row(tx.session, AgencyPerson, person_id, "person")
    check_not_suspended(is_suspended(tx.session, person_id), "person")
    return person.agency_id


register_kind(
    KindRule(
        RECEIVER_TOKEN,
        propose=Permission.AGENCY_PROPOSE,
        decide=Permission.AGENCY_DECIDE,
        apply=apply_token,
        draft=draft_token,
    )
)
