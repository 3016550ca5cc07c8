"""The one two-person mechanism: one person proposes, another decides, each by their own key.

Both sign a statement that names the salted digest of the payload. An approval takes effect in the
transaction of its decision.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from lea_service.kernel.actors import GRANTS, Permission, permit
from lea_service.kernel.canonical import (
    Json,
    dump_canonical,
    encode_b64url,
    load_strict,
    salted_digest,
)
from lea_service.kernel.database import lock_row
from lea_service.kernel.datakeys import DataKeys, open_sealed
from lea_service.kernel.errors import (
    Duplicate,
    IntegrityFailure,
    InvalidInput,
    NotPermitted,
    WrongState,
)
from lea_service.kernel.ids import Ids
from lea_service.kernel.transactions import Transaction
from lea_service.kernel.visibility import is_hidden_from
from lea_service.staff.changes import KINDS
from lea_service.staff.decisions import Decisions
from lea_service.staff.delegations import with_lenders
from lea_service.staff.encoding import decode_b64url
from lea_service.staff.history import (
    Case,
    Signed,
    VerifiedDecision,
    check_pair,
    entry_facts,
)
from lea_service.staff.kinds import KindRule, get_kind
from lea_service.staff.models import Approval, ApprovalDecision, ApprovalEndorsement
from lea_service.staff.queries import (
    Rights,
    find_decision,
    find_rights,
    get_approval,
    list_endorsements,
    load_history,
    lock_accounts,
    signed_in,
)
from lea_service.staff.reasons import Answer, check_answer
from lea_service.staff.root import Root
from lea_service.staff.statement import (
    Act,
    Outcome,
    Statement,
    dump_statement,
    load_statement,
    needed_deciders,
    proof_key,
    verify_proof,
)

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

SALT_BYTES = 16
SIGNING_TIME = timedelta(minutes=15)
"""How old a statement may be when it is handed in."""

_ID = re.compile(r"ap_[0-9a-f]{32}")


def new_approval_id(ids: Ids) -> str:
    """Return the id of an approval that somebody is about to propose."""
    return ids.new("ap")


def new_salt() -> bytes:
    """Return 128 random bits for the digest of a payload."""
    return secrets.token_bytes(SALT_BYTES)


def state_proposal(
    approval: str,
    *,
    by: str,
    kind: str,
    subject: str,
    payload: Json,
    salt: bytes,
    facts: Mapping[str, Json],
    now: datetime,
    beneficiary: str | None = None,
) -> bytes:
    """Return the bytes that the proposer signs."""
    return dump_statement(
        Statement(
            act=Act.PROPOSE,
            approval=approval,
            by=by,
            kind=kind,
            subject=subject,
            digest=salted_digest(salt, payload),
            facts=facts,
            stated_at=now,
            beneficiary=beneficiary,
        )
    )


def state_decision(approval: Approval, *, by: str, answer: Answer, now: datetime) -> bytes:
    """Return the bytes that the decider signs. Raises InvalidInput for what they have to state."""
    check_answer(answer, get_kind(approval.kind).reasons)
    proposal = load_statement(approval.statement)
    return dump_statement(
        Statement(
            act=Act.DECIDE,
            approval=approval.id,
            by=by,
            kind=proposal.kind,
            subject=proposal.subject,
            digest=proposal.digest,
            facts=proposal.facts,
            stated_at=now,
            beneficiary=proposal.beneficiary,
            outcome=answer.outcome,
            reasons=tuple(sorted(answer.reasons)),
            looked_at=tuple(sorted(answer.looked_at)),
            text=answer.text_digest,
        )
    )


def propose(
    tx: Transaction,
    *,
    kind: str,
    subject: str,
    stream: str,
    payload: Json,
    salt: bytes,
    facts: Mapping[str, Json],
    beneficiary: str | None = None,
    proof: Json,
    statement: bytes,
) -> Approval:
    """Take in a signed proposal.

    Raises NotPermitted, InvalidInput (another statement than was prepared, or an old one),
    VerificationFailed (proof), Duplicate.
    """
    rule = get_kind(kind)
    permit(tx.actor, rule.propose)
    given = load_statement(statement)
    wanted = state_proposal(
        given.approval,
        by=tx.actor.id,
        kind=kind,
        subject=subject,
        payload=payload,
        salt=salt,
        facts=facts,
        now=given.stated_at,
        beneficiary=beneficiary,
    )
    _check_statement(statement, wanted, given, tx.now)
    if not _ID.fullmatch(given.approval):
        raise InvalidInput.at("/statement", "expected the approval id that was prepared")
    if tx.session.get(Approval, given.approval) is not None:
        raise Duplicate("this proposal was made before")
    if beneficiary == tx.actor.id:
        raise NotPermitted("nobody proposes a change of their own rights")
    lock_accounts(tx.session, with_lenders(tx.session, [tx.actor.id]))
    signer = _check_right(tx, tx.actor.id, rule.propose)
    verify_proof(proof, statement, signer.key or "", signer.public_key)
    return _add_approval(
        tx, given, stream, {"salt": encode_b64url(salt), "payload": payload}, proof
    )


def _add_approval(
    tx: Transaction, given: Statement, stream: str, sealed: dict[str, Json], proof: Json
) -> Approval:
    approval = Approval(
        id=given.approval,
        kind=given.kind,
        subject=given.subject,
        digest=given.digest,
        payload_sealed=tx.seal(stream, sealed, _label(given.approval)),
        stream=stream,
        proposed_by=given.by,
        proposed_at=given.stated_at,
        beneficiary=given.beneficiary,
        needs_deciders=needed_deciders(given.facts),
        statement=dump_statement(given),
        proof=dump_canonical(proof).decode(),
    )
    tx.session.add(approval)
    tx.session.flush()
    facts = entry_facts(signed_in(approval))
    tx.record("approval.proposed", stream, facts=facts, evidence=[approval], is_timed=True)
    return approval


def decide(
    tx: Transaction,
    approval_id: str,
    *,
    answer: Answer,
    statement: bytes,
    proof: Json,
    root: Root | None,
) -> Approval:
    """Take in another person's signed decision; an approval takes effect at once.

    Where one who agrees is not enough, the decision is that of the last; a return or refusal by
    any of them ends it. The whole chain of signatures is walked back to ``root``; without
    one whoever calls does that afterwards.

    Raises NotFound, NotPermitted, WrongState (decided before, or no longer current), InvalidInput,
    VerificationFailed.
    """
    approval = lock_row(tx.session, Approval, approval_id, "approval")
    rule = get_kind(approval.kind)
    permit(tx.actor, rule.decide)
    if find_decision(tx.session, approval_id) is not None:
        raise WrongState("this approval was decided before")
    if tx.actor.id in {approval.proposed_by, approval.beneficiary}:
        raise NotPermitted("nobody decides on a proposal of their own or about themselves")
    endorsed = list_endorsements(tx.session, approval_id)
    is_approved = answer.outcome is Outcome.APPROVED
    if is_approved and tx.actor.id in {one.endorsed_by for one in endorsed}:
        raise NotPermitted("nobody counts twice for one approval")
    _check_row(approval)
    given = load_statement(statement)
    wanted = state_decision(approval, by=tx.actor.id, answer=answer, now=given.stated_at)
    _check_statement(statement, wanted, given, tx.now)
    check_pair(load_statement(approval.statement), given)
    people = {approval.proposed_by, tx.actor.id, approval.beneficiary or tx.actor.id}
    people |= {one.endorsed_by for one in endorsed}
    lock_accounts(tx.session, with_lenders(tx.session, people))
    decider = _check_right(tx, tx.actor.id, rule.decide)
    verify_proof(proof, statement, decider.key or "", decider.public_key)
    if is_approved:
        _check_agreed(tx, approval, endorsed, rule, given)
        if 1 + len(endorsed) < approval.needs_deciders:
            _add_endorsement(tx, approval, given, proof)
            return approval
        if root is not None:
            agreed = tuple(signed_in(one) for one in endorsed)
            case = Case(approval.id, signed_in(approval), Signed(statement, proof), agreed)
            _check_history(tx, case, rule, root)
    _add_decision(tx, approval, answer, given, proof)
    _take_effect(tx, approval, rule, answer.outcome)
    return approval


def _check_agreed(
    tx: Transaction,
    approval: Approval,
    endorsed: Sequence[ApprovalEndorsement],
    rule: KindRule,
    given: Statement,
) -> None:
    """Check that whoever proposed or agreed before may still, and that this one knows of them."""
    stream = approval.stream
    _check_signer(tx, stream, approval.proposed_by, approval.proof, rule.propose, "proposed")
    for one in endorsed:
        _check_signer(tx, stream, one.endorsed_by, one.proof, rule.decide, "agreed to")
        if one.endorsed_at > given.stated_at:
            raise WrongState("somebody agreed since this was prepared; prepare it anew")


def _check_history(tx: Transaction, case: Case, rule: KindRule, root: Root) -> None:
    """Walk the chain of signatures. Raises VerificationFailed, WrongState."""
    history = load_history(tx.session, root)
    history.verify(case, rule.rule)
    if case.stated[1].kind in KINDS and not history.takes(case):
        raise WrongState("the staff changed since this was proposed; propose it anew")


def _add_endorsement(tx: Transaction, approval: Approval, given: Statement, proof: Json) -> None:
    """Keep that somebody agreed to what takes more than one to decide."""
    row = ApprovalEndorsement(
        approval_id=approval.id,
        endorsed_by=given.by,
        proposed_by=approval.proposed_by,
        endorsed_at=given.stated_at,
        statement=dump_statement(given),
        proof=dump_canonical(proof).decode(),
    )
    tx.session.add(row)
    tx.session.flush()
    facts = entry_facts(signed_in(row))
    tx.record("approval.endorsed", approval.stream, facts=facts, evidence=[row], is_timed=True)


def _add_decision(
    tx: Transaction, approval: Approval, answer: Answer, given: Statement, proof: Json
) -> None:
    decision = ApprovalDecision(
        approval_id=approval.id,
        proposed_by=approval.proposed_by,
        decided_by=given.by,
        outcome=str(given.outcome),
        text_sealed=_seal_text(tx, approval, answer),
        decided_at=given.stated_at,
        statement=dump_statement(given),
        proof=dump_canonical(proof).decode(),
    )
    tx.session.add(decision)
    tx.session.flush()
    facts = entry_facts(signed_in(decision))
    tx.record("approval.decided", approval.stream, facts=facts, evidence=[decision], is_timed=True)


def _seal_text(tx: Transaction, approval: Approval, answer: Answer) -> bytes | None:
    if answer.text is None:
        return None
    told: Json = {"salt": encode_b64url(answer.salt), "text": answer.text}
    return tx.seal(approval.stream, told, text_label(approval.id))


def open_text_of(tx: Transaction, approval: Approval, decision: ApprovalDecision) -> str | None:
    """Return what was told of a return or refusal. Raises IntegrityFailure, Unavailable."""
    if decision.text_sealed is None:
        return None
    opened: Any = tx.open(approval.stream, decision.text_sealed, text_label(approval.id))
    digest = salted_digest(decode_b64url(opened["salt"], "/salt"), opened["text"])
    if digest != load_statement(decision.statement).text:
        raise IntegrityFailure("the text of a decision is not the one that was signed")
    return str(opened["text"])


def text_label(approval_id: str) -> str:
    """Return what the sealed text of a decision is bound to."""
    return f"decision/{approval_id}"


def _take_effect(tx: Transaction, approval: Approval, rule: KindRule, outcome: Outcome) -> None:
    effect = rule.apply if outcome is Outcome.APPROVED else rule.decline
    if effect is not None:
        effect(tx, approval, open_payload(tx, approval)[1])


def open_payload(tx: Transaction, approval: Approval) -> tuple[str, Json]:
    """Return salt (base64url) and payload of an approval. Raises IntegrityFailure, Unavailable."""
    return check_payload(
        approval, tx.open(approval.stream, approval.payload_sealed, label(approval))
    )


def read_payload(session: Session, keys: DataKeys, approval_id: str) -> Json:
    """Return the payload that was signed. Raises NotFound, IntegrityFailure, Unavailable."""
    row = get_approval(session, approval_id)
    opened = open_sealed(session, keys, row.stream, row.payload_sealed, _label(row.id))
    return check_payload(row, opened)[1]


def label(approval: Approval) -> str:
    """Return what the sealed payload is bound to."""
    return _label(approval.id)


def check_payload(approval: Approval, opened: Json) -> tuple[str, Json]:
    """Return salt and payload if they are those that were signed. Raises IntegrityFailure."""
    if not isinstance(opened, dict) or set(opened) != {"salt", "payload"}:
        raise IntegrityFailure("an approval does not hold its payload")
    salt = str(opened["salt"])
    if salted_digest(decode_b64url(salt, "/salt"), opened["payload"]) != approval.digest:
        raise IntegrityFailure("the payload of an approval is not the one that was signed")
    return salt, opened["payload"]


def _check_row(approval: Approval) -> None:
    signed = load_statement(approval.statement)
    said = (signed.kind, signed.subject, signed.digest, signed.by, signed.beneficiary)
    row = (approval.kind, approval.subject, approval.digest)
    is_said = said == (*row, approval.proposed_by, approval.beneficiary)
    if not is_said or needed_deciders(signed.facts) != approval.needs_deciders:
        raise IntegrityFailure("an approval's row says something else than was signed")


def _check_statement(given_bytes: bytes, wanted: bytes, given: Statement, now: datetime) -> None:
    if given_bytes != wanted:
        raise InvalidInput.at("/statement", "expected the statement exactly as it was prepared")
    if not now - SIGNING_TIME <= given.stated_at <= now:
        raise InvalidInput.at("/statement", "expected a statement prepared within 15 minutes")


def _check_right(tx: Transaction, account: str, permission: Permission) -> Rights:
    """Look at the person's rights now, not as they were when the request came in."""
    rights = find_rights(tx.session, account, tx.now)
    if rights is None or not any(permission in GRANTS[role] for role in rights.roles):
        raise NotPermitted(f"needs the permission {permission}", permission=str(permission))
    return rights


def _check_signer(
    tx: Transaction, stream: str, account: str, proof: str, permission: Permission, did: str
) -> None:
    """Check that whoever signed before has the right to it still, the key, and may know of it."""
    lost = f"whoever {did} this no longer has the right to"
    if is_hidden_from(tx.session, stream, account, tx.now):
        raise WrongState(lost)
    try:
        rights = _check_right(tx, account, permission)
    except NotPermitted as err:
        raise WrongState(lost) from err
    if proof_key(load_strict(proof)) != rights.key:
        raise WrongState(f"whoever {did} this has another key now")


def _label(approval_id: str) -> str:
    return f"approval/{approval_id}"


def verify_decision(session: Session, approval_id: str, *, root: Root) -> VerifiedDecision:
    """Prove that two people with the right to it approved, or refuse.

    Both statements must verify under keys whose enrolment leads back to ``root``, both people must
    have held their roles, and the log must hold these very rows. Raises NotFound,
    VerificationFailed, IntegrityFailure (root and log differ).
    """
    return Decisions(session, root).verify(approval_id)
