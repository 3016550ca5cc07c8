"""Replays every signed change of staff from the two founders, and judges decisions by it.

Nothing here trusts a row: an approval counts when both statements verify under keys that were
themselves enrolled by approvals that count, ending in the pinned root. Changes are replayed in the
order of their decisions, each against what was verified before it, so no cycle can carry itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from lea_service.kernel.actors import GRANTS, Permission, Role
from lea_service.kernel.canonical import Json, canonical_digest
from lea_service.kernel.errors import InvalidInput, VerificationFailed
from lea_service.staff.changes import (
    KINDS,
    LIFT,
    Standing,
    find_lender,
    follow,
    found,
)
from lea_service.staff.root import Root
from lea_service.staff.rules import is_cleared, with_lent
from lea_service.staff.statement import (
    Act,
    Outcome,
    Statement,
    load_statement,
    needed_deciders,
    proof_key,
    verify_proof,
)

Signers = tuple[str, ...]
"""Who proposed, who decided, and who else agreed."""

LOG_DELAY = timedelta(minutes=20)
"""A statement is entered in the log at most so long after the time it states."""


@dataclass(frozen=True, slots=True)
class Signed:
    """The bytes of a statement with the proof over them."""

    statement: bytes
    proof: Json

    @property
    def digest(self) -> str:
        """Return what the log's entry holds of it; no guess leads there, a signature is in it.

        Base64url(SHA-256(canonical JSON of statement and proof)).
        """
        value: Json = {"statement": self.statement.decode(), "proof": self.proof}
        return canonical_digest(value)


@dataclass(frozen=True, slots=True)
class Case:
    """One approval as evidence: what was proposed and what was decided.

    ``endorsements`` are by whoever agreed before the decision, where one is not enough.
    """

    approval: str
    proposal: Signed
    decision: Signed
    endorsements: tuple[Signed, ...] = ()

    @property
    def stated(self) -> tuple[Statement, Statement]:
        """Return both statements. Raises VerificationFailed."""
        read = _read(self)
        return read.proposal, read.decision

    @property
    def agreeing(self) -> tuple[Signed, ...]:
        """Return what was signed by those who agreed, the one who decided first."""
        return self.decision, *self.endorsements


@dataclass(frozen=True, slots=True)
class Suspension:
    """Somebody's rights were stopped at ``since``, until a change lifts it."""

    id: str
    account: str
    since: datetime


Suspensions = Callable[[str], Sequence[Suspension]]
"""Tells the suspensions of one account, when they are first asked for."""


def suspensions_among(found: Iterable[Suspension]) -> Suspensions:
    """Return what tells of an account those of ``found`` that are about it."""
    known = tuple(found)
    return lambda account: [item for item in known if item.account == account]


