"""A decision on its way elsewhere, with everything its signatures rest on, and verified there."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from lea_service.kernel.canonical import Json
from lea_service.kernel.clock import format_instant, parse_instant
from lea_service.kernel.errors import LeaError, NotFound, VerificationFailed, WrongState
from lea_service.staff.history import (
    Case,
    Exported,
    History,
    Signed,
    Suspension,
    VerifiedDecision,
    needed_people,
    suspensions_among,
)
from lea_service.staff.kinds import get_kind
from lea_service.staff.queries import (
    find_decided_index,
    get_approval,
    list_staff_cases,
    list_suspensions,
    load_case,
)
from lea_service.staff.root import Root

EXPORT_FORMAT = "lea.decision/1"


def export_decision(session: Session, approval_id: str) -> dict[str, Json]:
    """Return an approval with everything its signatures rest on, to be verified elsewhere.

    That is what the log held when it was decided, of the people behind it and of nobody else.
    """
    get_approval(session, approval_id)
    case, index = load_case(session, approval_id), find_decided_index(session, approval_id)
    if case is None or index is None:
        raise WrongState("this approval was not decided")
    cases = list_staff_cases(session, before=index)
    needed = needed_people(case, cases)
    suspensions: list[Json] = [
        {"id": item.id, "account": item.account, "since": format_instant(item.since)}
        for account in sorted(needed)
        for item in list_suspensions(session, account, before=index)
    ]
    return {
        "format": EXPORT_FORMAT,
        "approval": _dump_case(case),
        "chain": [_dump_case(item) for item in cases if item.stated[0].subject in needed],
        "suspensions": suspensions,
    }


def load_exported(exported: Any) -> Exported:
    """Read what ``export_decision`` wrote. Raises VerificationFailed."""
    try:
        if exported["format"] != EXPORT_FORMAT:
            raise VerificationFailed(f"expected {EXPORT_FORMAT}")
        return Exported(
            case=_parse_case(exported["approval"]),
            chain=tuple(_parse_case(item) for item in exported["chain"]),
            suspensions=tuple(
                Suspension(item["id"], item["account"], parse_instant(item["since"]))
                for item in exported["suspensions"]
            ),
        )
    except VerificationFailed:
        raise
    except (KeyError, TypeError, AttributeError, LeaError) as err:
        raise VerificationFailed("expected an exported decision") from err


def verify_exported(
    exported: Any, root: Root, *, entered: datetime | None = None
) -> VerifiedDecision:
    """Verify what ``export_decision`` wrote, without a database. Raises VerificationFailed.

    ``entered`` is when the log took the decision in: both people must have had their rights then
    as well, or somebody who lost them could state an earlier time.
    """
    found = load_exported(exported)
    history = History(root, suspensions_among(found.suspensions))
    history.replay(found.chain)
    try:
        rule = get_kind(found.case.stated[1].kind).rule
    except NotFound as err:
        raise VerificationFailed("the decision is of an unknown kind") from err
    decision = history.verify(found.case, rule)
    if entered is not None:
        history.check_signers(found.case, rule, entered)
    return decision


def _dump_case(case: Case) -> dict[str, Json]:
    agreed = case.endorsements
    return {
        "id": case.approval,
        "proposal": _dump_signed(case.proposal),
        "decision": _dump_signed(case.decision),
        **({"endorsements": [_dump_signed(one) for one in agreed]} if agreed else {}),
    }


def _dump_signed(signed: Signed) -> Json:
    return {"statement": signed.statement.decode(), "proof": signed.proof}


def _parse_case(value: Mapping[str, Any]) -> Case:
    proposal, decision, *agreed = (
        Signed(one["statement"].encode(), one["proof"])
        for one in (value["proposal"], value["decision"], *value.get("endorsements", ()))
    )
    return Case(value["id"], proposal, decision, tuple(agreed))
