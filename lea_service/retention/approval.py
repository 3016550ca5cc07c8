"""A retention rule, or a ground to pass one over, takes effect when a second person agrees."""

from __future__ import annotations

from lea_service.kernel.actors import Permission
from lea_service.kernel.canonical import Json
from lea_service.kernel.errors import Duplicate, WrongState
from lea_service.kernel.outbox import enqueue_own_notice
from lea_service.kernel.transactions import RECORDS_STREAM, Transaction
from lea_service.records.queries import lock_register
from lea_service.retention.models import PastTermGround, RetentionRule
from lea_service.retention.queries import find_current, find_ground, get_system_of
from lea_service.retention.rules import Term, check_term, scope_of
from lea_service.retention.schemas import GroundRequestSchema, RuleRequestSchema
from lea_service.staff.kinds import Drafted, KindRule, register_kind
from lea_service.staff.models import Approval
from lea_service.web.schemas import load_form

KIND, GROUND_KIND = "retention.rule", "retention.ground"
GROUND_SET = "retention.ground_set"
RULE_SET = "retention.rule_set"
PUBLIC = ("code", "source", "kind", "term", "unit", "action", "generation")
GROUND_PUBLIC = ("code", "is_allowed", "article", "generation")


def draft(tx: Transaction, request: Json) -> Drafted:
    """Check a proposed rule and number it. Raises InvalidInput, Duplicate, WrongState."""
    rule = load_form(RuleRequestSchema, request)
    check_term(Term(rule["term"], rule["unit"]))
    _check_new(tx, rule["code"])
    if rule["source"] is not None:
        get_system_of(tx.session, rule["source"], rule["kind"])
    scope = scope_of(rule["source"], rule["kind"])
    following = _next_generation(tx, scope)
    if rule["generation"] not in {None, following}:
        raise WrongState("another rule of this scope came in between")
    rule["generation"] = following
    facts = {name: rule[name] for name in PUBLIC}
    return Drafted(scope, RECORDS_STREAM, rule, facts, dict(rule))


def apply(tx: Transaction, approval: Approval, payload: Json) -> None:
    """Put an approved rule into force; it replaces the one of its scope before it."""
    rule = load_form(RuleRequestSchema, payload)
    lock_register(tx.session)  # from here on no purge goes by the one before, and no plan
    _check_new(tx, rule["code"])
    scope = scope_of(rule["source"], rule["kind"])
    if rule["generation"] != _next_generation(tx, scope):
        raise WrongState("another rule of this scope came in between")
    row = RetentionRule(
        code=rule["code"],
        scope=scope,
        generation=rule["generation"],
        source_id=rule["source"],
        kind=rule["kind"],
        purpose=rule["purpose"],
        legal_ground=rule["legal_ground"],
        article=rule["article"],
        term=rule["term"],
        unit=rule["unit"],
        action=rule["action"],
        approval_id=approval.id,
        set_at=tx.now,
    )
    tx.session.add(row)
    tx.session.flush()
    facts = {name: rule[name] for name in PUBLIC} | {"approval": approval.id}
    tx.record(RULE_SET, RECORDS_STREAM, facts=facts, evidence=[row])
    enqueue_own_notice(tx, RULE_SET, about=row.code, occasion=row.code)


def draft_ground(tx: Transaction, request: Json) -> Drafted:
    """Check a proposed ground and number it. Raises InvalidInput, WrongState."""
    ground = load_form(GroundRequestSchema, request)
    following = _following(tx, ground["code"])
    if ground["generation"] not in {None, following}:
        raise WrongState("another proposal about this ground came in between")
    ground["generation"] = following
    facts = {name: ground[name] for name in GROUND_PUBLIC}
    return Drafted(ground["code"], RECORDS_STREAM, ground, facts, dict(ground))


def apply_ground(tx: Transaction, approval: Approval, payload: Json) -> None:
    """Allow an approved ground, or end it."""
    ground = load_form(GroundRequestSchema, payload)
    if ground["generation"] != _following(tx, ground["code"]):
        raise WrongState("another proposal about this ground came in between")
    row = PastTermGround(**ground, approval_id=approval.id, set_at=tx.now)
    tx.session.add(row)
    tx.session.flush()
    facts = {name: ground[name] for name in GROUND_PUBLIC} | {"approval": approval.id}
    tx.record(GROUND_SET, RECORDS_STREAM, facts=facts, evidence=[row])


def _following(tx: Transaction, code: str) -> int:
    present = find_ground(tx.session, code)
    return 1 if present is None else present.generation + 1


def _check_new(tx: Transaction, code: str) -> None:
    if tx.session.get(RetentionRule, code) is not None:
        raise Duplicate("a rule of this code was set before; a code always means the same rule")


def _next_generation(tx: Transaction, scope: str) -> int:
    current = find_current(tx.session, scope)
    return 1 if current is None else current.generation + 1


register_kind(
    KindRule(KIND, Permission.RETENTION_PROPOSE, Permission.RETENTION_DECIDE, apply, draft=draft)
)
register_kind(
    KindRule(
        GROUND_KIND,
        Permission.RETENTION_PROPOSE,
        Permission.RETENTION_DECIDE,
        apply_ground,
        draft=draft_ground,
    )
)
