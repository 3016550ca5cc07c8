"""The staff kinds of approval: what each asks for, and what changes once two people agreed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from lea_service.kernel.actors import Permission
from lea_service.kernel.canonical import Json
from lea_service.kernel.database import lock_row
from lea_service.kernel.errors import Duplicate, IntegrityFailure, InvalidInput, WrongState
from lea_service.kernel.transactions import Transaction
from lea_service.staff.accounts import (
    Person,
    add_clearances,
    digest_login,
    digest_person,
    enrol_key,
    open_account,
    read_clearances,
    read_person,
    set_roles,
)
from lea_service.staff.changes import (
    ACCOUNT,
    CLEARANCE,
    DELEGATION,
    ENGAGEMENT,
    KEY,
    LIFT,
    ROLES,
    Change,
    dump_change,
    load_change,
)
from lea_service.staff.delegations import add_delegation
from lea_service.staff.engagement import (
    Contact,
    Engagement,
    check_engaged,
    read_engagement,
)
from lea_service.staff.engagements import add_engagement, find_engagement
from lea_service.staff.keys import KeyRequest, load_request
from lea_service.staff.kinds import Drafted, KindRule, register_kind
from lea_service.staff.models import Account, Approval, EngagementRow
from lea_service.staff.queries import find_rights, get_account, is_key_known, is_person_known
from lea_service.staff.rules import LENT, Delegation, may_combine
from lea_service.staff.schemas import (
    AccountRequestSchema,
    ClearanceRequestSchema,
    DelegationRequestSchema,
    EngagementRequestSchema,
    KeyChangeRequestSchema,
    LiftRequestSchema,
    RolesRequestSchema,
)
from lea_service.staff.statement import load_statement
from lea_service.web.schemas import load_form

CONTACT = "contact"
"""Under this name a payload holds the sealed half of an engagement."""


def draft_account(tx: Transaction, request: Json) -> Drafted:
    """Draft an account for a new colleague. Raises InvalidInput, VerificationFailed, Duplicate."""
    asked = load_form(AccountRequestSchema, request)
    account = asked.get("account") or tx.ids.new("s")
    person, key = read_person(asked), load_request(asked["key"])
    _check_new(tx, account, person)
    _check_new_key(tx, key)
    change = Change(
        ACCOUNT,
        account,
        1,
        roles=tuple(asked["roles"]),
        person=digest_person(tx.index, person.personnel_number),
        key=key,
        clearances=read_clearances(asked["clearances"]),
    )
    payload = person.dump()
    if "engagement" in asked:
        engagement, contact = read_engagement(asked["engagement"])
        change = replace(change, engagement=engagement)
        payload |= {CONTACT: contact.dump()}
    return _drafted(change, payload, request, account=account)


def draft_roles(tx: Transaction, request: Json) -> Drafted:
    """Draft other roles for somebody. Raises InvalidInput, NotFound, WrongState."""
    asked = load_form(RolesRequestSchema, request)
    check_engaged(asked["roles"], find_engagement(tx.session, asked["account"]))
    change = _follow(tx, ROLES, asked, roles=tuple(asked["roles"]))
    return _drafted(change, {"roles": dump_change(change)["roles"]}, request)


def draft_key(tx: Transaction, request: Json) -> Drafted:
    """Draft another personal key. Raises as the others do, and VerificationFailed, Duplicate."""
    asked = load_form(KeyChangeRequestSchema, request)
    key = load_request(asked["key"])
    _check_new_key(tx, key)
    change = _follow(tx, KEY, asked, key=key)
    return _drafted(change, {"key": key.key_id}, request)


def draft_clearance(tx: Transaction, request: Json) -> Drafted:
    """Draft further clearances. Raises InvalidInput, NotFound, WrongState."""
    asked = load_form(ClearanceRequestSchema, request)
    change = _follow(tx, CLEARANCE, asked, clearances=read_clearances(asked["clearances"]))
    return _drafted(change, {"clearances": dump_change(change)["clearances"]}, request)


def draft_lift(tx: Transaction, request: Json) -> Drafted:
    """Draft the end of a suspension. Raises InvalidInput, NotFound, WrongState."""
    asked = load_form(LiftRequestSchema, request)
    present = get_account(tx.session, asked["account"]).suspension_id
    if present is None or asked.get("suspension", present) != present:
        raise WrongState("this suspension is not open")
    change = _follow(tx, LIFT, asked, suspension=present)
    return _drafted(change, {"suspension": present}, request, suspension=present)


def draft_delegation(tx: Transaction, request: Json) -> Drafted:
    """Draft that somebody lends their role of approver. Raises InvalidInput, NotFound, WrongState.

    The lender must hold the role themselves, so that nobody lends on what is lent to them.
    """
    asked = load_form(DelegationRequestSchema, request)
    given = asked["delegation"]
    delegation = Delegation(given["of"], given["since"], given["until"])
    if delegation.until <= tx.now:
        raise InvalidInput.at("/delegation/until", "expected an instant that is to come")
    change = _follow(tx, DELEGATION, asked, delegation=delegation)
    _check_lending(tx, change.account, delegation)
    return _drafted(change, {"delegation": dump_change(change)["delegation"]}, request)


def draft_engagement(tx: Transaction, request: Json) -> Drafted:
    """Draft another footing for somebody. Raises InvalidInput, NotFound, WrongState."""
    asked = load_form(EngagementRequestSchema, request)
    engagement, contact = read_engagement(asked["engagement"])
    change = _follow(tx, ENGAGEMENT, asked, engagement=engagement)
    _check_footing(tx, change.account, engagement)
    return _drafted(change, {CONTACT: contact.dump()}, request)


def _check_footing(tx: Transaction, account: str, engagement: Engagement) -> None:
    """Check what somebody is here already against another footing. Raises InvalidInput."""
    held = find_rights(tx.session, account, tx.now)
    check_engaged(held.granted if held else (), engagement)


def apply_engagement(tx: Transaction, approval: Approval, payload: Json) -> None:
    """Put somebody on another footing. Raises WrongState."""
    change = _approved(approval)
    assert change.engagement is not None  # noqa: S101 load_change saw to it
    _check_footing(tx, change.account, change.engagement)
    _advance(tx, change)
    rows = [_engage(tx, approval, change, payload)]
    facts = _event_facts(approval, change, "engagement")
    tx.record("staff.engaged", change.account, facts=facts, evidence=rows)


def _engage(tx: Transaction, approval: Approval, change: Change, payload: Json) -> EngagementRow:
    """Add the row of the engagement that both signed. Raises IntegrityFailure."""
    contact = payload.get(CONTACT) if isinstance(payload, dict) else None
    if change.engagement is None or not isinstance(contact, dict):
        raise IntegrityFailure("the payload of an engagement names no house")
    return add_engagement(
        tx,
        change.account,
        change.generation,
        change.engagement,
        Contact(**contact),  # type: ignore[arg-type]
        approval.id,
    )


def _check_lending(tx: Transaction, account: str, delegation: Delegation) -> None:
    lender, rights = (find_rights(tx.session, one, tx.now) for one in (delegation.of, account))
    if lender is None or LENT not in lender.granted & lender.roles:
        raise WrongState("only somebody who is an approver themselves lends that role")
    if rights is None or not may_combine(rights.granted | {LENT}):
        raise WrongState("this person has a role that nobody combines with that of an approver")
    check_engaged(rights.granted | {LENT}, find_engagement(tx.session, account))


def apply_delegation(tx: Transaction, approval: Approval, _payload: Json) -> None:
    """Lend the role. Raises WrongState."""
    change = _approved(approval)
    assert change.delegation is not None  # noqa: S101 load_change saw to it
    _check_lending(tx, change.account, change.delegation)
    _advance(tx, change)
    add_delegation(tx, change.account, change.delegation, approval.id)
    facts = _event_facts(approval, change, "delegation")
    tx.record("staff.delegated", change.account, facts=facts)


def apply_account(tx: Transaction, approval: Approval, payload: Json) -> None:
    """Open the account. Raises Duplicate, IntegrityFailure."""
    change = _approved(approval)
    person = _read_payload(payload)
    if change.person != digest_person(tx.index, person.personnel_number):
        raise IntegrityFailure("the approval is for another person than its payload names")
    assert change.key is not None  # noqa: S101 load_change saw to it
    _check_new(tx, change.account, person)
    _check_new_key(tx, change.key)
    cleared = open_account(
        tx,
        change.account,
        person,
        roles=change.roles or (),
        public_key=change.key.public_key,
        clearances=change.clearances or (),
        approval_id=approval.id,
    )
    engaged = [] if change.engagement is None else [_engage(tx, approval, change, payload)]
    tx.record(
        "staff.account_created",
        change.account,
        facts=_event_facts(approval, change, "roles", "key", "engagement"),
        disclose={"name": person.name},
        evidence=[*cleared, *engaged],
    )


def apply_roles(tx: Transaction, approval: Approval, _payload: Json) -> None:
    """Give and end roles. Raises WrongState."""
    change = _approved(approval)
    check_engaged(change.roles or (), find_engagement(tx.session, change.account))
    _advance(tx, change)
    set_roles(tx, change.account, change.roles or (), approval.id)
    facts = _event_facts(approval, change, "roles")
    tx.record("staff.roles_changed", change.account, facts=facts)


def apply_key(tx: Transaction, approval: Approval, _payload: Json) -> None:
    """Replace the personal key. Raises WrongState, Duplicate."""
    change = _approved(approval)
    assert change.key is not None  # noqa: S101 load_change saw to it
    _check_new_key(tx, change.key)
    _advance(tx, change)
    before = enrol_key(tx, change.account, change.key.public_key, approval.id)
    facts = _event_facts(approval, change, "key") | {"replaces": before}
    tx.record("staff.key_enrolled", change.account, facts=facts)


def apply_clearance(tx: Transaction, approval: Approval, _payload: Json) -> None:
    """Add clearances. Raises WrongState."""
    change = _approved(approval)
    _advance(tx, change)
    rows = add_clearances(tx, change.account, change.clearances or (), approval.id)
    facts = _event_facts(approval, change, "clearances")
    tx.record("staff.clearance_recorded", change.account, facts=facts, evidence=rows)


def apply_lift(tx: Transaction, approval: Approval, _payload: Json) -> None:
    """End the suspension. Raises WrongState."""
    change = _approved(approval)
    account = _advance(tx, change)
    if account.suspension_id != change.suspension:
        raise WrongState("this suspension is not open")
    account.suspension_id = account.suspended_at = None
    facts = _event_facts(approval, change, "suspension")
    tx.record("staff.reinstated", change.account, facts=facts)


def _check_new(tx: Transaction, account: str, person: Person) -> None:
    digests = (
        digest_person(tx.index, person.personnel_number),
        digest_login(tx.index, person.login),
    )
    if tx.session.get(Account, account) is not None or is_person_known(tx.session, *digests):
        raise Duplicate("this person, login or account id has an account already")


def _check_new_key(tx: Transaction, key: KeyRequest) -> None:
    if is_key_known(tx.session, key.public_key, key.key_id):
        raise Duplicate("this key was enrolled before; a key is enrolled once, for one person")


def _follow(tx: Transaction, kind: str, asked: Mapping[str, Any], **fields: Any) -> Change:
    """Return the change that makes the next generation of the account."""
    generation = get_account(tx.session, asked["account"]).generation + 1
    if asked.get("generation", generation) != generation:
        raise WrongState("somebody changed this account since the change was prepared")
    return Change(kind, asked["account"], generation, **fields)


def _drafted(change: Change, payload: Json, request: Json, **chosen: Json) -> Drafted:
    facts = dump_change(change)
    load_change(change.kind, facts)
    assert isinstance(request, dict)  # noqa: S101 load_form saw to it
    if change.kind != ACCOUNT:
        chosen["generation"] = change.generation
    return Drafted(
        subject=change.account,
        stream=change.account,
        payload=payload,
        facts=facts,
        request={**request, **chosen},
        beneficiary=change.account,
    )


def _approved(approval: Approval) -> Change:
    return load_change(approval.kind, load_statement(approval.statement).facts)


def _read_payload(payload: Json) -> Person:
    if not isinstance(payload, dict) or not {"name", "login", "personnel_number"} <= set(payload):
        raise IntegrityFailure("the payload of an account names nobody")
    return read_person(payload)


def _advance(tx: Transaction, change: Change) -> Account:
    account = lock_row(tx.session, Account, change.account, "person")
    if change.generation != account.generation + 1:
        raise WrongState("somebody changed this account since the change was proposed")
    account.generation = change.generation
    return account


def _event_facts(approval: Approval, change: Change, *names: str) -> dict[str, Json]:
    dumped = dump_change(change)
    return {
        "approval": approval.id,
        "generation": change.generation,
        **{name: dumped[name] for name in names if name in dumped},
    }


def _register() -> None:
    ways = {
        ACCOUNT: (apply_account, draft_account),
        ROLES: (apply_roles, draft_roles),
        KEY: (apply_key, draft_key),
        CLEARANCE: (apply_clearance, draft_clearance),
        LIFT: (apply_lift, draft_lift),
        DELEGATION: (apply_delegation, draft_delegation),
        ENGAGEMENT: (apply_engagement, draft_engagement),
    }
    for kind, (apply, draft) in ways.items():
        register_kind(
            KindRule(kind, Permission.STAFF_PROPOSE, Permission.STAFF_DECIDE, apply, draft=draft)
        )


_register()
