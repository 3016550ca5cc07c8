"""What takes two people: to let go of what is kept before its term ends."""

from __future__ import annotations

from lea_service.kernel.actors import Permission
from lea_service.kernel.canonical import Json
from lea_service.kernel.transactions import Transaction
from lea_service.legal.preservation.changes import check_kept, release
from lea_service.legal.preservation.schemas import ReleaseRequest
from lea_service.staff.kinds import Drafted, KindRule, register_kind
from lea_service.staff.models import Approval
from lea_service.web.schemas import load_form

RELEASE = "preservation.release"


def draft_release(tx: Transaction, request: Json) -> Drafted:
    """Draft the release of what is kept on a demand. Raises InvalidInput, NotFound, WrongState."""
    wanted = load_form(ReleaseRequest, request)
    check_kept(tx, wanted["demand"])
    facts: dict[str, Json] = {"ground": wanted["ground"]}
    return Drafted(wanted["demand"], wanted["demand"], wanted, facts, dict(wanted))


def apply_release(tx: Transaction, approval: Approval, payload: Json) -> None:
    """Let go of what is kept. Raises WrongState when nothing is any more."""
    wanted = load_form(ReleaseRequest, payload)
    disclose: dict[str, Json] = {"reason": wanted["reason"]}
    facts: dict[str, Json] = {"approval": approval.id}
    release(tx, wanted["demand"], wanted["ground"], facts=facts, disclose=disclose)


register_kind(
    KindRule(
        RELEASE,
        propose=Permission.PRESERVATION_KEEP,
        decide=Permission.PRESERVATION_LIFT,
        apply=apply_release,
        draft=draft_release,
    )
)
