"""A policy of authenticity takes effect when a second person agrees."""

from __future__ import annotations

from typing import Any

from lea_service.custody.events import Setting
from lea_service.kernel.actors import Permission
from lea_service.kernel.canonical import Json
from lea_service.kernel.errors import WrongState
from lea_service.kernel.transactions import SYSTEM_STREAM, Transaction
from lea_service.legal.authenticity.models import AuthenticityPolicy
from lea_service.legal.authenticity.policy import Policy, read_policy
from lea_service.legal.authenticity.queries import find_policy_row
from lea_service.legal.authenticity.schemas import AuthenticityPolicyRequest
from lea_service.staff.kinds import Drafted, KindRule, register_kind
from lea_service.staff.models import Approval
from lea_service.web.schemas import load_form, within

KIND = "legal.authenticity_policy"
SUBJECT = "authenticity_policy"
POLICY_SET: Setting = "policy.authenticity_set"


def draft(tx: Transaction, request: Json) -> Drafted:
    """Check a proposed policy and number it. Raises InvalidInput, WrongState."""
    wanted = load_form(AuthenticityPolicyRequest, request)
    policy = _read(tx, wanted)
    completed: dict[str, Json] = {"policy": wanted["policy"], "version": policy.version}
    facts: dict[str, Json] = {"version": policy.version, "digest": policy.digest}
    return Drafted(SUBJECT, SYSTEM_STREAM, completed, facts, dict(completed))


def apply(tx: Transaction, approval: Approval, payload: Json) -> None:
    """Put an approved policy into force; demands that wait are judged by it from now on."""
    wanted = load_form(AuthenticityPolicyRequest, payload)
    policy = _read(tx, wanted)
    row = AuthenticityPolicy(
        version=policy.version,
        document=wanted["policy"],
        digest=policy.digest,
        approval_id=approval.id,
        set_at=tx.now,
    )
    tx.session.add(row)
    tx.session.flush()
    facts: dict[str, Json] = {
        "version": policy.version,
        "digest": policy.digest,
        "approval": approval.id,
    }
    tx.record(POLICY_SET, SYSTEM_STREAM, facts=facts, evidence=[row])


def _read(tx: Transaction, wanted: dict[str, Any]) -> Policy:
    present = find_policy_row(tx.session)
    following = 1 if present is None else present.version + 1
    if wanted["version"] not in {None, following}:
        raise WrongState("another policy came in between")
    with within("/policy"):
        return read_policy(wanted["policy"], following)


register_kind(
    KindRule(KIND, Permission.POLICY_PROPOSE, Permission.POLICY_DECIDE, apply, draft=draft)
)
