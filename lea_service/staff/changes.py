"""What a change of staff says, and what it does to the state of one person.

Each change carries the generation it makes: 1 opens an account, n follows n - 1. So a change that
was decided once cannot be used again, and two changes of one state cannot both count.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from lea_service.kernel.actors import Role
from lea_service.kernel.canonical import Json, encode_b64url
from lea_service.kernel.clock import format_instant, parse_instant
from lea_service.kernel.errors import InvalidInput, LeaError, VerificationFailed
from lea_service.staff.encoding import decode_b64url
from lea_service.staff.engagement import (
    EMPLOYED,
    Engagement,
    check_engaged,
    check_engagement,
    dump_engagement,
    load_engagement,
    may_hold,
)
from lea_service.staff.keys import KeyRequest, check_request, key_id
from lea_service.staff.root import Founder, dump_clearances, load_clearances
from lea_service.staff.rules import (
    Clearance,
    Delegation,
    check_clearance,
    check_delegation,
    check_roles,
)

ACCOUNT = "staff.account"
ROLES = "staff.roles"
KEY = "staff.key"
CLEARANCE = "staff.clearance"
LIFT = "staff.lift"
DELEGATION = "staff.delegation"
ENGAGEMENT = "staff.engagement"


@dataclass(frozen=True, slots=True)
class Change:
    """The public half of a staff change; fields that its kind does not have are None."""

    kind: str
    account: str
    generation: int
    roles: tuple[Role, ...] | None = None
    person: str | None = None
    key: KeyRequest | None = None
    clearances: tuple[Clearance, ...] | None = None
    suspension: str | None = None
    delegation: Delegation | None = None
    engagement: Engagement | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """Who a person is to the service from ``since`` on."""

    account: str
    generation: int
    since: datetime
    person: str
    roles: frozenset[Role]
    public_key: bytes
    clearances: tuple[Clearance, ...]
    delegations: tuple[Delegation, ...] = ()
    engagement: Engagement = EMPLOYED

    @property
    def key(self) -> str:
        """Return the id of the person's key."""
        return key_id(self.public_key)


_FIELDS: dict[str, frozenset[str]] = {
    ACCOUNT: frozenset({"roles", "person", "key", "clearances"}),
    ROLES: frozenset({"roles"}),
    KEY: frozenset({"key"}),
    CLEARANCE: frozenset({"clearances"}),
    LIFT: frozenset({"suspension"}),
    DELEGATION: frozenset({"delegation"}),
    ENGAGEMENT: frozenset({"engagement"}),
}
_MAY_HAVE = {ACCOUNT: frozenset({"engagement"})}
"""Fields that a kind has where they were asked for."""
KINDS = tuple(_FIELDS)


def dump_change(change: Change) -> dict[str, Json]:
    """Return the facts of a change as they stand in a statement."""
    facts: dict[str, Json] = {"account": change.account, "generation": change.generation}
    if change.roles is not None:
        facts["roles"] = [str(role) for role in sorted(change.roles)]
    if change.person is not None:
        facts["person"] = change.person
    if change.key is not None:
        facts["key"] = change.key.key_id
        facts["public_key"] = encode_b64url(change.key.public_key)
        facts["possession"] = encode_b64url(change.key.possession)
    if change.clearances is not None:
        facts["clearances"] = dump_clearances(change.clearances)
    if change.suspension is not None:
        facts["suspension"] = change.suspension
    if change.delegation is not None:
        facts["delegation"] = dump_delegation(change.delegation)
    if change.engagement is not None:
        facts["engagement"] = dump_engagement(change.engagement)
    return facts


def dump_delegation(delegation: Delegation) -> dict[str, Json]:
    """Return a delegation as it stands in a statement."""
    return {
        "of": delegation.of,
        "from": format_instant(delegation.since),
        "until": format_instant(delegation.until),
    }


def load_delegation(given: Mapping[str, Any]) -> Delegation:
    """Read a delegation. Raises InvalidInput, KeyError."""
    since, until = parse_instant(str(given["from"])), parse_instant(str(given["until"]))
    return Delegation(str(given["of"]), since, until)


def find_lender(facts: Mapping[str, Any]) -> str | None:
    """Return whose role the facts of a change or of its entry lend; None when they lend none."""
    lent = facts.get("delegation")
    return str(lent["of"]) if isinstance(lent, Mapping) and "of" in lent else None


