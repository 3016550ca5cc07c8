"""Whether somebody validated an order who may, as far as the register of agencies can tell."""

from __future__ import annotations

from enum import StrEnum

from lea_service.legal.basis import IN_EMERGENCY, Basis, Row
from lea_service.legal.case import Case
from lea_service.legal.catalogue import Catalogue
from lea_service.legal.facts import AgencyFacts, ValidatorFacts


class Validation(StrEnum):
    """What became of the validation. Words alone, be it a name or a reference, prove none.

    ``owed``: in an emergency the law lets it come after the order; ``unsettled``: it is not known
    whether it does.
    """

    MISSING = "missing"
    OWED = "owed"
    UNSETTLED = "unsettled"
    UNKNOWN = "unknown"
    SUSPENDED = "suspended"
    OTHER_STATE = "other_state"
    NOT_COMPETENT = "not_competent"
    GIVEN = "given"


def judge_validation(case: Case) -> Validation:
    """Say whether the order was validated by a person of the register who may do so."""
    validator = case.facts.validator
    if validator is None:
        is_claimed = case.facts.authorisation is not None
        return Validation.UNKNOWN if is_claimed else _judge_missing(case)
    return judge_validator(validator, case.facts.agency, case.basis, case.catalogue)


def judge_validator(
    validator: ValidatorFacts, agency: AgencyFacts | None, basis: Basis, catalogue: Catalogue
) -> Validation:
    """Say whether somebody may validate an order on a basis that an agency issues."""
    if validator.is_suspended:
        return Validation.SUSPENDED
    competence = _judge_roles(validator, basis, catalogue)
    is_abroad = agency is not None and validator.country != agency.country
    if competence is Validation.GIVEN and is_abroad:
        return Validation.OTHER_STATE
    return competence


def _judge_missing(case: Case) -> Validation:
    """Say whether a validation that is not there may come later."""
    condition = case.basis.validation
    if not case.facts.claims_emergency or condition is None:
        return Validation.MISSING
    if condition.afterwards is None:
        return Validation.UNSETTLED
    may_come = condition.afterwards.when == IN_EMERGENCY
    return Validation.OWED if may_come else Validation.MISSING


def rule_of_owed(case: Case) -> Row | None:
    """Return what lets the validation of an order come later, where it is owed still."""
    condition = case.basis.validation
    afterwards = None if condition is None else condition.afterwards
    is_owed = judge_validation(case) is Validation.OWED
    return afterwards.rule if is_owed and afterwards is not None else None


def _judge_roles(validator: ValidatorFacts, basis: Basis, catalogue: Catalogue) -> Validation:
    """Let whoever may issue such an order alone validate it; an unknown role is for a person."""
    if set(validator.roles) & set(basis.issuing_roles or ()):
        return Validation.GIVEN
    known = [catalogue.knows("roles", role) for role in validator.roles]
    return Validation.NOT_COMPETENT if known and all(known) else Validation.UNKNOWN
