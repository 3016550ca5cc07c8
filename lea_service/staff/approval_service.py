"""Use cases of approvals, the same for every kind: prepare, propose, decide, look."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy.exc import IntegrityError

from lea_service.custody.looks import Looks
from lea_service.custody.queries import check_on_time
from lea_service.kernel.actors import Actor, Permission, permit
from lea_service.kernel.canonical import Json
from lea_service.kernel.datakeys import FILE
from lea_service.kernel.errors import Duplicate, NotFound
from lea_service.kernel.transactions import SYSTEM_STREAM, Transaction, Transactions
from lea_service.staff import approval as _staff_kinds  # noqa: F401 declares them
from lea_service.staff.approvals import (
    check_payload,
    decide,
    label,
    new_approval_id,
    new_salt,
    open_text_of,
    propose,
    state_decision,
    state_proposal,
)
from lea_service.staff.kinds import Drafted, KindRule, decidable_kinds, get_kind, readable_kinds
from lea_service.staff.models import Approval
from lea_service.staff.queries import (
    ApprovalView,
    find_decision,
    get_approval,
    list_endorsements,
    list_pending,
    view_approval,
)
from lea_service.staff.reasons import Answer, Reasons
from lea_service.staff.root import Root
from lea_service.staff.statement import load_statement
from lea_service.web.schemas import within


@dataclass(frozen=True, slots=True)
class Prepared:
    """What a proposer signs (``statement``) and hands in again, with the proof."""

    kind: str
    request: Json
    payload: Json
    salt: bytes
    statement: bytes


@dataclass(frozen=True, slots=True)
class OpenedApproval:
    """An approval with all that was signed: its public facts, and the payload with its salt.

    ``states`` is what a decision on it states, ``text`` what was told of a return or refusal.
    """

    view: ApprovalView
    facts: Mapping[str, Json]
    payload: Json
    salt: str
    states: Reasons
    text: str | None = None


class ApprovalService:
    """The one two-person mechanism, as people use it."""

    def __init__(
        self, transactions: Transactions, looks: Looks, load_root: Callable[[], Root]
    ) -> None:
        self._transactions = transactions
        self._looks = looks
        self._load_root = load_root

    def prepare(self, actor: Actor, kind: str, request: Json) -> Prepared:
        """Return the statement that ``actor`` would sign; nothing is kept.

        A look at the document that it is about is entered first. Raises NotPermitted, NotFound
        (kind, subject), InvalidInput, WrongState, Unavailable (a clock behind the log).
        """
        rule = _permitted(actor, kind)
        with self._transactions.begin(actor) as tx:
            check_on_time(tx.session, tx.now)
            drafted = _draft(rule, tx, request)
            salt = drafted.salt or new_salt()
            statement = state_proposal(
                new_approval_id(tx.ids),
                by=actor.id,
                kind=kind,
                subject=drafted.subject,
                payload=drafted.payload,
                salt=salt,
                facts=drafted.signed_facts,
                now=tx.now,
                beneficiary=drafted.beneficiary,
            )
        if drafted.salt is not None:  # a document of ours, and no words of the one who asks
            view = f"preparation/{drafted.subject}"
            self._looks.note(actor, drafted.stream, view, "approval.viewed")
        return Prepared(kind, drafted.request, drafted.payload, salt, statement)

    def propose(
        self, actor: Actor, kind: str, request: Json, *, salt: bytes, statement: bytes, proof: Json
    ) -> ApprovalView:
        """Take in what was prepared, signed. Raises as ``prepare`` and ``approvals.propose`` do."""
        rule = _permitted(actor, kind)
        with _first(), self._transactions.begin(actor) as tx:
            drafted = _draft(rule, tx, request)
            if not tx.keys.exists(tx.session, drafted.stream):
                tx.new_key(drafted.stream, FILE)
            approval = propose(
                tx,
                kind=kind,
                subject=drafted.subject,
                stream=drafted.stream,
                payload=drafted.payload,
                salt=drafted.salt or salt,
                facts=drafted.signed_facts,
                beneficiary=drafted.beneficiary,
                proof=proof,
                statement=statement,
            )
            return view_approval(approval, None)

    def prepare_decision(self, actor: Actor, approval_id: str, answer: Answer) -> bytes:
        """Return the statement that ``actor`` would sign to decide; nothing is kept.

        Raises NotPermitted, NotFound, InvalidInput, Unavailable (a clock behind the log).
        """
        with self._transactions.read(actor) as session:
            approval = get_approval(session, approval_id)
            permit(actor, get_kind(approval.kind).decide)
            now = self._transactions.clock.now()
            check_on_time(session, now)
        return state_decision(approval, by=actor.id, answer=answer, now=now)

    def decide(
        self,
        actor: Actor,
        approval_id: str,
        *,
        answer: Answer,
        statement: bytes,
        proof: Json,
    ) -> ApprovalView:
        """Take in a signed decision; the chain of signatures is walked back to the root."""
        root = self._load_root()
        with _first(), self._transactions.begin(actor) as tx:
            approval = decide(
                tx, approval_id, answer=answer, statement=statement, proof=proof, root=root
            )
            return _view(tx, approval)

    def list_pending(
        self, actor: Actor, after: str | None, limit: int, *, everything: bool = False
    ) -> list[ApprovalView]:
        """Return what waits for the decision of the actor.

        With ``everything`` whatever waits for somebody's, of the kinds that the actor may see.
        """
        permit(actor, Permission.STAFF_SELF)
        kinds = readable_kinds(actor) if everything else decidable_kinds(actor)
        self._looks.note(actor, SYSTEM_STREAM, "approvals", "approval.listed")
        with self._transactions.read(actor) as session:
            decider = None if everything else actor.id
            return list_pending(session, kinds, after, limit, decider)

    def open(self, actor: Actor, approval_id: str) -> OpenedApproval:
        """Return an approval with its payload; the look is entered first. Raises NotFound."""
        with self._transactions.read(actor) as session:
            approval = get_approval(session, approval_id)
        if approval.kind not in readable_kinds(actor):
            permit(actor, get_kind(approval.kind).decide)
        self._looks.note(actor, approval.stream, f"approval/{approval.id}", "approval.viewed")
        with self._transactions.begin(actor) as tx:
            found = get_approval(tx.session, approval_id)
            opened = tx.open(found.stream, found.payload_sealed, label(found))
            salt, payload = check_payload(found, opened)
            decision = find_decision(tx.session, found.id)
            return OpenedApproval(
                view=_view(tx, found),
                facts=load_statement(found.statement).facts,
                payload=payload,
                salt=salt,
                states=get_kind(found.kind).reasons,
                text=open_text_of(tx, found, decision) if decision else None,
            )


def _view(tx: Transaction, approval: Approval) -> ApprovalView:
    endorsements = list_endorsements(tx.session, approval.id)
    return view_approval(approval, find_decision(tx.session, approval.id), endorsements)


@contextmanager
def _first() -> Iterator[None]:
    """Turn a lost race for something that exists once into a Duplicate."""
    try:
        yield
    except IntegrityError as err:
        raise Duplicate("somebody else did the same at this moment; look and try again") from err


def _permitted(actor: Actor, kind: str) -> KindRule:
    rule = get_kind(kind)
    permit(actor, rule.propose)
    return rule


def _draft(rule: KindRule, tx: Transaction, request: Json) -> Drafted:
    if rule.draft is None:
        raise NotFound(f"approvals of the kind {rule.kind} are not proposed by request")
    with within("/request"):
        return rule.draft(tx, request)
