"""The kinds of approval there are; each slice declares its own when its module is loaded."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from lea_service.kernel.actors import Actor, Permission
from lea_service.kernel.canonical import Json
from lea_service.kernel.coded import codes_of
from lea_service.kernel.errors import Duplicate, NotFound
from lea_service.kernel.transactions import Transaction
from lea_service.staff.history import Rule
from lea_service.staff.models import Approval
from lea_service.staff.reasons import GENERAL, Reasons
from lea_service.staff.statement import DECIDERS

Apply = Callable[[Transaction, Approval, Json], None]
"""Called with the approval and its payload, in the transaction of the decision."""


@dataclass(frozen=True, slots=True)
class Drafted:
    """What a request for an approval comes to.

    ``request`` is the request completed with whatever was chosen for it (new ids, say), so that
    drafting it once more gives the same. ``payload`` rests sealed under the file key of ``stream``;
    ``facts`` are public. ``salt`` is given where the payload has a salted digest already.
    ``deciders`` is how many people beside the proposer have to agree.
    """

    subject: str
    stream: str
    payload: Json
    facts: Mapping[str, Json]
    request: Json
    beneficiary: str | None = None
    salt: bytes | None = None
    deciders: int = 1

    @property
    def signed_facts(self) -> Mapping[str, Json]:
        """Return what all sign in the open, with how many have to where one is not enough."""
        if self.deciders == 1:
            return self.facts
        return {**self.facts, DECIDERS: self.deciders}


Draft = Callable[[Transaction, Json], Drafted]
"""Turns a request into a draft, changing nothing. Raises InvalidInput, NotFound, WrongState.

It names places inside the request; where the request itself lies is known to who calls.
"""


@dataclass(frozen=True, slots=True)
class KindRule:
    """One kind of approval: who proposes and decides, and what becomes of it.

    ``apply`` runs when it is approved, ``decline`` when it is returned or refused. ``reasons`` are
    what a decision states.
    """

    kind: str
    propose: Permission
    decide: Permission
    apply: Apply
    decline: Apply | None = None
    draft: Draft | None = None
    reasons: Reasons = GENERAL

    @property
    def rule(self) -> Rule:
        """Return who may propose and decide, and what has to be looked at."""
        return Rule(self.propose, self.decide, codes_of(self.reasons.looked_at))


_KINDS: dict[str, KindRule] = {}


def register_kind(rule: KindRule) -> None:
    """Declare a kind. Raises Duplicate when another rule has its name."""
    if _KINDS.setdefault(rule.kind, rule) != rule:
        raise Duplicate(f"the kind {rule.kind} was declared before")


def get_kind(kind: str) -> KindRule:
    """Return a declared kind. Raises NotFound."""
    if kind not in _KINDS:
        raise NotFound("no such kind of approval; expected one as agency.person")
    return _KINDS[kind]


def list_kinds() -> list[KindRule]:
    """Return every declared kind by name."""
    return [_KINDS[kind] for kind in sorted(_KINDS)]


def readable_kinds(actor: Actor) -> list[str]:
    """Return the kinds that the actor may propose or decide, and so may see."""
    return [rule.kind for rule in list_kinds() if actor.has(rule.propose) or actor.has(rule.decide)]


def decidable_kinds(actor: Actor) -> list[str]:
    """Return the kinds that the actor may decide on, where others propose."""
    return [rule.kind for rule in list_kinds() if actor.has(rule.decide)]