@dataclass(frozen=True, slots=True)
class Exported:
    """A decision on its way elsewhere: with the changes and suspensions of staff it rests on."""

    case: Case
    chain: tuple[Case, ...]
    suspensions: tuple[Suspension, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """Who may propose and who may decide approvals of one kind.

    ``looked_at`` is what whoever approves states to have looked at, as codes in order.
    """

    propose: Permission
    decide: Permission
    looked_at: tuple[str, ...] = ()


STAFF_RULE = Rule(Permission.STAFF_PROPOSE, Permission.STAFF_DECIDE)


@dataclass(frozen=True, slots=True)
class VerifiedDecision:
    """A decision that two people with the right to it really made."""

    approval: str
    kind: str
    subject: str
    digest: str
    facts: Mapping[str, Json]
    proposed_by: str
    proposed_at: datetime
    decided_by: str
    decided_at: datetime
    looked_at: tuple[str, ...] = ()
    endorsed_by: tuple[str, ...] = ()

    @property
    def deciders(self) -> int:
        """Return how many people agreed, beside the proposer."""
        return 1 + len(self.endorsed_by)


@dataclass(frozen=True, slots=True)
class _Read:
    """A case with its statements parsed."""

    case: Case
    proposal: Statement
    decision: Statement
    endorsements: tuple[Statement, ...] = ()


@dataclass
class History:
    """The standing of every person at every instant, as far as signatures prove it."""

    root: Root
    suspensions: Suspensions
    accepted: list[Case] = field(default_factory=list)
    rejected: list[str] = field(default_factory=list)
    _standings: dict[str, list[Standing]] = field(default_factory=dict)
    _keys: set[str] = field(default_factory=set)
    _people: set[str] = field(default_factory=set)
    _lifted: dict[str, datetime] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for founder in self.root.founders:
            self._add(found(founder, self.root.made_at))

    @property
    def accounts(self) -> frozenset[str]:
        """Return everybody who was ever let in."""
        return frozenset(self._standings)

    def standing(self, account: str, at: datetime) -> Standing | None:
        """Return the person's last proven standing at ``at``."""
        known = [item for item in self._standings.get(account, ()) if item.since <= at]
        return known[-1] if known else None

    def roles(self, account: str, at: datetime) -> frozenset[Role]:
        """Return the roles that count at ``at``: none when suspended or a clearance lapsed."""
        standing = self._counting(account, at)
        if standing is None:
            return frozenset()
        lent = standing.delegations
        return with_lent(standing.roles, lent, at, lambda of: self._own_roles(of, at))

    def _own_roles(self, account: str, at: datetime) -> frozenset[Role]:
        standing = self._counting(account, at)
        return standing.roles if standing else frozenset()

    def _counting(self, account: str, at: datetime) -> Standing | None:
        standing = self.standing(account, at)
        if standing is None or self.is_suspended(account, at):
            return None
        counts = standing.engagement.covers(at) and is_cleared(standing.clearances, at)
        return standing if counts else None

    def is_suspended(self, account: str, at: datetime) -> bool:
        """Say whether a suspension of the person is open at ``at``."""
        return any(
            item.since <= at and (item.id not in self._lifted or at < self._lifted[item.id])
            for item in self.suspensions(account)
        )

    def check_right(self, account: str, permission: Permission, at: datetime) -> Standing:
        """Return the standing of a person who has ``permission``. Raises VerificationFailed."""
        standing = self.standing(account, at)
        roles = self.roles(account, at)
        if standing is None or not any(permission in GRANTS[role] for role in roles):
            raise VerificationFailed(f"{account} had no proven right to {permission} at that time")
        return standing

    def verify(self, case: Case, rule: Rule) -> VerifiedDecision:
        """Judge one case as approved by two people, or as many as it takes.

        Raises VerificationFailed.
        """
        read = _read(case)
        self._verify(read, rule)
        return _verified(read)

    def check_signers(self, case: Case, rule: Rule, at: datetime) -> None:
        """Check that all had their rights, and the keys they used, at ``at`` as well.

        Raises VerificationFailed.
        """
        read = _read(case)
        agreed = zip((read.decision, *read.endorsements), case.agreeing, strict=True)
        for statement, signed, permission in (
            (read.proposal, case.proposal, rule.propose),
            *((statement, signed, rule.decide) for statement, signed in agreed),
        ):
            standing = self.check_right(statement.by, permission, at)
            if proof_key(signed.proof) != standing.key:
                raise VerificationFailed(f"{statement.by} had another key at that time")

    def takes(self, case: Case) -> bool:
        """Take in one more change of staff; False when it does not follow from what is proven."""
        self.replay([case])
        return case.approval not in self.rejected

    def replay(self, cases: Iterable[Case]) -> None:
        """Take in every staff change that proves itself; the others are listed as rejected."""
        readable = sorted(self._readable(cases), key=_order)
        for _, group in groupby(readable, key=lambda read: read.decision.stated_at):
            self._settle(list(group))

    def _readable(self, cases: Iterable[Case]) -> Iterator[_Read]:
        for case in cases:
            try:
                read = _read(case)
            except VerificationFailed:
                self.rejected.append(case.approval)
                continue
            yield read

    def _settle(self, group: list[_Read]) -> None:
        """Take in changes of one instant; one may rest on another, so go on while any is new."""
        waiting = group
        while waiting:
            left = [read for read in waiting if not self._take(read)]
            if len(left) == len(waiting):
                break
            waiting = left
        self.rejected += [read.case.approval for read in waiting]

    def _take(self, read: _Read) -> bool:
        try:
            self._verify(read, STAFF_RULE)
            self._apply(read.decision)
        except VerificationFailed:
            return False
        self.accepted.append(read.case)
        return True

    def _verify(self, read: _Read, rule: Rule) -> None:
        proposal, decision = read.proposal, read.decision
        self.check_right(proposal.by, rule.propose, proposal.stated_at)
        # Rights that ended between proposal and decision end the proposal as well.
        proposer = self.check_right(proposal.by, rule.propose, decision.stated_at)
        decider = self.check_right(decision.by, rule.decide, decision.stated_at)
        for one in read.endorsements:
            self.check_right(one.by, rule.decide, one.stated_at)
        others = [
            self.check_right(one.by, rule.decide, decision.stated_at) for one in read.endorsements
        ]
        # Two accounts are two people with two keys: ``_add`` takes in no other account.
        signers = [proposer, decider, *others]
        for signed, signer in zip((read.case.proposal, *read.case.agreeing), signers, strict=True):
            verify_proof(signed.proof, signed.statement, signer.key, signer.public_key)
        if any(one.looked_at != rule.looked_at for one in (decision, *read.endorsements)):
            raise VerificationFailed("whoever approved did not state all that has to be looked at")

    def _apply(self, decision: Statement) -> None:
        account = str(decision.facts.get("account"))
        if decision.kind not in KINDS or decision.beneficiary != account:
            raise VerificationFailed("the change does not name its beneficiary")
        if decision.subject != account:
            raise VerificationFailed("the change does not name its subject")
        before = self._standings.get(account, [None])[-1]
        after = follow(before, decision.kind, decision.facts, decision.stated_at)
        if decision.kind == LIFT:
            self._lift(account, decision.facts, decision.stated_at)
        self._add(after)

    def _lift(self, account: str, facts: Mapping[str, Any], at: datetime) -> None:
        ids = {item.id for item in self.suspensions(account) if item.since <= at}
        if facts["suspension"] not in ids:
            raise VerificationFailed("the change lifts a suspension that is not there")
        self._lifted[str(facts["suspension"])] = at

    def _add(self, standing: Standing) -> None:
        own = self._standings.setdefault(standing.account, [])
        is_new_key = not own or own[-1].public_key != standing.public_key
        if is_new_key and standing.key in self._keys:
            raise VerificationFailed("the key was enrolled before")
        if not own and standing.person in self._people:
            raise VerificationFailed("the person has an account already")
        self._keys.add(standing.key)
        self._people.add(standing.person)
        own.append(standing)


def needed_accounts(target: Signers, changes: Iterable[tuple[str, Signers]]) -> set[str]:
    """Return the people behind a decision, those who let them in, and so on to the first two.

    ``changes`` are the approved changes of staff: about whom, and who signed or lent a role.
    """
    signers: dict[str, set[str]] = {}
    for account, pair in changes:
        signers.setdefault(account, set()).update(pair)
    needed: set[str] = set()
    waiting = [*target]
    while waiting:
        account = waiting.pop()
        if account not in needed:
            needed.add(account)
            waiting += signers.get(account, ())
    return needed


def needed_people(target: Case, cases: Iterable[Case]) -> set[str]:
    """Return everybody on whom a case rests. Raises VerificationFailed."""
    changes = [(case.stated[0].subject, _behind(case)) for case in cases]
    return needed_accounts(_signers(target), changes)


def _behind(case: Case) -> Signers:
    lender = find_lender(case.stated[0].facts)
    return (*_signers(case), lender) if lender else _signers(case)


def _signers(case: Case) -> Signers:
    read = _read(case)
    return read.proposal.by, read.decision.by, *(one.by for one in read.endorsements)


def entry_facts(signed: Signed) -> dict[str, Json]:
    """Return the facts under which the log enters a proposal or decision.

    Raises InvalidInput, VerificationFailed.
    """
    statement = load_statement(signed.statement)
    facts: dict[str, Json] = {
        "approval": statement.approval,
        "digest": statement.digest,
        "key": proof_key(signed.proof),
        "kind": statement.kind,
        "signed": signed.digest,
        "subject": statement.subject,
    }
    if statement.act is Act.DECIDE:
        codes: dict[str, Json] = {
            "reasons": [*statement.reasons],
            "looked_at": [*statement.looked_at],
        }
        facts |= {"outcome": str(statement.outcome), **codes}
    return facts


def _order(read: _Read) -> tuple[datetime, str]:
    return read.decision.stated_at, read.case.approval


def _verified(read: _Read) -> VerifiedDecision:
    return VerifiedDecision(
        approval=read.case.approval,
        kind=read.decision.kind,
        subject=read.decision.subject,
        digest=read.decision.digest,
        facts=read.decision.facts,
        proposed_by=read.proposal.by,
        proposed_at=read.proposal.stated_at,
        decided_by=read.decision.by,
        decided_at=read.decision.stated_at,
        looked_at=read.decision.looked_at,
        endorsed_by=tuple(one.by for one in read.endorsements),
    )


def _read(case: Case) -> _Read:
    try:
        proposal = load_statement(case.proposal.statement)
        decision = load_statement(case.decision.statement)
        endorsements = tuple(load_statement(one.statement) for one in case.endorsements)
    except InvalidInput as err:
        raise VerificationFailed("the approval holds a statement that is not one") from err
    check_pair(proposal, decision)
    if proposal.approval != case.approval:
        raise VerificationFailed("the statements are about another approval")
    if decision.outcome is not Outcome.APPROVED:
        raise VerificationFailed("the approval was not approved")
    _check_endorsed(proposal, decision, endorsements)
    return _Read(case, proposal, decision, endorsements)


def _check_endorsed(
    proposal: Statement, decision: Statement, endorsements: tuple[Statement, ...]
) -> None:
    """Check that as many agreed as both signed that it takes, each before the decision."""
    for one in endorsements:
        check_pair(proposal, one)
        if one.outcome is not Outcome.APPROVED or one.stated_at > decision.stated_at:
            raise VerificationFailed("somebody who is named did not agree before the decision")
    people = {decision.by, *(one.by for one in endorsements)}
    if len(people) != 1 + len(endorsements):
        raise VerificationFailed("nobody counts twice for one approval")
    if len(people) < needed_deciders(proposal.facts):
        raise VerificationFailed("fewer people agreed than have to")


def _states(statement: Statement) -> bool:
    return bool(statement.reasons or statement.looked_at or statement.text)


def check_pair(proposal: Statement, decision: Statement) -> None:
    """Check that a decision answers a proposal by another person. Raises VerificationFailed."""
    if proposal.act is not Act.PROPOSE or decision.act is not Act.DECIDE:
        raise VerificationFailed("expected a proposal and a decision")
    if proposal.outcome is not None or _states(proposal) or decision.outcome is None:
        raise VerificationFailed("only a decision has an outcome, and states why")
    if (decision.outcome is Outcome.APPROVED) == bool(decision.reasons or decision.text):
        raise VerificationFailed("a return or refusal has a reason, and an approval none")
    for name in ("approval", "kind", "subject", "digest", "facts", "beneficiary"):
        if getattr(proposal, name) != getattr(decision, name):
            raise VerificationFailed(f"the decision is about another {name}")
    if proposal.by == decision.by:
        raise VerificationFailed("nobody decides on a proposal of their own")
    if proposal.beneficiary in {proposal.by, decision.by}:
        raise VerificationFailed("nobody takes part in a decision about themselves")
    if decision.stated_at < proposal.stated_at:
        raise VerificationFailed("the decision is older than the proposal")
