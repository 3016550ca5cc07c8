"""An entry of the register of processing systems stands when a second person agrees."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from lea_service.kernel.actors import Permission
from lea_service.kernel.canonical import Json
from lea_service.kernel.clock import day_of
from lea_service.kernel.errors import InvalidInput, WrongState
from lea_service.kernel.transactions import RECORDS_STREAM, Transaction
from lea_service.retention.processing.document import dump_document
from lea_service.retention.processing.models import ProcessingSystem
from lea_service.retention.processing.queries import ENTERED, find_newest
from lea_service.retention.processing.schemas import EntryRequestSchema
from lea_service.retention.queries import get_system
from lea_service.staff.kinds import Drafted, KindRule, register_kind
from lea_service.staff.models import Approval
from lea_service.web.schemas import load_form

KIND = "processing.system"


def draft(tx: Transaction, request: Json) -> Drafted:
    """Check a proposed entry and number it. Raises InvalidInput, NotFound, WrongState."""
    form = _load(tx, request)
    following = _following(tx, form["code"])
    if form["generation"] not in {None, following}:
        raise WrongState("another entry of this code came in between")
    form["generation"] = following
    payload = {**form, "reviewed_on": form["reviewed_on"].isoformat()}
    return Drafted(form["code"], RECORDS_STREAM, payload, _facts(form), dict(payload))


def apply(tx: Transaction, approval: Approval, payload: Json) -> None:
    """Enter an approved entry; it replaces the one of its code before it."""
    form = _load(tx, payload)
    if form["generation"] != _following(tx, form["code"]):
        raise WrongState("another entry of this code came in between")
    row = ProcessingSystem(
        code=form["code"],
        generation=form["generation"],
        document=dump_document(form),
        approval_id=approval.id,
        set_at=tx.now,
    )
    tx.session.add(row)
    tx.session.flush()
    facts = {**_facts(form), "approval": approval.id}
    tx.record(ENTERED, RECORDS_STREAM, facts=facts, evidence=[row])


def _load(tx: Transaction, request: Json) -> Any:
    form = load_form(EntryRequestSchema, request)
    if form["source"] is not None:
        get_system(tx.session, form["source"])
    if form["reviewed_on"] > day_of(tx.now):
        raise InvalidInput.at("/reviewed_on", "expected a day that is not in the future")
    return form


def _following(tx: Transaction, code: str) -> int:
    newest = find_newest(tx.session, code)
    return 1 if newest is None else newest.generation + 1


def _facts(form: Any) -> dict[str, Json]:
    """Return what is signed in the open: which entry, and the digest of its document."""
    digest = sha256(dump_document(form).encode()).hexdigest()
    return {"code": form["code"], "generation": form["generation"], "sha256": digest}


register_kind(
    KindRule(KIND, Permission.RETENTION_PROPOSE, Permission.RETENTION_DECIDE, apply, draft=draft)
)