def load_change(kind: str, facts: Mapping[str, Any]) -> Change:
    """Read the facts of a staff change and check what a change must hold. Raises InvalidInput."""
    wanted = _FIELDS.get(kind)
    if wanted is None:
        raise InvalidInput.at("/kind", f"expected one of {', '.join(KINDS)}")
    wanted |= _MAY_HAVE.get(kind, frozenset()) & set(facts)
    try:
        change = _read(kind, facts, wanted)
    except (KeyError, TypeError, ValueError) as err:
        raise InvalidInput.at("/facts", f"expected the facts of {kind}") from err
    if dump_change(change) != facts or change.generation < 1:
        raise InvalidInput.at("/facts", f"expected exactly the facts of {kind}")
    _check(change)
    return change


def _read(kind: str, facts: Mapping[str, Any], wanted: frozenset[str]) -> Change:
    key = None
    if "key" in wanted:
        key = KeyRequest(
            decode_b64url(facts["public_key"], "/public_key"),
            decode_b64url(facts["possession"], "/possession"),
        )
    return Change(
        kind=kind,
        account=str(facts["account"]),
        generation=int(facts["generation"]),
        roles=tuple(Role(role) for role in facts["roles"]) if "roles" in wanted else None,
        person=str(facts["person"]) if "person" in wanted else None,
        key=key,
        clearances=load_clearances(facts["clearances"]) if "clearances" in wanted else None,
        suspension=str(facts["suspension"]) if "suspension" in wanted else None,
        delegation=load_delegation(facts["delegation"]) if "delegation" in wanted else None,
        engagement=load_engagement(facts["engagement"]) if "engagement" in wanted else None,
    )


def _check(change: Change) -> None:
    if change.roles is not None:
        check_roles(change.roles)
    if change.kind == ACCOUNT and not change.roles:
        raise InvalidInput.at("/roles", "expected at least one role")
    if change.key is not None:
        check_request(change.key)
    for clearance in change.clearances or ():
        check_clearance(clearance)
    if change.delegation is not None:
        check_delegation(change.delegation, change.account)
    if change.engagement is not None:
        check_engagement(change.engagement)
        check_engaged(change.roles or (), change.engagement)
    if change.kind == CLEARANCE and not change.clearances:
        raise InvalidInput.at("/clearances", "expected at least one clearance")


def found(founder: Founder, since: datetime) -> Standing:
    """Return the standing of one of the first two people."""
    return Standing(
        account=founder.account,
        generation=1,
        since=since,
        person=founder.person,
        roles=frozenset({founder.role}),
        public_key=founder.public_key,
        clearances=founder.clearances,
    )


def follow(before: Standing | None, kind: str, facts: Mapping[str, Any], at: datetime) -> Standing:
    """Return the standing after an approved change. Raises VerificationFailed."""
    try:
        change = load_change(kind, facts)
    except LeaError as err:
        raise VerificationFailed(f"the change is not a sound {kind}") from err
    if change.generation != (before.generation if before else 0) + 1:
        raise VerificationFailed("the change does not follow the state it was made for")
    if before is None:
        return _open(change, at)
    after = _replace(before, change, at)
    if not may_hold(after.roles, after.engagement):
        raise VerificationFailed("somebody of another house is approver and nothing else")
    return after


def _replace(before: Standing, change: Change, at: datetime) -> Standing:
    return replace(
        before,
        generation=change.generation,
        since=at,
        roles=before.roles if change.roles is None else frozenset(change.roles),
        public_key=before.public_key if change.key is None else change.key.public_key,
        clearances=before.clearances + (change.clearances or ()),
        delegations=_lent(before, change),
        engagement=change.engagement or before.engagement,
    )


def _lent(before: Standing, change: Change) -> tuple[Delegation, ...]:
    """Return what is lent after a change; other roles end it all."""
    if change.roles is not None:
        return ()
    return before.delegations + ((change.delegation,) if change.delegation else ())


def _open(change: Change, at: datetime) -> Standing:
    if change.roles is None or change.person is None or change.key is None:
        raise VerificationFailed("the change is for an account that was never opened")
    return Standing(
        account=change.account,
        generation=1,
        since=at,
        person=change.person,
        roles=frozenset(change.roles),
        public_key=change.key.public_key,
        clearances=change.clearances or (),
        engagement=change.engagement or EMPLOYED,
    )
