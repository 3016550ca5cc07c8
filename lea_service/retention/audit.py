"""Compares sources, rules and grounds with the log, and with what two people signed."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import select
from sqlalchemy.orm import Session

from lea_service.custody.replay import Stream, read_stream
from lea_service.kernel.canonical import Json
from lea_service.kernel.errors import IntegrityFailure, NotFound, VerificationFailed
from lea_service.kernel.transactions import RECORDS_STREAM
from lea_service.records.models import Source
from lea_service.records.service import DECLARED
from lea_service.retention.approval import GROUND_KIND, GROUND_SET, KIND, PUBLIC, RULE_SET
from lea_service.retention.models import RetentionRule
from lea_service.retention.queries import RuleView, System, list_systems
from lea_service.retention.rules import scope_of
from lea_service.staff.decisions import Decisions
from lea_service.staff.root import Root


def check_register_entered(session: Session) -> Stream:
    """Let somebody rely on the sources and retention rules as the tables have them.

    Returns what was entered of records. Raises IntegrityFailure where a row is gone, or is none
    that the log vouches for.
    """
    entries = read_stream(session, RECORDS_STREAM)
    for model, event, name in ((Source, DECLARED, "source"), (RetentionRule, RULE_SET, "code")):
        rows = list(session.scalars(select(model)))
        entered = {entry.facts.get(name) for entry in entries.of(event)}
        if len(rows) != len(entered) or not all(
            entries.find_vouching(session, row) is not None for row in rows
        ):
            raise IntegrityFailure(f"{model.__tablename__}: the rows are not those of the log")
    return entries


def read_register(session: Session, load_root: Callable[[], Root]) -> list[System]:
    """Return each source with the rule in force for it, which two people signed.

    Raises IntegrityFailure where table, log and signatures differ, Unavailable without a root.
    """
    check_register_entered(session)
    systems = list_systems(session)
    rules = {one.rule.code: one.rule for one in systems if one.rule is not None}
    if rules:
        decisions = Decisions(session, load_root())
        for rule in rules.values():
            _check_signed(decisions, rule)
    return systems


def _check_signed(decisions: Decisions, rule: RuleView) -> None:
    try:
        decision = decisions.verify(rule.approval_id)
    except (NotFound, VerificationFailed) as err:
        raise IntegrityFailure(f"the rule {rule.code} was set by nobody") from err
    stated: dict[str, Json] = {
        "code": rule.code,
        "source": rule.source_id,
        "kind": rule.kind,
        "term": rule.term,
        "unit": rule.unit,
        "action": rule.action,
        "generation": rule.generation,
    }
    meant = (decision.kind, decision.subject, {name: decision.facts.get(name) for name in PUBLIC})
    if meant != (KIND, scope_of(rule.source_id, rule.kind), stated):
        raise IntegrityFailure(f"the rule {rule.code} is not the one that two people signed")


def check_ground_entered(session: Session, decisions: Decisions, code: str) -> None:
    """Let somebody rely on a ground that two people allowed and did not end.

    The log alone counts, not the table. Raises VerificationFailed (no such ground now, or a
    decision that does not verify), IntegrityFailure (the log is damaged).
    """
    last = read_stream(session, RECORDS_STREAM).last(GROUND_SET, code=code)
    if last is None or last.facts.get("is_allowed") is not True:
        raise VerificationFailed("the ground for rows past their term is not allowed any more")
    decision = decisions.verify(str(last.facts.get("approval")))
    signed = {name: decision.facts.get(name) for name in ("is_allowed", "generation")}
    if (decision.kind, decision.subject) != (GROUND_KIND, code) or not (
        signed.items() <= last.facts.items()
    ):
        raise IntegrityFailure("the ground for rows past their term was allowed by nobody")
